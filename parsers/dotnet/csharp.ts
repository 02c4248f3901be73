/** C# to tokens, as section 6 of its specification cuts a text ("Lexical structure"). */
import type { Source } from '../ast.js';
import {
  createSink,
  DIRECTIVE,
  isBlank,
  isDigit,
  isLineEnd,
  isNameStart,
  lineEnd,
  NAME,
  NUMBER,
  push,
  pushComment,
  report,
  SIGN,
  type Sink,
  STRING,
  skipName,
  TEXT,
} from './tokens.js';

const QUOTE = 34;
const HASH = 35;
const DOLLAR = 36;
const APOSTROPHE = 39;
const STAR = 42;
const SLASH = 47;
const COLON = 58;
const AT = 64;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** An interpolated string whose `{` has been read: its expression is code until `}`. */
interface Hole {
  readonly start: number;
  readonly verbatim: boolean;
  /** Number of quotes of a raw string; 0 for others. */
  readonly quotes: number;
  /** How many braces open a hole of it. */
  readonly dollars: number;
  depth: number;
}

interface Lexer extends Sink {
  readonly holes: Hole[];
}

export function lexCsharp(source: Source): Sink {
  const lexer: Lexer = { ...createSink(source), holes: [] };
  const { text } = lexer;
  let fresh = true;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (isLineEnd(code)) {
      fresh = true;
      at++;
    } else if (isBlank(code)) at++;
    else if (code === HASH && fresh) at = readDirective(lexer, at);
    else {
      fresh = false;
      at = readToken(lexer, at, code);
    }
  }
  const unclosed = lexer.holes[0];
  if (unclosed) report(lexer, unclosed.start, 'Unexpected end of file, expected `}`', 'The string starts here');
  return lexer;
}

function readDirective(lexer: Lexer, start: number): number {
  const end = lineEnd(lexer.text, start);
  push(lexer, DIRECTIVE, start, end);
  return end;
}

function readToken(lexer: Lexer, start: number, code: number): number {
  const { text } = lexer;
  if (code === SLASH && isCommentMark(text.charCodeAt(start + 1))) return readComment(lexer, start);
  if (code === QUOTE || code === DOLLAR || code === AT) {
    const end = readStringLike(lexer, start);
    if (end !== start) return end;
  }
  if (code === APOSTROPHE) return readCharacter(lexer, start);
  if (isNameStart(code) || (code === AT && isNameStart(text.charCodeAt(start + 1)))) {
    const end = skipName(text, start + 1);
    push(lexer, NAME, start, end);
    return end;
  }
  if (isDigit(code)) {
    const end = skipName(text, start);
    push(lexer, NUMBER, start, end);
    return end;
  }
  return readSign(lexer, start, code);
}

function isCommentMark(code: number): boolean {
  return code === SLASH || code === STAR;
}

function readComment(lexer: Lexer, start: number): number {
  const { text } = lexer;
  const isBlock = text.charCodeAt(start + 1) === STAR;
  const close = isBlock ? text.indexOf('*/', start + 2) : lineEnd(text, start);
  const end = close === -1 ? text.length : isBlock ? close + 2 : close;
  if (close === -1) report(lexer, start, 'Unexpected end of file, expected `*/`', 'The comment starts here');
  pushComment(lexer, start, end);
  return end;
}

/** `"`, `@"`, `$"`, `$@"`, `@$"`, `"""`, `$$"""`; the start itself where it is none of them. */
function readStringLike(lexer: Lexer, start: number): number {
  const { text } = lexer;
  let at = start;
  let dollars = 0;
  let verbatim = false;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOLLAR) dollars++;
    else if (code === AT && !verbatim) verbatim = true;
    else break;
  }
  if (text.charCodeAt(at) !== QUOTE) {
    // A run of `$` is read once, whatever it may be.
    if (dollars > 0) push(lexer, SIGN, start, at);
    return dollars > 0 ? at : start;
  }
  const quotes = verbatim ? 1 : countOf(text, at, QUOTE);
  const hole: Hole = { start, verbatim, quotes: quotes >= 3 ? quotes : 0, dollars, depth: 0 };
  const from = at + (hole.quotes || 1);
  return readContent(lexer, hole, from);
}

function countOf(text: string, from: number, code: number): number {
  let at = from;
  while (text.charCodeAt(at) === code) at++;
  return at - from;
}

