/** Minimal edits on an nginx tree. The spelling follows `ngx_conf_read_token`; the layout follows the neighbours. */
import type { Comment, NginxContent, NginxDirective, NginxRoot, Source, Span, Word } from '../parsers/ast.js';
import type { Edit } from './edit.js';
import {
  endsLine,
  eolAt,
  indentAt,
  indentOf,
  isBlank,
  lineEnd,
  lineStart,
  nextLine,
  skipBlanks,
  skipBlanksBack,
  startsLine,
  textStart,
  wholeLines,
} from './layout.js';
import { isGlued, replaceWord as replaceOneWord, replaceWords, type WordOptions, type WordStyle } from './words.js';

const LF = 10;
const CR = 13;
const SPACE = 32;
const HASH = 35;
const TAB = 9;

export type NginxScope = NginxRoot | NginxDirective;

/** Where a directive is put. `after` takes a sibling, `first` and `last` the scope itself (a root or a block). */
export type NginxPlace =
  | { readonly after: NginxContent; readonly scope: NginxScope }
  | { readonly before: NginxContent }
  | { readonly first: NginxScope }
  | { readonly last: NginxScope };

/**
 * Makes `args` (unquoted values) the arguments of the directive: words that go take the white space before them (the
 * first ones that behind them, since that before lines things up), words that stay are untouched in their own order, new
 * ones follow the last that stays or take the place of one that goes. `args` is a multiset unless `options.ordered`.
 */
export function replaceArgs(
  path: string,
  source: Source,
  directive: NginxDirective,
  args: readonly string[],
  options: WordOptions = {},
): Edit[] {
  const edits = replaceWords(path, source.text, directive.words, args, styleIn(source.text), options);
  return directive.block || directive.lua ? edits : liftSemicolon(path, source.text, directive, edits);
}

/** The value in place of one word, in the same quotes. */
export function replaceWord(path: string, word: Word, value: string): Edit[] {
  return replaceOneWord(path, word, value, styleIn(''));
}

/** `value` as one word of nginx: quoted where it must be, or as asked. */
export function writeWord(value: string, quote: Word['quote'] = ''): string {
  const mark = quote || (needsQuotes(value) ? '"' : '');
  const escaped = value.replaceAll('\\', '\\\\');
  return mark === '' ? escaped : mark + escaped.replaceAll(mark, `\\${mark}`) + mark;
}

/**
 * Takes the directive (with its block) out, with its whole line where nothing else stands on it. Comments inside
 * the head of a simple directive and comments beside it stay.
 */
export function removeDirective(path: string, source: Source, directive: NginxDirective): Edit[] {
  const text = source.text;
  const { start, end } = directive;
  if (directive.headComments.length > 0) return [keepComments(path, text, directive)];
  const opens = startsLine(text, start);
  const closes = endsLine(text, end);
  if (opens && closes) return [{ path, ...wholeLines(text, start, end), text: '' }];
  if (opens) return [{ path, start, end: skipBlanks(text, end), text: '' }];
  return [{ path, start: skipBlanksBack(text, start), end, text: '' }];
}

/** Puts statements (each complete, with its `;` or block) at a place, as one edit, laid out like the neighbours. */
export function insertDirective(
  path: string,
  source: Source,
  place: NginxPlace,
  ...statements: readonly string[]
): Edit[] {
  if (statements.length === 0) return [];
  if ('after' in place) return [insertAfter(path, source, place.after, place.scope, statements)];
  if ('before' in place) return [insertBefore(path, source, place.before, statements)];
  if ('first' in place) return [insertFirst(path, source, place.first, statements)];
  const last = place.last.children.at(-1);
  return [
    last ? insertAfter(path, source, last, place.last, statements) : insertFirst(path, source, place.last, statements),
  ];
}

