/** Where the configuration file is. Loaded in every run, so that it must stay small. */
import path from 'node:path';
import type { Host } from '../dialects/types.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { textFlag } from '../settings.js';

export const CONFIG_NAME = 'tlslint.config.json';

/**
 * The configuration file of a run: the one named, or the one found upwards from the paths, else from `cwd`.
 * @throws {UsageError} where the paths lie below different ones, or the one named has a mistake.
 */
export function configFile(line: CommandLine, paths: readonly string[], cwd: string, host: Host): string | undefined {
  const { flags } = line;
  const named = textFlag(flags, 'config');
  if (flags['no-config']) {
    if (named !== undefined) throw new UsageError('Unexpected `--config` beside `--no-config`');
    return undefined;
  }
  if (named !== undefined) return path.resolve(cwd, named);
  const starts = paths.length > 0 ? paths : [cwd];
  const found = new Set(starts.map(each => findConfig(path.resolve(cwd, each), host) ?? findConfig(cwd, host)));
  if (found.size <= 1) return [...found][0];
  const shown = [...found].map(each => (each === undefined ? 'none' : `\`${host.display(each)}\``));
  throw new UsageError(
    `The paths lie below different \`${CONFIG_NAME}\` (${shown.join(', ')}); name one with \`--config\`, or run once for each`,
  );
}

/** Upwards from a file or directory to the root of its git repository, else of the file system. */
function findConfig(start: string, host: Host): string | undefined {
  for (const directory of upwards(start, host)) {
    const file = path.join(directory, CONFIG_NAME);
    if (host.kind(file) === 'file') return file;
  }
  return undefined;
}

/** The git repository that a file is in, else the file's own directory. */
export function projectOf(file: string, host: Host): string {
  return gitRootOf(file, host) ?? path.dirname(file);
}

/** The directory that holds `.git`; `undefined` outside of any repository. */
export function gitRootOf(start: string, host: Host): string | undefined {
  const last = [...upwards(start, host)].at(-1);
  return last !== undefined && isGitRoot(last, host) ? last : undefined;
}

function* upwards(start: string, host: Host): Generator<string> {
  let directory = host.kind(start) === 'directory' ? start : path.dirname(start);
  for (;;) {
    yield directory;
    const above = path.dirname(directory);
    if (above === directory || isGitRoot(directory, host)) return;
    directory = above;
  }
}

function isGitRoot(directory: string, host: Host): boolean {
  return host.kind(path.join(directory, '.git')) !== 'missing';
}
