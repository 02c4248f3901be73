/**
 * Each system call of a transaction made to fail, to do less than asked, or to be the last one of the process.
 * `EVERY_CALL=1` for all of them; without it each fifth, another one on each day.
 */
import {
  chownSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type FileSystem, nodeFileSystem } from '../fixers/filesystem.js';
import { acquire, isLock } from '../fixers/lock.js';
import { undo, type WriteResult, writeFiles } from '../fixers/write.js';
import {
  type Call,
  change,
  fault,
  quick,
  type Scratch,
  scratch,
  unfinished,
  type Wrap,
  wrapped,
} from './helpers/writer.js';

const STRIDE = process.env.EVERY_CALL ? 1 : 5;
const OFFSET = Math.floor(Date.now() / 86_400_000) % STRIDE;
const CODES = ['ENOSPC', 'EACCES', 'EROFS', 'EBUSY', 'EXDEV', 'EMFILE', 'EIO', 'EPERM'];
const OLD = ['old text of a\n', 'old b\n'];
const NEW = ['new a\n', 'new text of b, longer than before\n'];
const NAMES = ['a', 'b'];

interface Scenario {
  readonly inPlace: boolean;
  readonly undoes: boolean;
}

const SCENARIOS: Record<string, Scenario> = {
  'by rename': { inPlace: false, undoes: false },
  'in place': { inPlace: true, undoes: false },
  undo: { inPlace: false, undoes: true },
};

async function prepared(t: ExecutionContext, { inPlace, undoes }: Scenario): Promise<Scratch> {
  const tree = scratch(t, { inPlace, fileSystem: quick });
  NAMES.forEach((name, at) => {
    tree.put(name, OLD[at]!);
    if (inPlace) linkSync(tree.path(name), tree.path(`${name}.link`));
  });
  if (undoes) {
    const result = await writeFiles(
      NAMES.map((name, at) => change(tree.path(name), OLD[at]!, NEW[at]!)),
      tree.options,
    );
    t.is(result.written.length, 2);
  }
  return tree;
}

function perform(tree: Scratch, { undoes }: Scenario, fileSystem: FileSystem): Promise<WriteResult> {
  const options = { ...tree.options, fileSystem, lockWait: 200 };
  if (undoes) return undo(options);
  return writeFiles(
    NAMES.map((name, at) => change(tree.path(name), OLD[at]!, NEW[at]!)),
    options,
  );
}

/** `before`, `after`, or what else the two files are. */
function stateOf(tree: Scratch, { undoes }: Scenario): string {
  const now = NAMES.map(tree.text);
  const [before, after] = undoes ? [NEW, OLD] : [OLD, NEW];
  if (now.every((text, at) => text === before[at])) return 'before';
  if (now.every((text, at) => text === after[at])) return 'after';
  return JSON.stringify(now);
}

/** The calls of a run in which nothing fails. */
async function trace(t: ExecutionContext, scenario: Scenario): Promise<Call[]> {
  const calls: Call[] = [];
  const tree = await prepared(t, scenario);
  const result = await perform(
    tree,
    scenario,
    wrapped((name, _, call) => {
      calls.push(name);
      return call();
    }),
  );
  t.deepEqual(result.refused, []);
  t.is(result.written.length, 2);
  return calls;
}

/** The open files of a run. */
function counting(wrap: Wrap): { fileSystem: FileSystem; open: Set<unknown> } {
  const open = new Set<unknown>();
  const fileSystem = wrapped((name, args, call) => {
    const result = wrap(name, args, call);
    if (name === 'open') open.add(result);
    if (name === 'close') open.delete(args[0]);
    return result;
  });
  return { fileSystem, open };
}

const LINKS = NAMES.map(name => `${name}.link`);

