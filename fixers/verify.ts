/** Proofs about a fix that need no meaning: what stayed the same, and what a second, independent reader sees. */
import type { Comment, Content, NginxContent, NginxRoot, Parsed, Problem, Root, Span } from '../parsers/ast.js';
import type { Edit } from './edit.js';

/** Whether the new text is the old one with exactly these edits (sorted, without overlaps), byte for byte. */
export function isUntouchedOutside(before: string, after: string, edits: readonly Edit[]): boolean {
  let from = 0;
  let to = 0;
  for (const edit of edits) {
    const kept = edit.start - from;
    if (kept < 0 || !sameStretch(before, from, after, to, kept)) return false;
    to += kept;
    if (!after.startsWith(edit.text, to)) return false;
    to += edit.text.length;
    from = edit.end;
  }
  return before.length - from === after.length - to && sameStretch(before, from, after, to, before.length - from);
}

/** Problems of the new text that the old one did not have. */
export function newProblems(before: Parsed<Root>, after: Parsed<Root>): Problem[] {
  const known = new Map<string, number>();
  for (const { message } of before.problems) known.set(message, (known.get(message) ?? 0) + 1);
  return after.problems.filter(({ message }) => {
    const count = known.get(message) ?? 0;
    if (count > 0) known.set(message, count - 1);
    return count === 0;
  });
}

/** A directive that the fix does not name and that is not what it was. */
export interface UnexpectedChange {
  readonly name: string;
  readonly change: 'changed' | 'lost' | 'new';
  /** Offset in the old text, of a new one in the new text. */
  readonly offset: number;
}

/**
 * Compares two trees by the edits (sorted) between them: each directive that no edit touches must be there again, at its
 * place and depth. What an edit touches, what is gone and what is new must be named in `directives`.
 */
export function unexpectedChanges(
  before: Root,
  after: Root,
  edits: readonly Edit[],
  directives: readonly string[],
): UnexpectedChange[] {
  const allowed = new Set(directives);
  const keys = new Set(directives.map(name => name.toLowerCase()));
  const isNamed = ({ name, key }: Head) => (key === undefined ? allowed.has(name) : keys.has(key));
  const found: UnexpectedChange[] = [];
  const old = headsOf(before);
  const fresh = headsOf(after);
  const moved = shiftsOf(edits);
  let more = fresh.next();
  while (old.next()) {
    const place = moved.placeOf(old.start);
    const isTouched = moved.isTouched(old);
    if (isTouched && isNamed(old)) continue;
    for (; more && fresh.start < place; more = fresh.next()) addNew(found, fresh, isNamed);
    if (isTouched) {
      // A comment between its words may come and go.
      if (more && fresh.start === place && sameWords(old, fresh)) more = fresh.next();
      else found.push({ name: old.name, change: 'changed', offset: old.start });
      continue;
    }
    if (!more || fresh.start !== place || fresh.name !== old.name || fresh.depth !== old.depth) {
      found.push({ name: old.name, change: 'lost', offset: old.start });
      continue;
    }
    // Words behind the end of an httpd directive make it longer without touching it.
    const isSame = fresh.end - fresh.start === old.end - old.start;
    if (!isSame && !isNamed(old)) found.push({ name: old.name, change: 'changed', offset: old.start });
    more = fresh.next();
  }
  for (; more; more = fresh.next()) addNew(found, fresh, isNamed);
  return found;
}

function sameWords(old: Heads, fresh: Heads): boolean {
  return old.depth === fresh.depth && sameList(old.words(), fresh.words());
}

function sameList(one: readonly string[], two: readonly string[]): boolean {
  return one.length === two.length && one.every((item, at) => item === two[at]);
}

/** One that was just told to be changed, or lost elsewhere, is not new as well. */
function addNew(found: UnexpectedChange[], head: Head, isNamed: (head: Head) => boolean): void {
  if (isNamed(head) || found.at(-1)?.name === head.name) return;
  found.push({ name: head.name, change: 'new', offset: head.start });
}

/** What the second reader says; `reason` where it could not read the old text as we do. */
export type SecondReading =
  | { readonly available: true; readonly differences: readonly string[] }
  | { readonly available: false; readonly reason: string };

/**
 * Reads old and new text with `nginx-conf` and compares what it sees, apart from the named directives. That parser
 * can hang on `# x` with a lone CR at the end of a file, and takes U+2028 and a lone CR in a comment for its end: so it
 * never sees a comment, a Lua body, a CR or one of those, all of which are blanked by our own tree in both texts alike.
 * Each of its steps then moves on by at least one character, and its work is linear.
 */
