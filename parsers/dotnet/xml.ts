/** XML as .NET reads its configuration, to a tree in one pass. No DTD is read, and no entity of one expanded. */
import type { DotnetContent, Position, Problem, Source, Span, Word, XmlAttribute, XmlElement } from '../ast.js';
import { CommentNode, NO_CHILDREN, positionOf } from '../nodes.js';

const LESS = 60;
const GREATER = 62;
const SLASH = 47;
const EQUALS = 61;
const BOM = 0xfeff;
const MOST_PROBLEMS = 1000;

class ElementNode implements XmlElement {
  readonly type = 'element' as const;
  readonly name: string;
  readonly start: number;
  readonly attributes: XmlAttribute[] = [];
  headEnd: number;
  end: number;
  empty = false;
  children: DotnetContent[] = NO_CHILDREN;
  declare close?: Span;
  readonly #source: Source;

  constructor(source: Source, name: string, start: number) {
    this.#source = source;
    this.name = name;
    this.start = start;
    this.headEnd = start;
    this.end = start;
  }

  get dialect(): 'dotnet' {
    return 'dotnet';
  }

  get args(): readonly string[] {
    return this.attributes.map(({ name, value }) => `${name}=${value.text}`);
  }

  get words(): readonly Word[] {
    const { name, start, attributes } = this;
    const head: Word = { start: start + 1, end: start + 1 + name.length, raw: name, text: name, quote: '' };
    const args = this.args;
    return [
      head,
      ...attributes.map((each, index): Word => {
        const raw = this.#source.text.slice(each.start, each.end);
        return { start: each.start, end: each.end, raw, text: args[index]!, quote: '' };
      }),
    ];
  }

  get position(): Position {
    return positionOf(this.#source, this);
  }
}

interface Reader {
  readonly source: Source;
  readonly text: string;
  readonly children: DotnetContent[];
  readonly problems: Problem[];
  readonly open: ElementNode[];
  /** How many open elements have a name: a wrong closing tag must not cost a walk through all of them. */
  readonly names: Map<string, number>;
  hasRoot: boolean;
}

/** Never throws: what is not well-formed is in `problems`, and reading goes on behind it. */
export function readXml(source: Source): { children: DotnetContent[]; problems: Problem[] } {
  const { text } = source;
  const reader: Reader = { source, text, children: [], problems: [], open: [], names: new Map(), hasRoot: false };
  for (let at = text.charCodeAt(0) === BOM ? 1 : 0; at < text.length; ) {
    const next = text.indexOf('<', at);
    readCharacters(reader, at, next === -1 ? text.length : next);
    at = next === -1 ? text.length : readMarkup(reader, next);
  }
  const innermost = reader.open.at(-1);
  for (const element of reader.open) element.end = text.length;
  if (innermost) {
    report(reader, text.length, text.length, `Unexpected end of file, expected \`</${innermost.name}>\``, {
      message: `\`<${innermost.name}>\` starts here`,
      at: innermost.start,
    });
  } else if (!reader.hasRoot) report(reader, text.length, text.length, 'Unexpected end of file, expected an element');
  return { children: reader.children, problems: reader.problems };
}

/** Beside the root element there are only white space, comments and instructions. */
function readCharacters(reader: Reader, start: number, end: number): void {
  if (reader.open.length > 0) return;
  for (let at = start; at < end; at++) {
    if (isBlank(reader.text.charCodeAt(at))) continue;
    report(reader, at, at + 1, 'Unexpected text outside the root element, expected `<`');
    return;
  }
}

/** The offset behind what starts with the `<` at `at`. */
function readMarkup(reader: Reader, at: number): number {
  const { text } = reader;
  if (text.startsWith('<!--', at)) return readComment(reader, at);
  if (text.startsWith('<![CDATA[', at)) return skipTo(reader, at, at + 9, ']]>');
  if (text.startsWith('<?', at)) return skipTo(reader, at, at + 2, '?>');
  if (text.startsWith('<!', at)) return skipDeclaration(reader, at);
  if (text.charCodeAt(at + 1) === SLASH) return readClose(reader, at);
  if (isNameStart(text.charCodeAt(at + 1))) return readOpen(reader, at);
  report(reader, at, at + 1, 'Unexpected `<`, expected an element; in a text it is `&lt;`');
  return at + 1;
}

function readComment(reader: Reader, start: number): number {
  const { text, source } = reader;
  const dashes = text.indexOf('--', start + 4);
  const close = dashes === -1 ? -1 : text.indexOf('-->', dashes);
  const end = close === -1 ? text.length : close + 3;
  if (close === -1) report(reader, start, start + 4, 'Unexpected end of file, expected `-->`');
  else if (dashes !== close) report(reader, dashes, dashes + 2, 'Unexpected `--` in a comment, expected `-->`');
  into(reader).push(new CommentNode(source, start, end));
  return end;
}

function skipTo(reader: Reader, start: number, from: number, close: string): number {
  const at = reader.text.indexOf(close, from);
  if (at !== -1) return at + close.length;
  report(reader, start, from, `Unexpected end of file, expected \`${close}\``);
  return reader.text.length;
}

/** `<!DOCTYPE … [ … ]>`; quoted texts may hold brackets. */
function skipDeclaration(reader: Reader, start: number): number {
  const { text } = reader;
  let depth = 0;
  for (let at = start + 2; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"' || character === "'") {
      const close = text.indexOf(character, at + 1);
      if (close === -1) break;
      at = close;
    } else if (character === '[') depth++;
    else if (character === ']') depth--;
    else if (character === '>' && depth <= 0) return at + 1;
  }
  report(reader, start, start + 2, 'Unexpected end of file, expected `>`');
  return text.length;
}

