/** One OpenSSL build with everything that is worked out about it only once. */
import type { Negotiated } from '../openssl.js';
import { NONE, PROTOCOLS, type ProtocolSet, SSLv2, SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { type CipherList, evaluateCipherList, languageOf } from './cipher-list.js';
import { allowsSuite } from './levels.js';
import { type Suite, suitesOf } from './suites.js';

export interface Library {
  readonly target: OpensslTarget;
  readonly suites: readonly Suite[];
  readonly compiledIn: ProtocolSet;
  /** `OpenSSL 3.0`, `OpenSSL 1.1.1`: as messages say it. */
  readonly name: string;
  /** Shared between builds, see `listsFor`. */
  readonly lists: Map<string, CipherList>;
  /** Of lists with `_`, which are not shared. */
  readonly ownLists: Map<string, CipherList>;
  readonly usable: Map<string, Usable>;
  /** Numbers for lists, so that keys of `answers` stay short. */
  readonly numbers: Map<string, number>;
  readonly answers: Map<string, Negotiated>;
}

/** Versions by what a server needs beside the suite to use it. */
export interface Usable {
  /** No certificate at all. */
  readonly anonymous: ProtocolSet;
  readonly rsa: ProtocolSet;
  readonly ec: ProtocolSet;
  /** Keys that `KeyType` does not name (DSA, fixed DH). */
  readonly other: ProtocolSet;
  /** The same four where only suites with DHE are meant, which need DH parameters. */
  readonly withDh: {
    readonly anonymous: ProtocolSet;
    readonly rsa: ProtocolSet;
    readonly other: ProtocolSet;
  };
}

const byTarget = new WeakMap<OpensslTarget, Library>();
const byBuild = new Map<string, Library>();

/** The same library for targets that differ in the level or `openssl.cnf` alone. */
export function libraryOf(target: OpensslTarget): Library {
  let library = byTarget.get(target);
  if (!library) {
    const build = `${target.version.parts.join('.')} ${[...target.with].sort().join(' ')}`;
    library = byBuild.get(build) ?? createLibrary(target);
    byBuild.set(build, library);
    byTarget.set(target, library);
  }
  return library;
}

export function cipherListOf(library: Library, list: string): CipherList {
  const lists = list.includes('_') ? library.ownLists : library.lists;
  let found = lists.get(list);
  if (!found) {
    found = evaluateCipherList(library.target, library.suites, list);
    lists.set(list, found);
  }
  return found;
}

/** The same number for the same text; 0 for none. */
export function numberOf(library: Library, list: string | undefined): number {
  if (list === undefined) return 0;
  let found = library.numbers.get(list);
  if (found === undefined) {
    found = library.numbers.size + 1;
    library.numbers.set(list, found);
  }
  return found;
}

/**
 * What a list leaves at a security level, with or without the suites that need a group for ECDHE. Suites with PSK or SRP need
 * callbacks that neither server sets.
 */
export function usableOf(library: Library, list: string, level: number, ecdhe = true): Usable {
  const key = `${level}${ecdhe ? '' : '-'} ${numberOf(library, list)}`;
  let found = library.usable.get(key);
  if (!found) {
    found = workOutUsable(library, cipherListOf(library, list), level, ecdhe);
    library.usable.set(key, found);
  }
  return found;
}

function createLibrary(target: OpensslTarget): Library {
  const suites = suitesOf(target);
  return {
    target,
    suites,
    compiledIn: compiledVersions(target),
    name: `OpenSSL ${target.version.parts[0]! >= 3 ? target.version.parts.slice(0, 2).join('.') : target.version.text}`,
    lists: listsFor(suites, languageOf(target)),
    ownLists: new Map(),
    usable: new Map(),
    numbers: new Map(),
    answers: new Map(),
  };
}

/** Builds that read lists alike and have the same suites share what the lists say. */
function listsFor(suites: readonly Suite[], language: number): Map<string, CipherList> {
  let byLanguage = shared.get(suites);
  if (!byLanguage) {
    byLanguage = new Map();
    shared.set(suites, byLanguage);
  }
  let lists = byLanguage.get(language);
  if (!lists) {
    lists = new Map();
    byLanguage.set(language, lists);
  }
  return lists;
}

const shared = new WeakMap<readonly Suite[], Map<number, Map<string, CipherList>>>();

function compiledVersions(target: OpensslTarget): ProtocolSet {
  let set: ProtocolSet = TLSv1 | TLSv1_1 | TLSv1_2;
  if (!atLeast(target.version, '1.0.1')) set = TLSv1;
  if (atLeast(target.version, '1.1.1')) set |= TLSv1_3;
  if (target.with.has('ssl3')) set |= SSLv3;
  if (target.with.has('ssl2') && !atLeast(target.version, '1.1.0')) set |= SSLv2;
  return set;
}

const NEVER = new Set(['PSK', 'RSAPSK', 'DHEPSK', 'ECDHEPSK', 'SRP']);
const BUCKET: Readonly<Record<string, 'anonymous' | 'rsa' | 'ec' | 'other'>> = {
  None: 'anonymous',
  RSA: 'rsa',
  ECDSA: 'ec',
  // Fixed ECDH (1.0.x) wants an EC key in the certificate, whoever signed it.
  ECDH: 'ec',
  DSS: 'other',
  DH: 'other',
};

function workOutUsable(library: Library, list: CipherList, level: number, ecdhe: boolean): Usable {
  const free = { anonymous: NONE, rsa: NONE, ec: NONE, other: NONE };
  const withDh = { anonymous: NONE, rsa: NONE, ec: NONE, other: NONE };
  for (const suite of list.suites) {
    const bucket = BUCKET[suite.auth];
    if (bucket === undefined || NEVER.has(suite.kx) || (!ecdhe && suite.kx === 'ECDHE')) continue;
    if (!allowsSuite(library.target, suite, level)) continue;
    const into = suite.kx === 'DHE' ? withDh : free;
    into[bucket] |= suite.versions;
  }
  return { ...free, withDh };
}

/** For messages: `TLSv1`, `TLSv1 and TLSv1.1`, `TLSv1, TLSv1.1 and TLSv1.2`. */
export function spell(set: ProtocolSet): string {
  const names = PROTOCOLS.filter((_, index) => set & (1 << index));
  const last = names.pop();
  return names.length === 0 ? (last ?? 'nothing') : `${names.join(', ')} and ${last}`;
}
