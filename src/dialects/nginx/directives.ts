/** Where the directives that matter may stand, how many arguments they take, and which versions have them. */
import type { ModuleName, ScopeKind } from './scope.js';

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
  /** What each argument must look like. */
  readonly value?: RegExp;
}

/** ngx_parse_time: parts from the largest unit to the smallest, or a number. */
const TIME = /^(?=\d)(?:\d+y)?(?: *\d+M)?(?: *\d+w)?(?: *\d+d)?(?: *\d+h)?(?: *\d+m(?!s))?(?: *\d+s?)?$/;
const SIZE = /^\d+[kKmM]?$/;

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
  ssl_session_timeout: { places: SERVERS, args: [1, 1], slot: true, value: TIME },
  ssl_session_cache: {
    places: SERVERS,
    args: [1, 2],
    value: /^(?:off|none|builtin(?::\d+)?|shared:[^:]+:\d+[kKmM]?)$/,
  },
  ssl_verify_client: {
    places: SERVERS,
    args: [1, 1],
    slot: true,
    value: /^(?:on|off|optional|optional_no_ca|ask)$/i,
    since: { mail: '1.7.11', stream: '1.11.8' },
  },
  ssl_verify_depth: { places: SERVERS, args: [1, 1], slot: true, value: /^\d+$/ },
  ssl_buffer_size: { places: ['http', 'http server'], args: [1, 1], slot: true, value: SIZE, since: '1.5.9' },
  ssl_stapling: {
    places: ['http', 'http server', 'stream', 'stream server'],
    args: [1, 1],
    slot: true,
    flag: true,
    since: { http: '1.3.7', stream: '1.27.2' },
  },
  ssl_client_certificate: { places: SERVERS, args: [1, 1], slot: true },
  ssl_trusted_certificate: { places: SERVERS, args: [1, 1], slot: true },
  ssl_session_tickets: { places: SERVERS, args: [1, 1], slot: true, flag: true, since: '1.5.9' },
  ssl_early_data: { places: ['http', 'http server'], args: [1, 1], slot: true, flag: true, since: '1.15.3' },
  http2: { places: ['http', 'http server'], args: [1, 1], slot: true, flag: true, since: '1.25.1' },
  http3: { places: ['http', 'http server'], args: [1, 1], slot: true, flag: true, since: '1.25.0' },
  starttls: { places: ['mail', 'mail server'], args: [1, 1], slot: true, value: /^(?:on|off|only)$/i },
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

export interface BlockRow {
  readonly kind: ScopeKind;
  readonly places: readonly string[];
  readonly args: readonly [least: number, most: number];
}

const HTTP_SERVERS = ['http server', 'http location'];
const HTTP_AND_STREAM = ['http', 'stream'];

/** Blocks of nginx itself (the \`NGX_CONF_BLOCK\` rows of its modules). */
export const BLOCKS: ReadonlyMap<string, BlockRow> = new Map<string, BlockRow>([
  ['events', { kind: 'events', places: ['main'], args: [0, 0] }],
  ['http', { kind: 'http', places: ['main'], args: [0, 0] }],
  ['stream', { kind: 'stream', places: ['main'], args: [0, 0] }],
  ['mail', { kind: 'mail', places: ['main'], args: [0, 0] }],
  ['server', { kind: 'server', places: ['http', 'stream', 'mail'], args: [0, 0] }],
  ['location', { kind: 'location', places: HTTP_SERVERS, args: [1, 2] }],
  ['if', { kind: 'if', places: HTTP_SERVERS, args: [1, MANY] }],
  ['limit_except', { kind: 'limit_except', places: ['http location'], args: [1, MANY] }],
  ['upstream', { kind: 'upstream', places: HTTP_AND_STREAM, args: [1, 1] }],
  ['types', { kind: 'data', places: ['http', ...HTTP_SERVERS], args: [0, 0] }],
  ['map', { kind: 'data', places: HTTP_AND_STREAM, args: [2, 2] }],
  ['geo', { kind: 'data', places: HTTP_AND_STREAM, args: [1, 2] }],
  ['split_clients', { kind: 'data', places: HTTP_AND_STREAM, args: [2, 2] }],
  ['charset_map', { kind: 'data', places: ['http'], args: [2, 2] }],
]);

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

/** The last version that takes a parameter. Those of other systems than Linux (`setfib=`) are not here. */
export const LISTEN_PARAMETERS_UNTIL: Readonly<Record<string, string>> = { spdy: '1.9.5' };

/** What the value of a parameter must look like, where nginx looks. */
export const LISTEN_VALUES: Readonly<Record<string, RegExp>> = {
  'backlog=': /^-?[1-9]\d*$/,
  'rcvbuf=': SIZE,
  'sndbuf=': SIZE,
  'fastopen=': /^\d+$/,
  'ipv6only=': /^(?:on|off)$/,
  'so_keepalive=': /^(?:on|off|\d*[smhd]?:\d*[smhd]?:\d*)$/,
};
