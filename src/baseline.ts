/** The baseline: findings that were there before, which neither fail a run nor are fixed by it. */
import path from 'node:path';
import { identities } from './identity.js';
import type { LoadedFile } from './model/types.js';
import { UsageError } from './options/parse.js';
import type { Finding } from './rule.js';

export interface BaselineEntry {
  readonly rule: string;
  /** Relative to the directory of the baseline's own file, `/`-separated. */
  readonly path: string;
  /** Of the words of the line (see `identity.ts`), so that no text of a configuration is copied. */
  readonly fingerprint: string;
}

export interface Baseline {
  /** Absolute. */
  readonly file: string;
  readonly entries: readonly BaselineEntry[];
  /** Parts findings, which are all of a run in their order, into those that are new and those that were there before. */
  split(findings: readonly Finding[]): { readonly fresh: readonly Finding[]; readonly known: readonly Finding[] };
}

/** @throws {UsageError} where the text is no baseline. */
export function parseBaseline(text: string, file: string): Baseline {
  const wrong = (what: string) => new UsageError(`Unexpected ${what} in the baseline \`${file}\``);
  const whole = parseJson(text);
  if (!isRecord(whole) || !Array.isArray(whole.findings)) throw wrong('content');
  if (whole.schemaVersion !== 1) throw wrong('`schemaVersion`');
  const entries = whole.findings.map((each: unknown) => {
    if (!isRecord(each)) throw wrong('entry');
    const { rule, path: name, fingerprint } = each;
    if (typeof rule !== 'string' || typeof name !== 'string' || typeof fingerprint !== 'string') throw wrong('entry');
    return { rule, path: name, fingerprint };
  });
  return createBaseline(file, entries);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** By the words of lines, so that lines may move. */
function createBaseline(file: string, entries: readonly BaselineEntry[]): Baseline {
  const before = new Set(entries.map(({ fingerprint }) => fingerprint));
  return {
    file,
    entries,
    split(findings) {
      const identified = baselineEntries(findings, file);
      const isKnown = (_: Finding, index: number) => before.has(identified[index]!.fingerprint);
      return { fresh: findings.filter((each, index) => !isKnown(each, index)), known: findings.filter(isKnown) };
    },
  };
}

export function baselineEntries(findings: readonly Finding[], file: string): BaselineEntry[] {
  const identified = findings.map(({ rule, file: of, span }) => ({
    rule,
    path: pathFrom(file, of),
    text: of.source.text,
    offset: span.start,
  }));
  const fingerprints = identities(identified);
  return identified.map(({ rule, path: name }, index) => ({ rule, path: name, fingerprint: fingerprints[index]! }));
}

/** Entries of the files that were read and the rules that ran, which nothing matches any more. */
export function staleEntries(
  baseline: Baseline,
  known: readonly Finding[],
  files: readonly LoadedFile[],
  ran: ReadonlySet<string>,
): BaselineEntry[] {
  const found = new Set(baselineEntries(known, baseline.file).map(({ fingerprint }) => fingerprint));
  const read = new Set(files.map(each => pathFrom(baseline.file, each)));
  return baseline.entries.filter(each => read.has(each.path) && ran.has(each.rule) && !found.has(each.fingerprint));
}

/** What a new file holds: all that is found, and the entries that this run can't speak of. */
export function rewritten(
  earlier: Pick<Baseline, 'file' | 'entries'>,
  findings: readonly Finding[],
  files: readonly LoadedFile[],
  ran: ReadonlySet<string>,
  exists: (file: string) => boolean,
): BaselineEntry[] {
  const read = new Set(files.map(each => pathFrom(earlier.file, each)));
  const kept = earlier.entries.filter(({ path: name, rule }) => {
    return read.has(name) ? !ran.has(rule) : exists(path.resolve(path.dirname(earlier.file), name));
  });
  return [...kept, ...baselineEntries(findings, earlier.file)];
}

/** The text of the file, sorted so that it changes little in a repository. */
export function baselineText(entries: readonly BaselineEntry[]): string {
  const sorted = [...entries].sort((a, b) => compare(keyOf(a), keyOf(b)));
  const findings = sorted.map(({ rule, path: name, fingerprint }) => ({ path: name, rule, fingerprint }));
  return `${JSON.stringify({ schemaVersion: 1, findings }, null, 2)}\n`;
}

function pathFrom(baseline: string, { real }: LoadedFile): string {
  return path.relative(path.dirname(baseline), real).split(path.sep).join('/');
}

function keyOf({ rule, path: name, fingerprint }: BaselineEntry): string {
  return `${name}\0${rule}\0${fingerprint}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
