/**
 * Reads the comments that suppress findings:
 *
 *     # tlslint-disable-next-line RULE[, RULE] -- reason     the next directive
 *     # tlslint-disable-line RULE -- reason                  the directive that it follows (nginx)
 *     # tlslint-disable RULE -- reason                       from here to `# tlslint-enable RULE`, or to the end of the file
 *     # tlslint-disable-file RULE -- reason                  the file, wherever it stands in it
 *
 * `all` stands for every rule. They speak of their own file, never of one that it includes. In XML, where two dashes can't
 * stand in a comment, one does: `<!-- tlslint-disable-file RULE - reason -->`.
 */

import type { Comment, Content, Root, Span } from '../parsers/ast.js';
import { syntaxOf } from './dialects/index.js';
import type { Syntax } from './dialects/types.js';
import type { LoadedFile } from './model/types.js';
import { closest } from './options/closest.js';

/** One rule of one comment, and the offsets at which findings of it may start. */
export interface SuppressionItem extends Span {
  /** A rule's id, or `all`. */
  readonly id: string;
  readonly word: Span;
  readonly suppression: Suppression;
}

export interface Suppression {
  readonly comment: Span;
  readonly reason: string;
  readonly words: ReadonlyArray<Span & { readonly id: string }>;
  /** Below an httpd section that may not be read at all, or be read often. */
  readonly conditional: boolean;
}

export interface Suppressions {
  readonly items: readonly SuppressionItem[];
  /** Comments that suppress nothing, since they say it wrongly. */
  readonly invalid: ReadonlyArray<Span & { readonly message: string }>;
  /** `tlslint-enable` of what nothing disables. */
  readonly unmatched: readonly Suppression[];
}

const MARK = 'tlslint-';
const KINDS = ['disable-next-line', 'disable-line', 'disable-file', 'disable', 'enable'] as const;
type Kind = (typeof KINDS)[number];

interface Read extends Suppression {
  readonly kind: Kind;
}

/** `undefined` where no comment of the file can be one: most files are not parsed for it. */
export function readSuppressions(file: LoadedFile, ruleIds: ReadonlySet<string>): Suppressions | undefined {
  if (!file.source.text.includes(MARK)) return undefined;
  const syntax = syntaxOf(file.dialect);
  const { comments, heads } = collect((file.parsed ?? syntax.parse(file.source, file.path)).tree, syntax);
  const read: Read[] = [];
  const invalid: Array<Span & { message: string }> = [];
  for (const { comment, conditional } of comments) {
    const result = readComment(comment, conditional, syntax, ruleIds);
    if (typeof result === 'string') invalid.push({ start: comment.start, end: comment.end, message: result });
    else if (result) read.push(result);
  }
  const { blocks, unmatched } = pairBlocks(read, file.source.text.length);
  const items = [...blocks, ...read.flatMap(each => itemsOf(each, file, heads))];
  return { items: unique(items), invalid, unmatched: invalid.length > 0 ? [] : unmatched };
}

interface Found {
  readonly comment: Comment;
  readonly conditional: boolean;
}

/** Comments that hold the mark, and the heads of all directives, in file order. */
function collect(root: Root, { isConditional }: Syntax): { comments: Found[]; heads: Span[] } {
  const comments: Found[] = [];
  const heads: Span[] = [];
  const open: Level[] = [{ nodes: root.children, at: 0, conditional: false }];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const node = top.nodes[top.at++];
    if (!node) {
      open.pop();
      continue;
    }
    const { conditional } = top;
    for (const comment of commentsOf(node)) if (comment.value.includes(MARK)) comments.push({ comment, conditional });
    if (node.type === 'comment') continue;
    heads.push({ start: node.start, end: 'headEnd' in node ? node.headEnd : node.end });
    if (node.children.length > 0)
      open.push({ nodes: node.children, at: 0, conditional: conditional || isConditional?.(node) === true });
  }
  return { comments, heads };
}

