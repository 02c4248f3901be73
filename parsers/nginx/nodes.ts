/** The nodes of the nginx tree: offsets in fields, all else computed from the source when it is asked for. */
import type { Comment, NginxContent, NginxDirective, Position, Source, Span, Word } from '../ast.js';
import { CommentNode, NO_CHILDREN, positionOf } from '../nodes.js';
import { MOST_WORDS, readWord, skipBlank } from './words.js';

const NO_COMMENTS: readonly Comment[] = Object.freeze([]);

/** A class for its prototype: a getter there costs no memory in 400,000 nodes. */
export class DirectiveNode implements NginxDirective {
  readonly type = 'directive' as const;
  readonly name: string;
  readonly start: number;
  readonly headEnd: number;
  end: number;
  readonly block: boolean;
  children: NginxContent[];
  readonly #words: number;
  declare readonly lua?: Span;
  readonly #source: Source;

  constructor(
    source: Source,
    name: string,
    start: number,
    headEnd: number,
    end: number,
    block: boolean,
    words: number,
  ) {
    this.#source = source;
    this.name = name;
    this.start = start;
    this.headEnd = headEnd;
    this.end = end;
    this.block = block;
    this.children = NO_CHILDREN;
    this.#words = words;
  }

  get dialect(): 'nginx' {
    return 'nginx';
  }

  get words(): Word[] {
    return wordsOf(this.#source.text, this.start, this.headEnd);
  }

  get args(): readonly string[] {
    return argsOf(this.#source.text, this.start, this.headEnd);
  }

  get argCount(): number {
    return Math.min(Math.max(this.#words - 1, 0), MOST_WORDS);
  }

  get headComments(): readonly Comment[] {
    return commentsOf(this.#source, this.start, this.headEnd);
  }

  get position(): Position {
    return positionOf(this.#source, this);
  }
}

/** The words between `start` and the `;` or `{` before `end`; an empty one where a block has no name. */
function wordsOf(text: string, start: number, end: number): Word[] {
  const words: Word[] = [];
  for (let at = skipBlank(text, start, end); at < end; at = skipBlank(text, at, end)) {
    const code = text.charCodeAt(at);
    if (code === SEMICOLON || code === BRACE || words.length >= MOST_WORDS) break;
    const wordEnd = Math.min(readWord(text, at, end), end);
    words.push(wordOf(text, at, wordEnd));
    at = wordEnd;
  }
  if (words.length === 0) words.push({ start, end: start, raw: '', text: '', quote: '' });
  return words;
}

/** The words behind the first as `wordsOf` has them, without an object for each. */
function argsOf(text: string, start: number, end: number): readonly string[] {
  const args: string[] = [];
  let at = skipBlank(text, start, end);
  for (let isName = true; at < end; isName = false) {
    const code = text.charCodeAt(at);
    if (code === SEMICOLON || code === BRACE || args.length >= MOST_WORDS) break;
    const wordEnd = Math.min(readWord(text, at, end), end);
    if (!isName) args.push(meaningOf(text.slice(at, wordEnd)));
    at = skipBlank(text, wordEnd, end);
  }
  return args.length === 0 ? NO_ARGS : args;
}

const NO_ARGS: readonly string[] = Object.freeze([]);
const SEMICOLON = 59;
const BRACE = 123;
const HASH = 35;

function wordOf(text: string, start: number, end: number): Word {
  const raw = text.slice(start, end);
  return { start, end, raw, text: meaningOf(raw), quote: quoteOf(raw) };
}

/** What a word as written means. */
function meaningOf(raw: string): string {
  const quote = quoteOf(raw);
  if (quote === '') return unescapeWord(raw);
  return unescapeWord(raw.slice(1, raw.length > 1 && raw.endsWith(quote) ? -1 : undefined));
}

function quoteOf(raw: string): Word['quote'] {
  const first = raw.charAt(0);
  return first === '"' || first === "'" ? first : '';
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };

/** The last loop of ngx_conf_read_token: `\"`, `\'`, `\\`, `\t`, `\r` and `\n` are converted, any other `\x` stays. */
export function unescapeWord(inner: string): string {
  if (!inner.includes('\\')) return inner;
  let result = '';
  for (let at = 0; at < inner.length; at++) {
    const character = inner.charAt(at);
    const escaped = character === '\\' ? ESCAPES[inner.charAt(at + 1)] : undefined;
    result += escaped ?? character;
    if (escaped !== undefined) at++;
  }
  return result;
}

function commentsOf(source: Source, start: number, end: number): readonly Comment[] {
  const { text } = source;
  if (!text.slice(start, end).includes('#')) return NO_COMMENTS;
  const comments: Comment[] = [];
  let at = start;
  for (const word of [...wordsOf(text, start, end), { start: end, end }]) {
    for (; at < word.start; at++) {
      if (text.charCodeAt(at) !== HASH) continue;
      const stop = commentEnd(text, at);
      comments.push(new CommentNode(source, at, stop));
      at = stop;
    }
    at = word.end;
  }
  return comments;
}

/** Comments end at LF; the CR of a CRLF belongs to the line ending. */
export function commentEnd(text: string, start: number): number {
  const lf = text.indexOf('\n', start);
  if (lf === -1) return text.length;
  return text.charCodeAt(lf - 1) === 13 && lf - 1 > start ? lf - 1 : lf;
}
