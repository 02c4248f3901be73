/** PowerShell to tokens, as chapter 2 of its specification cuts a text ("Lexical structure"). */
import type { Source } from '../ast.js';
import {
  createSink,
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
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const DASH = 45;
const DOT = 46;
const COLON = 58;
const LESS = 60;
const AT = 64;
const BACKTICK = 96;
const OPEN_BRACE = 123;

/** A string whose `$(` has been read: what follows is code until `)`. */
interface Hole {
  readonly start: number;
  readonly here: boolean;
  depth: number;
}

interface Lexer extends Sink {
  readonly holes: Hole[];
}

export function lexPowershell(source: Source): Sink {
  const lexer: Lexer = { ...createSink(source), holes: [] };
  const { text } = lexer;
  let previousEnd = -1;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (isLineEnd(code)) {
      push(lexer, LINE, at, at + 1);
      at++;
    } else if (isBlank(code)) at++;
    else if (code === BACKTICK) at = skipEscape(text, at);
    else {
      at = readToken(lexer, at, code, previousEnd === at);
      previousEnd = at;
    }
  }
  const unclosed = lexer.holes[0];
  if (unclosed) report(lexer, unclosed.start, 'Unexpected end of file, expected `)`', 'The string starts here');
  return lexer;
}

/** A backtick joins the next line, or takes the meaning from the next character. */
function skipEscape(text: string, start: number): number {
  return start + (text.charCodeAt(start + 1) === 13 && text.charCodeAt(start + 2) === 10 ? 3 : 2);
}

/** `glued`: the token before it ends right here. */
function readToken(lexer: Lexer, start: number, code: number, glued: boolean): number {
  const { text } = lexer;
  if (code === LESS && text.charCodeAt(start + 1) === HASH) return readBlockComment(lexer, start);
  if (code === HASH && !(glued && isInWord(text.charCodeAt(start - 1)))) return readLineComment(lexer, start);
  if (isSingle(code)) return readLiteral(lexer, start, start + 1);
  if (isDouble(code)) return readContent(lexer, { start, here: false, depth: 0 }, start + 1, false);
  if (code === AT && isHereStart(text, start)) return readHere(lexer, start);
  if (code === DOLLAR) return readVariable(lexer, start);
  if (isNameStart(code)) return readName(lexer, start, glued && isMember(text, start));
  if (isDigit(code)) return readWord(lexer, NUMBER, start);
  if (isDash(code) && isNameStart(text.charCodeAt(start + 1))) return readWord(lexer, NAME, start);
  return readSign(lexer, start, code);
}

/** A `#` in the midst of a word is a part of it. */
function isInWord(before: number): boolean {
  return isNamePart(before) || before === 46 || before === 47 || before === 92 || before === 58 || before === 45;
}

function isSingle(code: number): boolean {
  return code === 39 || (code >= 0x2018 && code <= 0x201b);
}

function isDouble(code: number): boolean {
  return code === 34 || (code >= 0x201c && code <= 0x201e);
}

function isDash(code: number): boolean {
  return code === 45 || (code >= 0x2013 && code <= 0x2015);
}

function readLineComment(lexer: Lexer, start: number): number {
  const end = lineEnd(lexer.text, start);
  pushComment(lexer, start, end);
  return end;
}

function readBlockComment(lexer: Lexer, start: number): number {
  const close = lexer.text.indexOf('#>', start + 2);
  const end = close === -1 ? lexer.text.length : close + 2;
  if (close === -1) report(lexer, start, 'Unexpected end of file, expected `#>`', 'The comment starts here');
  pushComment(lexer, start, end);
  return end;
}

/** `'…'`: nothing but `''` means something else. */
function readLiteral(lexer: Lexer, start: number, from: number): number {
  const { text } = lexer;
  for (let at = from; at < text.length; at++) {
    if (!isSingle(text.charCodeAt(at))) continue;
    if (!isSingle(text.charCodeAt(at + 1))) {
      push(lexer, STRING, start, at + 1);
      return at + 1;
    }
    at++;
  }
  report(lexer, start, "Unexpected end of file, expected `'`", 'The string starts here');
  push(lexer, STRING, start, text.length);
  return text.length;
}

/** From inside a string to behind it, or to its next hole. `computed`: a variable or a hole stands before. */
function readContent(lexer: Lexer, hole: Hole, from: number, computed: boolean): number {
  const { text } = lexer;
  const { start, here } = hole;
  let isComputed = computed;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKTICK) at++;
    else if (code === DOLLAR) {
      const next = text.charCodeAt(at + 1);
      if (next === OPEN_PAREN) {
        lexer.holes.push({ start, here, depth: 0 });
        lexer.muted = true;
        return at + 2;
      }
      isComputed ||= next === OPEN_BRACE || isNamePart(next);
    } else if (isDouble(code)) {
      const doubled = !here && isDouble(text.charCodeAt(at + 1));
      if (doubled) at++;
      else if (!here || isHereEnd(text, at)) return closeString(lexer, start, at + (here ? 2 : 1), isComputed);
    }
  }
  report(lexer, start, `Unexpected end of file, expected \`${here ? '"@' : '"'}\``, 'The string starts here');
  return closeString(lexer, start, text.length, isComputed);
}