/** From inside a string to behind it, or to its next hole. */
function readContent(lexer: Lexer, hole: Hole, from: number): number {
  const { text } = lexer;
  const { verbatim, quotes, dollars } = hole;
  const plain = quotes === 0 && !verbatim;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const run = quotes > 0 ? countOf(text, at, QUOTE) : 1;
      if (run < quotes) at += run - 1;
      else if (verbatim && text.charCodeAt(at + 1) === QUOTE) at++;
      else return closeString(lexer, hole, at + run);
    } else if (code === BACKSLASH && plain && !isLineEnd(text.charCodeAt(at + 1))) at++;
    else if (plain && isLineEnd(code)) return closeString(lexer, hole, at);
    else if (code === OPEN_BRACE && dollars > 0) {
      const run = countOf(text, at, OPEN_BRACE);
      const opens = quotes > 0 ? run >= dollars : run % 2 === 1;
      at += run - 1;
      if (opens) return openHole(lexer, hole, at + 1);
    }
  }
  report(lexer, hole.start, 'Unexpected end of file, expected `"`', 'The string starts here');
  return closeString(lexer, hole, text.length);
}

function closeString(lexer: Lexer, hole: Hole, end: number): number {
  lexer.muted = lexer.holes.length > 0;
  push(lexer, hole.dollars > 0 ? TEXT : STRING, hole.start, end);
  return end;
}

function openHole(lexer: Lexer, hole: Hole, at: number): number {
  lexer.holes.push({ ...hole, depth: 0 });
  lexer.muted = true;
  return at;
}

/** `'x'`, `'\''`; what no quote closes ends with its line. */
function readCharacter(lexer: Lexer, start: number): number {
  const { text } = lexer;
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== APOSTROPHE && !isLineEnd(text.charCodeAt(at))) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  const end = Math.min(text.charCodeAt(at) === APOSTROPHE ? at + 1 : at, text.length);
  push(lexer, TEXT, start, end);
  return end;
}

const LONG_SIGNS = new Set('== => != <= >= |= &= ^= += -= *= /= %= || && ?? :: ?. -> ++ --'.split(' '));

function readSign(lexer: Lexer, start: number, code: number): number {
  const { text, holes } = lexer;
  const hole = holes.at(-1);
  if (hole) {
    const end = readInHole(lexer, hole, start, code);
    if (end !== start) return end;
  }
  const end = start + (LONG_SIGNS.has(text.slice(start, start + 2)) ? 2 : 1);
  push(lexer, SIGN, start, end);
  return end;
}

const OPENING = new Set([40, 91, OPEN_BRACE]);
const CLOSING = new Set([41, 93, CLOSE_BRACE]);

/** The start itself where the sign has no meaning for the hole. */
function readInHole(lexer: Lexer, hole: Hole, start: number, code: number): number {
  const { text, holes } = lexer;
  if (OPENING.has(code)) hole.depth++;
  else if (code === CLOSE_BRACE && hole.depth <= 0) {
    holes.pop();
    const braces = hole.quotes > 0 ? Math.min(countOf(text, start, CLOSE_BRACE), hole.dollars) : 1;
    return readContent(lexer, hole, start + braces);
  } else if (CLOSING.has(code)) hole.depth--;
  else if (code === COLON && hole.depth <= 0 && text.charCodeAt(start + 1) !== COLON) return formatEnd(text, start);
  return start;
}

/** `{value:format}`: the format is text. */
function formatEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === CLOSE_BRACE || code === QUOTE || isLineEnd(code)) return at;
  }
  return text.length;
}

/** What a string that is written whole means; of escapes only those that a name could hold. */
export function csharpString(raw: string): string {
  if (raw.startsWith('@')) return raw.slice(2, raw.endsWith('"') ? -1 : undefined).replaceAll('""', '"');
  if (raw.startsWith('"""')) {
    let quotes = 0;
    while (raw.charAt(quotes) === '"') quotes++;
    return raw.slice(quotes, -quotes || undefined);
  }
  const inner = raw.slice(1, raw.length > 1 && raw.endsWith('"') ? -1 : undefined);
  if (!inner.includes('\\')) return inner;
  return inner.replace(/\\(?:u([\dA-Fa-f]{4})|x([\dA-Fa-f]{1,4})|(.))/g, (whole, four, few, one) => {
    const hex = four ?? few;
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return one === '"' || one === '\\' || one === "'" ? one : whole;
  });
}
