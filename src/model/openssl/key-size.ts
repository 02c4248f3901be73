/** Whether a context takes a certificate with such a key (`ssl_security_cert`: "ee key too small"). */

/** A public key: an RSA modulus or a curve's field, in bits. */
export interface PublicKey {
  readonly type: 'rsa' | 'ec';
  readonly bits: number;
}

/** Bits of security that a level wants (SSL_CTX_set_security_level(3)), and the RSA modulus that has them (NIST SP 800-57). */
const LEVELS: ReadonlyArray<readonly [security: number, modulus: number]> = [
  [0, 0],
  [80, 1024],
  [112, 2048],
  [128, 3072],
  [192, 7680],
  [256, 15_360],
];

/** Versions of OpenSSL count the security of sizes between two of the table differently: those are taken. */
const BETWEEN = 1.2;

/**
 * Whether a context at this level refuses a certificate with the key. Servers load certificates behind their list of suites,
 * whose `@SECLEVEL` counts, and before commands such as `CipherString`.
 */
export function refusesKey(level: number, { type, bits }: PublicKey): boolean {
  const [security, modulus] = LEVELS[level] ?? LEVELS.at(-1)!;
  return type === 'rsa' ? bits * BETWEEN < modulus : bits / 2 < security;
}

/** "RSA key of 2048 bits". */
export function keyWords({ type, bits }: PublicKey): string {
  return `${type.toUpperCase()} key of ${bits} bits`;
}
