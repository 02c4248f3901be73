/** New bytes for one file: beside it and renamed over it, or in place where it must be and may be. */
import { dirname } from 'node:path';
import {
  codeOf,
  createFile,
  explain,
  type FileStat,
  type FileSystem,
  openForReading,
  openForWriting,
  quietly,
  readAll,
  readFile,
  sameBytes,
  syncDirectory,
  writeAll,
} from './filesystem.js';

/** A regular file as it was looked at. */
export interface Target {
  /** Real path: symbolic links are resolved once, here. */
  readonly path: string;
  readonly stat: FileStat;
}

/** Why a file is not written; the message is for people. */
export class Refusal extends Error {}

/** Old and new bytes of a file, and the name of the temporary file that may be beside it. */
export interface Change {
  readonly path: string;
  readonly temporary: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** A replacement that waits for its rename, or one that will be written in place. */
export interface Prepared {
  readonly target: Target;
  readonly temporary: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly inPlace: boolean;
}

/** Throws a refusal for what is no regular file, or has other bytes than were read. */
export function inspect(files: FileSystem, path: string, before: Uint8Array): Target {
  const target = look(files, path);
  const fd = guarded(() => openForReading(files, target.path));
  try {
    if (!sameFile(files.fstat(fd), target.stat) || !sameBytes(readAll(files, fd), before)) throw changed();
    return target;
  } finally {
    files.close(fd);
  }
}

function look(files: FileSystem, path: string): Target {
  return guarded(() => {
    const real = files.realpath(path);
    const stat = files.lstat(real);
    if (!stat.isFile()) throw new Refusal('it is not a regular file');
    return { path: real, stat };
  });
}

/** Runs system calls and makes their errors refusals. */
function guarded<Result>(step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(explain(error));
  }
}

function changed(): Refusal {
  return new Refusal('it has changed since it was read');
}

/** Same inode, and untouched since. */
function sameFile(left: FileStat, right: FileStat): boolean {
  return sameInode(left, right) && left.size === right.size && left.mtimeNs === right.mtimeNs;
}

function sameInode(left: FileStat, right: FileStat): boolean {
  return left.dev === right.dev && left.ino === right.ino;
}

/**
 * Makes the temporary file, complete and durable. Where a rename would lose a hard link, an owner or an attribute,
 * or the directory can't be written to: in place if `allowInPlace`, else a refusal. Nothing is left after a refusal.
 */
export function prepare(
  files: FileSystem,
  target: Target,
  change: Pick<Prepared, 'temporary' | 'before' | 'after'>,
  allowInPlace: boolean,
): Prepared {
  const obstacle = target.stat.nlink > 1n ? HARD_LINKS : makeTemporary(files, target, change.temporary, change.after);
  if (obstacle === undefined) return { target, ...change, inPlace: false };
  if (obstacle.inPlaceHelps && allowInPlace) return { target, ...change, inPlace: true };
  throw new Refusal(obstacle.inPlaceHelps ? `${obstacle.reason}; ${HINT}` : obstacle.reason);
}

/** What stands against a rename, and whether writing in place would do. */
interface Obstacle {
  readonly reason: string;
  readonly inPlaceHelps: boolean;
}

const HINT = 'it can be written in place only (`--in-place`)';
const HARD_LINKS: Obstacle = { reason: 'other hard links to it would keep the old text', inPlaceHelps: true };
/** Errors of the directory or of the name, which the file itself does not have. */
const DIRECTORY_ERRORS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'ENAMETOOLONG']);
const RENAME_ERRORS: ReadonlySet<string> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM']);

function makeTemporary(files: FileSystem, target: Target, path: string, bytes: Uint8Array): Obstacle | undefined {
  let fd: number;
  try {
    fd = createFile(files, path);
  } catch (error) {
    const reason = `no file can be made in its directory: ${explain(error)}`;
    return { reason, inPlaceHelps: DIRECTORY_ERRORS.has(codeOf(error)) };
  }
  let obstacle: Obstacle | undefined;
  try {
    obstacle = fill(files, target, fd, bytes);
  } catch (error) {
    obstacle = { reason: explain(error), inPlaceHelps: false };
  }
  try {
    files.close(fd);
  } catch (error) {
    obstacle ??= { reason: explain(error), inPlaceHelps: false };
  }
  if (obstacle) quietly(() => files.unlink(path));
  return obstacle;
}

/** Attributes first, since they may set the times; owner before mode, since a new owner drops mode bits. */
function fill(files: FileSystem, target: Target, fd: number, bytes: Uint8Array): Obstacle | undefined {
  const obstacle = keepAttributes(files, target, fd) ?? keepOwner(files, target, fd);
  if (obstacle) return obstacle;
  writeAll(files, fd, bytes);
  files.fchmod(fd, Number(target.stat.mode & 0o7777n));
  files.fsync(fd);
  return undefined;
}

function keepAttributes(files: FileSystem, target: Target, fd: number): Obstacle | undefined {
  const source = openForReading(files, target.path);
  try {
    const copied = files.copyAttributes(source, fd);
    if (copied.state === 'kept') return undefined;
    if (copied.state === 'failed') return lostAttributes(copied.reason);
    return files.hasAttributes(target.path) ? lostAttributes('no program here can copy them') : undefined;
  } finally {
    files.close(source);
  }
}