for (const [title, scenario] of Object.entries(SCENARIOS)) {
  test(`any one call that fails leaves all old or all new, and says which: ${title}`, async t => {
    const calls = await trace(t, scenario);
    t.true(calls.length > 60, `${calls.length}`);
    for (let at = OFFSET; at < calls.length; at += STRIDE) {
      const code = CODES[at % CODES.length]!;
      const name = calls[at]!;
      const tree = await prepared(t, scenario);
      let left = at;
      const { fileSystem, open } = counting((call, _, run) => {
        if (left-- !== 0) return run();
        // A real close that fails has closed the file.
        if (call === 'close') run();
        throw fault(code);
      });
      const result = await perform(tree, scenario, fileSystem);
      const where = `${name} (call ${at}) fails with ${code}: ${JSON.stringify(result)}`;
      const expected = result.written.length > 0 ? 'after' : 'before';
      if (stateOf(tree, scenario) !== expected) throw new Error(`${where}\n${stateOf(tree, scenario)}`);
      t.true(result.written.length === 0 || result.written.length === 2, where);
      if (name !== 'close') t.is(open.size, 0, where);
      // A file that is not unlinked is left for the next run, and a lock for the next that sees its owner dead.
      if (name !== 'unlink') t.deepEqual(tree.strangers(...NAMES, ...LINKS), [], where);
    }
  });

  test(`a process that stops at any one call leaves what the next run puts in order: ${title}`, async t => {
    const calls = await trace(t, scenario);
    for (let at = OFFSET; at < calls.length; at += STRIDE) {
      const tree = await prepared(t, scenario);
      let left = at;
      const stopped = wrapped((_, __, run) => {
        if (left-- > 0) return run();
        throw fault('STOPPED');
      });
      await perform(tree, scenario, stopped);
      // The next run is another process to which this one is dead.
      const later = { ...tree.options, self: { ...tree.options.self, pid: process.ppid, isAlive: () => false } };
      const strangers = tree.strangers(...NAMES, ...LINKS);
      t.true(
        strangers.every(name => name.startsWith('.')),
        strangers.join(),
      );
      const probe = tree.put('probe', '1');
      const result = await writeFiles([change(probe, '1', '2')], later);
      t.deepEqual(result.written, [probe], `call ${at} ${calls[at]}: ${JSON.stringify(result)}`);
      t.regex(stateOf(tree, scenario), /^(?:before|after)$/, `call ${at} ${calls[at]}`);
      t.deepEqual(tree.strangers('probe', ...NAMES, ...LINKS), [], `call ${at} ${calls[at]}`);
      t.deepEqual(unfinished(tree.stateDir).filter(isBegun), [], `call ${at} ${calls[at]}`);
    }
  });
}

/** A directory without a journal is removed when it is a minute old. */
function isBegun(name: string): boolean {
  return !/^\d{8}T\d{9}Z/.test(name);
}

for (const [title, scenario] of Object.entries(SCENARIOS)) {
  test(`calls that do less than asked change nothing: ${title}`, async t => {
    const tree = await prepared(t, scenario);
    const short = wrapped((name, args, call) => {
      if ((name !== 'write' && name !== 'read') || Number(args[3]) <= 1) return call();
      const half = [...args];
      half[3] = Math.ceil(Number(args[3]) / 3);
      return name === 'write' ? quick.write(...(half as Io)) : quick.read(...(half as Io));
    });
    const result = await perform(tree, scenario, short);
    t.is(result.written.length, 2);
    t.is(stateOf(tree, scenario), 'after');
  });

  test(`a disk that stays full leaves all as it was: ${title}`, async t => {
    const calls = await trace(t, scenario);
    const writes = calls.filter(name => name === 'write').length;
    for (let at = 0; at < writes; at++) {
      const tree = await prepared(t, scenario);
      let left = at;
      // A new file finds no room; one that has its block can be written over.
      const full = wrapped((name, args, call) => {
        if (name !== 'write' || left-- > 0 || fstatSync(args[0] as number).size > 0) return call();
        throw fault('ENOSPC');
      });
      const result = await perform(tree, scenario, full);
      if (result.written.length === 0) t.is(stateOf(tree, scenario), 'before', `write ${at}`);
      else t.is(stateOf(tree, scenario), 'after', `write ${at}`);
      t.deepEqual(tree.strangers(...NAMES, ...LINKS), []);
    }
  });
}

