/**
 * Starts the command. What V8 makes of its text takes longer than all that a run on a small file does, so it is kept beside
 * the text, as Python keeps its `__pycache__`: who may write there may change the program too, and nobody else is trusted.
 * V8 refuses what another version made, or the same one under other flags (`SerializedCodeData::SanityCheck`).
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { Script } from 'node:vm';

/** The digest of the text, which V8 tells from others by its length alone. The build puts it here. */
declare const TEXT: string;

type Command = (require: NodeJS.Require, filename: string) => void;

const filename = `${__dirname}/main.cjs`;
const kept = `${__dirname}/main-${TEXT}-${process.version}-${process.arch}.v8`;
// Coverage counts only where V8 compiles with counters.
const isOff = Boolean(process.env.NODE_DISABLE_COMPILE_CACHE || process.env.NODE_V8_COVERAGE);

const source = readFileSync(filename, 'utf8');
const cachedData = isOff ? undefined : found();
const script = new Script(source, cachedData ? { filename, cachedData } : { filename });
// Before the run, which may change how V8 works and so what the next one would refuse.
if (!isOff && script.cachedDataRejected !== false) keep(script.createCachedData());
(script.runInThisContext() as Command)(require, filename);

function found(): Buffer | undefined {
  try {
    return readFileSync(kept);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and never as root in somebody else's directory. Where it can't be kept, that costs time alone. */
function keep(data: Uint8Array): void {
  const draft = `${kept}.${process.pid}`;
  try {
    if (process.geteuid && statSync(__dirname).uid !== process.geteuid()) return;
    const descriptor = openSync(draft, 'wx', 0o644);
    try {
      writeAll(descriptor, data);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, kept);
  } catch {
    discard(draft);
  }
}

function writeAll(descriptor: number, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) at += writeSync(descriptor, data, at);
  // A name that outlives a crash while the bytes do not would be taken for the whole.
  fsyncSync(descriptor);
}

function discard(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {
    // It was never made.
  }
}
