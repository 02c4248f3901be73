/**
 * `npm run mutation -- [--folder src/model]… [--sample 200] [--seed 1] [--jobs 2] [--seconds 20]`: changes the built program in
 * one place at a time and runs the tests that run through that place, up to the first that fails. A change that no test notices
 * is told with its place, and so is one that no test runs through. Stryker's command runner starts the whole command for each
 * change and needs Node 22; this one changes a copy of the build, and starts one process for each change.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutant, mutantsOf } from './mutants.js';
import type { Covered, CoverPlan, RunPlan } from './tester.js';

/** Folders or files in the build whose changes tests must notice. */
const FOLDERS = ['fixers', 'src/model', 'src/rules'];
/**
 * Tests that start servers or the command many times, measure, or look at the package. What they alone would notice counts as
 * unnoticed.
 */
const LEFT_OUT = new RegExp(
  `^(?:${[
    'architecture|catalogue|cli|cli-report|cold-start|completion|config|display|dockerfile|documents|dotnet-cli|formats|fuzz|hooks',
    'hostile|library-examples|links|mutation|nginx-shapes|package-files|parsers-.*|probe.*|progress|readme|regexps|sea|types|variants|write-kill',
  ].join('|')})$`,
);

const { values } = parseArgs({
  options: {
    folder: { type: 'string', multiple: true, default: FOLDERS },
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    // For one change, tests that took so many seconds in all; those that take longer are not asked.
    seconds: { type: 'string', default: '20' },
  },
});

interface Known extends Covered {
  readonly file: string;
}
interface Tree {
  readonly top: string;
  /** The same without changes, for a second question. */
  readonly sound: string;
}

const changes = values.folder.flatMap(folder => sample(folder).map(mutant => ({ folder, mutant })));
const scores = new Map(values.folder.map(folder => [folder, { noticed: 0, timeout: 0, total: 0 }]));
/** By file and title: whether a test passes when it runs alone without a change, as far as that was asked. */
const reliable = new Map<string, boolean>();
const base = mkdtempSync(path.join(tmpdir(), 'tlslint-mutation-'));
// Some tests run the program as another user.
chmodSync(base, 0o755);
try {
  const trees = Array.from({ length: Number(values.jobs) }, (_, job) => ({
    top: plant(path.join(base, `changed-${job}`)),
    sound: plant(path.join(base, `sound-${job}`)),
  }));
  const known = await coverage(trees);
  const waiting = changes.map(({ folder, mutant }, index) => ({
    folder,
    mutant,
    tests: known.filter(each => each.places.includes(index)),
  }));
  await inParallel(trees, waiting, async (tree, { folder, mutant, tests }) => {
    const score = scores.get(folder)!;
    const outcome = await tryOne(tree, mutant, tests);
    score.total++;
    if (outcome === 'noticed' || outcome === 'timeout') score.noticed++;
    if (outcome === 'timeout') score.timeout++;
    if (outcome === 'unnoticed') tell(mutant, tests.length);
  });
} finally {
  rmSync(base, { recursive: true, force: true });
}
for (const [folder, { noticed, timeout, total }] of scores) {
  const share = ((100 * noticed) / total).toFixed(1);
  console.log(`${folder}: ${noticed} of ${total} changes noticed, ${timeout} of them by never ending, ${share} %`);
}
process.exitCode = [...scores.values()].every(({ noticed, total }) => noticed >= 0.85 * total) ? 0 : 1;

/** The same changes each time; that a line of the program is written anew moves no other change in or out. */
function sample(folder: string): Mutant[] {
  const names = existsSync(`build/${folder}.js`)
    ? [`${folder}.js`]
    : readdirSync(`build/${folder}`, { recursive: true, encoding: 'utf8' }).map(name => path.join(folder, name));
  const files = names
    .filter(name => name.endsWith('.js'))
    .map(name => path.join('build', name))
    .sort();
  const found = files.flatMap(file => {
    const code = readFileSync(file, 'utf8');
    const times = new Map<string, number>();
    return mutantsOf(file, code).map(mutant => {
      const { start, end, text, line } = mutant;
      const what = [values.seed, file, code.split('\n')[line - 1], code.slice(start, end), text].join('\0');
      times.set(what, (times.get(what) ?? 0) + 1);
      return {
        mutant,
        order: createHash('sha1')
          .update(`${what}\0${times.get(what)}`)
          .digest('hex'),
      };
    });
  });
  found.sort((a, b) => (a.order < b.order ? -1 : 1));
  return found.slice(0, Number(values.sample)).map(({ mutant }) => mutant);
}

/** A copy of the tree, which a changed program may spoil; its tests find what is not ava when they ask for it. */
function plant(top: string): string {
  mkdirSync(path.join(top, 'node_modules/ava'), { recursive: true });
  mkdirSync(path.join(top, 'tmp'));
  for (const name of readdirSync('.')) {
    if (!['build', 'coverage', 'dist', 'node_modules', '.git'].includes(name)) {
      cpSync(name, path.join(top, name), { recursive: true, verbatimSymlinks: true });
    }
  }
  for (const name of readdirSync('node_modules')) {
    if (name !== 'ava') symlinkSync(path.resolve('node_modules', name), path.join(top, 'node_modules', name));
  }
  for (const name of ['src', 'parsers', 'fixers', 'test'])
    cpSync(`build/${name}`, path.join(top, 'build', name), { recursive: true });
  writeFileSync(path.join(top, 'node_modules/ava/package.json'), '{"type":"module","exports":"./index.js"}');
  writeFileSync(
    path.join(top, 'node_modules/ava/index.js'),
    `export { default } from '../../build/test/mutate/ava.js';\n`,
  );
  return top;
}

