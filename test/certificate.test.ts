/** What is read of a certificate's key: its kind and size, and nothing of what is cut off or is none. */
import { Buffer } from 'node:buffer';
import test from 'ava';
import { type CertificateKey, readKey } from '../src/dialects/certificate.js';
import type { Host } from '../src/dialects/types.js';
import { memoryHost } from '../src/host.js';
import { certificates } from './helpers/servers.js';

const PEMS = certificates();

function keyOf(text: string | Uint8Array): CertificateKey {
  return readKey(memoryHost(new Map([['/c.pem', text]])), '/c.pem');
}

function pem(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
}

function derOf(name: string): Buffer {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----([^-]+)/.exec(Buffer.from(PEMS[name]!).toString('latin1'))!;
  return Buffer.from(body, 'base64');
}

test('kind and size', t => {
  t.deepEqual(keyOf(PEMS['cert.pem']!), { type: 'rsa', size: { type: 'rsa', bits: 2048 } });
  t.deepEqual(keyOf(PEMS['eccert.pem']!), { type: 'ec', size: { type: 'ec', bits: 256 } });
  t.deepEqual(keyOf(`# mine\n${pem(derOf('eccert.pem'))}${pem(derOf('cert.pem'))}`).type, 'ec', 'the first counts');
});

test('what is no certificate, or of another kind, has no known key', t => {
  for (const text of ['', 'x', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', pem(Buffer.alloc(200))]) {
    t.deepEqual(keyOf(text), { type: undefined });
  }
  const none = memoryHost(new Map());
  t.deepEqual(readKey(none, '/c.pem'), { type: undefined });
  const denied: Host = { ...none, kind: () => 'file', read: () => ({ failure: 'denied', message: '' }) };
  t.deepEqual(readKey(denied, '/c.pem'), { type: undefined });
});

test('an unknown curve has no size', t => {
  const der = derOf('eccert.pem');
  der[der.indexOf(Buffer.from('2a8648ce3d030107', 'hex')) + 7] = 0x77;
  t.deepEqual(keyOf(pem(der)), { type: 'ec' });
});

test('a certificate that is cut off or broken anywhere has its true size or none', t => {
  const whole = derOf('cert.pem');
  const algorithm = whole.indexOf(Buffer.from('06092a864886f70d010101', 'hex'));
  const sizes = new Set<number | undefined>();
  for (let length = algorithm; length < algorithm + 320; length++)
    sizes.add(keyOf(pem(whole.subarray(0, length))).size?.bits);
  t.deepEqual([...sizes], [undefined, 2048]);
  for (let at = algorithm + 11; at < algorithm + 30; at++) {
    const broken = Buffer.from(whole);
    broken[at] = 0xff;
    t.notThrows(() => keyOf(pem(broken)));
  }
  const zeros = Buffer.from(whole);
  const modulus = whole.indexOf(Buffer.from('02820101', 'hex'), algorithm) + 4;
  t.deepEqual(keyOf(pem(zeros.fill(0, modulus, modulus + 257))), { type: 'rsa' });
});
