/** A scratch tree for the writer, and file systems that fail, stop or do less than asked. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type FileSystem, nodeFileSystem } from '../../fixers/filesystem.js';
import type { FileChange, Self, WriteOptions } from '../../fixers/write.js';

export const self: Self = {
  pid: process.pid,
  host: hostname(),
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'EPERM';
    }
  },
  random: () => randomBytes(6).toString('hex'),
};

export interface Scratch {
  readonly root: string;
  readonly stateDir: string;
  readonly options: WriteOptions;
  path(name: string): string;
  put(name: string, text: string): string;
  text(name: string): string;
  /** Names in the tree that are not among the given ones. */
  strangers(...known: string[]): string[];
}

export function scratch(t: ExecutionContext, options: Partial<WriteOptions> = {}): Scratch {
  const base = mkdtempSync(join(tmpdir(), 'fixers-write-'));
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  chmodSync(base, 0o755);
  return scratchIn(base, options);
}

export function scratchIn(base: string, options: Partial<WriteOptions> = {}): Scratch {
  const root = join(base, 'root');
  const stateDir = join(base, 'state');
  mkdirSync(root, { recursive: true });
  return {
    root,
    stateDir,
    options: { stateDir, root, self, ...options },
    path: name => join(root, name),
    put(name, text) {
      writeFileSync(join(root, name), text);
      return join(root, name);
    },
    text: name => readFileSync(join(root, name), 'utf8'),
    strangers: (...known) => readdirSync(root).filter(name => !known.includes(name)),
  };
}

export function change(path: string, before: string, after: string): FileChange {
  return { path, before: Buffer.from(before), after: Buffer.from(after) };
}

/** What is in the state directory apart from closed journals. */
export function unfinished(stateDir: string): string[] {
  if (!existsSync(stateDir)) return [];
  return readdirSync(stateDir).filter(name => {
    const inside = readdirSync(join(stateDir, name));
    return !inside.some(file => ['done', 'rolled-back', 'undone'].includes(file));
  });
}

export type Call = keyof FileSystem;
export type Wrap = (name: Call, args: readonly unknown[], call: () => unknown) => unknown;

/** Each call goes through `wrap`. Attributes are not copied, which would start a program each time; nothing is synced. */
export function wrapped(wrap: Wrap): FileSystem {
  const base: FileSystem = {
    ...nodeFileSystem,
    copyAttributes: () => ({ state: 'kept' }),
    hasAttributes: () => false,
    fsync: () => undefined,
  };
  const table = Object.entries(base).map(([name, call]) => [
    name,
    (...args: unknown[]) => wrap(name as Call, args, () => (call as (...args: unknown[]) => unknown)(...args)),
  ]);
  return Object.fromEntries(table) as FileSystem;
}

/** For what is not looked at in a test. */
export const quick = wrapped((_, __, call) => call());

export function fault(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
