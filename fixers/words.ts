/** The arguments of a directive changed word by word; what is kept stays as it is written. */
import type { Span, Word } from '../parsers/ast.js';
import type { Edit } from './edit.js';

export interface WordOptions {
  /**
   * Whether the order of the arguments has a meaning. Then the result is exactly the new list; else the kept words
   * keep their order and the new ones follow the last of them.
   */
  readonly ordered?: boolean;
  /** Take words that differ in case for the same (as both servers do with protocol names). */
  readonly ignoreCase?: boolean;
}

/** What the words of one dialect need. */
export interface WordStyle {
  /** The value as a word; in quotes of the given kind, or where `''` in quotes only if it needs them. */
  readonly write: (value: string, quote: Word['quote']) => string;
  /** The stretches to delete for the words `first` to `last` (indexes, 1 or more); the words around them stay. */
  readonly removals: (words: readonly Word[], first: number, last: number) => Span[];
  /** Whether a backslash before a line ending is white space, and no text of a comment. */
  readonly continues: boolean;
}

/** One run of words that go, and the values that come there. `after` is the index of the word before it. */
interface Gap {
  readonly after: number;
  readonly gone: number[];
  readonly values: string[];
}

/**
 * Edits that make `values` (unquoted) the arguments of a directive with these words (`words[0]` is its name).
 * A value that takes the place of a word takes its quotes too.
 */
export function replaceWords(
  path: string,
  text: string,
  words: readonly Word[],
  values: readonly string[],
  style: WordStyle,
  options: WordOptions,
): Edit[] {
  const gaps = options.ordered ? orderedGaps(words, values, options) : freeGaps(words, values, options);
  const separator = separatorOf(text, words, style.continues);
  const edits: Edit[] = [];
  for (const gap of gaps) fillGap(edits, path, words, gap, separator, style);
  return edits;
}

/** The quote that closes a word that the end of the line closes (which httpd accepts), before more may follow it. */
function missingQuote({ raw, quote }: Word): string {
  if (quote === '') return '';
  let slashes = 0;
  while (raw.charCodeAt(raw.length - 2 - slashes) === 92) slashes++;
  return raw.length > 1 && raw.endsWith(quote) && slashes % 2 === 0 ? '' : quote;
}

/** Whether no white space stands between a (quoted) word and the next: then that before it must stay. */
export function isGlued(words: readonly Word[], index: number): boolean {
  return words[index + 1]?.start === words[index]!.end;
}

/** The value in place of one word, in the same quotes. */
export function replaceWord(path: string, word: Word, value: string, style: WordStyle): Edit[] {
  if (value === word.text) return [];
  return [{ path, start: word.start, end: word.end, text: style.write(value, word.quote) }];
}

function freeGaps(words: readonly Word[], values: readonly string[], options: WordOptions): Gap[] {
  const wanted = new Map<string, number>();
  for (const value of values) count(wanted, key(value, options), 1);
  const gaps: Gap[] = [{ after: 0, gone: [], values: [] }];
  for (let index = 1; index < words.length; index++) {
    const word = words[index]!;
    if ((wanted.get(key(word.text, options)) ?? 0) > 0) {
      count(wanted, key(word.text, options), -1);
      gaps.push({ after: index, gone: [], values: [] });
    } else gaps.at(-1)!.gone.push(index);
  }
  const last = gaps.at(-1)!;
  for (const value of values) {
    if ((wanted.get(key(value, options)) ?? 0) <= 0) continue;
    count(wanted, key(value, options), -1);
    last.values.push(value);
  }
  return gaps;
}

/** Greedy, first match from the left: right for any list, shortest for the lists that people write. */
function orderedGaps(words: readonly Word[], values: readonly string[], options: WordOptions): Gap[] {
  const places = new Map<string, number[]>();
  for (let at = values.length - 1; at >= 0; at--) {
    const list = places.get(key(values[at]!, options));
    if (list) list.push(at);
    else places.set(key(values[at]!, options), [at]);
  }
  const gaps: Gap[] = [{ after: 0, gone: [], values: [] }];
  let next = 0;
  for (let index = 1; index < words.length; index++) {
    const word = words[index]!;
    const list = places.get(key(word.text, options)) ?? [];
    while (list.length > 0 && list.at(-1)! < next) list.pop();
    const at = list.pop();
    if (at === undefined) {
      gaps.at(-1)!.gone.push(index);
      continue;
    }
    while (next < at) gaps.at(-1)!.values.push(values[next++]!);
    next = at + 1;
    gaps.push({ after: index, gone: [], values: [] });
  }
  while (next < values.length) gaps.at(-1)!.values.push(values[next++]!);
  return gaps;
}

function key(value: string, options: WordOptions): string {
  return options.ignoreCase ? value.toLowerCase() : value;
}

function count(table: Map<string, number>, name: string, step: number): void {
  table.set(name, (table.get(name) ?? 0) + step);
}

/** The white space between the last two arguments; after a name alone, alignment is no separator. */
function separatorOf(text: string, words: readonly Word[], continues: boolean): string {
  const last = words.at(-1)!;
  if (words.length < 3) return ' ';
  const from = words.at(-2)!.end;
  let start = last.start;
  while (start > from && !isWordCharacter(text, start - 1, continues)) start--;
  return text.slice(start, last.start) || ' ';
}

/** White space is no word, and so is a continuation: in httpd no other backslash stands between two words. A comment's text is. */
function isWordCharacter(text: string, at: number, continues: boolean): boolean {
  const code = text.charCodeAt(at);
  const isBlank = code === 32 || (code >= 9 && code <= 13);
  return !isBlank && !(continues && code === 92);
}

function fillGap(
  edits: Edit[],
  path: string,
  words: readonly Word[],
  gap: Gap,
  separator: string,
  style: WordStyle,
): void {
  let gone = gap.gone;
  const first = words[gone[0] ?? -1];
  if (gap.values.length > 0 && first) {
    const text = gap.values.map(value => style.write(value, first.quote)).join(separator);
    edits.push({ path, start: first.start, end: first.end, text });
    gone = gone.slice(1);
  } else if (gap.values.length > 0) {
    const at = words[gap.after]!.end;
    // A quoted word may be glued to the next one, which must not become a part of the new word.
    const glue = isGlued(words, gap.after) ? ' ' : '';
    const text = gap.values.map(value => separator + style.write(value, '')).join('');
    edits.push({ path, start: at, end: at, text: missingQuote(words[gap.after]!) + text + glue });
  }
  const from = gone[0];
  if (from === undefined) return;
  for (const span of style.removals(words, from, gone.at(-1)!)) edits.push({ path, ...span, text: '' });
}
