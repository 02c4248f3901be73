/** `SSLCertificateFile`: what kind of key the server signs with. */
import { namesEc } from '../../../model/assumed-key.js';
import type { KeyType, PublicKey } from '../../../model/openssl.js';
import { type CertificateKey, readKey } from '../../certificate.js';
import type { Reading } from '../read.js';
import { linesOf, type Scope } from '../scope.js';

const UNKNOWN: readonly KeyType[] = [undefined];

export function keyTypes(reading: Reading, scope: Scope): readonly KeyType[] {
  const files = filesOf(reading, scope);
  return files.length === 0 ? UNKNOWN : files.map(file => certificateOf(reading, file).type);
}

/** Of those that can be read. */
export function keySizes(reading: Reading, scope: Scope): readonly PublicKey[] {
  return filesOf(reading, scope).flatMap(file => certificateOf(reading, file).size ?? []);
}

/** Of the scope, and those of the main server that they do not take the place of. */
function filesOf(reading: Reading, scope: Scope): readonly string[] {
  const own = certificateFiles(scope);
  return [...own, ...(scope === reading.main ? [] : certificateFiles(reading.main).slice(own.length))];
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

const found = new WeakMap<Reading, Map<string, CertificateKey>>();

function certificateOf(reading: Reading, file: string): CertificateKey {
  let known = found.get(reading);
  if (!known) {
    known = new Map();
    found.set(reading, known);
  }
  let key = known.get(file);
  if (!key) {
    key = file === '' ? { type: undefined } : readKey(reading.host, reading.locate(file));
    known.set(file, key);
  }
  return key;
}
