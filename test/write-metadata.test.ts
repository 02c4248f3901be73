/** What a written file keeps beside its bytes, as root and as another user. What can't be tried here is said in the log. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { undo, writeFiles } from '../fixers/write.js';
import { change, type Scratch, scratch } from './helpers/writer.js';

const CHILD = 'build/test/helpers/write-child.js';
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

function base(tree: Scratch): string {
  return tree.root.slice(0, -'/root'.length);
}

function skip(t: ExecutionContext, reason: string): void {
  t.log(`skipped: ${reason}`);
  t.pass();
}

type Result = Awaited<ReturnType<typeof writeFiles>>;

/** Writes in a process of its own, started through the given command. */
function writeBy(t: ExecutionContext, command: string[], tree: Scratch, rows: string[][], settings = {}): Result {
  const args = [
    ...command,
    process.execPath,
    CHILD,
    'once',
    base(tree),
    JSON.stringify(rows),
    JSON.stringify(settings),
  ];
  const done = spawnSync(args[0]!, args.slice(1), { encoding: 'utf8' });
  if (done.status !== 0) t.fail(`${args.join(' ')}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

function can(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

/** Extended attributes through Python, the only tool for them that is usually there. */
function python(code: string, ...args: string[]): string {
  const done = spawnSync('python3', ['-c', `import os,sys\n${code}`, ...args], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr || 'python3 is not there');
  return done.stdout.trim();
}

const ATTRIBUTES = 'print(sorted((n, os.getxattr(sys.argv[1], n)) for n in os.listxattr(sys.argv[1])))';
/** user::rw- user:nobody:r-- group::r-- mask::r-- other::--- */
const ACL = `import struct
acl = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in [(1, 6, 2**32 - 1), (2, 4, ${NOBODY}), (4, 4, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)])
os.setxattr(sys.argv[1], 'system.posix_acl_access', acl)`;

test('the mode is kept, special bits and all', async t => {
  const tree = scratch(t);
  for (const mode of [0o600, 0o644, 0o640, 0o444, 0o400, 0o777, 0o4755, 0o2644, 0o1644, 0o0]) {
    const path = tree.put(`f${mode.toString(8)}`, '1');
    if (mode === 0 && !isRoot) continue;
    chmodSync(path, mode);
    const result = await writeFiles([change(path, '1', '2')], tree.options);
    t.deepEqual(result.refused, []);
    t.is(statSync(path).mode & 0o7777, mode, mode.toString(8));
    await undo(tree.options);
    t.is(statSync(path).mode & 0o7777, mode, `${mode.toString(8)} after undo`);
  }
});

test('the time of the change is new', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  utimesSync(path, 1000, 1000);
  await writeFiles([change(path, '1', '2')], tree.options);
  t.true(statSync(path).mtimeMs > Date.now() - 60_000);
});

test('the owner and the group are kept by root, also in a setgid directory', async t => {
  if (!isRoot) return skip(t, 'not root');
  const tree = scratch(t);
  chownSync(tree.root, 0, 12);
  chmodSync(tree.root, 0o2755);
  const path = tree.put('a', '1');
  chownSync(path, NOBODY, 33);
  chmodSync(path, 0o640);
  await writeFiles([change(path, '1', '2')], tree.options);
  const { uid, gid, mode } = statSync(path);
  t.deepEqual([uid, gid, mode & 0o7777], [NOBODY, 33, 0o640]);
});

test('access list and extended attributes are kept', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  try {
    python(`${ACL}\nos.setxattr(sys.argv[1], 'user.note', b'hello')`, path);
  } catch (error) {
    return skip(t, `no access lists here: ${error}`);
  }
  const before = python(ATTRIBUTES, path);
  const result = await writeFiles([change(path, '1', '2')], tree.options);
  t.deepEqual(result.refused, []);
  t.is(python(ATTRIBUTES, path), before);
  t.is(tree.text('a'), '2');
  await undo(tree.options);
  t.is(python(ATTRIBUTES, path), before);
});

test('a hard link is refused, or written in place where that is allowed', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  linkSync(path, tree.path('b'));
  const refused = await writeFiles([change(path, '1', '2')], tree.options);
  t.regex(refused.refused[0]!.message, /^other hard links .*`--in-place`/);
  const { ino } = statSync(path);
  const written = await writeFiles([change(path, '1', '22')], { ...tree.options, inPlace: true });
  t.is(written.written.length, 1);
  t.is(tree.text('b'), '22');
  t.is(statSync(path).ino, ino);
  await undo({ ...tree.options, inPlace: true });
  t.is(tree.text('b'), '1');
});

test('another user: a file that can be read but whose directory is closed is refused', async t => {
  if (!isRoot || !can('setpriv', '--version')) return skip(t, 'not root, or no setpriv');
  const tree = userTree(t);
  tree.put('a', '1');
  chmodSync(tree.root, 0o755);
  const refused = writeBy(t, asNobody, tree, [['a', '1', '2']]);
  t.regex(
    refused.refused[0]!.message,
    /^no file can be made in its directory: permission denied \(`EACCES`\); .*--in-place/,
  );
  const still = writeBy(t, asNobody, tree, [['a', '1', '2']], { inPlace: true });
  t.regex(still.refused[0]!.message, /permission denied/);
  chmodSync(tree.path('a'), 0o666);
  const written = writeBy(t, asNobody, tree, [['a', '1', '2']], { inPlace: true });
  t.is(written.written.length, 1);
  t.is(tree.text('a'), '2');
});

test('another user: an owner that can not be kept is refused, or written in place', async t => {
  if (!isRoot || !can('setpriv', '--version')) return skip(t, 'not root, or no setpriv');
  const tree = userTree(t);
  chmodSync(tree.put('a', '1'), 0o666);
  const refused = writeBy(t, asNobody, tree, [['a', '1', '2']]);
  t.regex(refused.refused[0]!.message, /owner.*--in-place/);
  t.deepEqual(tree.strangers('a'), []);
  const written = writeBy(t, asNobody, tree, [['a', '1', '2']], { inPlace: true });
  t.is(written.written.length, 1);
  t.is(statSync(tree.path('a')).uid, 0);
});

test('another user: its own file is written with mode, list and attributes', async t => {
  if (!isRoot || !can('setpriv', '--version')) return skip(t, 'not root, or no setpriv');
  const tree = userTree(t);
  const path = tree.put('a', '1');
  chownSync(path, NOBODY, NOBODY);
  chmodSync(path, 0o640);
  let before = '';
  try {
    python(`${ACL}\nos.setxattr(sys.argv[1], 'user.note', b'hello')`, path);
    before = python(ATTRIBUTES, path);
  } catch (error) {
    t.log(`without access lists: ${error}`);
  }
  const written = writeBy(t, asNobody, tree, [['a', '1', '2']]);
  t.deepEqual(written.refused, []);
  const { uid, gid, mode } = statSync(path);
  t.deepEqual([uid, gid, mode & 0o7777], [NOBODY, NOBODY, 0o640]);
  if (before !== '') t.is(python(ATTRIBUTES, path), before);
});

test('another user: a file it may not read is refused', async t => {
  if (!isRoot || !can('setpriv', '--version')) return skip(t, 'not root, or no setpriv');
  const tree = userTree(t);
  chmodSync(tree.put('a', '1'), 0o600);
  t.regex(writeBy(t, asNobody, tree, [['a', '1', '2']]).refused[0]!.message, /permission denied/);
});

test('another user: state left by root is not trusted', async t => {
  if (!isRoot || !can('setpriv', '--version')) return skip(t, 'not root, or no setpriv');
  const tree = userTree(t);
  mkdirSync(tree.stateDir, { mode: 0o755 });
  tree.put('a', '1');
  t.regex(writeBy(t, asNobody, tree, [['a', '1', '2']]).refused[0]!.message, /can't be used: permission denied/);
});

test('a file that is a mount point is refused, or written in place', async t => {
  if (!isRoot || !can('unshare', '-m', 'true')) return skip(t, 'no mount namespace of our own');
  const tree = scratch(t);
  writeFileSync(join(base(tree), 'source'), '1');
  tree.put('a', 'covered');
  tree.put('b', '1');
  const mounted = [
    'unshare',
    '-m',
    'sh',
    '-c',
    'mount --bind "$0" "$1" && shift && exec "$@"',
    join(base(tree), 'source'),
    tree.path('a'),
  ];
  const refused = writeBy(t, mounted, tree, [
    ['b', '1', '2'],
    ['a', '1', '2'],
  ]);
  t.regex(refused.refused[0]!.message, /^the file is a mount point \(`EBUSY`\); .*--in-place/);
  t.is(tree.text('b'), '1');
  t.deepEqual(tree.strangers('a', 'b'), []);
  const written = writeBy(
    t,
    mounted,
    tree,
    [
      ['b', '1', '2'],
      ['a', '1', '2'],
    ],
    { inPlace: true },
  );
  t.is(written.written.length, 2);
  t.is(readFileSync(join(base(tree), 'source'), 'utf8'), '2');
  t.is(tree.text('a'), 'covered');
});

test('a file system that is read-only is refused', async t => {
  if (!isRoot || !can('unshare', '-m', 'true')) return skip(t, 'no mount namespace of our own');
  const tree = scratch(t);
  tree.put('a', '1');
  const mounted = [
    'unshare',
    '-m',
    'sh',
    '-c',
    'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"',
    tree.root,
  ];
  for (const settings of [{}, { inPlace: true }]) {
    const refused = writeBy(t, mounted, tree, [['a', '1', '2']], settings);
    t.regex(refused.refused[0]!.message, /the file system is read-only \(`EROFS`\)$/);
  }
});

test('a disk that is really full leaves all as it was', async t => {
  if (!isRoot || !can('unshare', '-m', 'true')) return skip(t, 'no mount namespace of our own');
  const tree = scratch(t);
  const script = 'mount -t tmpfs -o size=64k none "$0" && printf 1 >"$0/a" && printf 1 >"$0/b" && shift 0 && exec "$@"';
  const full = ['unshare', '-m', 'sh', '-c', script, tree.root];
  const result = writeBy(t, full, tree, [
    ['a', '1', '2'],
    ['b', '1', 'x'.repeat(100_000)],
  ]);
  t.regex(result.refused[0]!.message, /no space left/);
  t.deepEqual(result.written, []);
});

test('a link into another directory writes there, and the owner of the link does not matter', async t => {
  const tree = scratch(t);
  mkdirSync(tree.path('real'), { mode: 0o700 });
  writeFileSync(join(tree.root, 'real', 'a'), '1', { mode: 0o600 });
  symlinkSync(join(tree.root, 'real', 'a'), tree.path('a'));
  await writeFiles([change(tree.path('a'), '1', '2')], tree.options);
  t.is(statSync(tree.path('a')).mode & 0o777, 0o600);
  t.deepEqual(tree.strangers('a', 'real'), []);
});

/** A tree that another user may write to, with a place for its state. */
function userTree(t: ExecutionContext): Scratch {
  const tree = scratch(t);
  chmodSync(base(tree), 0o777);
  chmodSync(tree.root, 0o777);
  return tree;
}
