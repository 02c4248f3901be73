/** Addresses of `Listen` and `<VirtualHost>` (`apr_parse_addr_port`, server/listen.c, server/vhost.c). */

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
export function canonicalHost(host: string): string {
  const name = host.toLowerCase();
  if (name === '*' || name === '_default_' || name === '') return '*';
  if (name === 'localhost') return '127.0.0.1';
  return name.includes(':') ? canonicalIpv6(name) : name;
}

/** Eight groups without leading zeros, the first longest run of zeros as `::` (RFC 5952). */
function canonicalIpv6(text: string): string {
  const groups = expandIpv6(text.split('%', 1)[0]!);
  if (!groups) return text;
  const mapped = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff;
  if (mapped) return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join('.');
  return compress(groups);
}

function expandIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(half => (half === '' ? [] : half.split(':').flatMap(groupsOf)));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (missing < 0 || (halves.length === 1 && missing > 0)) return undefined;
  const groups = [...head!, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  return groups.every(group => group >= 0 && group <= 0xffff) ? groups : undefined;
}

function groupsOf(part: string): number[] {
  if (!part.includes('.')) return [/^[0-9a-f]{1,4}$/.test(part) ? Number.parseInt(part, 16) : -1];
  const bytes = part.split('.').map(Number);
  return [bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!];
}

function compress(groups: readonly number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const words = groups.map(group => group.toString(16));
  if (best.at === -1) return words.join(':');
  return `${words.slice(0, best.at).join(':')}::${words.slice(best.at + best.length).join(':')}`;
}

export function familyOf(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4;
}

/** As the server writes it. */
export function formatAddress({ host, port, family }: Address): string {
  const name = family === 4 ? '0.0.0.0' : family === 6 ? '[::]' : host.includes(':') ? `[${host}]` : host;
  return `${name}:${port === 0 ? '*' : port}`;
}
