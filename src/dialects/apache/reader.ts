/** The state of reading: what is open, what is known so far. */
import { parseSource } from '../../../parsers/apache/index.js';
import type { ApacheContent, ApacheSection, Source, Span } from '../../../parsers/ast.js';
import { createSource } from '../../../parsers/source.js';
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import type { Host, LoadSettings } from '../types.js';
import type { World } from './conditions.js';
import type { Tree } from './files.js';
import type { Macro } from './macros.js';
import type { Modules } from './modules.js';
import type { Defined, Line, ProxySection, ReadFile, Scope } from './scope.js';

/** Where a directive stands. */
export interface Context {
  readonly scope: Scope;
  readonly inside: 'server' | 'directory' | 'proxy' | 'unknown';
  /** The section's name as written, for messages. */
  readonly section: string;
  readonly proxy?: ProxySection;
  readonly assumed?: string;
}

/** Files that are open at one place: each includes the one before it. */
export interface Chain {
  readonly real: string;
  readonly depth: number;
  readonly up?: Chain;
}

export interface Frame {
  readonly nodes: readonly ApacheContent[];
  next: number;
  readonly source: Source;
  readonly file: ReadFile;
  readonly via?: Origin;
  readonly context: Context;
  /** The file and those that include it. */
  readonly chain?: Chain;
  /** In a macro's body: to spans of the file, and whether a line is as written there. */
  readonly body?: { readonly macro: Macro; place(span: Span): { span: Span; exact: boolean } };
}

export interface Reader extends World {
  readonly host: Host;
  readonly settings: LoadSettings;
  readonly fragment: boolean;
  readonly tree: Tree;
  readonly modules: Modules;
  readonly target: Target;
  /** Names that `<IfDefine>` knows; letter case counts. */
  readonly defined: Set<string>;
  /** Values by name in lower case: the server's table does not mind case. */
  readonly variables: Map<string, Defined>;
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
  /** A directive of mod_ssl was refused because the module is not loaded. */
  withoutSsl: boolean;
}

export type Run = (reader: Reader, line: Line, frame: Frame) => void;

export const DEEPEST = 128;
/** Files and macros opened in all: a few lines can ask for more than any machine could read. */
export const MOST_OPENED = 250_000;
export const ALWAYS = () => true;
export const NEVER = () => false;

/** The file, or why it can't be read; each is read and parsed once. */
export function openFile(
  reader: Reader,
  place: string,
  via: Origin | undefined,
): { loaded: ReadFile; failure?: string } {
  const real = reader.host.realpath(place);
  const known = reader.byReal.get(real);
  if (known) return { loaded: known };
  const bytes = reader.host.read(place);
  const failed = 'failure' in bytes;
  const source = createSource(failed ? '' : bytes);
  const parsed = parseSource(source);
  const { tree, problems } = parsed;
  const loaded: ReadFile = { path: reader.host.display(real), real, source, dialect: 'apache', parsed, tree };
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

export function pushFile(reader: Reader, file: ReadFile, via: Origin | undefined, context: Context, up?: Chain): void {
  const { source, tree, real } = file;
  const chain: Chain = { real, depth: (up?.depth ?? 0) + 1, ...(up && { up }) };
  reader.frames.push({ nodes: tree.children, next: 0, source, file, chain, context, ...(via && { via }) });
}

/** Whether the file is one of those that are open. */
export function isOpen(chain: Chain | undefined, real: string): boolean {
  for (let each = chain; each; each = each.up) if (each.real === real) return true;
  return false;
}

export function pushSection(reader: Reader, frame: Frame, node: ApacheSection, context: Context): void {
  if (node.children.length === 0) return;
  const { source, file, via, body, chain } = frame;
  reader.frames.push({
    nodes: node.children,
    next: 0,
    source,
    file,
    context,
    ...(via && { via }),
    ...(body && { body }),
    ...(chain && { chain }),
  });
}

export function problem(
  reader: Reader,
  kind: LoadProblem['kind'],
  origin: Origin,
  message: string,
  stops: LoadProblem['stops'],
): void {
  reader.problems.push({ kind, origin, message, stops });
}