/** All tests, with the changes that each runs through. */
async function coverage(trees: readonly Tree[]): Promise<Known[]> {
  const names = readdirSync('build/test').filter(
    name => name.endsWith('.test.js') && !LEFT_OUT.test(name.slice(0, -8)),
  );
  const known: Known[] = [];
  await inParallel(trees, names, async ({ sound }, name) => {
    const file = path.join(sound, 'build/test', name);
    const answer = path.join(sound, 'answer.json');
    const places = changes.map(({ mutant: { file: of, start, end } }) => ({ file: path.join(sound, of), start, end }));
    const plan: CoverPlan = { file, places, answer };
    await inProcess(sound, 'cover', plan, 600_000);
    if (!existsSync(answer)) return console.error(`left out, since it does not run: ${name}`);
    for (const each of JSON.parse(readFileSync(answer, 'utf8')) as Covered[])
      known.push({ ...each, file: path.relative(sound, file) });
    rmSync(answer);
  });
  return known;
}

type Outcome = 'noticed' | 'timeout' | 'unnoticed';

async function tryOne(
  { top, sound }: Tree,
  { file, start, end, text }: Mutant,
  tests: readonly Known[],
): Promise<Outcome> {
  const place = path.join(top, file);
  const code = readFileSync(place, 'utf8');
  writeFileSync(place, code.slice(0, start) + text + code.slice(end));
  try {
    for (let left = tests; ; ) {
      const { outcome, by } = await runTests(top, left);
      if (by === undefined || (await passesAlone(sound, by))) return outcome;
      left = left.filter(test => test !== by);
    }
  } finally {
    writeFileSync(place, code);
  }
}

/** Without a change a test must pass by itself, or else what it says of a change is luck. */
async function passesAlone(sound: string, test: Known): Promise<boolean> {
  const key = `${test.file}\0${test.title}`;
  const before = reliable.get(key);
  if (before !== undefined) return before;
  const { outcome } = await runTests(sound, [test]);
  reliable.set(key, outcome === 'unnoticed');
  if (outcome !== 'unnoticed')
    console.error(`left out, since it fails alone without a change: ${test.file}: ${test.title}`);
  return outcome === 'unnoticed';
}

async function runTests(top: string, tests: readonly Known[]): Promise<{ outcome: Outcome; by?: Known | undefined }> {
  const { files, milliseconds } = quickFirst(top, tests);
  if (files.length === 0) return { outcome: 'unnoticed' };
  const answer = path.join(top, 'answer.json');
  const code = await inProcess(top, 'run', { files, answer }, 20_000 + 10 * milliseconds);
  if (code === 0) return { outcome: 'unnoticed' };
  if (!existsSync(answer)) return { outcome: code === null ? 'timeout' : 'noticed' };
  const { file, titles } = JSON.parse(readFileSync(answer, 'utf8')) as RunPlan['files'][number];
  rmSync(answer);
  return { outcome: 'noticed', by: tests.find(each => path.join(top, each.file) === file && each.title === titles[0]) };
}

/** The quickest files first, and in each the quickest tests, within the seconds that one change may take. */
function quickFirst(top: string, tests: readonly Known[]): { files: RunPlan['files']; milliseconds: number } {
  const byFile = new Map<string, { took: number; tests: Known[] }>();
  for (const test of tests) {
    const { took, tests: before } = byFile.get(test.file) ?? { took: 0, tests: [] };
    byFile.set(test.file, { took: took + test.milliseconds, tests: [...before, test] });
  }
  let milliseconds = 0;
  const files = [...byFile].sort(([, a], [, b]) => a.took - b.took);
  const plan = files.map(([file, { tests: inFile }]) => {
    const titles: string[] = [];
    for (const { title, milliseconds: took } of inFile.sort((a, b) => a.milliseconds - b.milliseconds)) {
      if (milliseconds + took > 1000 * Number(values.seconds)) break;
      milliseconds += took;
      titles.push(title);
    }
    return { file: path.join(top, file), titles };
  });
  return { files: plan.filter(({ titles }) => titles.length > 0), milliseconds };
}

/** The exit code; `null` where the time was over, and then nothing that was started is left. */
function inProcess(top: string, mode: string, plan: CoverPlan | RunPlan, milliseconds: number): Promise<number | null> {
  writeFileSync(path.join(top, 'plan.json'), JSON.stringify(plan));
  const env = { ...process.env, TMPDIR: path.join(top, 'tmp'), TLSLINT_CLI: 'build/src/cli.js' };
  const stdio = mode === 'cover' ? 'inherit' : 'ignore';
  const child = spawn(process.execPath, ['build/test/mutate/tester.js', mode, 'plan.json'], {
    cwd: top,
    env,
    stdio,
    detached: true,
  });
  return new Promise(resolve => {
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), milliseconds);
    child.on('exit', code => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

async function inParallel<Item>(
  trees: readonly Tree[],
  items: readonly Item[],
  each: (tree: Tree, item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async (tree: Tree) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await each(tree, item);
  };
  await Promise.all(trees.map(worker));
}

function tell({ file, start, end, text, line }: Mutant, tests: number): void {
  const code = readFileSync(file, 'utf8');
  const shown = code.split('\n')[line - 1]!.trim();
  const why = tests === 0 ? 'no test runs through it' : `${tests} tests do not notice`;
  console.log(`${file}:${line}: \`${code.slice(start, end)}\` as \`${text}\` in \`${shown}\`: ${why}`);
}
