/** Tokens of a program to a tree of statements: what stands between two ends of statements, with its `{ … }` below it. */
import type { CodeStatement, CodeWord, DotnetContent, DotnetLanguage, Position, Source } from '../ast.js';
import { NO_CHILDREN, positionOf } from '../nodes.js';
import { csharpString } from './csharp.js';
import { powershellString } from './powershell.js';
import { DIRECTIVE, KINDS, LINE, NAME, SIGN, type Sink, STRING, TEXT, type Tokens } from './tokens.js';
import { visualBasicString } from './visual-basic.js';

type Language = Exclude<DotnetLanguage, 'xml'>;

interface Code {
  readonly source: Source;
  readonly tokens: Tokens;
  readonly language: Language;
}

const NO_ARGS: readonly string[] = Object.freeze([]);

class StatementNode implements CodeStatement {
  readonly type = 'statement' as const;
  readonly start: number;
  headEnd: number;
  end: number;
  block = false;
  children: DotnetContent[] = NO_CHILDREN;
  readonly #code: Code;
  readonly #first: number;
  /** Index of the token behind the last of the head. */
  #last: number;

  constructor(code: Code, first: number, start: number) {
    this.#code = code;
    this.#first = first;
    this.#last = first;
    this.start = start;
    this.headEnd = start;
    this.end = start;
  }

  get dialect(): 'dotnet' {
    return 'dotnet';
  }

