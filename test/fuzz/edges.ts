/** What an instrumented program ran through, and how often: istanbul's counters as one array of numbers. */

/** As `istanbul-lib-instrument` has it, by the names that it uses. */
interface FileCounters {
  s: Record<number, number>;
  f: Record<number, number>;
  b: Record<number, ArrayLike<number>>;
}

export interface Edges {
  /** How many counters there are. */
  readonly total: number;
  /** How many were reached by any input so far. */
  readonly reached: number;
  reset(): void;
  /** How many counters this run reached for the first time, or in a new order of magnitude. */
  news(): number;
  /** Counters and magnitudes of this run, each as one number. */
  reachedNow(): number[];
}

/** Upper ends of the orders of magnitude in which a counter is looked at. */
const MAGNITUDES = [1, 2, 3, 7, 15, 31, 127];

/** Takes over the counters of all files of the program: they then count in typed arrays. */
export function edgesOf(files: Readonly<Record<string, FileCounters>>): Edges {
  const all = Object.values(files);
  const lists = all.flatMap(file => [file.s, file.f, ...Object.values(file.b)]);
  const counters = new Uint32Array(lists.reduce((sum, list) => sum + Object.keys(list).length, 0));
  let at = 0;
  const take = (list: object) => {
    const length = Object.keys(list).length;
    at += length;
    return counters.subarray(at - length, at);
  };
  for (const file of all) {
    file.s = take(file.s);
    file.f = take(file.f);
    file.b = Object.values(file.b).map(take);
  }
  const known = new Uint8Array(counters.length);
  let reached = 0;
  return {
    total: counters.length,
    get reached() {
      return reached;
    },
    reset: () => void counters.fill(0),
    news() {
      let found = 0;
      for (let index = 0; index < counters.length; index++) {
        const count = counters[index]!;
        if (count === 0) continue;
        const bit = 1 << magnitude(count);
        const before = known[index]!;
        if (before & bit) continue;
        if (before === 0) reached++;
        known[index] = before | bit;
        found++;
      }
      return found;
    },
    reachedNow() {
      const found: number[] = [];
      for (let index = 0; index < counters.length; index++) {
        if (counters[index]! > 0) found.push(index * 8 + magnitude(counters[index]!));
      }
      return found;
    },
  };
}

function magnitude(count: number): number {
  for (let index = 0; index < MAGNITUDES.length; index++) if (count <= MAGNITUDES[index]!) return index;
  return MAGNITUDES.length;
}
