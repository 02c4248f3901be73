/** One transaction: look at all files, register, make all temporary files, rename them, verify - or take all back. */
import { setImmediate as turn } from 'node:timers/promises';
import { explain, type FileSystem, quietly, sameBytes, temporaryName } from './filesystem.js';
import * as journals from './journal.js';
import { restoreAll } from './recovery.js';
import { commit, holds, inspect, type Prepared, prepare, Refusal, syncDirectories, type Target } from './replace.js';
import type { FileChange, WriteOptions, WriteResult } from './write.js';

export interface Transaction {
  /** Takes all back without waiting for anything; returns what could not be restored. */
  abort(): string[];
}

interface TransactionOptions extends WriteOptions {
  readonly undoes?: string;
  readonly onBegin: (transaction: Transaction) => void;
}

/** A file of the transaction; several given paths may be links to it. */
interface Item {
  readonly target: Target;
  readonly paths: string[];
  readonly temporary: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Where a running transaction stands, for taking it back from anywhere. */
interface Running extends Transaction {
  readonly journal: journals.Journal;
  /** Complete temporary files that wait for their rename. */
  readonly waiting: Map<Prepared, Item>;
  readonly committed: Item[];
  /** Nothing more may be changed. */
  closed: boolean;
}

type Outcome = Omit<WriteResult, 'recovered'>;
type Refused = { path: string; message: string };

/** Throws a refusal where nothing could be begun. */
export async function transact(
  files: FileSystem,
  changes: readonly FileChange[],
  options: TransactionOptions,
): Promise<Outcome> {
  const refused: Refused[] = [];
  const items = look(files, changes, options, refused);
  if (items.length === 0 || stops(refused, options)) return { written: [], refused };
  const running = begin(files, items, options);
  options.onBegin(running);
  for (const item of items) {
    await turn();
    if (running.closed) return interrupted(refused);
    attempt(item, refused, () => {
      running.waiting.set(prepare(files, item.target, item, options.inPlace === true), item);
    });
    if (stops(refused, options)) return takenBack(files, running, options, refused);
  }
  for (const [prepared, item] of [...running.waiting]) {
    await turn();
    if (running.closed) return interrupted(refused);
    attempt(item, refused, () => commitOne(files, running, prepared, options));
    if (stops(refused, options)) return takenBack(files, running, options, refused, refused.at(-1)!.message);
  }
  return finish(files, running, options, refused);
}

/** Looks at each file once, by whatever links it is given. */
function look(
  files: FileSystem,
  changes: readonly FileChange[],
  options: TransactionOptions,
  refused: Refused[],
): Item[] {
  const items = new Map<string, Item>();
  for (const { path, before, after } of changes) {
    attempt({ paths: [path] }, refused, () => {
      const target = inspect(files, path, before);
      const known = items.get(target.path);
      if (known && !sameBytes(known.after, after)) throw new Refusal('it is given twice with different new text');
      if (known) known.paths.push(path);
      else items.set(target.path, { target, paths: [path], temporary: nameFor(target, options), before, after });
    });
  }
  return [...items.values()];
}

function nameFor(target: Target, { self }: TransactionOptions): string {
  return temporaryName(target.path, self.pid, self.random());
}

function stops(refused: readonly Refused[], options: TransactionOptions): boolean {
  return refused.length > 0 && options.partial !== true;
}

/** Runs a step of one file; a fault refuses it by all its names. */
function attempt(item: Pick<Item, 'paths'>, refused: Refused[], step: () => void): void {
  try {
    step();
  } catch (error) {
    for (const path of item.paths) refused.push({ path, message: explain(error) });
  }
}

function begin(files: FileSystem, items: readonly Item[], options: TransactionOptions): Running {
  const { stateDir, root, self, undoes } = options;
  const rows = items.map(({ target, temporary, before, after }) => ({ path: target.path, temporary, before, after }));
  const head = { id: journals.newId(self.random()), root, pid: self.pid, host: self.host };
  const journal = journals.register(files, stateDir, { ...head, ...(undoes !== undefined && { undoes }), files: rows });
  const running: Running = {
    journal,
    waiting: new Map(),
    committed: [],
    closed: false,
    abort: () => takeBack(files, running, options),
  };
  return running;
}

function commitOne(files: FileSystem, running: Running, prepared: Prepared, options: TransactionOptions): void {
  const item = running.waiting.get(prepared)!;
  running.waiting.delete(prepared);
  try {
    commit(files, prepared, options.inPlace === true);
    running.committed.push(item);
  } catch (error) {
    // A fault behind the rename: then it has to be taken back like the others.
    if (holds(files, item.target.path, item.after)) running.committed.push(item);
    throw error;
  }
}

async function finish(
  files: FileSystem,
  running: Running,
  options: TransactionOptions,
  refused: Refused[],
): Promise<Outcome> {
  if (running.committed.length === 0) return takenBack(files, running, options, refused);
  const fault = makeDurable(files, running) ?? (await verified(options));
  if (running.closed) return interrupted(refused);
  if (fault !== undefined) return takenBack(files, running, options, refused, fault);
  try {
    journals.mark(files, options.stateDir, running.journal, 'done');
  } catch (error) {
    return takenBack(files, running, options, refused, `the journal can't be closed: ${explain(error)}`);
  }
  running.closed = true;
  return { id: running.journal.id, written: running.committed.flatMap(item => item.paths), refused };
}

function makeDurable(files: FileSystem, running: Running): string | undefined {
  try {
    syncDirectories(files, running.committed);
    return undefined;
  } catch (error) {
    return explain(error);
  }
}

async function verified(options: TransactionOptions): Promise<string | undefined> {
  try {
    return await options.verify?.();
  } catch (error) {
    return explain(error);
  }
}

/** Nothing stays written. `reason` is given where something had been. */
function takenBack(
  files: FileSystem,
  running: Running,
  options: TransactionOptions,
  refused: Refused[],
  reason?: string,
): Outcome {
  const hadWritten = running.committed.length > 0;
  const problems = takeBack(files, running, options);
  const all = [reason, ...problems].filter(text => text !== undefined).join('; ');
  return { written: [], refused, ...((hadWritten || problems.length > 0) && all !== '' && { rolledBack: all }) };
}

function takeBack(files: FileSystem, running: Running, options: TransactionOptions): string[] {
  if (running.closed) return [];
  running.closed = true;
  for (const { temporary } of running.waiting.keys()) quietly(() => files.unlink(temporary));
  running.waiting.clear();
  const { journal, committed } = running;
  if (committed.length === 0) {
    journals.remove(files, options.stateDir, journal.id);
    return [];
  }
  const changes = committed.map(({ target, ...item }) => ({ ...item, path: target.path }));
  const { problems, retry } = restoreAll(files, changes.reverse());
  if (!retry) quietly(() => journals.mark(files, options.stateDir, journal, 'rolled-back'));
  return problems;
}

function interrupted(refused: Refused[]): Outcome {
  return { written: [], refused, rolledBack: 'interrupted' };
}
