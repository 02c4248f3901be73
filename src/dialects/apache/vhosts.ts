/** Which virtual hosts a connection can reach (`ap_update_vhost_given_ip`, server/vhost.c): AP-V3, AP-V4, AP-V8. */
import type { Target } from '../../model/target.js';
import { wildcard } from '../wildcard.js';
import { type Address, familyOf, formatAddress, parseAddress } from './addresses.js';
import { type Line, lastLine, linesOf, type Scope } from './scope.js';
import { since } from './since.js';

/** An open port; `protocol` as `ap_set_listener` has it. */
export interface Listener {
  readonly address: Address;
  readonly protocol: string;
}

/** All that answers on one local address, in the order in which names are compared. */
export interface Group {
  readonly listen: string;
  /** The first is the default; the main server alone where no virtual host has the address. */
  readonly scopes: readonly Scope[];
  /** 2.2: names count. */
  readonly named: boolean;
  /** Name of the main server: a virtual host of a wildcard address that has none goes by it (ap_fini_vhost_config). */
  readonly mainName: string | undefined;
}

export interface Vhosts {
  readonly listeners: readonly Listener[];
  /** In the order of `Listen`, the addresses of virtual hosts below a wildcard first. */
  readonly groups: readonly Group[];
  /** The group of a local address; `undefined` where nothing listens there. */
  groupOf(address: Address): Group | undefined;
}

interface Entry {
  readonly address: Address;
  readonly scope: Scope;
}

/** `any`: no Listen line is known, so that each address of a virtual host counts as open. */
export function resolveVhosts(main: Scope, vhosts: readonly Scope[], lines: readonly Line[], any: boolean): Vhosts {
  const addressOf = addressReader();
  const entries = vhosts.flatMap(scope => entriesOf(scope, addressOf));
  const listeners = any ? listenersOf(entries) : lines.flatMap(listenerOf);
  const named = lines.filter(line => line.key === 'namevirtualhost').flatMap(line => addressesIn(line));
  const sets = indexEntries(entries);
  const groups = new Map<string, Group>();
  for (const { address } of listeners) {
    for (const local of localAddresses(address, sets)) {
      const listen = formatAddress(local);
      if (!groups.has(listen)) groups.set(listen, groupFor(listen, local, sets, main, named));
    }
  }
  return {
    listeners,
    groups: [...groups.values()],
    groupOf(address) {
      const candidates = listeners.filter(each => accepts(each.address, address));
      const listener = candidates.find(each => each.address.family === familyOf(address.host)) ?? candidates[0];
      if (!listener) return undefined;
      return groups.get(formatAddress(address)) ?? groups.get(formatAddress(listener.address));
    },
  };
}

/** Most virtual hosts have the same few. */
function addressReader(): (text: string) => Address | undefined {
  const known = new Map<string, Address | undefined>();
  return text => {
    if (!known.has(text)) known.set(text, parseAddress(text));
    return known.get(text);
  };
}

function entriesOf(scope: Scope, addressOf: (text: string) => Address | undefined): Entry[] {
  const entries = scope.addresses.map(addressOf).filter(address => address !== undefined);
  return entries.map(address => ({ address, scope }));
}

function listenersOf(entries: readonly Entry[]): Listener[] {
  return entries.map(({ address }) => ({ address, protocol: protocolOf(address.port) }));
}

function listenerOf(line: Line): Listener[] {
  if (line.key !== 'listen') return [];
  const address = parseAddress(line.args[0]?.text ?? '');
  if (!address || address.port === 0) return [];
  return [{ address, protocol: line.args[1]?.text.toLowerCase() ?? protocolOf(address.port) }];
}

function protocolOf(port: number): string {
  return port === 443 ? 'https' : 'http';
}

function addressesIn(line: Line): Address[] {
  const address = parseAddress(line.args[0]?.text ?? '');
  return address ? [address] : [];
}

function accepts(listener: Address, { host, port }: Address): boolean {
  if (listener.port !== port) return false;
  if (listener.host !== '*') return listener.host === host;
  return host === '*' || takes(listener, host);
}

/** A socket on `::` takes IPv4 as well, as httpd is built on Linux (`--enable-v4-mapped`). */
function takes({ family }: Address, host: string): boolean {
  return family !== 4 || familyOf(host) === 4;
}

/** By `host:port`; a host in its own set hides all wildcards. */
interface Sets {
  readonly byAddress: ReadonlyMap<string, Scope[]>;
  /** Host to the ports that its virtual hosts name. */
  readonly hosts: ReadonlyMap<string, ReadonlySet<number>>;
}

function indexEntries(entries: readonly Entry[]): Sets {
  const byAddress = new Map<string, Scope[]>();
  const hosts = new Map<string, Set<number>>();
  for (const { address, scope } of entries) {
    const key = `${address.host} ${address.port}`;
    const known = byAddress.get(key);
    if (!known) byAddress.set(key, [scope]);
    else if (known.at(-1) !== scope) known.push(scope);
    hosts.set(address.host, (hosts.get(address.host) ?? new Set()).add(address.port));
  }
  return { byAddress, hosts };
}

