/** Puts in order what a run that was killed has left. Runs under the lock of its root. */
import { dirname, join } from 'node:path';
import { explain, type FileSystem, quietly, syncDirectory, temporaryOwner } from './filesystem.js';
import * as journals from './journal.js';
import { acquire, isLock, type Self } from './lock.js';
import { type Change, restore } from './replace.js';

/** Restores the files of transactions that were cut off; returns what was done, one sentence each. */
export async function recover(files: FileSystem, stateDir: string, root: string, self: Self): Promise<string[]> {
  journals.removeUnbegun(files, stateDir);
  const told: string[] = [];
  for (const journal of journals.list(files, stateDir, 'open')) {
    // Below our root nobody else writes now; below another only if its lock is free.
    if (journal.root === root) told.push(...takeBack(files, stateDir, journal));
    else told.push(...(await takeBackElsewhere(files, stateDir, journal, self)));
  }
  return told;
}

/** Removes temporary files of processes that are gone (and of our own number, which is ours no more or again). */
export function removeStaleTemporaries(files: FileSystem, directory: string, self: Self, sparesOwn: boolean): void {
  for (const name of files.readdir(directory)) {
    const pid = temporaryOwner(name);
    if (pid === undefined || (pid === self.pid ? sparesOwn : self.isAlive(pid))) continue;
    quietly(() => files.unlink(join(directory, name)));
  }
}

/** Brings back the old bytes; what could not be brought back is told. */
export function restoreAll(files: FileSystem, changes: readonly Change[]): { problems: string[]; retry: boolean } {
  const problems: string[] = [];
  let retry = false;
  for (const change of changes) {
    try {
      if (!restore(files, change))
        problems.push(`\`${change.path}\` was changed by somebody else and is left as it is`);
    } catch (error) {
      retry = true;
      problems.push(`\`${change.path}\` could not be restored: ${explain(error)}`);
    }
  }
  for (const directory of new Set(changes.map(change => dirname(change.path)))) {
    quietly(() => syncDirectory(files, directory));
  }
  return { problems, retry };
}

async function takeBackElsewhere(
  files: FileSystem,
  stateDir: string,
  journal: journals.Journal,
  self: Self,
): Promise<string[]> {
  if (journal.host !== self.host || journal.pid === self.pid || self.isAlive(journal.pid)) return [];
  const lock = await acquire(files, stateDir, journal.root, self, { wait: 0 });
  if (!isLock(lock)) return [];
  try {
    return takeBack(files, stateDir, journal);
  } finally {
    lock.release();
  }
}

function takeBack(files: FileSystem, stateDir: string, journal: journals.Journal): string[] {
  for (const file of journal.files) quietly(() => files.unlink(file.temporary));
  const contents = journals.contentsOf(files, stateDir, journal);
  if (!contents) {
    journals.mark(files, stateDir, journal, 'rolled-back');
    return [`the journal \`${journal.id}\` of an interrupted run is damaged; its files are left as they are`];
  }
  const { problems, retry } = restoreAll(files, contents);
  if (!retry) journals.mark(files, stateDir, journal, 'rolled-back');
  return problems.length > 0 ? problems : [`the interrupted run \`${journal.id}\` was taken back`];
}
