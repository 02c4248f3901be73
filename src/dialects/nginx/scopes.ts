/** The configuration as nginx walks it: blocks that matter to TLS, with the directives that do, includes put in place. */
import type { NginxContent, NginxDirective, Source } from '../../../parsers/ast.js';
import type { Wanted } from '../../../parsers/nginx/index.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import type { Host } from '../types.js';
import { isWildcard } from '../wildcard.js';
import { BLOCKS, DIRECTIVES } from './directives.js';
import { glob, MOST_MATCHES, type ParsedFile, type Reader } from './include.js';
import { Item, itemOrigin, type ModuleName, type Scope, type ScopeKind, Settings } from './scope.js';

/** While it is being read. Most blocks have nothing that matters, and so nothing is made for them. */
type Open = { -readonly [Key in keyof Scope]: Scope[Key] };

const NOTHING: readonly never[] = [];
const NO_SETTINGS = new Settings();

/** Directives that are kept; all others are passed over, whatever they are. */
const KEPT = new Set([...Object.keys(DIRECTIVES), 'protocol', 'proxy_pass', 'grpc_pass', 'uwsgi_pass']);

/** What `walkScopes` looks at, so that nothing is made of the rest of a file. */
export function createWanted(): (source: Source) => Wanted {
  const known = new Map<string, boolean>();
  const matters = (name: string) => {
    let wanted = known.get(name);
    if (wanted === undefined) {
      wanted = KEPT.has(name) || BLOCKS.has(name) || name === 'include' || isOdd(name);
      known.set(name, wanted);
    }
    return wanted;
  };
  return source => (name, start) => matters(name) && !isPlainPass(name, start, source);
}

const MODULES = new Set<string>(['http', 'stream', 'mail']);

/** nginx has no limit but that of open files; it leaves 1024 to most. */
const MOST_DEPTH = 500;
const MOST_INCLUDES = 200_000;
/** Of files that are read again and again, all times together. */
const MOST_REPEATED = 32 * 1024 * 1024;

export interface Walked {
  readonly top: Scope;
  /** All of them, `top` first, in reading order. */
  readonly scopes: readonly Scope[];
  readonly problems: LoadProblem[];
}

interface Frame {
  readonly children: readonly NginxContent[];
  next: number;
  readonly file: ParsedFile;
  readonly scope: Scope;
  readonly via: Origin | undefined;
  readonly chain: Chain;
}

/** The files that are open at once: this one and those that lead to it. */
interface Chain {
  readonly file: ParsedFile;
  readonly outer: Chain | undefined;
  readonly depth: number;
}

/** Walks the main file and all that it includes, in the order in which nginx reads (ngx_conf_parse, ngx_conf_include). */
export function walkScopes(
  main: ParsedFile,
  reader: Reader,
  host: Host,
  confPrefix: string,
  fragment: boolean,
): Walked {
  const problems: LoadProblem[] = [];
  const top = createScope('main', undefined, undefined, undefined);
  const scopes = [top];
  const chain: Chain = { file: main, outer: undefined, depth: 0 };
  const stack: Frame[] = [{ children: main.tree.children, next: 0, file: main, scope: top, via: undefined, chain }];
  const context: IncludeContext = { reader, host, confPrefix, problems, fragment, spent: { includes: 0, repeated: 0 } };
  noteSyntax(main, undefined, problems, top);
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    const node = frame.children[frame.next++];
    if (!node) stack.pop();
    else if (node.type === 'directive') {
      if (node.name === 'include') {
        include(context, node, frame, stack);
      } else visit(node, frame, stack, scopes);
    }
  }
  return { top, scopes, problems };
}

function createScope(
  kind: ScopeKind,
  module: ModuleName | undefined,
  parent: Scope | undefined,
  item: Item | undefined,
): Scope {
  return {
    kind,
    module,
    parent,
    item,
    settings: NO_SETTINGS,
    children: NOTHING,
    locations: NOTHING,
    odd: NOTHING,
    gaps: NOTHING,
  };
}

function addTo<Key extends 'children' | 'locations' | 'odd' | 'gaps'>(
  scope: Scope,
  key: Key,
  value: Scope[Key][number],
): void {
  const list = scope[key] as Array<Scope[Key][number]>;
  if (list.length > 0) list.push(value);
  else (scope as Open)[key] = [value] as unknown as Scope[Key];
}

function addSetting(item: Item): void {
  const { scope } = item;
  if (scope.settings === NO_SETTINGS) (scope as Open).settings = new Settings();
  scope.settings.add(item);
}