interface Level {
  readonly nodes: readonly Content[];
  at: number;
  readonly conditional: boolean;
}

function commentsOf(node: Content): readonly Comment[] {
  if (node.type === 'comment') return [node];
  return 'headComments' in node ? node.headComments : [];
}

/** A comment of any dialect, up to what it asks for. */
const OPENING = /^(?:#+|;+|\/\/+|['\u2018\u2019\uff07]+|rem\b|<!--+|\/\*+|<#+)[ \t]*tlslint-([\w-]+)/i;
/** What ends a comment of XML, C or PowerShell, and the sign that may stand before it more often. */
const CLOSINGS = [
  ['-->', '-'],
  ['*/', '*'],
  ['#>', '#'],
] as const;

function withoutClosing(text: string): string {
  const closing = CLOSINGS.find(([end]) => text.endsWith(end));
  if (!closing) return text;
  let at = text.length - closing[0].length;
  while (text[at - 1] === closing[1]) at--;
  return text.slice(0, at).trimEnd();
}

/** The suppression, a message where it is wrong, `undefined` where the comment is about something else. */
function readComment(
  comment: Comment,
  conditional: boolean,
  { noCommentBehind }: Syntax,
  ruleIds: ReadonlySet<string>,
): Read | string | undefined {
  // A continued comment of httpd is one line; offsets stay.
  const text = withoutClosing(comment.value.replace(/\\\r?\n/g, each => ' '.repeat(each.length)));
  const head = OPENING.exec(text);
  if (!head) return undefined;
  const kind = KINDS.find(each => each === head[1]);
  if (!kind) return unknownKind(head[1]!, dashesOf(comment));
  const reasonAt = text.slice(head[0].length).search(dashesOf(comment) === '-' ? /\s-+(?:\s|$)/ : /\s-{2,}(?:\s|$)/);
  const listEnd = reasonAt === -1 ? text.length : head[0].length + reasonAt;
  const reason = text
    .slice(listEnd)
    .replace(/^\s+-+/, '')
    .trim();
  const list = text.slice(head[0].length, listEnd);
  const base = comment.start + head[0].length;
  const words = [...list.matchAll(/[^\s,]+/g)].map(match => {
    const start = base + match.index;
    return { id: match[0], start, end: start + match[0].length };
  });
  return (
    objection(
      kind,
      words.map(({ id }) => id),
      reason,
      noCommentBehind,
      ruleIds,
      dashesOf(comment),
    ) ?? {
      comment: { start: comment.start, end: comment.end },
      kind,
      reason,
      words,
      conditional,
    }
  );
}

function dashesOf({ value }: Comment): string {
  return value.startsWith('<!') ? '-' : '--';
}

/** A comment that only talks about the program is none of ours. */
function unknownKind(word: string, dashes: string): string | undefined {
  const close = closest(word, KINDS);
  if (!close && !/^(?:disable|enable|ignore|suppress|allow|expect)/i.test(word)) return undefined;
  return `Unexpected \`tlslint-${word}\`, ${close ? `did you mean \`tlslint-${close}\`?` : `expected such as \`tlslint-disable-next-line RULE ${dashes} reason\``}`;
}

/** What no comment can speak of. */
const FIXED: ReadonlySet<string> = new Set(['invalid-suppression', 'unused-suppression']);

function objection(
  kind: Kind,
  ids: readonly string[],
  reason: string,
  noCommentBehind: string | undefined,
  ruleIds: ReadonlySet<string>,
  dashes: string,
): string | undefined {
  const shape = `\`tlslint-${kind} RULE ${dashes} reason\``;
  if (kind === 'disable-line' && noCommentBehind !== undefined) {
    return `Unexpected \`tlslint-disable-line\`, expected \`tlslint-disable-next-line\`: ${noCommentBehind}`;
  }
  if (ids.length === 0 && kind !== 'enable') return `Unexpected \`tlslint-${kind}\` without a rule, expected ${shape}`;
  if (kind !== 'enable' && !/[\p{L}\p{N}]/u.test(reason)) {
    return `Unexpected \`tlslint-${kind}\` without a reason, expected ${shape}`;
  }
  const fixed = ids.find(id => FIXED.has(id));
  if (fixed !== undefined) return `Unexpected \`${fixed}\`, which no comment can suppress, expected another rule`;
  const unknown = ids.find(id => id !== 'all' && !ruleIds.has(id));
  if (unknown === undefined) return undefined;
  const close = closest(unknown, ruleIds);
  return `Unexpected rule \`${unknown}\`, ${close ? `did you mean \`${close}\`?` : 'expected one of `tlslint rules`'}`;
}

/** Each `disable` runs to the `enable` that names its rule, or all. */
function pairBlocks(read: readonly Read[], end: number): { blocks: SuppressionItem[]; unmatched: Suppression[] } {
  const blocks: SuppressionItem[] = [];
  const unmatched: Suppression[] = [];
  const open = new Map<string, { readonly word: Span; readonly suppression: Read }>();
  const close = (id: string, at: number) => {
    const { word, suppression } = open.get(id)!;
    open.delete(id);
    blocks.push({ id, word, suppression, start: suppression.comment.end, end: at });
  };
  for (const each of read) {
    if (each.kind === 'disable') {
      for (const word of each.words) {
        // One that is open already does nothing, which is told as for any other.
        if (open.has(word.id)) blocks.push({ id: word.id, word, suppression: each, start: 0, end: 0 });
        else open.set(word.id, { word, suppression: each });
      }
    }
    if (each.kind !== 'enable') continue;
    const every = each.words.length === 0 || each.words.some(({ id }) => id === 'all');
    const ids = every ? [...open.keys()] : each.words.map(({ id }) => id).filter(id => open.has(id));
    if (ids.length === 0) unmatched.push(each);
    for (const id of new Set(ids)) close(id, each.comment.start);
  }
  for (const id of [...open.keys()]) close(id, end);
  return { blocks, unmatched };
}

function itemsOf(suppression: Read, file: LoadedFile, heads: readonly Span[]): SuppressionItem[] {
  const range = rangeOf(suppression, file, heads);
  if (!range) return [];
  return suppression.words.map(word => ({ id: word.id, word, suppression, start: range.start, end: range.end }));
}

function rangeOf({ kind, comment }: Read, { source }: LoadedFile, heads: readonly Span[]): Span | undefined {
  if (kind === 'disable-file') return { start: 0, end: source.text.length + 1 };
  const line = (offset: number) => source.pointAt(offset).line;
  if (kind === 'disable-next-line') {
    const next = heads[firstAfter(heads, comment.end)];
    return next ? linesOf(line(next.start), line(next.end), source) : { start: 0, end: 0 };
  }
  if (kind !== 'disable-line') return undefined;
  const own = line(comment.start);
  const first = heads[firstAfter(heads, source.lineSpan(own).start)];
  const from = first && first.start < comment.start ? Math.min(own, line(first.start)) : own;
  const around = heads[firstAfter(heads, comment.start)];
  return linesOf(from, around && around.start < comment.start ? line(around.end) : own, source);
}

/** The index of the first head that ends behind the offset: heads do not overlap, so their ends are sorted as well. */
function firstAfter(heads: readonly Span[], offset: number): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (heads[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function linesOf(first: number, last: number, source: LoadedFile['source']): Span {
  return { start: source.lineSpan(first).start, end: source.lineSpan(last).end + 1 };
}

/** Of two that say the same of the same place, the second does nothing. */
function unique(items: readonly SuppressionItem[]): SuppressionItem[] {
  const seen = new Set<string>();
  return items.map(item => {
    const key = `${item.id}\0${item.start}\0${item.end}`;
    if (!seen.has(key)) {
      seen.add(key);
      return item;
    }
    return { ...item, start: 0, end: 0 };
  });
}
