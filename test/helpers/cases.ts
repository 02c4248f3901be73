/** Reads a file of live cases: many small configuration trees in one text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStarttls, type StarttlsName } from '../../src/probe/starttls.js';
import type { ServerName } from './servers.js';

export interface LiveCase {
  readonly name: string;
  readonly server: ServerName;
  /** Path below the server's directory to text. Ports from 20000 to 20999 are to be moved to free ones. */
  readonly files: Readonly<Record<string, string>>;
  readonly connect: readonly string[];
  /** Asked beside no SNI and a name that nobody has. */
  readonly names: readonly string[];
  readonly modules: readonly string[];
  readonly define: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly starttls: StarttlsName | undefined;
}

/**
 * `### name` starts a case, lines such as `connect ADDRESS…`, `names NAME…`, `modules NAME…`, `define NAME…`,
 * `env NAME=VALUE…` and `starttls PROTOCOL` say more, and `>>> path` starts the text of a file.
 */
export function readCases(server: ServerName): LiveCase[] {
  const text = readFileSync(join(process.cwd(), 'test', 'live', `${server}.cases`), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map(block => readCase(server, block));
}

function readCase(server: ServerName, block: string): LiveCase {
  const [head = '', ...files] = block.split(/^>>> /m);
  const [name = '', ...options] = head.trim().split('\n');
  const said = new Map(options.map(line => [line.split(' ')[0]!, line.split(' ').slice(1)]));
  const starttls = said.get('starttls')?.[0];
  return {
    name,
    server,
    files: Object.fromEntries(files.map(readFile)),
    connect: said.get('connect') ?? ['127.0.0.1:20443'],
    names: said.get('names') ?? ['a.test', 'b.test'],
    modules: said.get('modules') ?? [],
    define: said.get('define') ?? [],
    env: Object.fromEntries((said.get('env') ?? []).map(pair => pair.split('=') as [string, string])),
    starttls: starttls !== undefined && isStarttls(starttls) ? starttls : undefined,
  };
}

function readFile(text: string): [string, string] {
  const end = text.indexOf('\n');
  return [text.slice(0, end), `${text.slice(end + 1).trimEnd()}\n`];
}
