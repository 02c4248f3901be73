/** From what the user said of server and OpenSSL to the targets that a configuration is judged for. */
import {
  type DialectId,
  defaultSecurityLevel,
  OPENSSL_STEPS,
  type OpensslTarget,
  SUPPORTED,
  type Target,
  type TargetRange,
} from './model/target.js';
import { compareVersions, parseVersion, type Version, version } from './model/versions.js';

/** What flags, the configuration file or a caller name; every part may be missing. */
export interface TargetChoice {
  /** `nginx@1.22.1`, `apache@2.4.57`, `apache@trunk`, or a dialect alone. */
  readonly server?: string | undefined;
  /** `3.0`, `3.0.22`, `1.1.1w`. */
  readonly openssl?: string | undefined;
  readonly securityLevel?: number | undefined;
  readonly opensslWith?: readonly string[] | undefined;
  /** The text of an `openssl.cnf`. */
  readonly opensslConf?: string | undefined;
}

export interface ServerChoice {
  readonly dialect: DialectId;
  readonly version?: Version;
  readonly trunk?: true;
}

const DIALECT_NAMES: Readonly<Record<string, DialectId>> = { nginx: 'nginx', apache: 'apache', httpd: 'apache' };
const TRUNK = version('2.5.0');
const SERVER_LIMITS: Record<DialectId, readonly [string, string]> = {
  nginx: ['0.2.2', '1.99'],
  apache: ['2.0', '2.5'],
};

/** `undefined` where the text is no server. */
export function parseServer(text: string): ServerChoice | undefined {
  const [name = '', wanted, ...rest] = text.split('@');
  const dialect = Object.hasOwn(DIALECT_NAMES, name.toLowerCase()) ? DIALECT_NAMES[name.toLowerCase()] : undefined;
  if (!dialect || rest.length > 0) return undefined;
  if (wanted === undefined) return { dialect };
  if (dialect === 'apache' && wanted === 'trunk') return { dialect, version: TRUNK, trunk: true };
  const parsed = parseVersion(wanted);
  if (!parsed) return undefined;
  const [oldest, newest] = SERVER_LIMITS[dialect];
  if (compareVersions(parsed, version(oldest)) < 0 || compareVersions(parsed, version(newest)) > 0) return undefined;
  return { dialect, version: parsed };
}

/** `undefined` where the text is no OpenSSL version from 0.9.8 to 4. */
export function parseOpenssl(text: string): Version | undefined {
  const parsed = parseVersion(text);
  if (!parsed || compareVersions(parsed, version('0.9.8')) < 0 || parsed.parts[0]! > 4) return undefined;
  return parsed;
}

/**
 * The targets of one dialect. What the user did not name is the supported range, represented by the versions at which
 * something changes: every server step on the oldest OpenSSL, and the newest server on every OpenSSL step.
 */
export function targetRange(dialect: DialectId, steps: readonly string[], choice: TargetChoice): TargetRange {
  const server = choice.server === undefined ? undefined : parseServer(choice.server);
  const named = server?.dialect === dialect ? server : undefined;
  const openssl = choice.openssl === undefined ? undefined : parseOpenssl(choice.openssl);
  const servers = named?.version ? [named.version] : serversInRange(dialect, steps);
  const libraries = openssl ? [openssl] : OPENSSL_STEPS.map(version);
  const newestServer = servers.at(-1)!;
  const pairs = [
    ...servers.map(each => [each, libraries[0]!] as const),
    ...libraries.slice(1).map(each => [newestServer, each] as const),
  ];
  const assumed: Array<'server' | 'openssl'> = [];
  if (!named?.version) assumed.push('server');
  if (!openssl) assumed.push('openssl');
  const targets = pairs.map(([each, library]) => target(each, opensslTarget(library, choice), named?.trunk === true));
  return { targets, assumed };
}

function target(server: Version, openssl: OpensslTarget, trunk: boolean): Target {
  return trunk ? { server, trunk, openssl } : { server, openssl };
}

function serversInRange(dialect: DialectId, steps: readonly string[]): Version[] {
  const { oldest, newest } = SUPPORTED[dialect];
  const within = steps
    .map(version)
    .filter(step => compareVersions(step, oldest) > 0 && compareVersions(step, newest) < 0);
  return [oldest, ...within, newest];
}

function opensslTarget(library: Version, choice: TargetChoice): OpensslTarget {
  const old = (choice.opensslWith ?? []).filter(name => name === 'ssl2' || name === 'ssl3');
  const base = {
    version: library,
    securityLevel: choice.securityLevel ?? defaultSecurityLevel(library),
    with: new Set(old as Array<'ssl2' | 'ssl3'>),
  };
  return choice.opensslConf === undefined ? base : { ...base, conf: choice.opensslConf };
}
