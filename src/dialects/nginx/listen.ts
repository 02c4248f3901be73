/** `listen`: its address as nginx normalises it (ngx_parse_url, ngx_http_core_listen), and its parameters. */
import { canonicalIpv6 } from '../ipv6.js';
import type { ModuleName } from './scope.js';

export interface Address {
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'name';
  /** Canonical text without the port: `0.0.0.0`, `::`, a host name, a socket's path. */
  readonly host: string;
  readonly port: number;
}

export interface Listen {
  readonly addresses: readonly Address[];
  readonly udp: boolean;
  readonly ssl: boolean;
  readonly quic: boolean;
  readonly default: boolean;
  /** `undefined` where the directive does not say. */
  readonly ipv6only: boolean | undefined;
  readonly parameters: readonly string[];
  /** A parameter makes nginx bind an address of its own. */
  readonly binds: boolean;
  /** What the address can't be read as: a variable, a template. */
  readonly unknown?: string;
  /** An address that nginx refuses. */
  readonly invalid?: string;
}

const MOST_PORTS = 65_535;

const BINDS =
  /^(?:bind|backlog=|rcvbuf=|sndbuf=|accept_filter=|deferred|ipv6only=|so_keepalive=|setfib=|fastopen=|reuseport|multipath)/;

export function readListen(args: readonly string[], module: ModuleName): Listen {
  const [text = '', ...parameters] = args;
  const base = {
    udp: parameters.includes('udp') || parameters.includes('quic'),
    ssl: parameters.includes('ssl'),
    quic: parameters.includes('quic'),
    default: parameters.includes('default_server') || (module === 'http' && parameters.includes('default')),
    ipv6only: ipv6only(parameters),
    parameters,
    binds: parameters.some(each => BINDS.test(each)),
  };
  if (/\$|\{\{|<%/.test(text)) return { ...base, addresses: [], unknown: `\`${text}\` is only known when it runs` };
  const addresses = readAddress(text, module);
  return addresses ? { ...base, addresses } : { ...base, addresses: [], invalid: text };
}

function ipv6only(parameters: readonly string[]): boolean | undefined {
  const found = parameters.find(each => each.startsWith('ipv6only='));
  return found === undefined ? undefined : found === 'ipv6only=on';
}

/** `undefined` where it is no address. A host name gives the addresses that are known for it, or itself. */
function readAddress(text: string, module: ModuleName): Address[] | undefined {
  if (text.startsWith('unix:'))
    return text === 'unix:' ? undefined : [{ family: 'unix', host: text.slice(5), port: 0 }];
  const { host, ports } = splitPort(text);
  const range = ports === undefined ? defaultPort(module) : readPorts(ports);
  if (!range) return undefined;
  const hosts = readHost(host);
  if (!hosts) return undefined;
  const [first, last] = range;
  const addresses: Address[] = [];
  for (let port = first; port <= last; port++) for (const each of hosts) addresses.push({ ...each, port });
  return addresses;
}

/** `listen` without a port means 80 for http; elsewhere the system chooses one. */
function defaultPort(module: ModuleName): [number, number] {
  return module === 'http' ? [80, 80] : [0, 0];
}

function splitPort(text: string): { host: string; ports: string | undefined } {
  if (/^\d+(?:-\d+)?$/.test(text)) return { host: '*', ports: text };
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    const rest = text.slice(close + 1);
    return { host: text.slice(0, close + 1), ports: rest.startsWith(':') ? rest.slice(1) : undefined };
  }
  const colon = text.lastIndexOf(':');
  return colon === -1 ? { host: text, ports: undefined } : { host: text.slice(0, colon), ports: text.slice(colon + 1) };
}

function readPorts(text: string): [number, number] | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first < 1 || last > MOST_PORTS || last < first ? undefined : [first, last];
}

function readHost(host: string): Array<Omit<Address, 'port'>> | undefined {
  if (host === '*' || host === '') return [{ family: 'ipv4', host: '0.0.0.0' }];
  if (host.startsWith('[')) {
    const canonical = canonicalIpv6(host.slice(1, -1));
    return canonical === undefined ? undefined : [{ family: 'ipv6', host: canonical }];
  }
  const numeric = readIpv4(host);
  if (numeric !== undefined) return [{ family: 'ipv4', host: numeric }];
  if (/^[\d.]+$/.test(host)) return undefined;
  // Every system has this one; whether ::1 is another of its addresses hangs on the system.
  if (host.toLowerCase() === 'localhost') return [{ family: 'ipv4', host: '127.0.0.1' }];
  return [{ family: 'name', host: host.toLowerCase() }];
}

/** Four decimal numbers (ngx_inet_addr), else what inet_aton makes of it: `127.1`, `0x7f.1`. */
function readIpv4(host: string): string | undefined {
  const parts = host.split('.');
  if (parts.length === 4 && parts.every(part => /^\d+$/.test(part) && Number(part) < 256)) {
    return parts.map(Number).join('.');
  }
  if (parts.length > 4 || !parts.every(part => /^(?:0x[\da-f]+|\d+)$/i.test(part))) return undefined;
  const numbers = parts.map(part => (/^0\d/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  const last = numbers.pop()!;
  const rest = 4 - numbers.length;
  if (Number.isNaN(last) || last >= 256 ** rest || numbers.some(each => !(each < 256))) return undefined;
  const bytes = Array.from({ length: rest }, (_, index) => Math.floor(last / 256 ** (rest - 1 - index)) % 256);
  return [...numbers, ...bytes].join('.');
}

/** What makes two listens one: the address, and whether it is TCP or UDP. */
export function addressKey(address: Address, udp: boolean): string {
  return `${udp ? 'udp' : 'tcp'} ${showAddress(address)}`;
}

/** `0.0.0.0:443`, `[::]:443`, `unix:/run/x`. */
export function showAddress({ family, host, port }: Address): string {
  if (family === 'unix') return `unix:${host}`;
  return family === 'ipv6' ? `[${host}]:${port}` : `${host}:${port}`;
}

export function isWildcard({ family, host }: Address): boolean {
  return (family === 'ipv4' && host === '0.0.0.0') || (family === 'ipv6' && host === '::');
}

/** The address that a client connects to: `127.0.0.1:443`, `[::1]:443`, `unix:/run/x`. */
export function readConnect(text: string): Address | undefined {
  const addresses = readAddress(text, 'stream');
  return addresses?.find(each => each.family !== 'ipv6') ?? addresses?.[0];
}
