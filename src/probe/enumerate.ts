/** Which suites a server takes with one version, and in whose order: each answer tells one of them. */
import type { Protocol } from '../model/protocols.js';
import { answers, probeVersion, type VersionOptions, type VersionResult, WORDLESS } from './probe.js';
import { suite, suiteName, suitesFor } from './suites.js';

export interface EnumerateOptions extends VersionOptions {
  /** What came of asking with the whole list, where that was done before. */
  readonly known?: VersionResult | undefined;
  /** The list comes from an enumeration already. */
  readonly again?: true;
}

export interface SuiteList {
  readonly version: Protocol;
  /** IANA's numbers in the server's order; in that of the ClientHello where the client's order counts. */
  readonly ids: readonly number[];
  /** OpenSSL's names, in the same order. */
  readonly names: readonly string[];
  /** The group of the key exchange with each, in the same order. */
  readonly groups: ReadonlyArray<string | undefined>;
  /** `undefined` where there are fewer than two suites to compare, or no answer. */
  readonly order: 'server' | 'client' | undefined;
  /** False where an answer went missing, so that there may be more. */
  readonly complete: boolean;
}

/** In which the suites of a server that goes by the client's order are asked for at one time. */
const SLICES = 4;
/** Suites that a server may still read which does not read a long ClientHello. */
const SHORT_LIST = 48;

/** SSLv2 has the whole list in its answer, of which the first alone is told; it is asked as the others are. */
export async function enumerateSuites(options: EnumerateOptions): Promise<SuiteList> {
  const list = options.suites ?? suitesFor(options.version);
  if (options.known?.shortened) return inShortLists(options, list, options.known);
  const whole = options.known ?? (await probeVersion({ ...options, suites: list }));
  const start = take(whole, list);
  if (start.rest.length === list.length) return listOf(options, start, undefined);
  // Turned round, a list still gets the server's favourite where the server's order counts.
  const backward = take(await probeVersion({ ...options, suites: list.toReversed() }), list);
  const order = backward.chosen === undefined ? undefined : backward.chosen === start.chosen ? 'server' : 'client';
  const found =
    order === 'client'
      ? await inSlices(options, start, backward, list)
      : merge(start, await drain(options, start.rest));
  const sure = await assured(options, found, whole);
  if (!found.scattered) return listOf(options, sure, order);
  return options.again ? listOf(options, sure, undefined) : gathered(options, sure);
}

interface Found {
  readonly ids: readonly number[];
  readonly groups: ReadonlyArray<string | undefined>;
  readonly complete: boolean;
  /** The suites were asked for in parts, which do not show their order. */
  readonly scattered?: true;
  /** Somewhere the server hung up instead of refusing. */
  readonly wordless?: true;
}

interface Taken extends Found {
  /** What the server chose, also where it could not go on with it. */
  readonly chosen: number | undefined;
  readonly rest: readonly number[];
}

/** A suite that the server chose and could not go on with is not offered, and hides those behind it. */
function take(result: VersionResult, list: readonly number[]): Taken {
  const chosen = result.suiteId;
  if (chosen === undefined || !list.includes(chosen)) {
    return { chosen: undefined, ids: [], groups: [], complete: result.offered === false, rest: list };
  }
  const rest = list.filter(id => id !== chosen);
  if (result.offered !== true) return { chosen, ids: [], groups: [], complete: true, rest };
  return { chosen, ids: [chosen], groups: [result.group], complete: true, rest };
}

/** Asks again and again without the ones that were chosen before. */
async function drain(options: VersionOptions, suites: readonly number[]): Promise<Found> {
  let found: Found = { ids: [], groups: [], complete: true };
  let rest = suites;
  while (rest.length > 0) {
    const result = await probeVersion({ ...options, suites: rest });
    const taken = take(result, rest);
    found = merge(found, taken);
    if (taken.chosen === undefined) {
      if (!WORDLESS.has(result.reason)) return found;
      return { ...merge(found, await byKeyExchange(options, rest)), wordless: true };
    }
    rest = taken.rest;
  }
  return found;
}

