/** Which server and library a configuration is judged for. */
import { compareVersions, type Version, version } from './versions.js';

export type DialectId = 'nginx' | 'apache';

/** The OpenSSL that the server runs with. */
export interface OpensslTarget {
  readonly version: Version;
  /** The level a new SSL_CTX starts with where no configuration says another; 0 for 1.0.x, which has none. */
  readonly securityLevel: number;
  /** Compiled in beside the usual: the old versions that distributions leave out. */
  readonly with: ReadonlySet<'ssl2' | 'ssl3'>;
  /** The text of the system's `openssl.cnf`; its `system_default` section is applied to each new SSL_CTX. */
  readonly conf?: string;
}

/** One server version on one OpenSSL version. */
export interface Target {
  readonly server: Version;
  /** `trunk` of httpd (2.5-dev) differs from every 2.4 release in a few points. */
  readonly trunk?: boolean;
  readonly openssl: OpensslTarget;
}

/** What a run judges for: the targets stand for every version in between. */
export interface TargetRange {
  /** Oldest server first. One element where the user named both versions. */
  readonly targets: readonly Target[];
  /** Which of the two the user did not name. */
  readonly assumed: ReadonlyArray<'server' | 'openssl'>;
}

/** The default range, by dialect. */
export const SUPPORTED: Record<DialectId, { readonly oldest: Version; readonly newest: Version }> = {
  nginx: { oldest: version('1.18.0'), newest: version('1.31.4') },
  apache: { oldest: version('2.4.41'), newest: version('2.4.71') },
};

/** The OpenSSL releases at which the library's answer changes, oldest first. */
export const OPENSSL_STEPS: readonly string[] = ['1.1.1', '3.0', '3.1', '3.2', '3.5'];

/**
 * Level of a build that says nothing: 1 up to 3.1, 2 from 3.2 (OpenSSL CHANGES, 3.1 to 3.2). Debian builds 3.0 with 2
 * (`openssl version -a`), and so does every distribution that ships it, so that 3.0 counts as 2 here.
 */
export function defaultSecurityLevel(openssl: Version): number {
  if (compareVersions(openssl, version('1.1.0')) < 0) return 0;
  if (compareVersions(openssl, version('3.0.0')) < 0) return 1;
  if (openssl.parts[0] === 3 && openssl.parts[1] === 1) return 1;
  return 2;
}
