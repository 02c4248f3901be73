/** What a client offered and what came of it: lines for a terminal, a page for a browser. */
import type { HeardClient } from '../model/client.js';
import { type Paint, plain } from './colors.js';
import { display, listSome } from './display.js';
import { xml } from './xml.js';

const OUTCOMES = { agreed: 'green', refused: 'red', 'not-tls': 'red', silent: 'yellow' } as const;

export function clientText(client: HeardClient, paint: Paint = plain): string {
  const lines = rowsOf(client).map(([name, value]) => `  ${name.padEnd(9)} ${value}`);
  const head = `connection ${client.connection} from ${display(client.from)}`;
  return `${paint('bold', head)}: ${paint(OUTCOMES[client.outcome], client.outcome)}\n${lines.join('\n')}\n`;
}

/** Values are escaped for a terminal. */
function rowsOf({ offered, agreed, reason }: HeardClient): Array<readonly [string, string]> {
  const rows: Array<readonly [string, string]> = [];
  if (offered) {
    const versions = offered.versions.join(' ') || 'none that is known';
    rows.push(['offered', `${offered.upTo ? 'up to ' : ''}${versions}`]);
    rows.push([
      'suites',
      `${offered.suites.length}: ${listSome(
        offered.suites.map(name => display(name)),
        4,
      )}`,
    ]);
    rows.push(['name', offered.servername === null ? 'none' : display(offered.servername)]);
    if (offered.alpn.length > 0) rows.push(['ALPN', display(offered.alpn.join(' '))]);
    if (offered.library !== undefined) rows.push(['library', `${offered.library}, by the look of it`]);
  }
  if (agreed) rows.push(['agreed', display(`${agreed.version} ${agreed.suite}`)]);
  if (reason !== undefined) rows.push(['why', display(reason, 500)]);
  return rows;
}

export function clientHtml(client: HeardClient): string {
  const rows = rowsOf(client).map(([name, value]) => `<tr><th>${xml(name)}</th><td>${xml(value)}</td></tr>`);
  const title = `tlslint endpoint: ${client.outcome}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${xml(title)}</title><style>body{font:1rem sans-serif;margin:2rem}th{text-align:left;padding-right:1rem}</style><h1>${xml(title)}</h1><table>${rows.join('')}</table></html>\n`;
}
