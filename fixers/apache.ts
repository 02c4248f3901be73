/** Minimal edits on an httpd tree. Directives stand on logical lines of their own: a `\` before a line ending joins. */
import { lineEnd } from '../parsers/apache/index.js';
import type {
  ApacheContent,
  ApacheDirective,
  ApacheRoot,
  ApacheSection,
  Comment,
  Source,
  Span,
  Word,
} from '../parsers/ast.js';
import type { Edit } from './edit.js';
import { eolAt, indentAt, indentOf, lineStart, startsLine, textStart, wholeLines } from './layout.js';
import { isGlued, replaceWord as replaceOneWord, replaceWords, type WordOptions, type WordStyle } from './words.js';

const LF = 10;
const CR = 13;
const BACKSLASH = 92;

export type ApacheScope = ApacheRoot | ApacheSection;

/** Where a directive is put. `after` takes a sibling, `first` and `last` the scope itself (a root or a section). */
export type ApachePlace =
  | { readonly after: ApacheContent }
  | { readonly before: ApacheContent }
  | { readonly first: ApacheScope }
  | { readonly last: ApacheScope };

/**
 * Makes `args` (unquoted values) the arguments of the directive or section. In httpd the order of words has a
 * meaning (`all -SSLv3`), so it is kept unless `ordered: false` is given. Words that stay are untouched.
 */
export function replaceArgs(
  path: string,
  source: Source,
  directive: ApacheDirective | ApacheSection,
  args: readonly string[],
  options: WordOptions = {},
): Edit[] {
  return replaceWords(path, source.text, directive.words, args, STYLE, { ordered: true, ...options });
}

/** The value in place of one word, in the same quotes. */
export function replaceWord(path: string, word: Word, value: string): Edit[] {
  return replaceOneWord(path, word, value, STYLE);
}

/** Raw text in place of a span, such as a part of the value of a `Define`. */
export function replaceSpan(path: string, span: Span, text: string): Edit[] {
  return [{ path, start: span.start, end: span.end, text }];
}

/** `value` as one word of httpd (`ap_getword_conf`): quoted where it must be, or as asked. */
export function writeWord(value: string, quote: Word['quote'] = ''): string {
  const mark = quote || (needsQuotes(value) ? '"' : '');
  const escaped = value.replaceAll('\\', '\\\\');
  return mark === '' ? escaped : mark + escaped.replaceAll(mark, `\\${mark}`) + mark;
}

/** Takes the directive, or the whole section, out with its logical lines. Comments beside it do not exist in httpd. */
export function removeDirective(path: string, source: Source, node: ApacheDirective | ApacheSection): Edit[] {
  const text = source.text;
  return [{ path, ...wholeLines(text, node.start, logicalEnd(text, node.end)), text: '' }];
}

/** Puts statements (each a logical line or a section) at a place, as one edit, laid out like the neighbours. */
export function insertDirective(
  path: string,
  source: Source,
  place: ApachePlace,
  ...statements: readonly string[]
): Edit[] {
  if (statements.length === 0) return [];
  if ('after' in place) return [insertAfter(path, source, place.after, statements)];
  if ('before' in place) return [insertBefore(path, source, place.before, statements)];
  if ('first' in place) return [insertFirst(path, source, place.first, statements)];
  const last = place.last.children.at(-1);
  return [last ? insertAfter(path, source, last, statements) : insertFirst(path, source, place.last, statements)];
}

const STYLE: WordStyle = { write: writeWord, removals, continues: true };

/** A backslash at the end of a line would continue it. */
function needsQuotes(value: string): boolean {
  return value === '' || value.endsWith('\\') || /^["']|\s/.test(value);
}

/** Between two words there is only white space and continuations: it goes with the words. */
function removals(words: readonly Word[], first: number, last: number): Span[] {
  const next = words[last + 1];
  // What stands between the name and its first argument lines the arguments up: it stays.
  if (first === 1 && next) return [{ start: words[1]!.start, end: next.start }];
  const start = isGlued(words, last) ? words[first]!.start : words[first - 1]!.end;
  return [{ start, end: words[last]!.end }];
}

/** Offset of the line ending of the logical line that `offset`, the end of a node, is in. */
function logicalEnd(text: string, offset: number): number {
  const { end } = lineEnd(text, offset);
  return end < text.length && end > offset && text.charCodeAt(end - 1) === CR ? end - 1 : end;
}

function insertAfter(path: string, source: Source, node: ApacheContent, statements: readonly string[]): Edit {
  return linesAt(path, source.text, logicalEnd(source.text, node.end), indentAt(source.text, node.start), statements);
}

function linesAt(path: string, text: string, at: number, indent: string, statements: readonly string[]): Edit {
  const eol = eolAt(text, at);
  // A `\` at the very end of the file would join the new line to the last one: an empty line takes its effect.
  const joined = at > 0 && at === text.length && text.charCodeAt(at - 1) === BACKSLASH ? eol : '';
  return { path, start: at, end: at, text: joined + statements.map(statement => eol + indent + statement).join('') };
}

function insertBefore(path: string, source: Source, node: ApacheContent, statements: readonly string[]): Edit {
  const text = source.text;
  const start = node.start;
  const line = eolAt(text, start) + indentAt(text, start);
  return { path, start, end: start, text: statements.map(statement => statement + line).join('') };
}

function insertFirst(path: string, source: Source, scope: ApacheScope, statements: readonly string[]): Edit {
  if (scope.type === 'root') return insertFirstInRoot(path, source, scope, statements);
  const indent = indentOf(source, scope, scope.children, false);
  return linesAt(path, source.text, logicalEnd(source.text, scope.headEnd), indent, statements);
}

/** Before the first directive and the comments that stand right above it; in a file without directives at its end. */
function insertFirstInRoot(path: string, source: Source, root: ApacheRoot, statements: readonly string[]): Edit {
  const text = source.text;
  const first = root.children.findIndex(child => child.type !== 'comment');
  if (first !== -1) return insertBefore(path, source, groupStart(text, root.children, first), statements);
  const at = text.length;
  if (at > textStart(text) && text.charCodeAt(at - 1) !== LF) return linesAt(path, text, at, '', statements);
  const eol = eolAt(text, at);
  return { path, start: at, end: at, text: statements.join(eol) + eol };
}

/** The first of the comments that stand on the lines right above a node, or the node. */
function groupStart(text: string, children: readonly ApacheContent[], index: number): ApacheContent {
  let first = index;
  while (first > 0 && isRightAbove(text, children[first - 1]!, children[first]!)) first--;
  return children[first]!;
}

function isRightAbove(text: string, above: ApacheContent, node: ApacheContent): above is Comment {
  if (above.type !== 'comment' || !startsLine(text, above.start)) return false;
  const lf = text.indexOf('\n', logicalEnd(text, above.end));
  return lf !== -1 && lf + 1 === lineStart(text, node.start);
}
