/** The effective settings for people: one table per root, a row per listener and name. */

import { PROTOCOLS } from '../model/protocols.js';
import { SERVERS } from '../model/servers.js';
import type { EndpointReport, OfferReport, RootReport } from '../report.js';
import { type Paint, plain } from './colors.js';
import { display, displayLine, listSome } from './display.js';

const MARK = { yes: '✓', filtered: '(✓)', no: '·', unknown: '?' };
const DEPRECATED = new Set<string>(['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1']);

/** One table. Ticks are what is configured; `(✓)` is configured and refused by the library all the same. */
export function inspectText(root: RootReport, paint: Paint = plain): string {
  const { server, openssl, assumed } = root.target;
  const shown = PROTOCOLS.filter(
    name => name !== 'SSLv2' || root.endpoints.some(each => each.configured?.includes(name)),
  );
  const library = openssl === undefined ? '' : ` on OpenSSL ${openssl}`;
  const assumption = assumed.length > 0 ? ', assumed' : '';
  const head = `${displayLine(root.path)} (${SERVERS[root.dialect].product} ${server}${library}${assumption})`;
  if (root.endpoints.length === 0) return `${paint('bold', head)}\n  No listener.\n`;
  const rows = root.endpoints.map(endpoint => [whereOf(endpoint), nameOf(endpoint), decidedOf(endpoint)] as const);
  const wide = [0, 1].map(column => Math.max(...rows.map(row => row[column]!.length)));
  const lines = [paint('bold', head)];
  lines.push(
    paint(
      'dim',
      `  ${' '.repeat(wide[0]!)}  ${' '.repeat(wide[1]!)}  ${shown.map(name => name.padEnd(7)).join(' ')}  decided by`,
    ),
  );
  for (const [index, endpoint] of root.endpoints.entries()) {
    const [where, name, decided] = rows[index]!;
    const marks = shown.map(protocol => markOf(endpoint, protocol, paint)).join(' ');
    lines.push(`  ${where.padEnd(wide[0]!)}  ${name.padEnd(wide[1]!)}  ${marks}  ${decided}`.trimEnd());
    for (const note of endpoint.notes) lines.push(paint('dim', `  ${' '.repeat(wide[0]!)}    ${display(note, 500)}`));
  }
  lines.push(paint('dim', LEGEND));
  return `${lines.join('\n')}\n`;
}

const LEGEND =
  '  * answers clients without a name or with one that nobody has   (✓) allowed, but refused by the library';

/** The answer to one question. */
export function answerText(question: string, answer: OfferReport, paint: Paint = plain): string {
  const set = (names: readonly string[] | null) =>
    names === null ? 'unknown' : names.length === 0 ? 'nothing' : names.join(' ');
  const lines = [paint('bold', displayLine(question))];
  lines.push(`  TLS         ${answer.tls === null ? 'unknown' : answer.tls ? 'yes' : 'no'}`);
  lines.push(`  configured  ${set(answer.configured)} (${answer.state})`, `  negotiable  ${set(answer.negotiable)}`);
  for (const place of answer.decidedBy)
    lines.push(`  decided by  ${display(place.path)}:${place.line}:${place.column}`);
  for (const note of answer.notes) lines.push(`  note        ${display(note, 500)}`);
  return `${lines.join('\n')}\n`;
}

function whereOf(endpoint: EndpointReport): string {
  const { role, listen, upstream } = endpoint;
  const where = listen ?? (upstream === undefined ? role : `to ${upstream}`);
  return display(`${endpoint.kind} ${where}`, 60);
}

function nameOf(endpoint: EndpointReport): string {
  if (endpoint.upstream !== undefined) return '';
  return display(`${listSome(endpoint.names, 2) || '(no name)'}${endpoint.default ? ' *' : ''}`, 60);
}

function decidedOf(endpoint: EndpointReport): string {
  if (endpoint.tls === false) return 'no TLS';
  if (endpoint.state === 'unknown') return 'unknown';
  if (endpoint.state === 'default') return 'the version’s default';
  return listSome(
    endpoint.decidedBy.map(place => `${display(place.path)}:${place.line}`),
    3,
  );
}

function markOf(endpoint: EndpointReport, protocol: string, paint: Paint): string {
  const mark = plainMark(endpoint, protocol).padEnd(7);
  if (!endpoint.tls || !endpoint.configured?.some(name => name === protocol)) return paint('dim', mark);
  return paint(DEPRECATED.has(protocol) ? 'red' : 'green', mark);
}

function plainMark({ tls, configured, negotiable }: EndpointReport, protocol: string): string {
  if (tls === false) return '';
  if (configured === null) return MARK.unknown;
  if (!configured.some(name => name === protocol)) return MARK.no;
  return negotiable === null || negotiable.some(name => name === protocol) ? MARK.yes : MARK.filtered;
}
