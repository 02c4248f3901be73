/** Where the directives that matter may stand, how many arguments they take, and which versions have them. */
import type { ModuleName, ScopeKind } from './scopes.js';

export interface DirectiveRow {
  /** Places as `module kind`; `http` stands for the block itself. */
  readonly places: readonly string[];
  readonly args: readonly [least: number, most: number];
  /** `slot`: a second one in the same block is an error ("is duplicate"). */
  readonly slot?: true;
  /** First version that has it, by module where they differ. */
  readonly since?: string | Partial<Record<ModuleName, string>>;
  /** First version that has it no more. */
  readonly until?: string;
  readonly flag?: true;
}

const MANY = 1000;
const SERVERS = ['http', 'http server', 'stream', 'stream server', 'mail', 'mail server'];
const HTTP_LOCATIONS = ['http', 'http server', 'http location'];

/** Sources: the `ngx_command_t` tables of the modules, and CHANGES for the versions. */
export const DIRECTIVES: Readonly<Record<string, DirectiveRow>> = {
  ssl_protocols: { places: SERVERS, args: [1, MANY], since: { stream: '1.9.0' } },
  ssl_ciphers: { places: SERVERS, args: [1, 1], slot: true },
  ssl_certificate: { places: SERVERS, args: [1, 1] },
  ssl_certificate_key: { places: SERVERS, args: [1, 1] },
  ssl_ecdh_curve: { places: SERVERS, args: [1, 1], slot: true, since: '1.0.6' },
  ssl_prefer_server_ciphers: { places: SERVERS, args: [1, 1], slot: true, flag: true },
  ssl_conf_command: { places: SERVERS, args: [2, 2], since: '1.19.4' },
  ssl_reject_handshake: {
    places: ['http', 'http server', 'stream', 'stream server'],
    args: [1, 1],
    slot: true,
    flag: true,
    since: { http: '1.19.4', stream: '1.25.5' },
  },
  ssl: {
    places: ['http', 'http server', 'mail', 'mail server'],
    args: [1, 1],
    slot: true,
    flag: true,
    until: '1.25.1',
  },
  ssl_preread: { places: ['stream', 'stream server'], args: [1, 1], slot: true, flag: true, since: '1.11.5' },
  ssl_dhparam: { places: SERVERS, args: [1, 1], slot: true },
  ssl_session_timeout: { places: SERVERS, args: [1, 1], slot: true },
  ssl_session_tickets: { places: SERVERS, args: [1, 1], slot: true, flag: true, since: '1.5.9' },
  ssl_early_data: { places: ['http', 'http server'], args: [1, 1], slot: true, flag: true, since: '1.15.3' },
  http2: { places: ['http', 'http server'], args: [1, 1], slot: true, flag: true, since: '1.25.1' },
  http3: { places: ['http', 'http server'], args: [1, 1], slot: true, flag: true, since: '1.25.0' },
  starttls: { places: ['mail', 'mail server'], args: [1, 1], slot: true },
  listen: { places: ['http server', 'stream server', 'mail server'], args: [1, MANY] },
  server_name: {
    places: ['http server', 'stream server', 'mail server', 'mail'],
    args: [1, MANY],
    since: { stream: '1.25.5' },
  },
  return: {
    places: ['http server', 'http location', 'http if', 'stream server'],
    args: [1, 2],
    since: { stream: '1.11.2' },
  },
  proxy_ssl: { places: ['stream', 'stream server'], args: [1, 1], slot: true, flag: true },
  ...upstreamRows('proxy_ssl', [...HTTP_LOCATIONS, 'stream', 'stream server'], '1.5.6'),
  ...upstreamRows('grpc_ssl', HTTP_LOCATIONS, '1.13.10'),
  ...upstreamRows('uwsgi_ssl', HTTP_LOCATIONS, '1.5.8'),
};

function upstreamRows(family: string, places: readonly string[], since: string): Record<string, DirectiveRow> {
  return {
    [`${family}_protocols`]: { places, args: [1, MANY], since },
    [`${family}_ciphers`]: { places, args: [1, 1], slot: true, since },
    [`${family}_conf_command`]: { places, args: [2, 2], since: '1.19.4' },
  };
}

/** The place of a scope as the table has it. */
export function placeOf(kind: ScopeKind, module: ModuleName | undefined): string {
  return kind === module || module === undefined ? kind : `${module} ${kind}`;
}

/** Parameters of `listen` by module: the first version that has each. A name that ends in `=` takes a value. */
export const LISTEN_PARAMETERS: Readonly<Record<ModuleName, Readonly<Record<string, string>>>> = {
  http: {
    default: '0.1.0',
    default_server: '0.8.21',
    bind: '0.1.0',
    'backlog=': '0.1.0',
    'rcvbuf=': '0.1.0',
    'sndbuf=': '0.1.0',
    'accept_filter=': '0.1.0',
    deferred: '0.1.0',
    'setfib=': '0.8.44',
    'fastopen=': '1.5.8',
    'ipv6only=': '0.7.42',
    ssl: '0.7.14',
    spdy: '1.3.15',
    http2: '1.9.5',
    quic: '1.25.0',
    reuseport: '1.9.1',
    'so_keepalive=': '1.1.11',
    proxy_protocol: '1.5.12',
    multipath: '1.29.7',
  },
  stream: {
    ssl: '1.9.0',
    udp: '1.9.13',
    bind: '1.9.0',
    'backlog=': '1.9.2',
    'rcvbuf=': '1.9.0',
    'sndbuf=': '1.9.0',
    'fastopen=': '1.21.0',
    'ipv6only=': '1.9.0',
    reuseport: '1.9.1',
    'so_keepalive=': '1.9.0',
    proxy_protocol: '1.11.4',
    default_server: '1.25.5',
    'setfib=': '1.25.5',
    'accept_filter=': '1.25.5',
    deferred: '1.25.5',
    multipath: '1.29.7',
  },
  mail: {
    ssl: '0.7.14',
    bind: '0.1.0',
    'backlog=': '1.9.2',
    'rcvbuf=': '1.11.13',
    'sndbuf=': '1.11.13',
    'ipv6only=': '0.7.42',
    'so_keepalive=': '1.1.11',
    proxy_protocol: '1.19.8',
    multipath: '1.29.7',
  },
};
