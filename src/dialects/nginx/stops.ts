/** What keeps nginx from starting, as far as it has to do with TLS or with reading the files at all. */
import { TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import { atLeast, compareVersions, version } from '../../model/versions.js';
import { DIRECTIVES, type DirectiveRow, LISTEN_PARAMETERS, placeOf } from './directives.js';
import { isWildcard } from './listen.js';
import { type Evaluator, hasContext } from './offer.js';
import { isTemplateWord, type Sourced } from './profile.js';
import { defaultEntry, inherited, type Listener, type Resolved, type Server, showListener } from './resolve.js';
import { type Item, itemOrigin, type Scope, scopesBelow } from './scopes.js';

type Stops = (target: Target) => boolean;
const ALWAYS: Stops = () => true;

function refused(origin: Origin, message: string, stops: Stops = ALWAYS): LoadProblem {
  return { kind: 'refused', origin, message, stops };
}

export interface StopContext {
  readonly top: Scope;
  readonly resolved: Resolved;
  readonly evaluator: Evaluator;
  readonly sourcedOf: (server: Server) => Sourced;
  readonly fragment: boolean;
  /** The top of the main file. */
  readonly rootOrigin: Origin;
}

export function loadProblems(context: StopContext): LoadProblem[] {
  const problems: LoadProblem[] = [];
  for (const scope of scopesBelow(context.top)) scopeProblems(scope, context, problems);
  for (const listener of context.resolved.listeners) listenerProblems(listener, context, problems);
  problems.push(...wildcardConflicts(context.resolved.listeners));
  const refusals: Refusals = new Map();
  for (const server of context.resolved.servers) serverProblems(server, context, refusals, problems);
  if (!context.fragment) structureProblems(context, problems);
  return problems;
}

/** ngx_event_init_conf, and NX-C3. */
function structureProblems({ top, rootOrigin }: StopContext, problems: LoadProblem[]): void {
  const seen = new Set<string>();
  for (const { kind, item } of top.children) {
    if (!item || (kind !== 'http' && kind !== 'stream' && kind !== 'mail' && item.node.name !== 'events')) continue;
    const { name } = item.node;
    if (seen.has(name)) problems.push(refused(itemOrigin(item), `Unexpected second \`${name}\`, expected one`));
    seen.add(name);
  }
  if (!seen.has('events') && top.gaps.length === 0) {
    problems.push(refused(rootOrigin, 'Unexpected end of configuration, expected an `events` block'));
  }
}

function scopeProblems(scope: Scope, context: StopContext, problems: LoadProblem[]): void {
  for (const item of scope.odd) problems.push(refused(itemOrigin(item), oddName(item.node.name)));
  for (const [name, items] of scope.settings) {
    const row = DIRECTIVES[name];
    if (!row) continue;
    for (const item of items) itemProblems(item, row, context, problems);
    const [, second] = items;
    if (row.slot && second)
      problems.push(refused(itemOrigin(second), `Unexpected second \`${name}\` in one block, expected one`));
  }
}

function oddName(name: string): string {
  const lower = name.toLowerCase();
  if (lower !== name && Object.hasOwn(DIRECTIVES, lower))
    return `Unexpected directive \`${name}\`, expected \`${lower}\``;
  return `Unexpected directive \`${name}\``;
}

function itemProblems(item: Item, row: DirectiveRow, { fragment }: StopContext, problems: LoadProblem[]): void {
  const { node, scope } = item;
  const origin = itemOrigin(item);
  const place = placeOf(scope.kind, scope.module);
  const anywhere = fragment && (scope.kind === 'main' || scope.module === undefined);
  if (!anywhere && !row.places.includes(place)) {
    problems.push(refused(origin, `Unexpected \`${node.name}\` in \`${scope.kind}\`, where it is not allowed`));
    return;
  }
  const count = node.args.length;
  const [least, most] = row.args;
  if (count < least || count > most) {
    problems.push(
      refused(
        origin,
        `Unexpected ${count} arguments of \`${node.name}\`, expected ${least === most ? least : `at least ${least}`}`,
      ),
    );
    return;
  }
  if (row.flag && !/^(?:on|off)$/i.test(node.args[0] ?? '') && !isTemplateWord(node.args[0] ?? '')) {
    problems.push(refused(origin, `Unexpected \`${node.args[0]}\` of \`${node.name}\`, expected \`on\` or \`off\``));
  }
  const stops = outsideVersions(row, scope);
  if (stops) problems.push(refused(origin, `Unexpected \`${node.name}\`, which ${versionWords(row, scope)}`, stops));
}

function sinceOf({ since }: DirectiveRow, { module }: Scope): string | undefined {
  return typeof since === 'string' || since === undefined ? since : module && since[module];
}

function outsideVersions(row: DirectiveRow, scope: Scope): Stops | undefined {
  const since = sinceOf(row, scope);
  const { until } = row;
  if (since === undefined && until === undefined) return undefined;
  return ({ server }) =>
    (since !== undefined && !atLeast(server, since)) || (until !== undefined && atLeast(server, until));
}

function versionWords(row: DirectiveRow, scope: Scope): string {
  const since = sinceOf(row, scope);
  return row.until === undefined ? `nginx has since ${since}` : `nginx has no more since ${row.until}`;
}

function listenerProblems(listener: Listener, context: StopContext, problems: LoadProblem[]): void {
  const seen = new Set<Server>();
  let defaults = 0;
  for (const { server, item, listen } of listener.entries) {
    const origin = item ? itemOrigin(item) : server.origin;
    if (seen.has(server))
      problems.push(refused(origin, `Unexpected second \`listen\` on ${showListener(listener)} in one server`));
    else if (seen.size > 0 && listener.module !== 'http') problems.push(duplicateAddress(listener, origin));
    seen.add(server);
    if (listen.default && ++defaults > 1) {
      problems.push(refused(origin, `Unexpected second default server of ${showListener(listener)}, expected one`));
    }
  }
  certificateProblem(listener, context, problems);
}

/** mail has one server an address; so had stream before 1.25.5 (NX-T2, NX-T4). */
function duplicateAddress(listener: Listener, origin: Origin): LoadProblem {
  const message = `Unexpected second server on ${showListener(listener)}`;
  if (listener.module === 'mail') return refused(origin, `${message}, expected one`);
  return refused(origin, `${message}, which stream has since nginx 1.25.5`, ({ server }) => !atLeast(server, '1.25.5'));
}

function certificateProblem(
  listener: Listener,
  { evaluator, fragment, sourcedOf }: StopContext,
  problems: LoadProblem[],
): void {
  const { server, item } = defaultEntry(listener);
  const entry = listener.entries.find(({ listen }) => listen.ssl || listen.quic);
  if (!entry) return;
  const origin = item ? itemOrigin(item) : server.origin;
  if (!hasContext(server, fragment)) {
    const message = 'Unexpected TLS listener without `ssl_certificate` in its default server';
    // Before 1.15.0 the server starts, and every handshake fails (NX-V4).
    problems.push(refused(origin, message, target => atLeast(target.server, '1.15.0')));
  }
  if (!entry.listen.quic) return;
  const sourced = sourcedOf(server);
  if (sourced.gap !== undefined) return;
  problems.push(
    refused(origin, 'Unexpected `quic` without TLSv1.3 in the default server', target => {
      const { configured } = evaluator.built(sourced, target);
      return (configured & TLSv1_3) === 0;
    }),
  );
}

/** Parameters that make nginx bind an address of its own. */
const BINDS = /^(?:bind|backlog=|rcvbuf=|sndbuf=|accept_filter=|deferred|ipv6only=|so_keepalive=|setfib=|fastopen=)/;

/** On Linux a bound address and the wildcard of its port exclude each other (NX-V2). */
function wildcardConflicts(listeners: readonly Listener[]): LoadProblem[] {
  const wildcards = new Set(listeners.filter(({ address }) => isWildcard(address)).map(wildcardKey));
  return listeners.flatMap(listener => {
    if (isWildcard(listener.address) || !wildcards.has(wildcardKey(listener))) return [];
    const bound = listener.entries.find(({ listen }) => listen.parameters.some(each => BINDS.test(each)));
    if (!bound) return [];
    const origin = bound.item ? itemOrigin(bound.item) : bound.server.origin;
    return [
      refused(
        origin,
        `Unexpected bind to ${showListener(listener)} beside the wildcard of its port, which is in use then`,
      ),
    ];
  });
}

function wildcardKey({ address, udp }: Listener): string {
  return `${udp} ${address.family} ${address.port}`;
}

function serverProblems(server: Server, context: StopContext, refusals: Refusals, problems: LoadProblem[]): void {
  for (const { item, listen } of server.listens) {
    if (!item) continue;
    if (listen.invalid !== undefined)
      problems.push(refused(itemOrigin(item), `Unexpected address \`${listen.invalid}\` of \`listen\``));
    for (const parameter of listen.parameters) parameterProblem(parameter, item, server, problems);
    if (listen.quic && listen.ssl)
      problems.push(refused(itemOrigin(item), 'Unexpected `ssl` beside `quic`, expected one of them'));
  }
  engineProblem(server, context, problems);
  buildProblems(server, context, refusals, problems);
}

function parameterProblem(parameter: string, item: Item, { module }: Server, problems: LoadProblem[]): void {
  if (isTemplateWord(parameter)) return;
  const equals = parameter.indexOf('=');
  const name = equals === -1 ? parameter : parameter.slice(0, equals + 1);
  const origin = itemOrigin(item);
  const since = LISTEN_PARAMETERS[module][name];
  if (since === undefined) {
    problems.push(refused(origin, `Unexpected parameter \`${parameter}\` of \`listen\``));
    return;
  }
  problems.push(
    refused(origin, `Unexpected parameter \`${parameter}\` of \`listen\`, which nginx has since ${since}`, target => {
      if (compareVersions(target.server, version(since)) < 0) return true;
      // The module is built with libraries that have TLSv1.3 alone.
      if (name === 'quic' && !atLeast(target.openssl.version, '1.1.1')) return true;
      // 0.7.14 to 0.8.50: only on the default `listen` (commit f79878e5d).
      return (
        name === 'ssl' && module === 'http' && !atLeast(target.server, '0.8.51') && !item.node.args.some(isDefaultWord)
      );
    }),
  );
}

function isDefaultWord(word: string): boolean {
  return word === 'default' || word === 'default_server';
}

/** `ssl on` wants a certificate in its own server (ngx_http_ssl_merge_srv_conf). */
function engineProblem(server: Server, { fragment }: StopContext, problems: LoadProblem[]): void {
  if (server.module === 'stream') return;
  const last = inherited(server.scope, 'ssl', fragment).items.at(-1);
  if (last?.node.args[0] !== 'on' || hasContext(server, fragment)) return;
  problems.push(
    refused(
      itemOrigin(last),
      'Unexpected `ssl on` without `ssl_certificate`',
      target => !atLeast(target.server, '1.25.1'),
    ),
  );
}

/** By the directive that they stand in: in which servers, and so for which targets, the library refuses it. */
type Refusals = Map<Origin, Stops[]>;

/** Cipher lists, curves and commands that the library refuses, in servers that have a context. */
function buildProblems(server: Server, context: StopContext, refusals: Refusals, problems: LoadProblem[]): void {
  const { sourcedOf, fragment } = context;
  if (!hasContext(server, fragment)) return;
  const { ciphers, curve, commands } = sourcedOf(server);
  if (ciphers) addBuildProblem('ciphers', 0, ciphers, server, context, refusals, problems);
  if (curve) addBuildProblem('curve', 0, curve, server, context, refusals, problems);
  for (const [index, item] of commands.entries()) {
    addBuildProblem('command', index, item, server, context, refusals, problems);
  }
}

function addBuildProblem(
  what: 'ciphers' | 'curve' | 'command',
  index: number,
  item: Item,
  server: Server,
  { sourcedOf, evaluator, fragment }: StopContext,
  refusals: Refusals,
  problems: LoadProblem[],
): void {
  if (item.node.args.some(isTemplateWord)) return;
  const origin = itemOrigin(item);
  const sourced = sourcedOf(server);
  const fails = (target: Target) => {
    if (!createsContext(server, target, fragment)) return false;
    const { refusal } = evaluator.built(sourced, target);
    return refusal !== undefined && refusal.what === what && refusal.index === index;
  };
  const known = refusals.get(origin);
  if (known) {
    // A directive that many servers inherit is told once.
    known.push(fails);
    return;
  }
  const all = [fails];
  refusals.set(origin, all);
  const message = `Unexpected value of \`${item.node.name}\`, which OpenSSL refuses`;
  problems.push(refused(origin, message, target => all.some(stops => stops(target))));
}

/**
 * A certificate is reason enough in http. In mail TLS must be spoken (ngx_mail_ssl_merge_conf), and so it must in stream
 * before 1.25.5 (ngx_stream_ssl_merge_conf).
 */
function createsContext({ module, listens, scope }: Server, target: Target, fragment: boolean): boolean {
  if (module === 'http' || listens.some(({ listen }) => listen.ssl)) return true;
  if (module === 'stream') return atLeast(target.server, '1.25.5');
  const said = (name: string) => inherited(scope, name, fragment).items.at(-1)?.node.args[0];
  return /^(?:on|only)$/i.test(said('starttls') ?? '') || said('ssl') === 'on';
}
