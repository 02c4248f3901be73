/**
 * `npm run mutation -- [--folder fixers]… [--sample 200] [--seed 1] [--jobs 2]`: changes the built program in one place at a time
 * and runs the tests of that folder. A change that no test notices is told with its place. Stryker's command runner starts the
 * whole command for each change and needs Node 22; this one changes a copy of the build and stops at the first test that fails.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { randomOf } from '../fuzz/random.js';
import { type Mutant, mutantsOf } from './mutants.js';

/** The tests that say what a folder does, quick ones first. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  fixers: ['fixers-*', 'compose', 'write', 'write-corners', 'write-lock', 'write-faults'],
  'src/model': [
    'openssl',
    'openssl-ciphers',
    'policies',
    'suites',
    'templates',
    'across',
    'inspect-range',
    'rules',
    'conformance',
  ],
  'src/rules': ['rules', 'lint', 'across'],
};

const { values } = parseArgs({
  options: {
    folder: { type: 'string', multiple: true, default: Object.keys(TESTS) },
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
/** By folder, milliseconds: four times what the tests take without a change. What takes longer never ends. */
const limits = new Map<string, number>();
for (const folder of values.folder) {
  const began = performance.now();
  if (await fails('.', TESTS[folder]!, 600_000)) throw new Error(`the tests of ${folder} fail without a change`);
  limits.set(folder, 10_000 + 4 * (performance.now() - began));
}

const waiting = values.folder.flatMap(folder =>
  sample(folder, Number(values.sample)).map(mutant => ({ folder, mutant })),
);
const scores = new Map(values.folder.map(folder => [folder, { noticed: 0, total: 0 }]));
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
for (const [folder, { noticed, total }] of scores) {
  console.log(`${folder}: ${noticed} of ${total} changes noticed, ${((100 * noticed) / total).toFixed(1)} %`);
}
process.exitCode = [...scores.values()].every(({ noticed, total }) => noticed >= 0.85 * total) ? 0 : 1;

function sample(folder: string, count: number): Mutant[] {
  const files = readdirSync(path.join('build', folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.js'))
    .map(name => path.join('build', folder, name))
    .sort();
  const all = files.flatMap(file => mutantsOf(file, readFileSync(file, 'utf8')));
  const random = randomOf(Number(values.seed));
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all.slice(0, count);
}

async function worker(): Promise<void> {
  const top = mkdtempSync(path.join(tmpdir(), 'tlslint-mutation-'));
  try {
    for (const name of readdirSync('.')) if (name !== 'build') symlinkSync(path.resolve(name), path.join(top, name));
    mkdirSync(path.join(top, 'build'));
    cpSync('build', path.join(top, 'build'), { recursive: true });
    for (let next = waiting.shift(); next; next = waiting.shift()) await tryOne(top, next.folder, next.mutant);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

async function tryOne(top: string, folder: string, mutant: Mutant): Promise<void> {
  const { file, start, end, text, line } = mutant;
  const code = readFileSync(file, 'utf8');
  const place = path.join(top, file);
  writeFileSync(place, code.slice(0, start) + text + code.slice(end));
  const noticed = await fails(top, TESTS[folder]!, limits.get(folder)!);
  writeFileSync(place, code);
  const score = scores.get(folder)!;
  score.total++;
  if (noticed) score.noticed++;
  else {
    const shown = code.split('\n')[line - 1]!.trim();
    console.log(`${file}:${line}: \`${code.slice(start, end)}\` as \`${text}\` in \`${shown}\``);
  }
}

function fails(cwd: string, tests: readonly string[], milliseconds: number): Promise<boolean> {
  const ava = path.resolve('node_modules/ava/entrypoints/cli.mjs');
  const files = tests.map(name => `build/test/${name}.test.js`);
  const child = spawn(process.execPath, [ava, '--fail-fast', '--timeout', '10m', ...files], { cwd, stdio: 'ignore' });
  return new Promise(resolve => {
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.on('exit', code => {
      clearTimeout(timer);
      resolve(code !== 0);
    });
  });
}
