/** `ssl_protocols` and its siblings of upstream modules: reading, writing, and what nginx does where none is said. */
import {
  PROTOCOLS,
  type ProtocolSet,
  protocolNames,
  SSLv2,
  SSLv3,
  TLSv1,
  TLSv1_1,
  TLSv1_2,
  TLSv1_3,
} from '../../../model/protocols.js';
import type { Target } from '../../../model/target.js';
import { atLeast, type Version } from '../../../model/versions.js';

/** Bits of the arguments (ngx_conf_set_bitmask_slot, ngx_strcasecmp) and those that are no protocol. */
export function read(args: readonly string[]): { readonly set: ProtocolSet; readonly unknown: readonly string[] } {
  let set = 0;
  const unknown: string[] = [];
  for (const word of args) {
    const index = PROTOCOLS.findIndex(name => name.toLowerCase() === word.toLowerCase());
    if (index === -1) unknown.push(word);
    else set |= 1 << index;
  }
  return { set, unknown };
}

/** The arguments for a set, oldest first. */
export function write(set: ProtocolSet): string[] {
  return protocolNames(set);
}

/** What is longer is no misspelling of any word, and would only cost time. */
const LONGEST_CLOSE = 32;

/** `TLSv1.0` is TLSv1; `TLS1.2`, `TLSv12`, `TLS-1.2` are TLSv1.2. */
export function suggestionFor(token: string): string | undefined {
  if (token.length > LONGEST_CLOSE) return undefined;
  const bare = token.replace(/[,;"'+]/g, '');
  const match = /^(tls|ssl)[-_ ]?v?([123])[._]?([0-3])?$/i.exec(bare);
  if (!match) return undefined;
  const [, kind = '', major = '', minor] = match;
  if (kind.toLowerCase() === 'ssl') return minor === undefined && major !== '1' ? `SSLv${major}` : undefined;
  if (major !== '1') return undefined;
  return minor === undefined || minor === '0' ? 'TLSv1' : `TLSv1.${minor}`;
}

interface DefaultRow {
  /** First release of a development branch that has it. */
  readonly since: string;
  /** The same change in an older stable branch: from this release to the end of its `major.minor`. */
  readonly also?: readonly string[];
  readonly set: ProtocolSet;
  readonly source: string;
}

const MACRO = 'ngx_conf_merge_bitmask_value of ssl_protocols, ngx_http_ssl_module.c at tag';

/** Newest first (NX-D1). */
const DEFAULTS: readonly DefaultRow[] = [
  { since: '1.27.3', set: TLSv1_2 | TLSv1_3, source: `${MACRO} release-1.27.3 (NGX_SSL_DEFAULT_PROTOCOLS)` },
  { since: '1.23.4', set: TLSv1 | TLSv1_1 | TLSv1_2 | TLSv1_3, source: `${MACRO} release-1.23.4` },
  { since: '1.9.1', set: TLSv1 | TLSv1_1 | TLSv1_2, source: `${MACRO} release-1.9.1` },
  {
    since: '1.1.13',
    also: ['1.0.12'],
    set: SSLv3 | TLSv1 | TLSv1_1 | TLSv1_2,
    source: `${MACRO} release-1.1.13 and release-1.0.12`,
  },
  { since: '0.8.19', also: ['0.7.65'], set: SSLv3 | TLSv1, source: `${MACRO} release-0.8.19 and release-0.7.65` },
  { since: '0.2.2', set: SSLv2 | SSLv3 | TLSv1, source: `${MACRO} release-0.2.2` },
];

/** When each module's directive came; before that the library decides alone (NX-D1, NX-U1). */
const EXISTS: Readonly<Record<string, string>> = {
  ssl_protocols: '0.2.2',
  proxy_ssl_protocols: '1.5.6',
  uwsgi_ssl_protocols: '1.5.8',
  grpc_ssl_protocols: '1.13.10',
};

const ALL = SSLv2 | SSLv3 | TLSv1 | TLSv1_1 | TLSv1_2 | TLSv1_3;

/** What `directive` means where it is not written. */
export function defaults(directive: string, { server, openssl }: Target): ProtocolSet {
  if (!atLeast(server, EXISTS[directive] ?? '0.2.2')) return ALL;
  const row = DEFAULTS.find(each => isIn(server, each));
  const set = row?.set ?? ALL;
  // NGX_SSL_DEFAULT_PROTOCOLS of a build that knows no TLSv1.2.
  if (set === (TLSv1_2 | TLSv1_3) && !atLeast(openssl.version, '1.0.1')) return TLSv1 | TLSv1_1;
  return set;
}

function isIn(server: Version, { since, also = [] }: DefaultRow): boolean {
  return atLeast(server, since) || also.some(each => isBackport(server, each));
}

/** Whether the version is in the stable branch of `from`, and not older than it. */
export function isBackport(server: Version, from: string): boolean {
  const [major, minor] = from.split('.').map(Number);
  return server.parts[0] === major && server.parts[1] === minor && atLeast(server, from);
}

/** Versions that this nginx has a word for (NX-P1); it can only switch those off (NX-P3). */
export function knownTo(server: Version): ProtocolSet {
  let set = SSLv2 | SSLv3 | TLSv1;
  if (atLeast(server, '1.1.13') || isBackport(server, '1.0.12')) set |= TLSv1_1 | TLSv1_2;
  if (atLeast(server, '1.13.0')) set |= TLSv1_3;
  return set;
}
