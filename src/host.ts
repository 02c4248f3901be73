/** The file systems that a dialect can read from: the disk, a set of texts, and either with some texts replaced. */
import { Buffer } from 'node:buffer';
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { Entries, EntryType, Host, ReadFailure } from './dialects/types.js';

/** V8's longest string is a little over this, and no configuration is near it. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The real file system. `cwd` is what displayed paths are relative to. */
export function diskHost(cwd: string): Host {
  return {
    read: readRegularFile,
    kind: kindOf,
    list: directory => namesOf(listDirectory(directory)),
    entries: listDirectory,
    realpath: realpathOf,
    display: file => displayPath(cwd, file),
  };
}

/** Relative where the file is below `cwd`, else absolute: what the user would type. */
export function displayPath(cwd: string, file: string): string {
  if (file.startsWith(cwd) && file.charAt(cwd.length) === '/' && isPlain(file)) return file.slice(cwd.length + 1);
  const relative = path.relative(cwd, file);
  if (relative === '') return '.';
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

/** Whether nothing of the path can be left out: most are so, and are told soonest. */
function isPlain(file: string): boolean {
  return !file.endsWith('/') && !file.includes('//') && !file.includes('/.');
}

/** A file system of given files alone, keyed by absolute path; directories are those that the paths name. */
export function memoryHost(files: ReadonlyMap<string, Uint8Array | string>, display = (file: string) => file): Host {
  const directories = directoriesOf(files.keys());
  return {
    read(file) {
      const found = files.get(path.posix.normalize(file));
      if (found === undefined) return missing(file);
      return typeof found === 'string' ? Buffer.from(found, 'utf8') : found;
    },
    kind(file) {
      const name = path.posix.normalize(file);
      if (files.has(name)) return 'file';
      return directories.has(trimSlash(name)) ? 'directory' : 'missing';
    },
    list: file => {
      const names = directories.get(trimSlash(path.posix.normalize(file)));
      return names && [...names];
    },
    realpath: file => path.posix.normalize(file),
    display,
  };
}

/** `below` with some files' bytes replaced; keys are real paths. */
export function overlayHost(below: Host, replaced: ReadonlyMap<string, Uint8Array>): Host {
  return {
    ...below,
    read: (file, most) => replaced.get(below.realpath(file)) ?? below.read(file, most),
    kind(file) {
      const kind = below.kind(file);
      if (kind === 'file') return kind;
      // The real path of what is not there is its own, and there may be thousands of such certificates.
      const real = kind === 'missing' ? path.resolve(file) : below.realpath(file);
      return replaced.has(real) ? 'file' : kind;
    },
  };
}

/**
 * Remembers what was read, so that finding the roots and loading them reads each file once; and what directories hold, so that
 * the system is not asked again about each of ten thousand files in one.
 */
export function cachingHost(below: Host): Host {
  const bytes = new Map<string, Uint8Array | ReadFailure>();
  const real = new Map<string, string>();
  const listed = new Map<string, Entries>();
  const realpath = (file: string): string => {
    const known = real.get(file);
    if (known !== undefined) return known;
    const slash = file.lastIndexOf('/');
    const found =
      entryOf(listed, file) === undefined
        ? below.realpath(file)
        : joined(realpath(file.slice(0, slash)), file.slice(slash + 1));
    real.set(file, found);
    return found;
  };
  return {
    ...below,
    realpath,
    kind: file => entryOf(listed, file) ?? below.kind(file),
    list(directory) {
      const entries = below.entries?.(directory);
      if (!entries) return below.list(directory);
      listed.set(directory, entries);
      return [...entries.keys()];
    },
    read(file, most) {
      const key = realpath(file);
      const known = bytes.get(key);
      if (known !== undefined) return known;
      const found = below.read(file, most);
      bytes.set(key, found);
      return found;
    },
  };
}

/** What a directory that was listed holds by that name; `undefined` where that is not known, or may be a link. */
function entryOf(listed: ReadonlyMap<string, Entries>, file: string): 'file' | 'directory' | undefined {
  const slash = file.lastIndexOf('/');
  const type = slash < 1 ? undefined : listed.get(file.slice(0, slash))?.get(file.slice(slash + 1));
  return type === 'unsure' ? undefined : type;
}

function joined(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** Linux's limit (path_resolution(7)). */
const MOST_LINKS = 40;

/** `below` as a tree that is meant to be a whole file system: absolute symbolic links in it lead into the tree again. */
export function prefixedHost(below: Host, prefix: string): Host {
  if (prefix === '' || prefix === '/') return below;
  const targets = new Map<string, LinkTarget>();
  const targetOf = (file: string) => {
    if (!targets.has(file)) targets.set(file, linkTarget(file));
    return targets.get(file);
  };
  const follow = (file: string) => (file.startsWith(`${prefix}/`) ? followBelow(file, prefix, targetOf) : file);
  return {
    ...below,
    read: (file, most) => below.read(follow(file), most),
    kind: file => below.kind(follow(file)),
    list: directory => below.list(follow(directory)),
    entries: directory => below.entries?.(follow(directory)),
    realpath: file => below.realpath(follow(file)),
  };
}

/** What a link says; `null` for what is no link, `undefined` for what is not there. */
type LinkTarget = string | null | undefined;

/** The path without a link below the prefix, as far as it exists; as it was where links never end or lead out. */
function followBelow(file: string, prefix: string, targetOf: (file: string) => LinkTarget): string {
  let at = prefix;
  let links = 0;
  const open = file
    .slice(prefix.length + 1)
    .split('/')
    .reverse();
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at === prefix) return file;
      at = path.dirname(at);
      continue;
    }
    const next = `${at}/${part}`;
    const target = targetOf(next);
    if (target === undefined) return [next, ...open.reverse()].join('/');
    if (target === null) at = next;
    else if (++links > MOST_LINKS) return file;
    else {
      if (target.startsWith('/')) at = prefix;
      const within = target.startsWith(`${prefix}/`) ? target.slice(prefix.length) : target;
      open.push(...within.split('/').reverse());
    }
  }
  return at;
}

