/**
 * What a transaction is about to change, on the disk before it changes anything (certbot's rule: register first).
 * One directory for each: `journal.json`, the old and the new bytes of all its files one after another, and an empty
 * file named after the state. A change of state is a rename: it takes no space, so it works on a full disk.
 */
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { codeOf, type FileSystem, quietly, readFile, sha256, syncDirectory, writeNewFile } from './filesystem.js';
import type { Change } from './replace.js';

/**
 * - `open`: files may have the old or the new bytes; the next run restores the old ones.
 * - `done`: all have the new bytes; `undo` restores the old ones.
 * - `rolled-back` and `undone`: the old bytes are back.
 */
export type JournalState = 'open' | 'done' | 'rolled-back' | 'undone';

export interface Journal {
  readonly version: 1;
  /** Sorts by time. */
  readonly id: string;
  readonly root: string;
  readonly pid: number;
  readonly host: string;
  readonly state: JournalState;
  /** The transaction that this one takes back. */
  readonly undoes?: string;
  readonly files: readonly JournalFile[];
}

export interface JournalFile {
  /** Real path of the file. */
  readonly path: string;
  /** The temporary file that may be left beside it. */
  readonly temporary: string;
  readonly before: Stretch;
  readonly after: Stretch;
}

/** A stretch of `before.bin` or `after.bin`. */
export interface Stretch {
  readonly start: number;
  readonly length: number;
  readonly sha256: string;
}

export interface Registration {
  readonly id: string;
  readonly root: string;
  readonly pid: number;
  readonly host: string;
  readonly undoes?: string;
  readonly files: readonly Change[];
}

/** Durable when it returns; nothing is left of it when it throws. */
export function register(files: FileSystem, stateDir: string, registration: Registration): Journal {
  const { files: contents, ...head } = registration;
  const before = pack(contents.map(file => file.before));
  const after = pack(contents.map(file => file.after));
  const rows = contents.map(({ path, temporary }, at) => ({
    path,
    temporary,
    before: before.stretches[at]!,
    after: after.stretches[at]!,
  }));
  const journal: Journal = { version: 1, ...head, state: 'open', files: rows };
  const directory = directoryOf(stateDir, head.id);
  files.mkdir(directory, 0o700);
  try {
    writeNewFile(files, join(directory, BEFORE), before.bytes);
    writeNewFile(files, join(directory, AFTER), after.bytes);
    writeNewFile(files, join(directory, JOURNAL), serialize(journal));
    writeNewFile(files, join(directory, journal.state), new Uint8Array());
    syncDirectory(files, directory);
    syncDirectory(files, stateDir);
    return journal;
  } catch (error) {
    remove(files, stateDir, head.id);
    throw error;
  }
}

/** Changes the state in one step. */
export function mark(files: FileSystem, stateDir: string, journal: Journal, state: JournalState): void {
  const directory = directoryOf(stateDir, journal.id);
  files.rename(join(directory, journal.state), join(directory, state));
  syncDirectory(files, directory);
}

/** Those in a state, oldest first. */
export function list(files: FileSystem, stateDir: string, state: JournalState): Journal[] {
  const journals: Journal[] = [];
  for (const id of ids(files, stateDir)) {
    if (stateOf(files, stateDir, id) !== state) continue;
    const journal = load(files, stateDir, id);
    if (journal) journals.push(journal);
  }
  return journals;
}

/** `undefined` where there is none, or none that can be understood. */
export function load(files: FileSystem, stateDir: string, id: string): Journal | undefined {
  const state = ID.test(id) ? stateOf(files, stateDir, id) : undefined;
  if (!state) return undefined;
  try {
    const value: unknown = JSON.parse(
      Buffer.from(readFile(files, join(directoryOf(stateDir, id), JOURNAL))).toString(),
    );
    return isJournal(value) && value.id === id ? { ...value, state } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || ABSENT.has(codeOf(error))) return undefined;
    throw error;
  }
}

/** The old and new bytes; `undefined` where they are damaged. */
export function contentsOf(files: FileSystem, stateDir: string, journal: Journal): Change[] | undefined {
  const before = readPart(files, stateDir, journal, BEFORE);
  const after = readPart(files, stateDir, journal, AFTER);
  if (!before || !after) return undefined;
  const contents = journal.files.map(({ path, temporary, ...row }) => ({
    path,
    temporary,
    before: cut(before, row.before),
    after: cut(after, row.after),
  }));
  const intact = journal.files.every(
    (row, at) => sha256(contents[at]!.before) === row.before.sha256 && sha256(contents[at]!.after) === row.after.sha256,
  );
  return intact ? contents : undefined;
}

