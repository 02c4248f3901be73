/** What the user calls a server. */
import { isIP } from 'node:net';
import type { StarttlsName } from './starttls.js';

export type ProbeTarget = { readonly host: string; readonly port: number } | { readonly path: string };

/** IANA's service names; 443 without STARTTLS. */
const STARTTLS_PORTS: Readonly<Record<StarttlsName, number>> = {
  smtp: 25,
  imap: 143,
  pop3: 110,
  ftp: 21,
  ldap: 389,
  postgres: 5432,
  xmpp: 5222,
  sieve: 4190,
};

/** `host`, `host:port`, `[::1]:port`, `::1`, `unix:/path` or an `https://` URL; `undefined` where it is none. */
export function parseTarget(text: string, starttls?: StarttlsName): ProbeTarget | undefined {
  if (text.startsWith('unix:')) return text.length > 5 ? { path: text.slice(5) } : undefined;
  const bare = /^https:\/\/([^/?#]*)/i.exec(text)?.[1] ?? text;
  const fallback = starttls === undefined ? 443 : STARTTLS_PORTS[starttls];
  if (isIP(bare) === 6) return { host: bare, port: fallback };
  const found = /^(?:\[([^\]]+)\]|([^:/@\s[\]]+))(?::(\d{1,5}))?$/.exec(bare);
  if (!found) return undefined;
  const host = found[1] ?? found[2]!;
  const port = found[3] === undefined ? fallback : Number(found[3]);
  if (port < 1 || port > 65535 || (found[1] !== undefined && isIP(host) !== 6)) return undefined;
  return { host, port };
}

export function addressText(peer: ProbeTarget): string {
  if ('path' in peer) return `unix:${peer.path}`;
  return peer.host.includes(':') ? `[${peer.host}]:${peer.port}` : `${peer.host}:${peer.port}`;
}