function visit(node: NginxDirective, frame: Frame, stack: Frame[], scopes: Scope[]): void {
  const { file, scope, via, chain } = frame;
  const { name, start, block } = node;
  if (scope.kind === 'data') {
    if (block) addTo(scope, 'odd', new Item(node, file, scope, via));
    return;
  }
  if (block && !KEPT.has(name)) {
    const item = new Item(node, file, scope, via);
    if (name === 'location' && scope.kind !== 'other') {
      addTo(scope, 'locations', item);
      if (node.children.length === 0) return;
    }
    const inner = innerScope(item);
    addTo(scope, 'children', inner);
    scopes.push(inner);
    stack.push({ children: node.children, next: 0, file, scope: inner, via, chain });
    return;
  }
  // \`server\` of \`upstream\` and \`return\` of http are no business of ours.
  const kept =
    KEPT.has(name) && !isPlainPass(name, start, file.source) && (name !== 'return' || scope.module === 'stream');
  if (!kept || block) {
    if (isOdd(name) || isMisshapen(node, scope)) visitOdd(new Item(node, file, scope, via));
    return;
  }
  addSetting(new Item(node, file, scope, via));
}

function innerScope(item: Item): Scope {
  const { node, scope } = item;
  if (isOdd(node.name)) visitOdd(item);
  const kind = scope.kind === 'other' ? 'other' : (BLOCKS.get(node.name)?.kind ?? 'other');
  const module = MODULES.has(kind) ? (kind as ModuleName) : scope.module;
  return createScope(kind, module, scope, item);
}

/** Each site has many of these, and no TLS is in them. Other spellings of the same are kept, which does no harm. */
function isPlainPass(name: string, start: number, { text }: Source): boolean {
  return name === 'proxy_pass' && text.startsWith(PLAIN_PASS, start);
}

const PLAIN_PASS = 'proxy_pass http://';

/** A block where a \`;\` should be, or the other way round. */
function isMisshapen({ name, block }: NginxDirective, { kind }: Scope): boolean {
  if (kind === 'other') return false;
  return block ? KEPT.has(name) : BLOCKS.has(name) && !(name === 'server' && kind === 'upstream');
}

const oddNames = new Map<string, boolean>();

function isOdd(name: string): boolean {
  let odd = oddNames.get(name);
  if (odd === undefined) {
    odd = looksLikeTemplate(name) || /[^\x21-\x7e]/.test(name) || isKnown(name.toLowerCase(), name);
    if (oddNames.size < 10_000) oddNames.set(name, odd);
  }
  return odd;
}

function isKnown(lower: string, name: string): boolean {
  return lower !== name && (KEPT.has(lower) || BLOCKS.has(lower) || lower === 'include');
}

/** A template in the place of a directive may become anything; another odd name is refused. */
function visitOdd(item: Item): void {
  if (looksLikeTemplate(item.node.name)) addTo(item.scope, 'gaps', 'a template stands here');
  else addTo(item.scope, 'odd', item);
}

