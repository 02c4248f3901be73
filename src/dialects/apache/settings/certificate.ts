/** `SSLCertificateFile`: what kind of key the server signs with. */
import { namesEc } from '../../../model/assumed-key.js';
import type { KeyType } from '../../../model/openssl.js';
import { readKeyType } from '../../certificate.js';
import type { Reading } from '../read.js';
import { linesOf, type Scope } from '../scope.js';

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
  if (!known.has(file)) known.set(file, file === '' ? undefined : readKeyType(reading.host, reading.locate(file)));
  return known.get(file);
}
