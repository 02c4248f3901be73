/** Two rounds of edits as one, so that a diff can be made from edits alone however many rounds a fix took. */
import { lastAtOrBefore } from '../parsers/source.js';
import type { Edit } from './edit.js';

/** A run of the middle text: `[start, end)` of the original kept (`text` absent) or replaced by `text`. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly text?: string;
}

/**
 * `first` leads from the original to the middle text, `second` from the middle to the last; the result leads from the
 * original to the last, sorted by place. All of one file, each round without overlaps. Linear after sorting.
 */
export function composeEdits(first: readonly Edit[], second: readonly Edit[]): Edit[] {
  const path = (first[0] ?? second[0])?.path;
  if (path === undefined) return [];
  const later = sorted(second);
  const composed = gather(path);
  let next = 0;
  let begun = false;
  let middle = 0;
  for (const piece of piecesOf(sorted(first))) {
    const length = piece.text?.length ?? piece.end - piece.start;
    if (piece.text !== undefined) composed.replace(piece.start, piece.end, '');
    let at = 0;
    while (at < length) {
      const edit = later[next];
      if (!edit && piece.end === Number.MAX_SAFE_INTEGER) break;
      const original = piece.text === undefined ? piece.start + at : piece.end;
      if (!edit || edit.start > middle + at) {
        const stop = edit ? Math.min(length, edit.start - middle) : length;
        if (piece.text === undefined) composed.keep();
        else composed.replace(original, original, piece.text.slice(at, stop));
        at = stop;
        continue;
      }
      if (!begun) composed.replace(original, original, edit.text);
      begun = true;
      const stop = Math.max(at, Math.min(length, edit.end - middle));
      if (piece.text === undefined) composed.replace(original, piece.start + stop, '');
      at = stop;
      if (edit.end > middle + at) continue;
      next++;
      begun = false;
    }
    middle += length;
  }
  return composed.edits();
}

/**
 * Where in the original what stands at an offset of the text after `edits` (sorted, without overlaps) came from; of what an edit
 * put there, the place of the edit.
 */
export function originalOffsets(edits: readonly Edit[]): (offset: number) => number {
  let shift = 0;
  const starts = edits.map(({ start, end, text }) => {
    const at = start + shift;
    shift += text.length - (end - start);
    return at;
  });
  return offset => {
    if (edits.length === 0 || offset < starts[0]!) return offset;
    const index = lastAtOrBefore(starts, offset);
    const { start, end, text } = edits[index]!;
    const behind = offset - starts[index]! - text.length;
    return behind < 0 ? start : end + behind;
  };
}

/** Joins replacements that no kept text separates. */
function gather(path: string) {
  const edits: Edit[] = [];
  let open: { start: number; end: number; text: string } | undefined;
  const keep = () => {
    if (open && (open.end > open.start || open.text !== '')) edits.push({ path, ...open });
    open = undefined;
  };
  return {
    keep,
    replace(start: number, end: number, text: string) {
      open ??= { start, end: start, text: '' };
      open.end = Math.max(open.end, end);
      open.text += text;
    },
    edits() {
      keep();
      return edits;
    },
  };
}

function piecesOf(edits: readonly Edit[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    if (start > at) pieces.push({ start: at, end: start });
    pieces.push({ start, end, text });
    at = end;
  }
  pieces.push({ start: at, end: Number.MAX_SAFE_INTEGER });
  return pieces;
}

function sorted(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}
