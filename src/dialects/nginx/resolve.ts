/** From scopes to listeners and servers: addresses, default servers, inheritance (NX-V1, NX-V2, NX-M1 to NX-M3). */
import type { Origin } from '../../model/types.js';
import { type Address, addressKey, type Listen, readListen, showAddress } from './listen.js';
import { type Item, itemOrigin, type ModuleName, type Scope, scopesBelow } from './scopes.js';

export interface Server {
  readonly scope: Scope;
  readonly module: ModuleName;
  readonly origin: Origin;
  readonly names: readonly string[];
  readonly listens: ReadonlyArray<{ readonly item: Item | undefined; readonly listen: Listen }>;
}

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
}

const NO_ITEMS: readonly Item[] = [];

/** In a fragment a `server` may stand at the top; it is taken for one of http. */
export function resolve(top: Scope, fragment: boolean): Resolved {
  const modules: Scope[] = [];
  const servers: Server[] = [];
  const unknownListens: Array<{ server: Server; reason: string }> = [];
  const found = new Map<string, Found>();
  const listens = new Map<string, Listen>();
  const byListen = new Map<Listen, readonly Found[]>();
  for (const scope of scopesBelow(top)) {
    if (scope.kind === 'http' || scope.kind === 'stream' || scope.kind === 'mail') modules.push(scope);
    const module = scope.module ?? (fragment ? 'http' : undefined);
    if (scope.kind !== 'server' || !module || !isServerPlace(scope, fragment)) continue;
    const server = readServer(scope, module, listens);
    servers.push(server);
    for (const { item, listen } of server.listens) {
      if (listen.unknown) unknownListens.push({ server, reason: listen.unknown });
      const entry: Entry = { server, listen, item };
      const known = byListen.get(listen);
      if (known) for (const each of known) each.entries.push(entry);
      else byListen.set(listen, addEntries(found, entry, module));
    }
  }
  return { servers, listeners: [...found.values()].map(toListener), modules, unknownListens };
}

function isServerPlace(scope: Scope, fragment: boolean): boolean {
  const parent = scope.parent?.kind;
  return parent === 'http' || parent === 'stream' || parent === 'mail' || (fragment && parent === 'main');
}

/** The same object for the same words. */
function listenOf(args: readonly string[], module: ModuleName, known: Map<string, Listen>): Listen {
  const key = `${module} ${args.join('\0')}`;
  const found = known.get(key);
  if (found) return found;
  const made = readListen(args, module);
  known.set(key, made);
  return made;
}

function readServer(scope: Scope, module: ModuleName, known: Map<string, Listen>): Server {
  const items = scope.settings.get('listen') ?? NO_ITEMS;
  const listens = items.map(item => ({ item, listen: listenOf(item.node.args, module, known) }));
  // ngx_http_core_server: without a `listen` it is *:80 for root, *:8000 for others.
  const written = listens.length > 0 || module !== 'http' || scope.gaps.length > 0;
  const all = written ? listens : [{ item: undefined, listen: readListen(['80'], module) }];
  const names = (scope.settings.get('server_name') ?? NO_ITEMS)
    .flatMap(item => item.node.args)
    .filter(name => name !== '');
  return { scope, module, origin: itemOrigin(scope.item!), names, listens: all };
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
      return { items: NO_ITEMS, gap: 'what it would inherit is in a file that is not known' };
    }
  }
  return { items: NO_ITEMS, gap: undefined };
}

/** ngx_conf_set_flag_slot: letter case does not count. */
export function isOn(item: Item | undefined): item is Item {
  return item?.node.args[0]?.toLowerCase() === 'on';
}

/** Nothing is inherited into these from outside. */
const INDEPENDENT = new Set(['http', 'stream', 'mail']);
