/** Named groups: which release knows which, and which of them TLSv1.3 has. */
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { minimumBits } from './levels.js';

/** False where a list and the level leave TLSv1.3 no group (NX-E1); 1.1.1 asks for such a group all the same and gets it. */
export function hasTls13Group(openssl: OpensslTarget, groups: string | undefined, level: number): boolean {
  if (groups === undefined) return true;
  const modern = atLeast(openssl.version, '3.0.0');
  return elements(groups).some(group => passes(bare(group), level) && !(modern && NOT_IN_TLS1_3.test(bare(group))));
}

/** False where there is no group for ECDHE in TLSv1.2 and older: hybrids, FFDHE and the `tls13` curves alone. */
export function hasOlderGroup(groups: string | undefined, level: number): boolean {
  if (groups === undefined) return true;
  return elements(groups).some(group => passes(bare(group), level) && !ONLY_TLS1_3.test(bare(group)));
}

/** SSL_SECOP_CURVE_SUPPORTED. A group that is in no table counts as strong; level 0, the only one before 1.1.0, lets all pass. */
function passes(group: string, level: number): boolean {
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

/** The library's error for a list: an empty element, a name that the release does not know, before 3.5 one group twice. */
export function groupsError(openssl: OpensslTarget, list: string): string | undefined {
  if (list.trim() === '') return 'passed invalid argument';
  const names = elements(list);
  const isRefused = names.some(group => !isKnown(openssl, group)) || repeats(openssl, names);
  return isRefused ? 'passed invalid argument' : undefined;
}

function isKnown(openssl: OpensslTarget, group: string): boolean {
  // `?` before a name asks to pass over what is unknown (3.3 and newer).
  if (group.includes('?') && atLeast(openssl.version, '3.3.0')) return true;
  // `DEFAULT` and `*` in front of a name came with 3.5.
  if (atLeast(openssl.version, '3.5.0') && /^default$/i.test(bare(group))) return true;
  const name = atLeast(openssl.version, '3.3.0') ? bare(group) : group;
  const { exact, lower } = releases();
  const since = exact.get(name) ?? (ignoresCase(openssl) ? lower.get(name.toLowerCase()) : undefined);
  if (since !== undefined) return atLeast(openssl.version, since);
  return atLeast(openssl.version, '3.0.0') && OF_PROVIDERS.test(name);
}

/** 3.0.22 compares letter by letter; where later releases stopped is not settled, so that the benefit of the doubt begins at once. */
function ignoresCase({ version }: OpensslTarget): boolean {
  return atLeast(version, '3.1.0');
}

function repeats({ version }: OpensslTarget, names: readonly string[]): boolean {
  if (atLeast(version, '3.5.0')) return false;
  const ids = names.map(name => (SAME.get(name) ?? name).toLowerCase());
  return new Set(ids).size < ids.length;
}

/** Names as the release that brought them spells them (EC_curve_nist2nid, OBJ_sn2nid over `nid_list`; the group tables of 3.x). */
const SINCE: Readonly<Record<string, string>> = {
  '1.0.2': `secp160k1 secp160r1 secp160r2 secp192k1 secp224k1 secp224r1 secp256k1 secp384r1 secp521r1 prime192v1 prime256v1
      sect163k1 sect163r1 sect163r2 sect193r1 sect193r2 sect233k1 sect233r1 sect239k1 sect283k1 sect283r1 sect409k1 sect409r1
      sect571k1 sect571r1 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 B-163 B-233 B-283 B-409 B-571 K-163 K-233 K-283
      K-409 K-571 P-192 P-224 P-256 P-384 P-521`,
  '1.1.0': 'X25519',
  '1.1.1': 'X448',
  '3.0.0': 'secp192r1 secp256r1 x25519 x448 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192',
  '3.2.0': 'brainpoolP256r1tls13 brainpoolP384r1tls13 brainpoolP512r1tls13',
  '3.5.0': 'MLKEM512 MLKEM768 MLKEM1024 X25519MLKEM768 X448MLKEM1024 SecP256r1MLKEM768 SecP384r1MLKEM1024',
  '4.0.0': 'curveSM2 curveSM2MLKEM768',
};

interface Releases {
  readonly exact: ReadonlyMap<string, string>;
  /** By the name in lower case. */
  readonly lower: ReadonlyMap<string, string>;
}

let byName: Releases | undefined;

/** First release by name, put together when a configuration names groups. */
function releases(): Releases {
  if (byName) return byName;
  const rows = Object.entries(SINCE).flatMap(([since, names]) =>
    names.split(/\s+/).map(name => [name, since] as const),
  );
  byName = { exact: new Map(rows), lower: new Map(rows.map(([name, since]) => [name.toLowerCase(), since])) };
  return byName;
}

const SAME: ReadonlyMap<string, string> = new Map([
  ['P-192', 'prime192v1'],
  ['secp192r1', 'prime192v1'],
  ['P-224', 'secp224r1'],
  ['P-256', 'prime256v1'],
  ['secp256r1', 'prime256v1'],
  ['P-384', 'secp384r1'],
  ['P-521', 'secp521r1'],
]);

/** Post-quantum and national groups that providers which are not of OpenSSL bring. */
const OF_PROVIDERS = /mlkem|kyber|frodo|bike|hqc|ntru|mceliece|sm2|^gc\d{3}[a-d]$/i;

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