/**
 * Dovecot without Diffie-Hellman parameters chooses DHE all the same and hangs up, which hides all suites behind it: what
 * fails hangs on the key exchange.
 */
async function byKeyExchange(options: VersionOptions, suites: readonly number[]): Promise<Found> {
  const kinds = new Map<string, number[]>();
  for (const id of suites) {
    const kind = /^TLS_(\w+?)_WITH_/.exec(suite(id)?.iana ?? '')?.[1] ?? '';
    kinds.set(kind, [...(kinds.get(kind) ?? []), id]);
  }
  if (kinds.size < 2) return { ids: [], groups: [], complete: true };
  const parts = await Promise.all(Array.from(kinds.values(), part => drain(options, part)));
  const found = parts.reduce(merge);
  return found.ids.length === 0 ? found : { ...found, scattered: true };
}

/** Where the client's order counts, a slice of the list gets the same answers as the whole. */
async function inSlices(
  options: VersionOptions,
  start: Taken,
  backward: Taken,
  list: readonly number[],
): Promise<Found> {
  const rest = start.rest.filter(id => id !== backward.chosen);
  // Those that servers have stand together in the list, so that the slices are dealt like cards.
  const slices = Array.from({ length: SLICES }, (_, slice) => rest.filter((_id, index) => index % SLICES === slice));
  const parts = await Promise.all(slices.map(slice => drain(options, slice)));
  return sorted([start, backward, ...parts].reduce(merge), list);
}

async function inShortLists(
  options: VersionOptions,
  list: readonly number[],
  known: VersionResult,
): Promise<SuiteList> {
  const count = Math.ceil(list.length / SHORT_LIST);
  const lists = Array.from({ length: count }, (_, at) => list.slice(at * SHORT_LIST, (at + 1) * SHORT_LIST));
  const parts = await Promise.all(lists.map(part => drain(options, part)));
  return gathered(options, await assured(options, parts.reduce(merge), known));
}

/** A server that hangs up by now on what it answered before may have more suites. */
async function assured(options: VersionOptions, found: Found, before: VersionResult): Promise<Found> {
  if (!found.wordless || !found.complete || (await answers(options, before))) return found;
  return { ...found, complete: false };
}

/** What was found in parts, asked for once more as one list, which shows its order. */
async function gathered(options: VersionOptions, parts: Found): Promise<SuiteList> {
  const { version, peer } = options;
  if (parts.ids.length < 2 || parts.ids.length > SHORT_LIST) return listOf(options, parts, undefined);
  const whole = await enumerateSuites({ ...options, version, peer, suites: parts.ids, known: undefined, again: true });
  if (whole.ids.length < parts.ids.length) return listOf(options, parts, undefined);
  return { ...whole, complete: whole.complete && parts.complete };
}

function merge(a: Found, b: Found): Found {
  return {
    ids: [...a.ids, ...b.ids],
    groups: [...a.groups, ...b.groups],
    complete: a.complete && b.complete,
    ...((a.scattered || b.scattered) && { scattered: true as const }),
    ...((a.wordless || b.wordless) && { wordless: true as const }),
  };
}

function sorted({ ids, groups, ...rest }: Found, list: readonly number[]): Found {
  const pairs = ids.map((id, index) => ({ id, group: groups[index], place: list.indexOf(id) }));
  pairs.sort((a, b) => a.place - b.place);
  return { ids: pairs.map(({ id }) => id), groups: pairs.map(({ group }) => group), ...rest };
}

function listOf({ version }: VersionOptions, found: Found, order: SuiteList['order']): SuiteList {
  const { ids, groups, complete } = found;
  return { version, ids, names: ids.map(suiteName), groups, order: ids.length < 2 ? undefined : order, complete };
}
