/** Executes a configuration as httpd does while it reads it (EXEC_ON_READ), in reading order. */
import path from 'node:path';
import { logicalLine, parseSource } from '../../../parsers/apache/index.js';
import type { ApacheContent, ApacheDirective, ApacheSection, Source, Span } from '../../../parsers/ast.js';
import { createSource } from '../../../parsers/source.js';
import type { Target } from '../../model/target.js';
import type { LoadedFile, LoadProblem, Origin } from '../../model/types.js';
import type { Host, LoadSettings } from '../types.js';
import { CONDITIONS, type World } from './conditions.js';
import { DIRECTORY_SECTIONS, OTHER_DIRECTIVES, SSL_DIRECTIVES, TLS_DIRECTIVES } from './directives.js';
import { readEnvvars } from './envvars.js';
import { expandVariables, wordsOf } from './expand.js';
import { findIncluded, locate, type Tree } from './files.js';
import { type Macro, readBody, substitute } from './macros.js';
import { createModules, type Modules } from './modules.js';
import { addLine, type Arg, createScope, type Defined, type Line, type ProxySection, type ReadFile, type Scope } from './scope.js';
import { since } from './since.js';

/** Everything that reading found. */
export interface Reading {
  readonly files: readonly ReadFile[];
  readonly main: Scope;
  readonly vhosts: readonly Scope[];
  /** `Listen` and `NameVirtualHost`, in order. */
  readonly listens: readonly Line[];
  readonly problems: readonly LoadProblem[];
  /** An include could not be read, or a template stands where settings do: more may be set than is seen. */
  readonly incomplete: boolean;
  readonly fragment: boolean;
  readonly host: Host;
  locate(file: string): string;
}

/** Where a directive stands. */
interface Context {
  readonly scope: Scope;
  readonly inside: 'server' | 'directory' | 'proxy' | 'unknown';
  /** The section's name as written, for messages. */
  readonly section: string;
  readonly proxy?: ProxySection;
  readonly assumed?: string;
}

interface Frame {
  readonly nodes: readonly ApacheContent[];
  next: number;
  readonly source: Source;
  readonly file: ReadFile;
  readonly via?: Origin;
  readonly context: Context;
  /** Set on the frame of a whole file. */
  readonly real?: string;
  /** In a macro's body: to spans of the file, and whether a line is as written there. */
  readonly body?: { readonly macro: Macro; place(span: Span): { span: Span; exact: boolean } };
}

interface Reader extends World {
  readonly host: Host;
  readonly settings: LoadSettings;
  readonly fragment: boolean;
  readonly tree: Tree;
  readonly modules: Modules;
  readonly target: Target;
  readonly defined: Map<string, Defined>;
  readonly env: ReadonlyMap<string, string>;
  readonly macros: Map<string, Macro>;
  readonly files: ReadFile[];
  readonly byReal: Map<string, ReadFile>;
  readonly problems: LoadProblem[];
  readonly vhosts: Scope[];
  readonly listens: Line[];
  readonly frames: Frame[];
  order: number;
  opened: number;
  loadModules: number;
  incomplete: boolean;
}

const DEEPEST = 128;
/** Files and macros opened in all: a few lines can ask for more than any machine could read. */
const MOST_OPENED = 50_000;
const ALWAYS = () => true;
const NEVER = () => false;

export function read(root: string, host: Host, settings: LoadSettings, fragment: boolean): Reading {
  const first = readOnce(root, host, settings, fragment, false);
  // LoadModule lines tell the whole truth only where there are some and nothing is missing.
  const strict = !fragment && first.loadModules > 0 && !first.incomplete;
  const reader = strict ? readOnce(root, host, settings, fragment, true) : first;
  const { files, vhosts, listens, problems, incomplete } = reader;
  const main = reader.main;
  return { files, main, vhosts, listens, problems, incomplete, fragment, host, locate: file => locate(reader.tree, file) };
}

