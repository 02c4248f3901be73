/** Text to the httpd tree in one pass, as `ap_build_config` and `ap_build_config_sub` (server/config.c) read it. */
import type { ApacheContent, ApacheRoot, Parsed, Problem, Source } from '../ast.js';
import { createSource } from '../source.js';
import { isSpace, joinLine, lineEnd, wordEnd, wordOf } from './line.js';
import { CommentNode, DirectiveNode, RootNode, SectionNode } from './nodes.js';

const HASH = 35;
const SLASH = 47;
const LESS_THAN = 60;
/** VARBUF_MAX_LEN of server/util.c. */
const LONGEST_LINE = 16 * 1024 * 1024;
/** A file that is no configuration at all needs no thousandth problem. */
const MOST_PROBLEMS = 1000;
/** mod_perl takes the text up to the closing line for itself. */
const RAW_SECTIONS = new Set(['perl']);
const BOM = '\ufeff';

/** Never throws: what the server would refuse is in `problems`, and reading goes on behind it. */
export function parse(input: string | Uint8Array): Parsed<ApacheRoot> {
  return parseSource(createSource(input));
}

interface Reader {
  readonly source: Source;
  readonly text: string;
  readonly problems: Problem[];
  readonly open: SectionNode[];
  readonly keys: Map<string, string>;
  into: ApacheContent[];
  readonly top: ApacheContent[];
}

/** `parse` for who has the source already. */
export function parseSource(source: Source): Parsed<ApacheRoot> {
  const root = new RootNode(source);
  const { text } = source;
  const top = root.children;
  const reader: Reader = { source, text, problems: [], open: [], keys: new Map(), into: top, top };
  if (text.startsWith(BOM)) report(reader, 0, 1, 'Unexpected byte order mark, expected a directive');
  for (let at = 0; at < text.length; ) {
    const { end, joined } = lineEnd(text, at);
    if (joined) readJoined(reader, at, end);
    else readLine(reader, at, end);
    at = end + 1;
  }
  closeAtEnd(reader);
  return { tree: root, problems: reader.problems };
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

function readStatement(reader: Reader, start: number, end: number): void {
  const { text } = reader;
  if (end - start >= LONGEST_LINE) report(reader, start, start + 1, 'Unexpected line of 16 MiB or more');
  const first = text.charCodeAt(start);
  if (first === HASH) reader.into.push(new CommentNode(reader.source, start, end));
  else if (first !== LESS_THAN) readDirective(reader, start, end);
  else if (text.charCodeAt(start + 1) === SLASH) closeSection(reader, start, end);
  else openSection(reader, start, end);
}

function readDirective(reader: Reader, start: number, end: number): void {
  const name = firstWord(reader.text, start, end);
  reader.into.push(new DirectiveNode(reader.source, name, keyOf(reader, name), start, end));
}

/** cmd_name; a continuation may stand inside it. */
function firstWord(text: string, start: number, end: number): string {
  const stop = wordEnd(text, start, end);
  const word = wordOf(text, start, stop).text;
  if (!word.includes('\\') && stop < end) return word;
  const line = joinLine(text, start, end).text;
  return wordOf(line, 0, wordEnd(line, 0, line.length)).text;
}

/** One string per name, however often it stands in the file. */
function keyOf({ keys }: Reader, name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = name.toLowerCase();
  keys.set(name, key);
  return key;
}

function openSection(reader: Reader, start: number, end: number): void {
  const word = firstWord(reader.text, start, end);
  const name = word.slice(1, word.endsWith('>') ? -1 : undefined);
  const section = new SectionNode(reader.source, name, keyOf(reader, name), start, end);
  reader.into.push(section);
  reader.open.push(section);
  reader.into = section.children;
  if (!joinLine(reader.text, start, end).text.includes('>')) {
    report(reader, start, end, `Unexpected end of line, expected \`>\` of \`<${name}\``);
  }
}

function closeSection(reader: Reader, start: number, end: number): void {
  const word = firstWord(reader.text, start, end);
  const section = reader.open.at(-1);
  const name = word.slice(2, word.endsWith('>') ? -1 : undefined);
  if (!word.endsWith('>')) report(reader, start, end, `Unexpected \`${word}\`, expected \`>\` behind its name`);
  if (!section) report(reader, start, end, `Unexpected \`</${name}>\`, expected a section to close`);
  else if (section.key !== name.toLowerCase()) mismatch(reader, section, name, start, end);
  else close(reader, section, start, end);
}

function close(reader: Reader, section: SectionNode, start: number, end: number): void {
  section.close = { start, end };
  section.end = end;
  reader.open.pop();
  reader.into = reader.open.at(-1)?.children ?? reader.top;
}

/** The server stops here. Reading goes on from the nearest section of that name, or as if the line were not there. */
function mismatch(reader: Reader, section: SectionNode, name: string, start: number, end: number): void {
  if (RAW_SECTIONS.has(section.key)) return;
  const related = opened(reader, section);
  report(reader, start, end, `Unexpected \`</${name}>\`, expected \`</${section.name}>\``, related);
  const key = name.toLowerCase();
  if (!reader.open.some(each => each.key === key)) return;
  while (reader.open.at(-1)!.key !== key) {
    const unclosed = reader.open.pop()!;
    unclosed.end = start;
  }
  close(reader, reader.open.at(-1)!, start, end);
}

/** ap_build_config at the end of the file: a section that is open has no end. */
function closeAtEnd(reader: Reader): void {
  const end = reader.text.length;
  for (const section of reader.open) section.end = end;
  const innermost = reader.open.at(-1);
  if (!innermost) return;
  const message = `Unexpected end of file, expected \`</${innermost.name}>\``;
  report(reader, end, end, message, opened(reader, innermost));
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
