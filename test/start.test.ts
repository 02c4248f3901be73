import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { WEAK, workspace } from './helpers/run-cli.js';

/** Says on stderr whether V8 was given code that it made before, and took it. */
const SPY = `const vm = require('node:vm');
const { Script } = vm;
vm.Script = class extends Script {
  constructor(text, options) {
    super(text, options);
    require('node:fs').writeSync(2, 'rejected: ' + this.cachedDataRejected + '\\n');
  }
};`;

interface Installed {
  readonly directory: string;
  readonly program: string;
}

/** A copy of the program alone, which keeps nothing yet. */
function installed(t: ExecutionContext): Installed {
  const directory = workspace(t, { 'nginx.conf': WEAK, 'spy.cjs': SPY });
  const program = path.join(directory, 'dist');
  cpSync('dist', program, { recursive: true, filter: name => !name.endsWith('.v8') });
  return { directory, program };
}

function run({ directory, program }: Installed, { env, uid }: { env?: Record<string, string>; uid?: number } = {}) {
  const args = ['--require', path.join(directory, 'spy.cjs'), path.join(program, 'cli.cjs'), 'nginx.conf'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: directory, ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { status, stdout, how: stderr.trim() };
}

const MADE = 'rejected: undefined';
const TAKEN = 'rejected: false';
const REFUSED = 'rejected: true';

function keptIn({ program }: Installed): string[] {
  return readdirSync(program).filter(name => name.includes('.v8'));
}

test('what V8 made of the program is kept beside it, taken by the next run, and changes no answer', t => {
  const here = installed(t);
  const first = run(here);
  t.is(first.how, MADE);
  t.is(first.status, 1);
  t.is(keptIn(here).length, 1);
  const second = run(here);
  t.is(second.how, TAKEN);
  t.deepEqual({ ...second, how: '' }, { ...first, how: '' });
});

for (const [name, spoil] of [
  ['empty', () => Buffer.alloc(0)],
  ['all zero', (data: Buffer) => Buffer.alloc(data.length)],
  ['cut off', (data: Buffer) => data.subarray(0, data.length >> 1)],
  [
    'of another version of V8',
    (data: Buffer) => Buffer.concat([data.subarray(0, 4), Buffer.alloc(4, 7), data.subarray(8)]),
  ],
] as const) {
  test(`kept code that is ${name} is refused and made again`, t => {
    const here = installed(t);
    const good = run(here);
    const file = path.join(here.program, keptIn(here)[0]!);
    writeFileSync(file, spoil(readFileSync(file)));
    const again = run(here);
    t.is(again.how, REFUSED);
    t.deepEqual({ ...again, how: '' }, { ...good, how: '' });
    t.is(run(here).how, TAKEN);
    t.is(keptIn(here).length, 1);
  });
}

test('code is not kept for a text that has changed since', t => {
  const here = installed(t);
  run(here);
  const [name] = keptIn(here);
  const starter = path.join(here.program, 'cli.cjs');
  // As a new version of the same length would have it.
  const digest = name!.split('-')[1]!;
  writeFileSync(starter, readFileSync(starter, 'utf8').replace(digest, digest.replace(/./g, '0')));
  t.is(run(here).how, MADE);
  t.is(keptIn(here).length, 2);
});

test('the build names the text that it wrote', t => {
  const text = readFileSync('dist/main.cjs');
  const digest = process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');
  t.true(readFileSync('dist/cli.cjs', 'utf8').includes(digest.slice(0, 16)));
});

test('flags of V8 that change code change nothing else', t => {
  const here = installed(t);
  const plain = run(here);
  const flagged = run(here, { env: { NODE_OPTIONS: '--stack-trace-limit=20 --max-old-space-size=500' } });
  t.deepEqual({ ...flagged, how: '' }, { ...plain, how: '' });
});

for (const variable of ['NODE_DISABLE_COMPILE_CACHE', 'NODE_V8_COVERAGE']) {
  test(`with ${variable} nothing is kept or taken`, t => {
    const here = installed(t);
    const env = { [variable]: path.join(here.directory, 'counted') };
    t.is(run(here, { env }).how, MADE);
    t.deepEqual(keptIn(here), []);
    run(here);
    t.is(run(here, { env }).how, MADE);
  });
}

const asRoot = process.geteuid?.() === 0 ? test : test.skip;

asRoot('who may not write there, or owns it not, runs all the same and leaves nothing', t => {
  const here = installed(t);
  const NOBODY = 65534;
  chmodSync(here.directory, 0o755);
  t.is(run(here, { uid: NOBODY }).how, MADE);
  t.deepEqual(keptIn(here), []);
  chownSync(here.program, NOBODY, NOBODY);
  t.is(run(here).how, MADE);
  t.deepEqual(keptIn(here), []);
  t.is(run(here, { uid: NOBODY }).how, MADE);
  t.is(run(here, { uid: NOBODY }).how, TAKEN);
});

test('a link in the place of what is kept is replaced, not followed', t => {
  const here = installed(t);
  run(here);
  const [name] = keptIn(here);
  const other = path.join(here.directory, 'other');
  writeFileSync(other, 'theirs');
  process.getBuiltinModule('node:fs').rmSync(path.join(here.program, name!));
  symlinkSync(other, path.join(here.program, name!));
  t.is(run(here).how, REFUSED);
  t.is(readFileSync(other, 'utf8'), 'theirs');
  t.is(run(here).how, TAKEN);
});

test('a directory in its place costs time alone', t => {
  const here = installed(t);
  run(here);
  const [name] = keptIn(here);
  process.getBuiltinModule('node:fs').rmSync(path.join(here.program, name!));
  mkdirSync(path.join(here.program, name!));
  const { how, status } = run(here);
  t.is(how, MADE);
  t.is(status, 1);
  t.deepEqual(keptIn(here), [name!]);
});

test('many first runs at once leave one', async t => {
  const here = installed(t);
  const children = Array.from({ length: 8 }, () =>
    spawn(process.execPath, [path.join(here.program, 'cli.cjs'), 'nginx.conf'], {
      cwd: here.directory,
      env: { PATH: process.env.PATH },
      stdio: 'ignore',
    }),
  );
  const codes = await Promise.all(children.map(async child => (await once(child, 'exit'))[0] as number));
  t.deepEqual(new Set(codes), new Set([1]));
  t.is(keptIn(here).length, 1);
  t.is(run(here).how, TAKEN);
});