  get name(): string {
    return nameOf(this.#code, this.#first, this.#last);
  }

  get args(): readonly string[] {
    const { words } = this;
    const first = nameEnd(this.#code, this.#first, this.#last) - this.#first;
    return words.length <= first ? NO_ARGS : words.slice(first).map(({ text }) => text);
  }

  get words(): readonly CodeWord[] {
    return wordsOf(this.#code, this.#first, this.#last);
  }

  get position(): Position {
    return positionOf(this.#code.source, this);
  }

  /** Takes the token at `index` into the head. */
  take(index: number): void {
    this.#last = index + 1;
    this.headEnd = this.#code.tokens.ends[index]!;
    this.end = this.headEnd;
  }
}

/** The children of the root. */
export function buildStatements(sink: Sink, language: Language): DotnetContent[] {
  const { tokens, comments } = sink;
  const code: Code = { source: sink.source, tokens, language };
  const builder: Builder = { code, top: [], open: [], current: undefined, depth: 0 };
  let comment = 0;
  for (let index = 0; index < tokens.kinds.length; index++) {
    for (; comment < comments.length && comments[comment]!.before <= index; comment++) {
      into(builder).push(comments[comment]!.node);
    }
    add(builder, index);
  }
  for (; comment < comments.length; comment++) into(builder).push(comments[comment]!.node);
  for (const { statement } of builder.open) statement.end = sink.text.length;
  return builder.top;
}

interface Builder {
  readonly code: Code;
  readonly top: DotnetContent[];
  readonly open: Array<{ readonly statement: StatementNode; readonly depth: number }>;
  current: StatementNode | undefined;
  /** Of parentheses, inside the innermost block. */
  depth: number;
}

const OPENING = new Set(['(', '[']);
const CLOSING = new Set([')', ']']);

function add(builder: Builder, index: number): void {
  const { code, open } = builder;
  const kind = code.tokens.kinds[index]!;
  if (kind === LINE) {
    if (endsAtLine(builder, index)) builder.current = undefined;
    return;
  }
  const sign = kind === SIGN ? slice(code, index) : '';
  if (sign === (code.language === 'vb' ? ':' : ';')) {
    builder.current = undefined;
    return;
  }
  if (sign === '}') {
    const closed = open.pop();
    if (closed) closed.statement.end = code.tokens.ends[index]!;
    builder.depth = closed?.depth ?? 0;
    builder.current = undefined;
    return;
  }
  // A line for the compiler may stand in the midst of a statement.
  const isAlone = kind === DIRECTIVE && !builder.current;
  const statement = builder.current ?? start(builder, index);
  if (sign === '{') openBlock(builder, statement, index);
  else {
    statement.take(index);
    if (OPENING.has(sign)) builder.depth++;
    else if (CLOSING.has(sign)) builder.depth = Math.max(0, builder.depth - 1);
    builder.current = isAlone ? undefined : statement;
  }
}

function start(builder: Builder, index: number): StatementNode {
  const statement = new StatementNode(builder.code, index, builder.code.tokens.starts[index]!);
  into(builder).push(statement);
  return statement;
}

function openBlock(builder: Builder, statement: StatementNode, index: number): void {
  const end = builder.code.tokens.ends[index]!;
  statement.block = true;
  statement.children = [];
  statement.headEnd = end;
  statement.end = end;
  builder.open.push({ statement, depth: builder.depth });
  builder.depth = 0;
  builder.current = undefined;
}

function into({ open, top }: Builder): DotnetContent[] {
  return open.at(-1)?.statement.children ?? top;
}

const GOES_ON = new Set(
  '= += -= *= /= &= | || && , ( . :: + - * / & <> < > <= >= := ?? or and xor orelse andalso is isnot like mod not -bor -band -bxor -bnot -or -and -xor -not -as -f -join'.split(
    ' ',
  ),
);

/** Whether the end of a line ends a statement: C# has no such token. */
function endsAtLine({ code, current, depth }: Builder, index: number): boolean {
  if (!current) return true;
  if (code.language === 'powershell' && depth > 0) return false;
  if (GOES_ON.has(slice(code, index - 1).toLowerCase())) return false;
  const next = code.language === 'vb' ? slice(code, index + 1) : '';
  return next !== ')' && next !== '}';
}

function slice({ source, tokens }: Code, index: number): string {
  const start = tokens.starts[index];
  return start === undefined ? '' : source.text.slice(start, tokens.ends[index]);
}

const LINKS = new Set(['.', '::', '?.']);

/** Index of the token behind the dotted name at `first`; of `[Type]::Member` in PowerShell as well. */
function nameEnd(code: Code, first: number, last: number): number {
  const { kinds } = code.tokens;
  let at = first;
  if (code.language === 'powershell' && slice(code, at) === '[') {
    let close = at + 1;
    while (close < last && (kinds[close] === NAME || slice(code, close) === '.')) close++;
    if (slice(code, close) === ']' && close < last) at = close;
  }
  while (at + 2 < last && LINKS.has(slice(code, at + 1)) && kinds[at + 2] === NAME) at += 2;
  return Math.min(at + 1, last);
}

function nameOf(code: Code, first: number, last: number): string {
  if (first === last) return '{';
  let name = '';
  const end = nameEnd(code, first, last);
  for (let at = first; at < end; at++) {
    const kind = code.tokens.kinds[at]!;
    name += kind === NAME ? meaningOf(code, kind, slice(code, at)) : slice(code, at);
  }
  return code.tokens.kinds[first] === DIRECTIVE ? name.replace(/^(#[ \t]*\w*).*$/s, '$1') : name;
}

function wordsOf(code: Code, first: number, last: number): CodeWord[] {
  const words: CodeWord[] = [];
  for (let index = first; index < last; index++) if (code.tokens.kinds[index] !== LINE) words.push(wordOf(code, index));
  return words;
}

function wordOf(code: Code, index: number): CodeWord {
  const { kinds, starts, ends } = code.tokens;
  const kind = kinds[index]!;
  const raw = slice(code, index);
  const isText = kind === STRING || kind === TEXT;
  const quote = isText ? (/['"]/.exec(raw)?.[0] ?? '"') : '';
  return {
    start: starts[index]!,
    end: ends[index]!,
    raw,
    text: meaningOf(code, kind, raw),
    quote: quote as CodeWord['quote'],
    kind: KINDS[kind]!,
  };
}

const STRINGS: Record<Language, (raw: string) => string> = {
  cs: csharpString,
  vb: visualBasicString,
  powershell: powershellString,
};

function meaningOf({ language }: Code, kind: number, raw: string): string {
  if (kind === STRING) return STRINGS[language](raw);
  if (kind !== NAME) return raw;
  if (language === 'cs' && raw.startsWith('@')) return raw.slice(1);
  return language === 'vb' && raw.startsWith('[') ? raw.slice(1, -1) : raw;
}
