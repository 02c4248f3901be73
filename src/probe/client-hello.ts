/** Reads the ClientHello that somebody sends: which versions, suites and names it offers. */
import { PROTOCOLS, type Protocol } from '../model/protocols.js';
import { createCursor } from './bytes.js';
import { WIRE_VERSIONS } from './hello.js';
import { createRecordReader } from './record.js';

export interface ReadClientHello {
  /** `client_version`: the newest version of a client that does not send `supported_versions`. */
  readonly legacyVersion: Protocol | undefined;
  /** `supported_versions` in the client's order, GREASE left out; `undefined` where it does not send any. */
  readonly versions: readonly Protocol[] | undefined;
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly servername: string | undefined;
  readonly alpn: readonly string[];
  /** Numbers in the client's order, GREASE included. */
  readonly extensions: readonly number[];
}

export type Heard =
  | { readonly kind: 'hello'; readonly hello: ReadClientHello }
  /** An SSLv2 CLIENT-HELLO, alone or as the envelope of a newer one (RFC 5246, appendix E.2). */
  | { readonly kind: 'sslv2-hello'; readonly version: Protocol | undefined }
  | { readonly kind: 'not-tls' }
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' };

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

/** `bytes` is everything that has come since the connection opened. */
export function readClientHello(bytes: Uint8Array): Heard {
  if (bytes.length >= 5 && (bytes[0]! & 0x80) !== 0 && bytes[2] === 1) {
    return { kind: 'sslv2-hello', version: protocolOf(bytes[3]! * 256 + bytes[4]!) };
  }
  for (const item of createRecordReader().push(bytes)) {
    if (item.kind !== 'handshake' || item.type !== 1) return { kind: 'not-tls' };
    const hello = readBody(item.body);
    return hello === undefined ? { kind: 'not-tls' } : { kind: 'hello', hello };
  }
  return { kind: 'incomplete' };
}

/** RFC 8446, section 4.1.2. `undefined` where the lengths don't add up. */
function readBody(body: Uint8Array): ReadClientHello | undefined {
  const cursor = createCursor(body);
  const legacyVersion = protocolOf(cursor.number(2));
  cursor.take(32);
  cursor.vector(1);
  const suites = numbers(cursor.vector(2));
  cursor.vector(1);
  const extensions = new Map<number, Uint8Array>();
  if (cursor.left > 0) {
    const list = createCursor(cursor.vector(2));
    while (list.left > 0) extensions.set(list.number(2), list.vector(2));
  }
  if (cursor.broken) return undefined;
  const versions = extensions.get(SUPPORTED_VERSIONS);
  return {
    legacyVersion,
    versions: versions === undefined ? undefined : readVersions(versions),
    suites,
    groups: numbers(createCursor(extensions.get(SUPPORTED_GROUPS) ?? new Uint8Array(2)).vector(2)),
    servername: readServerName(extensions.get(SERVER_NAME)),
    alpn: readAlpn(extensions.get(ALPN)),
    extensions: [...extensions.keys()],
  };
}

function readVersions(body: Uint8Array): Protocol[] {
  return numbers(createCursor(body).vector(1)).flatMap(wire => protocolOf(wire) ?? []);
}

function readServerName(body: Uint8Array | undefined): string | undefined {
  if (body === undefined) return undefined;
  const list = createCursor(createCursor(body).vector(2));
  if (list.number(1) !== 0) return undefined;
  return Buffer.from(list.vector(2)).toString('latin1');
}

function readAlpn(body: Uint8Array | undefined): string[] {
  if (body === undefined) return [];
  const list = createCursor(createCursor(body).vector(2));
  const names: string[] = [];
  while (list.left > 0) names.push(Buffer.from(list.vector(1)).toString('latin1'));
  return names;
}

function numbers(body: Uint8Array): number[] {
  const list: number[] = [];
  for (let at = 0; at + 1 < body.length; at += 2) list.push(body[at]! * 256 + body[at + 1]!);
  return list;
}

function protocolOf(wire: number): Protocol | undefined {
  return PROTOCOLS.find(name => WIRE_VERSIONS[name] === wire);
}
