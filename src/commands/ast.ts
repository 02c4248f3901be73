/** `tlslint ast FILE…`: the directives of files as JSON lines. */
import path from 'node:path';
import { createSource } from '../../parsers/source.js';
import { DIALECTS } from '../dialects/index.js';
import type { DialectEntry, Syntax } from '../dialects/types.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { displayLine } from '../reporters/display.js';
import { textFlag } from '../settings.js';
import { parseServer } from '../targets.js';
import type { ExitCode, Io } from './io.js';

export async function astCommand({ positionals, flags }: CommandLine, io: Io): Promise<ExitCode> {
  if (positionals.length === 0) throw new UsageError('Expected files: `tlslint ast FILE…`');
  const server = textFlag(flags, 'server');
  const wanted = server === undefined ? undefined : parseServer(server)?.dialect;
  if (server !== undefined && !wanted) throw new UsageError(`Unexpected \`${server}\` of \`--server\``);
  const named = DIALECTS.find(({ id }) => id === wanted);
  let worst: ExitCode = 0;
  for (const given of positionals) {
    const file = path.resolve(io.cwd, given);
    const bytes = given === '-' ? await io.stdin() : io.host.read(file);
    if ('failure' in bytes) {
      io.stderr(`tlslint: ${displayLine(bytes.message)}\n`);
      worst = 2;
      continue;
    }
    const { syntax } = await (named ?? guess(file, createSource(bytes).text)).open();
    if (printRows(given, bytes, syntax, positionals.length > 1, io)) worst = 2;
  }
  return worst;
}

/** The surer dialect; the first where none is sure. */
function guess(file: string, text: string): DialectEntry {
  for (const part of ['root', 'fragment'] as const) {
    const found = DIALECTS.find(dialect => dialect.detect(file, text) === part);
    if (found) return found;
  }
  return DIALECTS[0]!;
}

/** Whether the file has a syntax problem. */
function printRows(given: string, bytes: Uint8Array, syntax: Syntax, several: boolean, io: Io): boolean {
  const { tree, problems } = syntax.parse(syntax.source(bytes), given);
  for (const row of syntax.rows(tree)) {
    io.stdout(`${JSON.stringify(several ? { path: given, ...row } : row)}\n`);
  }
  for (const { line, column, message } of problems) {
    io.stderr(`${displayLine(given)}:${line}:${column}: ${displayLine(message)}\n`);
  }
  return problems.length > 0;
}