function linkTarget(file: string): LinkTarget {
  try {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (!stat) return undefined;
    return stat.isSymbolicLink() ? readlinkSync(file) : null;
  } catch {
    return undefined;
  }
}

function readRegularFile(file: string, most = MOST_BYTES): Uint8Array | ReadFailure {
  let handle: number | undefined;
  try {
    // Without O_NONBLOCK the open of a FIFO waits for a writer.
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(handle);
    if (!stat.isFile()) return { failure: 'not-a-file', message: `\`${file}\` is not a regular file` };
    if (stat.size > most) return tooLarge(file, most);
    return readAll(handle, stat.size, file, most);
  } catch (error) {
    return failureOf(file, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Reads to the end, since files of `/proc` claim to be empty and others may grow while they are read. */
function readAll(handle: number, size: number, file: string, most: number): Uint8Array | ReadFailure {
  let buffer = Buffer.allocUnsafe(size + 1);
  let length = 0;
  for (;;) {
    const count = readSync(handle, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > most) return tooLarge(file, most);
    // It has been asked for more, so that this is all.
    if (length === size) return buffer.subarray(0, length);
    if (length === buffer.length) buffer = Buffer.concat([buffer], length + Math.max(length, 65_536));
  }
}

function tooLarge(file: string, most: number): ReadFailure {
  return { failure: 'too-large', message: `\`${file}\` is larger than ${most / 1024 / 1024} MiB` };
}

function missing(file: string): ReadFailure {
  return { failure: 'missing', message: `\`${file}\` does not exist` };
}

const FAILURES: Record<string, { failure: ReadFailure['failure']; words: string }> = {
  ENOENT: { failure: 'missing', words: 'does not exist' },
  ENOTDIR: { failure: 'missing', words: 'does not exist' },
  EACCES: { failure: 'denied', words: 'may not be read by this user' },
  EPERM: { failure: 'denied', words: 'may not be read by this user' },
  EISDIR: { failure: 'not-a-file', words: 'is a directory' },
  ENXIO: { failure: 'not-a-file', words: 'is not a regular file' },
  ELOOP: { failure: 'failed', words: 'is behind a loop of symbolic links' },
};

function failureOf(file: string, error: unknown): ReadFailure {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const target = code === 'ENOENT' ? linkTarget(file) : undefined;
  if (target)
    return { failure: 'missing', message: `\`${file}\` is a symbolic link to \`${target}\`, which does not exist` };
  const known = FAILURES[code];
  if (known) return { failure: known.failure, message: `\`${file}\` ${known.words}` };
  return { failure: 'failed', message: `\`${file}\` could not be read (${code})` };
}

function kindOf(file: string): ReturnType<Host['kind']> {
  const stat = statOf(file);
  if (!stat) return 'missing';
  if (stat.isFile()) return 'file';
  return stat.isDirectory() ? 'directory' : 'other';
}

/** `undefined` also for what the system refuses to look at: a loop of links, a name with NUL, no permission. */
function statOf(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function listDirectory(directory: string): Entries | undefined {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return new Map(entries.map(entry => [entry.name, typeOf(entry)]));
  } catch {
    return undefined;
  }
}

function typeOf(entry: Dirent): EntryType {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return 'unsure';
}

function namesOf(entries: Entries | undefined): readonly string[] | undefined {
  return entries && [...entries.keys()];
}

function realpathOf(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return path.resolve(file);
  }
}

function directoriesOf(files: Iterable<string>): Map<string, Set<string>> {
  const directories = new Map<string, Set<string>>();
  for (const file of files) {
    let child = path.posix.normalize(file);
    while (child !== '/' && child !== '.') {
      const parent = path.posix.dirname(child);
      const names = directories.get(parent) ?? new Set();
      directories.set(parent, names);
      const name = path.posix.basename(child);
      if (names.has(name)) break;
      names.add(name);
      child = parent;
    }
  }
  return directories;
}

function trimSlash(name: string): string {
  return name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name;
}
