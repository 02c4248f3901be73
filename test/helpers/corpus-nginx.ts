/** The nginx parser against what nginx's own lexer read of real-world files. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type NginxRoot, parse, walk } from '../../parsers/nginx/index.js';
import { type Count, tableRows } from './corpus-count.js';

/** A row of `nginx-directives/<sha256>.jsonl`; its texts are bytes, one per character. */
interface Expected {
  readonly d: string;
  readonly a: readonly string[];
  readonly l: number;
  readonly e: number;
  readonly b?: 1;
  readonly lua_len?: number;
}

export function checkNginx(corpus: string): Count[] {
  const accepted: string[] = [];
  const refused: string[] = [];
  let acceptedTotal = 0;
  let refusedTotal = 0;
  for (const row of tableRows(readFileSync(path.join(corpus, 'NGINX_LEX.tsv'), 'utf8'))) {
    const name = `${row.repo}/${row.path}`;
    const file = path.join(corpus, row.kind ?? 'nginx', row.repo!.replace('/', '__'), row.path!);
    const bytes = readFileSync(file);
    const fault =
      row.lex === 'ok' ? acceptedFault(bytes, corpus, row.sha256!) : refusedFault(bytes, Number(row.error_line));
    if (row.lex === 'ok') acceptedTotal++;
    else refusedTotal++;
    if (fault !== undefined) (row.lex === 'ok' ? accepted : refused).push(`${name}: ${fault}`);
  }
  return [
    count('nginx files that its lexer accepts, read into the same directives', acceptedTotal, accepted),
    count('nginx files that its lexer refuses, with a problem on the same line', refusedTotal, refused),
  ];
}

function count(what: string, total: number, bad: readonly string[]): Count {
  return { what, good: total - bad.length, total, bad };
}

function acceptedFault(bytes: Uint8Array, corpus: string, sha256: string): string | undefined {
  const { tree, problems } = parse(bytes);
  const [problem] = problems;
  if (problem) return `line ${problem.line}: ${problem.message}`;
  const listing = path.join(corpus, 'nginx-directives', `${sha256}.jsonl`);
  // Of templates nginx's verdict alone is kept.
  if (!existsSync(listing)) return undefined;
  const rows = readFileSync(listing, 'utf8')
    .split('\n')
    .filter(line => line !== '');
  const expected = rows.map(line => JSON.parse(line) as Expected).filter(row => row.d !== undefined);
  return firstDifference(expected, tree);
}

function firstDifference(expected: readonly Expected[], tree: NginxRoot): string | undefined {
  const { source } = tree;
  let index = 0;
  for (const node of walk(tree)) {
    const row = expected[index++];
    const line = source.pointAt(node.start).line;
    const endLine = source.pointAt(node.headEnd - 1).line;
    const bytes = (text: string) => Buffer.from(text, source.encoding).toString('latin1');
    const read = { d: bytes(node.name), a: node.args.map(bytes), l: line, e: endLine, b: node.block ? 1 : 0 };
    const wanted = row && { d: row.d, a: row.a, l: row.l, e: row.e, b: row.b ?? 0 };
    if (JSON.stringify(read) === JSON.stringify(wanted)) continue;
    return `expected ${JSON.stringify(wanted)}, read ${JSON.stringify(read)}`;
  }
  return index === expected.length ? undefined : `${expected.length} directives expected, ${index} read`;
}

function refusedFault(bytes: Uint8Array, line: number): string | undefined {
  const [problem] = parse(bytes).problems;
  if (!problem) return `no problem, expected one on line ${line}`;
  return problem.line === line ? undefined : `problem on line ${problem.line}, expected ${line}: ${problem.message}`;
}
