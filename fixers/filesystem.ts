/**
 * The system calls of the writer as a table, so that tests can make each of them fail. All are synchronous:
 * a signal handler then never runs in the middle of a step.
 */

import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';

/** What the writer looks at of a file; times in nanoseconds. */
export interface FileStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mode: bigint;
  readonly nlink: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
}

export interface FileSystem {
  realpath(path: string): string;
  lstat(path: string): FileStat;
  fstat(fd: number): FileStat;
  open(path: string, flags: number, mode?: number): number;
  /** May read or write less than asked. */
  read(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number;
  write(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number;
  ftruncate(fd: number, size: number): void;
  fchmod(fd: number, mode: number): void;
  fchown(fd: number, uid: number, gid: number): void;
  fsync(fd: number): void;
  close(fd: number): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  readdir(path: string): string[];
  /** Copies ACL, extended attributes and security label from one open file to another. */
  copyAttributes(from: number, to: number): Copied;
  /** Whether `ls` shows an ACL or attributes beyond the mode; for where they can't be copied. */
  hasAttributes(path: string): boolean;
}

/** `unavailable`: no program here can do it. Otherwise why it failed. */
export type Copied = { readonly state: 'kept' | 'unavailable' } | { readonly state: 'failed'; readonly reason: string };

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = fs.constants;
/** A FIFO must not block, and the last component must still be what it was when it was resolved. */
const READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
const CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

export const nodeFileSystem: FileSystem = {
  realpath: path => fs.realpathSync.native(path),
  lstat: path => fs.lstatSync(path, { bigint: true }),
  fstat: fd => fs.fstatSync(fd, { bigint: true }),
  open: (path, flags, mode) => fs.openSync(path, flags, mode),
  read: (fd, buffer, offset, length, position) => fs.readSync(fd, buffer, offset, length, position),
  write: (fd, buffer, offset, length, position) => fs.writeSync(fd, buffer, offset, length, position),
  ftruncate: (fd, size) => fs.ftruncateSync(fd, size),
  fchmod: (fd, mode) => fs.fchmodSync(fd, mode),
  fchown: (fd, uid, gid) => fs.fchownSync(fd, uid, gid),
  fsync: fd => fs.fsyncSync(fd),
  close: fd => fs.closeSync(fd),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: path => fs.unlinkSync(path),
  mkdir: (path, mode) => void fs.mkdirSync(path, { recursive: true, mode }),
  rmdir: path => fs.rmdirSync(path),
  readdir: path => fs.readdirSync(path),
  copyAttributes,
  hasAttributes,
};

/** Exact bytes of an open file. */
export function readAll(files: FileSystem, fd: number): Uint8Array {
  const size = Number(files.fstat(fd).size);
  // One byte more than the size, to notice a file that grew.
  let buffer = Buffer.allocUnsafe(size + 1);
  let at = 0;
  for (;;) {
    if (at === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    const count = files.read(fd, buffer, at, buffer.length - at, at);
    if (count === 0) return buffer.subarray(0, at);
    at += count;
  }
}

export function readFile(files: FileSystem, path: string): Uint8Array {
  const fd = files.open(path, READ);
  try {
    return readAll(files, fd);
  } finally {
    files.close(fd);
  }
}

/** For reading a file that is watched while it is open. */
export function openForReading(files: FileSystem, path: string): number {
  return files.open(path, READ);
}

/** For writing over the file itself. */
export function openForWriting(files: FileSystem, path: string): number {
  return files.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
}

export function createFile(files: FileSystem, path: string): number {
  return files.open(path, CREATE, 0o600);
}

/** Writes all bytes from the start of the file, however few the system takes at once. */
export function writeAll(files: FileSystem, fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const count = files.write(fd, bytes, at, bytes.length - at, at);
    if (count <= 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    at += count;
  }
}

/** A new private file whose bytes are on the disk when this returns; a failed one is removed. */
export function writeNewFile(files: FileSystem, path: string, bytes: Uint8Array): void {
  const fd = createFile(files, path);
  try {
    writeAll(files, fd, bytes);
    files.fsync(fd);
  } catch (error) {
    quietly(() => files.unlink(path));
    throw error;
  } finally {
    files.close(fd);
  }
}

/** Makes the names in a directory durable. Some file systems can't, which is no fault. */
export function syncDirectory(files: FileSystem, path: string): void {
  const fd = files.open(path, O_RDONLY | O_DIRECTORY);
  try {
    files.fsync(fd);
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has(codeOf(error))) throw error;
  } finally {
    files.close(fd);
  }
}

/** A name of ours beside `path`: with a dot, so no server's `include dir/*` loads it. */
export function temporaryName(path: string, pid: number, random: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return join(dirname(path), `.${name.slice(0, 40)}.${pid}.${random}${TEMPORARY_SUFFIX}`);
}

/** The process that made a temporary name; `undefined` for other names. */
export function temporaryOwner(name: string): number | undefined {
  if (!name.startsWith('.') || !name.endsWith(TEMPORARY_SUFFIX)) return undefined;
  const parts = name.slice(0, -TEMPORARY_SUFFIX.length).split('.');
  const pid = Number(parts.at(-2));
  return parts.length >= 4 && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** The error code of a system call, `''` for any other error. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

/** Why a system call failed, in words and with its code. */
export function explain(error: unknown): string {
  const code = codeOf(error);
  const words = REASONS[code];
  if (words) return `${words} (\`${code}\`)`;
  return error instanceof Error ? error.message : String(error);
}

/** For steps that clean up after a fault that is already being reported. */
export function quietly(step: () => void): void {
  try {
    step();
  } catch {
    // The fault that brought us here is the one to report.
  }
}

const TEMPORARY_SUFFIX = '.tlslint-tmp';
const NO_DIRECTORY_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EBADF', 'EISDIR']);
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EBUSY: 'the file is a mount point',
  EXDEV: 'the file is on another file system than its directory',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files in the system',
  ENOENT: 'no such file',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'it is a symbolic link, or too many of them',
  EIO: 'input/output error',
  ETXTBSY: 'the file is being executed',
};

/** `cp` by open files and not by names: nobody can slip a link in between. */
function copyAttributes(from: number, to: number): Copied {
  const args = ['LC_ALL=C', 'cp', '-L', '--attributes-only', '--preserve=all', '/dev/fd/3', '/dev/fd/4'];
  const run = spawnSync('env', args, { stdio: ['ignore', 'ignore', 'pipe', from, to], encoding: 'utf8' });
  if (run.error || NOT_FOUND.has(run.status)) return { state: 'unavailable' };
  if (run.status === 0) return { state: 'kept' };
  if (/unrecognized option|illegal option|cannot stat/.test(run.stderr)) return { state: 'unavailable' };
  return { state: 'failed', reason: run.stderr.trim() };
}

/** What `env` answers for a program that is not there or can't be run. */
const NOT_FOUND: ReadonlySet<number | null> = new Set([126, 127]);

function hasAttributes(path: string): boolean {
  const run = spawnSync('ls', ['-ld', '--', path], { encoding: 'utf8' });
  return run.status === 0 && /^.{10}[+@]/.test(run.stdout);
}
