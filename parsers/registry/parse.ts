/**
 * One pass over the lines of a `.reg` file, as the registry editor reads them. The names in the comments are those of
 * Wine's `programs/regedit/regproc.c`.
 */
import type { Parsed, Problem, RegistryContent, RegistryRoot, Source } from '../ast.js';
import { CommentNode, createRoot } from '../nodes.js';
import { createWideSource } from '../source.js';
import { closingQuote, lineEnd, lineStartAfter, readData, skipBlanks, unescaped } from './data.js';
import { KeyNode, ValueNode } from './nodes.js';

/** Both forms of the first line; it is compared with case. */
export const HEADERS: readonly string[] = ['Windows Registry Editor Version 5.00', 'REGEDIT4'];

interface State {
  readonly source: Source;
  readonly top: RegistryContent[];
  readonly problems: Problem[];
  key: KeyNode | undefined;
}

/** Bytes, or a text that is written back as UTF-8. Never throws. */
export function parse(input: string | Uint8Array): Parsed<RegistryRoot> {
  return parseSource(createWideSource(input));
}

export function parseSource(source: Source): Parsed<RegistryRoot> {
  const { text } = source;
  const state: State = { source, top: [], problems: [], key: undefined };
  for (let at = readHeader(state); at < text.length; ) {
    const end = readLine(state, skipBlanks(text, at));
    at = lineStartAfter(text, lineEnd(text, end));
  }
  return { tree: createRoot(source, 'windows', state.top), problems: state.problems };
}

/** `parse_file_header`; the offset where the next line starts. Without a header nothing is imported. */
function readHeader(state: State): number {
  const { text } = state.source;
  const at = skipBlanks(text, text.charCodeAt(0) === BOM ? 1 : 0);
  const end = lineEnd(text, at);
  if (HEADERS.includes(text.slice(at, end).trimEnd())) return lineStartAfter(text, end);
  const shown = text.slice(at, Math.min(end, at + 60));
  const odd = text.startsWith('\u00ff\u00fe') && text.length % 2 === 1;
  const what = odd ? 'an odd number of bytes of UTF-16' : `\`${shown}\``;
  complain(state, at, Math.max(end, at), `Unexpected ${what}, expected \`${HEADERS.join('` or `')}\``);
  return at;
}

/** `line_start_state`. The offset up to which was read; the rest of that line is passed over, as the editor does. */
function readLine(state: State, at: number): number {
  const { text } = state.source;
  const code = text.charCodeAt(at);
  if (code === SEMICOLON) {
    const end = lineEnd(text, at);
    contentOf(state).push(new CommentNode(state.source, at, end));
    if (state.key) state.key.end = end;
    return end;
  }
  if (code === BRACKET) return readKey(state, at);
  if (code === QUOTE || code === AT) return readValue(state, at);
  return at;
}

/** `key_name_state`: the path ends at the last `]` of the line. */
function readKey(state: State, at: number): number {
  const { text } = state.source;
  const end = lineEnd(text, at);
  let close = end - 1;
  while (close > at && text.charCodeAt(close) !== CLOSE_BRACKET) close--;
  if (close === at) {
    complain(state, at, end, 'Unexpected end of line, expected `]`');
    state.key = undefined;
    return end;
  }
  const removes = text.charCodeAt(at + 1) === MINUS;
  const name = text.slice(at + (removes ? 2 : 1), close);
  state.key = new KeyNode(state.source, name, removes, at, close + 1);
  state.top.push(state.key);
  return end;
}

/** `quoted_value_name_state`, `default_value_name_state` and `data_start_state`. */
function readValue(state: State, at: number): number {
  const { text } = state.source;
  const end = lineEnd(text, at);
  const isDefault = text.charCodeAt(at) === AT;
  const close = isDefault ? at : closingQuote(text, at + 1);
  if (close === -1 || close >= end) {
    complain(state, at, end, 'Unexpected end of line, expected `"`');
    return end;
  }
  const equals = skipBlanks(text, close + 1);
  if (text.charCodeAt(equals) !== EQUALS) {
    complain(state, equals, Math.max(equals, end), `Unexpected ${shownAt(text, equals)}, expected \`=\``);
    return end;
  }
  const dataStart = skipBlanks(text, equals + 1);
  const read = readData(text, dataStart);
  if (!('data' in read)) {
    complain(state, read.at, lineEnd(text, read.at), `Unexpected ${shownAt(text, read.at)}, expected ${read.expected}`);
    return end;
  }
  if (!state.key) {
    complain(state, at, end, 'Unexpected value before a key, expected `[`');
    return read.end;
  }
  const name = isDefault ? '' : unescaped(text.slice(at + 1, close));
  const nameSpan = { start: at, end: close + 1 };
  state.key.children.push(
    new ValueNode(state.source, name, nameSpan, { start: dataStart, end: read.end }, read.data),
    ...read.comments.map(comment => new CommentNode(state.source, comment.start, comment.end)),
  );
  state.key.end = read.comments.at(-1)?.end ?? read.end;
  return state.key.end;
}

/** Comments between keys belong to the key before them. */
function contentOf({ key, top }: State): RegistryContent[] {
  return key ? key.children : top;
}

function complain({ source, problems }: State, start: number, end: number, message: string): void {
  const { line, column } = source.pointAt(start);
  problems.push({ message, line, column, start, end });
}

function shownAt(text: string, at: number): string {
  const end = Math.min(lineEnd(text, at), at + 40);
  return end > at ? `\`${text.slice(at, end)}\`` : 'end of line';
}

const BOM = 0xfe_ff;
const QUOTE = 34;
const MINUS = 45;
const SEMICOLON = 59;
const EQUALS = 61;
const AT = 64;
const BRACKET = 91;
const CLOSE_BRACKET = 93;
