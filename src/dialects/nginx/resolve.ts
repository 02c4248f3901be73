/** From scopes to listeners and servers: addresses, default servers, inheritance (NX-V1, NX-V2, NX-M1 to NX-M3). */
import type { Origin } from '../../model/types.js';
import { type Address, addressKey, type Listen, readListen, showAddress } from './listen.js';
import { type Item, itemOrigin, type ModuleName, type Scope } from './scope.js';
import { createShapes, type Shape } from './shape.js';

export interface Server {
  readonly scope: Scope;
  readonly shape: Shape;
  readonly module: ModuleName;
  readonly origin: Origin;
  readonly names: readonly string[];
  readonly listens: readonly Entry[];
}

/** A `listen`, or what a server without one listens on. */
export interface Entry {
  readonly server: Server;
  readonly listen: Listen;
  readonly item: Item | undefined;
}

/** All servers of one address, TCP or UDP. */
export interface Listener {
  readonly key: string;
  readonly address: Address;
  readonly module: ModuleName;
  readonly udp: boolean;
  readonly entries: readonly Entry[];
  /** The entry whose server answers where no other does (NX-V1). */
  readonly first: Entry;
  /** Each once, in reading order. */
  readonly servers: readonly Server[];
  /** `ssl` or `quic` on any entry is for all (NX-V4). */
  readonly ssl: boolean;
  readonly quic: boolean;
}

export interface Resolved {
  readonly servers: readonly Server[];
  readonly listeners: readonly Listener[];
  /** `location`s and servers that hand on to a TLS upstream are found below these. */
  readonly modules: readonly Scope[];
  /** Listen addresses that can't be known, with the reason. */
  readonly unknownListens: ReadonlyArray<{ readonly server: Server; readonly reason: string }>;
  /** The server that a block is. */
  serverAt(scope: Scope): Server | undefined;
  /** Those of one server, in the order of all. */
  listenersOf(server: Server): readonly Listener[];
}

const NO_ITEMS: readonly Item[] = [];

/** In a fragment a `server` may stand at the top; it is taken for one of http. */
export function resolve(scopes: readonly Scope[], fragment: boolean): Resolved {
  const shapeOf = createShapes();
  const modules: Scope[] = [];
  const servers: Server[] = [];
  const byScope = new Map<Scope, Server>();
  const unknownListens: Array<{ server: Server; reason: string }> = [];
  const found = new Map<string, Found>();
  const listens = new Map<string, Listen>();
  const byListen = new Map<Listen, readonly Found[]>();
  for (const scope of scopes) {
    if (scope.kind === 'http' || scope.kind === 'stream' || scope.kind === 'mail') modules.push(scope);
    const module = scope.module ?? (fragment ? 'http' : undefined);
    if (scope.kind !== 'server' || !module || !isServerPlace(scope, fragment)) continue;
    const server = readServer(scope, shapeOf(scope), module, listens);
    servers.push(server);
    byScope.set(scope, server);
    for (const entry of server.listens) {
      const { listen } = entry;
      if (listen.unknown) unknownListens.push({ server, reason: listen.unknown });
      const known = byListen.get(listen);
      if (known) for (const each of known) each.entries.push(entry);
      else byListen.set(listen, addEntries(found, entry, module));
    }
  }
  const listeners = [...found.values()].map(toListener);
  const listenersOf = createLookUp([...found.values()], listeners, byListen);
  const serverAt = (scope: Scope) => byScope.get(scope);
  return { servers, listeners, modules, unknownListens, serverAt, listenersOf };
}

/** Servers that listen on the same are mostly neighbours, so that the last answer is often the next. */
function createLookUp(
  found: readonly Found[],
  listeners: readonly Listener[],
  byListen: ReadonlyMap<Listen, readonly Found[]>,
): Resolved['listenersOf'] {
  const order = new Map(found.map((each, index) => [each, index]));
  let last: Server | undefined;
  let answer: readonly Listener[] = [];
  return server => {
    if (last && haveSameListens(last, server)) return answer;
    const indices = server.listens.flatMap(({ listen }) => byListen.get(listen)!.map(each => order.get(each)!));
    answer = [...new Set(indices)].sort((a, b) => a - b).map(index => listeners[index]!);
    last = server;
    return answer;
  };
}

function haveSameListens({ listens: some }: Server, { listens: others }: Server): boolean {
  return some.length === others.length && some.every(({ listen }, index) => listen === others[index]!.listen);
}

function isServerPlace(scope: Scope, fragment: boolean): boolean {
  const parent = scope.parent?.kind;
  return parent === 'http' || parent === 'stream' || parent === 'mail' || (fragment && parent === 'main');
}

/** The same object for the same words. */
function listenOf({ node, file }: Item, module: ModuleName, known: Map<string, Listen>): Listen {
  const key = `${module} ${file.source.text.slice(node.start, node.headEnd)}`;
  const found = known.get(key);
  if (found) return found;
  const made = readListen(node.args, module);
  known.set(key, made);
  return made;
}

