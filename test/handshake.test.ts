/** Handshakes byte by byte, without a network: what a server may say that none of this machine does. */
import { Buffer } from 'node:buffer';
import test from 'ava';
import type { Protocol } from '../src/model/protocols.js';
import { concat, u8, u16, vector } from '../src/probe/bytes.js';
import { readClientHello } from '../src/probe/client-hello.js';
import { createHandshake } from '../src/probe/handshake.js';
import { clientHello, WIRE_VERSIONS } from '../src/probe/hello.js';
import { certificates } from './helpers/servers.js';

const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

function record(type: number, payload: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type, 3, 3), vector(2, payload));
}

function message(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return record(22, concat(u8(type), vector(3, ...parts)));
}

function extension(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return concat(u16(type), vector(2, ...parts));
}

/** `list`: its extensions. */
function serverHello(version: Protocol, suite: number, list: readonly Uint8Array[] = [], random = Buffer.alloc(32)) {
  const wire = u16(Math.min(WIRE_VERSIONS[version], 0x0303));
  const all = list.length > 0 ? [vector(2, ...list)] : [];
  return message(2, wire, random, u8(0), u16(suite), u8(0), ...all);
}

const TLS13 = extension(43, u16(0x0304));

function outcomeOf(version: Protocol, ...chunks: readonly Uint8Array[]) {
  const handshake = createHandshake({ version });
  const steps = chunks.map(chunk => handshake.push(chunk));
  return steps.find(step => step.done !== undefined)?.done;
}

test('what comes before its ServerHello is no handshake', t => {
  const malformed = { offered: false, reason: 'malformed' } as const;
  t.like(outcomeOf('TLSv1.3', record(23, new Uint8Array(60))), malformed);
  t.like(outcomeOf('TLSv1.2', message(11, vector(3))), malformed);
  // Of a HelloRequest it may send as many as it likes (RFC 5246, section 7.4.1.1).
  const flight = [message(0), serverHello('TLSv1.2', 0xc02f), message(14)];
  t.like(outcomeOf('TLSv1.2', ...flight), { offered: true, agreed: 'TLSv1.2' });
});

test('a ServerHello whose lengths do not add up is none', t => {
  const short = message(2, u16(0x0303), new Uint8Array(10));
  t.like(outcomeOf('TLSv1.2', short), { offered: false, reason: 'malformed' });
  const beyond = message(2, u16(0x0303), new Uint8Array(32), u8(0), u16(0xc02f), u8(0), u16(400), u16(16));
  t.like(outcomeOf('TLSv1.2', beyond), { offered: false, reason: 'malformed' });
});

test('the protocol that ALPN chose is shown without what a terminal would obey', t => {
  const alpn = (name: string) => extension(16, vector(2, vector(1, Buffer.from(name, 'latin1'))));
  const heard = (name: string) => outcomeOf('TLSv1.2', serverHello('TLSv1.2', 0xc02f, [alpn(name)]), message(14));
  t.like(heard('h2'), { offered: true, alpn: 'h2' });
  t.like(heard('a\u001b[31mb'), { alpn: 'a [31mb' });
});

test('a HelloRetryRequest: its group and its cookie come back', t => {
  const cookie = Uint8Array.of(1, 2, 3, 4);
  const asked = (...list: readonly Uint8Array[]) => {
    const { send, done } = createHandshake({ version: 'TLSv1.3' }).push(
      serverHello('TLSv1.3', 0x1301, [TLS13, ...list], RETRY),
    );
    t.is(done, undefined);
    const heard = readClientHello(send!);
    t.is(heard.kind, 'hello');
    return { extensions: heard.kind === 'hello' ? heard.hello.extensions : [], bytes: Buffer.from(send!) };
  };
  const both = asked(extension(51, u16(24)), extension(44, vector(2, cookie)));
  t.true(both.extensions.includes(44));
  t.true(both.bytes.includes(Buffer.from(extension(44, vector(2, cookie)))));
  // One share, of P-384.
  t.true(both.bytes.includes(Buffer.from(concat(u16(51), u16(2 + 2 + 2 + 97), u16(2 + 2 + 97), u16(24), u16(97)))));
  const alone = asked(extension(44, vector(2, cookie)));
  t.true(alone.bytes.includes(Buffer.from(extension(44, vector(2, cookie)))));
  t.true(asked(extension(51, u16(24))).extensions.every(each => each !== 44));
});

