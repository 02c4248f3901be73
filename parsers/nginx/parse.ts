/** Text to the nginx tree in one pass, as `ngx_conf_parse` and `ngx_conf_read_token` read it. */
import type { NginxContent, NginxRoot, Parsed, Problem, Source, Span } from '../ast.js';
import { CommentNode, createRoot, NO_CHILDREN } from '../nodes.js';
import { createSource } from '../source.js';
import { readLuaBody } from './lua.js';
import { commentEnd, DirectiveNode, unescapeWord } from './nodes.js';
import { isBlank, isOpen, MOST_WORDS, readWord, skipBlank } from './words.js';

const HASH = 35;
const CLOSE_PAREN = 41;
const SEMICOLON = 59;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** NGX_CONF_BUFFER: a word and what ends it must fit, and so must a comment. */
const BUFFER_BYTES = 4096;
/** No fewer code units can fill the buffer (UTF-8 takes three bytes for one at most). */
const FEW_UNITS = BUFFER_BYTES / 3 - 1;
const TOO_LONG = `of ${BUFFER_BYTES} bytes or more, expected a shorter one`;
/** A file that is no configuration at all needs no thousandth problem. */
const MOST_PROBLEMS = 1000;

/** Never throws: what the server would refuse is in `problems`, and reading goes on behind it. */
export function parse(input: string | Uint8Array): Parsed<NginxRoot> {
  return parseSource(createSource(input));
}

/**
 * Which simple directives a tree is to have, by the name and where it starts. Of a file of 400,000 lines most do not matter to
 * who asks, and a node for each is what reading costs most.
 */
export type Wanted = (name: string, start: number) => boolean;

/**
 * `parse` for who has the source already. With `wanted`, the tree has neither comments nor the simple directives that are
 * not wanted; its blocks are all there, and what it has is as it is without. The problems are the same.
 */
export function parseSource(source: Source, wanted?: Wanted): Parsed<NginxRoot> {
  const root: NginxRoot = createRoot(source, 'nginx', []);
  const { text } = source;
  const names = new Map<string, string>();
  const reader: Reader = {
    source,
    text,
    wanted,
    problems: [],
    names,
    open: [],
    into: root.children,
    opens: false,
    words: 0,
  };
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) at++;
    else if (code === HASH) at = readComment(reader, at);
    else if (code === CLOSE_BRACE) {
      at++;
      closeBlock(reader, root, at);
    } else if (code === SEMICOLON) {
      report(reader, at, at + 1, 'Unexpected `;`, expected a directive');
      at++;
    } else at = readDirective(reader, at);
  }
  closeAtEnd(reader);
  return { tree: root, problems: reader.problems };
}

interface Reader {
  readonly source: Source;
  readonly text: string;
  readonly wanted: Wanted | undefined;
  readonly problems: Problem[];
  /** One string per name, however often it stands in the file. */
  readonly names: Map<string, string>;
  /** Blocks that are not closed yet, the innermost last. */
  readonly open: DirectiveNode[];
  /** The children of the innermost; `NO_CHILDREN` until there is one, where most blocks have none that is wanted. */
  into: NginxContent[];
  /** Whether the head that was read last ends in a `{`. */
  opens: boolean;
  /** How many words it has. */
  words: number;
}

function readComment(reader: Reader, start: number): number {
  const { source, text, wanted } = reader;
  const end = commentEnd(text, start);
  if (end - start > FEW_UNITS - 1) checkComments(reader, start, end);
  if (!wanted) add(reader, new CommentNode(source, start, end));
  return end;
}

function add(reader: Reader, node: NginxContent): void {
  if (reader.into !== NO_CHILDREN) reader.into.push(node);
  else {
    reader.into = [node];
    reader.open.at(-1)!.children = reader.into;
  }
}

function closeBlock(reader: Reader, root: NginxRoot, end: number): void {
  const { open } = reader;
  const closed = open.pop();
  if (closed) closed.end = end;
  else report(reader, end - 1, end, 'Unexpected `}`, expected a directive or the end of the file');
  reader.into = open.at(-1)?.children ?? root.children;
}

