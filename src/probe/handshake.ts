/**
 * One handshake of a prober, without a socket: bytes in, bytes out, and at the end what was learnt.
 *
 * A version counts as offered where the server goes on past its ServerHello as in a real handshake: up to
 * ServerHelloDone before TLSv1.3, up to the first protected record in TLSv1.3. OpenSSL 3.0 takes TLSv1 at security
 * level 2 and then finds no signature for it (alert internal_error): a ServerHello alone proves nothing.
 */
import { X509Certificate } from 'node:crypto';
import { PROTOCOLS, type Protocol } from '../model/protocols.js';
import { alertName } from './alerts.js';
import { type Cursor, createCursor } from './bytes.js';
import { groupName } from './groups.js';
import { clientHello, createSession, DEFAULT_SHARES, type HelloOptions, WIRE_VERSIONS } from './hello.js';
import { createRecordReader, type Item, type RecordReader } from './record.js';
import { suiteName } from './suites.js';

export type Reason =
  /** The server goes on with the version that was asked for. */
  | 'server-hello'
  /** It answers with another version, see `agreed`. */
  | 'other-version'
  | 'alert'
  /** The connection ends without a word. */
  | 'closed'
  | 'reset'
  | 'timeout'
  /** The peer speaks, but not TLS. */
  | 'not-tls'
  /** TLS records that make no sense. */
  | 'malformed'
  /** The peer does not know or does not allow the command that starts TLS. */
  | 'no-starttls'
  /** No connection. */
  | 'refused'
  | 'unreachable'
  | 'unknown-host';

/** The certificate's key: `rsa` with its size in bits, `ec` with its curve. */
export interface CertificateKey {
  readonly type: string;
  readonly bits?: number;
  readonly curve?: string;
}

export interface Outcome {
  /** `null` where the question was not answered: no connection, no answer in time. */
  readonly offered: boolean | null;
  readonly reason: Reason;
  /** `protocol_version`, or `encrypted` where it came under TLSv1.3's protection. */
  readonly alert?: string;
  /** The version of the ServerHello. */
  readonly agreed?: Protocol;
  /** IANA's number of the suite that the server chose, and OpenSSL's name of it. */
  readonly suiteId?: number;
  readonly suite?: string;
  /** The group of the key exchange: `X25519`, `P-256`, `DH 2048`. */
  readonly group?: string;
  /** The group that a HelloRetryRequest asked for. */
  readonly retryGroup?: number;
  readonly compression?: boolean;
  readonly alpn?: string;
  /** Up to TLSv1.2, where the certificate is sent in the clear. */
  readonly key?: CertificateKey;
  /** The start of what came instead of TLS, printable ASCII alone. */
  readonly banner?: string;
  /** A warning alert that came on the way, such as `unrecognized_name`. */
  readonly warning?: string;
}

export interface Step {
  readonly send?: Uint8Array;
  readonly done?: Outcome;
}

export interface Handshake {
  /** What to send first. */
  readonly hello: Uint8Array;
  push(chunk: Uint8Array): Step;
  /** What is known when nothing more comes. */
  end(reason: 'closed' | 'reset' | 'timeout'): Outcome;
}

const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const SERVER_HELLO_DONE = 14;
const SUPPORTED_VERSIONS = 43;
const ALPN = 16;
const KEY_SHARE = 51;
const COOKIE = 44;

/** An alert under AEAD protection: two bytes, the content type, a tag (of 8 bytes in the CCM_8 suites). */
const PROTECTED_ALERT_LENGTHS: ReadonlySet<number> = new Set([11, 19]);

/** The random that makes a ServerHello a HelloRetryRequest: SHA-256 of that word (RFC 8446, section 4.1.3). */
const HELLO_RETRY_REQUEST = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

type Learnt = { -readonly [Key in Exclude<keyof Outcome, 'offered' | 'reason'>]?: Outcome[Key] };

interface State {
  readonly options: HelloOptions;
  readonly learnt: Learnt;
  readonly reader: RecordReader;
  helloSeen: boolean;
  retried: boolean;
}

export function createHandshake(options: HelloOptions): Handshake {
  if (options.version === 'SSLv2') return createSslv2Handshake(options);
  const session = options.session ?? createSession();
  const state: State = {
    options: { ...options, session },
    learnt: {},
    reader: createRecordReader(),
    helloSeen: false,
    retried: false,
  };
  return {
    hello: clientHello(state.options),
    push(chunk) {
      return readItems(state, state.reader.push(chunk));
    },
    end(reason) {
      return finish(state, reason === 'timeout' ? null : false, reason);
    },
  };
}

