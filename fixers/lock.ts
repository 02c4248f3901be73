/**
 * One writer at a time below a root. The lock is a directory that holds one file named after its owner: it is taken
 * by renaming a directory that already has that file onto the free (or empty) place, and an owner that died is thrown
 * out by removing exactly its file, so neither step can hit somebody else's lock.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, createFile, type FileSystem, quietly, sha256 } from './filesystem.js';

/** Who writes; given by the command, since the writer itself looks at no process. */
export interface Self {
  readonly pid: number;
  readonly host: string;
  /** Whether a process of this host lives. */
  isAlive(pid: number): boolean;
  /** New at each call, letters and digits. */
  random(): string;
}

export interface Lock {
  readonly path: string;
  release(): void;
}

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** The lock's directory: what to remove where its owner can't be asked. */
  readonly path: string;
}

export interface LockOptions {
  /** Milliseconds; 0 tries once. */
  readonly wait: number;
  /** Called with a function that takes back what is on the disk while waiting. */
  readonly onPending?: (undo: () => void) => void;
}

const RETRY = 50;

/** The lock, or who holds it after the wait. Throws what the system calls throw. */
export async function acquire(
  files: FileSystem,
  stateDir: string,
  root: string,
  self: Self,
  options: LockOptions,
): Promise<Lock | Holder> {
  const path = join(stateDir, `lock-${sha256(new TextEncoder().encode(root)).slice(0, 16)}`);
  const owner = `${self.pid}@${self.host.replaceAll('/', '_')}@${self.random()}`;
  const mine = `${path}.${owner}`;
  files.mkdir(mine, 0o700);
  options.onPending?.(() => discard(files, mine, owner));
  try {
    files.close(createFile(files, join(mine, owner)));
    for (const end = Date.now() + options.wait; ; ) {
      if (take(files, mine, path)) return { path, release: () => discard(files, path, owner) };
      const holder = holderOf(files, path, self);
      if (holder && Date.now() >= end) {
        discard(files, mine, owner);
        return holder;
      }
      if (holder) await sleep(RETRY);
    }
  } catch (error) {
    discard(files, mine, owner);
    throw error;
  }
}

export function isLock(result: Lock | Holder): result is Lock {
  return 'release' in result;
}

/** Removes what writers that died while they waited have left. */
export function removeStaleWaiters(files: FileSystem, stateDir: string, self: Self): void {
  for (const name of files.readdir(stateDir)) {
    const match = /^lock-[0-9a-f]{16}\.(.+)$/.exec(name);
    const owner = match && parseOwner(match[1]!);
    if (owner && owner.host === self.host && !self.isAlive(owner.pid)) discard(files, join(stateDir, name), match[1]!);
  }
}

function take(files: FileSystem, mine: string, path: string): boolean {
  try {
    files.rename(mine, path);
    return true;
  } catch (error) {
    if (HELD.has(codeOf(error))) return false;
    throw error;
  }
}

/** Who holds the lock; `undefined` where it is free by now, be it that its owner died. */
function holderOf(files: FileSystem, path: string, self: Self): Holder | undefined {
  let holder: Holder | undefined;
  for (const name of namesIn(files, path)) {
    const owner = parseOwner(name);
    if (owner && owner.host === self.host && !self.isAlive(owner.pid)) quietly(() => files.unlink(join(path, name)));
    else holder ??= { pid: owner?.pid ?? 0, host: owner?.host ?? '', path };
  }
  return holder;
}

function namesIn(files: FileSystem, path: string): string[] {
  try {
    return files.readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function parseOwner(name: string): { pid: number; host: string } | undefined {
  const match = /^(\d{1,10})@(.*)@[0-9a-z]+$/.exec(name);
  return match ? { pid: Number(match[1]), host: match[2]! } : undefined;
}

function discard(files: FileSystem, directory: string, owner: string): void {
  quietly(() => files.unlink(join(directory, owner)));
  quietly(() => files.rmdir(directory));
}

const HELD: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST']);
