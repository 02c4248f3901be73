/**
 * Writes several files as one transaction: all have the new bytes in the end, or all the old ones. What is about to
 * change is registered first, so an interrupted run is taken back by the next one and a finished one by `undo`.
 * No signal is handled here: the command's handlers call `abort`.
 */
import { dirname, join } from 'node:path';
import { explain, type FileSystem, nodeFileSystem, quietly } from './filesystem.js';
import * as journals from './journal.js';
import { acquire, type Holder, isLock, type Lock, removeStaleWaiters, type Self } from './lock.js';
import { recover, removeStaleTemporaries } from './recovery.js';
import { holds, Refusal } from './replace.js';
import { type Transaction, transact } from './transaction.js';

export type { Self } from './lock.js';

export interface FileChange {
  readonly path: string;
  /** What was read: the file is written only while it still has these bytes. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface WriteOptions {
  /** Directory for journals and locks, made if it is not there; private to the user. */
  readonly stateDir: string;
  /** One writer at a time below this path. */
  readonly root: string;
  readonly self: Self;
  /** Write over a file where a rename would lose links, owner or attributes, or can't be done. */
  readonly inPlace?: boolean;
  /** Write those that can be written although others are refused. */
  readonly partial?: boolean;
  /** Runs after writing; anything but `undefined` is why all has to be taken back. */
  readonly verify?: () => Promise<string | undefined>;
  /** Milliseconds to wait for another writer; 5000 if not given. */
  readonly lockWait?: number;
  /** How many finished transactions stay for `undo`; 50 if not given. */
  readonly keep?: number;
  readonly fileSystem?: FileSystem;
}

export interface WriteResult {
  /** For `undo`; absent where nothing was written. */
  readonly id?: string;
  /** Paths as given. */
  readonly written: readonly string[];
  readonly refused: readonly { readonly path: string; readonly message: string }[];
  /** Why files that had been written have their old bytes again. */
  readonly rolledBack?: string;
  /** What was found of an earlier run that was interrupted, and what became of it. */
  readonly recovered: readonly string[];
}

/** Never throws for a file or a directory that can't be used: it is refused. */
export function writeFiles(changes: readonly FileChange[], options: WriteOptions): Promise<WriteResult> {
  return locked(changes, options, (files, recovered) => run(files, changes, options, recovered));
}

export interface UndoOptions extends WriteOptions {
  /** A transaction with a file that is not this one or below it is none of ours. */
  readonly below?: string;
}

/** Takes back a finished transaction, the last one if `id` is not given. All its files or none. */
export async function undo(options: UndoOptions, id?: string): Promise<WriteResult> {
  const files = options.fileSystem ?? nodeFileSystem;
  try {
    const journal = journalToUndo(files, options, id);
    const contents = journal && journals.contentsOf(files, options.stateDir, journal);
    if (!journal) return refuseAll([options.below ?? id ?? options.stateDir], nothing(files, options));
    if (!contents)
      return refuseAll(
        journal.files.map(file => file.path),
        `the journal \`${journal.id}\` is damaged`,
      );
    const back = contents
      .map(({ path, before, after }) => ({ path, before: after, after: before }))
      .filter(({ path, after }) => !holds(files, path, after));
    const settings = { ...options, root: journal.root, partial: false };
    const result = await locked(back, settings, (_, recovered) => run(files, back, settings, recovered, journal.id));
    if (result.refused.length === 0 && result.rolledBack === undefined) {
      // Without the mark it would be taken back once more, which then finds nothing to do.
      quietly(() => journals.mark(files, options.stateDir, journal, 'undone'));
    }
    return result;
  } catch (error) {
    return refuseAll([options.stateDir], explain(error));
  }
}

/**
 * Takes back whatever is under way, at once: for a signal handler, which exits afterwards. Returns what could not be
 * restored; the next run tries again.
 */
export function abort(): string[] {
  const problems = [...running].reverse().flatMap(stop => stop());
  running.clear();
  return problems;
}

/** What `abort` has to do, newest last. */
const running = new Set<() => string[]>();
const LOCK_WAIT = 5000;
const KEEP = 50;

function journalToUndo(
  files: FileSystem,
  { stateDir, below }: UndoOptions,
  id: string | undefined,
): journals.Journal | undefined {
  if (id !== undefined) {
    const journal = journals.load(files, stateDir, id);
    return journal?.state === 'done' ? journal : undefined;
  }
  const isBelow = (file: string) => below === undefined || file === below || file.startsWith(join(below, '/'));
  return finished(files, stateDir).findLast(journal => journal.files.every(({ path }) => isBelow(path)));
}

