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
  /** Security of the encryption in bits, as security levels count it but for what a release counts otherwise (`allowsSuite`). */
  readonly bits: number;
  readonly inDefault: boolean;
  readonly fips: boolean;
}

/**
 * In the order of the table. SSLv2 suites are there only where the build has SSLv2. The same list for builds that the table
 * makes no difference between: a run judges for many, and the lists of suites are long.
 */
export function suitesOf(openssl: OpensslTarget): readonly Suite[] {
  const groups = SUITE_GROUPS.filter(group => isIn(openssl, group));
  const reading: Reading = {
    isModern: atLeast(openssl.version, '1.1.0'),
    is3desMedium: atLeast(openssl.version, '1.0.2i'),
    hasSslv2: openssl.with.has('ssl2'),
  };
  const key = JSON.stringify([reading, groups.map(group => SUITE_GROUPS.indexOf(group))]);
  let suites = lists.get(key);
  if (!suites) {
    suites = groups.flatMap(group => suitesIn(group, reading));
    lists.set(key, suites);
  }
  return suites;
}

const lists = new Map<string, readonly Suite[]>();

/** All that decides, beside the groups, what a row means. */
interface Reading {
  /** 1.1.0 or newer. */
  readonly isModern: boolean;
  readonly is3desMedium: boolean;
  readonly hasSslv2: boolean;
}

function isIn({ version }: OpensslTarget, { since, until }: SuiteGroup): boolean {
  return atLeast(version, since) && !(until !== undefined && atLeast(version, until));
}

/** Once for all builds that read the group alike. */
function suitesIn(group: SuiteGroup, reading: Reading): readonly Suite[] {
  let known = read.get(group);
  if (!known) {
    known = new Map();
    read.set(group, known);
  }
  const key = (reading.isModern ? 1 : 0) | (reading.is3desMedium ? 2 : 0);
  let suites = known.get(key);
  if (!suites) {
    suites = group.rows
      .trim()
      .split('\n')
      .map(row => readRow(row.split(' '), reading));
    known.set(key, suites);
  }
  return reading.hasSslv2 ? suites : suites.filter(({ min }) => min !== SSLv2);
}

const read = new WeakMap<SuiteGroup, Map<number, readonly Suite[]>>();

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

function readRow(row: readonly string[], reading: Reading): Suite {
  // By index, since taking a list apart by an iterator is most of the work here.
  const enc = row[4] ?? '';
  const strength = (row[6] ?? 'NONE') as Strength;
  const flags = row[7] ?? '';
  const min = oldestVersion(protocolBit(row[1] ?? ''), reading);
  return {
    name: row[0] ?? '',
    min,
    versions: versionsOf(min, enc, reading),
    kx: row[2] ?? '',
    auth: row[3] ?? '',
    enc,
    mac: row[5] ?? '',
    strength: strengthOf(strength, enc, reading),
    bits: bitsOf(enc, strength),
    inDefault: !flags.includes('n'),
    fips: flags.includes('f'),
  };
}

/** Before 1.1.0 SSL_TLSV1 and SSL_SSLV3 are one flag (ssl/ssl_locl.h). */
function oldestVersion(min: ProtocolSet, { isModern }: Reading): ProtocolSet {
  return min === TLSv1 && !isModern ? SSLv3 : min;
}

function versionsOf(min: ProtocolSet, enc: string, { isModern }: Reading): ProtocolSet {
  if (min === SSLv2) return SSLv2;
  const upTo = (SSLv3 | TLSv1 | TLSv1_1 | TLSv1_2) & ~(min - 1);
  // RFC 5469 takes IDEA out of TLSv1.2; OpenSSL follows from 1.1.0 on (max_tls).
  return enc === 'IDEA' && isModern ? upTo & ~TLSv1_2 : upTo;
}

/** 3DES went from HIGH to MEDIUM in 1.0.2i (CHANGES, CVE-2016-2183). */
function strengthOf(strength: Strength, enc: string, { is3desMedium }: Reading): Strength {
  return enc === '3DES' && !is3desMedium ? 'HIGH' : strength;
}

const BITS: Readonly<Record<string, number>> = { NULL: 0, DES: 56, '3DES': 112, CHACHA20: 256 };

function bitsOf(enc: string, strength: Strength): number {
  if (strength === 'EXP40') return 40;
  return BITS[enc] ?? (enc.endsWith('256') ? 256 : 128);
}
