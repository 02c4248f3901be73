/** Lists of signature algorithms: `SignatureAlgorithms` of SSL_CONF_cmd (`tls1_set_sigalgs_list`, ssl/t1_lib.c). */
import { NONE, type ProtocolSet, TLSv1_2, TLSv1_3 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';

/** Whether the library refuses a list: a name that it does not know, no name, one twice. */
export function isRefusedSignatures(openssl: OpensslTarget, list: string): boolean {
  const names = elements(list);
  if (names.some(name => !isKnown(openssl, name))) return true;
  // Later releases pass over a name that comes again; where that begins is not settled.
  if (atLeast(openssl.version, '3.1.0')) return false;
  return new Set(names.map(canonical)).size < names.length;
}

/** Versions that a list leaves no signature for with an RSA key: TLSv1.3 signs with PSS alone (RFC 8446 section 4.2.3). */
export function rsaWithoutSignature(list: string | undefined): ProtocolSet {
  if (list === undefined) return NONE;
  const names = elements(list).map(canonical);
  if (names.some(name => name.startsWith('PSS+') || name === '?')) return NONE;
  return names.some(name => name.startsWith('RSA+')) ? TLSv1_3 : TLSv1_3 | TLSv1_2;
}

/** The same with an EC key of a curve that is not known: what surely, and what possibly has no signature. */
export function ecWithoutSignature(list: string | undefined): { surely: ProtocolSet; maybe: ProtocolSet } {
  if (list === undefined) return { surely: NONE, maybe: NONE };
  const names = new Set(elements(list).map(canonical));
  // In TLSv1.3 the hash belongs to the curve.
  const strong = ['ECDSA+SHA256', 'ECDSA+SHA384', 'ECDSA+SHA512'].filter(name => names.has(name));
  if (strong.length === 3 || names.has('?')) return { surely: NONE, maybe: NONE };
  if (strong.length > 0) return { surely: NONE, maybe: TLSv1_3 };
  const older = ['ECDSA+SHA1', 'ECDSA+SHA224'].some(name => names.has(name));
  return { surely: older ? TLSv1_3 : TLSv1_3 | TLSv1_2, maybe: NONE };
}

function elements(list: string): string[] {
  return list.split(':').map(name => name.trim());
}

function isKnown({ version }: OpensslTarget, name: string): boolean {
  if (name === '') return false;
  if (name.includes('+')) {
    const pair = canonical(name);
    if (PAIRS.test(pair)) return !pair.startsWith('PSS+') || atLeast(version, '1.1.1');
    return OLD_PAIRS.test(pair) && !atLeast(version, '1.1.1');
  }
  if (NAMES.has(name)) return atLeast(version, '1.1.1');
  // Providers bring more, and later releases more names and more ways to write them.
  return atLeast(version, '3.2.0') && /^\??[A-Za-z][\w-]*$/.test(name) && (name.startsWith('?') || LATER.test(name));
}

/** `KEY+HASH`; `?` for what is to be passed over where it is not known. Short and long names of a hash are one (OBJ_sn2nid, OBJ_ln2nid). */
function canonical(name: string): string {
  if (name.startsWith('?')) return '?';
  const known = NAMES.get(name) ?? name;
  const plus = known.indexOf('+');
  if (plus === -1) return known;
  const key = known.slice(0, plus).replace(/^RSA-PSS$/, 'PSS');
  const hash = known.slice(plus + 1);
  return `${key}+${/^(?:sha\d+|md5)$/.test(hash) ? hash.toUpperCase() : hash}`;
}

const PAIRS = /^(?:(?:RSA|DSA|ECDSA)\+SHA(?:1|224|256|384|512)|PSS\+SHA(?:256|384|512))$/;
const OLD_PAIRS = /^(?:RSA|DSA|ECDSA)\+MD5$/;
const LATER = /^(?:rsa_|ecdsa_|ed|sm2|mldsa|slh|falcon|dilithium|sphincs|mayo|cross|snova|id-|p\d{3}_|gost|brainpool)/i;

/** `sigalg_lookup_tbl`. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['ecdsa_secp256r1_sha256', 'ECDSA+SHA256'],
  ['ecdsa_secp384r1_sha384', 'ECDSA+SHA384'],
  ['ecdsa_secp521r1_sha512', 'ECDSA+SHA512'],
  ['ed25519', 'ed25519'],
  ['ed448', 'ed448'],
  ['rsa_pss_rsae_sha256', 'PSS+SHA256'],
  ['rsa_pss_rsae_sha384', 'PSS+SHA384'],
  ['rsa_pss_rsae_sha512', 'PSS+SHA512'],
  ['rsa_pss_pss_sha256', 'rsa_pss_pss_sha256'],
  ['rsa_pss_pss_sha384', 'rsa_pss_pss_sha384'],
  ['rsa_pss_pss_sha512', 'rsa_pss_pss_sha512'],
  ['rsa_pkcs1_sha1', 'RSA+SHA1'],
  ['rsa_pkcs1_sha224', 'RSA+SHA224'],
  ['rsa_pkcs1_sha256', 'RSA+SHA256'],
  ['rsa_pkcs1_sha384', 'RSA+SHA384'],
  ['rsa_pkcs1_sha512', 'RSA+SHA512'],
]);
