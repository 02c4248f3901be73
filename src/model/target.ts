/** Which server and library a configuration is judged for. */
import { compareVersions, type Version, version } from './versions.js';

/** `windows`: `.reg` files. `dotnet`: web.config and its like, and sources in C#, Visual Basic and PowerShell. */
export type DialectId = 'nginx' | 'apache' | 'windows' | 'dotnet';

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
  /** Of nginx or httpd; a release of Windows, or a version of the .NET Framework. */
  readonly server: Version;
  /** `trunk` of httpd (2.5-dev) differs from every 2.4 release in a few points. */
  readonly trunk?: boolean;
  /** `NO_OPENSSL` where the server does not speak TLS through it. */
  readonly openssl: OpensslTarget;
}

/** Stands where OpenSSL plays no part: `SERVERS[dialect].openssl` is false. */
export const NO_OPENSSL: OpensslTarget = { version: version('0'), securityLevel: 0, with: new Set() };

/** What a run judges for: the targets stand for every version in between. */
export interface TargetRange {
  /** Oldest server first. One element where the user named both versions. */
  readonly targets: readonly Target[];
  /** Which of the two the user did not name; `openssl` only where that plays a part. */
  readonly assumed: ReadonlyArray<'server' | 'openssl'>;
}

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
