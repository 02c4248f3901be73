/** How a text is laid out around a place: lines, their blanks, their ending, the indentation of a scope. */
import type { Source, Span } from '../parsers/ast.js';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const BOM = 0xfeff;
const DEFAULT_UNIT = '    ';
/** How far the file is read for the habit of its author. */
const SAMPLE = 20_000;

export type Eol = '\n' | '\r\n';

/** Space or tab: what stands before a directive on its line. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Offset of the first character of the line that holds `offset` (a BOM is before the first line). */
export function lineStart(text: string, offset: number): number {
  const at = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  return at === 0 && text.charCodeAt(0) === BOM && offset > 0 ? 1 : at;
}

/** Offset of the line ending (of its CR where it has one) or of the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const lf = text.indexOf('\n', offset);
  if (lf === -1) return text.length;
  return lf > offset && text.charCodeAt(lf - 1) === CR ? lf - 1 : lf;
}

/** Offset after the line ending that begins at or follows `offset`; the end of the text where there is none. */
export function nextLine(text: string, offset: number): number {
  const lf = text.indexOf('\n', offset);
  return lf === -1 ? text.length : lf + 1;
}

export function skipBlanks(text: string, offset: number): number {
  let at = offset;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

export function skipBlanksBack(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

/** Whether only blanks stand between the start of the line and `offset`. */
export function startsLine(text: string, offset: number): boolean {
  return skipBlanksBack(text, offset) <= lineStart(text, offset);
}

/** Whether only blanks stand between `offset` and the line's ending. A lone CR is no ending, but blank to the servers. */
export function endsLine(text: string, offset: number): boolean {
  let at = skipBlanks(text, offset);
  if (text.charCodeAt(at) === CR) at++;
  return at >= text.length || text.charCodeAt(at) === LF;
}

/** The blanks that the line of `offset` starts with. */
export function indentAt(text: string, offset: number): string {
  const start = lineStart(text, offset);
  return text.slice(start, skipBlanks(text, start));
}

/** The ending of the line that holds `offset`, else of the line before, else of the first line, else LF. */
export function eolAt(text: string, offset: number): Eol {
  let lf = text.indexOf('\n', offset);
  if (lf === -1) lf = text.lastIndexOf('\n', offset);
  if (lf === -1) return '\n';
  return lf > 0 && text.charCodeAt(lf - 1) === CR ? '\r\n' : '\n';
}

/**
 * The indentation of what stands in a scope: of the first of its children that starts a line,
 * else one step more than the line of the scope's own start.
 */
export function indentOf(source: Source, scope: Span, children: readonly Span[], isRoot: boolean): string {
  const text = source.text;
  for (const child of children) if (startsLine(text, child.start)) return indentAt(text, child.start);
  return isRoot ? '' : indentAt(text, scope.start) + indentUnit(text);
}

/** One step of indentation: that of the first indented line near the top, four spaces where there is none. */
function indentUnit(text: string): string {
  const limit = Math.min(text.length, SAMPLE);
  for (let at = 0; at < limit; at = nextLine(text, at)) {
    const end = skipBlanks(text, at);
    if (end > at && !endsLine(text, end))
      return text.charCodeAt(at) === TAB ? '\t' : text.slice(at, Math.min(end, at + 8));
    if (nextLine(text, at) === at) break;
  }
  return DEFAULT_UNIT;
}

/** Where the text itself begins: after a BOM. */
export function textStart(text: string): number {
  return text.charCodeAt(0) === BOM ? 1 : 0;
}

/**
 * The whole lines from the one of `start` to the one of `end`, their ending included. The last line of a
 * file without a final line ending takes the ending before it instead, so the file still has none.
 */
export function wholeLines(text: string, start: number, end: number): Span {
  const first = lineStart(text, start);
  const next = nextLine(text, end);
  const open = next === text.length && text.charCodeAt(next - 1) !== LF;
  if (!open || first <= textStart(text)) return { start: first, end: next };
  const before = text.charCodeAt(first - 2) === CR ? first - 2 : first - 1;
  return { start: before, end: next };
}
