/** The cipher suites of one OpenSSL build, from the table in `suite-table.ts`. */
import { type ProtocolSet, protocolBit, SSLv2, SSLv3, TLSv1, TLSv1_1, TLSv1_2 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { SUITE_GROUPS, type SuiteGroup } from './suite-table.js';

/** The strength class of the cipher language; `NONE` for suites without encryption. */
type Strength = 'HIGH' | 'MEDIUM' | 'LOW' | 'EXP40' | 'EXP56' | 'NONE';

export interface Suite {
  readonly name: string;
  /** The oldest version that the suite is defined for; what `SSLv3`, `TLSv1` and `TLSv1.2` select by. */
  readonly min: ProtocolSet;
  /** Every version that can use it. */
  readonly versions: ProtocolSet;
  readonly kx: string;
  readonly auth: string;
  readonly enc: string;
  readonly mac: string;
  readonly strength: Strength;
  /** Security of the encryption in bits, as security levels count it. */
  readonly bits: number;
  readonly inDefault: boolean;
  readonly fips: boolean;
}

/** In the order of the table. SSLv2 suites are there only where the build has SSLv2. */
export function suitesOf(openssl: OpensslTarget): readonly Suite[] {
  const suites: Suite[] = [];
  for (const group of SUITE_GROUPS) {
    if (!atLeast(openssl.version, group.since)) continue;
    if (group.until !== undefined && atLeast(openssl.version, group.until)) continue;
    for (const row of rowsOf(group)) {
      const suite = readRow(row, openssl);
      if (suite.min !== SSLv2 || openssl.with.has('ssl2')) suites.push(suite);
    }
  }
  return suites;
}

type Row = readonly string[];

const rows = new WeakMap<SuiteGroup, readonly Row[]>();

/** Taken apart once for all builds. */
function rowsOf(group: SuiteGroup): readonly Row[] {
  let found = rows.get(group);
  if (!found) {
    found = group.rows
      .trim()
      .split('\n')
      .map(row => row.split(' '));
    rows.set(group, found);
  }
  return found;
}

/** The name in the IANA registry, which OpenSSL 3.2 and newer take as well. Only for suites of 1.1.0 and newer. */
export function ianaName(suite: Suite): string {
  const mac = suite.mac === 'AEAD' ? '' : `_${suite.mac === 'SHA1' ? 'SHA' : suite.mac}`;
  return `TLS_${ianaKeyExchange(suite)}_WITH_${IANA_ENCRYPTION[suite.enc] ?? suite.enc}${mac}`;
}

const IANA_ENCRYPTION: Readonly<Record<string, string>> = {
  GCM256: 'AES_256_GCM_SHA384',
  GCM128: 'AES_128_GCM_SHA256',
  CHACHA20: 'CHACHA20_POLY1305_SHA256',
  CCM256: 'AES_256_CCM',
  CCM128: 'AES_128_CCM',
  CCM8256: 'AES_256_CCM_8',
  CCM8128: 'AES_128_CCM_8',
  ARIA256: 'ARIA_256_GCM_SHA384',
  ARIA128: 'ARIA_128_GCM_SHA256',
  AES256: 'AES_256_CBC',
  AES128: 'AES_128_CBC',
  CAMELLIA256: 'CAMELLIA_256_CBC',
  CAMELLIA128: 'CAMELLIA_128_CBC',
  SEED: 'SEED_CBC',
  IDEA: 'IDEA_CBC',
};

const IANA_KEY_EXCHANGE: Readonly<Record<string, string>> = {
  RSAPSK: 'RSA_PSK',
  DHEPSK: 'DHE_PSK',
  ECDHEPSK: 'ECDHE_PSK',
};

function ianaKeyExchange(suite: Suite): string {
  const { kx, auth } = suite;
  if (kx === 'ECDHE' || kx === 'DHE') return auth === 'None' ? `${kx.slice(0, -1)}_anon` : `${kx}_${auth}`;
  if (kx === 'SRP') return auth === 'SRP' ? 'SRP_SHA' : `SRP_SHA_${auth}`;
  if (kx === 'DHEPSK' && suite.enc.startsWith('CCM8')) return 'PSK_DHE';
  return IANA_KEY_EXCHANGE[kx] ?? kx;
}

function readRow(row: Row, openssl: OpensslTarget): Suite {
  const [name = '', version = '', kx = '', auth = '', enc = '', mac = '', strength = '', flags = ''] = row;
  const min = oldestVersion(protocolBit(version), openssl);
  return {
    name,
    min,
    versions: versionsOf(min, enc, openssl),
    kx,
    auth,
    enc,
    mac,
    strength: strengthOf(strength as Strength, enc, openssl),
    bits: bitsOf(enc, strength, openssl),
    inDefault: !flags.includes('n'),
    fips: flags.includes('f'),
  };
}

/** Before 1.1.0 SSL_TLSV1 and SSL_SSLV3 are one flag (ssl/ssl_locl.h). */
function oldestVersion(min: ProtocolSet, openssl: OpensslTarget): ProtocolSet {
  return min === TLSv1 && !atLeast(openssl.version, '1.1.0') ? SSLv3 : min;
}

function versionsOf(min: ProtocolSet, enc: string, openssl: OpensslTarget): ProtocolSet {
  if (min === SSLv2) return SSLv2;
  const upTo = (SSLv3 | TLSv1 | TLSv1_1 | TLSv1_2) & ~(min - 1);
  // RFC 5469 takes IDEA out of TLSv1.2; OpenSSL follows from 1.1.0 on (max_tls).
  return enc === 'IDEA' && atLeast(openssl.version, '1.1.0') ? upTo & ~TLSv1_2 : upTo;
}

/** 3DES went from HIGH to MEDIUM in 1.0.2i (CHANGES, CVE-2016-2183). */
function strengthOf(strength: Strength, enc: string, openssl: OpensslTarget): Strength {
  return enc === '3DES' && !atLeast(openssl.version, '1.0.2i') ? 'HIGH' : strength;
}

const BITS: Readonly<Record<string, number>> = { NULL: 0, DES: 56, '3DES': 112, CHACHA20: 256 };

function bitsOf(enc: string, strength: string, openssl: OpensslTarget): number {
  if (strength === 'EXP40') return 40;
  // "CCM8 cipher suites in TLS have been downgraded to security level zero" (CHANGES 3.1 to 3.2).
  if (enc.startsWith('CCM8') && atLeast(openssl.version, '3.2.0')) return 64;
  return BITS[enc] ?? (enc.endsWith('256') ? 256 : 128);
}