test('groups that are new are offered with a share of their size', t => {
  for (const [group, length] of [
    [4587, 65 + 1184],
    [4588, 1184 + 32],
    [4589, 97 + 1568],
  ] as const) {
    const bytes = Buffer.from(clientHello({ version: 'TLSv1.3', shares: [group] }));
    t.true(bytes.includes(Buffer.from(concat(u16(group), u16(length)))), String(group));
  }
  const none = Buffer.from(clientHello({ version: 'TLSv1.3', shares: [0x7777] }));
  t.true(none.includes(Buffer.from(extension(51, vector(2)))), 'a group that is not known has no share');
});

test('a certificate that makes no sense has no key, and a handshake goes on', t => {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----([^-]+)/.exec(Buffer.from(certificates()['cert.pem']!).toString())!;
  const der = Buffer.from(body, 'base64');
  const heard = (certificate: Uint8Array) =>
    outcomeOf('TLSv1.2', serverHello('TLSv1.2', 0x009c), message(11, vector(3, vector(3, certificate))), message(14));
  t.deepEqual(heard(der)?.key, { type: 'rsa', bits: 2048 });
  t.is(heard(der.subarray(0, 100))?.key, undefined);
  t.true(heard(der.subarray(0, 100))?.offered);
  t.is(heard(new Uint8Array(0))?.key, undefined);
});

test('the group of a key exchange: a curve by its number, Diffie-Hellman by its size', t => {
  const group = (suite: number, exchange: Uint8Array) =>
    outcomeOf('TLSv1.2', serverHello('TLSv1.2', suite), message(12, exchange), message(14))?.group;
  t.is(group(0xc02f, concat(u8(3), u16(29))), 'X25519');
  t.is(group(0xc02f, concat(u8(3), u16(0x7777))), '0x7777');
  t.is(group(0xc02f, concat(u8(1), vector(1))), undefined, 'a curve by its parameters');
  t.is(group(0x009e, vector(2, concat(Uint8Array.of(0, 0x80), new Uint8Array(127)))), 'DH 1024');
  t.is(group(0x009e, vector(2, new Uint8Array(64))), 'DH 0');
  t.is(group(0x009e, vector(2)), undefined);
  t.is(group(0x009e, u16(500)), undefined, 'shorter than it says');
});

test('an SSLv2 SERVER-HELLO that comes in parts, with its key, and alerts of those that have none', t => {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----([^-]+)/.exec(Buffer.from(certificates()['cert.pem']!).toString())!;
  const der = Buffer.from(body, 'base64');
  const hello = concat(
    Uint8Array.of(4, 0, 1),
    u16(2, der.length, 3, 16),
    der,
    Uint8Array.of(1, 0, 0x80),
    new Uint8Array(16),
  );
  const whole = concat(u16(0x8000 | hello.length), hello);
  const handshake = createHandshake({ version: 'SSLv2' });
  t.deepEqual(handshake.push(whole.subarray(0, 2)), {});
  t.deepEqual(handshake.push(whole.subarray(2, 40)), {});
  t.like(handshake.push(whole.subarray(40)).done, { offered: true, agreed: 'SSLv2', key: { type: 'rsa', bits: 2048 } });
  t.like(outcomeOf('SSLv2', record(21, Uint8Array.of(2, 70))), { offered: false, alert: 'protocol_version' });
  t.like(outcomeOf('SSLv2', record(21, Uint8Array.of(2, 200))), { offered: false, alert: 'alert 200' });
  t.like(outcomeOf('SSLv2', message(2, u16(0x0303))), { offered: false, reason: 'malformed' });
});

test('an alert that is cut off, and a name of another kind', t => {
  t.like(outcomeOf('TLSv1.2', record(21, Uint8Array.of(2))), { offered: false, reason: 'not-tls' });
  const named = (kind: number) => {
    const name = extension(0, vector(2, u8(kind), vector(2, Buffer.from('a.test'))));
    const hello = [u16(0x0303), new Uint8Array(32), u8(0), vector(2, u16(0xc02f)), vector(1, u8(0)), vector(2, name)];
    const heard = readClientHello(message(1, ...hello));
    return heard.kind === 'hello' ? heard.hello.servername : heard.kind;
  };
  t.is(named(0), 'a.test');
  t.is(named(1), undefined);
  const cut = readClientHello(message(1, u16(0x0303), new Uint8Array(32), u8(0), u16(900)));
  t.is(cut.kind, 'not-tls');
});
