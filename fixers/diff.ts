/** Unified diffs from the original text and our own edits, so the cost follows the edits and not the files. */
import type { StructuredPatchHunk } from 'diff';
import type { Source } from '../parsers/ast.js';
import { encode } from '../parsers/source.js';
import type { Edit } from './edit.js';

/** Lines of context around a change. */
const CONTEXT = 3;
const NO_EOL = '\\ No newline at end of file';

export interface ChangedFile {
  /**
   * How the file is named below `a/` and `b/`: relative to where the diff is applied with `-p1`. The `/` of an
   * absolute path is dropped, so such a diff applies with `patch -p1 -d /` or `git apply --directory`.
   */
  readonly path: string;
  /** The original. */
  readonly source: Source;
  /** Sorted by place, without overlaps. */
  readonly edits: readonly Edit[];
}

/**
 * The bytes of a unified diff that `git apply` and `patch -p1` take; each file's lines in that file's own encoding, but
 * those of UTF-16 in UTF-8, as git has it for a file with a `working-tree-encoding`: no tool applies lines of UTF-16.
 * Names are quoted as git quotes them. Empty where nothing changes.
 */
export async function unifiedDiff(files: readonly ChangedFile[]): Promise<Uint8Array> {
  const changed: { file: ChangedFile; hunks: StructuredPatchHunk[] }[] = [];
  for (const file of files) {
    const hunks = hunksOf(file.source, file.edits);
    if (hunks.length > 0) changed.push({ file, hunks });
  }
  if (changed.length === 0) return new Uint8Array();
  const { formatPatch, FILE_HEADERS_ONLY, OMIT_HEADERS } = await import('diff');
  const parts = changed.map(({ file, hunks }) => {
    const name = file.path.replace(/^\/+/, '');
    const patch = { oldFileName: `a/${name}`, newFileName: `b/${name}`, oldHeader: '', newHeader: '' };
    const header = formatPatch({ ...patch, hunks: [] }, FILE_HEADERS_ONLY);
    const body = formatPatch({ ...patch, hunks }, OMIT_HEADERS);
    return [
      encode(endNames(header), 'utf8'),
      encode(body, file.source.encoding === 'utf16le' ? 'utf8' : file.source.encoding),
    ];
  });
  return joinBytes(parts.flat());
}

/**
 * GNU patch ends an unquoted name at its first blank unless a tab follows the whole name, and drops blanks at
 * its end, so such a name is quoted.
 */
function endNames(header: string): string {
  return header.split('\n').map(endName).join('\n');
}

function endName(line: string): string {
  if (line.endsWith(' ')) return `${line.slice(0, 4)}"${line.slice(4)}"`;
  return line.includes(' ', 4) && !line.endsWith('"') ? `${line}\t` : line;
}

/** Whole lines `[from, to)` (0-based) of the old text, and the lines that come in their place. */
interface Change {
  from: number;
  to: number;
  lines: string[];
}

/** The hunks of one file, in the shape of the package `diff`. */
export function hunksOf(source: Source, edits: readonly Edit[]): StructuredPatchHunk[] {
  const lines = lineTable(source);
  const changes = changesOf(source, edits, lines).filter(change => change.from < change.to || change.lines.length > 0);
  const hunks: StructuredPatchHunk[] = [];
  let shift = 0;
  for (let at = 0; at < changes.length; ) {
    let next = at + 1;
    while (next < changes.length && changes[next]!.from - changes[next - 1]!.to <= 2 * CONTEXT) next++;
    const hunk = hunkOf(lines, changes.slice(at, next), shift);
    shift += hunk.newLines - hunk.oldLines;
    hunks.push(hunk);
    at = next;
  }
  return hunks;
}

interface Lines {
  readonly count: number;
  /** 0-based index of the line that holds the offset. */
  indexAt(offset: number): number;
  /** Offset of a line's first character; the end of the text for `count`. */
  startOf(index: number): number;
  /** The line with its ending. */
  textOf(index: number): string;
}

function lineTable(source: Source): Lines {
  const { text } = source;
  const last = source.pointAt(text.length);
  const count = last.column === 1 ? last.line - 1 : last.line;
  const startOf = (index: number) => (index >= count ? text.length : source.lineSpan(index + 1).start);
  return {
    count,
    indexAt: offset => source.pointAt(offset).line - 1,
    startOf,
    textOf: index => text.slice(startOf(index), startOf(index + 1)),
  };
}