function readOpen(reader: Reader, start: number): number {
  const { text, source, open } = reader;
  const nameEnd = readName(text, start + 1);
  const element = new ElementNode(source, text.slice(start + 1, nameEnd), start);
  if (open.length === 0) {
    if (reader.hasRoot) report(reader, start, nameEnd, `Unexpected second root element \`${element.name}\``);
    reader.hasRoot = true;
  }
  into(reader).push(element);
  let at = skipBlank(text, nameEnd);
  const names = new Set<string>();
  while (at < text.length && isNameStart(text.charCodeAt(at))) {
    at = skipBlank(text, readAttribute(reader, element, names, at));
  }
  element.empty = text.charCodeAt(at) === SLASH && text.charCodeAt(at + 1) === GREATER;
  if (element.empty) at++;
  const closed = text.charCodeAt(at) === GREATER;
  if (!closed) {
    const found = at < text.length ? `\`${shown(text, at)}\`` : 'end of file';
    report(reader, at, at, `Unexpected ${found} in \`<${element.name}\`, expected an attribute or \`>\``);
    // The rest of the tag is given up; the next `<` is markup again.
    const next = nextOf(text, at);
    at = text.charCodeAt(next) === GREATER ? next : next - 1;
  }
  element.headEnd = Math.min(at + 1, text.length);
  element.end = element.headEnd;
  if (element.empty) return element.headEnd;
  element.children = [];
  open.push(element);
  reader.names.set(element.name, (reader.names.get(element.name) ?? 0) + 1);
  return element.headEnd;
}

/** The next `>` or `<`, or the end. */
function nextOf(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== GREATER && text.charCodeAt(at) !== LESS) at++;
  return at;
}

