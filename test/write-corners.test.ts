/** What the writer meets once in a thousand runs: each is made to happen. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  codeOf,
  nodeFileSystem,
  openForReading,
  openForWriting,
  temporaryName,
  temporaryOwner,
  writeNewFile,
} from '../fixers/filesystem.js';
import { newId, removeUnbegun } from '../fixers/journal.js';
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

test('what is written over is on the disk before it is closed', async t => {
  const tree = scratch(t, { inPlace: true });
  const path = tree.put('a', '1');
  linkSync(path, tree.path('b'));
  const calls: string[] = [];
  let file: unknown;
  const fileSystem = wrapped((name, args, call) => {
    const result = call();
    if (name === 'open' && args[0] === path) file = result;
    if (args[0] === file && /^(?:write|ftruncate|fsync|close)$/.test(name)) calls.push(name);
    if (args[0] === file && name === 'close') file = undefined;
    return result;
  });
  const { written } = await writeFiles([change(path, '1', '2')], { ...tree.options, fileSystem });
  t.deepEqual(written, [path]);
  t.deepEqual(calls.slice(-4), ['write', 'ftruncate', 'fsync', 'close']);
});

test('a file that somebody has replaced by one like it is left to them', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const renamed: unknown[] = [];
  let replaced = false;
  const fileSystem = wrapped((name, args, call) => {
    // The new text is complete when it gets its mode: what follows is the exchange.
    if (name === 'fchmod') {
      writeFileSync(tree.path('theirs'), '1');
      renameSync(tree.path('theirs'), path);
      replaced = true;
    }
    if (name === 'rename' && args[1] === path) renamed.push(args[0]);
    return call();
  });
  const { refused } = await writeFiles([change(path, '1', '2')], { ...tree.options, fileSystem });
  t.true(replaced);
  t.regex(refused[0]!.message, /has changed since it was read/);
  t.deepEqual(renamed, []);
  t.is(tree.text('a'), '1');
  t.deepEqual(tree.strangers('a'), []);
});

test('no link is followed where it was resolved, and no pipe waited for', t => {
  const tree = scratch(t);
  tree.put('a', '1');
  symlinkSync('a', tree.path('link'));
  for (const open of [openForReading, openForWriting]) {
    const error = t.throws(() => open(nodeFileSystem, tree.path('link')));
    t.is(codeOf(error), 'ELOOP');
  }
  execFileSync('mkfifo', [tree.path('pipe')]);
  const fd = openForReading(nodeFileSystem, tree.path('pipe'));
  t.false(nodeFileSystem.fstat(fd).isFile());
  nodeFileSystem.close(fd);
});

test('a new file that can’t be written is not left', t => {
  const tree = scratch(t);
  const fileSystem = wrapped((name, _, call) => {
    if (name === 'write') throw fault('ENOSPC');
    return call();
  });
  t.is(codeOf(t.throws(() => writeNewFile(fileSystem, tree.path('a'), Buffer.from('1')))), 'ENOSPC');
  t.deepEqual(tree.strangers(), []);
});

test('names of temporary files say whose they are, other names nobody’s', t => {
  t.is(temporaryOwner(temporaryName('a.conf', 17, 'x')), 17);
  t.is(temporaryOwner('.a.17.x.tlslint-tmp'), 17);
  for (const name of [
    'a.17.x.tlslint-tmp',
    '.17.x.tlslint-tmp',
    '.a.0.x.tlslint-tmp',
    '.a.-1.x.tlslint-tmp',
    '.a.b.x.tlslint-tmp',
    '.a.1e99.x.tlslint-tmp',
    '.a.17.x',
  ]) {
    t.is(temporaryOwner(name), undefined, name);
  }
});

test('what was left before anything was registered goes after a minute', t => {
  const tree = scratch(t);
  const id = newId('x');
  mkdirSync(join(tree.stateDir, id), { recursive: true });
  const old = `${new Date(Date.now() - 61_000).toISOString().replace(/[-:.]/g, '')}-x`;
  mkdirSync(join(tree.stateDir, old));
  removeUnbegun(nodeFileSystem, tree.stateDir);
  t.deepEqual(readdirSync(tree.stateDir), [id]);
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