function localAddresses(listener: Address, { hosts }: Sets): Address[] {
  if (listener.host !== '*') return [listener];
  const specific: Address[] = [];
  for (const [host, ports] of hosts) {
    if (host === '*' || !(ports.has(listener.port) || ports.has(0))) continue;
    if (takes(listener, host)) specific.push({ host, port: listener.port });
  }
  return [...specific, listener];
}

/** Exact port before any port, the address before the wildcard; else the main server. */
function groupFor(
  listen: string,
  { host, port }: Address,
  { byAddress }: Sets,
  main: Scope,
  named: readonly Address[],
): Group {
  for (const [name, at] of [
    [host, port],
    [host, 0],
    ['*', port],
    ['*', 0],
  ] as const) {
    const scopes = byAddress.get(`${name} ${at}`);
    if (!scopes) continue;
    const isNamed = named.some(each => each.host === name && (each.port === at || each.port === 0));
    return { listen, scopes, named: isNamed, mainName: name === '*' ? serverName(main) : undefined };
  }
  return { listen, scopes: [main], named: false, mainName: undefined };
}

/** The virtual host of a name; the default one where none has it (`ssl_util_vhost_matches`). */
export function selectScope(group: Group, servername: string | undefined, target: Target): Scope {
  const first = group.scopes[0]!;
  if (servername === undefined || (!group.named && !since(target, '2.3.0'))) return first;
  const name = servername.toLowerCase();
  return group.scopes.find(scope => hasName(scope, name, group.mainName)) ?? first;
}

function hasName(scope: Scope, name: string, mainName: string | undefined): boolean {
  const { server, aliases, patterns } = namesOf(scope);
  if ((server ?? mainName?.toLowerCase()) === name || aliases.includes(name)) return true;
  return patterns.some(matches => matches(name));
}

interface Names {
  readonly server: string | undefined;
  /** Lower case; those with wildcards as well. */
  readonly aliases: readonly string[];
  /** Of those with wildcards (`ap_strcasecmp_match`, which knows `*` and `?` alone). */
  readonly patterns: ReadonlyArray<(name: string) => boolean>;
}

const names = new WeakMap<Scope, Names>();

function namesOf(scope: Scope): Names {
  let found = names.get(scope);
  if (!found) {
    const aliases = linesOf(scope, 'serveralias').flatMap(line => line.args.map(arg => arg.text.toLowerCase()));
    const wild = aliases.filter(isWild);
    const patterns = wild.map(alias => wildcard(alias.replace(/[[\\]/g, '\\$&')));
    found = { server: serverName(scope)?.toLowerCase(), aliases, patterns };
    names.set(scope, found);
  }
  return found;
}

/** Without scheme and port. */
export function serverName(scope: Scope): string | undefined {
  const text = lastLine(scope, 'servername')?.args[0]?.text;
  if (text === undefined) return undefined;
  const host = text.slice(text.indexOf('://') === -1 ? 0 : text.indexOf('://') + 3);
  const colon = host.lastIndexOf(':');
  return colon !== -1 && /^\d+$/.test(host.slice(colon + 1)) ? host.slice(0, colon) : host;
}

/** As written, the wildcards last: in the order in which they are compared. */
export function writtenNames(scope: Scope, mainName?: string): string[] {
  const server = serverName(scope) ?? mainName;
  const names = server === undefined ? [] : [server];
  const wild: string[] = [];
  for (const { args } of linesOf(scope, 'serveralias')) {
    for (const { text } of args) (isWild(text) ? wild : names).push(text);
  }
  return wild.length === 0 ? names : [...names, ...wild];
}

function isWild(name: string): boolean {
  return name.includes('*') || name.includes('?');
}

/** The protocol of a server (`ap_get_server_protocol`, `ap_setup_listeners`): AP-V7. */
export function protocolOfScope(scope: Scope, main: Scope, listeners: readonly Listener[]): string | undefined {
  const said = lastLine(scope, 'protocol') ?? lastLine(main, 'protocol');
  if (said) return said.args[0]?.text.toLowerCase();
  // Seen in 2.4.71: it does not look for one without a name.
  if (scope.kind === 'vhost' && !lastLine(scope, 'servername')) return undefined;
  for (const text of scope.addresses) {
    const address = parseAddress(text);
    const listener = address && listeners.find(each => equal(each.address, address));
    if (listener) return listener.protocol;
  }
  return undefined;
}

/** apr_sockaddr_equal: `*` of a virtual host is `0.0.0.0` and `::`, a `Listen` of a port alone is `::`. */
function equal(listener: Address, vhost: Address): boolean {
  if (listener.host !== vhost.host || listener.port !== vhost.port) return false;
  return listener.host !== '*' || vhost.family === undefined || vhost.family === (listener.family ?? 6);
}