/** One statement, with the body of a Lua block; where the next one may start. */
function readDirective(reader: Reader, start: number): number {
  const { source, text, wanted } = reader;
  const nameEnd = readWord(text, start, text.length);
  const name = nameOf(reader, start, nameEnd);
  const headEnd = readHead(reader, name, start, nameEnd);
  const lua = reader.opens && name.endsWith('_by_lua_block') ? readLua(reader, name, start, headEnd) : undefined;
  const block = reader.opens && !lua;
  const end = lua?.end ?? headEnd;
  if (!block && wanted && !wanted(name, start)) return end;
  const directive = new DirectiveNode(source, name, start, headEnd, end, block, reader.words);
  if (lua) Object.assign(directive, { lua: lua.body });
  add(reader, directive);
  if (block) {
    if (!wanted) directive.children = [];
    reader.open.push(directive);
    reader.into = directive.children;
  }
  return end;
}

/** Words up to `;` or `{`; the offset behind it. What can't go on ends the statement, so that the next one is read. */
function readHead(reader: Reader, name: string, start: number, nameEnd: number): number {
  const { text } = reader;
  reader.opens = false;
  let at = start;
  let wordEnd = start;
  for (let words = 0; ; words++) {
    reader.words = words;
    const code = text.charCodeAt(at);
    if (at >= text.length) return endOfFile(reader, name, start, wordEnd);
    if (code === SEMICOLON) return at + 1;
    if (code === OPEN_BRACE) return openBrace(reader, start, at);
    if (code === CLOSE_BRACE && at > start) {
      report(reader, at, at + 1, 'Unexpected `}`, expected `;`');
      return at;
    }
    wordEnd = at === start ? nameEnd : readWord(text, at, text.length);
    if (wordEnd - at > FEW_UNITS) checkLength(reader, at, wordEnd);
    if (words === MOST_WORDS) report(reader, at, at + 1, `Unexpected word after ${MOST_WORDS} others, expected fewer`);
    if (isOpen(text, at, wordEnd)) {
      reader.words++;
      return endOfFile(reader, name, start, wordEnd, at);
    }
    checkAfterQuote(reader, at, wordEnd);
    at = skipBlank(text, wordEnd, text.length);
    if (at - wordEnd > FEW_UNITS) checkComments(reader, wordEnd, at);
  }
}

function openBrace(reader: Reader, start: number, brace: number): number {
  reader.opens = true;
  if (brace === start) report(reader, brace, brace + 1, 'Unexpected `{`, expected a directive');
  return brace + 1;
}

/** A name is compared by what it means: `"listen"` is `listen`. */
function nameOf({ text, names }: Reader, start: number, end: number): string {
  if (text.charCodeAt(start) === OPEN_BRACE) return '';
  const raw = text.slice(start, end);
  const known = names.get(raw);
  if (known !== undefined) return known;
  const quoted = raw.startsWith('"') || raw.startsWith("'");
  const name = unescapeWord(quoted ? raw.slice(1, isOpen(text, start, end) ? undefined : -1) : raw);
  names.set(raw, name);
  return name;
}

function readLua(reader: Reader, name: string, start: number, from: number): { readonly body: Span; end: number } {
  const { end, unclosed } = readLuaBody(reader.text, from);
  if (unclosed !== undefined) reportUnclosedLua(reader, name, start, unclosed);
  return { body: { start: from, end }, end: unclosed === undefined ? end + 1 : end };
}

/** The module names the line of what is not closed, where nginx itself names the end of the file. */
function reportUnclosedLua(reader: Reader, name: string, start: number, at: number): void {
  const closing = reader.text.charCodeAt(at) === OPEN_BRACE ? '`}`' : 'a closing long bracket';
  const related = opened(reader, name, start);
  report(reader, at, at + 1, `Unexpected end of file, expected ${closing} in the Lua block`, related);
}

