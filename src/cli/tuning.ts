/** How V8 is asked to work on large input. */

/** Bytes read from which on it pays; below that, loading the module that asks costs more. */
const MUCH = 1_000_000;

/**
 * Counts what is read, and past a megabyte has V8 inline less. A run of a second spends most of its time on optimizing code:
 * functions inlined into functions are compiled again and again for loops that are over soon. It has taken a fifth off.
 */
export function createTuning(): (bytes: number) => void {
  let left = MUCH;
  return bytes => {
    const before = left;
    left -= bytes;
    if (before > 0 && left <= 0) {
      process.getBuiltinModule('node:v8').setFlagsFromString('--max-inlined-bytecode-size-cumulative=150');
    }
  };
}
