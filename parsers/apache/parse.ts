/** Text to the httpd tree in one pass, as `ap_build_config` and `ap_build_config_sub` (server/config.c) read it. */
import { Buffer } from 'node:buffer';
import type { ApacheContent, ApacheRoot, Parsed, Problem, Source } from '../ast.js';
import { CommentNode, createRoot } from '../nodes.js';
import { createSource } from '../source.js';
import {
  commandName,
  hasTooManyWords,
  isSpace,
  joinLine,
  lineEnd,
  MOST_WORDS,
  skipSpace,
  wordEnd,
  wordOf,
} from './line.js';
import { DirectiveNode, SectionNode } from './nodes.js';

const HASH = 35;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const LESS_THAN = 60;
/** VARBUF_MAX_LEN of server/util.c: bytes of a joined line with its line feed. */
const LONGEST_LINE = 16 * 1024 * 1024;
/** A file that is no configuration at all needs no thousandth problem. */
const MOST_PROBLEMS = 1000;
/** As UTF-8 text, and as the bytes of a file that is not UTF-8 throughout. */
const BYTE_ORDER_MARKS = ['\ufeff', '\u00ef\u00bb\u00bf'];

/** Never throws: what the server would refuse is in `problems`, and reading goes on behind it. */
export function parse(input: string | Uint8Array): Parsed<ApacheRoot> {
  return parseSource(createSource(input));
}

/** Sections whose handler looks for the `>`; any other name is an unknown command to the server and no matter of syntax. */
const NEEDS_BRACKET = new Set([
  ...['authnprovideralias', 'authzprovideralias', 'directory', 'directorymatch', 'else', 'elseif', 'files'],
  ...['filesmatch', 'if', 'ifdefine', 'ifdirective', 'iffile', 'ifmodule', 'ifsection', 'ifversion', 'limit'],
  ...['limitexcept', 'location', 'locationmatch', 'macro', 'mdomain', 'mdomainset', 'proxy', 'proxymatch'],
  ...['requireall', 'requireany', 'requirenone', 'virtualhost'],
]);

/** A name and its key, one object per name however often it stands in the file. */
interface Name {
  readonly name: string;
  readonly key: string;
}

interface Reader {
  readonly source: Source;
  readonly text: string;
  readonly problems: Problem[];
  readonly names: Map<string, Name>;
  readonly open: SectionNode[];
  /** How many sections of a key are open: in the file, then in each macro body that is open. */
  readonly scopes: Array<Map<string, number>>;
  into: ApacheContent[];
  readonly top: ApacheContent[];
  /** What ends the section whose body is no configuration, in lower case; empty outside of one. */
  rawEnd: string;
}

/** `parse` for who has the source already. */
export function parseSource(source: Source): Parsed<ApacheRoot> {
  const root: ApacheRoot = createRoot(source, 'apache', []);
  const { text } = source;
  const top = root.children;
  const reader: Reader = {
    source,
    text,
    problems: [],
    names: new Map(),
    open: [],
    scopes: [new Map()],
    into: top,
    top,
    rawEnd: '',
  };
  readLines(reader, skipByteOrderMark(reader));
  closeAtEnd(reader);
  return { tree: root, problems: reader.problems };
}

function readLines(reader: Reader, from: number): void {
  const { text } = reader;
  let nul = text.indexOf('\0');
  for (let at = from; at < text.length; ) {
    const { end, joined } = lineEnd(text, at);
    if (nul !== -1 && nul < at) nul = text.indexOf('\0', at);
    // To the server a line is a C string: it ends at a NUL.
    const stop = nul !== -1 && nul < end ? nul : end;
    // A code unit makes up to three bytes.
    if (stop - at >= LONGEST_LINE / 3) checkLength(reader, at, stop);
    if (stop - at >= 2 * MOST_WORDS && hasTooManyWords(text, at, stop)) {
      report(reader, at, stop, `Unexpected line of more than ${MOST_WORDS} words, expected fewer`);
    } else if (joined) readJoined(reader, at, stop);
    else readLine(reader, at, stop);
    at = end + 1;
  }
}

