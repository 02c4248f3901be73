/** Text to the nginx tree in one pass, as `ngx_conf_parse` and `ngx_conf_read_token` read it. */
import type { NginxContent, NginxRoot, Parsed, Problem, Source } from '../ast.js';
import { CommentNode, createRoot } from '../nodes.js';
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

/** `parse` for who has the source already. */
export function parseSource(source: Source): Parsed<NginxRoot> {
  const root: NginxRoot = createRoot(source, 'nginx', []);
  const problems: Problem[] = [];
  const reader: Reader = { source, text: source.text, problems, names: new Map<string, string>() };
  const open: DirectiveNode[] = [];
  let into: NginxContent[] = root.children;
  let at = 0;
  const { text } = source;
  const push = (block: DirectiveNode) => {
    open.push(block);
    block.children = [];
    into = block.children;
  };
  const pop = (end: number) => {
    const closed = open.pop();
    if (closed) closed.end = end;
    into = open.at(-1)?.children ?? root.children;
  };
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) at++;
    else if (code === HASH) {
      const end = commentEnd(text, at);
      if (end - at > FEW_UNITS - 1) checkComments(reader, at, end);
      into.push(new CommentNode(source, at, end));
      at = end;
    } else if (code === CLOSE_BRACE) {
      at++;
      if (open.length === 0) report(reader, at - 1, at, 'Unexpected `}`, expected a directive or the end of the file');
      pop(at);
    } else if (code === SEMICOLON) {
      report(reader, at, at + 1, 'Unexpected `;`, expected a directive');
      at++;
    } else {
      const directive = readDirective(reader, at);
      into.push(directive);
      at = directive.headEnd;
      if (directive.block) push(directive);
      else if (directive.lua) at = directive.end;
    }
  }
  closeAtEnd(reader, open);
  return { tree: root, problems };
}

interface Reader {
  readonly source: Source;
  readonly text: string;
  readonly problems: Problem[];
  /** One string per name, however often it stands in the file. */
  readonly names: Map<string, string>;
}

/** One statement: words up to `;` or `{`. What can't go on ends it, so that the next one is read. */
function readDirective(reader: Reader, start: number): DirectiveNode {
  const { text } = reader;
  const nameEnd = readWord(text, start, text.length);
  const directive = new DirectiveNode(reader.source, nameOf(reader, start, nameEnd), start);
  let at = start;
  let wordEnd = start;
  for (let words = 0; ; words++) {
    const code = text.charCodeAt(at);
    if (at >= text.length) return endOfFile(reader, directive, wordEnd);
    if (code === SEMICOLON) return finish(directive, at + 1);
    if (code === OPEN_BRACE) return openBlock(reader, directive, at);
    if (code === CLOSE_BRACE && at > start) {
      report(reader, at, at + 1, 'Unexpected `}`, expected `;`');
      return finish(directive, at);
    }
    wordEnd = at === start ? nameEnd : readWord(text, at, text.length);
    if (wordEnd - at > FEW_UNITS) checkLength(reader, at, wordEnd);
    if (words === MOST_WORDS) report(reader, at, at + 1, `Unexpected word after ${MOST_WORDS} others, expected fewer`);
    if (isOpen(text, at, wordEnd)) return endOfFile(reader, directive, wordEnd, at);
    checkAfterQuote(reader, at, wordEnd);
    at = skipBlank(text, wordEnd, text.length);
    if (at - wordEnd > FEW_UNITS) checkComments(reader, wordEnd, at);
  }
}

function finish(directive: DirectiveNode, end: number): DirectiveNode {
  directive.headEnd = end;
  directive.end = end;
  return directive;
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

function openBlock(reader: Reader, directive: DirectiveNode, brace: number): DirectiveNode {
  finish(directive, brace + 1);
  if (brace === directive.start) report(reader, brace, brace + 1, 'Unexpected `{`, expected a directive');
  if (!directive.name.endsWith('_by_lua_block')) {
    directive.block = true;
    return directive;
  }
  const { end, unclosed } = readLuaBody(reader.text, brace + 1);
  Object.assign(directive, { lua: { start: brace + 1, end } });
  directive.end = unclosed === undefined ? end + 1 : end;
  if (unclosed !== undefined) reportUnclosedLua(reader, directive, unclosed);
  return directive;
}

/** The module names the line of what is not closed, where nginx itself names the end of the file. */
function reportUnclosedLua(reader: Reader, directive: DirectiveNode, at: number): void {
  const closing = reader.text.charCodeAt(at) === OPEN_BRACE ? '`}`' : 'a closing long bracket';
  report(reader, at, at + 1, `Unexpected end of file, expected ${closing} in the Lua block`, opened(reader, directive));
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

/** `quote` is where a quoted word starts that nothing closes. */
function endOfFile(reader: Reader, directive: DirectiveNode, end: number, quote?: number): DirectiveNode {
  const { source, text } = reader;
  const related =
    quote === undefined ? opened(reader, directive) : { message: 'The quote opens here', ...placeAt(source, quote) };
  report(reader, text.length, text.length, 'Unexpected end of file, expected `;` or `}`', related);
  return finish(directive, end);
}

/** ngx_conf_parse at NGX_CONF_FILE_DONE: each open block is closed by the end, and the innermost is named. */
function closeAtEnd(reader: Reader, open: readonly DirectiveNode[]): void {
  const end = reader.text.length;
  for (const block of open) block.end = end;
  const innermost = open.at(-1);
  if (!innermost) return;
  report(
    reader,
    end,
    end,
    `Unexpected end of file, expected \`}\`${innermost.name === '' ? '' : ` of \`${innermost.name}\``}`,
    opened(reader, innermost),
  );
}

function opened(reader: Reader, directive: DirectiveNode): Problem['related'] {
  return { message: `\`${directive.name}\` starts here`, ...placeAt(reader.source, directive.start) };
}

function placeAt(source: Source, offset: number): { line: number; column: number } {
  const { line, column } = source.pointAt(offset);
  return { line, column };
}

function report(reader: Reader, start: number, end: number, message: string, related?: Problem['related']): void {
  if (reader.problems.length >= MOST_PROBLEMS) return;
  reader.problems.push({ start, end, message, ...placeAt(reader.source, start), ...(related && { related }) });
}
