/**
 * Every regular expression of the program. `npm run regexps` asks `recheck` about each that repeats without end, and
 * writes what it says to `test/fixtures/regexps.json`: that takes a second each, so the test reads it there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { nodesOf, SOURCES } from './sources.js';

export const RECORD = 'test/fixtures/regexps.json';

export interface Literal {
  readonly pattern: string;
  readonly flags: string;
  readonly repeats: boolean;
  readonly places: string[];
}

export function regexps(): { readonly literals: ReadonlyMap<string, Literal>; readonly made: readonly string[] } {
  const literals = new Map<string, Literal>();
  const made: string[] = [];
  for (const file of SOURCES) {
    for (const node of nodesOf(readFileSync(file, 'utf8'))) {
      if (node.callee?.name === 'RegExp') made.push(file);
      if (node.type !== 'RegExpLiteral') continue;
      const { pattern = '', flags = '' } = node;
      const key = `/${pattern}/${flags}`;
      const known = literals.get(key) ?? { pattern, flags, repeats: repeatsWithoutEnd(pattern), places: [] };
      known.places.push(`${file}:${node.loc?.start.line}`);
      literals.set(key, known);
    }
  }
  return { literals, made };
}

function repeatsWithoutEnd(pattern: string): boolean {
  return /[*+]|\{\d+,\}/.test(pattern.replace(/\\[*+{]/g, '').replace(/\[[^\]]*\]/g, '[]'));
}

/** What stands for each class in an attack. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  s: [' ', '\t', '\n', '\r'],
  S: ['a'],
  d: ['0'],
  w: ['a', '0', '_'],
  W: ['-'],
  b: ['a '],
};
const MOST_PIECES = 40;
const ENDS = ['', '\0', '\n', 'x'];

/** Texts made of what the expression itself is made of, again and again, with ends that it may not take. */
export function attacksOn(pattern: string, length: number): string[] {
  const letters = new Set<string>(['a', ' ']);
  for (const [, escaped, plain] of pattern.matchAll(/\\(.)|([^\\()[\]{}|?*+^$])/gs)) {
    for (const each of CLASSES[escaped ?? ''] ?? [escaped ?? plain ?? '']) letters.add(each);
  }
  // Runs of plain characters are words, which may have to come again whole.
  const words = [...pattern.matchAll(/[\w/:<>'"=#-]{2,}/g)].map(([word]) => word);
  const pieces = [...new Set([...letters, ...words])].slice(0, MOST_PIECES);
  const starts = ['', ...words.slice(0, 3)];
  return pieces.flatMap((piece, at) => {
    const body = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
    return starts.map((start, index) => `${start}${body}${ENDS[(at + index) % ENDS.length]}`);
  });
}

const KEPT: ReadonlySet<string> = new Set(['linear', 'unknown']);

/** Those that are recorded stay so: what `recheck` says follows from the expression alone. */
async function record(): Promise<void> {
  const before = JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, string>;
  const after: Record<string, string> = {};
  for (const [key, { pattern, flags, repeats, places }] of [...regexps().literals].sort()) {
    if (!repeats) continue;
    after[key] = KEPT.has(before[key] ?? '') ? before[key]! : await ask(pattern, flags);
    if (after[key] !== 'linear') console.log(`${places}: ${key} is ${after[key]}`);
  }
  writeFileSync(RECORD, `${JSON.stringify(after, undefined, 2)}\n`);
  process.exitCode = Object.values(after).every(each => KEPT.has(each)) ? 0 : 1;
}

/** `linear`, `unknown` where it gives up, or what it found. */
export async function ask(pattern: string, flags: string): Promise<string> {
  process.env.RECHECK_BACKEND = 'pure';
  const { checkSync } = await import('recheck');
  return verdict(checkSync(pattern, flags, { timeout: 20_000 }));
}

interface Verdict {
  readonly status: string;
  readonly complexity?: { readonly summary: string } | undefined;
  readonly attack?: { readonly pattern: string } | undefined;
}

function verdict({ status, complexity, attack }: Verdict): string {
  if (status === 'safe') return 'linear';
  return complexity ? `${complexity.summary}: ${attack?.pattern}` : status;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await record();
