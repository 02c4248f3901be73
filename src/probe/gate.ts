/** A bound on connections: so many at one time, and so many begun in each second. */

export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface GateOptions {
  readonly parallel: number;
  /** Connections begun in one second. */
  readonly rate: number;
}

/** First come, first served. */
export function createGate({ parallel, rate }: GateOptions): Gate {
  const waiting: Array<() => void> = [];
  const between = 1000 / rate;
  let running = 0;
  let next = 0;
  const admit = (): void => {
    if (running >= parallel) return;
    const enter = waiting.shift();
    if (enter === undefined) return;
    running++;
    const now = Date.now();
    // A tenth of a second may be made up for, so that timers that come late don't lower the rate.
    next = Math.max(next, now - 100) + between;
    if (next - between <= now) enter();
    else setTimeout(enter, next - between - now);
  };
  return async work => {
    await new Promise<void>(resolve => {
      waiting.push(resolve);
      admit();
    });
    try {
      return await work();
    } finally {
      running--;
      admit();
    }
  };
}