export async function readAgain(
  before: NginxRoot,
  after: NginxRoot,
  directives: readonly string[],
): Promise<SecondReading> {
  const size = Math.max(before.source.text.length, after.source.text.length);
  if (size > LARGEST) return { available: false, reason: `the text is longer than ${LARGEST} characters` };
  const { NginxParser } = await import('nginx-conf');
  const text = blanked(before);
  const old = readWith(NginxParser, text);
  if (!('entries' in old)) return { available: false, reason: old.reason };
  if (!agrees(before, text, old.entries))
    return { available: false, reason: '`nginx-conf` reads the old text differently' };
  const fresh = readWith(NginxParser, blanked(after));
  if (!('entries' in fresh)) return { available: true, differences: [fresh.reason] };
  return { available: true, differences: differences(old.entries, fresh.entries, new Set(directives)) };
}

/** Beyond that its second reading takes seconds and hundreds of megabytes. */
const LARGEST = 2_000_000;
const SHOWN = 10;

function sameStretch(left: string, from: number, right: string, to: number, length: number): boolean {
  return left.slice(from, from + length) === right.slice(to, to + length);
}

/** The head of a directive or section, and how deep it stands. */
interface Head extends Span {
  readonly name: string;
  /** The name in lower case, where that is what counts. */
  readonly key: string | undefined;
  readonly depth: number;
}

/** Stands on one head; there are too many of them for an object each. */
interface Heads extends Head {
  next(): boolean;
  /** As written, and what the head ends with. */
  words(): string[];
  /** Where they are in a text of nginx, if a comment stands among them. */
  wordsAroundComment(): readonly Span[] | undefined;
}

interface Level {
  readonly children: readonly Content[];
  next: number;
}

/** Heads in file order, without recursion. */
function headsOf(root: Root): Heads {
  const open: Level[] = [];
  let level: Level = { children: root.children, next: 0 };
  const heads = {
    name: '',
    key: undefined as string | undefined,
    start: 0,
    end: 0,
    depth: 0,
    next,
    words: wordsNow,
    wordsAroundComment: () =>
      current && 'headComments' in current && current.headComments.length > 0 ? current.words : undefined,
  };
  let current: Exclude<Content, Comment> | undefined;
  return heads;

  function wordsNow(): string[] {
    const lua = current && 'lua' in current ? current.lua : undefined;
    const words = current && 'words' in current ? current.words : [{ start: heads.start, end: heads.end }];
    const ends = current && 'block' in current ? String(current.block) : '';
    return [...[...words, ...(lua ? [lua] : [])].map(({ start, end }) => root.source.text.slice(start, end)), ends];
  }

  function next(): boolean {
    for (;;) {
      const node = level.children[level.next++];
      if (!node) {
        const outer = open.pop();
        if (!outer) return false;
        level = outer;
      } else if (node.type !== 'comment') {
        current = node;
        heads.name = node.name;
        heads.start = node.start;
        heads.key = 'key' in node ? node.key : undefined;
        // The text of Lua belongs to what it stands behind.
        heads.end = 'headEnd' in node && !('lua' in node && node.lua) ? node.headEnd : node.end;
        heads.depth = open.length;
        if (node.children.length === 0) return true;
        open.push(level);
        level = { children: node.children, next: 0 };
        return true;
      }
    }
  }
}

/** Where offsets of the old text, asked for in ascending order, are in the new one. */
function shiftsOf(edits: readonly Edit[]): { placeOf(offset: number): number; isTouched(head: Head): boolean } {
  let at = 0;
  let shift = 0;
  return {
    placeOf(offset) {
      for (; at < edits.length && edits[at]!.end <= offset; at++) {
        const { start, end, text } = edits[at]!;
        shift += text.length - (end - start);
      }
      return offset + shift;
    },
    isTouched: head => at < edits.length && edits[at]!.start < head.end,
  };
}

/** The text with everything blanked that is no directive, so that offsets and lines stay. */
function blanked(root: NginxRoot): string {
  const { text } = root.source;
  const pieces: string[] = [];
  let at = 0;
  for (const { span, ends } of hidden(root)) {
    pieces.push(text.slice(at, span.start), ends ? ';' : ' ', ' '.repeat(Math.max(0, span.end - span.start - 1)));
    at = span.end;
  }
  pieces.push(text.slice(at));
  const plain = pieces.join('').replaceAll('\r', ' ').replaceAll('\u2028', '_').replaceAll('\u2029', '_');
  // It takes blanks at the very end for a word that is not ended.
  return `${plain.trimEnd()}\n`;
}

/** Comments, and Lua blocks with their braces, by place; a Lua block then reads as a directive that `;` ends. */
function* hidden(root: NginxRoot): Generator<{ span: Span; ends: boolean }, void, undefined> {
  const open: { children: readonly NginxContent[]; next: number }[] = [];
  let level: { children: readonly NginxContent[]; next: number } = { children: root.children, next: 0 };
  for (;;) {
    const node = level.children[level.next++];
    if (!node) {
      const outer = open.pop();
      if (!outer) return;
      level = outer;
      continue;
    }
    if (node.type === 'comment') {
      yield comment(node);
      continue;
    }
    for (const inner of node.headComments) yield comment(inner);
    if (node.lua) yield { span: { start: node.headEnd - 1, end: node.end }, ends: true };
    if (node.children.length === 0) continue;
    open.push(level);
    level = { children: node.children, next: 0 };
  }
}

