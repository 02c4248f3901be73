/** Which endpoints a directive about protocols reaches, and why it may change nothing. */
import type { Target } from '../../model/target.js';
import type { Endpoint, Origin, Statement } from '../../model/types.js';
import { isHop } from './endpoint.js';
import type { Facts } from './model.js';
import type { Family } from './profile.js';
import type { Server } from './resolve.js';
import { type Item, itemOrigin } from './scope.js';
import { read } from './settings/ssl-protocols.js';
import type { Shape } from './shape.js';
import { mayPass, type Offers, type View, withoutProtocols } from './views.js';

export interface Reach {
  view(target: Target): View;
  /** In the order of the model's endpoints. */
  reaches(item: Item, family: Family, view: View): readonly Endpoint[];
  ineffective(item: Item, family: Family, target: Target, view: View): Unused;
}

export type Unused = ReturnType<Statement['ineffective']>;

const NO_ENDPOINTS: readonly Endpoint[] = [];
const NO_SERVERS: readonly Server[] = [];

export function createReach(facts: Facts, offers: Offers): Reach {
  let made: Users | undefined;
  const users = () => {
    made ??= createUsers(facts);
    return made;
  };
  const decided = createDecided(facts);
  const reaches: Reach['reaches'] = (item, family, view) => {
    const endpoints =
      family === 'ssl' ? decided(item, users().usersOf(item), view) : (users().hopEndpoints.get(item) ?? NO_ENDPOINTS);
    return endpoints.filter(endpoint => view.tlsAt(facts.placeOf(endpoint)!) !== false);
  };
  const workOut = (item: Item, family: Family, target: Target, view: View): Unused => {
    const endpoints = reaches(item, family, view);
    if (endpoints.length > 0) return overriddenByCommand(item, endpoints, target, facts, view);
    return facts.fragment ? undefined : whyUnused(item, family, target, view, facts, users());
  };
  const shared = createShared(facts);
  const ineffective: Reach['ineffective'] = (item, family, target, view) => {
    const known = family === 'ssl' ? shared(item, view) : undefined;
    if (!known) return workOut(item, family, target, view);
    if ('result' in known) return known.result;
    const result = workOut(item, family, target, view);
    // That one names a line of the server itself.
    if (result?.why !== 'overridden-by-command') known.result = result;
    return result;
  };
  return { view: offers.view, reaches, ineffective };
}

/** What the directive at one place of all servers of a shape comes to, for one view. */
interface Shared {
  result?: Unused;
}

/** Servers of one shape listen on the same, so that what one says comes to the same unless it is a default server. */
function createShared({ resolved }: Facts): (item: Item, view: View) => Shared | undefined {
  const defaults = new Set(resolved.listeners.map(({ first }) => first.server.scope));
  const byShape = new Map<Shape, Map<View, Shared[]>>();
  return (item, view) => {
    const { scope } = item;
    const shape = resolved.serverAt(scope)?.shape;
    if (!shape || defaults.has(scope)) return undefined;
    const byView = byShape.get(shape) ?? new Map<View, Shared[]>();
    byShape.set(shape, byView);
    const places = byView.get(view) ?? [];
    byView.set(view, places);
    const place = scope.settings.items().indexOf(item);
    const known = places[place] ?? {};
    places[place] = known;
    return known;
  };
}

/** Who uses what, made once. */
interface Users {
  /** Servers whose own or inherited directive it is. */
  usersOf(item: Item): readonly Server[];
  /** Of hops, by each directive that they use. */
  readonly hopEndpoints: ReadonlyMap<Item, readonly Endpoint[]>;
}

function createUsers({ resolved, sourced, hops }: Facts): Users {
  const inheriting = new Map<Item, Server[]>();
  const owners = new Set<Shape>();
  for (const server of resolved.servers) {
    const { sample } = server.shape;
    const { protocols } = sourced(sample, 'ssl');
    if (protocols[0]?.scope === sample) owners.add(server.shape);
    else for (const item of protocols) append(inheriting, item, server);
  }
  const hopEndpoints = new Map<Item, Endpoint[]>();
  for (const { scope, family, endpoint } of hops)
    for (const item of sourced(scope, family).protocols) append(hopEndpoints, item, endpoint);
  const usersOf = (item: Item) => {
    const server = resolved.serverAt(item.scope);
    return server && owners.has(server.shape) ? [server] : (inheriting.get(item) ?? NO_SERVERS);
  };
  return { usersOf, hopEndpoints };
}

