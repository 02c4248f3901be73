/** ClientHellos for exactly one protocol version, written by hand so that no client library hides anything. */
import { randomBytes } from 'node:crypto';
import type { Protocol } from '../model/protocols.js';
import { ascii, concat, u8, u16, u24, vector } from './bytes.js';
import { groupsFor, keyShare } from './groups.js';
import { suitesFor } from './suites.js';

export interface HelloOptions {
  readonly version: Protocol;
  /** A DNS name; SSLv2 and SSLv3 have no room for it, and an IP address is none (RFC 6066, section 3). */
  readonly servername?: string;
  /** `h2`, `http/1.1`. */
  readonly alpn?: readonly string[];
  /** Numbers in the order of preference; all that the version can use by default. */
  readonly suites?: readonly number[];
  /** Groups of the key shares of TLSv1.3; X25519 and P-256 by default. */
  readonly shares?: readonly number[];
  /** The cookie of a HelloRetryRequest. */
  readonly cookie?: Uint8Array;
  /** What stays the same in the ClientHello after a HelloRetryRequest. */
  readonly session?: Session;
}

/** The parts of a ClientHello that a second one repeats. */
export interface Session {
  readonly random: Uint8Array;
  readonly id: Uint8Array;
}

/** `client_version` and the version that `supported_versions` names. */
export const WIRE_VERSIONS: Readonly<Record<Protocol, number>> = {
  SSLv2: 0x0002,
  SSLv3: 0x0300,
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
};

export const DEFAULT_SHARES: readonly number[] = [29, 23];

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746): some servers refuse a client without it. */
const RENEGOTIATION_SCSV = 0x00ff;

/** SHA-2 first, then everything that an old or odd certificate could need, SHA-1 and MD5 included. */
const SIGNATURE_ALGORITHMS: readonly number[] = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x081a, 0x081b, 0x081c,
  0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602, 0x0203, 0x0201, 0x0202, 0x0101,
];

const EXTENSION = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  padding: 21,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  supportedVersions: 43,
  cookie: 44,
  pskModes: 45,
  keyShare: 51,
} as const;

export function createSession(): Session {
  return { random: randomBytes(32), id: randomBytes(32) };
}

/** The bytes of the whole record. */
export function clientHello(options: HelloOptions): Uint8Array {
  if (options.version === 'SSLv2') return sslv2Hello(options);
  const session = options.session ?? createSession();
  const tls13 = options.version === 'TLSv1.3';
  const suites = options.suites ?? suitesFor(options.version);
  const head = concat(
    u16(Math.min(WIRE_VERSIONS[options.version], WIRE_VERSIONS['TLSv1.2'])),
    session.random,
    // TLSv1.3 sends one for middleboxes (RFC 8446, appendix D.4); in the others it would ask for a resumption.
    vector(1, tls13 ? session.id : new Uint8Array(0)),
    vector(2, u16(...suites, RENEGOTIATION_SCSV)),
    vector(1, tls13 ? u8(0) : Uint8Array.of(1, 0)),
  );
  const body = options.version === 'SSLv3' ? head : withExtensions(head, extensions(options));
  const record = options.version === 'SSLv3' ? WIRE_VERSIONS.SSLv3 : WIRE_VERSIONS.TLSv1;
  return concat(u8(22), u16(record), vector(2, u8(1), vector(3, body)));
}

/** CLIENT-HELLO of SSL 2.0 in a record with a two-byte header. */
function sslv2Hello(options: HelloOptions): Uint8Array {
  const kinds = u24(...(options.suites ?? suitesFor('SSLv2')));
  const challenge = (options.session ?? createSession()).random.subarray(0, 16);
  const body = concat(u8(1), u16(2, kinds.length, 0, challenge.length), kinds, challenge);
  return concat(u16(0x8000 | body.length), body);
}

/**
 * Some load balancers hang on a ClientHello of 256 to 511 bytes; the padding extension was made for them (RFC 7685).
 */
function withExtensions(head: Uint8Array, list: readonly Uint8Array[]): Uint8Array {
  const body = concat(head, vector(2, ...list));
  const length = body.length + 4;
  if (length < 256 || length >= 512) return body;
  const padding = extension(EXTENSION.padding, new Uint8Array(Math.max(1, 512 - length - 4)));
  return concat(head, vector(2, ...list, padding));
}

function extensions(options: HelloOptions): Uint8Array[] {
  const tls13 = options.version === 'TLSv1.3';
  const list: Uint8Array[] = [];
  const name = hostName(options.servername);
  if (name !== undefined) list.push(extension(EXTENSION.serverName, vector(2, u8(0), vector(2, ascii(name)))));
  list.push(extension(EXTENSION.supportedGroups, vector(2, u16(...groupsFor(tls13)))));
  if (tls13) list.push(...tls13Extensions(options));
  else list.push(...olderExtensions());
  if (tls13 || options.version === 'TLSv1.2') {
    list.push(extension(EXTENSION.signatureAlgorithms, vector(2, u16(...SIGNATURE_ALGORITHMS))));
  }
  if (options.alpn !== undefined && options.alpn.length > 0) {
    list.push(extension(EXTENSION.alpn, vector(2, ...options.alpn.map(name => vector(1, ascii(name))))));
  }
  return list;
}

function tls13Extensions(options: HelloOptions): Uint8Array[] {
  const shares = (options.shares ?? DEFAULT_SHARES).flatMap(group => {
    const share = keyShare(group);
    return share === undefined ? [] : [concat(u16(group), vector(2, share))];
  });
  const list = [
    extension(EXTENSION.supportedVersions, vector(1, u16(WIRE_VERSIONS['TLSv1.3']))),
    extension(EXTENSION.pskModes, vector(1, u8(1))),
    extension(EXTENSION.keyShare, vector(2, ...shares)),
  ];
  if (options.cookie !== undefined) list.push(extension(EXTENSION.cookie, vector(2, options.cookie)));
  return list;
}

function olderExtensions(): Uint8Array[] {
  return [
    extension(EXTENSION.pointFormats, vector(1, Uint8Array.of(0, 1, 2))),
    extension(EXTENSION.encryptThenMac, new Uint8Array(0)),
    extension(EXTENSION.extendedMasterSecret, new Uint8Array(0)),
    extension(EXTENSION.sessionTicket, new Uint8Array(0)),
  ];
}

function extension(type: number, body: Uint8Array): Uint8Array {
  return concat(u16(type), vector(2, body));
}

/** The name as it goes on the wire, without a trailing dot; `undefined` for none and for an address. */
function hostName(servername: string | undefined): string | undefined {
  if (servername === undefined) return undefined;
  const name = servername.endsWith('.') ? servername.slice(0, -1) : servername;
  if (name === '' || name.length > 253 || /^\d+(?:\.\d+){3}$|:/.test(name)) return undefined;
  return name;
}
