/** How long this thread has worked: a machine that has other work to do makes a run longer, not more of one. */
import { readFileSync } from 'node:fs';

/** Linux: the first number is the time on a processor in nanoseconds (the kernel's Documentation/scheduler/sched-stats). */
const SCHEDULED = '/proc/thread-self/schedstat';

/** Milliseconds of processor time of this thread alone; where the system does not tell, those of the clock. */
export const threadTime: () => number = isTold() ? () => Number(told().split(' ')[0]) / 1e6 : () => performance.now();

function isTold(): boolean {
  try {
    return /^[1-9]\d* /.test(told());
  } catch {
    return false;
  }
}

function told(): string {
  return readFileSync(SCHEDULED, 'latin1');
}