function closeString(lexer: Lexer, start: number, end: number, computed: boolean): number {
  lexer.muted = lexer.holes.length > 0;
  push(lexer, computed ? TEXT : STRING, start, end);
  return end;
}

/** `@'` or `@"` with nothing but blanks behind it on its line. */
function isHereStart(text: string, start: number): boolean {
  const quote = text.charCodeAt(start + 1);
  if (!isSingle(quote) && !isDouble(quote)) return false;
  let at = start + 2;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at < text.length && isLineEnd(text.charCodeAt(at));
}

/** A quote at the start of its line with an `@` behind it. */
function isHereEnd(text: string, at: number): boolean {
  return text.charCodeAt(at + 1) === AT && isLineEnd(text.charCodeAt(at - 1));
}

function readHere(lexer: Lexer, start: number): number {
  const { text } = lexer;
  if (isDouble(text.charCodeAt(start + 1))) {
    return readContent(lexer, { start, here: true, depth: 0 }, start + 2, false);
  }
  for (let at = start + 2; at < text.length; at++) {
    if (!isSingle(text.charCodeAt(at)) || !isHereEnd(text, at)) continue;
    push(lexer, STRING, start, at + 2);
    return at + 2;
  }
  report(lexer, start, "Unexpected end of file, expected `'@`", 'The string starts here');
  push(lexer, STRING, start, text.length);
  return text.length;
}

/** `$name`, `$scope:name`, `${any text}`; `$(` is a sign. */
function readVariable(lexer: Lexer, start: number): number {
  const { text } = lexer;
  const next = text.charCodeAt(start + 1);
  if (next === OPEN_BRACE) {
    const close = text.indexOf('}', start + 2);
    const end = close === -1 ? text.length : close + 1;
    push(lexer, NAME, start, end);
    return end;
  }
  if (!isNamePart(next)) {
    const end = Math.min(start + (next === OPEN_PAREN ? 1 : 2), text.length);
    push(lexer, SIGN, start, end);
    return end;
  }
  let end = skipName(text, start + 1);
  if (text.charAt(end) === ':' && isNamePart(text.charCodeAt(end + 1))) end = skipName(text, end + 1);
  push(lexer, NAME, start, end);
  return end;
}

/** `3072`, `-bor`, `-Parameter`. */
function readWord(lexer: Lexer, kind: typeof NAME | typeof NUMBER, start: number): number {
  const end = skipName(lexer.text, start + 1);
  push(lexer, kind, start, end);
  return end;
}

/** The name of a command may hold dashes, that of a member none: `[X]::Tls12-bor…` goes on with an operator. */
function readName(lexer: Lexer, start: number, member: boolean): number {
  const { text } = lexer;
  let end = skipName(text, start);
  while (!member && text.charCodeAt(end) === DASH && isNameStart(text.charCodeAt(end + 1)))
    end = skipName(text, end + 1);
  push(lexer, NAME, start, end);
  return end;
}

function isMember(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  return before === DOT || before === COLON;
}

const LONG_SIGNS = new Set(['::', '+=', '-=', '*=', '/=', '%=', '..', '&&', '||', '??']);

/** After `--%` the rest of the line is the program's that is called. */
function readSign(lexer: Lexer, start: number, code: number): number {
  const { text, holes } = lexer;
  if (text.startsWith('--%', start)) return lineEnd(text, start);
  const hole = holes.at(-1);
  if (hole && code === OPEN_PAREN) hole.depth++;
  else if (hole && code === CLOSE_PAREN) {
    if (hole.depth <= 0) {
      holes.pop();
      return readContent(lexer, hole, start + 1, true);
    }
    hole.depth--;
  }
  const end = start + (LONG_SIGNS.has(text.slice(start, start + 2)) ? 2 : 1);
  push(lexer, SIGN, start, end);
  return end;
}

/** What a string that is written whole means. */
export function powershellString(raw: string): string {
  if (raw.startsWith('@'))
    return raw
      .slice(raw.search(/[\r\n]/))
      .replace(/^\r?\n/, '')
      .replace(/\r?\n.@$/, '');
  const inner = raw.slice(1, raw.length > 1 ? -1 : undefined);
  if (isSingle(raw.charCodeAt(0))) return inner.replace(/['\u2018-\u201b]{2}/g, each => each.charAt(0));
  return inner.replace(/["\u201c-\u201e]{2}/g, each => each.charAt(0)).replace(/`(.)/g, '$1');
}
