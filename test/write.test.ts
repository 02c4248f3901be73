import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { undo, writeFiles } from '../fixers/write.js';
import { change, scratch, self, unfinished, wrapped } from './helpers/writer.js';

test('writes several files, leaves nothing beside them, and says how to take it back', async t => {
  const tree = scratch(t);
  const paths = [tree.put('a', 'old a'), tree.put('b', 'old b')];
  const result = await writeFiles([change(paths[0]!, 'old a', 'new a'), change(paths[1]!, 'old b', '')], tree.options);
  t.deepEqual({ ...result, id: '' }, { id: '', written: paths, refused: [], recovered: [] });
  t.is(tree.text('a'), 'new a');
  t.is(tree.text('b'), '');
  t.deepEqual(tree.strangers('a', 'b'), []);
  t.deepEqual(unfinished(tree.stateDir), []);
  t.is(statSync(tree.stateDir).mode & 0o777, 0o700);
});

test('bytes are written as they are', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '');
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  writeFileSync(path, bytes);
  const after = Uint8Array.from([...bytes].reverse());
  await writeFiles([{ path, before: bytes, after }], tree.options);
  t.deepEqual([...readFileSync(path)], [...after]);
});

test('undo brings the old bytes back, once', async t => {
  const tree = scratch(t);
  const path = tree.put('a', 'one');
  await writeFiles([change(path, 'one', 'two')], tree.options);
  await writeFiles([change(path, 'two', 'three')], tree.options);
  t.deepEqual((await undo(tree.options)).written, [path]);
  t.is(tree.text('a'), 'two');
  t.deepEqual((await undo(tree.options)).written, [path]);
  t.is(tree.text('a'), 'one');
  t.deepEqual((await undo(tree.options)).refused, [{ path: tree.stateDir, message: 'there is nothing to undo' }]);
});

test('undo of a transaction by its id, and undo of that', async t => {
  const tree = scratch(t);
  const path = tree.put('a', 'one');
  const { id } = await writeFiles([change(path, 'one', 'two')], tree.options);
  const back = await undo(tree.options, id);
  t.is(tree.text('a'), 'one');
  await undo(tree.options, back.id);
  t.is(tree.text('a'), 'two');
  t.is((await undo(tree.options, '../x')).refused.length, 1);
});

test('undo leaves a file that was changed since, and with it all others', async t => {
  const tree = scratch(t);
  const paths = [tree.put('a', '1'), tree.put('b', '1')];
  await writeFiles(
    paths.map(path => change(path, '1', '2')),
    tree.options,
  );
  tree.put('b', 'mine');
  const result = await undo(tree.options);
  t.deepEqual(result.refused, [{ path: paths[1]!, message: 'it has changed since it was read' }]);
  t.is(tree.text('a'), '2');
  t.is(tree.text('b'), 'mine');
  tree.put('b', '2');
  t.is((await undo(tree.options)).written.length, 2);
});

test('undo refuses a journal whose bytes are damaged', async t => {
  const tree = scratch(t);
  const path = tree.put('a', 'one');
  const { id } = await writeFiles([change(path, 'one', 'two')], tree.options);
  writeFileSync(join(tree.stateDir, id!, 'before.bin'), 'xxx');
  t.regex((await undo(tree.options)).refused[0]!.message, /is damaged/);
  t.is(tree.text('a'), 'two');
});

test('a file that has changed since it was read is not written, nor is any other', async t => {
  const tree = scratch(t);
  const paths = [tree.put('a', '1'), tree.put('b', 'other')];
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    tree.options,
  );
  t.deepEqual(result, {
    written: [],
    refused: [{ path: paths[1]!, message: 'it has changed since it was read' }],
    recovered: [],
  });
  t.is(tree.text('a'), '1');
});

test('with `partial` the others are written', async t => {
  const tree = scratch(t);
  const paths = [tree.put('a', '1'), tree.put('b', 'other')];
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    { ...tree.options, partial: true },
  );
  t.deepEqual(result.written, [paths[0]!]);
  t.is(result.refused.length, 1);
  t.is(tree.text('a'), '2');
  t.deepEqual((await undo(tree.options)).written, [paths[0]!]);
});

test('a symbolic link stays and its target is written once, by whatever links it is given', async t => {
  const tree = scratch(t);
  mkdirSync(tree.path('available'));
  const real = join(tree.root, 'available', 'site');
  writeFileSync(real, '1');
  symlinkSync('available/site', tree.path('enabled'));
  symlinkSync('enabled', tree.path('chain'));
  const paths = [tree.path('chain'), tree.path('enabled'), real];
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    tree.options,
  );
  t.deepEqual(result.written, paths);
  t.is(readFileSync(real, 'utf8'), '2');
  t.is(readlinkSync(tree.path('enabled')), 'available/site');
  t.true(lstatSync(tree.path('chain')).isSymbolicLink());
  t.deepEqual(readdirSync(tree.path('available')), ['site']);
});

test('two different new texts for one file are refused', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  symlinkSync('a', tree.path('b'));
  const result = await writeFiles([change(path, '1', '2'), change(tree.path('b'), '1', '3')], tree.options);
  t.deepEqual(result.refused, [{ path: tree.path('b'), message: 'it is given twice with different new text' }]);
  t.is(tree.text('a'), '1');
});

