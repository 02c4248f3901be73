/** The tokens of a program, as three numbers each: a large file has millions of them. */
import type { CodeWord, Comment, Problem, Source } from '../ast.js';
import { CommentNode } from '../nodes.js';

export const NAME = 0;
export const NUMBER = 1;
/** A string that is written whole. */
export const STRING = 2;
/** A string of which a part is computed. */
export const TEXT = 3;
export const SIGN = 4;
/** The end of a line, where the language minds it. */
export const LINE = 5;
/** A line for the compiler: `#if`. */
export const DIRECTIVE = 6;

export type TokenKind = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export interface Tokens {
  readonly kinds: readonly TokenKind[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** What a lexer writes to. While `muted`, it is inside the computed part of a string. */
export interface Sink {
  readonly source: Source;
  readonly text: string;
  readonly tokens: { readonly kinds: TokenKind[]; readonly starts: number[]; readonly ends: number[] };
  /** With how many tokens came before it. */
  readonly comments: Array<{ readonly node: Comment; readonly before: number }>;
  readonly problems: Problem[];
  muted: boolean;
}

export function createSink(source: Source): Sink {
  const tokens = { kinds: [], starts: [], ends: [] };
  return { source, text: source.text, tokens, comments: [], problems: [], muted: false };
}

export function push({ tokens, muted }: Sink, kind: TokenKind, start: number, end: number): void {
  if (muted) return;
  tokens.kinds.push(kind);
  tokens.starts.push(start);
  tokens.ends.push(end);
}

export function pushComment({ source, comments, tokens }: Sink, start: number, end: number): void {
  comments.push({ node: new CommentNode(source, start, end), before: tokens.kinds.length });
}

export function report({ source, problems }: Sink, start: number, message: string, opened?: string): void {
  const { line, column } = source.pointAt(source.text.length);
  const { length } = source.text;
  const place = source.pointAt(start);
  const related = opened && { related: { message: opened, line: place.line, column: place.column } };
  problems.push({ start: length, end: length, message, line, column, ...related });
}

/** The kinds of `CodeWord` by token kind. */
export const KINDS: ReadonlyArray<CodeWord['kind']> = ['name', 'number', 'string', 'text', 'sign', 'sign', 'name'];

/** `\n`, `\r` and what the languages of .NET take for the end of a line besides. */
export function isLineEnd(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
}

export function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 11 || code === 12 || code === 0xa0 || code === 0xfeff || code === 0x3000;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Letters, `_` and all beyond ASCII but blanks, quotes and line ends. */
export function isNameStart(code: number): boolean {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95) return true;
  return code >= 128 && !isBlank(code) && !isLineEnd(code) && !isQuoteLike(code);
}

export function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code);
}

/** The typographic quotes and dashes that VB.NET and PowerShell take for the plain ones. */
function isQuoteLike(code: number): boolean {
  return (code >= 0x2013 && code <= 0x201f) || code === 0xff02 || code === 0xff07;
}

export function skipName(text: string, from: number): number {
  let at = from;
  while (at < text.length && isNamePart(text.charCodeAt(at))) at++;
  return at;
}

export function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isLineEnd(text.charCodeAt(at))) at++;
  return at;
}
