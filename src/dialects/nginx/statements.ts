/** Every directive that names protocol versions, what it reaches, and why it may change nothing. */
import type { ProtocolSet } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, Model, Offer, Origin, Statement, TokenFault } from '../../model/types.js';
import type { Facts, Offers } from './model.js';
import { nameDecides } from './offer.js';
import { type Family, isTemplateWord } from './profile.js';
import type { Listener, Server } from './resolve.js';
import { type Item, itemOrigin, scopesBelow } from './scopes.js';
import { knownTo, read, suggestionFor } from './settings/ssl-protocols.js';

export interface NginxStatement extends Statement {
  readonly item: Item;
  readonly family: Family;
  /** Whether the target does not start because of a word in it. */
  refused(target: Target): boolean;
}

const FAMILIES: ReadonlyArray<readonly [Family, directive: string]> = [
  ['ssl', 'ssl_protocols'],
  ['proxy_ssl', 'proxy_ssl_protocols'],
  ['grpc_ssl', 'grpc_ssl_protocols'],
  ['uwsgi_ssl', 'uwsgi_ssl_protocols'],
];

export function createStatements(facts: Facts, offers: Offers): NginxStatement[] {
  const reach = createReach(facts, offers);
  const statements: NginxStatement[] = [];
  for (const scope of scopesBelow(facts.top)) {
    if (scope.settings.size === 0) continue;
    for (const [family, directive] of FAMILIES) {
      const items = scope.settings.get(directive);
      if (!items) continue;
      let before = 0;
      for (const item of items) {
        const statement = createStatement(item, family, before, items, reach);
        before |= statement.value ?? 0;
        statements.push(statement);
      }
    }
  }
  return statements.sort(byFirstRead(facts));
}

/** Scopes come in reading order; inside one, families would not. */
function byFirstRead(_: Facts) {
  return (a: NginxStatement, b: NginxStatement) =>
    a.item.file === b.item.file ? a.item.node.start - b.item.node.start : 0;
}

function createStatement(
  item: Item,
  family: Family,
  before: ProtocolSet,
  level: readonly Item[],
  reach: ReturnType<typeof createReach>,
): NginxStatement {
  const { node } = item;
  const { args } = node;
  const template = args.some(isTemplateWord);
  const { set, unknown } = read(args);
  const value = template ? null : set;
  const origin = itemOrigin(item);
  const faults = template || unknown.length === 0 ? [] : unknownFaults(unknown, node.words);
  const unsupported = (target: Target) => set & ~knownTo(target.server);
  return {
    item,
    family,
    origin,
    role: family === 'ssl' ? 'server' : 'client',
    value,
    // Only the few that something is wrong with are asked for them.
    get words() {
      return node.words
        .slice(1)
        .map(word => ({ span: { start: word.start, end: word.end }, allows: read([word.text]).set }));
    },
    faults,
    // nginx has no variables here: what is not rendered is refused as it stands.
    refused: target => unknown.length > 0 || args.length === 0 || unsupported(target) !== 0,
    reaches: target => reach.reaches(item, target),
    ineffective(target) {
      if (value === null) return undefined;
      if (level.length > 1 && (set & ~before) === 0 && item !== level[0]) return repeated(level, item);
      return reach.ineffective(item, family, target);
    },
  };
}

function repeated(level: readonly Item[], item: Item) {
  const by = itemOrigin(level[level.indexOf(item) - 1]!);
  return {
    why: 'repeated' as const,
    by,
    note: 'All its versions are allowed already, since nginx adds up the directives of one block.',
  };
}

/** Each token at the first word that says it. */
function unknownFaults(tokens: readonly string[], words: Item['node']['words']): TokenFault[] {
  const places = new Map<string, Item['node']['words'][number]>();
  for (const word of words.slice(1)) if (!places.has(word.text)) places.set(word.text, word);
  return tokens.map(token => unknownFault(token, places.get(token)!));
}

function unknownFault(token: string, { start, end }: { start: number; end: number }): TokenFault {
  const suggestion = suggestionFor(token);
  return { kind: 'unknown', token, span: { start, end }, ...(suggestion !== undefined && { suggestion }) };
}