function finished(files: FileSystem, stateDir: string): journals.Journal[] {
  return journals.list(files, stateDir, 'done').filter(journal => journal.undoes === undefined);
}

function nothing(files: FileSystem, { stateDir, below }: UndoOptions): string {
  const last = below === undefined ? undefined : finished(files, stateDir).at(-1);
  return last === undefined
    ? 'there is nothing to undo'
    : `there is nothing to undo here; the last files that were written are below \`${last.root}\``;
}

type Step = (files: FileSystem, recovered: string[]) => Promise<WriteResult>;

/** Runs the step as the only writer below the root, after what earlier runs left is put in order. */
async function locked(changes: readonly FileChange[], options: WriteOptions, step: Step): Promise<WriteResult> {
  const files = options.fileSystem ?? nodeFileSystem;
  const paths = changes.map(change => change.path);
  let lock: Lock | Holder;
  try {
    lock = await takeLock(files, options);
  } catch (error) {
    return refuseAll(paths, `the state directory \`${options.stateDir}\` can't be used: ${explain(error)}`);
  }
  if (!isLock(lock)) return refuseAll(paths, heldBy(lock, options.root));
  const { release } = lock;
  const stop = () => {
    release();
    return [];
  };
  running.add(stop);
  let result: WriteResult;
  try {
    quietly(() => removeStaleWaiters(files, options.stateDir, options.self));
    const recovered = await recover(files, options.stateDir, options.root, options.self);
    result = await step(files, recovered);
  } catch (error) {
    result = refuseAll(paths, explain(error));
  } finally {
    running.delete(stop);
    release();
  }
  return result;
}

async function takeLock(files: FileSystem, options: WriteOptions): Promise<Lock | Holder> {
  let stop: (() => string[]) | undefined;
  const onPending = (discard: () => void) => {
    stop = () => {
      discard();
      return [];
    };
    running.add(stop);
  };
  let lock: Lock | Holder;
  try {
    const wait = options.lockWait ?? LOCK_WAIT;
    lock = await acquire(files, options.stateDir, options.root, options.self, { wait, onPending });
  } finally {
    if (stop) running.delete(stop);
  }
  const fault = isLock(lock) ? privacyFault(files, options.stateDir, lock.path) : undefined;
  if (!isLock(lock) || fault === undefined) return lock;
  lock.release();
  throw new Refusal(fault);
}

/** What a journal says is written back: nobody else may write one. `own` is a directory that we have made. */
function privacyFault(files: FileSystem, stateDir: string, own: string): string | undefined {
  try {
    const { uid, mode } = files.lstat(stateDir);
    if (uid === files.lstat(own).uid && (mode & 0o022n) === 0n) return undefined;
    return 'it belongs to, or can be written by, somebody else';
  } catch (error) {
    return explain(error);
  }
}

function heldBy(holder: Holder, root: string): string {
  const who = holder.pid > 0 ? `process ${holder.pid} on \`${holder.host}\`` : 'another process';
  return `${who} is writing below \`${root}\`; if it is not, remove \`${holder.path}\``;
}

function refuseAll(paths: readonly string[], message: string, recovered: readonly string[] = []): WriteResult {
  return { written: [], refused: paths.map(path => ({ path, message })), recovered };
}

async function run(
  files: FileSystem,
  changes: readonly FileChange[],
  options: WriteOptions,
  recovered: string[],
  undoes?: string,
): Promise<WriteResult> {
  const own = [...running].length;
  for (const directory of directoriesOf(files, changes)) {
    quietly(() => removeStaleTemporaries(files, directory, options.self, own > 1));
  }
  let stop: (() => string[]) | undefined;
  const onBegin = (transaction: Transaction) => {
    stop = () => transaction.abort();
    running.add(stop);
  };
  let result: WriteResult;
  try {
    const outcome = await transact(files, changes, { ...options, ...(undoes !== undefined && { undoes }), onBegin });
    result = { ...outcome, recovered };
  } catch (error) {
    const paths = changes.map(change => change.path);
    result = refuseAll(paths, explain(error), recovered);
  } finally {
    if (stop) running.delete(stop);
  }
  if (result.id !== undefined) quietly(() => journals.prune(files, options.stateDir, options.keep ?? KEEP));
  return result;
}

function directoriesOf(files: FileSystem, changes: readonly FileChange[]): Set<string> {
  const directories = new Set<string>();
  // What is not there is refused when it is looked at.
  for (const change of changes) quietly(() => directories.add(dirname(files.realpath(change.path))));
  return directories;
}
