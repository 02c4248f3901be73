/** The places of a program that decide about versions: assignments, arguments, declarations. */
import type { CodeStatement, CodeWord, DotnetContent, DotnetRoot, Span } from '../../../parsers/ast.js';
import { type Language, readValue, type Value } from './expression.js';
import { ENUMS } from './versions.js';

export interface Use {
  /** As its documentation calls it: `ServicePointManager.SecurityProtocol`, `AuthenticateAsServer`; or a variable. */
  readonly name: string;
  /** `property`: what the process uses from there on. `place`: one connection or listener. `variable`: what uses it is not followed. */
  readonly kind: 'property' | 'place' | 'variable';
  readonly role: 'server' | 'client';
  readonly node: CodeStatement;
  readonly span: Span;
  /** Adds to what was there. */
  readonly adds: boolean;
  /** `undefined` where it can't be known. */
  readonly value: Value | undefined;
  /** What stands there for it. */
  readonly valueSpan: Span;
  /** The first of those before it in the same block that it builds on; itself where it builds on none. */
  readonly first: Use;
}

interface Level {
  readonly children: readonly DotnetContent[];
  readonly head: CodeStatement | undefined;
  next: number;
  /** The last assignment to the property of the process in this block. */
  last: Use | undefined;
}

/** A longer statement is a table of data. */
const MOST_WORDS = 10_000;

/** In file order, without recursion. */
export function findUses(tree: DotnetRoot): Use[] {
  const uses: Use[] = [];
  const open: Level[] = [{ children: tree.children, head: undefined, next: 0, last: undefined }];
  const language = tree.language as Language;
  for (let level = open.at(-1); level; level = open.at(-1)) {
    const node = level.children[level.next++];
    if (!node) open.pop();
    else if (node.type === 'statement') {
      readStatement({ node, words: node.words.slice(0, MOST_WORDS), language, level, open, uses });
      if (node.children.length > 0) open.push({ children: node.children, head: node, next: 0, last: undefined });
    }
  }
  return uses;
}

interface Context {
  readonly node: CodeStatement;
  readonly words: readonly CodeWord[];
  readonly language: Language;
  readonly level: Level;
  readonly open: readonly Level[];
  readonly uses: Use[];
}

type Finder = (context: Context, index: number) => boolean;

/** By name in lower case; the first that takes a word has it. */
const FINDERS: Readonly<Record<string, Finder>> = {
  securityprotocol: readProperty,
  sslprotocols: readOption,
  enabledsslprotocols: readOption,
  authenticateasclient: readCall,
  authenticateasclientasync: readCall,
  authenticateasserver: readCall,
  authenticateasserverasync: readCall,
  '-sslprotocol': readParameter,
};

function readStatement(context: Context): void {
  const { words, level, language } = context;
  // Without blocks in the tree, a new one begins where a keyword says so.
  if (language === 'vb' && VB_BLOCKS.has(lower(words[0]))) level.last = undefined;
  let found = false;
  words.forEach((word, index) => {
    const name = lower(word);
    if (word.kind === 'name' && Object.hasOwn(FINDERS, name)) found = FINDERS[name]!(context, index) || found;
  });
  if (!found && words.some(({ kind, text }) => kind === 'name' && isEnumName(text))) readDeclaration(context);
}

const VB_BLOCKS = new Set(
  'end sub function public private protected friend if else elseif select case for each while do loop next try catch finally using with property get set class module namespace shared'.split(
    ' ',
  ),
);

function isEnumName(text: string): boolean {
  const name = text.toLowerCase();
  return [...ENUMS].some(each => each.toLowerCase() === name);
}

function lower(word: CodeWord | undefined): string {
  return word?.text.toLowerCase() ?? '';
}

const ASSIGNMENTS = new Set(['=', '|=', '+=', '&=', '^=', '-=']);
const ADDING = new Set(['|=', '+=']);

/** `ServicePointManager.SecurityProtocol = …`, `[Net.ServicePointManager]::SecurityProtocol = …` */
function readProperty(context: Context, index: number): boolean {
  const { words, language, level } = context;
  const isStatic = language === 'powershell' && words[index - 2]?.text === ']';
  const owner = lower(words[index - (isStatic ? 3 : 2)]);
  const operator = words[index + 1];
  if (owner !== 'servicepointmanager' || !operator || !ASSIGNMENTS.has(operator.text)) return false;
  const from = chainStart(words, index);
  if (isComparison(context, from)) return true;
  const made = madeOf(context, index + 2, operator);
  const span = { start: words[from]!.start, end: made.valueSpan.end };
  const use = {
    name: 'ServicePointManager.SecurityProtocol',
    kind: 'property',
    role: 'client',
    ...made,
    span,
  } as const;
  level.last = add(context, use, made.adds ? level.last : undefined);
  return true;
}

