/**
 * What stands behind the `=` of a value. The names in the comments are those of Wine's `programs/regedit/regproc.c`, which
 * was written after the registry editor and is tested against it.
 */
import type { RegistryData } from '../ast.js';

export interface ReadData {
  readonly data: RegistryData;
  /** Offset just after the data, blanks and comments excluded. */
  readonly end: number;
  /** A comment behind it, or behind one of its lines. */
  readonly comments: ReadonlyArray<{ readonly start: number; readonly end: number }>;
}

export interface DataFault {
  readonly at: number;
  /** What is expected there. */
  readonly expected: string;
}

/** Most bytes of a value that are kept: none that speaks of protocols has more. */
const MOST_BYTES = 1024;

/** `parse_data_type`: the types are told apart by their first characters, in lower case. */
export function readData(text: string, at: number): ReadData | DataFault {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return readStringData(text, at);
  if (text.startsWith('dword:', at)) return readDword(text, at + 6);
  if (text.startsWith('hex:', at)) return readHex(text, at + 4, 3);
  if (text.startsWith('hex(', at)) return readTypedHex(text, at + 4);
  if (code === MINUS) return ended(text, at + 1, { kind: 'delete' });
  return { at, expected: '`"`, `dword:`, `hex:`, `hex(` or `-`' };
}

/** The end of a quoted string that starts before `at`: its closing quote, or -1 where the text ends before that. */
export function closingQuote(text: string, at: number): number {
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === BACKSLASH) index++;
    else if (code === QUOTE) return index;
  }
  return -1;
}

/** `get_unescaped`: `\\`, `\"`, `\n`, `\r` and `\0`; before any other character the backslash is dropped. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([\s\S]?)/g, (_, character: string) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', 0: '\0' };

/** A string may run over several lines, as the editor itself writes one with line endings in it. */
function readStringData(text: string, at: number): ReadData | DataFault {
  const close = closingQuote(text, at + 1);
  if (close === -1) return { at, expected: 'a closing `"`' };
  return ended(text, close + 1, { kind: 'string', text: unescaped(text.slice(at + 1, close)) }, at);
}

/** `convert_hex_to_dword`: blanks, one to eight digits, blanks, a comment. */
function readDword(text: string, from: number): ReadData | DataFault {
  const at = skipBlanks(text, from);
  let end = at;
  while (isHexDigit(text.charCodeAt(end))) end++;
  if (end === at || end - at > 8) return { at, expected: 'one to eight hexadecimal digits' };
  return ended(text, end, { kind: 'dword', value: Number.parseInt(text.slice(at, end), 16) });
}

function readTypedHex(text: string, at: number): ReadData | DataFault {
  let end = at;
  while (isHexDigit(text.charCodeAt(end))) end++;
  if (end === at || end - at > 8 || !text.startsWith('):', end)) {
    return { at, expected: 'a hexadecimal type and `):`' };
  }
  return readHex(text, end + 2, Number.parseInt(text.slice(at, end), 16));
}

/** `convert_hex_csv_to_hex`: bytes between commas; `\` goes on with the next line that is neither blank nor a comment. */
function readHex(text: string, from: number, type: number): ReadData | DataFault {
  const bytes: number[] = [];
  const comments: Array<{ start: number; end: number }> = [];
  let end = from;
  for (let at = skipBlanks(text, from); ; ) {
    const code = text.charCodeAt(at);
    if (isHexDigit(code)) {
      const digits = isHexDigit(text.charCodeAt(at + 1)) ? 2 : 1;
      if (isHexDigit(text.charCodeAt(at + digits))) return { at, expected: 'at most two hexadecimal digits' };
      if (bytes.length < MOST_BYTES) bytes.push(Number.parseInt(text.slice(at, at + digits), 16));
      end = at + digits;
      at = skipBlanks(text, end);
      if (text.charCodeAt(at) === COMMA) end = ++at;
      at = skipBlanks(text, at);
    } else if (code === BACKSLASH) {
      end = at + 1;
      const next = continuation(text, end, comments);
      if (next === undefined) return { at: skipBlanks(text, end), expected: 'the end of the line' };
      // What does not go on with a byte has ended with the line before.
      if (!isHexDigit(text.charCodeAt(next))) return { data: { kind: 'hex', type, bytes }, end, comments };
      at = next;
    } else {
      const rest = ended(text, end, { kind: 'hex', type, bytes });
      return 'data' in rest ? { ...rest, comments: [...comments, ...rest.comments] } : rest;
    }
  }
}

/** The first offset of what goes on; `undefined` where something else stands behind the backslash. */
function continuation(text: string, from: number, comments: Array<{ start: number; end: number }>): number | undefined {
  let at = skipBlanks(text, from);
  if (text.charCodeAt(at) !== SEMICOLON && !isLineEnd(text, at)) return undefined;
  for (;;) {
    if (text.charCodeAt(at) === SEMICOLON) {
      const end = lineEnd(text, at);
      comments.push({ start: at, end });
      at = end;
    }
    if (at >= text.length) return at;
    if (!isLineEnd(text, at)) return at;
    at = skipBlanks(text, lineStartAfter(text, at));
  }
}

/** Behind the data only a comment may follow. */
function ended(text: string, end: number, data: RegistryData, start = end): ReadData | DataFault {
  const at = skipBlanks(text, end);
  if (isLineEnd(text, at)) return { data, end, comments: [] };
  if (text.charCodeAt(at) === SEMICOLON) return { data, end, comments: [{ start: at, end: lineEnd(text, at) }] };
  // A quote that closes on another line closes nothing of this one.
  const shown = text.slice(start, end).includes('\n') ? start : at;
  return { at: shown, expected: shown === at ? 'the end of the line' : 'a closing `"`' };
}

export function skipBlanks(text: string, at: number): number {
  let index = at;
  while (index < text.length && (text.charCodeAt(index) === 32 || text.charCodeAt(index) === 9)) index++;
  return index;
}

/** Lines end at CR, LF or both (`get_line`), and at the end of the text. */
function isLineEnd(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === 10 || text.charCodeAt(at) === 13;
}

export function lineEnd(text: string, at: number): number {
  let index = at;
  while (!isLineEnd(text, index)) index++;
  return index;
}

/** The start of the next line, from an offset at a line ending. */
export function lineStartAfter(text: string, at: number): number {
  return text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
}

function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const SEMICOLON = 59;
const BACKSLASH = 92;
