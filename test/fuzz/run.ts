/**
 * `npm run fuzz -- [--seconds 60] [--target NAME]… [--seed N] [--jobs 2] [--keep]`: runs targets on inputs that it makes,
 * and goes on from those that reach new code. What fails is minimised and added to `test/seeds/TARGET.jsonl`, which a test
 * replays; `--keep` adds those that reach what no other does. Exit code 1 where something failed.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { kept, seedLine, seedsOf } from './seeds.js';
import { TARGETS } from './targets.js';
import type { Told, Work } from './worker.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    jobs: { type: 'string', default: String(availableParallelism()) },
    keep: { type: 'boolean', default: false },
  },
});

/** No single run may take so long: then it is taken for one that never ends. */
const HANG_MS = 20_000;
/** Room for the longest input that is made. */
const MOST_BYTES = 1 << 20;
const names = values.target ?? Object.keys(TARGETS);
const unknown = names.find(name => !(name in TARGETS));
if (unknown !== undefined) {
  console.error(`Unexpected target \`${unknown}\`, expected one of ${Object.keys(TARGETS).join(', ')}`);
  process.exit(2);
}

const out = path.resolve('build/fuzz');
await instrument();
const waiting = [...names];
let failed = 0;
console.log(`seed ${values.seed}, ${values.seconds} s for each target`);
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
process.exitCode = failed === 0 ? 0 : 1;

async function worker(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await fuzz(name);
}

/** The targets and all that they run as one file, with counters; what is not ours has none. */
async function instrument(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: ['test/fuzz/targets.ts'],
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const instrumenter = createInstrumenter({ esModules: true, compact: true, coverageVariable: '__edges__' });
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, 'targets.js'), instrumenter.instrumentSync(outputFiles[0]!.text, 'targets.js'));
}

function fuzz(name: string): Promise<void> {
  const now = new SharedArrayBuffer(MOST_BYTES + 8);
  const work: Work = {
    name,
    counted: pathToFileURL(path.join(out, 'targets.js')).href,
    plain: pathToFileURL(path.resolve('build/test/fuzz/targets.js')).href,
    seed: Number(values.seed),
    milliseconds: Number(values.seconds) * 1000,
    kept: seedsOf(name).map(({ input }) => input),
    now,
  };
  const thread = new Worker(path.resolve('build/test/fuzz/worker.js'), { workerData: work });
  const count = new Int32Array(now, 0, 2);
  let state = '';
  return new Promise(resolve => {
    let seen = -1;
    const guard = setInterval(() => {
      if (count[1] !== 0 && count[1] === seen) {
        keep(name, 'it does not end', Buffer.from(new Uint8Array(now, 8, count[0]).slice()));
        void thread.terminate();
      }
      seen = count[1]!;
    }, HANG_MS);
    thread.on('message', (told: Told) => {
      if (told.tell === 'state')
        state = `${told.runs} runs, ${told.reached} of ${told.total} counters, ${told.inputs} inputs`;
      if (told.tell === 'failure') keep(name, told.failure.why, told.failure.input);
      if (told.tell === 'end' && values.keep) for (const input of told.corpus) keep(name, undefined, input);
      if (told.tell === 'end') clearInterval(guard);
    });
    thread.on('error', error => {
      failed++;
      console.log(`${name}: ${error.stack}`);
    });
    thread.on('exit', () => {
      clearInterval(guard);
      console.log(`${name}: ${state}`);
      resolve();
    });
  });
}

function keep(name: string, why: string | undefined, input: Uint8Array): void {
  if (why !== undefined) {
    failed++;
    console.log(`${name}: ${why}: ${JSON.stringify(Buffer.from(input).toString('latin1')).slice(0, 1000)}`);
  }
  const file = kept(name);
  const line = seedLine(input, why);
  if (existsSync(file) && readFileSync(file, 'utf8').includes(line)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, `${line}\n`);
}