function readItems(state: State, items: readonly Item[]): Step {
  let offered = false;
  for (const item of items) {
    if (item.kind === 'protected') {
      if (!state.helloSeen) return { done: finish(state, false, 'malformed') };
      if (PROTECTED_ALERT_LENGTHS.has(item.length)) return { done: alerted(state, 'encrypted') };
      offered = true;
      continue;
    }
    const step = readItem(state, item);
    if (step !== undefined) return step;
  }
  return offered ? { done: finish(state, true, 'server-hello') } : {};
}

function readItem(state: State, item: Exclude<Item, { kind: 'protected' }>): Step | undefined {
  if (item.kind === 'foreign') return { done: foreign(state, item.bytes) };
  if (item.kind === 'too-long') return { done: finish(state, false, 'malformed') };
  if (item.kind === 'change-cipher-spec') return undefined;
  if (item.kind === 'handshake') return readHandshake(state, item.type, item.body);
  if (item.fatal || item.code === 0) return { done: alerted(state, alertName(item.code)) };
  state.learnt.warning = alertName(item.code);
  return undefined;
}

function readHandshake(state: State, type: number, body: Uint8Array): Step | undefined {
  if (type === SERVER_HELLO) return readServerHello(state, body);
  if (!state.helloSeen) return type === 0 ? undefined : { done: finish(state, false, 'malformed') };
  if (type === CERTIFICATE) readCertificate(state.learnt, body);
  if (type === SERVER_KEY_EXCHANGE) readKeyExchange(state.learnt, body);
  if (type === SERVER_HELLO_DONE) return { done: finish(state, true, 'server-hello') };
  return undefined;
}

/** RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3. */
function readServerHello(state: State, body: Uint8Array): Step | undefined {
  const cursor = createCursor(body);
  const legacyVersion = cursor.number(2);
  const random = Buffer.from(cursor.take(32)).toString('hex');
  cursor.vector(1);
  const suiteId = cursor.number(2);
  const compression = cursor.number(1);
  const extensions = cursor.left > 0 ? readExtensions(cursor) : new Map<number, Uint8Array>();
  if (cursor.broken) return { done: finish(state, false, 'malformed') };
  const chosen = extensions.get(SUPPORTED_VERSIONS);
  const wire = chosen === undefined ? legacyVersion : createCursor(chosen).number(2);
  const agreed = PROTOCOLS.find(name => WIRE_VERSIONS[name] === wire);
  Object.assign(state.learnt, { suiteId, suite: suiteName(suiteId), compression: compression !== 0 });
  if (agreed !== undefined) state.learnt.agreed = agreed;
  const alpn = extensions.get(ALPN);
  if (alpn !== undefined) state.learnt.alpn = printable(createCursor(createCursor(alpn).vector(2)).vector(1));
  if (agreed !== state.options.version) return { done: finish(state, false, 'other-version') };
  const share = extensions.get(KEY_SHARE);
  if (share !== undefined) state.learnt.group = groupName(createCursor(share).number(2));
  if (random === HELLO_RETRY_REQUEST) return retryHello(state, share, extensions.get(COOKIE));
  state.helloSeen = true;
  return undefined;
}

/** The second ClientHello (RFC 8446, section 4.1.2). A server may ask once. */
function retryHello(state: State, share: Uint8Array | undefined, cookie: Uint8Array | undefined): Step {
  if (state.retried) return { done: finish(state, false, 'malformed') };
  state.retried = true;
  if (share !== undefined) state.learnt.retryGroup = createCursor(share).number(2);
  const options: HelloOptions = {
    ...state.options,
    shares: share === undefined ? DEFAULT_SHARES : [createCursor(share).number(2)],
    ...(cookie === undefined ? {} : { cookie: createCursor(cookie).vector(2) }),
  };
  return { send: clientHello(options) };
}

function readExtensions(cursor: Cursor): Map<number, Uint8Array> {
  const list = createCursor(cursor.vector(2));
  const extensions = new Map<number, Uint8Array>();
  while (list.left > 0) extensions.set(list.number(2), list.vector(2));
  return extensions;
}

