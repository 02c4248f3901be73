/** The suite list that TLSv1.3 has for itself. */
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { minimumBits } from './levels.js';

/** TLSv1.3 suites with the bits of their encryption, and the release that brought them. */
const SUITES: ReadonlyMap<string, { readonly bits: number; readonly since: string }> = new Map([
  ['TLS_AES_256_GCM_SHA384', { bits: 256, since: '1.1.1' }],
  ['TLS_CHACHA20_POLY1305_SHA256', { bits: 256, since: '1.1.1' }],
  ['TLS_AES_128_GCM_SHA256', { bits: 128, since: '1.1.1' }],
  ['TLS_AES_128_CCM_SHA256', { bits: 128, since: '1.1.1' }],
  ['TLS_AES_128_CCM_8_SHA256', { bits: 64, since: '1.1.1' }],
  // Integrity only, RFC 9150 (CHANGES 3.3 to 3.4).
  ['TLS_SHA256_SHA256', { bits: 0, since: '3.4.0' }],
  ['TLS_SHA384_SHA384', { bits: 0, since: '3.4.0' }],
]);

/** SSL_CTX_set_ciphersuites: an unknown name is an error before 3.0 and passed over from then on, unless nothing is left. */
export function ciphersuitesError(openssl: OpensslTarget, list: string): 'no cipher match' | undefined {
  if (list === '') return undefined;
  const names = split(list);
  const known = names.filter(name => isSuite(openssl, name));
  const fails = atLeast(openssl.version, '3.0.0') ? known.length === 0 : known.length < names.length;
  return fails ? 'no cipher match' : undefined;
}

/** Whether the list has a suite for TLSv1.3; `undefined` is the library's own list. */
export function hasCiphersuite(openssl: OpensslTarget, list: string | undefined): boolean {
  return list === undefined || split(list).some(name => SUITES.has(name) && isSuite(openssl, name));
}

/** The same with what a security level takes away. */
export function hasUsableCiphersuite(openssl: OpensslTarget, list: string | undefined, level: number): boolean {
  const least = minimumBits(level);
  if (list === undefined) return least <= 256;
  return split(list).some(name => isSuite(openssl, name) && (SUITES.get(name)?.bits ?? -1) >= least);
}

function isSuite(openssl: OpensslTarget, name: string): boolean {
  const suite = SUITES.get(name);
  return suite !== undefined && atLeast(openssl.version, suite.since);
}

/** CONF_parse_list with `:`. */
function split(list: string): string[] {
  return list.split(':').map(name => name.trim());
}
