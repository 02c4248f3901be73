/** Addresses of `Listen` and `<VirtualHost>` (`apr_parse_addr_port`, server/listen.c, server/vhost.c). */
import { canonicalIpv6 } from '../ipv6.js';

/** One address; `host` is `*` for all of them, `port` 0 for any. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** All addresses of one family only. */
  readonly family?: 4 | 6;
}

/** `127.0.0.1:443`, `[::1]:443`, `*:443`, `443`, `*`, `_default_:443`; `undefined` where it is none. */
export function parseAddress(text: string, defaultPort = 0): Address | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) > 65_535 ? undefined : { host: '*', port: Number(text) };
  const { host, port } = splitPort(text);
  if (host === undefined) return undefined;
  const number = port === undefined ? defaultPort : port === '*' ? 0 : Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) return undefined;
  const name = canonicalHost(host);
  if (name === '*') return { host: '*', port: number };
  if (name === '0.0.0.0') return { host: '*', port: number, family: 4 };
  if (name === '::') return { host: '*', port: number, family: 6 };
  return { host: name, port: number };
}

function splitPort(text: string): { host?: string; port?: string } {
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close === -1) return {};
    const rest = text.slice(close + 1);
    if (rest === '') return { host: text.slice(1, close) };
    return rest.startsWith(':') ? { host: text.slice(1, close), port: rest.slice(1) } : {};
  }
  const colon = text.lastIndexOf(':');
  if (colon === -1) return text === '' ? {} : { host: text };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

/** One spelling per address, so that texts can be compared. */
function canonicalHost(host: string): string {
  const name = host.toLowerCase();
  if (name === '*' || name === '_default_' || name === '') return '*';
  if (name === 'localhost') return '127.0.0.1';
  return name.includes(':') ? readIpv6(name) : name;
}

/** Without its zone; an IPv4 address in the clothes of IPv6 is that IPv4 address. */
function readIpv6(text: string): string {
  const canonical = canonicalIpv6(text.split('%', 1)[0]!);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical ?? '');
  if (!mapped) return canonical ?? text;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

export function familyOf(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4;
}

/** As the server writes it. */
export function formatAddress({ host, port, family }: Address): string {
  const name = family === 4 ? '0.0.0.0' : family === 6 ? '[::]' : host.includes(':') ? `[${host}]` : host;
  return `${name}:${port === 0 ? '*' : port}`;
}