/** `handler.SslProtocols = …`, `EnabledSslProtocols = …` of an initializer. */
function readOption(context: Context, index: number): boolean {
  const { words } = context;
  const operator = words[index + 1];
  const before = words[index - 1];
  if (!operator || !ASSIGNMENTS.has(operator.text)) return false;
  // `SslProtocols SslProtocols = …` declares one.
  if (before?.kind === 'name' && !OPENERS.has(lower(before))) return false;
  const from = chainStart(words, index);
  if (isComparison(context, from)) return true;
  const made = madeOf(context, index + 2, operator);
  const span = { start: words[from]!.start, end: made.valueSpan.end };
  add(context, { name: words[index]!.text, kind: 'place', role: roleOf(context), ...made, span });
  return true;
}

const OPENERS = new Set(['then', 'else', 'with', 'return']);

/** `AuthenticateAsServer(certificate, false, SslProtocols.Tls12, true)` */
function readCall(context: Context, index: number): boolean {
  const { words, language } = context;
  if (words[index + 1]?.text !== '(') return false;
  const name = words[index]!.text;
  const role = /server/i.test(name) ? 'server' : 'client';
  for (let at = index + 2; at < words.length; ) {
    const end = argumentEnd(words, at);
    // `enabledSslProtocols: …`
    const isNamed = words[at]!.kind === 'name' && /^:=?$/.test(words[at + 1]?.text ?? '');
    const from = isNamed ? Math.min(at + 2, end) : at;
    if (words.slice(from, end).some(word => word.kind === 'name' && isEnumName(word.text))) {
      const value = readValue(words, from, end, language);
      const valueSpan = { start: words[from]!.start, end: words[end - 1]!.end };
      const span = { start: words[index]!.start, end: valueSpan.end };
      add(context, { name: name.replace(/Async$/i, ''), kind: 'place', role, adds: false, value, valueSpan, span });
      return true;
    }
    if (words[end]?.text !== ',') break;
    at = end + 1;
  }
  return false;
}

/** `Invoke-WebRequest -SslProtocol Tls12, Tls13` */
function readParameter(context: Context, index: number): boolean {
  const { words, language } = context;
  const from = index + 1;
  let end = Math.min(from + 1, words.length);
  if (words[from]?.text === '[' || words[from]?.text === '(') end = groupEnd(words, from);
  while (words[end]?.text === '::' || words[end]?.text === ',') end = Math.min(end + 2, words.length);
  if (from >= end) return false;
  const value = readValue(words, from, end, language, true);
  const valueSpan = { start: words[from]!.start, end: words[end - 1]!.end };
  const span = { start: words[index]!.start, end: valueSpan.end };
  add(context, { name: 'SslProtocol', kind: 'place', role: 'client', adds: false, value, valueSpan, span });
  return true;
}

/** `var protocols = SslProtocols.Tls | SslProtocols.Tls11;`, the defaults of parameters and of properties. */
function readDeclaration(context: Context): void {
  const { words, language } = context;
  for (let index = 0; index < words.length; index++) {
    const operator = words[index]!;
    if (!DECLARING.has(operator.text) || operator.quote !== '') continue;
    const name = words[index - 1] ?? propertyBefore(context);
    if (name?.kind !== 'name') continue;
    if (index > 0 && isComparison(context, chainStart(words, index - 1))) continue;
    const end = language === 'powershell' ? pipeEnd(words, index + 1) : argumentEnd(words, index + 1);
    const value = readValue(words, index + 1, end, language);
    if (!value || value.terms.length === 0 || value.keeps) continue;
    const valueSpan = { start: words[index + 1]!.start, end: words[end - 1]!.end };
    const span = { start: index > 0 ? name.start : operator.start, end: valueSpan.end };
    const adds = operator.text !== '=';
    add(context, { name: name.text, kind: 'variable', role: 'client', adds, value, valueSpan, span });
  }
}

const DECLARING = new Set(['=', '|=', '+=']);

