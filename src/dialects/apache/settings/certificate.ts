/** `SSLCertificateFile`: what kind of key the server signs with. */
import { createSource } from '../../../../parsers/source.js';
import { namesEc } from '../../../model/assumed-key.js';
import type { KeyType } from '../../../model/openssl.js';
import type { Reading } from '../read.js';
import { linesOf, type Scope } from '../scope.js';

const LARGEST = 1024 * 1024;
/** The algorithm identifiers of a public key in DER: rsaEncryption (RFC 8017) and id-ecPublicKey (RFC 5480). */
const RSA = '\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01';
const EC = '\x06\x07\x2a\x86\x48\xce\x3d\x02\x01';
const UNKNOWN: readonly KeyType[] = [undefined];

/** Of the files of the scope, and of those of the main server that they do not take the place of. */
export function keyTypes(reading: Reading, scope: Scope): readonly KeyType[] {
  const own = certificateFiles(scope);
  const inherited = scope === reading.main ? [] : certificateFiles(reading.main).slice(own.length);
  const files = [...own, ...inherited];
  return files.length === 0 ? UNKNOWN : files.map(file => keyTypeOf(reading, file));
}

/** Whether the name of one of them speaks of an elliptic curve. */
export function mayBeEc(reading: Reading, scope: Scope): boolean {
  return [...certificateFiles(scope), ...certificateFiles(reading.main)].some(namesEc);
}

function certificateFiles(scope: Scope): string[] {
  return linesOf(scope, 'sslcertificatefile').map(line =>
    line.unknown === undefined ? (line.args[0]?.text ?? '') : '',
  );
}

const found = new WeakMap<Reading, Map<string, KeyType>>();

function keyTypeOf(reading: Reading, file: string): KeyType {
  let known = found.get(reading);
  if (!known) {
    known = new Map();
    found.set(reading, known);
  }
  if (!known.has(file)) known.set(file, readKeyType(reading, file));
  return known.get(file);
}

function readKeyType({ host, locate }: Reading, file: string): KeyType {
  if (file === '') return undefined;
  const place = locate(file);
  if (host.kind(place) !== 'file') return undefined;
  const bytes = host.read(place, LARGEST);
  if ('failure' in bytes) return undefined;
  const match = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/.exec(
    createSource(bytes).text,
  );
  if (!match) return undefined;
  const der = atob(match[1]!.replace(/\s+/g, ''));
  if (der.includes(EC)) return 'ec';
  return der.includes(RSA) ? 'rsa' : undefined;
}
