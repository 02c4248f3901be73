/**
 * `npm run docs`: writes what the program says into the rules' readmes and the table of rules into README.md.
 * With `--check` nothing is written, and what differs is named; exit code 1 then.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { SCHEMA } from '../../src/config/schema.js';
import { SERVERS } from '../../src/model/servers.js';
import type { DialectId } from '../../src/model/target.js';
import type { Rule } from '../../src/rule.js';
import { rules } from '../../src/rules/index.js';
import { countsText } from './counts.js';
import { exampleReports, sample } from './example-reports.js';
import { readExamples, readmePath, writtenBelow } from './examples.js';
import { manPage } from './man.js';
import { optionsTable } from './options-table.js';

/** Path to text, of every file that holds generated parts, as it should be. */
export async function generatedDocs(): Promise<Map<string, string>> {
  const docs = new Map<string, string>();
  for (const rule of rules) {
    const file = readmePath(rule);
    docs.set(file, await readmeOf(rule, readFileSync(file, 'utf8')));
  }
  docs.set('README.md', await frontPage(readFileSync('README.md', 'utf8')));
  for (const [file, text] of await exampleReports()) docs.set(file, text);
  docs.set('src/commands/tlslint.1', manPage());
  docs.set('src/config/schema.json', `${JSON.stringify(SCHEMA, null, 2)}\n`);
  return docs;
}

async function frontPage(readme: string): Promise<string> {
  const parts: ReadonlyArray<readonly [string, string]> = [
    ['sample', await sample()],
    ['rules', table()],
    ['options', optionsTable()],
    ['counts', await countsText()],
  ];
  return parts.reduce((text, [name, inner]) => between(text, name, inner), readme);
}

async function readmeOf(rule: Rule, readme: string): Promise<string> {
  let text = '';
  let from = 0;
  for (const example of readExamples(rule, readme)) {
    const [start, end] = example.writtenAt;
    text += readme.slice(from, start) + (await writtenBelow(example));
    from = end;
  }
  return between(text + readme.slice(from), 'meta', metaOf(rule));
}

function metaOf({ meta }: Rule): string {
  const fix = meta.fix ? `\`${meta.fix}\`` : 'none';
  return [
    meta.summary,
    '',
    `Severity: ${meta.severity} · Fix: ${fix} · For: ${meta.dialects.map(nameOf).join(', ')} · Since: ${meta.since}`,
    '',
    ...meta.references.map(({ title, url }) => `- [${title}](${url})`),
  ].join('\n');
}

function table(): string {
  const rows = rules.map(({ meta }) => {
    const { id, severity, fix = '', summary } = meta;
    return `| [\`${id}\`](src/rules/${id}/readme.md) | ${severity} | ${fix} | ${meta.dialects.map(nameOf).join(', ')} | ${summary} |`;
  });
  return ['| rule | severity | fix | for | what it finds |', '|---|---|---|---|---|', ...rows].join('\n');
}

function nameOf(dialect: DialectId): string {
  return SERVERS[dialect].files;
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`; a text without them stays as it is. */
function between(text: string, name: string, inner: string): string {
  const open = `<!-- ${name} -->\n`;
  const start = text.indexOf(open);
  const end = text.indexOf(`<!-- /${name} -->`, start);
  if (start < 0 || end < 0) return text;
  return `${text.slice(0, start + open.length)}${inner}\n${text.slice(end)}`;
}

async function main(check: boolean): Promise<void> {
  for (const [file, text] of await generatedDocs()) {
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    console.log(`${file} ${check ? 'differs; run `npm run docs`' : 'written'}`);
    if (check) process.exitCode = 1;
    else writeFileSync(file, text);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.includes('--check'));