/** `SslProtocols Name { get; set; } = …`: the name stands before the block that the statement follows. */
function propertyBefore({ level, language }: Context): CodeWord | undefined {
  const before = level.children[level.next - 2];
  return language === 'cs' && before?.type === 'statement' && before.block ? before.words.at(-1) : undefined;
}

type Made = Pick<Use, 'adds' | 'value' | 'valueSpan'>;

function madeOf({ words, language }: Context, from: number, operator: CodeWord): Made {
  const end = language === 'powershell' ? pipeEnd(words, from) : argumentEnd(words, from);
  const first = words[from] ?? operator;
  const valueSpan = { start: first.start, end: Math.max(first.end, words[end - 1]?.end ?? 0) };
  const isKnown = operator.text === '=' || ADDING.has(operator.text);
  const value = isKnown ? readValue(words, from, end, language) : undefined;
  return { adds: operator.text !== '=' || value?.keeps === true, value, valueSpan };
}

function add({ uses, node }: Context, use: Omit<Use, 'node' | 'first'>, last?: Use): Use {
  const made = { ...use, node } as Omit<Use, 'first'> & { first?: Use };
  made.first = last?.first ?? (made as Use);
  uses.push(made as Use);
  return made as Use;
}

/** Index of the first word of the dotted name that ends at `index`. */
function chainStart(words: readonly CodeWord[], index: number): number {
  let at = index;
  while (at > 0) {
    const link = words[at - 1]!.text;
    const isLink = link === '.' || link === '::' || link === '?.';
    if (!isLink) return at;
    const owner = words[at - 2];
    // `.X` in a `With` block of VB.NET.
    if (!owner) return at - 1;
    if (owner.text === ']') at = openerOf(words, at - 2);
    else if (owner.kind === 'name') at -= 2;
    else return at;
  }
  return at;
}

function openerOf(words: readonly CodeWord[], close: number): number {
  let at = close;
  while (at > 0 && words[at]!.text !== '[') at--;
  return at;
}

/** In VB.NET `=` compares unless the statement starts there. */
function isComparison({ words, language }: Context, from: number): boolean {
  if (language !== 'vb' || from === 0) return false;
  const before = lower(words[from - 1]);
  if (before === 'then' || before === 'else') return false;
  return words.slice(0, from).some(word => COMPARING.has(lower(word)));
}

const COMPARING = new Set(['if', 'elseif', 'while', 'until', 'return', 'case', 'andalso', 'orelse', 'and', 'not', '=']);

const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);

/** Index behind the argument or value that starts at `from`. */
function argumentEnd(words: readonly CodeWord[], from: number): number {
  return endOf(words, from, word => word.text === ',' || /^(?:then|else)$/i.test(word.text));
}

function pipeEnd(words: readonly CodeWord[], from: number): number {
  return endOf(words, from, word => word.text === '|');
}

function endOf(words: readonly CodeWord[], from: number, stops: (word: CodeWord) => boolean): number {
  let depth = 0;
  for (let at = from; at < words.length; at++) {
    const word = words[at]!;
    if (word.quote !== '') continue;
    if (OPENING.has(word.text)) depth++;
    else if (CLOSING.has(word.text) && --depth < 0) return at;
    else if (depth === 0 && stops(word)) return at;
  }
  return words.length;
}

/** Index behind the group that opens at `from`. */
function groupEnd(words: readonly CodeWord[], from: number): number {
  let depth = 0;
  for (let at = from; at < words.length; at++) {
    if (OPENING.has(words[at]!.text)) depth++;
    else if (CLOSING.has(words[at]!.text) && --depth === 0) return at + 1;
  }
  return words.length;
}

/** What says that a listener is set up. */
const SERVING = /server|listen|kestrel|usehttps|httpsdefaults|httpsconnectionadapter/i;
const CONNECTING = /client|handler|connect(?!ionadapter)|request/i;

/** By what stands around it; nearest first. What nothing says is taken for a client. */
function roleOf({ words, open }: Context): Use['role'] {
  const around = open.slice(-MOST_HEADS).reverse();
  const heads = [words, ...around.map(({ head }) => head?.words ?? [])];
  for (const head of heads) {
    const names = head.filter(({ kind }) => kind === 'name').map(({ text }) => text);
    if (names.some(name => SERVING.test(name))) return 'server';
    if (head !== words && names.some(name => CONNECTING.test(name))) return 'client';
  }
  return 'client';
}

const MOST_HEADS = 3;
