/** Every directive that names protocol versions, what it reaches, and why it may change nothing. */
import type { ProtocolSet } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, Model, Origin, Statement, TokenFault } from '../../model/types.js';
import { type Column, type Facts, isHop, type Offers } from './model.js';
import { nameDecides } from './offer.js';
import { type Family, isTemplateWord } from './profile.js';
import type { Server } from './resolve.js';
import { type Item, itemOrigin, type Scope, type Settings, scopesBelow } from './scope.js';
import { knownTo, read, suggestionFor } from './settings/ssl-protocols.js';

const FAMILIES: ReadonlyArray<readonly [Family, directive: string, bit: number]> = [
  ['ssl', 'ssl_protocols', 1],
  ['proxy_ssl', 'proxy_ssl_protocols', 2],
  ['grpc_ssl', 'grpc_ssl_protocols', 4],
  ['uwsgi_ssl', 'uwsgi_ssl_protocols', 8],
];

const BITS: ReadonlyMap<string, number> = new Map(FAMILIES.map(([, directive, bit]) => [directive, bit]));

export function createStatements(facts: Facts, offers: Offers): NginxStatement[] {
  const reach = createReach(facts, offers);
  const said = createReadings();
  const statements: NginxStatement[] = [];
  for (const scope of scopesBelow(facts.top)) {
    const families = familiesIn(scope.settings);
    if (families === 0) continue;
    for (const [family, directive, bit] of FAMILIES) {
      if ((families & bit) === 0) continue;
      let earlier: Item | undefined;
      let before = 0;
      for (const item of scope.settings.get(directive) ?? []) {
        const own = said(item);
        const repeats = earlier && (own.set & ~before) === 0 ? earlier : undefined;
        statements.push(new NginxStatement(item, family, own, repeats, reach));
        before |= own.template ? 0 : own.set;
        earlier = item;
      }
    }
  }
  return statements.sort(byFirstRead(facts));
}

function familiesIn(settings: Settings): number {
  let families = 0;
  for (const { node } of settings.items()) families |= BITS.get(node.name) ?? 0;
  return families;
}

/** Scopes come in reading order; inside one, families would not. */
function byFirstRead(_: Facts) {
  return (a: NginxStatement, b: NginxStatement) =>
    a.item.file === b.item.file ? a.item.node.start - b.item.node.start : 0;
}

/** What the words of a directive say. */
interface Said {
  readonly set: ProtocolSet;
  readonly unknown: readonly string[];
  readonly template: boolean;
  /** Nothing at all. */
  readonly empty: boolean;
}

/** The same object for the same text: most directives are alike. */
function createReadings(): (item: Item) => Said {
  const known = new Map<string, Said>();
  return ({ node, file }) => {
    const text = file.source.text.slice(node.start, node.headEnd);
    let said = known.get(text);
    if (!said) {
      const { args } = node;
      said = { ...read(args), template: args.some(isTemplateWord), empty: args.length === 0 };
      known.set(text, said);
    }
    return said;
  };
}

const NO_FAULTS: readonly TokenFault[] = [];

/** A class for its prototype: there may be as many as servers. */
export class NginxStatement implements Statement {
  readonly item: Item;
  readonly family: Family;
  readonly value: ProtocolSet | null;
  readonly faults: readonly TokenFault[];
  readonly #said: Said;
  /** The one before it in its block, where that and those before it say all that this one says. */
  readonly #repeats: Item | undefined;
  readonly #reach: Reach;
  /** What `ineffective` said last, and of which view. */
  #view: View | undefined;
  #unused: Unused;

  constructor(item: Item, family: Family, said: Said, repeats: Item | undefined, reach: Reach) {
    const { unknown, template, set } = said;
    this.item = item;
    this.family = family;
    this.value = template ? null : set;
    this.faults = template || unknown.length === 0 ? NO_FAULTS : unknownFaults(unknown, item.node.words);
    this.#said = said;
    this.#repeats = repeats;
    this.#reach = reach;
  }

  get origin(): Origin {
    return itemOrigin(this.item);
  }

  get role(): 'server' | 'client' {
    return this.family === 'ssl' ? 'server' : 'client';
  }

  get words() {
    return this.item.node.words
      .slice(1)
      .map(word => ({ span: { start: word.start, end: word.end }, allows: read([word.text]).set }));
  }

  /** Whether the target does not start because of a word in it. */
  refused(target: Target): boolean {
    const { set, unknown, empty } = this.#said;
    // nginx has no variables here: what is not rendered is refused as it stands.
    return unknown.length > 0 || empty || (set & ~knownTo(target.server)) !== 0;
  }

  reaches(target: Target): readonly Endpoint[] {
    return this.#reach.reaches(this.item, this.#reach.view(target));
  }

