/** `tlslint ast FILE…`: the directives of files as JSON lines. */
import path from 'node:path';
import * as apache from '../../parsers/apache/index.js';
import * as nginx from '../../parsers/nginx/index.js';
import { createSource } from '../../parsers/source.js';
import type { DialectId } from '../model/target.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { displayLine } from '../reporters/display.js';
import { DIALECTS } from '../run.js';
import { textFlag } from '../settings.js';
import { parseServer } from '../targets.js';
import type { ExitCode, Io } from './io.js';

export async function astCommand({ positionals, flags }: CommandLine, io: Io): Promise<ExitCode> {
  if (positionals.length === 0) throw new UsageError('Expected files: `tlslint ast FILE…`');
  const server = textFlag(flags, 'server');
  const named = server === undefined ? undefined : parseServer(server)?.dialect;
  if (server !== undefined && !named) throw new UsageError(`Unexpected \`${server}\` of \`--server\``);
  let worst: ExitCode = 0;
  for (const given of positionals) {
    const file = path.resolve(io.cwd, given);
    const bytes = given === '-' ? await io.stdin() : io.host.read(file);
    if ('failure' in bytes) {
      io.stderr(`tlslint: ${displayLine(bytes.message)}\n`);
      worst = 2;
      continue;
    }
    const dialect = named ?? guess(file, createSource(bytes).text);
    if (printRows(given, bytes, dialect, positionals.length > 1, io)) worst = 2;
  }
  return worst;
}

/** The surer dialect; nginx where neither is sure. */
function guess(file: string, text: string): DialectId {
  for (const part of ['root', 'fragment'] as const) {
    const found = DIALECTS.find(dialect => dialect.detect(file, text) === part);
    if (found) return found.id;
  }
  return 'nginx';
}

/** Whether the file has a syntax problem. */
function printRows(given: string, bytes: Uint8Array, dialect: DialectId, several: boolean, io: Io): boolean {
  const { problems, rows } = dialect === 'nginx' ? readNginx(bytes) : readApache(bytes);
  for (const row of rows) io.stdout(`${JSON.stringify(several ? { path: given, ...row } : row)}\n`);
  for (const { line, column, message } of problems) {
    io.stderr(`${displayLine(given)}:${line}:${column}: ${displayLine(message)}\n`);
  }
  return problems.length > 0;
}

function readNginx(bytes: Uint8Array) {
  const { tree, problems } = nginx.parse(bytes);
  return { problems, rows: nginx.directives(tree) };
}

function readApache(bytes: Uint8Array) {
  const { tree, problems } = apache.parse(bytes);
  return { problems, rows: apache.directives(tree) };
}