/** The offset behind the attribute. */
function readAttribute(reader: Reader, element: ElementNode, names: Set<string>, start: number): number {
  const { text } = reader;
  const nameEnd = readName(text, start);
  const name = text.slice(start, nameEnd);
  const equals = skipBlank(text, nameEnd);
  const open = skipBlank(text, equals + 1);
  const quote = text.charAt(open);
  if (text.charCodeAt(equals) !== EQUALS || (quote !== '"' && quote !== "'")) {
    report(reader, start, nameEnd, `Unexpected \`${name}\`, expected \`${name}="…"\``);
    return text.charCodeAt(equals) === EQUALS ? skipBare(text, open) : nameEnd;
  }
  const close = text.indexOf(quote, open + 1);
  const less = text.slice(open, close === -1 ? undefined : close).indexOf('<');
  if (close === -1 || less !== -1) {
    const message = less === -1 ? `Unexpected end of file, expected \`${quote}\`` : 'Unexpected `<` in an attribute';
    report(reader, open, open + 1, message);
    if (close === -1) return less === -1 ? text.length : open + less;
  }
  const end = close + 1;
  if (names.has(name)) report(reader, start, nameEnd, `Unexpected second attribute \`${name}\``);
  names.add(name);
  const raw = text.slice(open, end);
  element.attributes.push({
    name,
    start,
    end,
    value: { start: open, end, raw, text: unescapeXml(raw.slice(1, -1)), quote },
  });
  if (end < text.length && isNameStart(text.charCodeAt(end))) {
    report(reader, end, end, `Unexpected \`${shown(text, end)}\` after an attribute, expected white space`);
  }
  return end;
}

/** A value without quotes. */
function skipBare(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isBlank(code) || code === LESS || code === GREATER || code === SLASH) break;
  }
  return at;
}

function readClose(reader: Reader, start: number): number {
  const { text, open } = reader;
  const nameEnd = readName(text, start + 2);
  const name = text.slice(start + 2, nameEnd);
  const greater = text.indexOf('>', nameEnd);
  const end = greater === -1 ? text.length : greater + 1;
  if (greater === -1 || skipBlank(text, nameEnd) !== greater) {
    report(reader, start, nameEnd, `Unexpected \`</${name}\`, expected \`</${name}>\``);
  }
  const innermost = open.at(-1);
  if (!innermost) {
    report(reader, start, end, `Unexpected \`</${name}>\`, expected an element`);
    return end;
  }
  if (innermost.name !== name) {
    const message = `Unexpected \`</${name}>\`, expected \`</${innermost.name}>\``;
    report(reader, start, end, message, { message: `\`<${innermost.name}>\` starts here`, at: innermost.start });
    if (!reader.names.get(name)) return end;
    while (open.at(-1)!.name !== name) pop(reader).end = start;
  }
  const closed = pop(reader);
  closed.close = { start, end };
  closed.end = end;
  return end;
}

function pop({ open, names }: Reader): ElementNode {
  const closed = open.pop()!;
  names.set(closed.name, names.get(closed.name)! - 1);
  return closed;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The five entities and numbers; any other stays as written, so that no DTD can make one thing of another. */
function unescapeXml(inner: string): string {
  if (!inner.includes('&')) return inner;
  return inner.replace(/&(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function into({ open, children }: Reader): DotnetContent[] {
  return open.at(-1)?.children ?? children;
}

function report(
  { problems, source }: Reader,
  start: number,
  end: number,
  message: string,
  related?: { message: string; at: number },
): void {
  if (problems.length >= MOST_PROBLEMS) return;
  const place = (offset: number) => {
    const { line, column } = source.pointAt(offset);
    return { line, column };
  };
  problems.push({
    start,
    end: Math.max(start, end),
    message,
    ...place(start),
    ...(related && { related: { message: related.message, ...place(related.at) } }),
  });
}

function shown(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at)!);
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function readName(text: string, from: number): number {
  let at = from;
  while (at < text.length && isNameCharacter(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13 && code !== 11 && code !== 12);
}

/** Letters, `_`, `:` and all beyond ASCII; the finer classes of XML change nothing for us. */
function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 58 || code >= 128;
}

function isNameCharacter(code: number): boolean {
  return isNameStart(code) || (code >= 48 && code <= 57) || code === 45 || code === 46;
}
