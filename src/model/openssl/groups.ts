/** Named groups: which release knows which, and which of them TLSv1.3 has. */
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { minimumBits } from './levels.js';

/** False where a list and the level leave TLSv1.3 no group (NX-E1); 1.1.1 asks for such a group all the same and gets it. */
export function hasTls13Group(openssl: OpensslTarget, groups: string | undefined, level: number): boolean {
  if (groups === undefined) return true;
  const modern = atLeast(openssl.version, '3.0.0');
  return elements(groups).some(
    group => passes(openssl, bare(group), level) && !(modern && NOT_IN_TLS1_3.test(bare(group))),
  );
}

/** False where there is no group for ECDHE in TLSv1.2 and older: hybrids, FFDHE and the `tls13` curves alone. */
export function hasOlderGroup(openssl: OpensslTarget, groups: string | undefined, level: number): boolean {
  if (groups === undefined) return true;
  return elements(groups).some(group => passes(openssl, bare(group), level) && !ONLY_TLS1_3.test(bare(group)));
}

/** SSL_SECOP_CURVE_SUPPORTED. A group that is in no table counts as strong. */
function passes(openssl: OpensslTarget, group: string, level: number): boolean {
  if (level <= 0 || !atLeast(openssl.version, '1.1.0')) return true;
  const bits = SECURITY_BITS.find(([names]) => names.test(group))?.[1];
  return bits === undefined || bits >= minimumBits(level);
}

/** `nid_list` of ssl/t1_lib.c and the group tables of 3.x (providers/common/capabilities.c). */
const SECURITY_BITS: ReadonlyArray<readonly [RegExp, number]> = [
  [/^(?:secp(?:160[kr]1|160r2|192[kr]1)|prime192v1|P-192|sect(?:163|193)[kr]\d|[KB]-163)$/i, 80],
  [/^(?:secp224[kr]1|P-224|sect(?:233|239)[kr]1|[KB]-233|ffdhe2048)$/i, 112],
  [
    /^(?:secp256[kr]1|prime256v1|P-256|brainpoolP256r1(?:tls13)?|sect283[kr]1|[KB]-283|X25519|ffdhe(?:3072|4096))$/i,
    128,
  ],
  [/^(?:secp384r1|P-384|brainpoolP384r1(?:tls13)?|sect409[kr]1|[KB]-409)$/i, 192],
  [/^X448$/i, 224],
];

/**
 * The library's error for a list. Only what is certain is refused: an empty element, and a group of a later release. A name that
 * is in no table may come from a provider (3.0 and newer).
 */
export function groupsError(openssl: OpensslTarget, list: string): string | undefined {
  if (list.trim() === '') return 'passed invalid argument';
  const late = elements(list).some(group => !isKnown(openssl, group));
  return late ? 'passed invalid argument' : undefined;
}

function isKnown(openssl: OpensslTarget, group: string): boolean {
  // `?` before a name asks to pass over what is unknown (3.3 and newer).
  if (group.includes('?') && atLeast(openssl.version, '3.3.0')) return true;
  const name = bare(group).toLowerCase();
  const since = SINCE.find(([names]) => names.test(name))?.[1];
  if (since !== undefined) return atLeast(openssl.version, since);
  return atLeast(openssl.version, '3.0.0') || NOT_IN_TLS1_3.test(name) || COMMON.test(name);
}

/** Lower-case names and the release that brought them (CHANGES). */
const SINCE: ReadonlyArray<readonly [RegExp, string]> = [
  [/^x25519$/, '1.1.0'],
  [/^x448$/, '1.1.1'],
  [/^ffdhe(?:2048|3072|4096|6144|8192)$/, '3.0.0'],
  [/^brainpoolp(?:256|384|512)r1tls13$/, '3.2.0'],
  [/^(?:x25519|secp256r1|secp384r1|x448)?mlkem(?:512|768|1024)$/, '3.5.0'],
];

const COMMON = /^(?:p-(?:256|384|521)|prime256v1|secp(?:256|384|521)r1|auto)$/i;

/** Groups that TLSv1.3 has no code point for (RFC 8446 section 4.2.7). A name that is not here counts as one that it has. */
const NOT_IN_TLS1_3 =
  /^(?:brainpoolP(?:256|384|512)r1|secp(?:160[kr]1|160r2|192[kr]1|224[kr]1|256k1)|prime192v1|sect\d+[kr]\d|[KB]-\d+|P-(?:192|224))$/i;

const ONLY_TLS1_3 = /mlkem|^ffdhe\d|r1tls13$/i;

/** `:` between groups, and `/` between lists from 3.5 on. */
function elements(list: string): string[] {
  return list.split(/[:/]/).map(element => element.trim());
}

/** Without the marks of 3.5: `?`, `*` (sends a key share) and `-` (takes out). */
function bare(group: string): string {
  return group.replace(/^[?*-]+/, '');
}