/** Endpoints of listeners for which one of the servers decides. */
function createDecided({ endpoints, placeOf }: Facts) {
  const tables = new Map<boolean, Map<Server, Endpoint[]>>();
  const tableOf = (byName: boolean) => {
    const known = tables.get(byName);
    if (known) return known;
    const made = new Map<Server, Endpoint[]>();
    for (const endpoint of endpoints) {
      const place = placeOf(endpoint)!;
      if (!isHop(place) && !mayPass(place)) append(made, place.decider(byName), endpoint);
    }
    tables.set(byName, made);
    return made;
  };
  let passing: readonly Endpoint[] | undefined;
  const passingOnce = () => {
    passing ??= endpoints.filter(endpoint => {
      const place = placeOf(endpoint)!;
      return !isHop(place) && mayPass(place);
    });
    return passing;
  };
  return (item: Item, servers: readonly Server[], view: View): readonly Endpoint[] => {
    const table = tableOf(view.byName);
    // Where a client is passed on, the server decides that it comes to.
    const passed = passingOnce().filter(endpoint =>
      view.offerAt(placeOf(endpoint)!).decidedBy.includes(itemOrigin(item)),
    );
    if (passed.length === 0 && servers.length < 2) return table.get(servers[0]!) ?? NO_ENDPOINTS;
    const found = new Set([...servers.flatMap(server => table.get(server) ?? NO_ENDPOINTS), ...passed]);
    return endpoints.filter(endpoint => found.has(endpoint));
  };
}

/** A command such as `Protocol -ALL,TLSv1.2` may leave nothing of what the directive says. */
function overriddenByCommand(item: Item, endpoints: readonly Endpoint[], target: Target, facts: Facts, view: View) {
  const offerTo = (endpoint: Endpoint) => view.offerAt(facts.placeOf(endpoint)!);
  for (const endpoint of endpoints) {
    const { decidedBy, configured } = offerTo(endpoint);
    const command = decidedBy.find(isCommand);
    if (!command || configured === null) return undefined;
    const place = facts.placeOf(endpoint)!;
    const sourced = isHop(place)
      ? facts.sourced(place.scope, place.family)
      : facts.sourced(place.decider(view.byName).scope, 'ssl');
    const without = facts.evaluator.built(withoutProtocols(sourced), target);
    if (without.configured !== configured || configured === read(item.node.args).set) return undefined;
  }
  const by = offerTo(endpoints[0]!).decidedBy.find(isCommand);
  return {
    why: 'overridden-by-command' as const,
    ...(by && { by }),
    note: 'What is offered is the same without it, since OpenSSL commands are applied last.',
  };
}

function isCommand({ directive }: Origin): boolean {
  return directive.endsWith('_conf_command');
}

function whyUnused(
  item: Item,
  family: Family,
  target: Target,
  { byName }: View,
  facts: Facts,
  { usersOf, hopEndpoints }: Users,
): Unused {
  if (family !== 'ssl')
    return hopEndpoints.has(item) ? undefined : { why: 'no-tls', note: 'No hop to an upstream uses it.' };
  const users = usersOf(item);
  const speaking = users.find(server => speaksTls(server, target, facts, each => each !== false));
  if (users.length > 0 && !speaking) return { why: 'no-tls', note: 'No listener that it is for speaks TLS.' };
  if (!speaking) return replacedEverywhere(item, facts, target);
  if (byName) return undefined;
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

function replacedEverywhere(item: Item, facts: Facts, target: Target): Unused {
  const speaking = facts.resolved.servers.some(
    server => server.module === item.scope.module && speaksTls(server, target, facts, each => each === true),
  );
  if (!speaking) return { why: 'no-tls', note: 'No listener that it is for speaks TLS.' };
  return { why: 'scope-not-used', note: 'Every server below has an `ssl_protocols` of its own, which replaces it.' };
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
