/** Text to the nginx tree in one pass, as `ngx_conf_parse` and `ngx_conf_read_token` read it. */
import type { NginxContent, NginxRoot, Parsed, Problem, Source } from '../ast.js';
import { createSource } from '../source.js';
import { luaBlockEnd } from './lua.js';
import { CommentNode, commentEnd, DirectiveNode, RootNode, unescapeWord } from './nodes.js';
import { isBlank, isOpen, readWord, skipBlank } from './words.js';

const HASH = 35;
const CLOSE_PAREN = 41;
const SEMICOLON = 59;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** NGX_CONF_BUFFER: a word and what ends it must fit. */
const BUFFER_BYTES = 4096;
/** A file that is no configuration at all needs no thousandth problem. */
const MOST_PROBLEMS = 1000;

/** Never throws: what the server would refuse is in `problems`, and reading goes on behind it. */
export function parse(input: string | Uint8Array): Parsed<NginxRoot> {
  return parseSource(createSource(input));
}

/** `parse` for who has the source already. */
export function parseSource(source: Source): Parsed<NginxRoot> {
  const root = new RootNode(source);
  const problems: Problem[] = [];
  const reader = { source, text: source.text, problems, names: new Map<string, string>(), head: { at: 0, ended: 0 } };
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
  const directive = new DirectiveNode(reader.source, nameAt(reader, start), start);
  let at = start;
  let wordEnd = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (at >= text.length) return endOfFile(reader, directive, wordEnd);
    if (code === SEMICOLON) return finish(directive, at + 1);
    if (code === OPEN_BRACE) return openBlock(reader, directive, at);
    if (code === CLOSE_BRACE && at > start) {
      report(reader, at, at + 1, 'Unexpected `}`, expected `;`');
      return finish(directive, at);
    }
    wordEnd = readWord(text, at, text.length);
    if (wordEnd - at > BUFFER_BYTES / 4) checkLength(reader, at, wordEnd);
    if (isOpen(text, at, wordEnd)) return endOfFile(reader, directive, wordEnd);
    checkAfterQuote(reader, at, wordEnd);
    at = skipBlank(text, wordEnd, text.length);
  }
}

function finish(directive: DirectiveNode, end: number): DirectiveNode {
  directive.headEnd = end;
  directive.end = end;
  return directive;
}

/** A name is compared by what it means: `"listen"` is `listen`. */
function nameAt({ text, names }: Reader, start: number): string {
  const end = readWord(text, start, text.length);
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
  const close = luaBlockEnd(reader.text, brace + 1);
  const end = close === -1 ? reader.text.length : close;
  Object.assign(directive, { lua: { start: brace + 1, end } });
  directive.end = close === -1 ? end : close + 1;
  if (close === -1) {
    report(reader, end, end, 'Unexpected end of file, expected `}` of the Lua block', opened(reader, directive));
  }
  return directive;
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

/** Words are measured in bytes, without their opening quote. */
function checkLength(reader: Reader, start: number, end: number): void {
  const { text, source } = reader;
  const first = text.charCodeAt(start);
  const from = first === 34 || first === 39 ? start + 1 : start;
  const length = source.encoding === 'latin1' ? end - from : utf8Length(text, from, end, BUFFER_BYTES);
  if (length < BUFFER_BYTES) return;
  report(reader, start, start + 1, `Unexpected word of ${BUFFER_BYTES} bytes or more, expected a shorter one`);
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

function endOfFile(reader: Reader, directive: DirectiveNode, end: number): DirectiveNode {
  const { text } = reader;
  report(reader, text.length, text.length, 'Unexpected end of file, expected `;` or `}`', opened(reader, directive));
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
    `Unexpected end of file, expected \`}\` of \`${innermost.name}\``,
    opened(reader, innermost),
  );
}

function opened(reader: Reader, directive: DirectiveNode): Problem['related'] {
  const { line, column } = reader.source.pointAt(directive.start);
  return { message: `\`${directive.name}\` starts here`, line, column };
}

function report(reader: Reader, start: number, end: number, message: string, related?: Problem['related']): void {
  if (reader.problems.length >= MOST_PROBLEMS) return;
  const { line, column } = reader.source.pointAt(start);
  reader.problems.push({ start, end, message, line, column, ...(related && { related }) });
}