function createReach(facts: Facts, { offer, column }: Offers) {
  const byColumn = new Map<readonly Offer[], Map<Origin, Endpoint[]>>();
  /** Which endpoints name each directive as one that decided. */
  const index = (target: Target) => {
    const offers = column(target);
    const known = byColumn.get(offers);
    if (known) return known;
    const found = new Map<Origin, Endpoint[]>();
    for (const [endpoint, { index: at }] of facts.places) {
      const { decidedBy, tls } = offers[at]!;
      if (tls === false) continue;
      for (const origin of decidedBy) {
        append(found, origin, endpoint);
      }
    }
    byColumn.set(offers, found);
    return found;
  };
  let made: Index | undefined;
  const indexOnce = () => {
    made ??= createIndex(facts);
    return made;
  };
  /** The same for all targets with the same offers that look at names alike. */
  const unusedBy = new Map<readonly Offer[], readonly [byDefault: Map<Item, Unused>, byName: Map<Item, Unused>]>();
  const unusedIn = (item: Item, family: Family, target: Target): Unused => {
    const offers = column(target);
    const both = unusedBy.get(offers) ?? [new Map(), new Map()];
    unusedBy.set(offers, both);
    const known = both[nameDecides(target) ? 1 : 0];
    if (!known.has(item)) known.set(item, whyUnused(item, family, target, facts, indexOnce()));
    return known.get(item);
  };
  const reaches = (item: Item, target: Target): readonly Endpoint[] => index(target).get(itemOrigin(item)) ?? [];
  return {
    reaches,
    ineffective(item: Item, family: Family, target: Target): ReturnType<Statement['ineffective']> {
      const endpoints = reaches(item, target);
      if (endpoints.length > 0) return overriddenByCommand(item, endpoints, target, facts, offer);
      if (facts.fragment) return undefined;
      return unusedIn(item, family, target);
    },
  };
}

/** A command such as `Protocol -ALL,TLSv1.2` may leave nothing of what the directive says. */
function overriddenByCommand(
  item: Item,
  endpoints: readonly Endpoint[],
  target: Target,
  facts: Facts,
  offer: Model['offer'],
) {
  for (const endpoint of endpoints) {
    const { decidedBy, configured } = offer(endpoint, target);
    const command = decidedBy.find(origin => origin.directive.endsWith('_conf_command'));
    if (!command || configured === null) return undefined;
    const place = facts.places.get(endpoint)!;
    const scope = 'hop' in place ? place.hop.scope : place.server.scope;
    const sourced = facts.sourced(scope, 'hop' in place ? place.hop.family : 'ssl');
    const without = facts.evaluator.built(
      { ...sourced, profile: { ...sourced.profile, protocols: [] }, key: `${sourced.key}-` },
      target,
    );
    if (without.configured !== configured || configured === read(item.node.args).set) return undefined;
  }
  const by =
    facts.places.size > 0
      ? offer(endpoints[0]!, target).decidedBy.find(each => each.directive.endsWith('_conf_command'))
      : undefined;
  return {
    why: 'overridden-by-command' as const,
    ...(by && { by }),
    note: 'What is offered is the same without it, since OpenSSL commands are applied last.',
  };
}

function whyUnused(item: Item, family: Family, target: Target, facts: Facts, index: Index): Unused {
  if (family !== 'ssl')
    return index.hopItems.has(item) ? undefined : { why: 'no-tls', note: 'No hop to an upstream uses it.' };
  const users = index.users.get(item) ?? [];
  const speaking = users.find(server =>
    index.listeners.get(server)?.some(listener => facts.evaluator.speaksTls(listener, target) !== false),
  );
  if (users.length > 0 && !speaking) return { why: 'no-tls', note: 'No listener that it is for speaks TLS.' };
  if (!speaking) return replacedEverywhere(item, facts, target, index);
  if (nameDecides(target)) return undefined;
  const decider = index.listeners.get(speaking)?.[0]?.first.server;
  // It decides, or might: what else is said there could not be read.
  if (decider && users.includes(decider)) return undefined;
  const by = decider && facts.sourced(decider.scope, 'ssl').protocols[0];
  return {
    why: 'non-default-server',
    ...(by && { by: itemOrigin(by) }),
    note: 'Before nginx 1.29.2 the default server of an address decides the protocols for all its names.',
  };
}

type Unused = ReturnType<Statement['ineffective']>;

/** Who uses what, made once. */
interface Index {
  /** Servers whose own or inherited directive it is. */
  readonly users: ReadonlyMap<Item, readonly Server[]>;
  readonly hopItems: ReadonlySet<Item>;
  readonly listeners: ReadonlyMap<Server, readonly Listener[]>;
}

function createIndex({ resolved, sourced, hops }: Facts): Index {
  const users = new Map<Item, Server[]>();
  const listeners = new Map<Server, Listener[]>();
  for (const server of resolved.servers) {
    for (const item of sourced(server.scope, 'ssl').protocols) append(users, item, server);
  }
  for (const listener of resolved.listeners) for (const server of listener.servers) append(listeners, server, listener);
  const hopItems = new Set(hops.flatMap(({ scope, family }) => sourced(scope, family).protocols));
  return { users, hopItems, listeners };
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function replacedEverywhere(item: Item, facts: Facts, target: Target, index: Index): Unused {
  const speaking = facts.resolved.servers.some(
    server =>
      server.module === item.scope.module &&
      index.listeners.get(server)?.some(each => facts.evaluator.speaksTls(each, target)),
  );
  if (!speaking) return { why: 'no-tls', note: 'No listener that it is for speaks TLS.' };
  return { why: 'scope-not-used', note: 'Every server below has an `ssl_protocols` of its own, which replaces it.' };
}