function readCertificate(learnt: Learnt, body: Uint8Array): void {
  const chain = createCursor(createCursor(body).vector(3));
  const key = certificateKey(chain.vector(3));
  if (key !== undefined) learnt.key = key;
}

function certificateKey(der: Uint8Array): CertificateKey | undefined {
  if (der.length === 0) return undefined;
  try {
    const { publicKey } = new X509Certificate(der);
    const details = publicKey.asymmetricKeyDetails;
    return {
      type: publicKey.asymmetricKeyType ?? 'unknown',
      ...(details?.modulusLength === undefined ? {} : { bits: details.modulusLength }),
      ...(details?.namedCurve === undefined ? {} : { curve: details.namedCurve }),
    };
  } catch {
    return undefined;
  }
}

/** A named curve (RFC 8422, section 5.4) or a Diffie-Hellman prime (RFC 5246, section 7.4.3), by the suite. */
function readKeyExchange(learnt: Learnt, body: Uint8Array): void {
  const cursor = createCursor(body);
  if (/^(?:ECDHE|AECDH)-/.test(learnt.suite ?? '')) {
    if (cursor.number(1) === 3) learnt.group = groupName(cursor.number(2));
    return;
  }
  const prime = cursor.vector(2);
  if (!cursor.broken && prime.length > 0) learnt.group = `DH ${bitLength(prime)}`;
}

function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex(byte => byte !== 0);
  return first === -1 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first]!) - 24);
}

function finish(state: State, offered: boolean | null, reason: Reason): Outcome {
  return { offered, reason, ...state.learnt };
}

function alerted(state: State, alert: string): Outcome {
  return { offered: false, reason: 'alert', alert, ...state.learnt };
}

function foreign(state: State, bytes: Uint8Array): Outcome {
  return { ...finish(state, false, 'not-tls'), banner: printable(bytes) };
}

function printable(bytes: Uint8Array): string {
  return Array.from(bytes, byte => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ' '))
    .join('')
    .trim();
}

/** SSL 2.0: SERVER-HELLO with at least one cipher kind in common, else an alert, an ERROR message or silence. */
function createSslv2Handshake(options: HelloOptions): Handshake {
  let bytes: Uint8Array = new Uint8Array(0);
  return {
    hello: clientHello(options),
    push(chunk) {
      bytes = Buffer.concat([bytes, chunk]).subarray(0, 32768);
      const done = readSslv2(bytes);
      return done === undefined ? {} : { done };
    },
    end(reason) {
      return { offered: reason === 'timeout' ? null : false, reason };
    },
  };
}

function readSslv2(bytes: Uint8Array): Outcome | undefined {
  if (bytes.length < 3) return undefined;
  if ((bytes[0]! & 0x80) === 0) return readSslv2Refusal(bytes);
  const length = (bytes[0]! & 0x7f) * 256 + bytes[1]!;
  const cursor = createCursor(bytes.subarray(2, 2 + length));
  const type = cursor.number(1);
  if (type === 0) return { offered: false, reason: 'alert', alert: `error ${cursor.number(2)}` };
  if (type !== 4) return { offered: false, reason: 'not-tls', banner: printable(bytes.subarray(0, 256)) };
  if (bytes.length < 2 + length) return undefined;
  cursor.take(2);
  const version = cursor.number(2);
  const certificate = cursor.number(2);
  const kinds = cursor.number(2);
  cursor.number(2);
  const key = certificateKey(cursor.take(certificate));
  const first = cursor.number(3);
  if (cursor.broken || version !== WIRE_VERSIONS.SSLv2 || kinds < 3) return { offered: false, reason: 'malformed' };
  return {
    offered: true,
    reason: 'server-hello',
    agreed: 'SSLv2',
    suiteId: first,
    suite: suiteName(first),
    ...(key === undefined ? {} : { key }),
  };
}

/** A server without SSLv2 answers with a TLS alert, or in its own protocol. */
function readSslv2Refusal(bytes: Uint8Array): Outcome | undefined {
  const items = createRecordReader().push(bytes);
  for (const item of items) {
    if (item.kind === 'alert') return { offered: false, reason: 'alert', alert: alertName(item.code) };
    if (item.kind === 'foreign') return { offered: false, reason: 'not-tls', banner: printable(item.bytes) };
    return { offered: false, reason: 'malformed' };
  }
  return undefined;
}