/** Edits that touch one line are one change; changes on lines side by side are one as well. */
function changesOf(source: Source, edits: readonly Edit[], lines: Lines): Change[] {
  const changes: Change[] = [];
  for (let at = 0; at < edits.length; ) {
    const group = groupAt(source.text, edits, at, lines);
    push(changes, trim(group, lines));
    at = group.next;
  }
  return changes;
}

/** The edits from `at` on that share lines, as one change of whole lines; `next` is the first edit after them. */
function groupAt(text: string, edits: readonly Edit[], at: number, lines: Lines): Change & { next: number } {
  const from = lines.indexAt(edits[at]!.start);
  let to = from;
  let next = at;
  for (;;) {
    while (next < edits.length && (next === at || lines.indexAt(edits[next]!.start) < to)) {
      to = Math.max(to, lineAfter(text, lines, edits[next++]!));
    }
    const now = rewritten(text, lines, from, to, edits.slice(at, next));
    if (now === '' || now.endsWith('\n')) return { from, to, lines: splitLines(now), next };
    // A piece without an ending joins what follows: the next line, or what is put at the end of the text.
    if (to < lines.count) to++;
    else if (next < edits.length) next = edits.length;
    else return { from, to, lines: splitLines(now), next };
  }
}

/** Index after the last line that the edit touches: one that ends with its last line whole leaves the next alone. */
function lineAfter(text: string, lines: Lines, edit: Edit): number {
  const index = lines.indexAt(edit.end);
  if (edit.end > 0 && lines.startOf(index) === edit.end && endsWhole(text, edit)) return index;
  return Math.min(index + 1, lines.count);
}

function endsWhole(text: string, edit: Edit): boolean {
  if (edit.text !== '') return edit.text.endsWith('\n');
  return edit.start < edit.end && (edit.start === 0 || text.charAt(edit.start - 1) === '\n');
}

function rewritten(text: string, lines: Lines, from: number, to: number, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = lines.startOf(from);
  for (const edit of edits) {
    pieces.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  pieces.push(text.slice(at, Math.max(at, lines.startOf(to))));
  return pieces.join('');
}

/** Lines with their endings. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length; ) {
    const lf = text.indexOf('\n', at);
    const next = lf === -1 ? text.length : lf + 1;
    lines.push(text.slice(at, next));
    at = next;
  }
  return lines;
}

/** Leaves out the lines at both ends that stay the same. */
function trim(change: Change, lines: Lines): Change {
  const { lines: now } = change;
  let { from, to } = change;
  let first = 0;
  let last = now.length;
  while (from < to && first < last && lines.textOf(from) === now[first]) {
    from++;
    first++;
  }
  while (from < to && first < last && lines.textOf(to - 1) === now[last - 1]) {
    to--;
    last--;
  }
  return { from, to, lines: now.slice(first, last) };
}

function push(changes: Change[], change: Change): void {
  const previous = changes.at(-1);
  if (previous && previous.to === change.from) {
    previous.to = change.to;
    for (const line of change.lines) previous.lines.push(line);
  } else changes.push(change);
}

function hunkOf(lines: Lines, changes: readonly Change[], shift: number): StructuredPatchHunk {
  const start = Math.max(0, changes[0]!.from - CONTEXT);
  const end = Math.min(lines.count, changes.at(-1)!.to + CONTEXT);
  const out: string[] = [];
  let at = start;
  let added = 0;
  let removed = 0;
  for (const change of changes) {
    while (at < change.from) putLine(out, ' ', lines.textOf(at++));
    while (at < change.to) putLine(out, '-', lines.textOf(at++));
    for (const line of change.lines) putLine(out, '+', line);
    removed += change.to - change.from;
    added += change.lines.length;
  }
  while (at < end) putLine(out, ' ', lines.textOf(at++));
  const oldLines = end - start;
  return {
    oldStart: start + 1,
    oldLines,
    newStart: start + 1 + shift,
    newLines: oldLines - removed + added,
    lines: out,
  };
}

function putLine(out: string[], mark: string, line: string): void {
  if (line.endsWith('\n')) out.push(mark + line.slice(0, -1));
  else out.push(mark + line, NO_EOL);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