function readOnce(root: string, host: Host, settings: LoadSettings, fragment: boolean, strict: boolean): Reader & { main: Scope } {
  const reader = createReader(root, host, settings, fragment, strict);
  const file = openFile(reader, root, undefined);
  const main = createScope('main', { file: file.loaded, span: { start: 0, end: 0 }, directive: '' });
  const htaccess = path.posix.basename(root) === '.htaccess';
  const context: Context = { scope: main, inside: htaccess ? 'directory' : 'server', section: htaccess ? '.htaccess' : '' };
  if (file.failure) {
    reader.incomplete = true;
    problem(reader, 'unreadable', main.origin, file.failure, ALWAYS);
  } else pushFile(reader, file.loaded, undefined, context);
  run(reader);
  return Object.assign(reader, { main });
}

function createReader(root: string, host: Host, settings: LoadSettings, fragment: boolean, strict: boolean): Reader {
  const directory = path.posix.dirname(root);
  const home = path.posix.basename(directory) === 'conf' ? path.posix.dirname(directory) : directory;
  const defined = new Map<string, Defined>();
  for (const [name, value] of settings.define) defined.set(name, { name, value, uses: [] });
  return {
    host,
    settings,
    fragment,
    tree: { host, prefix: settings.prefix, serverRoot: '', directory: home },
    modules: createModules(settings.module, strict),
    target: settings.target,
    defined,
    env: readEnvvars(host, path.posix.join(directory, 'envvars')),
    macros: new Map(),
    files: [],
    byReal: new Map(),
    problems: [],
    vhosts: [],
    listens: [],
    frames: [],
    order: 0,
    opened: 0,
    loadModules: 0,
    incomplete: false,
    isDefined: name => defined.has(name),
  };
}

function run(reader: Reader): void {
  const { frames } = reader;
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const node = frame.nodes[frame.next++];
    if (!node) frames.pop();
    else if (node.type === 'directive') runDirective(reader, frame, node);
    else if (node.type === 'section') runSection(reader, frame, node);
  }
}

// --- files

/** The file, or why it can't be read; each is read and parsed once. */
function openFile(reader: Reader, place: string, via: Origin | undefined): { loaded: ReadFile; failure?: string } {
  const real = reader.host.realpath(place);
  const known = reader.byReal.get(real);
  if (known) return { loaded: known };
  const bytes = reader.host.read(place);
  const failed = 'failure' in bytes;
  const source = createSource(failed ? '' : bytes);
  const { tree, problems } = parseSource(source);
  const loaded: ReadFile = { path: reader.host.display(real), real, source, dialect: 'apache', tree };
  if (failed) return { loaded, failure: bytes.message };
  reader.byReal.set(real, loaded);
  reader.files.push(loaded);
  for (const { message, start, end, related } of problems) {
    const origin: Origin = { file: loaded, span: { start, end }, directive: '', ...(via && { via }) };
    const other = related && { message: related.message, origin: { ...origin, span: spanAt(source, related) } };
    reader.problems.push({ kind: 'syntax', origin, message, ...(other && { related: other }), stops: ALWAYS });
  }
  return { loaded };
}

function spanAt(source: Source, { line, column }: { line: number; column: number }): Span {
  const { start, end } = source.lineSpan(line);
  return { start: start + column - 1, end };
}

function pushFile(reader: Reader, file: ReadFile, via: Origin | undefined, context: Context): void {
  const { source, tree, real } = file;
  reader.frames.push({ nodes: tree.children, next: 0, source, file, real, context, ...(via && { via }) });
}

// --- directives

function runDirective(reader: Reader, frame: Frame, node: ApacheDirective): void {
  if (node.name.includes('${')) return runNamedByVariable(reader, frame, node);
  const run = DIRECTIVES.get(node.key);
  if (run) return run(reader, lineOf(reader, frame, node, node.key), frame);
  if (isKept(node.key)) keep(reader, lineOf(reader, frame, node, node.key), frame);
}

function isKept(key: string): boolean {
  const first = key.charCodeAt(0);
  if (first === 0x73 && key.startsWith('ssl')) return SSL_DIRECTIVES.has(key) || isMisspelled(key);
  return OTHER_DIRECTIVES.has(key) || TLS_DIRECTIVES.has(key);
}

/** A name that no server knows, and that can only be meant for one about protocols. */
function isMisspelled(key: string): boolean {
  return /^ssl_?(?:proxy_?)?protocols?$/.test(key);
}