function comment({ start, end }: Comment): { span: Span; ends: boolean } {
  return { span: { start, end }, ends: false };
}

/** One directive as the second reader sees it. */
interface Entry {
  readonly name: string;
  readonly depth: number;
  readonly value: string;
}

type SecondTree = { name: string; value: string; children: SecondTree[] | null };
type SecondParser = new () => { parse(text: string, done: (error: Error | null, tree?: SecondTree) => void): void };

function readWith(Parser: SecondParser, text: string): { entries: Entry[] } | { reason: string } {
  let fault: { message: string; line?: number } | null = null;
  let tree: SecondTree | undefined;
  try {
    new Parser().parse(text, (error, root) => {
      fault = error;
      tree = root;
    });
  } catch (error) {
    fault = error instanceof Error ? error : new Error(String(error));
  }
  if (fault || !tree) return { reason: `\`nginx-conf\` can't read it: ${messageOf(fault)}` };
  return { entries: entriesOf(tree) };
}

function messageOf(fault: { message: string; line?: number } | null): string {
  if (!fault) return 'no tree';
  return fault.line === undefined ? fault.message : `line ${fault.line}: ${fault.message}`;
}

function entriesOf(root: SecondTree): Entry[] {
  const entries: Entry[] = [];
  const open: { children: readonly SecondTree[]; next: number }[] = [];
  let level: { children: readonly SecondTree[]; next: number } = { children: root.children ?? [], next: 0 };
  for (;;) {
    const node = level.children[level.next++];
    if (!node) {
      const outer = open.pop();
      if (!outer) return entries;
      level = outer;
      continue;
    }
    entries.push({ name: node.name, depth: open.length, value: node.value });
    if (!node.children || node.children.length === 0) continue;
    open.push(level);
    level = { children: node.children, next: 0 };
  }
}

/**
 * Whether it sees the same directives as we do, so that what it says about the new text means something; and the same words
 * where a comment stands among them, since there the blanks between words change with it.
 */
function agrees(root: NginxRoot, text: string, entries: readonly Entry[]): boolean {
  const heads = headsOf(root);
  let at = 0;
  for (; heads.next(); at++) {
    const entry = entries[at];
    if (!entry || entry.depth !== heads.depth || bare(entry.name) !== heads.name) return false;
    const words = heads.wordsAroundComment();
    if (
      words &&
      !sameList(
        wordsIn(entry.value),
        words.slice(1).map(({ start, end }) => text.slice(start, end)),
      )
    )
      return false;
  }
  return at === entries.length;
}

/** As `nginx-conf` reads a value: a quote opens a string wherever it stands, a backslash has a meaning in strings alone. */
function wordsIn(value: string): string[] {
  const words: string[] = [];
  let start = -1;
  let quote = '';
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (quote !== '') {
      if (character === '\\') at++;
      else if (character === quote) quote = '';
    } else if (character.trim() === '') {
      if (start !== -1) words.push(value.slice(start, at));
      start = -1;
    } else {
      if (start === -1) start = at;
      if (character === '"' || character === "'") quote = character;
    }
  }
  if (start !== -1) words.push(value.slice(start));
  return words;
}

/** A quoted name is a name. */
function bare(name: string): string {
  const first = name.charAt(0);
  return (first === '"' || first === "'") && name.endsWith(first) ? name.slice(1, -1) : name;
}

/** The first differences among the directives that are not named. */
function differences(old: readonly Entry[], fresh: readonly Entry[], named: ReadonlySet<string>): string[] {
  const left = old.filter(entry => !named.has(bare(entry.name)));
  const right = fresh.filter(entry => !named.has(bare(entry.name)));
  const found: string[] = [];
  for (let at = 0; at < Math.max(left.length, right.length) && found.length < SHOWN; at++) {
    const one = left[at];
    const two = right[at];
    if (one && two && one.name === two.name && one.depth === two.depth && sameValue(one.value, two.value)) continue;
    found.push(`expected ${show(one)}, \`nginx-conf\` reads ${show(two)}`);
  }
  return found;
}

/** Blanks between words, such as those of a comment that is gone, mean nothing; within quotes they do. */
function sameValue(one: string, two: string): boolean {
  if (one === two) return true;
  return sameList(wordsIn(one), wordsIn(two));
}

function show(entry: Entry | undefined): string {
  return entry ? `\`${`${entry.name} ${entry.value}`.trim().slice(0, 100)}\`` : 'nothing';
}
