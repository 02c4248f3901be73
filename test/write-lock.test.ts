import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { nodeFileSystem } from '../fixers/filesystem.js';
import { acquire, isLock, type Lock, removeStaleWaiters } from '../fixers/lock.js';
import { abort, writeFiles } from '../fixers/write.js';
import { change, scratch, self, wrapped } from './helpers/writer.js';

const DEAD = 2 ** 22 + 1;

async function held(stateDir: string, root: string, who = self): Promise<Lock> {
  const lock = await acquire(nodeFileSystem, stateDir, root, who, { wait: 0 });
  if (!isLock(lock)) throw new Error('the lock is held');
  return lock;
}

test('a second writer waits, and then says who holds the lock', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const lock = await held(tree.stateDir, tree.root);
  const start = Date.now();
  const result = await writeFiles([change(path, '1', '2')], { ...tree.options, lockWait: 150 });
  t.true(Date.now() - start >= 150);
  t.regex(result.refused[0]!.message, new RegExp(`^process ${self.pid} on \`.*\` is writing below \`${tree.root}\``));
  t.is(tree.text('a'), '1');
  setTimeout(() => lock.release(), 100);
  t.is((await writeFiles([change(path, '1', '2')], tree.options)).written.length, 1);
  t.deepEqual(
    readdirSync(tree.stateDir).filter(name => name.startsWith('lock')),
    [],
  );
});

test('another root has another lock', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const lock = await held(tree.stateDir, '/elsewhere');
  t.is((await writeFiles([change(path, '1', '2')], { ...tree.options, lockWait: 0 })).written.length, 1);
  lock.release();
});

test('the lock of a process that died is taken over; that of another host is not', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  await held(tree.stateDir, tree.root, { ...self, pid: DEAD });
  t.is((await writeFiles([change(path, '1', '2')], { ...tree.options, lockWait: 0 })).written.length, 1);
  await held(tree.stateDir, tree.root, { ...self, pid: DEAD, host: 'other/host' });
  const result = await writeFiles([change(path, '2', '3')], { ...tree.options, lockWait: 0 });
  t.regex(result.refused[0]!.message, /^process \d+ on `other_host` is writing.*remove `.*lock-/);
});

test('of many that find a dead lock exactly one gets it', async t => {
  const tree = scratch(t);
  for (let round = 0; round < 20; round++) {
    const dead = await held(tree.stateDir, tree.root, { ...self, pid: DEAD });
    const all = await Promise.all(
      Array.from({ length: 8 }, () => acquire(nodeFileSystem, tree.stateDir, tree.root, self, { wait: 0 })),
    );
    const locks = all.filter(isLock);
    t.is(locks.length, 1);
    dead.release();
    t.false(
      isLock(await acquire(nodeFileSystem, tree.stateDir, tree.root, self, { wait: 0 })),
      'a dead owner frees its own only',
    );
    locks[0]!.release();
  }
});

test('what a waiting process that died has left is removed', async t => {
  const tree = scratch(t);
  const lock = await held(tree.stateDir, tree.root, { ...self, pid: DEAD });
  const owner = readdirSync(lock.path)[0]!;
  renameSync(lock.path, `${lock.path}.${owner}`);
  mkdirSync(join(tree.stateDir, 'other'));
  writeFileSync(join(tree.stateDir, 'other', 'x'), '');
  removeStaleWaiters(nodeFileSystem, tree.stateDir, self);
  t.deepEqual(readdirSync(tree.stateDir), ['other']);
});

test.serial('abort takes back what is under way, at any point where it can be called', async t => {
  for (let at = 0; ; at++) {
    const tree = scratch(t);
    const paths = ['a', 'b', 'c'].map(name => tree.put(name, '1'));
    let left = at;
    let stopped = false;
    const fileSystem = wrapped((_, __, call) => {
      if (left-- === 0) {
        // Steps are synchronous: a handler runs in the next turn.
        setImmediate(() => {
          stopped = true;
          t.deepEqual(abort(), []);
        });
      }
      return call();
    });
    const result = await writeFiles(
      paths.map(path => change(path, '1', '2')),
      { ...tree.options, fileSystem },
    );
    await new Promise(resolve => setImmediate(resolve));
    const now = ['a', 'b', 'c'].map(tree.text).join('');
    t.is(now, result.written.length > 0 ? '222' : '111', `${at}: ${JSON.stringify(result)}`);
    t.deepEqual(tree.strangers('a', 'b', 'c'), []);
    if (!stopped) break;
    t.deepEqual(
      readdirSync(tree.stateDir).filter(name => name.startsWith('lock')),
      [],
    );
  }
});

test.serial('abort while a check runs', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const verify = async () => {
    abort();
    return undefined;
  };
  const result = await writeFiles([change(path, '1', '2')], { ...tree.options, verify });
  t.is(result.rolledBack, 'interrupted');
  t.deepEqual(result.written, []);
  t.is(tree.text('a'), '1');
});

test.serial('abort while waiting for the lock leaves nothing in the queue', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const lock = await held(tree.stateDir, tree.root);
  setTimeout(abort, 80);
  const result = await writeFiles([change(path, '1', '2')], { ...tree.options, lockWait: 2000 });
  t.is(result.written.length, 0);
  t.is(readdirSync(tree.stateDir).length, 1);
  lock.release();
});

test('an outside edit at any moment is never lost', async t => {
  for (let at = 0; ; at++) {
    const tree = scratch(t);
    const path = tree.put('a', 'old');
    let left = at;
    let edited = false;
    const fileSystem = wrapped((_, __, call) => {
      if (left-- === 0) {
        edited = true;
        tree.put('a', 'THEIRS');
      }
      return call();
    });
    const result = await writeFiles([change(path, 'old', 'new')], { ...tree.options, fileSystem });
    if (!edited) {
      t.true(at > 50);
      break;
    }
    t.is(tree.text('a'), 'THEIRS', `call ${at}: ${JSON.stringify(result)}`);
    if (result.written.length === 0) t.regex(result.refused[0]!.message, /changed since/);
    t.deepEqual(tree.strangers('a'), [], `call ${at}`);
  }
});

test('an outside edit that keeps size and times is seen by its bytes', async t => {
  const tree = scratch(t);
  const path = tree.put('a', 'old');
  let looked = 0;
  const fileSystem = wrapped((name, args, call) => {
    if (name === 'rename' && args[1] === path) looked++;
    return call();
  });
  const result = await writeFiles([change(path, 'OLD', 'new')], { ...tree.options, fileSystem });
  t.regex(result.refused[0]!.message, /changed since/);
  t.is(looked, 0);
});
