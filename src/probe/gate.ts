/** A bound on connections: so many at one time, and so many begun within any one second. */

export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface GateOptions {
  readonly parallel: number;
  /** Connections begun in one second; below one, such as 0.1, in a longer time. */
  readonly rate: number;
}

/** First come, first served. As many as a second may have begin at once where none did in the second before. */
export function createGate({ parallel, rate }: GateOptions): Gate {
  const waiting: Array<() => void> = [];
  const burst = Math.ceil(rate);
  const window = (burst * 1000) / rate;
  /** When each of the last `burst` began, in a ring: the next one takes the place of the oldest. */
  const begun: number[] = Array.from({ length: burst }, () => Number.NEGATIVE_INFINITY);
  let count = 0;
  let running = 0;
  let timer: NodeJS.Timeout | undefined;
  const admit = (): void => {
    while (timer === undefined && running < parallel && waiting.length > 0) {
      const early = begun[count % burst]! + window - performance.now();
      if (early > 0) {
        timer = setTimeout(() => {
          timer = undefined;
          admit();
        }, early);
        return;
      }
      begun[count++ % burst] = performance.now();
      running++;
      waiting.shift()!();
    }
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