/** Removes what was left before anything was registered; one that is a minute old is being made by nobody. */
export function removeUnbegun(files: FileSystem, stateDir: string): void {
  const limit = stamp(Date.now() - 60_000);
  for (const id of ids(files, stateDir)) {
    if (id < limit && !stateOf(files, stateDir, id)) remove(files, stateDir, id);
  }
}

/** Keeps the newest that are closed. */
export function prune(files: FileSystem, stateDir: string, keep: number): void {
  const closed = ids(files, stateDir).filter(id => (stateOf(files, stateDir, id) ?? 'open') !== 'open');
  for (const id of closed.slice(0, Math.max(0, closed.length - keep))) remove(files, stateDir, id);
}

export function remove(files: FileSystem, stateDir: string, id: string): void {
  const directory = directoryOf(stateDir, id);
  // The state goes first: without it the rest is known to be left over.
  for (const name of [...STATES, JOURNAL, BEFORE, AFTER]) quietly(() => files.unlink(join(directory, name)));
  quietly(() => files.rmdir(directory));
}

/** Sorts by time; `random` keeps two of one millisecond apart. */
export function newId(random: string): string {
  return `${stamp(Date.now())}-${random}`;
}

function stamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:.]/g, '');
}

const STATES: readonly JournalState[] = ['open', 'done', 'rolled-back', 'undone'];
const BEFORE = 'before.bin';
const AFTER = 'after.bin';
const JOURNAL = 'journal.json';
const ID = /^\d{8}T\d{9}Z-[0-9a-z]{1,32}$/;
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function directoryOf(stateDir: string, id: string): string {
  return join(stateDir, id);
}

function readPart(files: FileSystem, stateDir: string, journal: Journal, name: string): Uint8Array | undefined {
  try {
    return readFile(files, join(directoryOf(stateDir, journal.id), name));
  } catch (error) {
    if (ABSENT.has(codeOf(error))) return undefined;
    throw error;
  }
}

/** Oldest first. */
function ids(files: FileSystem, stateDir: string): string[] {
  return names(files, stateDir)
    .filter(name => ID.test(name))
    .sort();
}

/** `undefined` where nothing was begun. */
function stateOf(files: FileSystem, stateDir: string, id: string): JournalState | undefined {
  const inside = names(files, directoryOf(stateDir, id));
  return STATES.find(state => inside.includes(state));
}

function names(files: FileSystem, directory: string): string[] {
  try {
    return files.readdir(directory);
  } catch (error) {
    if (ABSENT.has(codeOf(error))) return [];
    throw error;
  }
}

function pack(parts: readonly Uint8Array[]): { bytes: Uint8Array; stretches: Stretch[] } {
  let start = 0;
  const stretches = parts.map(part => {
    const stretch = { start, length: part.length, sha256: sha256(part) };
    start += part.length;
    return stretch;
  });
  return { bytes: Buffer.concat(parts), stretches };
}

function cut(bytes: Uint8Array, stretch: Stretch): Uint8Array {
  return bytes.subarray(stretch.start, stretch.start + stretch.length);
}

function serialize({ state: _, ...journal }: Journal): Uint8Array {
  return Buffer.from(`${JSON.stringify(journal, undefined, 1)}\n`);
}

function isJournal(value: unknown): value is Journal {
  const row = value as Partial<Journal> | null;
  if (typeof row !== 'object' || row === null || row.version !== 1) return false;
  const texts = [row.id, row.root, row.host].every(text => typeof text === 'string');
  return texts && typeof row.pid === 'number' && Array.isArray(row.files) && row.files.every(isJournalFile);
}

function isJournalFile(value: unknown): boolean {
  const row = value as Partial<JournalFile> | null;
  if (typeof row !== 'object' || row === null) return false;
  return (
    typeof row.path === 'string' && typeof row.temporary === 'string' && isStretch(row.before) && isStretch(row.after)
  );
}

function isStretch(row: Partial<Stretch> | undefined): boolean {
  return typeof row?.start === 'number' && typeof row.length === 'number' && typeof row.sha256 === 'string';
}
