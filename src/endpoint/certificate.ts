/**
 * A self-signed certificate (RFC 5280) for one run: ECDSA on P-256, valid for a month, its own authority, so that the
 * same file is what a client must trust. Node signs and reads certificates, but does not write them.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

export interface Credentials {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

const DAY = 86_400_000;

/** `hosts` are DNS names and addresses; the first is the subject's name. */
export function selfSigned(hosts: readonly string[], now = Date.now()): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const name = sequence(
    set(sequence(oid(2, 5, 4, 3), tagged(0x0c, Buffer.from(`tlslint endpoint ${hosts[0] ?? ''}`)))),
  );
  const algorithm = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
  const serial = randomBytes(16);
  // Positive and of full length.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(serial),
    algorithm,
    name,
    sequence(utcTime(now - DAY), utcTime(now + 30 * DAY)),
    name,
    spki,
    tagged(0xa3, sequence(...extensions(hosts, spki))),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, algorithm, bitString(signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(certificate) };
}

function extensions(hosts: readonly string[], spki: Buffer): Buffer[] {
  const identifier = createHash('sha1').update(spki).digest();
  return [
    // basicConstraints: an authority.
    extension(19, true, sequence(tagged(0x01, Buffer.of(0xff)))),
    // keyUsage: digitalSignature (bit 0) and keyCertSign (bit 5).
    extension(15, true, tagged(0x03, Buffer.of(2, 0x84))),
    // extKeyUsage: serverAuth.
    extension(37, false, sequence(oid(1, 3, 6, 1, 5, 5, 7, 3, 1))),
    extension(14, false, octets(identifier)),
    extension(17, false, sequence(...hosts.map(alternativeName))),
  ];
}

function extension(id: number, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(2, 5, 29, id), ...(critical ? [tagged(0x01, Buffer.of(0xff))] : []), octets(value));
}

/** dNSName [2] or iPAddress [7]. */
function alternativeName(host: string): Buffer {
  const family = isIP(host);
  if (family === 0) return tagged(0x82, Buffer.from(host, 'ascii'));
  return tagged(0x87, family === 4 ? Buffer.from(host.split('.').map(Number)) : ipv6Bytes(host));
}

function ipv6Bytes(host: string): Buffer {
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map(part => Number.parseInt(part, 16));
  const [head = '', tail] = host.split('::');
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const all = [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
  return Buffer.from(all.flatMap(group => [group >> 8, group & 0xff]));
}

/** Distinguished encoding: tag, length in the shortest form, content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, ...parts);
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

/** Big-endian, not negative. */
function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bitString(content: Buffer): Buffer {
  return tagged(0x03, Buffer.of(0), content);
}

function utcTime(time: number): Buffer {
  const text = new Date(time).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(0x17, Buffer.from(text.slice(2), 'ascii'));
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