function lostAttributes(reason: string): Obstacle {
  return { reason: `its owner, access list or attributes would be lost: ${reason}`, inPlaceHelps: true };
}

function keepOwner(files: FileSystem, target: Target, fd: number): Obstacle | undefined {
  const { uid, gid } = target.stat;
  const fresh = files.fstat(fd);
  if (fresh.uid === uid && fresh.gid === gid) return undefined;
  try {
    files.fchown(fd, Number(uid), Number(gid));
    return undefined;
  } catch (error) {
    return { reason: `its owner ${uid}:${gid} can't be kept: ${explain(error)}`, inPlaceHelps: true };
  }
}

/**
 * Puts the new bytes in place; the file is compared with what was read just before. Where the rename turns out to be
 * impossible (a bind mount), it is written in place if that is allowed. Throws a refusal with the file as it was.
 * What can't be seen: a file that somebody puts in its place by another rename between the comparison and ours.
 */
export function commit(files: FileSystem, prepared: Prepared, allowInPlace: boolean): void {
  const { target, temporary, before, after } = prepared;
  if (prepared.inPlace) {
    overwrite(files, target, before, after);
    return;
  }
  try {
    exchange(files, prepared);
  } catch (error) {
    quietly(() => files.unlink(temporary));
    if (error instanceof Refusal) throw error;
    if (!RENAME_ERRORS.has(codeOf(error))) throw new Refusal(explain(error));
    if (!allowInPlace) throw new Refusal(`${explain(error)}; ${HINT}`);
    overwrite(files, target, before, after);
  }
}

function exchange(files: FileSystem, prepared: Prepared): void {
  const { target, temporary, before } = prepared;
  const fd = guarded(() => openForReading(files, target.path));
  try {
    guarded(() => mustBeUnchanged(files, fd, prepared));
    files.rename(temporary, target.path);
    // Held open, so that a write of somebody else between the comparison and the rename is seen.
    const late = guarded(() => readAll(files, fd));
    if (!sameBytes(late, before)) throw giveBack(files, prepared, late);
  } finally {
    files.close(fd);
  }
}

function mustBeUnchanged(files: FileSystem, fd: number, { target, before }: Prepared): void {
  if (!sameFile(files.fstat(fd), target.stat) || !sameInode(files.lstat(target.path), target.stat)) throw changed();
  if (!sameBytes(readAll(files, fd), before)) throw changed();
}

/** Somebody wrote to the old file while it was being replaced: their bytes win. */
function giveBack(files: FileSystem, { target, after }: Prepared, theirs: Uint8Array): Refusal {
  overwrite(files, look(files, target.path), after, theirs);
  return changed();
}

/** Writes over the bytes of the file itself and reads them back; on a fault the old ones are put back. */
function overwrite(files: FileSystem, target: Target, before: Uint8Array, after: Uint8Array): void {
  const fd = guarded(() => openForWriting(files, target.path));
  try {
    guarded(() => {
      if (!sameInode(files.fstat(fd), target.stat) || !sameBytes(readAll(files, fd), before)) throw changed();
    });
    try {
      rewrite(files, fd, after);
    } catch (error) {
      rewrite(files, fd, before);
      throw new Refusal(explain(error));
    }
  } finally {
    files.close(fd);
  }
}

function rewrite(files: FileSystem, fd: number, bytes: Uint8Array): void {
  writeAll(files, fd, bytes);
  files.ftruncate(fd, bytes.length);
  files.fsync(fd);
  if (!sameBytes(readAll(files, fd), bytes)) throw new Error('it reads back differently');
}

/** Makes the renames in these directories durable. */
export function syncDirectories(files: FileSystem, written: readonly { readonly target: Target }[]): void {
  for (const directory of new Set(written.map(one => dirname(one.target.path)))) syncDirectory(files, directory);
}

/**
 * Brings back the old bytes of a file that has the new ones, or a part of them from a write in place that was cut
 * off. `false` where somebody has changed it since. Throws a refusal where it can't be written.
 */
export function restore(files: FileSystem, change: Change): boolean {
  const target = look(files, change.path);
  const now = guarded(() => readFile(files, target.path));
  if (sameBytes(now, change.before)) return true;
  const back = { temporary: change.temporary, before: change.after, after: change.before };
  if (sameBytes(now, change.after)) replaceOrOverwrite(files, target, back);
  else if (isTorn(now, change)) overwrite(files, target, now, change.before);
  else return false;
  return true;
}

/** A full disk has no room for a second file, but the file itself can be written over. */
function replaceOrOverwrite(files: FileSystem, target: Target, back: Pick<Prepared, 'temporary' | 'before' | 'after'>) {
  try {
    commit(files, prepare(files, target, back, true), true);
  } catch {
    overwrite(files, look(files, target.path), back.before, back.after);
  }
}

/** Whether the file has exactly these bytes. */
export function holds(files: FileSystem, path: string, bytes: Uint8Array): boolean {
  try {
    return sameBytes(readFile(files, path), bytes);
  } catch {
    return false;
  }
}

/** New bytes up to a point, old ones behind it: what a write in place leaves when it is cut off. */
function isTorn(now: Uint8Array, { before, after }: Pick<Change, 'before' | 'after'>): boolean {
  let at = 0;
  while (at < now.length && now[at] === after[at]) at++;
  return sameBytes(now.subarray(at), before.subarray(at));
}
