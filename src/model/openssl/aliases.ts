/** The aliases of the cipher language (`cipher_aliases` of ssl/ssl_ciph.c) as tests on a suite. */
import { SSLv2, SSLv3, TLSv1, TLSv1_2 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import type { Suite } from './suites.js';

export type SuiteTest = (suite: Suite) => boolean;

/** The test that `word` stands for in this release; `undefined` where it is no alias. */
export function aliasTest(word: string, openssl: OpensslTarget): SuiteTest | undefined {
  const modern = atLeast(openssl.version, '1.1.0');
  if (word === 'CBC' && !atLeast(openssl.version, '3.0.0')) return undefined;
  if (!modern && SINCE_1_1_0.has(word)) return undefined;
  return (modern ? ONLY_MODERN : ONLY_OLD).get(word) ?? ALWAYS.get(word);
}

const kx =
  (...names: string[]): SuiteTest =>
  suite =>
    names.includes(suite.kx);
const auth =
  (...names: string[]): SuiteTest =>
  suite =>
    names.includes(suite.auth);
const enc =
  (...names: string[]): SuiteTest =>
  suite =>
    names.includes(suite.enc);
const mac =
  (name: string): SuiteTest =>
  suite =>
    suite.mac === name;
const both =
  (a: SuiteTest, b: SuiteTest): SuiteTest =>
  suite =>
    a(suite) && b(suite);
const authenticated: SuiteTest = suite => suite.auth !== 'None';
const encrypted: SuiteTest = suite => suite.enc !== 'NULL';

const AES128 = ['AES128', 'GCM128', 'CCM128', 'CCM8128'];
const AES256 = ['AES256', 'GCM256', 'CCM256', 'CCM8256'];
const CCM8 = ['CCM8128', 'CCM8256'];
const NOT_CBC = new Set(['NULL', 'RC4', 'CHACHA20', 'ARIA128', 'ARIA256']);

const ALWAYS = new Map<string, SuiteTest>([
  ['ALL', encrypted],
  ['COMPLEMENTOFALL', enc('NULL')],
  ['kRSA', kx('RSA')],
  ['kEDH', kx('DHE')],
  ['kDHE', kx('DHE')],
  ['kEECDH', kx('ECDHE')],
  ['kECDHE', kx('ECDHE')],
  ['kPSK', kx('PSK')],
  ['kRSAPSK', kx('RSAPSK')],
  ['kDHEPSK', kx('DHEPSK')],
  ['kECDHEPSK', kx('ECDHEPSK')],
  ['kSRP', kx('SRP')],
  ['SRP', kx('SRP')],
  ['aRSA', auth('RSA')],
  ['aDSS', auth('DSS')],
  ['DSS', auth('DSS')],
  ['aNULL', auth('None')],
  ['aECDSA', auth('ECDSA')],
  ['ECDSA', auth('ECDSA')],
  ['aPSK', auth('PSK')],
  ['aSRP', auth('SRP')],
  ['EDH', both(kx('DHE'), authenticated)],
  ['DHE', both(kx('DHE'), authenticated)],
  ['EECDH', both(kx('ECDHE'), authenticated)],
  ['ECDHE', both(kx('ECDHE'), authenticated)],
  ['NULL', enc('NULL')],
  ['eNULL', enc('NULL')],
  ['RSA', both(kx('RSA'), auth('RSA'))],
  ['ADH', both(kx('DHE'), auth('None'))],
  ['AECDH', both(kx('ECDHE'), auth('None'))],
  ['PSK', kx('PSK', 'RSAPSK', 'DHEPSK', 'ECDHEPSK')],
  ['3DES', enc('3DES')],
  ['RC4', enc('RC4')],
  ['RC2', enc('RC2')],
  ['IDEA', enc('IDEA')],
  ['SEED', enc('SEED')],
  ['AES128', enc(...AES128)],
  ['AES256', enc(...AES256)],
  ['AES', enc(...AES128, ...AES256)],
  ['AESGCM', enc('GCM128', 'GCM256')],
  ['AESCCM', enc('CCM128', 'CCM256', ...CCM8)],
  ['AESCCM8', enc(...CCM8)],
  ['CAMELLIA128', enc('CAMELLIA128')],
  ['CAMELLIA256', enc('CAMELLIA256')],
  ['CAMELLIA', enc('CAMELLIA128', 'CAMELLIA256')],
  ['CHACHA20', enc('CHACHA20')],
  ['ARIA', enc('ARIA128', 'ARIA256')],
  ['ARIAGCM', enc('ARIA128', 'ARIA256')],
  ['ARIA128', enc('ARIA128')],
  ['ARIA256', enc('ARIA256')],
  ['CBC', suite => !NOT_CBC.has(suite.enc) && suite.mac !== 'AEAD'],
  ['MD5', mac('MD5')],
  ['SHA1', mac('SHA1')],
  ['SHA', mac('SHA1')],
  ['SHA256', mac('SHA256')],
  ['SHA384', mac('SHA384')],
  ['SSLv3', suite => suite.min === SSLv3],
  ['TLSv1.2', suite => suite.min === TLSv1_2],
  ['HIGH', suite => suite.strength === 'HIGH'],
  ['MEDIUM', suite => suite.strength === 'MEDIUM'],
  ['LOW', suite => suite.strength === 'LOW'],
  ['FIPS', both(suite => suite.fips, encrypted)],
]);

const ONLY_MODERN = new Map<string, SuiteTest>([
  ['COMPLEMENTOFDEFAULT', suite => !suite.inDefault],
  ['DH', kx('DHE')],
  ['ECDH', kx('ECDHE')],
  ['TLSv1', suite => suite.min === TLSv1],
  ['TLSv1.0', suite => suite.min === TLSv1],
]);

const exportable: SuiteTest = suite => suite.strength === 'EXP40' || suite.strength === 'EXP56';

const ONLY_OLD = new Map<string, SuiteTest>([
  ['COMPLEMENTOFDEFAULT', both(both(kx('DHE', 'ECDHE'), auth('None')), encrypted)],
  ['kDHr', kx('DHr')],
  ['kDHd', kx('DHd')],
  ['kDH', kx('DHr', 'DHd')],
  ['DH', kx('DHr', 'DHd', 'DHE')],
  ['kECDHr', kx('ECDHr')],
  ['kECDHe', kx('ECDHe')],
  ['kECDH', kx('ECDHr', 'ECDHe')],
  ['ECDH', kx('ECDHr', 'ECDHe', 'ECDHE')],
  ['aDH', auth('DH')],
  ['aECDH', auth('ECDH')],
  ['DES', enc('DES')],
  ['SSLv2', suite => suite.min === SSLv2],
  // SSL_TLSV1 is SSL_SSLV3 there.
  ['TLSv1', suite => suite.min === SSLv3],
  ['EXP', exportable],
  ['EXPORT', exportable],
  ['EXPORT40', suite => suite.strength === 'EXP40'],
  ['EXPORT56', suite => suite.strength === 'EXP56'],
]);

const SINCE_1_1_0 = new Set(['AESCCM', 'AESCCM8', 'CHACHA20', 'kRSAPSK', 'kDHEPSK', 'kECDHEPSK']);
