/** Where patched texts go: into the files, into a diff, into copies, or to stdout. */
import { Buffer } from 'node:buffer';
import path from 'node:path';
import { unifiedDiff } from '../../fixers/diff.js';
import { encode } from '../../parsers/source.js';
import type { CommandLine } from '../options/parse.js';
import type { Patch, Patched } from '../patch.js';
import type { ReportError } from '../report.js';
import { displayLine } from '../reporters/display.js';
import { wantedFormats } from './formats.js';
import type { Input } from './input.js';
import type { ExitCode, Io } from './io.js';

export interface Outcome {
  readonly errors: readonly ReportError[];
  /** There was something to change. */
  readonly changed: boolean;
  /** The changes are in the user's files now. */
  readonly applied?: boolean;
  /** The report goes to stderr, since stdout holds a diff or a file. */
  readonly stdoutTaken?: boolean;
  readonly failed?: ExitCode;
}

/** `--diff`: the diff alone on stdout. */
export async function printDiff({ patches }: Patched, io: Io): Promise<Outcome> {
  const diff = await diffOf(patches);
  if (diff.length > 0) printPatch(diff, io);
  return { errors: [], changed: diff.length > 0, stdoutTaken: true };
}

/**
 * A diff is byte for byte what `patch` takes, so in a CI log that runs commands it stands between two that switch them
 * off and on again (GitHub: `stop-commands`), if it holds one.
 */
function printPatch(diff: Uint8Array, io: Io): void {
  if (!io.actionsLog || !mayHoldCommand(diff)) {
    io.stdout(diff);
    return;
  }
  const token = `tlslint-${io.self.random()}${io.self.random()}`;
  io.stdout(`::stop-commands::${token}\n`);
  io.stdout(diff);
  io.stdout(`::${token}::\n`);
}

/** The runner ignores blanks before `::`, such as those that mark a line of context, and finds `##[` anywhere. */
function mayHoldCommand(diff: Uint8Array): boolean {
  const text = Buffer.from(diff).toString('latin1');
  return text.includes('##[') || text.split(/[\r\n]/).some(line => line.trimStart().startsWith('::'));
}

/** `--stdin --write`: the fixed text on stdout, changed or not. */
export async function printFixed({ patches }: Patched, input: Input, io: Io): Promise<Outcome> {
  const [file] = input.settings.paths;
  const real = input.host.realpath(file!);
  const own = patches.find(patch => patch.file.real === real);
  const bytes = own ? encode(own.after, own.file.source.encoding) : input.host.read(file!);
  if (!('failure' in bytes)) io.stdout(bytes);
  const elsewhere = patches.filter(patch => patch !== own);
  const errors = elsewhere.map(({ file: other }) => ({
    path: other.path,
    message: 'would have to be changed as well, which a run on stdin does not do',
  }));
  return { errors, changed: own !== undefined, applied: true, stdoutTaken: true };
}

/** `--output-dir`: patched copies below the directory and one `tlslint.diff`; the originals stay. */
export async function outputDirectory({ patches }: Patched, directory: string, io: Io): Promise<Outcome> {
  const { mkdir, writeFile } = await import('node:fs/promises');
  const top = path.resolve(io.cwd, directory);
  await mkdir(top, { recursive: true });
  for (const { file, after } of patches) {
    // An absolute path keeps its place below the directory; `..` can't lead out of it.
    const copy = path.join(top, path.resolve('/', file.path));
    await mkdir(path.dirname(copy), { recursive: true });
    await writeFile(copy, encode(after, file.source.encoding));
  }
  await writeFile(path.join(top, 'tlslint.diff'), await diffOf(patches));
  return { errors: [], changed: patches.length > 0 };
}

/** `--write`: all files or none. */
export async function writeBack({ patches }: Patched, line: CommandLine, io: Io): Promise<Outcome> {
  if (patches.length === 0) return { errors: [], changed: false };
  const { abort, writeFiles } = await import('../../fixers/write.js');
  io.atSignal(abort);
  const changes = patches.map(({ file, after }) => ({
    path: file.real,
    before: encode(file.source.text, file.source.encoding),
    after: encode(after, file.source.encoding),
  }));
  const result = await writeFiles(changes, {
    stateDir: stateDirectory(io),
    root: commonDirectory(changes.map(change => change.path)),
    self: io.self,
    inPlace: line.flags['in-place'] === true,
    ...(typeof line.flags.verify === 'string' && { verify: verifierOf(line.flags.verify, io) }),
  });
  for (const message of result.recovered) io.stderr(`tlslint: ${displayLine(message)}\n`);
  const refused = result.refused.map(({ path: real, message }) => ({ path: shown(patches, real), message }));
  const undone =
    result.rolledBack === undefined ? [] : [{ message: `every file has its old content again: ${result.rolledBack}` }];
  const errors: ReportError[] = [...refused, ...undone];
  const written = new Set(result.written);
  const kept = patches.filter(({ file }) => written.has(file.real));
  if (wantedFormats(line, io).some(({ name, file }) => name === 'text' && file === undefined) && kept.length > 0) {
    printPatch(await diffOf(kept), io);
  }
  return { errors, changed: true, applied: errors.length === 0, ...(errors.length > 0 && { failed: 2 as const }) };
}

/** `--verify 'nginx -t'`: words, never a shell; anything but exit code 0 takes all back. */
function verifierOf(command: string, io: Io): () => Promise<string | undefined> {
  const [program = '', ...args] = command.split(/\s+/).filter(word => word !== '');
  return async () => {
    const { spawnSync } = await import('node:child_process');
    const { status, error, stderr } = spawnSync(program, args, {
      cwd: io.cwd,
      encoding: 'utf8',
      timeout: VERIFY_TIMEOUT,
    });
    if (error) return `\`${program}\` could not be run (${(error as NodeJS.ErrnoException).code ?? error.message})`;
    return status === 0 ? undefined : `\`${command}\` says: ${stderr.trim().split('\n').slice(0, 3).join('; ')}`;
  };
}

const VERIFY_TIMEOUT = 60_000;

/** The deepest directory that holds all files: what one writer locks. */
function commonDirectory(files: readonly string[]): string {
  let common = path.dirname(files[0] ?? '/');
  for (const file of files) while (!file.startsWith(common === '/' ? '/' : `${common}/`)) common = path.dirname(common);
  return common;
}

/** XDG Base Directory Specification: what a program must remember between runs. */
export function stateDirectory(io: Io): string {
  const { TLSLINT_STATE_DIR, XDG_STATE_HOME, HOME } = io.env;
  return TLSLINT_STATE_DIR ?? path.join(XDG_STATE_HOME || path.join(HOME || '/tmp', '.local', 'state'), 'tlslint');
}

function shown(patches: readonly Patch[], real: string): string {
  return patches.find(({ file }) => file.real === real)?.file.path ?? real;
}

/** In the order of their paths, as git lists files. */
function diffOf(patches: readonly Patch[]): Promise<Uint8Array> {
  const files = patches.map(({ file, edits }) => ({ path: file.path, source: file.source, edits }));
  return unifiedDiff(files.sort((a, b) => (a.path < b.path ? -1 : 1)));
}