function checkLength(reader: Reader, from: number, to: number): void {
  const { text, source } = reader;
  const bytes = Buffer.byteLength(joinLine(text, from, to).text, source.encoding) + (to < text.length ? 1 : 0);
  if (bytes > LONGEST_LINE) report(reader, from, to, 'Unexpected line of more than 16 MiB, expected a shorter one');
}

/** httpd takes the mark for the start of a name, and knows no such directive. What follows is read as if it were not there. */
function skipByteOrderMark(reader: Reader): number {
  const mark = BYTE_ORDER_MARKS.find(each => reader.text.startsWith(each));
  if (mark === undefined) return 0;
  report(reader, 0, mark.length, 'Unexpected byte order mark, expected a directive');
  return mark.length;
}

/** A line of one physical line: cut its white space, tell what it is. */
function readLine(reader: Reader, from: number, to: number): void {
  const { text } = reader;
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  if (start < end) readStatement(reader, start, end);
}

/** The same for a continued line, whose blank edges may span physical lines. */
function readJoined(reader: Reader, from: number, to: number): void {
  const line = joinLine(reader.text, from, to);
  const whole = line.text;
  let start = 0;
  let end = whole.length;
  while (start < end && isSpace(whole.charCodeAt(start))) start++;
  while (end > start && isSpace(whole.charCodeAt(end - 1))) end--;
  if (start < end) readStatement(reader, line.sourceOffset(start), line.sourceOffset(end - 1) + 1);
}

/** ap_build_config_sub: what a line is, is told by its first word without quotes. */
function readStatement(reader: Reader, start: number, end: number): void {
  const { text } = reader;
  const first = text.charCodeAt(start);
  if (reader.rawEnd !== '') readRaw(reader, start, end);
  else if (first === HASH) reader.into.push(new CommentNode(reader.source, start, end));
  else readCommand(reader, start, end);
}

function readCommand(reader: Reader, start: number, end: number): void {
  const { text } = reader;
  const first = text.charCodeAt(start);
  const word = firstWord(text, start, end);
  if (first !== LESS_THAN && first !== DOUBLE_QUOTE && first !== SINGLE_QUOTE) readDirective(reader, word, start, end);
  else if (word.startsWith('</')) closeSection(reader, word, start, end);
  else if (word.startsWith('<')) openSection(reader, word, start, end);
  else if (word !== '') readDirective(reader, word, start, end);
}

function readDirective(reader: Reader, word: string, start: number, end: number): void {
  const { name, key } = nameOf(reader, word);
  reader.into.push(new DirectiveNode(reader.source, name, key, start, end));
}

/** cmd_name; a continuation may stand inside it. */
function firstWord(text: string, start: number, end: number): string {
  const stop = wordEnd(text, start, end);
  const raw = text.slice(start, stop);
  if (!raw.includes('\\')) return isQuote(text.charCodeAt(start)) ? wordOf(raw, 0, raw.length).text : raw;
  const line = joinLine(text, start, end).text;
  return wordOf(line, 0, wordEnd(line, 0, line.length)).text;
}

function isQuote(code: number): boolean {
  return code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
}

function nameOf({ names }: Reader, word: string): Name {
  const known = names.get(word);
  if (known !== undefined) return known;
  const name = commandName(word);
  const made = { name, key: name.toLowerCase() };
  names.set(word, made);
  return made;
}

function openSection(reader: Reader, word: string, start: number, end: number): void {
  const { name, key } = nameOf(reader, word);
  const section = new SectionNode(reader.source, name, key, start, end);
  reader.into.push(section);
  reader.open.push(section);
  reader.into = section.children;
  count(reader, key, 1);
  if (key === 'macro') reader.scopes.push(new Map());
  if (isRaw(key)) reader.rawEnd = `</${key}>`;
  if (NEEDS_BRACKET.has(key) && isBracketMissing(joinLine(reader.text, start, end).text)) {
    report(reader, start, end, `Unexpected end of line, expected \`>\` of \`<${name}\``);
  }
}

/** A section's handler looks for the last `>` of its arguments. Where there are none, ap_build_config_sub supplies it. */
function isBracketMissing(line: string): boolean {
  const from = skipSpace(line, wordEnd(line, 0, line.length), line.length);
  return from < line.length && line.lastIndexOf('>') < from;
}

