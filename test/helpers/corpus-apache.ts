/** The httpd parser against what `apache2 -t` said of real-world files. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from '../../parsers/apache/index.js';
import { type Count, tableRows } from './corpus-count.js';

export function checkApache(corpus: string): Count[] {
  const accepted = {
    what: 'Apache files without a syntax error for httpd parse without a problem',
    total: 0,
    bad: [] as string[],
  };
  const refused = { what: 'Apache files with a syntax error for httpd have a problem', total: 0, bad: [] as string[] };
  for (const row of tableRows(readFileSync(path.join(corpus, 'HTTPD_T.tsv'), 'utf8'))) {
    const bytes = readFileSync(path.join(corpus, 'apache', row.repo!.replace('/', '__'), row.path!));
    const [problem] = parse(bytes).problems;
    const count = row.class_neutralised === 'syntax' ? refused : accepted;
    count.total++;
    if ((count === refused) === (problem !== undefined)) continue;
    count.bad.push(
      `${row.repo}/${row.path}: ${problem ? `line ${problem.line}: ${problem.message}` : row.first_error_n}`,
    );
  }
  return [accepted, refused].map(each => ({ ...each, good: each.total - each.bad.length }));
}