  ineffective(target: Target): Unused {
    if (this.value === null) return undefined;
    if (this.#repeats) return repeated(this.#repeats);
    const view = this.#reach.view(target);
    const endpoints = this.#reach.reaches(this.item, view);
    if (endpoints.length > 0) return this.#reach.overridden(this.item, endpoints, target);
    if (view !== this.#view) {
      this.#unused = this.#reach.unused(this.item, this.family, target);
      this.#view = view;
    }
    return this.#unused;
  }
}

function repeated(earlier: Item) {
  return {
    why: 'repeated' as const,
    by: itemOrigin(earlier),
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

/** What is the same for targets that give the same offers and look at names alike. */
interface View {
  readonly offers: Column;
  readonly byName: boolean;
  /** Endpoints by each directive that they name as one that decided. */
  readonly decided: ReadonlyMap<Origin, readonly Endpoint[]>;
}

type Reach = ReturnType<typeof createReach>;

const NO_ENDPOINTS: readonly Endpoint[] = [];

function createReach(facts: Facts, { offer, column }: Offers) {
  const views = new Map<Target, View>();
  let made: Users | undefined;
  const usersOnce = () => {
    made ??= createUsers(facts);
    return made;
  };
  const viewOf = (target: Target): View => {
    const offers = column(target);
    const byName = nameDecides(target);
    const others = [...views.values()];
    const same = others.find(each => each.offers === offers && each.byName === byName);
    if (same) return same;
    const decided = others.find(each => decideAlike(each.offers, offers))?.decided ?? decidedIn(facts, offers);
    return { offers, byName, decided };
  };
  return {
    view(target: Target): View {
      const known = views.get(target);
      if (known) return known;
      const view = viewOf(target);
      views.set(target, view);
      return view;
    },
    reaches: (item: Item, { decided }: View) => decided.get(itemOrigin(item)) ?? NO_ENDPOINTS,
    overridden: (item: Item, endpoints: readonly Endpoint[], target: Target) =>
      overriddenByCommand(item, endpoints, target, facts, offer),
    unused: (item: Item, family: Family, target: Target) =>
      facts.fragment ? undefined : whyUnused(item, family, target, facts, usersOnce()),
  };
}

function decidedIn({ places }: Facts, offers: Column): Map<Origin, Endpoint[]> {
  const found = new Map<Origin, Endpoint[]>();
  for (const [endpoint, { index }] of places) {
    const { decidedBy, tls } = offers[index]!;
    if (tls === false) continue;
    for (const origin of decidedBy) append(found, origin, endpoint);
  }
  return found;
}

function decideAlike(one: Column, other: Column): boolean {
  return one.every(({ decidedBy, tls }, index) => {
    const offer = other[index]!;
    return offer.decidedBy === decidedBy && (offer.tls === false) === (tls === false);
  });
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
    const sourced = isHop(place) ? facts.sourced(place.scope, place.family) : facts.sourced(place.server.scope, 'ssl');
    const without = facts.evaluator.built(
      { profile: { ...sourced.profile, protocols: [] }, key: `${sourced.key}-` },
      target,
    );
    if (without.configured !== configured || configured === read(item.node.args).set) return undefined;
  }
  const by = offer(endpoints[0]!, target).decidedBy.find(each => each.directive.endsWith('_conf_command'));
  return {
    why: 'overridden-by-command' as const,
    ...(by && { by }),
    note: 'What is offered is the same without it, since OpenSSL commands are applied last.',
  };
}

function whyUnused(item: Item, family: Family, target: Target, facts: Facts, { usersOf, hopItems }: Users): Unused {
  if (family !== 'ssl')
    return hopItems.has(item) ? undefined : { why: 'no-tls', note: 'No hop to an upstream uses it.' };
  const users = usersOf(item);
  const speaking = users.find(server => speaksTls(server, target, facts, each => each !== false));
  if (users.length > 0 && !speaking) return { why: 'no-tls', note: 'No listener that it is for speaks TLS.' };
  if (!speaking) return replacedEverywhere(item, facts, target);
  if (nameDecides(target)) return undefined;
  const decider = facts.resolved.listenersOf(speaking)[0]?.first.server;
  // It decides, or might: what else is said there could not be read.
  if (decider && users.includes(decider)) return undefined;
  const by = decider && facts.sourced(decider.scope, 'ssl').protocols[0];
  return {
    why: 'non-default-server',
    ...(by && { by: itemOrigin(by) }),
    note: 'Before nginx 1.29.2 the default server of an address decides the protocols for all its names.',
  };
}

function speaksTls(server: Server, target: Target, facts: Facts, counts: (said: boolean | null) => boolean): boolean {
  return facts.resolved.listenersOf(server).some(listener => counts(facts.evaluator.speaksTls(listener, target)));
}

type Unused = ReturnType<Statement['ineffective']>;

/** Who uses what, made once. */
interface Users {
  /** Servers whose own or inherited directive it is. */
  usersOf(item: Item): readonly Server[];
  readonly hopItems: ReadonlySet<Item>;
}

function createUsers({ resolved, sourced, hops }: Facts): Users {
  const own = new Map<Scope, Server>();
  const inheriting = new Map<Item, Server[]>();
  for (const server of resolved.servers) {
    for (const item of sourced(server.scope, 'ssl').protocols) {
      if (item.scope === server.scope) own.set(server.scope, server);
      else append(inheriting, item, server);
    }
  }
  const hopItems = new Set(hops.flatMap(({ scope, family }) => sourced(scope, family).protocols));
  const usersOf = (item: Item) => {
    const server = own.get(item.scope);
    return server ? [server] : (inheriting.get(item) ?? []);
  };
  return { usersOf, hopItems };
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function replacedEverywhere(item: Item, facts: Facts, target: Target): Unused {
  const speaking = facts.resolved.servers.some(
    server => server.module === item.scope.module && speaksTls(server, target, facts, each => each === true),
  );
  if (!speaking) return { why: 'no-tls', note: 'No listener that it is for speaks TLS.' };
  return { why: 'scope-not-used', note: 'Every server below has an `ssl_protocols` of its own, which replaces it.' };
}
