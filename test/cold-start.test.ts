import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { FIXED, WEAK, workspace } from './helpers/run-cli.js';

const CLI = path.resolve('dist/cli.cjs');
const SOURCES: Readonly<Record<string, readonly string[]>> = JSON.parse(readFileSync('build/cli.json', 'utf8'));

/** Says on stderr which files and which modules of Node's own a run has loaded. */
const SPY = `process.on('exit', () => {
  const loaded = { files: Object.keys(require.cache), modules: process.moduleLoadList };
  require('node:fs').writeSync(2, '\\n' + JSON.stringify(loaded));
});`;

interface Loaded {
  readonly status: number | null;
  /** Sources in the files that were loaded. */
  readonly sources: readonly string[];
  /** Modules of Node that an empty program does without. */
  readonly modules: readonly string[];
}

function loadedBy(t: ExecutionContext, config: string, args: readonly string[]): Loaded {
  const cwd = workspace(t, { 'nginx.conf': config, 'spy.cjs': SPY, 'empty.cjs': '' });
  const run = (...words: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, ['--require', './spy.cjs', ...words], {
      cwd,
      encoding: 'utf8',
    });
    const last = stderr.slice(stderr.lastIndexOf('\n') + 1);
    return { status, ...(JSON.parse(last) as { files: string[]; modules: string[] }) };
  };
  const empty = new Set(run('empty.cjs').modules);
  const { status, files, modules } = run(CLI, ...args);
  const sources = files.flatMap(file => SOURCES[path.relative('.', file)] ?? []);
  return { status, sources, modules: modules.filter(each => !empty.has(each)) };
}

const SPARED = [
  /^(?:src\/dialects|parsers|fixers)\/apache(?:\/(?!face|detect|since|directives)|\.ts)/,
  /^src\/dialects\/(?:windows\/(?!face|steps)|dotnet\/(?!face|frameworks))/,
  /^(?:parsers|fixers)\/(?:registry|dotnet)/,
  /sarif|junit|checkstyle|gitlab|github|rdjson|compact|json\.ts/,
  /^node_modules\//,
  /^src\/config\/(?!find)|^src\/cli\/progress/,
  /^src\/(?:probe|live|endpoint)\//,
  /^src\/(?:prove|baseline)\.ts|^fixers\/(?:verify|write|replace|transaction|journal)\.ts/,
  /^src\/(?:inspect|patch)\.ts|^fixers\/(?:diff|compose)\.ts|^src\/options\/help/,
  /^src\/commands\/(?:fix|fixing|baseline|explain|init|completion|drift|inspect)\.ts/,
];

for (const [name, config, status] of [
  ['without findings', FIXED, 0],
  ['with findings', WEAK, 1],
] as const) {
  test(`a plain run ${name} loads nothing that it does without`, t => {
    const loaded = loadedBy(t, config, ['nginx.conf']);
    t.is(loaded.status, status);
    t.true(loaded.sources.includes('src/dialects/nginx/index.ts'));
    t.true(loaded.sources.includes('src/reporters/text.ts'));
    for (const spared of SPARED)
      t.deepEqual(
        loaded.sources.filter(source => spared.test(source)),
        [],
        String(spared),
      );
    // By which V8 is given what it made of the program before.
    t.deepEqual(loaded.modules, ['NativeModule vm']);
  });
}

test('what a run needs beside that is loaded, and seen here', t => {
  const { status, sources } = loadedBy(t, WEAK, ['--format', 'sarif', 'nginx.conf']);
  t.is(status, 1);
  t.true(sources.includes('src/reporters/sarif.ts'));
});

test('a reader who is slow gets all of a long report before the process ends', async t => {
  const server = 'server { listen 443 ssl; ssl_certificate a; ssl_certificate_key b; ssl_protocols TLSv1 TLSv1.2; }\n';
  const cwd = workspace(t, { 'nginx.conf': `events {}\nhttp {\n${server.repeat(300)}}\n` });
  const child = spawn(process.execPath, [CLI, '--format', 'json', 'nginx.conf'], { cwd });
  const ended = once(child, 'close');
  await sleep(300);
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
    if (text.length < 300_000) await sleep(10);
  }
  t.deepEqual(await ended, [1, null]);
  t.is((JSON.parse(text) as { files: Array<{ findings: unknown[] }> }).files[0]?.findings.length, 300);
});