/** The name itself comes from a variable. */
function runNamedByVariable(reader: Reader, frame: Frame, node: ApacheDirective): void {
  const line = lineOf(reader, frame, node, '');
  if (line.key.includes('${')) reader.incomplete = true;
  const run = DIRECTIVES.get(line.key);
  if (run) run(reader, line, frame);
  else if (isKept(line.key)) keep(reader, line, frame);
}

type Run = (reader: Reader, line: Line, frame: Frame) => void;

/** Executed while reading. */
const DIRECTIVES: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['include', (reader, line, frame) => include(reader, line, frame, false)],
  ['includeoptional', (reader, line, frame) => include(reader, line, frame, true)],
  ['serverroot', setServerRoot],
  ['define', define],
  ['undefine', (reader, { args }) => reader.defined.delete(args[0]?.text ?? '')],
  ['loadmodule', loadModule],
  ['use', useMacro],
  ['undefmacro', (reader, { args }) => reader.macros.delete((args[0]?.text ?? '').toLowerCase())],
]);

function loadModule(reader: Reader, { args }: Line): void {
  const [identifier] = args;
  if (!identifier) return;
  reader.loadModules++;
  reader.modules.load(identifier.text);
}

function define(reader: Reader, line: Line): void {
  const [name, value] = line.args;
  if (!name) return;
  if (name.text.includes(':')) {
    return problem(reader, 'refused', line.origin, `Unexpected \`:\` in \`${name.text}\`, expected a name without it`, ALWAYS);
  }
  reader.defined.set(name.text, { name: name.text, value: value?.text ?? '', line, uses: [] });
}

/** A tree that is checked out somewhere else is looked at where it is. */
function setServerRoot({ tree, host }: Reader, { args }: Line): void {
  const [argument] = args;
  if (!argument) return;
  tree.serverRoot = path.posix.normalize(argument.text);
  const place = path.posix.normalize(tree.prefix + tree.serverRoot);
  if (host.kind(place) === 'directory') tree.directory = place;
}

function include(reader: Reader, line: Line, frame: Frame, optional: boolean): void {
  const [argument] = line.args;
  if (!argument) return;
  if (line.unknown !== undefined) return missing(reader, line, `\`${argument.text}\` is not known`, NEVER);
  const found = findIncluded(reader.tree, argument.text);
  if (found.missing !== undefined && !optional) {
    // 2.2 takes a wildcard without a match.
    const stops = (target: Target) => !found.wild || since(target, '2.3.6');
    return missing(reader, line, found.missing, stops);
  }
  const files = found.files.map(place => ({ place, opened: openFile(reader, place, line.origin) }));
  for (const { opened } of files.reverse()) includeFile(reader, line, frame, opened);
}

function includeFile(reader: Reader, line: Line, frame: Frame, opened: ReturnType<typeof openFile>): void {
  const { loaded, failure } = opened;
  if (failure !== undefined) {
    reader.incomplete = true;
    line.scope.missing.push({ order: line.order, note: `${failure}.` });
    return problem(reader, 'unreadable', line.origin, `Unexpected include of a file that can not be read: ${failure}`, ALWAYS);
  }
  if (reader.frames.some(each => each.real === loaded.real)) {
    return missing(reader, line, `\`${loaded.path}\` includes itself`, ALWAYS);
  }
  if (reader.frames.length > DEEPEST * 4 || reader.opened++ > MOST_OPENED) {
    return missing(reader, line, 'includes nest too deep', ALWAYS);
  }
  pushFile(reader, loaded, line.origin, frame.context);
}

function missing(reader: Reader, line: Line, why: string, stops: LoadProblem['stops']): void {
  reader.incomplete = true;
  line.scope.missing.push({ order: line.order, note: `What \`${line.args[0]?.text}\` says is not known: ${why}.` });
  problem(reader, 'unresolved-include', line.origin, `Unexpected \`${line.args[0]?.text}\`, expected a file that can be included: ${why}`, stops);
}

// --- what is kept for the model

const PROXY_TARGETS = new Set(['proxypass', 'proxypassmatch', 'balancermember', 'rewriterule']);

