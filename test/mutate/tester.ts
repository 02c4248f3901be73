/**
 * Runs tests in one process, with `ava.ts` in the place of ava: `tester.js run PLAN` those that a plan names, up to the first that
 * fails (exit code 1); `tester.js cover PLAN` all of one file, and writes which of the plan's places each of them runs through.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterwards, type Test, tests } from './ava.js';

/** A part of a built file that a change would take the place of. */
export interface Place {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}
export interface RunPlan {
  readonly files: readonly { readonly file: string; readonly titles: readonly string[] }[];
  /** Where the title of the test that failed is written. */
  readonly answer: string;
}
export interface CoverPlan {
  readonly file: string;
  readonly places: readonly Place[];
  /** Where the answer is written. */
  readonly answer: string;
}
export interface Covered {
  readonly title: string;
  readonly milliseconds: number;
  /** Indexes in the places of the plan. */
  readonly places: readonly number[];
}
interface Script {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
  }[];
}

// The same samples each time: whether a change is noticed must not be luck.
fc.configureGlobal({ seed: 1 });
const [mode, plan] = process.argv.slice(2);
const told: unknown = JSON.parse(readFileSync(plan!, 'utf8'));
if (mode === 'cover') await cover(told as CoverPlan);
else await run(told as RunPlan);
for (const each of afterwards) await each();
// What a failed or changed test left open must not keep the process.
process.exit();

async function run({ files, answer }: RunPlan): Promise<void> {
  for (const { file, titles } of files) {
    const wanted = new Set(titles);
    for (const test of await testsOf(file)) {
      if (!wanted.has(test.title) || (await passes(test))) continue;
      writeFileSync(answer, JSON.stringify({ file, titles: [test.title] }));
      return;
    }
  }
}

async function passes(test: Test): Promise<boolean> {
  try {
    await test.run();
    return true;
  } catch (error) {
    console.error(`fails: ${test.title}: ${String(error).slice(0, 300)}`);
    process.exitCode = 1;
    return false;
  }
}

async function testsOf(file: string): Promise<readonly Test[]> {
  tests.length = 0;
  await import(pathToFileURL(file).href);
  return [...tests];
}

/** Programs that the tests start write what they ran through into the folder `counts`. */
async function cover({ file, places, answer }: CoverPlan): Promise<void> {
  const counts = path.resolve('counts');
  mkdirSync(counts, { recursive: true });
  // Some tests run the program as another user.
  chmodSync(counts, 0o777);
  process.env.NODE_V8_COVERAGE = counts;
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const take = async () => covered((await session.post('Profiler.takePreciseCoverage')).result, places);
  const found: Covered[] = [];
  const all = await testsOf(file);
  const here = new Set(await take());
  for (const test of all) {
    const began = performance.now();
    // What fails without a change tells nothing about one; its title and error are on stderr.
    if (!(await passes(test))) continue;
    const milliseconds = performance.now() - began;
    for (const place of await take()) here.add(place);
    found.push({ title: test.title, milliseconds, places: covered(startedScripts(counts), places) });
  }
  // What one test has worked out others find in a cache: each is asked what any of its file runs through in this process.
  const answers = found.map(each => ({ ...each, places: [...new Set([...here, ...each.places])] }));
  writeFileSync(answer, JSON.stringify(answers));
}

/** What programs wrote that a test started. */
function startedScripts(counts: string): Script[] {
  return readdirSync(counts).flatMap(name => {
    const { result } = JSON.parse(readFileSync(path.join(counts, name), 'utf8')) as { result: Script[] };
    rmSync(path.join(counts, name));
    return result;
  });
}

function covered(scripts: readonly Script[], places: readonly Place[]): number[] {
  const byUrl = new Map<string, number[]>();
  for (const [index, { file }] of places.entries()) {
    const url = pathToFileURL(file).href;
    byUrl.set(url, [...(byUrl.get(url) ?? []), index]);
  }
  return scripts.flatMap(script => (byUrl.get(script.url) ?? []).filter(index => isRun(script, places[index]!)));
}

/** Whether the smallest counted range around the place was run. */
function isRun({ functions }: Script, { start }: Place): boolean {
  let smallest = Number.POSITIVE_INFINITY;
  let times = 0;
  for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
    if (startOffset > start || endOffset <= start || endOffset - startOffset > smallest) continue;
    smallest = endOffset - startOffset;
    times = count;
  }
  return times > 0;
}
