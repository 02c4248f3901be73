/** What keeps nginx from starting, as far as it has to do with TLS or with reading the files at all. */
import { TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { listenProblems } from './listening.js';
import { type Evaluator, hasContext } from './offer.js';
import { locationProblems, refused, scopeProblems, structureProblems, type Told } from './placement.js';
import { type Family, isTemplateWord, type Sourced } from './profile.js';
import { inherited, isOn, type Listener, type Resolved, type Server } from './resolve.js';
import { type Item, itemOrigin, type Scope } from './scope.js';
import type { Shape } from './shape.js';
import type { Refusal } from './tls.js';
import type { Hop } from './upstream.js';

export interface StopContext {
  readonly top: Scope;
  readonly scopes: readonly Scope[];
  readonly resolved: Resolved;
  readonly evaluator: Evaluator;
  readonly hops: readonly Hop[];
  readonly sourcedOf: (server: Server) => Sourced;
  sourced(scope: Scope, family: Family): Sourced;
  /** By directives whose value the library may refuse. */
  readonly told: Map<Item, BuildProblem>;
  /** Whether a word of the directive is a template. */
  isTemplate(item: Item): boolean;
  readonly fragment: boolean;
  /** The top of the main file. */
  readonly rootOrigin: Origin;
}

export function loadProblems(facts: Omit<StopContext, 'told' | 'isTemplate'>): LoadProblem[] {
  const context: StopContext = { ...facts, told: new Map(), isTemplate: createTemplateTest() };
  const problems: LoadProblem[] = [];
  const told: Told = { versions: new Map(), keys: new Map() };
  eachScope(context, told, problems);
  for (const each of listenProblems(context.resolved)) problems.push(each);
  for (const listener of context.resolved.listeners) certificateProblem(listener, context, problems);
  eachServer(context, problems);
  for (const hop of context.hops) hopProblems(hop, context, problems);
  if (!context.fragment) structureProblems(context.top, context.rootOrigin, problems);
  return problems;
}

/** Where nothing is wrong with one server, nothing is with those of its shape, but for their locations. */
function eachScope({ scopes, resolved, fragment }: StopContext, told: Told, problems: LoadProblem[]): void {
  const fine = new Set<Shape>();
  for (const scope of scopes) {
    const shape = resolved.serverAt(scope)?.shape;
    if (shape && fine.has(shape)) {
      locationProblems(scope, fragment, told, problems);
      continue;
    }
    const before = problems.length;
    scopeProblems(scope, fragment, told, problems);
    if (shape && problems.length === before) fine.add(shape);
  }
}

/** The same of what servers need, where only the places differ of what the library may refuse. */
function eachServer(context: StopContext, problems: LoadProblem[]): void {
  const fine = new Map<Shape, readonly BuildProblem[]>();
  for (const server of context.resolved.servers) {
    const alike = fine.get(server.shape);
    if (alike) {
      for (const each of alike) problems.push(each.at(counterpart(each.item, server)));
      continue;
    }
    const before = problems.length;
    needProblems(server, context, problems);
    const isFine = problems.length === before;
    sourcedProblems(context.sourcedOf(server), server, context, problems);
    const made = problems.slice(before).filter(each => each instanceof BuildProblem);
    if (isFine)
      fine.set(
        server.shape,
        made.filter(({ item }) => item.scope === server.scope),
      );
  }
}

/** The directive at the same place of another server of the shape. */
function counterpart({ scope, node }: Item, server: Server): Item {
  return server.scope.settings.items()[scope.settings.items().findIndex(each => each.node === node)]!;
}

/** Told once for the same text: most directives are alike. */
function createTemplateTest(): (item: Item) => boolean {
  const known = new Map<string, boolean>();
  return ({ node, file }) => {
    const text = file.source.text.slice(node.start, node.headEnd);
    let template = known.get(text);
    if (template === undefined) {
      template = node.args.some(isTemplateWord);
      known.set(text, template);
    }
    return template;
  };
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

function needProblems(server: Server, context: StopContext, problems: LoadProblem[]): void {
  keyProblem(server, context, problems);
  verifyProblem(server, context, problems);
  engineProblem(server, context, problems);
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

/** A hop to an upstream has a context where it speaks TLS, or may (ngx_http_proxy_set_ssl). */
function hopProblems({ scope, family, tls }: Hop, context: StopContext, problems: LoadProblem[]): void {
  if (tls !== false) sourcedProblems(context.sourced(scope, family), undefined, context, problems);
}

/** Cipher lists, groups and commands that the library refuses, where there is a context. */
function sourcedProblems(
  sourced: Sourced,
  server: Server | undefined,
  context: StopContext,
  problems: LoadProblem[],
): void {
  const add = (what: Refusal['what'], index: number, item: Item) => {
    if (!context.isTemplate(item)) addBuildProblem(item, { what, index, sourced, server }, context, problems);
  };
  const { ciphers, curve, commands } = sourced;
  if (ciphers) add('ciphers', 0, ciphers);
  if (curve) add('curve', 0, curve);
  for (const [index, item] of commands.entries()) add('command', index, item);
}

/** One use of a directive whose value the library may refuse: by a server, or by a hop where there is none. */
interface Use {
  readonly what: Refusal['what'];
  readonly index: number;
  readonly sourced: Sourced;
  readonly server: Server | undefined;
}

/** A directive that many servers inherit is told once. */
function addBuildProblem(item: Item, use: Use, context: StopContext, problems: LoadProblem[]): void {
  const known = context.told.get(item);
  if (known) known.uses.push(use);
  else {
    const made = new BuildProblem(item, use, context);
    context.told.set(item, made);
    problems.push(made);
  }
}

/** A class for its prototype: there may be as many as servers. */
class BuildProblem implements LoadProblem {
  readonly kind = 'refused';
  readonly item: Item;
  readonly uses: Use[];
  readonly #context: StopContext;

  constructor(item: Item, use: Use, context: StopContext) {
    this.item = item;
    this.uses = [use];
    this.#context = context;
  }

  get origin(): Origin {
    return itemOrigin(this.item);
  }

  get message(): string {
    return `Unexpected value of \`${this.item.node.name}\`, which OpenSSL refuses`;
  }

  /** The same of another server of the shape. */
  at(item: Item): BuildProblem {
    const made = new BuildProblem(item, this.uses[0]!, this.#context);
    this.#context.told.set(item, made);
    return made;
  }

  stops(target: Target): boolean {
    const { evaluator, fragment } = this.#context;
    return this.uses.some(({ what, index, sourced, server }) => {
      const { refusal } = evaluator.built(sourced, target);
      if (refusal === undefined || refusal.what !== what || refusal.index !== index) return false;
      return server === undefined || buildsContext(server, target, fragment);
    });
  }
}