function keep(reader: Reader, line: Line, frame: Frame): void {
  const { key } = line;
  const { context } = frame;
  if (PROXY_TARGETS.has(key)) return keepTarget(line);
  if (key === 'listen' || key === 'namevirtualhost') {
    reader.listens.push(line);
    return;
  }
  const known = SSL_DIRECTIVES.get(key);
  if (!known) {
    if (isMisspelled(key)) refuse(reader, line, `Unexpected directive \`${line.origin.directive}\`, expected \`SSLProtocol\``, ALWAYS);
    else if (TLS_DIRECTIVES.has(key) && !reader.modules.has('tls_module')) refuseName(reader, line, ALWAYS);
    else if (context.inside === 'server') addLine(line.scope, line);
    return;
  }
  if (!reader.modules.has('ssl_module')) return refuseName(reader, line, ALWAYS);
  if (known.trunk) refuseName(reader, line, target => target.trunk !== true);
  else if (known.since !== undefined) {
    const release = known.since;
    refuseName(reader, line, target => !since(target, release));
  }
  if (context.inside === 'directory' && known.place !== 'any') return refusePlace(reader, line, context, ALWAYS);
  if (context.inside === 'proxy' && known.place === 'server') return refusePlace(reader, line, context, ALWAYS);
  if (context.inside === 'proxy' && known.place === 'proxy') {
    refusePlace(reader, line, context, target => !since(target, '2.4.30'));
    if (context.proxy) addLine(context.proxy, line);
    return;
  }
  if (known.kept && context.inside === 'server') addLine(line.scope, line);
}

function refuseName(reader: Reader, line: Line, stops: LoadProblem['stops']): void {
  refuse(reader, line, `Unexpected directive \`${line.origin.directive}\`, which no loaded module of this server has`, stops);
}

function refusePlace(reader: Reader, line: Line, { section }: Context, stops: LoadProblem['stops']): void {
  const where = section === '.htaccess' ? '`.htaccess`' : `\`<${section}>\``;
  refuse(reader, line, `Unexpected \`${line.origin.directive}\` in ${where}, expected it in a server or virtual host`, stops);
}

/** Only what the judged target refuses is told; what another would is asked of `stops` again. */
function refuse(reader: Reader, line: Line, message: string, stops: LoadProblem['stops']): void {
  problem(reader, 'refused', line.origin, message, stops);
}

function problem(reader: Reader, kind: LoadProblem['kind'], origin: Origin, message: string, stops: LoadProblem['stops']): void {
  reader.problems.push({ kind, origin, message, stops });
}

const TLS_SCHEME = /^(?:https|wss|h2):\/\//i;

function keepTarget(line: Line): void {
  const { key, args } = line;
  if (key === 'rewriterule') {
    const flags = args[2]?.text.toLowerCase() ?? '';
    if (!/[[,]\s*(?:p|proxy)\s*[,\]]/.test(flags)) return;
  }
  const url = key === 'rewriterule' ? args[1] : args.find(arg => TLS_SCHEME.test(arg.text));
  if (url && TLS_SCHEME.test(url.text)) line.scope.targets.push({ url: url.text, line });
}

// --- sections

function runSection(reader: Reader, frame: Frame, node: ApacheSection): void {
  const { key } = node;
  const condition = CONDITIONS.get(key);
  if (condition) return runCondition(reader, frame, node, condition);
  if (key === 'macro') return defineMacro(reader, frame, node);
  if (key === 'perl' || key === 'sslpolicydefine') return;
  if (key === 'virtualhost') return runVirtualHost(reader, frame, node);
  if (key === 'proxy' || key === 'proxymatch') return runProxy(reader, frame, node);
  const inside = DIRECTORY_SECTIONS.has(key) ? 'directory' : 'unknown';
  pushSection(reader, frame, node, { ...frame.context, inside, section: node.name });
}

function pushSection(reader: Reader, frame: Frame, node: ApacheSection, context: Context): void {
  if (node.children.length === 0) return;
  const { source, file, via, body } = frame;
  reader.frames.push({ nodes: node.children, next: 0, source, file, context, ...(via && { via }), ...(body && { body }) });
}

