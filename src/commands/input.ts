/** What a run reads: the paths given, stdin, or the servers that this machine has. */
import path from 'node:path';
import { createSource } from '../../parsers/source.js';
import { configFile } from '../config/find.js';
import type { Config } from '../config/load.js';
import type { Host } from '../dialects/types.js';
import { cachingHost, displayPath, memoryHost, overlayHost } from '../host.js';
import { INSTALLED_ROOTS } from '../load.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { type Settings, settingsOf, textFlag } from '../settings.js';
import type { Io } from './io.js';

export interface Input {
  readonly settings: Settings;
  readonly host: Host;
  /** `file`: one text from stdin. `dump`: what `nginx -T` printed. */
  readonly stdin?: 'file' | 'dump';
  /** The configuration files that took part, absolute. */
  readonly files?: readonly string[];
  /** The baseline that they name, absolute. */
  readonly baseline?: string;
}

/** @throws {UsageError} where nothing is named and nothing is installed, or stdin and paths are mixed. */
export async function readInput(line: CommandLine, io: Io): Promise<Input> {
  const input = await inputOf(line, io);
  const { progress } = io;
  return progress ? { ...input, settings: { ...input.settings, progress } } : input;
}

async function inputOf(line: CommandLine, io: Io): Promise<Input> {
  const { flags, positionals } = line;
  const wantsStdin = flags.stdin === true || positionals.includes('-');
  if (!wantsStdin) {
    if (flags['stdin-filename'] !== undefined) throw new UsageError('Unexpected `--stdin-filename` without `--stdin`');
    const host = cachingHost(io.host);
    const config = await configOf(line, positionals, io);
    const paths = positionals.length > 0 ? positionals : rootsOf(config, host);
    return settle(line, paths, config, io, host);
  }
  if (positionals.some(each => each !== '-'))
    throw new UsageError('Unexpected paths beside stdin, expected one or the other');
  return fromStdin(line, await io.stdin(), io);
}

/** Nothing of configuration files, plugins and ignore files is loaded where none takes part. */
async function configOf(line: CommandLine, paths: readonly string[], io: Io): Promise<Config | undefined> {
  const file = configFile(line, paths, io.cwd, io.host);
  return file === undefined ? undefined : (await import('../config/load.js')).loadConfig(file, io.host);
}

async function settle(
  line: CommandLine,
  paths: readonly string[],
  config: Config | undefined,
  io: Io,
  host: Host,
): Promise<Input> {
  const { flags } = line;
  const plain =
    !config && flags.plugin === undefined && !flags['force-exclude'] && !paths.some(each => isDirectory(each, io));
  if (plain) return { settings: settingsOf(flags, paths, io.cwd, io.env, io.host), host };
  const { prepare } = await import('../config/prepare.js');
  return prepare({ line, paths, config, cwd: io.cwd, env: io.env, host });
}

function isDirectory(given: string, io: Io): boolean {
  return io.host.kind(path.resolve(io.cwd, given)) === 'directory';
}

function rootsOf(config: Config | undefined, host: Host): string[] {
  const configured = config?.roots.map(root => root.path) ?? [];
  return configured.length > 0 ? configured : installedRoots(host);
}

function installedRoots(host: Host): string[] {
  const found = INSTALLED_ROOTS.filter(each => host.kind(each) === 'file');
  if (found.length > 0) return found;
  throw new UsageError(
    'Nothing to read: no path is given and neither nginx nor Apache is installed in its usual places',
  );
}

async function fromStdin(line: CommandLine, bytes: Uint8Array, io: Io): Promise<Input> {
  const named = textFlag(line.flags, 'stdin-filename');
  const dump = named === undefined ? splitDump(bytes) : undefined;
  if (dump) {
    const [first = ''] = dump.keys();
    const host = memoryHost(dump, file => displayPath(io.cwd, file));
    const { settings } = await settle(line, [first], await configOf(line, [], io), io, host);
    return { settings, host, stdin: 'dump' };
  }
  const file = path.resolve(io.cwd, named ?? '<stdin>');
  const host = cachingHost(overlayHost(io.host, new Map([[io.host.realpath(file), bytes]])));
  const config = await configOf(line, named === undefined ? [] : [named], io);
  return { ...(await settle(line, [file], config, io, host)), stdin: 'file' };
}

const MARK = '# configuration file ';

/**
 * The files of an `nginx -T` dump by path, the main one first; `undefined` where the text is none.
 * nginx writes `# configuration file PATH:`, a line feed, the file and a line feed (ngx_init_cycle, dump_config).
 */
function splitDump(bytes: Uint8Array): Map<string, string> | undefined {
  const { text } = createSource(bytes);
  const begin = text.startsWith(MARK) ? 0 : text.indexOf(`\n${MARK}`) + 1;
  // What comes before the first file can only be what `nginx -t` says on stderr.
  const lines = text.slice(0, begin).split('\n');
  if (!text.startsWith(MARK, begin) || !lines.every(line => line.startsWith('nginx: ') || line.trim() === '')) {
    return undefined;
  }
  const files = new Map<string, string>();
  let at = begin;
  while (at < text.length) {
    const headEnd = text.indexOf(':\n', at);
    const next = nextMark(text, headEnd);
    if (headEnd === -1) return undefined;
    const name = text.slice(at + MARK.length, headEnd);
    if (!name.startsWith('/') || name.includes('\n')) return undefined;
    if (!files.has(name)) files.set(path.posix.normalize(name), body(text.slice(headEnd + 2, next)));
    at = next;
  }
  return files;
}

function nextMark(text: string, from: number): number {
  for (let at = text.indexOf(`\n${MARK}`, from); at !== -1; at = text.indexOf(`\n${MARK}`, at + 1)) {
    if (/^\/[^\n]*:(?:\n|$)/.test(text.slice(at + 1 + MARK.length, at + 1 + MARK.length + 4200))) return at + 1;
  }
  return text.length;
}

/** Without the line feed that nginx puts behind each file. */
function body(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
