/** "How it knows" of the README: counted from what is there, never by hand. */

import { readFileSync } from 'node:fs';
import { rules } from '../../src/rules/index.js';
import { readCases } from './cases.js';
import { casesIn, count, dialectNamed, runCase } from './conformance.js';
import { readExamples, readmePath } from './examples.js';
import { GENERATED } from './generate-counts.js';

export async function countsText(): Promise<string> {
  const lines = ['| | nginx | Apache httpd |', '|---|---|---|'];
  const nginx = await recorded('nginx');
  const apache = await recorded('apache');
  const row = (what: string, a: string | number, b: string | number) => lines.push(`| ${what} | ${a} | ${b} |`);
  row('recorded cases: what running servers of many versions negotiated', nginx.cases, apache.cases);
  row('server and OpenSSL builds in them', nginx.builds, apache.builds);
  row(
    'cells of these on which the model agrees',
    `${nginx.agreed} of ${nginx.cells}`,
    `${apache.agreed} of ${apache.cells}`,
  );
  row(
    'configurations started on a real server in each test run',
    readCases('nginx').length,
    readCases('apache').length,
  );
  row('generated configurations compared with it in each test run', GENERATED, GENERATED);
  const examples = rules.flatMap(rule => readExamples(rule, readFileSync(readmePath(rule), 'utf8')));
  lines.push('', `The rules' pages hold ${examples.length} examples, and each is a test.`);
  return lines.join('\n');
}

async function recorded(server: 'nginx' | 'apache') {
  const dialect = await dialectNamed(server);
  if (!dialect) throw new RangeError(`Unexpected lack of the dialect ${server}`);
  const directories = casesIn(`test/conformance/${server}`);
  const cells = directories.flatMap(directory => runCase(dialect, directory));
  const { agreed, cells: total } = count(cells);
  return { cases: directories.length, builds: new Set(cells.map(cell => cell.build)).size, agreed, cells: total };
}