function needsQuotes(value: string): boolean {
  return value === '' || /^["'#}]|[\s;]|(?<!\$)\{/.test(value);
}

function styleIn(text: string): WordStyle {
  return { write: writeWord, removals: (words, first, last) => removals(text, words, first, last), continues: false };
}

/** One stretch for each run of words without a comment between them. */
function removals(text: string, words: readonly Word[], first: number, last: number): Span[] {
  const spans: Span[] = [];
  for (let from = first; from <= last; ) {
    let to = from;
    while (to < last && followsDirectly(text, words, to + 1)) to++;
    spans.push(removal(text, words, from, to, to === last));
    from = to + 1;
  }
  return spans;
}

/** Whether only white space stands between a word and the one before it. */
function followsDirectly(text: string, words: readonly Word[], index: number): boolean {
  const limit = words[index - 1]!.end;
  return skipSpaceBack(text, words[index]!.start, limit) === limit;
}

function removal(text: string, words: readonly Word[], from: number, to: number, isLast: boolean): Span {
  const { start } = words[from]!;
  const { end } = words[to]!;
  if (isLast && isGlued(words, to)) return { start, end };
  // What stands between the name and its first argument lines the arguments up: it stays.
  if (from === 1 && words[to + 1] && followsDirectly(text, words, 1) && followsDirectly(text, words, to + 1))
    return { start, end: words[to + 1]!.start };
  if (followsDirectly(text, words, from)) return { start: words[from - 1]!.end, end };
  // A comment stands before: its line ending must stay, or it would swallow what follows.
  const next = words[to + 1];
  if (isLast && next && skipBlanks(text, end) === next.start) return { start, end: next.start };
  // A comment behind it takes its place, at the same indentation.
  const rest = skipBlanks(text, end);
  if (text.charCodeAt(rest) === HASH) return { start, end: rest };
  return { start: skipBlanksBack(text, start), end };
}

function skipSpaceBack(text: string, offset: number, limit: number): number {
  let at = offset;
  while (at > limit && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB || code === LF || code === CR;
}

/**
 * When the last word goes and a comment stands before it, the `;` would be left alone on its line: it moves
 * to the last word that stays.
 */
function liftSemicolon(path: string, text: string, directive: NginxDirective, edits: Edit[]): Edit[] {
  const { words, headComments, headEnd } = directive;
  const last = words.at(-1)!;
  const cut = edits.at(-1);
  const comment = headComments.at(-1);
  if (!comment || cut?.text !== '' || cut.end < last.end || comment.end > last.start) return edits;
  if (comment.end <= words.at(-2)!.end || skipBlanks(text, last.end) !== headEnd - 1) return edits;
  const kept = lastKept(words, edits);
  if (kept === words[0]) return edits;
  const lifted = edits.slice(0, -1);
  lifted.push({ path, start: kept.end, end: kept.end, text: ';' });
  // What follows on the line takes the place of the words.
  if (endsLine(text, headEnd)) lifted.push({ path, start: comment.end, end: headEnd, text: '' });
  else lifted.push({ path, start: skipBlanks(text, cut.start), end: skipBlanks(text, headEnd), text: '' });
  return lifted;
}

/** The last word that no edit deletes; the name is never deleted. */
function lastKept(words: readonly Word[], edits: readonly Edit[]): Word {
  let index = words.length - 1;
  for (let at = edits.length - 1; at >= 0 && index > 0; at--) {
    const edit = edits[at]!;
    if (edit.text !== '' || edit.end < words[index]!.end) break;
    while (index > 0 && words[index]!.start >= edit.start) index--;
  }
  return words[index]!;
}

/** The comments of the head in place of the directive, each on a line of its own. */
function keepComments(path: string, text: string, directive: NginxDirective): Edit {
  const { start, end, headComments } = directive;
  const line = eolAt(text, start) + indentAt(text, start);
  const kept = headComments.map(comment => comment.value).join(line);
  return { path, start, end, text: endsLine(text, end) ? kept : kept + line };
}

function insertAfter(
  path: string,
  source: Source,
  sibling: NginxContent,
  scope: NginxScope,
  statements: readonly string[],
): Edit {
  const text = source.text;
  if (!ownsRestOfLine(text, sibling)) {
    return { path, start: sibling.end, end: sibling.end, text: ` ${statements.join(' ')}` };
  }
  const at = lineEnd(text, sibling.end);
  const indent = startsLine(text, sibling.start)
    ? indentAt(text, sibling.start)
    : indentOf(source, scope, scope.children, scope.type === 'root');
  const line = eolAt(text, sibling.end) + indent;
  return { path, start: at, end: at, text: statements.map(statement => line + statement).join('') };
}

/** Whether nothing but a comment follows on the line where the node ends. */
function ownsRestOfLine(text: string, node: NginxContent): boolean {
  return node.type === 'comment' || onlyCommentFollows(text, node.end);
}

function onlyCommentFollows(text: string, offset: number): boolean {
  return endsLine(text, offset) || text.charAt(skipBlanks(text, offset)) === '#';
}

function insertBefore(path: string, source: Source, node: NginxContent, statements: readonly string[]): Edit {
  const text = source.text;
  const start = node.start;
  const gap = startsLine(text, start) ? eolAt(text, start) + indentAt(text, start) : ' ';
  return { path, start, end: start, text: statements.map(statement => statement + gap).join('') };
}

function insertFirst(path: string, source: Source, scope: NginxScope, statements: readonly string[]): Edit {
  return scope.type === 'root'
    ? insertFirstInRoot(path, source, scope, statements)
    : insertFirstInBlock(path, source, scope, statements);
}

function insertFirstInBlock(path: string, source: Source, scope: NginxDirective, statements: readonly string[]): Edit {
  const text = source.text;
  const { headEnd } = scope;
  if (onlyCommentFollows(text, headEnd)) {
    const at = lineEnd(text, headEnd);
    const line = eolAt(text, headEnd) + indentOf(source, scope, scope.children, false);
    return { path, start: at, end: at, text: statements.map(statement => line + statement).join('') };
  }
  const glued = !isBlank(text.charCodeAt(headEnd));
  return { path, start: headEnd, end: headEnd, text: ` ${statements.join(' ')}${glued ? ' ' : ''}` };
}

/** Before the first directive and the comments that stand right above it; in a file without directives at its end. */
function insertFirstInRoot(path: string, source: Source, root: NginxRoot, statements: readonly string[]): Edit {
  const text = source.text;
  const first = root.children.findIndex(child => child.type === 'directive');
  if (first !== -1) return insertBefore(path, source, groupStart(text, root.children, first), statements);
  const at = text.length;
  const eol = eolAt(text, at);
  const open = at > textStart(text) && text.charCodeAt(at - 1) !== LF;
  const lines = statements.join(eol);
  return { path, start: at, end: at, text: open ? eol + lines : lines + eol };
}

/** The first of the comments that stand on the lines right above a node, or the node. */
function groupStart(text: string, children: readonly NginxContent[], index: number): NginxContent {
  let first = index;
  while (first > 0 && isRightAbove(text, children[first - 1]!, children[first]!)) first--;
  return children[first]!;
}

function isRightAbove(text: string, above: NginxContent, node: NginxContent): above is Comment {
  if (above.type !== 'comment' || !startsLine(text, above.start)) return false;
  return nextLine(text, above.end) === lineStart(text, node.start);
}
