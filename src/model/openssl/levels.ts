/** Security levels: `ssl_security_default_callback` of ssl/ssl_cert.c, by release (OS-2). */
import { NONE, type ProtocolSet, SSLv2, SSLv3, TLSv1, TLSv1_1 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import type { Suite } from './suites.js';

/**
 * Whether a suite for TLSv1.2 and older passes; level 0 lets everything pass. RC4, which level 2 forbids, is in no build that has
 * levels.
 */
export function allowsSuite(openssl: OpensslTarget, suite: Suite, level: number): boolean {
  if (level <= 0 || !atLeast(openssl.version, '1.1.0')) return true;
  const least = minimumBits(level);
  if (bitsIn(openssl, suite) < least || suite.auth === 'None' || suite.mac === 'MD5') return false;
  if (least > 160 && suite.mac === 'SHA1') return false;
  return level < 3 || suite.kx === 'DHE' || suite.kx === 'ECDHE';
}

/** "CCM8 cipher suites in TLS have been downgraded to security level zero" (CHANGES 3.1 to 3.2). */
function bitsIn({ version }: OpensslTarget, { bits, enc }: Suite): number {
  return enc.startsWith('CCM8') && atLeast(version, '3.2.0') ? 64 : bits;
}

/** The bits that a level asks for. */
export function minimumBits(level: number): number {
  return MINIMUM_BITS[Math.min(Math.max(level, 0), 5)]!;
}

const MINIMUM_BITS = [0, 80, 112, 128, 192, 256];

/** SSL_SECOP_VERSION: the versions that the level forbids when the version is chosen. */
export function refusedVersions(openssl: OpensslTarget, level: number): ProtocolSet {
  if (level <= 0 || !atLeast(openssl.version, '1.1.0')) return NONE;
  if (atLeast(openssl.version, '3.1.0')) return BEFORE_TLS1_2;
  if (level >= 4) return BEFORE_TLS1_2;
  if (level === 3) return SSLv2 | SSLv3 | TLSv1;
  return level === 2 ? SSLv2 | SSLv3 : NONE;
}

export const BEFORE_TLS1_2: ProtocolSet = SSLv2 | SSLv3 | TLSv1 | TLSv1_1;

/**
 * Before TLSv1.2 a server signs with MD5+SHA1 (RSA) or SHA1 (all else), which `tls1_get_legacy_sigalg` has checked against the
 * level since 1.1.1e (openssl pull request 10784). The versions that fail after their choice for want of a permitted signature, by the kind of key.
 */
export function refusedSignatures(openssl: OpensslTarget, level: number): { rsa: ProtocolSet; other: ProtocolSet } {
  if (level <= 0 || !atLeast(openssl.version, '1.1.1e')) return NO_SIGNATURE_REFUSED;
  const least = minimumBits(level);
  const [rsa, other] = atLeast(openssl.version, '3.0.0') ? [67, 64] : [144, 80];
  return { rsa: least > rsa! ? BEFORE_TLS1_2 : NONE, other: least > other! ? BEFORE_TLS1_2 : NONE };
}

const NO_SIGNATURE_REFUSED = { rsa: NONE, other: NONE };