function runCondition(reader: Reader, frame: Frame, node: ApacheSection, condition: NonNullable<ReturnType<typeof CONDITIONS.get>>): void {
  const line = lineOf(reader, frame, node, node.key);
  if (condition.since !== undefined) {
    const release = condition.since;
    problem(reader, 'refused', line.origin, `Unexpected \`<${node.name}>\`, which came with httpd ${release}`, target => !since(target, release));
  }
  const verdict = condition.decide(reader, line.args.map(arg => arg.text));
  if (!verdict.holds) return;
  const assumed = verdict.assumed ?? frame.context.assumed;
  pushSection(reader, frame, node, { ...frame.context, ...(assumed !== undefined && { assumed }) });
}

function runVirtualHost(reader: Reader, frame: Frame, node: ApacheSection): void {
  const line = lineOf(reader, frame, node, node.key);
  const { inside, scope } = frame.context;
  if (scope.kind === 'vhost' || inside !== 'server') {
    problem(reader, 'refused', line.origin, 'Unexpected `<VirtualHost>` in another section', ALWAYS);
    return;
  }
  if (line.args.length === 0) {
    problem(reader, 'refused', line.origin, 'Unexpected `<VirtualHost>` without an address', ALWAYS);
  }
  const addresses = line.args.map(arg => arg.text);
  const made = createScope('vhost', line.origin, addresses);
  const vhost: Scope = frame.body ? made : { ...made, node };
  if (line.unknown !== undefined) vhost.missing.push({ order: 0, note: line.unknown });
  reader.vhosts.push(vhost);
  pushSection(reader, frame, node, { ...frame.context, scope: vhost });
}

