/** The program that copies attributes, where it is missing, too old, or fails. Changes `PATH`, so one test at a time. */
import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Copied, nodeFileSystem } from '../fixers/filesystem.js';
import { writeFiles } from '../fixers/write.js';
import { change, scratch } from './helpers/writer.js';

const usual = process.env.PATH ?? '';

/** Copies with programs of these names and scripts before all others, or with no program at all. */
function copyWith(t: ExecutionContext, programs: Record<string, string> | undefined): Copied {
  const tree = scratch(t);
  const fds = [openSync(tree.put('from', '1'), 'r'), openSync(tree.put('to', '1'), 'r+')];
  mkdirSync(tree.path('bin'));
  for (const [name, script] of Object.entries(programs ?? {})) {
    writeFileSync(join(tree.path('bin'), name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(tree.path('bin'), name), 0o755);
  }
  process.env.PATH = programs ? `${tree.path('bin')}${delimiter}${usual}` : tree.path('bin');
  try {
    return nodeFileSystem.copyAttributes(fds[0]!, fds[1]!);
  } finally {
    process.env.PATH = usual;
    for (const fd of fds) closeSync(fd);
  }
}

test.serial('the real one copies', t => t.deepEqual(copyWith(t, {}), { state: 'kept' }));

test.serial('no such program', t => {
  t.deepEqual(copyWith(t, undefined), { state: 'unavailable' });
  t.deepEqual(copyWith(t, { cp: 'exit 127' }), { state: 'unavailable' });
});

test.serial('one that does not know the option', t => {
  const script = 'echo "cp: unrecognized option: attributes-only" >&2; exit 1';
  t.deepEqual(copyWith(t, { cp: script }), { state: 'unavailable' });
});

test.serial('one that finds no open files by name', t => {
  t.deepEqual(copyWith(t, { cp: 'echo "cp: cannot stat \'/dev/fd/3\'" >&2; exit 1' }), { state: 'unavailable' });
});

test.serial('one that fails', t => {
  const script = 'echo "cp: preserving permissions for \'/dev/fd/4\': Operation not supported" >&2; exit 1';
  t.deepEqual(copyWith(t, { cp: script }), {
    state: 'failed',
    reason: "cp: preserving permissions for '/dev/fd/4': Operation not supported",
  });
});

test.serial('where none can copy, an access list that `ls` shows is a refusal', async t => {
  const tree = scratch(t);
  const path = tree.put('a', '1');
  mkdirSync(tree.path('bin'));
  const put = (name: string, script: string) => {
    writeFileSync(join(tree.path('bin'), name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(tree.path('bin'), name), 0o755);
  };
  put('cp', 'exit 127');
  put('ls', 'echo "-rw-r--r--+ 1 root root 1 Nov 24 11:06 a"');
  process.env.PATH = `${tree.path('bin')}${delimiter}${usual}`;
  try {
    t.regex(
      (await writeFiles([change(path, '1', '2')], tree.options)).refused[0]!.message,
      /no program here can copy them/,
    );
    put('ls', 'echo "-rw-r--r-- 1 root root 1 Nov 24 11:06 a"');
    t.is((await writeFiles([change(path, '1', '2')], tree.options)).written.length, 1);
    put('ls', 'exit 1');
    t.is((await writeFiles([change(path, '2', '3')], tree.options)).written.length, 1);
  } finally {
    process.env.PATH = usual;
  }
});
