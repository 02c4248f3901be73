import { spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { createProgress, watched } from '../src/cli/progress.js';
import { memoryHost } from '../src/host.js';
import { CLI, COUNTED } from './helpers/program.js';
import { WEAK, workspace } from './helpers/run-cli.js';

const hasScript = spawnSync('script', ['--version']).status === 0;
const onTerminal = hasScript ? test : test.skip;

/** The program believes that it has been at work for a minute, so that no clock of this machine counts. */
const LATE = 'const from = performance.now(); performance.now = () => from + 60_000;';

interface Told {
  readonly terminal: string;
  readonly stdout: string;
}

/** stderr on a pseudo-terminal, stdout in a file. */
function run(t: ExecutionContext, args: string, env: Readonly<Record<string, string>> = {}, config = WEAK): Told {
  const cwd = workspace(t, { 'nginx.conf': config, 'late.cjs': LATE });
  const command = `"${process.execPath}" --require ./late.cjs "${CLI}" ${args} > out.txt`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd,
    encoding: 'utf8',
    env: { ...COUNTED, PATH: process.env.PATH, TERM: 'xterm', HOME: cwd, ...env },
  });
  return { terminal: stdout, stdout: spawnSync('cat', ['out.txt'], { cwd, encoding: 'utf8' }).stdout };
}

onTerminal('long work says on a terminal what it is at, and takes it back', t => {
  const { terminal, stdout } = run(t, 'nginx.conf');
  t.true(terminal.startsWith('\rtlslint: reading nginx.conf'));
  t.true(terminal.endsWith('\r\u001b[K'));
  t.notRegex(terminal, /\n/);
  t.regex(stdout, /deprecated-protocol/);
  t.notRegex(stdout, /reading|\u001b/);
});

onTerminal('what is printed stands on a line of its own', t => {
  const { terminal } = run(t, '--diff nginx.conf');
  const [before, after = ''] = terminal.split('nginx.conf:3:', 2);
  t.true(before!.endsWith('\r\u001b[K'));
  t.regex(after, /deprecated-protocol/);
});

onTerminal('in CI, on a dumb terminal and in a pipe it says nothing', t => {
  t.is(run(t, 'nginx.conf', { CI: 'true' }).terminal, '');
  t.is(run(t, 'nginx.conf', { TERM: 'dumb' }).terminal, '');
  t.is(run(t, 'nginx.conf 2>err.txt').terminal, '');
});

function recorded(columns = 80) {
  const written: string[] = [];
  let time = 0;
  const progress = createProgress({ write: text => written.push(text), now: () => time, columns: () => columns });
  return { written, progress, at: (now: number) => (time = now) };
}

test('short work says nothing, and long work not too often', t => {
  const { written, progress, at } = recorded();
  at(999);
  progress.tell('early');
  progress.clear();
  t.deepEqual(written, []);
  at(1000);
  progress.tell('one');
  at(1099);
  progress.tell('two');
  at(1100);
  progress.tell('three');
  progress.clear();
  progress.clear();
  t.deepEqual(written, ['\rtlslint: one…\u001b[K', '\rtlslint: three…\u001b[K', '\r\u001b[K']);
});

test('it fits the terminal, whatever a file is called', t => {
  const { written, progress, at } = recorded(24);
  at(2000);
  const files = new Map([['/日本語\u001b[2J\u202e.conf', '']]);
  watched(memoryHost(files), progress).read('/日本語\u001b[2J\u202e.conf');
  t.deepEqual(written, ['\rtlslint: reading /日本\u001b[K']);
  watched(memoryHost(new Map([['/\u001b[2J', '']])), {
    ...progress,
    tell: what => t.is(what, 'reading /\\x1b[2J'),
  }).read('/\u001b[2J');
});
