/** VB.NET to tokens, as chapter 2 of its specification cuts a text ("Lexical grammar"). */
import type { Source } from '../ast.js';
import {
  createSink,
  DIRECTIVE,
  isBlank,
  isDigit,
  isLineEnd,
  isNamePart,
  isNameStart,
  LINE,
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

const HASH = 35;
const DOLLAR = 36;
const AMPERSAND = 38;
const DOT = 46;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const UNDERSCORE = 95;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

interface Hole {
  readonly start: number;
  depth: number;
}

interface Lexer extends Sink {
  readonly holes: Hole[];
}

export function lexVisualBasic(source: Source): Sink {
  const lexer: Lexer = { ...createSink(source), holes: [] };
  const { text } = lexer;
  let fresh = true;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (isLineEnd(code)) {
      push(lexer, LINE, at, at + 1);
      fresh = true;
      at++;
    } else if (isBlank(code)) at++;
    else if (code === HASH && fresh) {
      const end = lineEnd(text, at);
      push(lexer, DIRECTIVE, at, end);
      at = end;
    } else {
      fresh = false;
      at = readToken(lexer, at, code);
    }
  }
  const unclosed = lexer.holes[0];
  if (unclosed) report(lexer, unclosed.start, 'Unexpected end of file, expected `}`', 'The string starts here');
  return lexer;
}

function readToken(lexer: Lexer, start: number, code: number): number {
  const { text } = lexer;
  if (isApostrophe(code)) return readComment(lexer, start);
  if (isQuote(code)) return readContent(lexer, start, start + 1, false);
  if (code === DOLLAR && isQuote(text.charCodeAt(start + 1))) return readContent(lexer, start, start + 2, true);
  if (code === UNDERSCORE) {
    const end = continuationEnd(lexer, start);
    if (end !== start) return end;
  }
  if (isNameStart(code)) return readName(lexer, start);
  if (code === OPEN_BRACKET) return readEscapedName(lexer, start);
  if (isDigit(code) || (code === AMPERSAND && /[ho]/i.test(text.charAt(start + 1)))) {
    const end = skipName(text, start + 1);
    push(lexer, NUMBER, start, end);
    return end;
  }
  return readSign(lexer, start, code);
}

/** The typographic ones count as well. */
function isApostrophe(code: number): boolean {
  return code === 39 || code === 0x2018 || code === 0x2019 || code === 0xff07;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 0x201c || code === 0x201d || code === 0xff02;
}

function readComment(lexer: Lexer, start: number): number {
  const end = lineEnd(lexer.text, start);
  pushComment(lexer, start, end);
  return end;
}

function readName(lexer: Lexer, start: number): number {
  const { text, tokens } = lexer;
  const end = skipName(text, start);
  const isRem = end - start === 3 && text.slice(start, end).toLowerCase() === 'rem';
  const before = tokens.ends.at(-1);
  // `x.Rem` is a member.
  if (isRem && !(before === start && text.charCodeAt(start - 1) === DOT)) return readComment(lexer, start);
  push(lexer, NAME, start, end);
  return end;
}

/** `[Enum]` is a name whatever it means without brackets. */
function readEscapedName(lexer: Lexer, start: number): number {
  const { text } = lexer;
  const end = skipName(text, start + 1);
  if (end > start + 1 && text.charCodeAt(end) === CLOSE_BRACKET) {
    push(lexer, NAME, start, end + 1);
    return end + 1;
  }
  push(lexer, SIGN, start, start + 1);
  return start + 1;
}

/** A `_` behind a blank and before the end of the line joins the next one; a comment may follow it. */
function continuationEnd({ text }: Lexer, start: number): number {
  if (start > 0 && !isBlank(text.charCodeAt(start - 1)) && !isLineEnd(text.charCodeAt(start - 1))) return start;
  let at = start + 1;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  if (at < text.length && isApostrophe(text.charCodeAt(at))) at = lineEnd(text, at);
  if (at < text.length && !isLineEnd(text.charCodeAt(at))) return start;
  if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) at++;
  return Math.min(at + 1, text.length);
}

/** From inside a string to behind it, or to its next hole. */
function readContent(lexer: Lexer, start: number, from: number, interpolated: boolean): number {
  const { text } = lexer;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isQuote(code)) {
      if (!isQuote(text.charCodeAt(at + 1))) return closeString(lexer, start, at + 1, interpolated);
      at++;
    } else if (interpolated && code === OPEN_BRACE) {
      if (text.charCodeAt(at + 1) !== OPEN_BRACE) {
        lexer.holes.push({ start, depth: 0 });
        lexer.muted = true;
        return at + 1;
      }
      at++;
    }
  }
  report(lexer, start, 'Unexpected end of file, expected `"`', 'The string starts here');
  return closeString(lexer, start, text.length, interpolated);
}

function closeString(lexer: Lexer, start: number, end: number, interpolated: boolean): number {
  const { text } = lexer;
  lexer.muted = lexer.holes.length > 0;
  // `"x"c` is a character.
  const isCharacter = /c/i.test(text.charAt(end)) && !isNamePart(text.charCodeAt(end + 1));
  push(lexer, interpolated ? TEXT : STRING, start, isCharacter ? end + 1 : end);
  return isCharacter ? end + 1 : end;
}

const LONG_SIGNS = new Set(['<>', '<=', '>=', ':=', '+=', '-=', '*=', '/=', '\\=', '^=', '&=', '?.']);
const OPENING = new Set([40, OPEN_BRACE]);
const CLOSING = new Set([41, CLOSE_BRACE]);

function readSign(lexer: Lexer, start: number, code: number): number {
  const { text, holes } = lexer;
  const hole = holes.at(-1);
  if (hole) {
    if (OPENING.has(code)) hole.depth++;
    else if (code === CLOSE_BRACE && hole.depth <= 0) {
      holes.pop();
      return readContent(lexer, hole.start, start + 1, true);
    } else if (CLOSING.has(code)) hole.depth--;
  }
  const end = start + (LONG_SIGNS.has(text.slice(start, start + 2)) ? 2 : 1);
  push(lexer, SIGN, start, end);
  return end;
}

/** What a string that is written whole means. */
export function visualBasicString(raw: string): string {
  const end = /c$/i.test(raw) && isQuote(raw.charCodeAt(raw.length - 2)) ? raw.length - 1 : raw.length;
  const isClosed = end > 1 && isQuote(raw.charCodeAt(end - 1));
  return raw.slice(1, isClosed ? end - 1 : end).replace(/["\u201c\u201d\uff02]{2}/g, each => each.charAt(0));
}
