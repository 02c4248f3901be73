/** What keeps nginx from starting, as far as it has to do with TLS or with reading the files at all. */
import { TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { listenProblems } from './listening.js';
import { type Evaluator, hasContext } from './offer.js';
import { refused, scopeProblems, structureProblems } from './placement.js';
import { type Family, isTemplateWord, type Sourced } from './profile.js';
import { inherited, isOn, type Listener, type Resolved, type Server } from './resolve.js';
import { type Item, itemOrigin, type Scope, scopesBelow } from './scopes.js';
import type { Refusal } from './tls.js';
import type { Hop } from './upstream.js';

export interface StopContext {
  readonly top: Scope;
  readonly resolved: Resolved;
  readonly evaluator: Evaluator;
  readonly hops: readonly Hop[];
  readonly sourcedOf: (server: Server) => Sourced;
  readonly sourcedAt: (scope: Scope, family: Family) => Sourced;
  /** Directives whose value the library may refuse: when it does, for each use. */
  readonly told: Map<Origin, Array<(target: Target) => boolean>>;
  readonly fragment: boolean;
  /** The top of the main file. */
  readonly rootOrigin: Origin;
}

export function loadProblems(facts: Omit<StopContext, 'told'>): LoadProblem[] {
  const context: StopContext = { ...facts, told: new Map() };
  const problems: LoadProblem[] = [];
  const told = new Set<string>();
  for (const scope of scopesBelow(context.top)) scopeProblems(scope, context.fragment, told, problems);
  for (const each of listenProblems(context.resolved)) problems.push(each);
  for (const listener of context.resolved.listeners) certificateProblem(listener, context, problems);
  for (const server of context.resolved.servers) serverProblems(server, context, problems);
  for (const hop of context.hops) hopProblems(hop, context, problems);
  if (!context.fragment) structureProblems(context.top, context.rootOrigin, problems);
  return problems;
}

function certificateProblem(
  listener: Listener,
  { evaluator, fragment, sourcedOf }: StopContext,
  problems: LoadProblem[],
): void {
  const { server, item } = listener.first;
  const entry = listener.entries.find(({ listen }) => listen.ssl || listen.quic);
  if (!entry) return;
  const origin = item ? itemOrigin(item) : server.origin;
  if (!hasContext(server, fragment)) {
    const message = 'Unexpected TLS listener without `ssl_certificate` in its default server';
    // Before 1.15.0 the server starts, and every handshake fails (NX-V4).
    problems.push(refused(origin, message, target => atLeast(target.server, '1.15.0')));
  } else rejectingProblem(listener, fragment, problems);
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

/** ngx_http_ssl_init: where the default server has no certificate and rejects, every other one must have one or reject too. */
function rejectingProblem({ first, entries }: Listener, fragment: boolean, problems: LoadProblem[]): void {
  const { items, gap } = inherited(first.server.scope, 'ssl_certificate', fragment);
  if (items.length > 0 || gap !== undefined) return;
  const bare = entries.find(({ server }) => !hasContext(server, fragment));
  if (!bare) return;
  const origin = bare.item ? itemOrigin(bare.item) : bare.server.origin;
  problems.push(
    refused(origin, 'Unexpected server without `ssl_certificate` beside a default server that has none either'),
  );
}

function serverProblems(server: Server, context: StopContext, problems: LoadProblem[]): void {
  keyProblem(server, context, problems);
  verifyProblem(server, context, problems);
  engineProblem(server, context, problems);
  buildProblems(server, context, problems);
}

/** ngx_*_ssl_merge_srv_conf: a key for each certificate. */
function keyProblem(server: Server, { fragment }: StopContext, problems: LoadProblem[]): void {
  const certificates = inherited(server.scope, 'ssl_certificate', fragment);
  const keys = inherited(server.scope, 'ssl_certificate_key', fragment);
  const [, second] = certificates.items;
  if (second) {
    const message = 'Unexpected second `ssl_certificate`, which nginx takes since 1.11.0';
    problems.push(refused(itemOrigin(second), message, target => !atLeast(target.server, '1.11.0')));
  }
  const last = certificates.items.at(-1);
  if (!last || certificates.gap !== undefined || keys.gap !== undefined) return;
  if (keys.items.length >= certificates.items.length) return;
  const message = 'Unexpected `ssl_certificate` without an `ssl_certificate_key`';
  problems.push(refused(itemOrigin(last), message, target => buildsContext(server, target, fragment)));
}

function verifyProblem(server: Server, { fragment }: StopContext, problems: LoadProblem[]): void {
  const verify = inherited(server.scope, 'ssl_verify_client', fragment).items.at(-1);
  if (!verify || !/^(?:on|optional|ask)$/i.test(verify.node.args[0] ?? '')) return;
  const has = (name: string) => {
    const { items, gap } = inherited(server.scope, name, fragment);
    return items.length > 0 || gap !== undefined;
  };
  if (has('ssl_client_certificate')) return;
  const trusted = has('ssl_trusted_certificate');
  const message = 'Unexpected `ssl_verify_client` without `ssl_client_certificate`';
  problems.push(
    refused(itemOrigin(verify), message, target => {
      // CHANGES 1.27.2: the certificates may be those of `ssl_trusted_certificate`.
      return buildsContext(server, target, fragment) && !(trusted && atLeast(target.server, '1.27.2'));
    }),
  );
}

/** Whether this server gets an SSL_CTX; what it would be refused for is not looked at otherwise. */
export function buildsContext(server: Server, target: Target, fragment: boolean): boolean {
  const listens = server.listens.some(({ listen }) => listen.ssl);
  if (server.module === 'mail') return listens || startsTls(server, fragment) || engineOn(server, target, fragment);
  if (!hasContext(server, fragment)) return false;
  if (server.module === 'http') return true;
  return listens || atLeast(target.server, '1.25.5') || !atLeast(target.server, '1.15.0');
}

function startsTls(server: Server, fragment: boolean): boolean {
  return /^(?:on|only)$/i.test(inherited(server.scope, 'starttls', fragment).items.at(-1)?.node.args[0] ?? '');
}

function engineOn(server: Server, target: Target, fragment: boolean): boolean {
  return !atLeast(target.server, '1.25.1') && isOn(inherited(server.scope, 'ssl', fragment).items.at(-1));
}

/** `ssl on` and `starttls` want a certificate in their own server (ngx_http_ssl_merge_srv_conf, ngx_mail_ssl_merge_conf). */
function engineProblem(server: Server, { fragment }: StopContext, problems: LoadProblem[]): void {
  if (server.module === 'stream') return;
  const engine = inherited(server.scope, 'ssl', fragment).items.at(-1);
  const old: (target: Target) => boolean = target => !atLeast(target.server, '1.25.1');
  if (isOn(engine) && !hasContext(server, fragment))
    problems.push(refused(itemOrigin(engine), 'Unexpected `ssl on` without `ssl_certificate`', old));
  if (server.module !== 'mail' || !startsTls(server, fragment)) return;
  const starttls = inherited(server.scope, 'starttls', fragment).items.at(-1)!;
  if (!hasContext(server, fragment))
    problems.push(refused(itemOrigin(starttls), 'Unexpected `starttls` without `ssl_certificate`'));
  if (isOn(engine) && engine.scope === starttls.scope)
    problems.push(refused(itemOrigin(starttls), 'Unexpected `starttls` beside `ssl on`, expected one of them', old));
}

/** Cipher lists, groups and commands that the library refuses, in servers that have a context. */
function buildProblems(server: Server, context: StopContext, problems: LoadProblem[]): void {
  const { sourcedOf, fragment } = context;
  const sourced = sourcedOf(server);
  sourcedProblems(sourced, context, problems, target => buildsContext(server, target, fragment));
}

/** A hop to an upstream has a context where it speaks TLS, or may (ngx_http_proxy_set_ssl). */
function hopProblems({ scope, family, tls }: Hop, context: StopContext, problems: LoadProblem[]): void {
  if (tls !== false) sourcedProblems(context.sourcedAt(scope, family), context, problems, () => true);
}

function sourcedProblems(
  sourced: Sourced,
  context: StopContext,
  problems: LoadProblem[],
  builds: (target: Target) => boolean,
): void {
  const add = (what: Refusal['what'], index: number, item: Item | undefined) => {
    if (item) addBuildProblem({ what, index, item }, sourced, context, problems, builds);
  };
  add('ciphers', 0, sourced.ciphers);
  add('curve', 0, sourced.curve);
  for (const [index, item] of sourced.commands.entries()) add('command', index, item);
}

/** A directive that many servers inherit is told once. */
function addBuildProblem(
  { what, index, item }: { what: Refusal['what']; index: number; item: Item },
  sourced: Sourced,
  { evaluator, told }: StopContext,
  problems: LoadProblem[],
  builds: (target: Target) => boolean,
): void {
  if (item.node.args.some(isTemplateWord)) return;
  const origin = itemOrigin(item);
  const fails = (target: Target) => {
    if (!builds(target)) return false;
    const { refusal } = evaluator.built(sourced, target);
    return refusal !== undefined && refusal.what === what && refusal.index === index;
  };
  const known = told.get(origin);
  if (known) known.push(fails);
  else {
    const all = [fails];
    told.set(origin, all);
    const message = `Unexpected value of \`${item.node.name}\`, which OpenSSL refuses`;
    problems.push(refused(origin, message, target => all.some(each => each(target))));
  }
}