type Io = [number, Uint8Array, number, number, number];

test('a write that takes nothing is an error, not an endless loop', async t => {
  const tree = await prepared(t, SCENARIOS['by rename']!);
  const result = await perform(
    tree,
    SCENARIOS['by rename']!,
    wrapped((name, _, call) => (name === 'write' ? 0 : call())),
  );
  t.is(result.written.length, 0);
  t.is(stateOf(tree, SCENARIOS['by rename']!), 'before');
});

const RENAME = SCENARIOS['by rename']!;

/** Fails the rename onto the file `b`. */
function failingRename(code: string, tree: Scratch): FileSystem {
  return wrapped((name, args, call) => {
    if (name === 'rename' && args[1] === tree.path('b')) throw fault(code);
    return call();
  });
}

for (const code of ['EBUSY', 'EXDEV']) {
  test(`a rename that fails with ${code} is refused, and what was renamed before is taken back`, async t => {
    const tree = await prepared(t, RENAME);
    const result = await perform(tree, RENAME, failingRename(code, tree));
    t.is(result.refused.length, 1);
    t.regex(result.refused[0]!.message, new RegExp(`\`${code}\`.*--in-place`));
    t.truthy(result.rolledBack);
    t.is(stateOf(tree, RENAME), 'before');
  });

  test(`a rename that fails with ${code} is written in place where that is allowed`, async t => {
    const tree = await prepared(t, RENAME);
    const options = { ...tree.options, inPlace: true, fileSystem: failingRename(code, tree) };
    const result = await writeFiles(
      NAMES.map((name, at) => change(tree.path(name), OLD[at]!, NEW[at]!)),
      options,
    );
    t.is(result.written.length, 2);
    t.is(stateOf(tree, RENAME), 'after');
    t.deepEqual(tree.strangers(...NAMES), []);
    t.is((await undo(options)).written.length, 2);
    t.is(stateOf(tree, RENAME), 'before');
  });
}

test('when the check fails on a disk that is full by then, the files are written over', async t => {
  const tree = await prepared(t, RENAME);
  let full = false;
  const fileSystem = wrapped((name, args, call) => {
    if (full && name === 'write' && fstatSync(args[0] as number).size === 0) throw fault('ENOSPC');
    return call();
  });
  const verify = async () => {
    full = true;
    return 'bad';
  };
  const changes = NAMES.map((name, at) => change(tree.path(name), OLD[at]!, NEW[at]!));
  const result = await writeFiles(changes, { ...tree.options, fileSystem, verify });
  t.is(result.rolledBack, 'bad');
  t.is(stateOf(tree, RENAME), 'before');
  t.deepEqual(tree.strangers(...NAMES), []);
  t.deepEqual(unfinished(tree.stateDir), []);
});

/** A run that stops after its renames, in the name of a process that is gone. */
async function stopped(tree: Scratch): Promise<void> {
  let dead = false;
  const fileSystem = wrapped((_, __, call) => {
    if (dead) throw fault('STOPPED');
    return call();
  });
  const verify = async () => {
    dead = true;
    return 'stop';
  };
  const gone = { ...tree.options.self, pid: 2 ** 22 + 1 };
  const changes = NAMES.map((name, at) => change(tree.path(name), OLD[at]!, NEW[at]!));
  await writeFiles(changes, { ...tree.options, self: gone, fileSystem, verify });
  if (stateOf(tree, RENAME) !== 'after') throw new Error('nothing was written');
}

