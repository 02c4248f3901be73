/** Fixes to text: whole fixes, in order of position, each text built once. */
import type { Edit, Fix } from './edit.js';

export interface Applied {
  /** Path to new text, of the files that changed. */
  readonly texts: ReadonlyMap<string, string>;
  /** Path to the edits that made it, by position; each shared edit once, edits that change nothing left out. */
  readonly edits: ReadonlyMap<string, readonly Edit[]>;
  /** In order of position. A fix whose edits were all made by others counts as applied. */
  readonly applied: readonly Fix[];
  readonly skipped: readonly Skipped[];
}

interface Skipped {
  readonly fix: Fix;
  /** `conflict`: an edit overlaps one of an earlier fix (or lies outside its text); another pass may take it. */
  readonly reason: 'conflict' | 'applicability';
}

/** Applies what `allow` permits. `manual` fixes, and fixes without an edit, are never applied. */
export function applyFixes(
  texts: ReadonlyMap<string, string>,
  fixes: readonly Fix[],
  allow: 'safe' | 'unsafe',
): Applied {
  const skipped: Skipped[] = [];
  const applied: Fix[] = [];
  const accepted = new Map<string, Accepted>();
  for (const fix of inOrder(texts, fixes)) {
    if (!permitted(fix, allow)) skipped.push({ fix, reason: 'applicability' });
    else if (accept(texts, accepted, fix)) applied.push(fix);
    else skipped.push({ fix, reason: 'conflict' });
  }
  return { ...rebuild(texts, accepted), applied, skipped };
}

/** The text after `edits`, which are sorted and don't overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const edit of edits) {
    pieces.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

/** By start; of two at one point the insertion comes first. */
export function comparePlaces(left: Edit, right: Edit): number {
  return left.start - right.start || left.end - right.end;
}

/** Whether two different edits of one file can't both be made. Edits that only touch can. */
export function overlaps(left: Edit, right: Edit): boolean {
  if (left.start < right.end && right.start < left.end) return true;
  return left.start === left.end && right.start === right.end && left.start === right.start;
}

/** Whether two lists, in the same order, make the same text. */
export function sameEdits(left: readonly Edit[], right: readonly Edit[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ path, start, end, text }, index) => {
      const other = right[index]!;
      return path === other.path && start === other.start && end === other.end && text === other.text;
    })
  );
}

/** Edits taken so far in one file, sorted by place, and the same by identity. */
interface Accepted {
  readonly sorted: Edit[];
  readonly known: Set<string>;
}

function permitted(fix: Fix, allow: 'safe' | 'unsafe'): boolean {
  if (fix.edits.length === 0) return false;
  return fix.applicability === 'safe' || (fix.applicability === 'unsafe' && allow === 'unsafe');
}

/** By the first edit: files as the map lists them, then offsets, then as given. */
function inOrder(texts: ReadonlyMap<string, string>, fixes: readonly Fix[]): Fix[] {
  const rank = new Map<string, number>();
  for (const path of texts.keys()) rank.set(path, rank.size);
  const keyed = fixes.map(fix => ({ fix, ...firstPlace(rank, fix) }));
  keyed.sort((left, right) => left.file - right.file || left.start - right.start);
  return keyed.map(row => row.fix);
}

function firstPlace(rank: ReadonlyMap<string, number>, fix: Fix): { file: number; start: number } {
  let file = rank.size;
  let start = 0;
  for (const edit of fix.edits) {
    const at = rank.get(edit.path) ?? rank.size;
    if (at < file) {
      file = at;
      start = edit.start;
    } else if (at === file && edit.start < start) start = edit.start;
  }
  return { file, start };
}

/** Takes all edits of the fix or none. */
function accept(texts: ReadonlyMap<string, string>, accepted: Map<string, Accepted>, fix: Fix): boolean {
  const taken: Edit[] = [];
  for (const edit of fix.edits) {
    const file = acceptedIn(accepted, edit.path);
    if (file.known.has(identity(edit))) continue;
    if (!fits(texts.get(edit.path), edit) || !insert(file, edit)) {
      for (const back of taken) remove(acceptedIn(accepted, back.path), back);
      return false;
    }
    taken.push(edit);
  }
  return true;
}

function acceptedIn(accepted: Map<string, Accepted>, path: string): Accepted {
  let file = accepted.get(path);
  if (!file) {
    file = { sorted: [], known: new Set() };
    accepted.set(path, file);
  }
  return file;
}

function identity(edit: Edit): string {
  return `${edit.start}:${edit.end}:${edit.text}`;
}

function fits(text: string | undefined, edit: Edit): boolean {
  return text !== undefined && edit.start >= 0 && edit.start <= edit.end && edit.end <= text.length;
}

/** Fixes come by position, so this appends nearly always. */
function insert(file: Accepted, edit: Edit): boolean {
  const at = slot(file.sorted, edit);
  const before = file.sorted[at - 1];
  const after = file.sorted[at];
  if ((before && overlaps(before, edit)) || (after && overlaps(edit, after))) return false;
  file.sorted.splice(at, 0, edit);
  file.known.add(identity(edit));
  return true;
}

function remove(file: Accepted, edit: Edit): void {
  file.sorted.splice(file.sorted.lastIndexOf(edit), 1);
  file.known.delete(identity(edit));
}

/** Index of the first edit that comes after this one. */
function slot(sorted: readonly Edit[], edit: Edit): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePlaces(sorted[middle]!, edit) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rebuild(
  texts: ReadonlyMap<string, string>,
  accepted: ReadonlyMap<string, Accepted>,
): Pick<Applied, 'texts' | 'edits'> {
  const changed = new Map<string, string>();
  const edits = new Map<string, readonly Edit[]>();
  for (const [path, text] of texts) {
    const real = (accepted.get(path)?.sorted ?? []).filter(edit => text.slice(edit.start, edit.end) !== edit.text);
    if (real.length === 0) continue;
    changed.set(path, applyEdits(text, real));
    edits.set(path, real);
  }
  return { texts: changed, edits };
}