function readServer(scope: Scope, shape: Shape, module: ModuleName, known: Map<string, Listen>): Server {
  const listens: Entry[] = [];
  const server: Server = { scope, shape, module, origin: itemOrigin(scope.item!), names: namesIn(scope), listens };
  for (const item of scope.settings.get('listen') ?? NO_ITEMS)
    listens.push({ server, listen: listenOf(item, module, known), item });
  // ngx_http_core_server: without a `listen` it is *:80 for root, *:8000 for others.
  const written = listens.length > 0 || module !== 'http' || scope.gaps.length > 0;
  if (!written) listens.push({ server, listen: readListen(['80'], module), item: undefined });
  return server;
}

function namesIn({ settings }: Scope): readonly string[] {
  const items = settings.get('server_name') ?? NO_ITEMS;
  const names = items.length === 1 ? items[0]!.node.args : items.flatMap(({ node }) => node.args);
  return names.includes('') ? names.filter(name => name !== '') : names;
}

type Found = Pick<Listener, 'key' | 'address' | 'module' | 'udp'> & { readonly entries: Entry[] };

/** One for each address of the entry. */
function addEntries(all: Map<string, Found>, entry: Entry, module: ModuleName): Found[] {
  const { udp, addresses } = entry.listen;
  return addresses.map(address => {
    const key = `${module} ${addressKey(address, udp)}`;
    const found = all.get(key) ?? { key, address, module, udp, entries: [] };
    all.set(key, found);
    found.entries.push(entry);
    return found;
  });
}

function toListener(found: Found): Listener {
  const { entries } = found;
  return {
    ...found,
    first: entries.find(({ listen }) => listen.default) ?? entries[0]!,
    servers: [...new Set(entries.map(({ server }) => server))],
    ssl: entries.some(({ listen }) => listen.ssl),
    quic: entries.some(({ listen }) => listen.quic),
  };
}

export function showListener({ address }: Listener): string {
  return showAddress(address);
}

/** A setting where it holds: the items of the nearest scope that has any, and what may be hidden on the way. */
export interface Inherited {
  readonly items: readonly Item[];
  /** Why there may be more, or others. */
  readonly gap: string | undefined;
}

/**
 * An inner value replaces the outer one (ngx_conf_merge_*). A gap in a scope may hold the directive; one further out than
 * where it is found does not matter, unless the directive adds up with itself, when only its own scope counts.
 */
export function inherited(scope: Scope, name: string, fragment: boolean): Inherited {
  for (let each: Scope | undefined = scope; each; each = each.parent) {
    const items = each.settings.get(name) ?? NO_ITEMS;
    const [gap] = each.gaps;
    if (items.length > 0 || gap !== undefined) return { items, gap };
    if (each.kind === 'main' && fragment && !INDEPENDENT.has(scope.kind)) {
      return UNKNOWN;
    }
  }
  return NOTHING;
}

/** `inherited` of several directives at once. */
export function inForce(scope: Scope, names: readonly string[], fragment: boolean): Inherited[] {
  const all = (1 << names.length) - 1;
  const found = names.map((): Inherited => NOTHING);
  let done = 0;
  for (let each: Scope | undefined = scope; each && done !== all; each = each.parent) {
    const [gap] = each.gaps;
    const here = itemsOf(each, names, all & ~done);
    for (let index = 0; index < names.length; index++) {
      const items = here?.[index];
      if ((done & (1 << index)) !== 0 || (!items && gap === undefined)) continue;
      found[index] = { items: items ?? NO_ITEMS, gap };
      done |= 1 << index;
    }
    if (each.kind !== 'main' || !fragment || INDEPENDENT.has(scope.kind)) continue;
    return found.map((one, index) => ((done & (1 << index)) === 0 ? UNKNOWN : one));
  }
  return found;
}

/** By the index of their names in `names`, of which `wanted` has the bits; `undefined` where there is none of all. */
function itemsOf({ settings }: Scope, names: readonly string[], wanted: number): Item[][] | undefined {
  let found: Item[][] | undefined;
  for (const item of settings.few() ?? names.flatMap(name => settings.get(name) ?? NO_ITEMS)) {
    const index = names.indexOf(item.node.name);
    if (index === -1 || (wanted & (1 << index)) === 0) continue;
    found ??= [];
    const items = found[index];
    if (items) items.push(item);
    else found[index] = [item];
  }
  return found;
}

const NOTHING: Inherited = { items: NO_ITEMS, gap: undefined };
const UNKNOWN: Inherited = { items: NO_ITEMS, gap: 'what it would inherit is in a file that is not known' };

/** ngx_conf_set_flag_slot: letter case does not count. */
export function isOn(item: Item | undefined): item is Item {
  return item?.node.args[0]?.toLowerCase() === 'on';
}

/** Nothing is inherited into these from outside. */
const INDEPENDENT = new Set(['http', 'stream', 'mail']);
