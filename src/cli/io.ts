/** The process as a command sees it: where it is, what it may ask, and where its words go. */
import { fstatSync } from 'node:fs';
import type { Io } from '../commands/io.js';
import { diskHost } from '../host.js';
import { colored, opensLinks, plain } from '../reporters/colors.js';
import { displayLine } from '../reporters/display.js';
import { VERSION } from '../version.js';

export function ioFor(color: unknown): Io {
  const cwd = process.cwd();
  const paint = wantsColor(color) ? colored : plain;
  return {
    cwd,
    env: process.env,
    host: diskHost(cwd),
    paint,
    links: paint === colored && opensLinks(process.env, process.stdout.isTTY === true),
    actionsLog: process.env.GITHUB_ACTIONS === 'true' && !isFile(1),
    version: VERSION,
    self: selfOf(),
    atSignal,
    stdin: readStdin,
    stdout: chunk => void process.stdout.write(chunk),
    stderr: warn,
  };
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

let stderr: NodeJS.WriteStream | undefined;

/** Opens the stream at the first message: most runs have none. */
export function warn(text: string): void {
  if (!stderr) {
    stderr = process.stderr;
    stderr.on('error', endQuietly);
  }
  stderr.write(text);
}

/** Where stdout goes to a file, nobody runs what it holds. */
function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
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
  return process.stdout.isTTY === true && process.env.TERM !== 'dumb';
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? 0);
}
