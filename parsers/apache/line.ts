/** Logical lines as `ap_cfg_getline_core` joins them, and words as `ap_getword_conf` splits them (server/util.c). */
import type { Source, Span } from '../ast.js';
import { lastAtOrBefore } from '../source.js';

const CR = 13;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;

/** C's isspace in the C locale: a no-break space is a character of a word. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/**
 * Where the line that starts at `from` ends: the offset of its LF, or the end of the text. `joined` tells that a backslash
 * just before LF or CRLF continues it, so that it holds several physical lines.
 */
export function lineEnd(text: string, from: number): { readonly end: number; readonly joined: boolean } {
  let joined = false;
  for (let start = from; ; ) {
    const lf = text.indexOf('\n', start);
    if (lf === -1) return { end: text.length, joined };
    const back = continuation(text, start, lf);
    if (back === -1) return { end: lf, joined };
    joined = true;
    start = lf + 1;
    if (start >= text.length) return { end: text.length, joined };
  }
}

/** The offset of the backslash that continues the physical line `[start, lf)`, or -1. */
function continuation(text: string, start: number, lf: number): number {
  let last = lf - 1;
  if (last >= start && text.charCodeAt(last) === CR) last--;
  if (last < start || text.charCodeAt(last) !== BACKSLASH) return -1;
  // A NUL ends the line to the server, which then does not see this backslash.
  for (let at = start; at < last; at++) if (text.charCodeAt(at) === 0) return -1;
  return last;
}

/** The joined text of a span of the source and the way back from its offsets. */
export interface LogicalLine {
  /** Without continuations. */
  readonly text: string;
  /** From an offset of `text` to that of the source. The end of a span is the offset behind its last character. */
  sourceOffset(offset: number): number;
}

/**
 * The line of a directive, the opening line of a section, or any other span: what `${VAR}` and macro arguments are replaced in,
 * before words are split. White space at its edges is not part of a node.
 */
export function logicalLine(source: Source, node: Span & { readonly headEnd?: number }): LogicalLine {
  return joinLine(source.text, node.start, node.headEnd ?? node.end);
}

export function joinLine(text: string, start: number, end: number): LogicalLine {
  const whole = text.slice(start, end);
  if (!whole.includes('\n')) return { text: whole, sourceOffset: offset => start + offset };
  const parts: string[] = [];
  const starts: number[] = [];
  const joinedStarts: number[] = [];
  let length = 0;
  for (let from = start; from < end; ) {
    const lf = text.indexOf('\n', from);
    const within = lf !== -1 && lf < end;
    const back = within ? continuation(text, from, lf) : -1;
    const stop = within ? (back === -1 ? lf : back) : end;
    starts.push(from);
    joinedStarts.push(length);
    parts.push(text.slice(from, stop));
    length += stop - from;
    from = within ? lf + 1 : end;
  }
  return {
    text: parts.join(''),
    sourceOffset(offset) {
      let index = lastAtOrBefore(joinedStarts, offset);
      // A part of no length starts where the next one does; what stands there is in the last of them.
      while (index + 1 < starts.length && joinedStarts[index + 1]! <= offset) index++;
      return (starts[index] ?? start) + offset - (joinedStarts[index] ?? 0);
    },
  };
}

/** ap_build_config_sub: the name in a first word, without the `<` of a section, and without a `>` at its end even if it opens none. */
export function commandName(word: string): string {
  const from = word.startsWith('<') ? 1 : 0;
  return word.endsWith('>') && word.charAt(1) !== '/' ? word.slice(from, -1) : word.slice(from);
}

/** A word of a line: its span with quotes, and what it means. */
export interface LineWord extends Span {
  readonly text: string;
  readonly quote: '' | '"' | "'";
}

/** No server needs as many; what has more is refused, so that a line of nothing else can't fill the memory. */
export const MOST_WORDS = 100_000;

/** Whether the lines have more words than are read of one directive. */
export function hasTooManyWords(text: string, from: number, to: number): boolean {
  let words = 0;
  for (let at = skipSpace(text, from, to); at < to && words <= MOST_WORDS; words++)
    at = skipSpace(text, wordEnd(text, at, to), to);
  return words > MOST_WORDS;
}

/** All words of a joined line, by ap_getword_conf again and again. */
export function splitWords(line: string, from = 0, to = line.length): LineWord[] {
  const words: LineWord[] = [];
  for (let at = skipSpace(line, from, to); at < to && words.length < MOST_WORDS; ) {
    const end = wordEnd(line, at, to);
    words.push(wordOf(line, at, end));
    at = skipSpace(line, end, to);
  }
  return words;
}

export function skipSpace(line: string, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(line.charCodeAt(at))) at++;
  return at;
}

/** After the closing quote, where one opened the word; the end of the line where it is missing, which httpd accepts. */
export function wordEnd(line: string, from: number, to: number): number {
  const quote = line.charCodeAt(from);
  let at = from;
  if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) {
    while (at < to && !isSpace(line.charCodeAt(at))) at++;
    return at;
  }
  for (at = from + 1; at < to; at++) {
    const code = line.charCodeAt(at);
    if (code === quote) return at + 1;
    const next = line.charCodeAt(at + 1);
    if (code === BACKSLASH && at + 1 < to && (next === quote || next === BACKSLASH)) at++;
  }
  return to;
}

export function wordOf(line: string, start: number, end: number): LineWord {
  const first = line.charAt(start);
  const quote = first === '"' || first === "'" ? first : '';
  if (quote === '') return { start, end, text: unescapeWord(line.slice(start, end), ''), quote };
  const closed = end - start > 1 && line.charAt(end - 1) === quote && !isEscaped(line, start, end - 1);
  return { start, end, text: unescapeWord(line.slice(start + 1, closed ? end - 1 : end), quote), quote };
}

function isEscaped(line: string, start: number, at: number): boolean {
  let slashes = 0;
  while (at - 1 - slashes > start && line.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

/** substring_conf: a backslash protects a backslash, and in quotes the quote; before all else it stays. */
function unescapeWord(inner: string, quote: string): string {
  if (!inner.includes('\\')) return inner;
  let result = '';
  for (let at = 0; at < inner.length; at++) {
    const next = inner.charAt(at + 1);
    if (inner.charAt(at) === '\\' && (next === '\\' || (quote !== '' && next === quote))) at++;
    result += inner.charAt(at);
  }
  return result;
}