/** After a closing quote ngx_conf_read_token has `need_space`: blank, `;`, `{` or `)`. */
function checkAfterQuote(reader: Reader, start: number, end: number): void {
  const first = reader.text.charCodeAt(start);
  if ((first !== 34 && first !== 39) || end >= reader.text.length) return;
  const next = reader.text.charCodeAt(end);
  if (isBlank(next) || next === SEMICOLON || next === OPEN_BRACE || next === CLOSE_PAREN) return;
  const shown = String.fromCodePoint(reader.text.codePointAt(end)!);
  report(
    reader,
    end,
    end + shown.length,
    `Unexpected \`${shown}\` after a closing quote, expected white space, \`;\` or \`{\``,
  );
}

/** Words are measured in bytes, without their opening quote but with the blank that ends them. */
function checkLength(reader: Reader, start: number, end: number): void {
  const { text } = reader;
  const first = text.charCodeAt(start);
  const from = first === 34 || first === 39 ? start + 1 : start;
  const stop = end < text.length && isBlank(text.charCodeAt(end)) ? end + 1 : end;
  if (outgrows(reader, from, stop)) report(reader, start, start + 1, `Unexpected word ${TOO_LONG}`);
}

/** A comment is a word to the buffer: `start` of ngx_conf_read_token stays at its `#`. */
function checkComments(reader: Reader, from: number, end: number): void {
  const { text } = reader;
  for (let at = from; at < end; at++) {
    if (text.charCodeAt(at) !== HASH) continue;
    const lf = text.indexOf('\n', at);
    const stop = lf === -1 ? text.length : lf;
    if (outgrows(reader, at, stop)) report(reader, at, at + 1, `Unexpected comment ${TOO_LONG}`);
    at = stop;
  }
}

/** Whether ngx_conf_read_token fills its buffer with `[start, stop)` and has to read on. */
function outgrows({ text, source }: Reader, start: number, stop: number): boolean {
  const most = BUFFER_BYTES + 1;
  const length = source.encoding === 'latin1' ? stop - start : utf8Length(text, start, stop, most);
  return length > BUFFER_BYTES || (length === BUFFER_BYTES && stop < text.length);
}

/** Stops counting at `most`. */
function utf8Length(text: string, start: number, end: number, most: number): number {
  let length = 0;
  for (let at = start; at < end && length < most; at++) {
    const code = text.charCodeAt(at);
    length += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  return length;
}

/** `end` is that of the last word; `quote` is where a quoted word starts that nothing closes. */
function endOfFile(reader: Reader, name: string, start: number, end: number, quote?: number): number {
  const { source, text } = reader;
  const related =
    quote === undefined ? opened(reader, name, start) : { message: 'The quote opens here', ...placeAt(source, quote) };
  report(reader, text.length, text.length, 'Unexpected end of file, expected `;` or `}`', related);
  return end;
}

/** ngx_conf_parse at NGX_CONF_FILE_DONE: each open block is closed by the end, and the innermost is named. */
function closeAtEnd(reader: Reader): void {
  const { open, text } = reader;
  const end = text.length;
  for (const block of open) block.end = end;
  const innermost = open.at(-1);
  if (!innermost) return;
  const { name, start } = innermost;
  const of = name === '' ? '' : ` of \`${name}\``;
  report(reader, end, end, `Unexpected end of file, expected \`}\`${of}`, opened(reader, name, start));
}

function opened(reader: Reader, name: string, start: number): Problem['related'] {
  return { message: `\`${name}\` starts here`, ...placeAt(reader.source, start) };
}

function placeAt(source: Source, offset: number): { line: number; column: number } {
  const { line, column } = source.pointAt(offset);
  return { line, column };
}

function report(reader: Reader, start: number, end: number, message: string, related?: Problem['related']): void {
  if (reader.problems.length >= MOST_PROBLEMS) return;
  reader.problems.push({ start, end, message, ...placeAt(reader.source, start), ...(related && { related }) });
}
