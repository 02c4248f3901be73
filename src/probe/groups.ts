/** Named groups of the key exchange (IANA "TLS Supported Groups") and key shares for them. */
import { createECDH, generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { concat } from './bytes.js';

/** In the order of a ClientHello: what servers use, then what only old ones have. */
const GROUPS: ReadonlyArray<readonly [id: number, name: string]> = [
  [29, 'X25519'],
  [23, 'P-256'],
  [24, 'P-384'],
  [25, 'P-521'],
  [30, 'X448'],
  [4588, 'X25519MLKEM768'],
  [4587, 'SecP256r1MLKEM768'],
  [4589, 'SecP384r1MLKEM1024'],
  [256, 'ffdhe2048'],
  [257, 'ffdhe3072'],
  [258, 'ffdhe4096'],
  [259, 'ffdhe6144'],
  [260, 'ffdhe8192'],
  [31, 'brainpoolP256r1tls13'],
  [32, 'brainpoolP384r1tls13'],
  [33, 'brainpoolP512r1tls13'],
  [26, 'brainpoolP256r1'],
  [27, 'brainpoolP384r1'],
  [28, 'brainpoolP512r1'],
  [22, 'secp256k1'],
  [21, 'P-224'],
  [20, 'secp224k1'],
  [19, 'P-192'],
  [18, 'secp192k1'],
  [17, 'secp160r2'],
  [16, 'secp160r1'],
  [15, 'secp160k1'],
  [14, 'sect571r1'],
  [13, 'sect571k1'],
  [12, 'sect409r1'],
  [11, 'sect409k1'],
  [10, 'sect283r1'],
  [9, 'sect283k1'],
  [8, 'sect239k1'],
  [7, 'sect233r1'],
  [6, 'sect233k1'],
  [5, 'sect193r2'],
  [4, 'sect193r1'],
  [3, 'sect163r2'],
  [2, 'sect163r1'],
  [1, 'sect163k1'],
];

const NAMES = new Map(GROUPS);

/** Groups that TLSv1.3 may use (RFC 8446, section 4.2.7, RFC 8734, draft-ietf-tls-ecdhe-mlkem). */
const TLSV1_3_GROUPS: ReadonlySet<number> = new Set([
  29, 23, 24, 25, 30, 4588, 4587, 4589, 256, 257, 258, 259, 260, 31, 32, 33,
]);

/** Sizes in bytes of finite-field public values (RFC 7919). */
const FFDHE_SIZES = new Map([
  [256, 256],
  [257, 384],
  [258, 512],
  [259, 768],
  [260, 1024],
]);

/** Node's names of the curves that it makes key pairs for. */
const CURVES = new Map([
  [23, 'prime256v1'],
  [24, 'secp384r1'],
  [25, 'secp521r1'],
  [31, 'brainpoolP256r1'],
  [32, 'brainpoolP384r1'],
  [33, 'brainpoolP512r1'],
  [26, 'brainpoolP256r1'],
  [27, 'brainpoolP384r1'],
  [28, 'brainpoolP512r1'],
]);

const MLKEM768_VECTOR = 1152;
const MLKEM1024_VECTOR = 1536;

const made = new Map<number, Uint8Array | undefined>();

/** `X25519`, `P-256`; the number as `0x001D` for a group that has no row. */
export function groupName(id: number): string {
  return NAMES.get(id) ?? `0x${id.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** What `supported_groups` holds: all groups before TLSv1.3, those that TLSv1.3 allows for it. */
export function groupsFor(tls13: boolean): readonly number[] {
  const ids = GROUPS.map(([id]) => id);
  return tls13 ? ids.filter(id => TLSV1_3_GROUPS.has(id)) : ids;
}

/**
 * A public value that a server accepts for the group; `undefined` where Node can't make one. Each is made once: no
 * handshake is ever finished with it, so nothing is to be kept secret.
 */
export function keyShare(group: number): Uint8Array | undefined {
  if (!made.has(group)) made.set(group, makeKeyShare(group));
  return made.get(group);
}

function makeKeyShare(group: number): Uint8Array | undefined {
  if (group === 29) return rawPublic('x25519', 32);
  if (group === 30) return rawPublic('x448', 56);
  if (group === 4588) return concat(encapsulationKey(MLKEM768_VECTOR), rawPublic('x25519', 32));
  if (group === 4587) return concat(ecPublic('prime256v1'), encapsulationKey(MLKEM768_VECTOR));
  if (group === 4589) return concat(ecPublic('secp384r1'), encapsulationKey(MLKEM1024_VECTOR));
  const curve = CURVES.get(group);
  if (curve !== undefined) return ecPublic(curve);
  const size = FFDHE_SIZES.get(group);
  return size === undefined ? undefined : finiteField(size);
}

function rawPublic(type: 'x25519' | 'x448', length: number): Uint8Array {
  // The two overloads have no common signature, and the raw key is the end of its SubjectPublicKeyInfo (RFC 8410).
  const { publicKey } = type === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('x448');
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-length));
}

function ecPublic(curve: string): Uint8Array {
  return new Uint8Array(createECDH(curve).generateKeys());
}

/**
 * A power of the generator 2 that needs no reduction, since the primes of RFC 7919 begin with 64 ones. Servers check that
 * the value is in the subgroup, which a random number is in half of the cases alone.
 */
function finiteField(size: number): Uint8Array {
  const value = new Uint8Array(size);
  const exponent = randomInt(size * 4, size * 8 - 1);
  value[size - 1 - (exponent >>> 3)] = 1 << (exponent & 7);
  return value;
}

/** Coefficients of zero are all below the modulus, which is what an ML-KEM server checks (FIPS 203, section 7.2). */
function encapsulationKey(vectorLength: number): Uint8Array {
  return concat(new Uint8Array(vectorLength), randomBytes(32));
}