/** mod_perl and the block forms of mod_lua take the text up to the closing line for themselves. */
function isRaw(key: string): boolean {
  return key === 'perl' || key === 'luaquickhandler' || key.startsWith('luahook');
}

function readRaw(reader: Reader, start: number, end: number): void {
  if (reader.text.charCodeAt(start) !== LESS_THAN) return;
  if (!firstWord(reader.text, start, end).toLowerCase().startsWith(reader.rawEnd)) return;
  close(reader, start, end);
}

function closeSection(reader: Reader, word: string, start: number, end: number): void {
  const name = word.slice(2, word.endsWith('>') ? -1 : undefined);
  const key = name.toLowerCase();
  if (reader.scopes.length > 1) {
    closeInMacro(reader, word, key, start, end);
    return;
  }
  const section = reader.open.at(-1);
  if (!word.endsWith('>')) report(reader, start, end, `Unexpected \`${word}\`, expected \`>\` behind its name`);
  if (!section) report(reader, start, end, `Unexpected \`</${name}>\`, expected a section to close`);
  else if (section.key === key) close(reader, start, end);
  else mismatch(reader, section, name, start, end);
}

/** Tells the mismatch, where the server stops, and goes on from the nearest section of that name or as if the line were not there. */
function mismatch(reader: Reader, section: SectionNode, name: string, start: number, end: number): void {
  const related = opened(reader, section);
  report(reader, start, end, `Unexpected \`</${name}>\`, expected \`</${section.name}>\``, related);
  closeNearest(reader, name.toLowerCase(), start, end);
}

/**
 * get_lines_till_end_token (modules/core/mod_macro.c) counts nested macros alone: other sections of a body may be opened in one
 * macro and closed in another.
 */
function closeInMacro(reader: Reader, word: string, key: string, start: number, end: number): void {
  if (key === 'macro') {
    if (!word.endsWith('>')) return;
    reader.scopes.pop();
    while (reader.open.at(-1)!.key !== 'macro') reader.open.pop()!.end = start;
    close(reader, start, end);
    return;
  }
  closeNearest(reader, key, start, end);
}

function closeNearest(reader: Reader, key: string, start: number, end: number): void {
  if (!reader.scopes.at(-1)!.get(key)) return;
  for (let section = reader.open.at(-1)!; section.key !== key; section = reader.open.at(-1)!) {
    section.end = start;
    reader.open.pop();
    count(reader, section.key, -1);
  }
  close(reader, start, end);
}

function close(reader: Reader, start: number, end: number): void {
  const section = reader.open.pop()!;
  section.close = { start, end };
  section.end = end;
  count(reader, section.key, -1);
  reader.into = reader.open.at(-1)?.children ?? reader.top;
  reader.rawEnd = '';
}

function count({ scopes }: Reader, key: string, by: number): void {
  const scope = scopes.at(-1)!;
  scope.set(key, (scope.get(key) ?? 0) + by);
}

/** ap_build_config at the end of the file: each section that is open has no end, the innermost told first. */
function closeAtEnd(reader: Reader): void {
  const end = reader.text.length;
  const { open } = reader;
  for (const section of open) section.end = end;
  const macro = reader.scopes.length > 1 ? open.findIndex(section => section.key === 'macro') : open.length - 1;
  for (let index = macro; index >= 0 && reader.problems.length < MOST_PROBLEMS; index--) {
    const section = open[index]!;
    const message = `Unexpected end of file, expected \`</${section.name}>\``;
    report(reader, end, end, message, opened(reader, section));
  }
}

function opened(reader: Reader, section: SectionNode): Problem['related'] {
  const { line, column } = reader.source.pointAt(section.start);
  return { message: `\`<${section.name}>\` starts here`, line, column };
}

function report(reader: Reader, start: number, end: number, message: string, related?: Problem['related']): void {
  if (reader.problems.length >= MOST_PROBLEMS) return;
  const { line, column } = reader.source.pointAt(start);
  reader.problems.push({ start, end, message, line, column, ...(related && { related }) });
}