test('a run below another root takes back what was interrupted here, if nobody writes here', async t => {
  const tree = await prepared(t, RENAME);
  await stopped(tree);
  const other = scratch(t);
  const path = other.put('x', '1');
  const options = { ...other.options, stateDir: tree.stateDir };
  const lock = await acquire(nodeFileSystem, tree.stateDir, tree.root, tree.options.self, { wait: 0 });
  if (!isLock(lock)) throw new Error('the lock of the dead is held');
  t.deepEqual((await writeFiles([change(path, '1', '2')], options)).recovered, []);
  t.is(stateOf(tree, RENAME), 'after');
  lock.release();
  t.regex(
    (await writeFiles([change(path, '2', '3')], options)).recovered.join(),
    /^the interrupted run .* was taken back$/,
  );
  t.is(stateOf(tree, RENAME), 'before');
});

test('a run of another host that was interrupted is left to that host', async t => {
  const tree = await prepared(t, RENAME);
  await stopped({ ...tree, options: { ...tree.options, self: { ...tree.options.self, host: 'elsewhere' } } });
  const other = scratch(t);
  const path = other.put('x', '1');
  await writeFiles([change(path, '1', '2')], { ...other.options, stateDir: tree.stateDir });
  t.is(stateOf(tree, RENAME), 'after');
});

test('an interrupted run whose bytes are damaged is told once and its files are left', async t => {
  for (const damage of [(file: string) => writeFileSync(file, 'x'), (file: string) => rmSync(file)]) {
    const tree = await prepared(t, RENAME);
    await stopped(tree);
    damage(join(tree.stateDir, unfinished(tree.stateDir).find(name => !name.startsWith('lock'))!, 'before.bin'));
    const probe = tree.put('probe', '1');
    t.regex(
      (await writeFiles([change(probe, '1', '2')], tree.options)).recovered.join(),
      /is damaged; its files are left/,
    );
    t.deepEqual((await writeFiles([change(probe, '2', '3')], tree.options)).recovered, []);
    t.is(stateOf(tree, RENAME), 'after');
  }
});

test('a journal that can not be understood is no journal', async t => {
  for (const text of ['', '{', 'null', '{"version":1}', '{"version":2}', '[]', '"x"']) {
    const tree = await prepared(t, RENAME);
    await stopped(tree);
    const id = unfinished(tree.stateDir).find(name => !name.startsWith('lock'))!;
    writeFileSync(join(tree.stateDir, id, 'journal.json'), text);
    const probe = tree.put('probe', '1');
    const result = await writeFiles([change(probe, '1', '2')], tree.options);
    t.deepEqual([result.written, result.recovered], [[probe], []]);
    t.is((await undo(tree.options, id)).refused[0]?.message, 'there is nothing to undo');
  }
});

test('what was left before anything was begun is removed when it is a minute old', async t => {
  const tree = await prepared(t, RENAME);
  const old = join(tree.stateDir, '20200101T000000000Z-abc');
  const fresh = join(tree.stateDir, '29990101T000000000Z-abc');
  for (const path of [old, fresh]) mkdirSync(path, { recursive: true });
  writeFileSync(join(old, 'before.bin'), 'x');
  await perform(tree, RENAME, quick);
  t.false(existsSync(old));
  t.true(existsSync(fresh));
});

