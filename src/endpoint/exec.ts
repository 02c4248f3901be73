/** Runs the client that is tested: a command line split into words, never a shell. */
import { spawn } from 'node:child_process';

export interface ExecOptions {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface Ended {
  /** `null` where it was ended by a signal or never started. */
  readonly status: number | null;
  readonly failure?: string;
  /** What it said on both streams, its start. */
  readonly output: string;
}

const MOST_OUTPUT = 16 * 1024;

/** Never rejects. */
export function runClient({ words, env, cwd, timeout }: ExecOptions): Promise<Ended> {
  return new Promise(resolve => {
    const [command = '', ...args] = words;
    const child = spawn(command, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    // `timeout` of spawn would keep this process alive for a client that never started.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    let output = '';
    const hear = (chunk: Buffer) => {
      if (output.length < MOST_OUTPUT) output = (output + chunk.toString()).slice(0, MOST_OUTPUT);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const settle = (ended: Ended) => {
      clearTimeout(timer);
      resolve(ended);
    };
    child.once('error', error => settle({ status: null, failure: error.message, output }));
    child.once('close', (status, signal) =>
      settle({ status, output, ...(signal !== null && { failure: `it was ended by ${signal}` }) }),
    );
  });
}

/** Words as a shell splits them, with quotes and backslashes and nothing else; `undefined` for an open quote. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\' && quote !== "'" && at + 1 < text.length) {
      word = (word ?? '') + text[++at]!;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