function runProxy(reader: Reader, frame: Frame, node: ApacheSection): void {
  const line = lineOf(reader, frame, node, node.key);
  const args = line.args.map(arg => arg.text);
  const regex = node.key === 'proxymatch' || args[0] === '~';
  const pattern = args[0] === '~' ? (args[1] ?? '') : (args[0] ?? '');
  const kind = regex ? 'regex' : /[*?[]/.test(pattern) ? 'wildcard' : 'prefix';
  const proxy: ProxySection = { kind, pattern, lines: new Map(), order: line.order };
  frame.context.scope.proxies.push(proxy);
  pushSection(reader, frame, node, { ...frame.context, inside: 'proxy', section: node.name, proxy });
}

// --- macros

function defineMacro(reader: Reader, frame: Frame, node: ApacheSection): void {
  const line = lineOf(reader, frame, node, node.key);
  problem(reader, 'refused', line.origin, 'Unexpected `<Macro>`, which came with httpd 2.4.5', target => !since(target, '2.4.5'));
  const [name, ...parameters] = line.args.map(arg => arg.text);
  if (name === undefined) return;
  const place = (span: Span) => frame.body?.place(span).span ?? span;
  const lines = readBody(frame.source, node.headEnd, node.close?.start ?? node.end, place);
  reader.macros.set(name.toLowerCase(), { name, parameters, file: frame.file, lines });
}

function useMacro(reader: Reader, line: Line, frame: Frame): void {
  const [name, ...values] = line.args.map(arg => arg.text);
  const macro = reader.macros.get((name ?? '').toLowerCase());
  const refused = reasonNotToUse(reader, macro, name ?? '', values);
  if (!macro || refused !== undefined) return problem(reader, 'refused', line.origin, refused ?? '', ALWAYS);
  const { text, changed } = substitute(macro, values);
  const source = createSource(text);
  const { tree, problems } = parseSource(source);
  const [broken] = problems;
  if (broken) problem(reader, 'syntax', line.origin, `${broken.message} in macro \`${macro.name}\``, ALWAYS);
  const place = (span: Span) => placeInBody(macro, source, changed, span);
  const body = { macro, place };
  reader.frames.push({ nodes: tree.children, next: 0, source, file: fileOf(reader, macro, frame), via: line.origin, context: frame.context, body });
}

function fileOf(reader: Reader, macro: Macro, frame: Frame): ReadFile {
  return reader.byReal.get(macro.file.real) ?? frame.file;
}

function reasonNotToUse(reader: Reader, macro: Macro | undefined, name: string, values: readonly string[]): string | undefined {
  if (!macro) return `Unexpected macro \`${name}\`, expected one that is defined`;
  if (values.length !== macro.parameters.length) {
    return `Unexpected ${values.length} arguments of macro \`${macro.name}\`, expected ${macro.parameters.length}`;
  }
  if (reader.frames.some(frame => frame.body?.macro === macro)) return `Unexpected \`Use\` of macro \`${macro.name}\` in itself`;
  return reader.opened++ > MOST_OPENED ? `Unexpected \`Use\` of macro \`${macro.name}\`, after too many others` : undefined;
}

/** From the substituted text to the macro's own line; exact where no parameter stood in it. */
function placeInBody(macro: Macro, source: Source, changed: readonly boolean[], span: Span): { span: Span; exact: boolean } {
  const index = source.pointAt(span.start).line - 1;
  const line = macro.lines[index];
  if (!line) return { span: macro.lines[0]?.span ?? { start: 0, end: 0 }, exact: false };
  const joined = line.text.length !== line.span.end - line.span.start;
  if (changed[index] || joined) return { span: line.span, exact: false };
  const base = line.span.start - source.lineSpan(index + 1).start;
  return { span: { start: base + span.start, end: base + span.end }, exact: true };
}

// --- lines

/** The line as the server sees it after `ap_resolve_env`. `key` is `''` where the name is to be read as well. */
function lineOf(reader: Reader, frame: Frame, node: ApacheDirective | ApacheSection, key: string): Line {
  const head = { start: node.start, end: node.type === 'section' ? node.headEnd : node.end };
  const joined = logicalLine(frame.source, head);
  const expanded = expandVariables(joined.text, name => lookUp(reader, name));
  const section = node.type === 'section';
  const close = section ? Math.max(expanded.text.lastIndexOf('>'), 0) : expanded.text.length;
  const words = wordsOf(expanded, joined, section ? 1 + node.name.length : 0, close);
  const [name, ...rest] = section ? [undefined, ...words] : words;
  const args = rest.filter(arg => arg !== undefined).map(arg => placed(frame, arg));
  const found = key === '' ? (name?.text ?? '').toLowerCase() : key;
  const span = frame.body ? frame.body.place(head).span : head;
  const directive = SSL_DIRECTIVES.get(found)?.name ?? OTHER_DIRECTIVES.get(found) ?? name?.text ?? node.name;
  const origin: Origin = { file: frame.file, span, directive, ...(frame.via && { via: frame.via }) };
  const unknown = unknownIn(expanded.undefinedNames, args) ?? undefined;
  const line: Line = {
    key: found,
    origin,
    args,
    order: reader.order++,
    scope: frame.context.scope,
    macro: frame.body !== undefined,
    ...(!frame.body && { node }),
    ...(unknown !== undefined && { unknown }),
    ...definedBy(expanded.used, joined.text, node),
  };
  for (const used of expanded.used) used.uses.push(line);
  return line;
}

function placed(frame: Frame, arg: Arg): Arg {
  if (!frame.body) return arg;
  const { span, exact } = frame.body.place(arg);
  return { text: arg.text, ...span, literal: arg.literal && exact };
}

/** The arguments are one `${NAME}` and nothing else. */
function definedBy(used: readonly Defined[], text: string, node: ApacheDirective | ApacheSection): { defined?: Defined } {
  const [first] = used;
  if (used.length !== 1 || !first || node.type === 'section') return {};
  const rest = text.slice(text.search(/\s/)).trim();
  return rest === `\${${first.name}}` ? { defined: first } : {};
}

function lookUp({ defined, settings, env }: Reader, name: string): Defined | undefined {
  const own = defined.get(name);
  if (own) return own;
  const value = settings.env[name] ?? env.get(name);
  return value === undefined ? undefined : { name, value, uses: [] };
}

const TEMPLATE = /\{\{|\{%|<%|%>|%\}|\}\}|^@[A-Za-z_]+@$/;

function unknownIn(names: readonly string[], args: readonly Arg[]): string | undefined {
  const [name] = names;
  if (name !== undefined) return `\`\${${name}}\` is not known: neither \`Define\` nor the environment has it.`;
  const template = args.find(arg => TEMPLATE.test(arg.text));
  return template && `\`${template.text}\` is to be filled in by a template.`;
}
