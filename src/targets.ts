/** From what the user said of server and OpenSSL to the targets that a configuration is judged for. */
import { DIALECT_IDS, SERVERS } from './model/servers.js';
import {
  type DialectId,
  defaultSecurityLevel,
  NO_OPENSSL,
  OPENSSL_STEPS,
  type OpensslTarget,
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

/** For messages about a text that is none. */
export const SERVER_EXAMPLES = '`nginx@1.22.1`, `apache@2.4.57`, `windows@2019` or `dotnet@4.8`';

/** `undefined` where the text is no server. */
export function parseServer(text: string): ServerChoice | undefined {
  const [name = '', wanted, ...rest] = text.split('@');
  const dialect = DIALECT_IDS.find(id => SERVERS[id].names.includes(name.toLowerCase()));
  if (!dialect || rest.length > 0) return undefined;
  if (wanted === undefined) return { dialect };
  const { trunk, parse } = SERVERS[dialect];
  if (trunk && wanted === 'trunk') return { dialect, version: trunk, trunk: true };
  const parsed = parse(wanted);
  return parsed && { dialect, version: parsed };
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
 * `steps` are versions as `SERVERS[dialect].parse` reads them.
 */
export function targetRange(dialect: DialectId, steps: readonly string[], choice: TargetChoice): TargetRange {
  const server = choice.server === undefined ? undefined : parseServer(choice.server);
  const named = server?.dialect === dialect ? server : undefined;
  const servers = named?.version ? [named.version] : serversInRange(dialect, steps);
  if (!SERVERS[dialect].openssl) {
    return { targets: servers.map(each => target(each, NO_OPENSSL, false)), assumed: named?.version ? [] : ['server'] };
  }
  const openssl = choice.openssl === undefined ? undefined : parseOpenssl(choice.openssl);
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
  const { supported, parse } = SERVERS[dialect];
  const { oldest, newest } = supported;
  const within = steps
    .flatMap(step => parse(step) ?? [])
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

/** How a range is called. */
export interface TargetText {
  readonly server: string;
  readonly openssl?: string;
  readonly assumed: TargetRange['assumed'];
}

/** "1.22.1", or "1.18.0 to 1.31.4" where a range is meant. */
export function targetText({ targets, assumed }: TargetRange): TargetText {
  const first = targets[0]!;
  const last = targets.at(-1)!;
  const between = (a: string, b: string) => (a === b ? a : `${a} to ${b}`);
  return {
    server: between(first.server.text, last.server.text),
    ...(first.openssl !== NO_OPENSSL && { openssl: between(first.openssl.version.text, last.openssl.version.text) }),
    assumed,
  };
}
