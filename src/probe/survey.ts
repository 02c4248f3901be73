/** Everything that is asked of one server: its addresses, the versions of each, and the suites of each version. */
import { isIP } from 'node:net';
import type { HeardServer, HeardSuite, HeardVersion } from '../model/heard.js';
import type { Protocol } from '../model/protocols.js';
import { addressesOf } from './addresses.js';
import { enumerateSuites, type SuiteList } from './enumerate.js';
import type { Gate } from './gate.js';
import { suiteGrade } from './grade.js';
import type { CertificateKey } from './handshake.js';
import { type ProbeOptions, probe, type VersionResult } from './probe.js';
import type { StarttlsName } from './starttls.js';
import { suite } from './suites.js';
import { addressText, type ProbeTarget } from './target.js';

export interface SurveyOptions {
  /** The name to send; the target's own by default, `''` for none. */
  readonly servername?: string;
  readonly starttls?: StarttlsName;
  readonly ciphers: boolean;
  /** Only addresses of this family. */
  readonly family?: 4 | 6;
  /** Milliseconds for one connection. */
  readonly timeout: number;
  readonly retries: number;
  readonly gate: Gate;
  readonly versions?: readonly Protocol[];
}

/** One entry for each address; one without an address where the name has none. Never rejects. */
export async function survey(target: ProbeTarget, options: SurveyOptions): Promise<HeardServer[]> {
  if ('path' in target) return [await surveyAddress(target, target, options)];
  const found = await addressesOf(target.host);
  const addresses = found.filter(({ family }) => options.family === undefined || family === options.family);
  if (addresses.length === 0) return [unresolved(target, options, found.length > 0)];
  return Promise.all(
    addresses.map(({ address }) => surveyAddress(target, { host: address, port: target.port }, options)),
  );
}

function unresolved(target: ProbeTarget, options: SurveyOptions, others: boolean): HeardServer {
  return {
    target: addressText(target),
    address: '',
    servername: nameFor(target, options) ?? null,
    state: 'silent',
    trouble: others ? `it has no IPv${options.family} address` : 'the name does not resolve',
    versions: [],
  };
}

async function surveyAddress(target: ProbeTarget, peer: ProbeTarget, options: SurveyOptions): Promise<HeardServer> {
  const servername = nameFor(target, options);
  const asked: ProbeOptions = {
    peer,
    timeout: options.timeout,
    retries: options.retries,
    gate: options.gate,
    // The gate bounds connections over all servers.
    parallel: 6,
    ...(servername !== undefined && { servername }),
    ...(options.starttls !== undefined && { starttls: options.starttls }),
    ...(options.versions !== undefined && { versions: options.versions }),
  };
  const results = await probe(asked);
  const lists = options.ciphers ? await suiteLists(results, asked) : new Map<Protocol, SuiteList>();
  const key = results.find(result => result.key !== undefined)?.key;
  return {
    target: addressText(target),
    address: addressText(peer),
    servername: servername ?? null,
    ...stateOf(results),
    versions: results.map(result => heardVersion(result, lists.get(result.version))),
    ...(key !== undefined && { key: keyText(key) }),
  };
}

/** An address is no server name (RFC 6066, section 3). */
function nameFor(target: ProbeTarget, { servername }: SurveyOptions): string | undefined {
  if (servername !== undefined) return servername === '' ? undefined : servername;
  return 'path' in target || isIP(target.host) !== 0 ? undefined : target.host;
}

async function suiteLists(results: readonly VersionResult[], asked: ProbeOptions): Promise<Map<Protocol, SuiteList>> {
  const offered = results.filter(result => result.offered === true);
  const lists = await Promise.all(offered.map(known => enumerateSuites({ ...asked, version: known.version, known })));
  return new Map(lists.map(list => [list.version, list]));
}

/** A server that was heard to speak TLS once speaks it, whatever else it does with old versions. */
function stateOf(results: readonly VersionResult[]): Pick<HeardServer, 'state' | 'trouble'> {
  if (results.some(({ reason }) => TLS_REASONS.has(reason))) return { state: 'answered' };
  const foreign = results.find(({ reason }) => reason === 'not-tls' || reason === 'malformed');
  if (foreign) {
    return { state: 'not-tls', trouble: foreign.banner ? `it says \`${foreign.banner}\`` : TROUBLE[foreign.reason]! };
  }
  const last = results.at(-1);
  return { state: 'silent', trouble: TROUBLE[last?.reason ?? 'timeout'] ?? 'there is no answer' };
}

const TLS_REASONS: ReadonlySet<string> = new Set(['server-hello', 'other-version', 'alert']);

const TROUBLE: Readonly<Record<string, string>> = {
  closed: 'it closes each connection without a word',
  reset: 'it resets each connection',
  timeout: 'there is no answer in time',
  refused: 'nobody listens there',
  unreachable: 'it can’t be reached from here',
  'unknown-host': 'the name does not resolve',
  'no-starttls': 'it does not start TLS when asked to',
  'not-tls': 'it does not speak TLS',
  malformed: 'its TLS makes no sense',
};

function heardVersion(result: VersionResult, list: SuiteList | undefined): HeardVersion {
  const { version, offered, reason, alert, suite: name, group, compression } = result;
  return {
    version,
    offered,
    reason,
    ...(alert !== undefined && { alert }),
    ...(offered === true && {
      ...(name !== undefined && { suite: name }),
      ...(group !== undefined && { group }),
      ...(compression !== undefined && { compression }),
    }),
    ...(list && {
      suites: list.ids.map((id, index) => heardSuite(id, list.names[index]!, list.groups[index])),
      ...(list.order !== undefined && { order: list.order }),
      complete: list.complete,
    }),
  };
}

function heardSuite(id: number, name: string, group: string | undefined): HeardSuite {
  const iana = suite(id)?.iana ?? name;
  return { id, name, iana, ...(group !== undefined && { group }), grade: suiteGrade(iana) };
}

/** `RSA 2048`, `EC prime256v1`, `ED25519`. */
function keyText({ type, bits, curve }: CertificateKey): string {
  return [type.toUpperCase(), bits ?? curve].filter(part => part !== undefined).join(' ');
}
