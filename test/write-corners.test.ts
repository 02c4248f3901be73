/** What the writer meets once in a thousand runs: each is made to happen. */
import { cpSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { nodeFileSystem, temporaryName } from '../fixers/filesystem.js';
import { acquire, isLock } from '../fixers/lock.js';
import { transact } from '../fixers/transaction.js';
import { undo, writeFiles } from '../fixers/write.js';
import { change, fault, quick, scratch, self, unfinished, wrapped } from './helpers/writer.js';

test('where nothing was ever written there is nothing to undo', async t => {
  const tree = scratch(t);
  const result = await undo(tree.options);
  t.regex(result.refused[0]!.message, /nothing to undo/);
  t.false(readdirSync(tree.root).length > 0);
});

test('whatever is thrown is told, with a code that is none and without one', async t => {
  for (const [thrown, told] of [
    ['words', 'words'],
    [Object.assign(new Error('a number for a code'), { code: 5 }), 'a number for a code'],
  ] as const) {
    const tree = scratch(t);
    const path = tree.put('a', '1');
    const fileSystem = wrapped((name, _, call) => {
      if (name === 'rename') throw thrown;
      return call();
    });
    const result = await writeFiles([change(path, '1', '2')], { ...tree.options, fileSystem });
    t.regex(result.refused[0]!.message, new RegExp(told));
    t.is(tree.text('a'), '1');
  }
});

test('a journal with rows that are none is not undone', async t => {
  for (const files of [[null], ['a'], [{ path: 'a' }], [{ path: 'a', temporary: 'b', before: {}, after: null }], {}]) {
    const tree = scratch(t, { fileSystem: quick });
    const path = tree.put('a', '1');
    const { id } = await writeFiles([change(path, '1', '2')], tree.options);
    const file = join(tree.stateDir, id!, 'journal.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), files }));
    t.regex((await undo(tree.options)).refused[0]!.message, /nothing to undo/);
    t.is(tree.text('a'), '2');
  }
});

test('a lock with a file of nobody is held by another process', async t => {
  const tree = scratch(t, { lockWait: 0, fileSystem: quick });
  const path = tree.put('a', '1');
  const lock = await acquire(nodeFileSystem, tree.stateDir, tree.root, self, { wait: 0 });
  if (!isLock(lock)) return t.fail();
  lock.release();
  mkdirSync(lock.path);
  writeFileSync(join(lock.path, 'stranger'), '');
  const { refused } = await writeFiles([change(path, '1', '2')], tree.options);
  t.regex(refused[0]!.message, /^another process is writing below .*; if it is not, remove `/);
  t.is(tree.text('a'), '1');
});

test('a lock that is let go while it is looked at is taken', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  let first = true;
  const fileSystem = wrapped((name, _, call) => {
    if (name !== 'rename' || !first) return call();
    first = false;
    throw fault('ENOTEMPTY');
  });
  const { written } = await writeFiles([change(path, '1', '2')], { ...tree.options, fileSystem });
  t.deepEqual(written, [path]);
  t.false(first);
});

test('a state directory that can’t be looked at is not used, and its lock is free again', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const fileSystem = wrapped((name, [looked], call) => {
    if (name === 'lstat' && looked === tree.stateDir) throw fault('EIO');
    return call();
  });
  const { refused } = await writeFiles([change(path, '1', '2')], { ...tree.options, fileSystem });
  t.regex(refused[0]!.message, /state directory .* can't be used: input\/output error/);
  t.deepEqual(readdirSync(tree.stateDir), []);
});

test.serial('a temporary file with this process’s number is of one before it, and goes', async t => {
  const tree = scratch(t, { fileSystem: quick });
  const path = tree.put('a', '1');
  writeFileSync(temporaryName(path, self.pid, 'old'), 'half');
  t.is((await writeFiles([change(path, '1', '2')], tree.options)).written.length, 1);
  t.deepEqual(tree.strangers('a'), []);
});

test('what was cut off and then changed by somebody else is left, and told', async t => {
  const tree = scratch(t, { fileSystem: quick });
  const path = tree.put('a', '1');
  const copy = `${tree.stateDir}-copy`;
  const verify = async () => {
    cpSync(tree.stateDir, copy, { recursive: true });
    return undefined;
  };
  await writeFiles([change(path, '1', '2')], { ...tree.options, verify });
  tree.put('a', 'theirs');
  const dead = { ...self, isAlive: () => false };
  const result = await writeFiles([], { ...tree.options, stateDir: copy, self: dead });
  t.regex(result.recovered[0]!, /was changed by somebody else and is left as it is/);
  t.is(tree.text('a'), 'theirs');
});

test('a file that changes before it is written over is left', async t => {
  const tree = scratch(t, { inPlace: true });
  const path = tree.put('a', '1');
  linkSync(path, tree.path('b'));
  let opened = 0;
  const fileSystem = wrapped((name, [file], call) => {
    // The second look is the one before writing.
    if (name === 'open' && file === path && ++opened === 2) writeFileSync(path, 'theirs');
    return call();
  });
  const { refused, written } = await writeFiles([change(path, '1', '2')], { ...tree.options, fileSystem });
  t.deepEqual(written, []);
  t.regex(refused[0]!.message, /has changed since it was read/);
  t.is(tree.text('a'), 'theirs');
});

test('a file that reads back differently is given its old bytes again', async t => {
  const tree = scratch(t, { inPlace: true });
  const path = tree.put('a', '1');
  linkSync(path, tree.path('b'));
  let cut = false;
  const fileSystem = wrapped((name, [, buffer], call) => {
    const result = call();
    if (name === 'ftruncate' && !cut) cut = true;
    else if (name === 'read' && cut && result === 1) {
      (buffer as Uint8Array)[0] = 0x78;
      cut = false;
    }
    return result;
  });
  const { refused, written } = await writeFiles([change(path, '1', '2')], { ...tree.options, fileSystem });
  t.deepEqual(written, []);
  t.regex(refused[0]!.message, /it reads back differently/);
  t.is(tree.text('a'), '1');
});

test('where each of several files is refused nothing is begun, also when a part would do', async t => {
  const tree = scratch(t, { partial: true, fileSystem: quick });
  const paths = ['a', 'b'].map(name => tree.put(name, '1'));
  for (const path of paths) linkSync(path, `${path}.link`);
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    tree.options,
  );
  t.like(result, { written: [], id: undefined, rolledBack: undefined });
  t.is(result.refused.length, 2);
  t.deepEqual(unfinished(tree.stateDir), []);
});

test('a transaction that is taken back twice is taken back once', async t => {
  const tree = scratch(t, { fileSystem: quick });
  const path = tree.put('a', '1');
  mkdirSync(tree.stateDir, { recursive: true });
  let stop: () => string[] = () => t.fail();
  const verify = async () => {
    t.is(tree.text('a'), '2');
    t.deepEqual(stop(), []);
    tree.put('a', 'theirs');
    t.deepEqual(stop(), []);
    return undefined;
  };
  const onBegin = (transaction: { abort(): string[] }) => {
    stop = transaction.abort;
  };
  const result = await transact(quick, [change(path, '1', '2')], { ...tree.options, verify, onBegin });
  t.is(result.rolledBack, 'interrupted');
  t.is(tree.text('a'), 'theirs');
});
