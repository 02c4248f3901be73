/** The process as a command sees it: where it is, what it may ask, and where its words go. */
import { Buffer } from 'node:buffer';
import { fstatSync, statSync, writeSync } from 'node:fs';
import type { ExitCode, Io } from '../commands/io.js';
import { diskHost } from '../host.js';
import { colored, opensLinks, plain } from '../reporters/colors.js';
import { displayLine } from '../reporters/display.js';
import { VERSION } from '../version.js';
import type { Progress } from './progress.js';
import { createTuning } from './tuning.js';

export async function ioFor(color: unknown): Promise<Io> {
  const cwd = process.cwd();
  const paint = wantsColor(color) ? colored : plain;
  return {
    cwd,
    env: process.env,
    ...(await watchedDisk(cwd)),
    paint,
    links: paint === colored && opensLinks(process.env, isTerminal(1)),
    actionsLog: process.env.GITHUB_ACTIONS === 'true' && !isFile(1),
    version: VERSION,
    self: selfOf(),
    atSignal,
    stdin: readStdin,
    stdout: print,
    stderr: warn,
  };
}

let progress: Progress | undefined;

/** Progress is for who sits before a terminal; a CI log keeps every word. */
async function watchedDisk(cwd: string): Promise<Pick<Io, 'host' | 'progress'>> {
  const host = tuned(diskHost(cwd));
  if (process.env.CI || process.env.TERM === 'dumb' || !isTerminal(2)) return { host };
  const { createProgress, watched } = await import('./progress.js');
  const made = createProgress({
    write: text => write(2, text),
    now: () => performance.now(),
    columns: () => process.stderr.columns || 80,
  });
  progress = made;
  return { host: watched(host, made), progress: made.tell };
}

export function clearProgress(): void {
  progress?.clear();
}

/** At once where the process would end by itself now: what Node takes apart before it does that takes longer than a report. */
export function end(code: ExitCode): void {
  process.exitCode = code;
  // What is wrong with a stream is told a little later.
  const isWaiting =
    opened.size > 0 || process.getActiveResourcesInfo().length > 0 || process.listenerCount('beforeExit') > 0;
  if (!isWaiting) process.exit();
}

function tuned(host: Io['host']): Io['host'] {
  const tell = createTuning();
  const read: Io['host']['read'] = (file, most) => {
    const found = host.read(file, most);
    if (!('failure' in found)) tell(found.length);
    return found;
  };
  return { ...host, read };
}

/** With the code that shells give a program that a signal ended. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

function atSignal(stop: () => readonly string[]): void {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      for (const problem of stop()) warn(`tlslint: ${displayLine(problem)}\n`);
      process.exit(code);
    });
  }
}

/** The name of this machine is asked for by who writes: a plain run does without the module. */
function selfOf(): Io['self'] {
  return {
    pid: process.pid,
    get host() {
      return process.getBuiltinModule('node:os').hostname();
    },
    isAlive,
    random: () => Math.random().toString(36).slice(2),
  };
}

type Descriptor = 1 | 2;

const opened = new Map<Descriptor, NodeJS.WriteStream>();

export function print(chunk: string | Uint8Array): void {
  clearProgress();
  write(1, chunk);
}

export function warn(text: string): void {
  clearProgress();
  write(2, text);
}

/** Straight to the descriptor while that takes all: Node's streams cost a short run more than what it says. */
function write(descriptor: Descriptor, chunk: string | Uint8Array): void {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  const rest = opened.has(descriptor) ? bytes : writeNow(descriptor, bytes);
  if (rest.length > 0) streamOf(descriptor).write(rest);
}

/** What could not be written at once: a pipe that does not block is full, or the stream has to say what is wrong. */
function writeNow(descriptor: Descriptor, bytes: Uint8Array): Uint8Array {
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(descriptor, bytes, at);
  } catch {
    return bytes.subarray(at);
  }
  return bytes.subarray(at);
}

function streamOf(descriptor: Descriptor): NodeJS.WriteStream {
  const known = opened.get(descriptor);
  if (known) return known;
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  stream.on('error', error => failed(descriptor, error));
  opened.set(descriptor, stream);
  return stream;
}

/** Most often known without Node's terminals, which load its sockets and streams. */
function isTerminal(descriptor: Descriptor): boolean {
  const stat = statOf(descriptor);
  if (!stat?.isCharacterDevice() || stat.rdev === statOf('/dev/null')?.rdev) return false;
  return (descriptor === 1 ? process.stdout : process.stderr).isTTY === true;
}

/** Where stdout goes to a file, nobody runs what it holds. */
function isFile(descriptor: Descriptor): boolean {
  return statOf(descriptor)?.isFile() === true;
}

function statOf(what: Descriptor | '/dev/null') {
  try {
    return typeof what === 'number' ? fstatSync(what) : statSync(what);
  } catch {
    return undefined;
  }
}

/** Signal 0 asks without sending; EPERM says that it lives and belongs to another. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** https://no-color.org, and FORCE_COLOR as Node has it. */
function wantsColor(color: unknown): boolean {
  if (color === 'always' || color === 'never') return color === 'always';
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR !== undefined) return process.env.FORCE_COLOR !== '0';
  return process.env.TERM !== 'dumb' && isTerminal(1);
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What can't be written to stdout is an error of the run, which goes on to its end; nobody can be told of stderr's. */
function failed(descriptor: Descriptor, { code }: NodeJS.ErrnoException): void {
  // `tlslint … | head` closes the pipe early: nobody is left to tell.
  if (code === 'EPIPE') process.exit(process.exitCode ?? 0);
  if (descriptor === 2) return;
  process.once('exit', () => {
    process.exitCode = 2;
  });
  warn(`tlslint: stdout could not be written (${code})\n`);
}