test('a lock that can not be looked into is said', async t => {
  const tree = await prepared(t, RENAME);
  const lock = await acquire(nodeFileSystem, tree.stateDir, tree.root, tree.options.self, { wait: 0 });
  t.true(isLock(lock));
  const result = await perform(
    tree,
    RENAME,
    wrapped((name, _, call) => {
      if (name === 'readdir') throw fault('EIO');
      return call();
    }),
  );
  t.regex(result.refused[0]!.message, /can't be used: input\/output error/);
});

test('an owner that can not be given is a refusal', async t => {
  if (process.getuid?.() !== 0) {
    t.log('skipped: not root');
    return t.pass();
  }
  const tree = await prepared(t, RENAME);
  chownSync(tree.path('b'), 65534, 33);
  const failing = wrapped((name, _, call) => {
    if (name === 'fchown') throw fault('EPERM');
    return call();
  });
  const result = await perform(tree, RENAME, failing);
  t.regex(
    result.refused[0]!.message,
    /^its owner 65534:33 can't be kept: operation not permitted \(`EPERM`\); .*--in-place/,
  );
  t.is((await perform(tree, RENAME, quick)).written.length, 2);
  t.is(statSync(tree.path('b')).gid, 33);
});

test('what can not be restored is said, and the next run restores it', async t => {
  const tree = await prepared(t, RENAME);
  let broken = false;
  const fileSystem = wrapped((name, _, call) => {
    if (broken && name === 'open') throw fault('EMFILE');
    return call();
  });
  const verify = async () => {
    broken = true;
    return 'bad';
  };
  const changes = NAMES.map((name, at) => change(tree.path(name), OLD[at]!, NEW[at]!));
  const result = await writeFiles(changes, { ...tree.options, fileSystem, verify });
  t.regex(result.rolledBack ?? '', /^bad; `.*` could not be restored: too many open files/);
  t.is(stateOf(tree, RENAME), 'after');
  const probe = tree.put('probe', '1');
  const next = await writeFiles([change(probe, '1', '2')], tree.options);
  t.regex(next.recovered.join(), /was taken back/);
  t.is(stateOf(tree, RENAME), 'before');
});

test('a system that can not copy attributes keeps mode and owner, and refuses what would be lost', async t => {
  const tree = await prepared(t, RENAME);
  const lacking: FileSystem = {
    ...quick,
    copyAttributes: () => ({ state: 'unavailable' }),
    hasAttributes: path => path === tree.path('b'),
  };
  const result = await perform(tree, RENAME, lacking);
  t.deepEqual(result.refused, [
    {
      path: tree.path('b'),
      message:
        'its owner, access list or attributes would be lost: no program here can copy them; it can be written in place only (`--in-place`)',
    },
  ]);
  const inPlace = { ...tree.options, inPlace: true, fileSystem: lacking };
  const changes = NAMES.map((name, at) => change(tree.path(name), OLD[at]!, NEW[at]!));
  t.is((await writeFiles(changes, inPlace)).written.length, 2);
});

test('a copy of attributes that fails is a refusal', async t => {
  const tree = await prepared(t, RENAME);
  const failing: FileSystem = {
    ...quick,
    copyAttributes: () => ({ state: 'failed', reason: 'cp: no' }),
  };
  const result = await perform(tree, RENAME, failing);
  t.regex(result.refused[0]!.message, /would be lost: cp: no; .*--in-place/);
  t.is(stateOf(tree, RENAME), 'before');
});

test('a write in place that was cut off anywhere is restored', async t => {
  const scenario = SCENARIOS['in place']!;
  for (let size = OFFSET; size <= NEW[1]!.length; size += STRIDE) {
    const tree = await prepared(t, scenario);
    let dead = false;
    const fileSystem = wrapped((name, args, call) => {
      if (dead) throw fault('STOPPED');
      if (name !== 'write' || !Buffer.from(args[1] as Uint8Array).equals(Buffer.from(NEW[1]!))) return call();
      dead = true;
      if (size > 0) quick.write(...([args[0], args[1], 0, size, 0] as Io));
      throw fault('STOPPED');
    });
    await perform(tree, scenario, fileSystem);
    const later = { ...tree.options, self: { ...tree.options.self, pid: process.ppid, isAlive: () => false } };
    const probe = tree.put('probe', '1');
    await writeFiles([change(probe, '1', '2')], later);
    t.is(stateOf(tree, scenario), 'before', `${size}: ${readFileSync(tree.path('b'))}`);
  }
});
