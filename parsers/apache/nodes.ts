/** The nodes of the httpd tree: offsets in fields, all else computed from the source when it is asked for. */
import type { ApacheContent, ApacheDirective, ApacheSection, Position, Source, Span, Word } from '../ast.js';
import { NO_CHILDREN, positionOf } from '../nodes.js';
import { joinLine, splitWords, wordEnd, wordOf } from './line.js';

/** A class for its prototype: a getter there costs no memory in 400,000 nodes. */
export class DirectiveNode implements ApacheDirective {
  readonly type = 'directive' as const;
  readonly dialect = 'apache' as const;
  readonly name: string;
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly children = NO_CHILDREN;
  readonly #source: Source;

  constructor(source: Source, name: string, key: string, start: number, end: number) {
    this.#source = source;
    this.name = name;
    this.key = key;
    this.start = start;
    this.end = end;
  }

  get words(): Word[] {
    return wordsIn(this.#source.text, this.start, this.end);
  }

  get args(): string[] {
    return this.words.slice(1).map(word => word.text);
  }

  get position(): Position {
    return positionOf(this.#source, this);
  }
}

export class SectionNode implements ApacheSection {
  readonly type = 'section' as const;
  readonly dialect = 'apache' as const;
  readonly name: string;
  readonly key: string;
  readonly start: number;
  readonly headEnd: number;
  end: number;
  declare close?: Span;
  readonly children: ApacheContent[] = [];
  readonly #source: Source;

  constructor(source: Source, name: string, key: string, start: number, headEnd: number) {
    this.#source = source;
    this.name = name;
    this.key = key;
    this.start = start;
    this.headEnd = headEnd;
    this.end = headEnd;
  }

  get words(): Word[] {
    return sectionWords(this.#source.text, this.start, this.headEnd, this.name);
  }

  get args(): string[] {
    return this.words.slice(1).map(word => word.text);
  }

  get position(): Position {
    return positionOf(this.#source, this);
  }
}

function wordsIn(text: string, start: number, end: number): Word[] {
  const line = joinLine(text, start, end);
  return splitWords(line.text).map(word => sourceWord(text, line, word));
}

/** The name without `<` and `>`; then the words up to the last `>`, as a section's handler cuts its argument. */
function sectionWords(text: string, start: number, end: number, name: string): Word[] {
  const line = joinLine(text, start, end);
  const headEnd = wordEnd(line.text, 0, line.text.length);
  const close = line.text.lastIndexOf('>');
  const args = splitWords(line.text, headEnd, close < headEnd ? line.text.length : close);
  const first = wordOf(line.text, 0, headEnd);
  const bare = first.quote === '' && line.text.startsWith(name, 1);
  const named = bare ? { ...first, start: 1, end: 1 + name.length } : first;
  return [{ ...named, text: name }, ...args].map(word => sourceWord(text, line, word));
}

function sourceWord(text: string, line: ReturnType<typeof joinLine>, word: ReturnType<typeof wordOf>): Word {
  const start = line.sourceOffset(word.start);
  const end = word.end === word.start ? start : line.sourceOffset(word.end - 1) + 1;
  return { start, end, raw: text.slice(start, end), text: word.text, quote: word.quote };
}