test('what is no regular file is refused at once', async t => {
  const tree = scratch(t);
  mkdirSync(tree.path('dir'));
  execFileSync('mkfifo', [tree.path('fifo')]);
  symlinkSync('nowhere', tree.path('dangling'));
  symlinkSync('loop', tree.path('loop'));
  const names = ['dir', 'fifo', 'dangling', 'loop', 'missing'];
  const paths = [...names.map(name => tree.path(name)), '/dev/null'];
  const result = await writeFiles(
    paths.map(path => change(path, '', 'x')),
    tree.options,
  );
  t.deepEqual(
    result.refused.map(one => one.message),
    [
      'it is not a regular file',
      'it is not a regular file',
      'no such file (`ENOENT`)',
      'it is a symbolic link, or too many of them (`ELOOP`)',
      'no such file (`ENOENT`)',
      'it is not a regular file',
    ],
  );
});

test('when the check afterwards fails all is taken back', async t => {
  const tree = scratch(t);
  const paths = [tree.put('a', '1'), tree.put('b', '1')];
  const seen: string[] = [];
  const verify = async () => {
    seen.push(tree.text('a') + tree.text('b'));
    return 'nginx: [emerg] no';
  };
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    { ...tree.options, verify },
  );
  t.deepEqual(seen, ['22']);
  t.deepEqual(result, { written: [], refused: [], recovered: [], rolledBack: 'nginx: [emerg] no' });
  t.is(tree.text('a') + tree.text('b'), '11');
  t.deepEqual(unfinished(tree.stateDir), []);
  t.is((await undo(tree.options)).written.length, 0);
});

test('a check that throws is one that fails', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const verify = () => Promise.reject(new Error('no such command'));
  const result = await writeFiles([change(path, '1', '2')], { ...tree.options, verify });
  t.is(result.rolledBack, 'no such command');
  t.is(tree.text('a'), '1');
});

test('a check that passes keeps all', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const result = await writeFiles([change(path, '1', '2')], { ...tree.options, verify: async () => undefined });
  t.deepEqual(result.written, [path]);
});

test('a file that somebody changes while the check runs is left to them when all is taken back', async t => {
  const tree = scratch(t);
  const paths = [tree.put('a', '1'), tree.put('b', '1')];
  const verify = async () => {
    tree.put('a', 'mine');
    return 'bad';
  };
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    { ...tree.options, verify },
  );
  t.is(result.rolledBack, `bad; \`${paths[0]}\` was changed by somebody else and is left as it is`);
  t.is(tree.text('a'), 'mine');
  t.is(tree.text('b'), '1');
});

test('a state directory that others can write to is not trusted', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  mkdirSync(tree.stateDir);
  execFileSync('chmod', ['777', tree.stateDir]);
  const result = await writeFiles([change(path, '1', '2')], tree.options);
  t.regex(result.refused[0]!.message, /can't be used: it belongs to, or can be written by, somebody else/);
  t.is(tree.text('a'), '1');
});

test('a state directory that can not be made is said', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  writeFileSync(tree.stateDir, '');
  const result = await writeFiles([change(path, '1', '2')], tree.options);
  t.regex(result.refused[0]!.message, /can't be used/);
});

test('temporary files of processes that are gone are removed, of living ones not, others never', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  const gone = 2 ** 22 + 1;
  const names = [
    `.a.${gone}.abc.tlslint-tmp`,
    `.a.${process.ppid}.abc.tlslint-tmp`,
    `.a.${gone}.abc.tmp`,
    '.tlslint-tmp',
  ];
  for (const name of names) tree.put(name, 'x');
  await writeFiles([change(path, '1', '2')], tree.options);
  t.deepEqual(tree.strangers('a').sort(), names.slice(1).sort());
});

test('a long name and a name with odd characters are written', async t => {
  const tree = scratch(t);
  const names = ['n'.repeat(255), `é${'日'.repeat(80)}`, ' "\'\n\\', '.hidden', '-rf'];
  const paths = names.map(name => tree.put(name, '1'));
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    tree.options,
  );
  t.deepEqual(result.refused, []);
  t.deepEqual(
    names.map(tree.text),
    names.map(() => '2'),
  );
});

test('hundreds of files are one transaction', async t => {
  const fileSystem = wrapped((name, _, call) => (name === 'fsync' ? undefined : call()));
  const tree = scratch(t, { fileSystem });
  const paths = Array.from({ length: 300 }, (_, at) => tree.put(`f${at}`, '1'));
  const result = await writeFiles(
    paths.map(path => change(path, '1', '2')),
    tree.options,
  );
  t.is(result.written.length, 300);
  t.is((await undo(tree.options)).written.length, 300);
  t.true(paths.every(path => readFileSync(path, 'utf8') === '1'));
});

test('only the newest transactions are kept', async t => {
  const tree = scratch(t, { keep: 2 });
  const path = tree.put('a', '0');
  for (let at = 0; at < 5; at++) await writeFiles([change(path, `${at}`, `${at + 1}`)], tree.options);
  t.is(readdirSync(tree.stateDir).length, 2);
});

test('without a change nothing is begun', async t => {
  const tree = scratch(t);
  t.deepEqual(await writeFiles([], tree.options), { written: [], refused: [], recovered: [] });
  t.deepEqual(readdirSync(tree.stateDir), []);
  t.true(existsSync(tree.root));
  t.is(self.pid, process.pid);
});
