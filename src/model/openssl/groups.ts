/** Named groups: which release knows which, and which of them TLSv1.3 has. */
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';

/** False where a list leaves TLSv1.3 no group (NX-E1); 1.1.1 asks for such a group all the same and gets it. */
export function hasTls13Group(openssl: OpensslTarget, groups: string | undefined): boolean {
  if (groups === undefined || !atLeast(openssl.version, '3.0.0')) return true;
  return elements(groups).some(group => !NOT_IN_TLS1_3.test(bare(group)));
}

/** False where a list has no group for ECDHE in TLSv1.2 and older: hybrids, FFDHE and the `tls13` curves alone. */
export function hasOlderGroup(groups: string | undefined): boolean {
  return groups === undefined || elements(groups).some(group => !ONLY_TLS1_3.test(bare(group)));
}

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