/** Jinja, ERB, envsubst and the like. */
function looksLikeTemplate(name: string): boolean {
  return /^(?:\{\{|\{%|<%|\$\{|%%|@@?[A-Z])/.test(name);
}

interface IncludeContext {
  readonly reader: Reader;
  readonly host: Host;
  readonly confPrefix: string;
  readonly problems: LoadProblem[];
  readonly fragment: boolean;
  /** What includes have cost so far: directives, and code units of files that were read before. */
  readonly spent: { includes: number; repeated: number };
}

function include(context: IncludeContext, node: NginxDirective, frame: Frame, stack: Frame[]): void {
  const { reader, host, confPrefix, problems } = context;
  const item = new Item(node, frame.file, frame.scope, frame.via);
  const at = itemOrigin(item);
  const { args } = node;
  const [pattern] = args;
  if (args.length !== 1 || pattern === undefined || pattern === '') {
    problems.push(problem('refused', at, 'Unexpected number of arguments of `include`, expected one'));
    return;
  }
  if (/\$\{|\{\{|<%/.test(pattern)) {
    unresolved(context, frame.scope, at, `\`${pattern}\` is a template`);
    return;
  }
  // As the system resolves it: \`missing/../x\` does not exist.
  const full = pattern.startsWith('/') ? reader.locate(pattern) : `${confPrefix}/${pattern}`;
  if (isTooMuch(context, frame.scope, at)) return;
  const files = isWildcard(pattern) ? glob(host, full) : [full];
  if (files.length > MOST_MATCHES) {
    files.length = MOST_MATCHES;
    unresolved(context, frame.scope, at, `\`${pattern}\` matches more than ${MOST_MATCHES} files`);
  }
  const frames: Frame[] = [];
  for (const file of files) {
    const entered = enter(context, file, item, at, frame);
    if (entered) frames.push(entered);
  }
  for (const each of frames.reverse()) stack.push(each);
}

/** A few files that include each other ten times over would be read for years. Told once. */
function isTooMuch(context: IncludeContext, scope: Scope, at: Origin): boolean {
  const { spent } = context;
  const before = spent.includes++;
  if (before < MOST_INCLUDES && spent.repeated < MOST_REPEATED) return false;
  if (spent.includes !== Number.POSITIVE_INFINITY)
    unresolved(context, scope, at, 'files include each other too often to read them all');
  spent.includes = Number.POSITIVE_INFINITY;
  return true;
}

function enter(
  context: IncludeContext,
  file: string,
  item: Item,
  at: Origin,
  { scope, chain }: Frame,
): Frame | undefined {
  const { reader, problems } = context;
  const parsed = reader.read(file);
  if ('failure' in parsed) {
    unresolved(context, scope, at, parsed.message, parsed.failure === 'denied' ? 'unreadable' : 'unresolved-include');
    return undefined;
  }
  if (isOpen(parsed, chain)) {
    const message = `Unexpected \`include\` of \`${parsed.path}\`, which leads back to itself: ${showChain(parsed, chain)}`;
    problems.push(problem('unresolved-include', at, message));
    return undefined;
  }
  if (chain.depth >= MOST_DEPTH) {
    problems.push(
      problem('unresolved-include', at, `Unexpected \`include\` at depth ${MOST_DEPTH}, expected fewer levels`),
    );
    return undefined;
  }
  if (parsed.readBefore) context.spent.repeated += parsed.source.text.length;
  parsed.readBefore = true;
  noteSyntax(parsed, at, problems, item.scope);
  const inner: Chain = { file: parsed, outer: chain, depth: chain.depth + 1 };
  return { children: parsed.tree.children, next: 0, file: parsed, scope: item.scope, via: at, chain: inner };
}

/** Files that every distribution ships and that can't hold what decides protocols: missing, they hide nothing. */
const HARMLESS = /(?:mime\.types|_params|fastcgi\.conf|koi-(?:utf|win)|win-utf)["']?\s*;?$|\/modules-enabled\/[^/]*$/;

function unresolved(
  { problems, fragment }: IncludeContext,
  scope: Scope,
  at: Origin,
  why: string,
  kind: 'unresolved-include' | 'unreadable' = 'unresolved-include',
): void {
  const minor = HARMLESS.test(at.file.source.text.slice(at.span.start, at.span.end));
  if (!minor) addTo(scope, 'gaps', `the included ${why}`);
  if (fragment) return;
  problems.push({ ...problem(kind, at, `Unresolved \`include\`: ${why}`), ...(minor && { minor }) });
}

function isOpen(file: ParsedFile, chain: Chain): boolean {
  for (let each: Chain | undefined = chain; each; each = each.outer) if (each.file === file) return true;
  return false;
}

/** From the first time that the file was opened to the second. */
function showChain(file: ParsedFile, chain: Chain): string {
  const paths = [file.path];
  for (let each: Chain | undefined = chain; each; each = each.outer) {
    paths.push(each.file.path);
    if (each.file === file) break;
  }
  return paths
    .reverse()
    .map(each => `\`${each}\``)
    .join(' → ');
}

function problem(kind: LoadProblem['kind'], origin: Origin, message: string): LoadProblem {
  return { kind, origin, message, stops: () => true };
}

/** A file with a syntax problem is told once, and what it holds can't be relied on. */
function noteSyntax(file: ParsedFile, via: Origin | undefined, problems: LoadProblem[], scope: Scope): void {
  if (file.problems.length === 0) return;
  addTo(scope, 'gaps', `\`${file.path}\` has a syntax problem`);
  if (problems.some(each => each.kind === 'syntax' && each.origin.file === file)) return;
  for (const each of file.problems) {
    const origin: Origin = { file, span: each, directive: '', ...(via && { via }) };
    const related = each.related && relatedPlace(file, each.related);
    problems.push({ kind: 'syntax', origin, message: each.message, ...(related && { related }), stops: () => true });
  }
}

function relatedPlace(file: ParsedFile, { message, line, column }: { message: string; line: number; column: number }) {
  const start = file.source.lineSpan(line).start + column - 1;
  return { message, origin: { file, span: { start, end: start }, directive: '' } };
}
