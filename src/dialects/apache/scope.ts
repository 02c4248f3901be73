/** What reading leaves behind: executed directives, sorted by the server that they configure. */
import type { ApacheDirective, ApacheRoot, ApacheSection, Span } from '../../../parsers/ast.js';
import type { LoadedFile, Origin } from '../../model/types.js';

/** A value of `Define`, with the directive that set it; `line` is absent for `-D` and the environment. */
export interface Defined {
  readonly name: string;
  readonly value: string;
  readonly line?: Line;
  /** Directives that read it. */
  readonly uses: Line[];
}

/** An argument as the server sees it. */
export interface Arg extends Span {
  readonly text: string;
  /** Whether `span` holds exactly this word: not where a variable or a macro's parameter made a part of it. */
  readonly literal: boolean;
}

/** One directive that was executed. A file that is included twice is executed twice. */
export interface Line {
  /** Lower case. */
  readonly key: string;
  readonly origin: Origin;
  readonly args: readonly Arg[];
  /** Position in the order of execution. */
  readonly order: number;
  readonly scope: Scope;
  /** The node in the tree of `origin.file`; absent in the body of a macro. */
  readonly node: ApacheDirective | ApacheSection | undefined;
  /** All arguments come from this value of `Define`. */
  readonly defined: Defined | undefined;
  /** A full sentence where a word can't be known. */
  readonly unknown: string | undefined;
  /** A full sentence where it is read because of an assumption, such as that a module is loaded. */
  readonly assumed: string | undefined;
  /** In the body of a macro. */
  readonly macro: boolean;
}

/** `<Proxy url>` or `<ProxyMatch regex>`. */
export interface ProxySection {
  readonly kind: 'prefix' | 'wildcard' | 'regex';
  readonly pattern: string;
  readonly lines: Map<string, Line[]>;
  /** `BalancerMember` with a TLS address. */
  readonly members: ProxyTarget[];
  readonly order: number;
}

/** A hop to a backend. */
export interface ProxyTarget {
  readonly url: string;
  /** What `<Proxy>` sections are compared with, where that is another: the name of a balancer. */
  readonly through?: string;
  readonly line: Line;
}

/** The main server or one virtual host. */
export interface Scope {
  readonly kind: 'main' | 'vhost';
  readonly origin: Origin;
  /** Of `<VirtualHost>`; empty for the main server. */
  readonly addresses: readonly string[];
  readonly lines: Map<string, Line[]>;
  readonly proxies: ProxySection[];
  readonly targets: ProxyTarget[];
  /** Includes that could not be read: what they say is not known. */
  readonly missing: Array<{ readonly order: number; readonly note: string }>;
  readonly node?: ApacheSection;
}

export interface ReadFile extends LoadedFile {
  readonly tree: ApacheRoot;
}

const NO_LINES: readonly Line[] = [];

export function createScope(kind: Scope['kind'], origin: Origin, addresses: readonly string[] = []): Scope {
  return { kind, origin, addresses, lines: new Map(), proxies: [], targets: [], missing: [] };
}

export function linesOf(scope: { readonly lines: ReadonlyMap<string, Line[]> }, key: string): readonly Line[] {
  return scope.lines.get(key) ?? NO_LINES;
}

export function lastLine(scope: { readonly lines: ReadonlyMap<string, Line[]> }, key: string): Line | undefined {
  return scope.lines.get(key)?.at(-1);
}

export function addLine(scope: { readonly lines: Map<string, Line[]> }, line: Line): void {
  const known = scope.lines.get(line.key);
  if (known) known.push(line);
  else scope.lines.set(line.key, [line]);
}
