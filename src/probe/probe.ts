/** Asks a server which protocol versions it speaks, one version for each connection. */
import { PROTOCOLS, type Protocol } from '../model/protocols.js';
import { exchange, type Peer } from './connect.js';
import type { Gate } from './gate.js';
import { createHandshake, type Outcome } from './handshake.js';
import type { HelloOptions } from './hello.js';
import type { StarttlsName } from './starttls.js';
import { commonSuitesFor, suitesFor } from './suites.js';

export interface ProbeOptions {
  readonly peer: Peer;
  readonly servername?: string;
  readonly starttls?: StarttlsName;
  readonly alpn?: readonly string[];
  /** Milliseconds for one connection; 5000. */
  readonly timeout?: number;
  /** How often a connection that ended without an answer is tried again; 1. */
  readonly retries?: number;
  /** Connections at one time; 3. */
  readonly parallel?: number;
  /** All of them by default. */
  readonly versions?: readonly Protocol[];
  readonly signal?: AbortSignal;
  /** Bounds connections over several probes. */
  readonly gate?: Gate;
}

export interface VersionOptions extends ProbeOptions {
  readonly version: Protocol;
  readonly suites?: readonly number[];
}

export interface VersionResult extends Outcome {
  readonly version: Protocol;
  /** The answer is one to a short list of suites; to the long one there was none. */
  readonly shortened?: true;
}

const DEFAULT_TIMEOUT = 5000;
const DEFAULT_RETRIES = 1;
const DEFAULT_PARALLEL = 3;

/** Ends that a busy server, or one that can't read a long ClientHello, may give to a version that it does speak. */
const WORTH_A_RETRY: ReadonlySet<string> = new Set(['closed', 'reset', 'timeout']);

/** Never rejects. */
export async function probeVersion(options: VersionOptions): Promise<VersionResult> {
  const retries = options.retries ?? DEFAULT_RETRIES;
  let shortened = false;
  let outcome = await attempt(options, options.suites ?? suitesFor(options.version));
  for (let tried = 0; tried < retries && worthRetry(outcome); tried++) {
    if (options.signal?.aborted) break;
    const again = await attempt(options, options.suites ?? commonSuitesFor(options.version));
    // No answer at all does not undo one that was had.
    if (again.offered === null && outcome.offered !== null) continue;
    outcome = again;
    shortened = options.suites === undefined;
  }
  // OpenSSL chooses a suite for the HelloRetryRequest before it knows the name, and refuses the second ClientHello where
  // the named server would choose another. A client that begins with the right share is served.
  if (outcome.offered === false && outcome.retryGroup !== undefined) {
    outcome = await attempt(options, options.suites ?? suitesFor(options.version), [outcome.retryGroup]);
  }
  return { version: options.version, ...outcome, ...(shortened && { shortened }) };
}

/** All versions, oldest first. Never rejects. */
export async function probe(options: ProbeOptions): Promise<VersionResult[]> {
  const versions = options.versions ?? PROTOCOLS;
  const ask = (version: Protocol) => probeVersion({ ...options, version });
  return confirmed(options, await mapBounded(versions, options.parallel ?? DEFAULT_PARALLEL, ask));
}

/** Ends without an alert: what some servers give to a version that they don't speak, and others to too many connections. */
export const WORDLESS: ReadonlySet<string> = new Set(['closed', 'reset']);
const ANSWERED: ReadonlySet<string> = new Set(['server-hello', 'other-version', 'alert']);

/**
 * Asks again for the versions at which the server hung up, one after the other, and then for one that it has answered. Where
 * it hangs up on that too, it says nothing about versions any more.
 */
async function confirmed(options: ProbeOptions, results: readonly VersionResult[]): Promise<VersionResult[]> {
  const isDoubtful = ({ offered, reason }: VersionResult) => offered === false && WORDLESS.has(reason);
  const control = results.find(({ offered }) => offered === true) ?? results.find(({ reason }) => ANSWERED.has(reason));
  if (!control || !results.some(isDoubtful)) return [...results];
  const again: VersionResult[] = [];
  for (const result of results) {
    again.push(isDoubtful(result) ? await probeVersion({ ...options, version: result.version, retries: 0 }) : result);
  }
  if (!again.some(isDoubtful) || (await answers(options, control))) return again;
  return again.map(result => (isDoubtful(result) ? { ...result, offered: null } : result));
}

/** Whether the server still gives the answer that it gave before. */
export async function answers(options: ProbeOptions, before: VersionResult): Promise<boolean> {
  const suites = before.suiteId === undefined ? {} : { suites: [before.suiteId] };
  const { offered } = await probeVersion({ ...options, ...suites, version: before.version, retries: 0 });
  return offered === before.offered;
}

function attempt(options: VersionOptions, suites: readonly number[], shares?: readonly number[]): Promise<Outcome> {
  const hello: HelloOptions = {
    version: options.version,
    suites,
    ...(shares === undefined ? {} : { shares }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.alpn === undefined ? {} : { alpn: options.alpn }),
  };
  const gate: Gate = options.gate ?? (work => work());
  const connect = (): Promise<Outcome> =>
    exchange(
      {
        peer: options.peer,
        timeout: options.timeout ?? DEFAULT_TIMEOUT,
        ...(options.starttls === undefined ? {} : { starttls: options.starttls }),
        ...(options.servername === undefined ? {} : { servername: options.servername }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      createHandshake(hello),
    );
  return gate(connect);
}

function worthRetry(outcome: Outcome): boolean {
  return WORTH_A_RETRY.has(outcome.reason);
}

/** Keeps the order of `items`; at most `limit` run at one time. */
async function mapBounded<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, worker));
  return results;
}
