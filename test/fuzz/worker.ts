/** One target until its time is over, in a thread: what it tells is what it found. */
import { parentPort, workerData } from 'node:worker_threads';
import { edgesOf } from './edges.js';
import { minimise } from './minimise.js';
import { mutate } from './mutate.js';
import { type Random, randomOf } from './random.js';
import type { Target } from './targets.js';
import { threadTime } from './time.js';

export interface Work {
  readonly name: string;
  /** Addresses of the same targets, with counters and without. */
  readonly counted: string;
  readonly plain: string;
  readonly seed: number;
  readonly milliseconds: number;
  /** Inputs that are kept, of earlier runs. */
  readonly kept: readonly Uint8Array[];
  /** The length, then the bytes of what runs now: who waits too long reads it there. */
  readonly now: SharedArrayBuffer;
}

export interface Failure {
  readonly why: string;
  readonly input: Uint8Array;
}

export type Told =
  | { readonly tell: 'failure'; readonly failure: Failure }
  | {
      readonly tell: 'state';
      readonly runs: number;
      readonly reached: number;
      readonly total: number;
      readonly inputs: number;
    }
  | { readonly tell: 'end'; readonly corpus: readonly Uint8Array[] };

/** A run that takes longer is a failure; what the clock says is only why it is looked at more closely. */
const MOST_MS = 100;
const RERUNS = 10;
/** Fewer than these are told: one mistake shows in many ways. */
const MOST_FAILURES = 20;

const work = workerData as Work;
type Module = { readonly TARGETS: Readonly<Record<string, Target>>; beginnings(target: Target): Buffer[] };
const { TARGETS, beginnings } = (await import(work.counted)) as Module;
const target = TARGETS[work.name]!;
const plain = ((await import(work.plain)) as Module).TARGETS[work.name]!;
const edges = edgesOf((globalThis as unknown as { __edges__: Parameters<typeof edgesOf>[0] }).__edges__);
const length = new Int32Array(work.now, 0, 2);
const bytes = new Uint8Array(work.now, 8);
const failures = new Set<string>();
const corpus: Buffer[] = [];
const reach: number[][] = [];
let runs = 0;

await fuzz();

async function fuzz(): Promise<void> {
  const random = randomOf(work.seed);
  const end = performance.now() + work.milliseconds;
  const first = [...beginnings(target), ...work.kept.map(each => Buffer.from(each)), Buffer.alloc(0)];
  for (const input of first) await look(input);
  for (let told = 0; performance.now() < end && failures.size < MOST_FAILURES; ) {
    const parent = shorterOf(choose(random), choose(random));
    await look(mutate(parent, random, target.words, random.pick(corpus)));
    if (performance.now() - told > 1000) {
      told = performance.now();
      tellState();
    }
  }
  tellState();
  tell({ tell: 'end', corpus: smallestCover(first.length) });
}

/** The newest inputs stand at the end and are the least known. */
function choose(random: Random): Buffer {
  const among = random.below(2) === 0 ? corpus.length : Math.min(corpus.length, 20);
  return corpus[corpus.length - 1 - random.below(among)]!;
}

function shorterOf(a: Buffer, b: Buffer): Buffer {
  return a.length <= b.length ? a : b;
}

async function look(input: Buffer): Promise<void> {
  if (input.length > bytes.length) return;
  bytes.set(input);
  Atomics.store(length, 0, input.length);
  Atomics.add(length, 1, 1);
  runs++;
  edges.reset();
  const began = performance.now();
  const fault = await faultOf(target, input);
  const took = performance.now() - began;
  if (edges.news() > 0 || corpus.length === 0) {
    corpus.push(input);
    reach.push(edges.reachedNow());
  }
  if (fault !== undefined) await fail(fault, input, async each => (await faultOf(plain, each)) === fault);
  else if (took > MOST_MS && (await shortest(input)) > MOST_MS) {
    await fail(`it takes more than ${MOST_MS} ms`, input, async each => (await shortest(each)) > MOST_MS);
  }
}

async function faultOf({ run }: Target, input: Buffer): Promise<string | undefined> {
  try {
    await run(input);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${kindOf(error.message)}` : String(error);
  }
}

/** One mistake is told once, whatever the words of the input that showed it. */
function kindOf(message: string): string {
  return message.replace(/\d+/g, 'N').replace(/`[^`]*`/g, '`…`');
}

/** Of several runs the shortest, without counters, and in processor time: this machine has other work. */
async function shortest(input: Buffer): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let left = RERUNS; left > 0 && best > MOST_MS; left--) {
    const began = threadTime();
    await faultOf(plain, input);
    best = Math.min(best, threadTime() - began);
  }
  return best;
}

async function fail(why: string, input: Buffer, holds: (input: Buffer) => Promise<boolean>): Promise<void> {
  if (failures.has(why)) return;
  failures.add(why);
  // What shows once and never again was another's work on this machine.
  if (!(await holds(input))) return;
  const smallest = await minimise(input, holds, why.startsWith('it takes') ? 60 : 4000);
  tell({ tell: 'failure', failure: { why, input: smallest } });
}

/** Of the inputs that were found here, few that together reach all that they reach beyond the given ones. */
function smallestCover(given: number): Uint8Array[] {
  const covered = new Set(
    reach
      .slice(0, given)
      .flat()
      .map(each => each >> 3),
  );
  const order = corpus
    .map((_, at) => at)
    .slice(given)
    .sort((a, b) => corpus[a]!.length - corpus[b]!.length);
  const chosen: Buffer[] = [];
  for (const at of order) {
    const fresh = reach[at]!.map(each => each >> 3).filter(each => !covered.has(each));
    if (fresh.length === 0) continue;
    for (const each of fresh) covered.add(each);
    chosen.push(corpus[at]!);
  }
  return chosen;
}

function tellState(): void {
  tell({ tell: 'state', runs, reached: edges.reached, total: edges.total, inputs: corpus.length });
}

function tell(message: Told): void {
  parentPort!.postMessage(message);
}
