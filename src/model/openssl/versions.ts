/** The versions that a server or a client of OpenSSL offers: OS-1 to OS-5. */

import type { Context, KeyType, Negotiated } from '../openssl.js';
import { NONE, oldest, type ProtocolSet, TLSv1_3 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { hasOlderGroup, hasTls13Group } from './groups.js';
import { BEFORE_TLS1_2, refusedSignatures, refusedVersions } from './levels.js';
import { cipherListOf, type Library, libraryOf, numberOf, spell, type Usable, usableOf } from './library.js';
import { ecWithoutSignature, rsaWithoutSignature } from './signatures.js';
import { hasCiphersuite, hasUsableCiphersuite } from './tls13.js';

/** Flags and bounds together (`ssl_method_error` without the security level). */
export function enabledVersions(context: Context): ProtocolSet {
  const upTo = context.max === 0 ? -1 : (context.max << 1) - 1;
  const from = context.min === 0 ? -1 : ~(context.min - 1);
  return context.flags & from & upTo;
}

/** Memoized: the same object for the same question. */
export function serverVersions(
  openssl: OpensslTarget,
  initial: Context,
  selected: Context,
  options: { readonly early: boolean; readonly keys: readonly KeyType[] },
): Negotiated {
  const library = libraryOf(openssl);
  const { early } = options;
  const keys = keySet(options.keys);
  const first = keyOf(library, initial);
  const key = `${keys}${early ? 'e' : 'l'}${first}|${selected === initial ? '' : keyOf(library, selected)}`;
  let answer = library.answers.get(key);
  if (!answer) {
    answer = workOutServer(library, initial, selected, early, keys);
    library.answers.set(key, answer);
  }
  return answer;
}

/** The range that a ClientHello names. Suites matter for its newest version alone. Memoized. */
export function clientVersions(openssl: OpensslTarget, context: Context): Negotiated {
  const library = libraryOf(openssl);
  const key = `c${keyOf(library, context)}`;
  let answer = library.answers.get(key);
  if (!answer) {
    answer = workOutClient(library, context);
    library.answers.set(key, answer);
  }
  return answer;
}

function workOutClient(library: Library, context: Context): Negotiated {
  const notes: string[] = [];
  const allowed = allowedVersions(library, context, notes);
  const range = lowestRange(allowed);
  if (range === NONE) {
    notes.push('No protocol version is left, so that the client sends no ClientHello.');
    return { set: NONE, notes };
  }
  if (allowed !== range) {
    notes.push(
      `A client of OpenSSL offers the lowest range without a gap alone, so that ${spell(allowed & ~range)} is not offered.`,
    );
  }
  const newest = topOf(range);
  if (clientHasSuite(library, context, newest)) return { set: range, notes };
  notes.push(
    `No cipher suite works with ${spell(newest)}, the newest version offered, so that the client sends no ClientHello.`,
  );
  return { set: NONE, notes };
}

/** `ssl_cipher_list_to_bytes`: some suite must be left, from 1.1.1 on one for the newest version. */
function clientHasSuite(library: Library, context: Context, newest: ProtocolSet): boolean {
  if (newest === TLSv1_3) return hasUsableCiphersuite(library.target, context.ciphersuites, context.level);
  const suited = allSuites(usableOf(library, context.ciphers, context.level));
  return (suited & (atLeast(library.target.version, '1.1.1') ? newest : -1)) !== 0;
}

function workOutServer(
  library: Library,
  initial: Context,
  selected: Context,
  early: boolean,
  keys: number,
): Negotiated {
  const notes: string[] = [];
  if (!passesSelfCheck(library, initial, notes)) return { set: NONE, notes };
  const allowed = allowedVersions(library, early ? selected : initial, notes);
  const signed = signedVersions(library, selected, notes, allowed);
  const groups = groupsInForce(library, initial, selected);
  const ecdhe = hasOlderGroup(groups, selected.level);
  const usable = usableOf(library, selected.ciphers, selected.level, ecdhe);
  const { sure, maybe } = suitedVersions(usable, selected.dh, keys, signed);
  const tls13 = allowed & TLSv1_3 && tls13Works(library, initial, selected, keys, notes) ? TLSv1_3 : NONE;
  const { suiteB } = cipherListOf(library, selected.ciphers);
  const set = (allowed & sure) | (suiteB && !(keys & EC) ? NONE : tls13);
  const possible = (allowed & maybe) | tls13;
  noteUnsuited(library, selected, usable, keys, allowed & ~TLSv1_3 & ~possible & ~signed.refused, notes);
  const unsigned = withoutSignature(selected, keys);
  const doubtful = possible & unsigned.maybe;
  if (doubtful) {
    notes.push(`Whether \`SignatureAlgorithms ${selected.signatures}\` leaves ${spell(doubtful)} is not known.`);
    return { set: null, notes };
  }
  const lost = possible & unsigned.surely;
  if (lost) notes.push(`\`SignatureAlgorithms ${selected.signatures}\` has no signature for ${spell(lost)}.`);
  if ((set & ~lost) === (possible & ~lost)) return { set: set & ~lost, notes };
  notes.push(
    `Whether ${spell(possible & ~set)} can be negotiated hangs on the certificate's key or on DH parameters, which are not known.`,
  );
  return { set: null, notes };
}

/** Says of each version without a suite why that is. */
function noteUnsuited(
  library: Library,
  selected: Context,
  usable: Usable,
  keys: number,
  unsuited: ProtocolSet,
  notes: string[],
): void {
  const absent = unsuited & ~cipherListOf(library, selected.ciphers).versions;
  if (absent) notes.push(`The cipher list has no suite for ${spell(absent)}.`);
  const filtered = unsuited & ~absent & ~allSuites(usable);
  if (filtered) {
    const level = selected.level > 0 ? ` at security level ${selected.level}` : '';
    notes.push(`None of the cipher suites for ${spell(filtered)} can be used${level}.`);
  }
  const unfit = unsuited & ~absent & ~filtered;
  if (unfit) notes.push(`None of the cipher suites for ${spell(unfit)} works ${KEY_WORDS.get(keys) ?? 'here'}.`);
}

/** OS-5, `tls_setup_handshake` from 1.1.1 on: the list is looked at before security levels take suites out. */
function passesSelfCheck(library: Library, initial: Context, notes: string[]): boolean {
  const refused = refusedVersions(library.target, initial.level) | suiteBRefuses(library, initial);
  const allowed = enabledVersions(initial) & library.compiledIn & ~refused;
  if (allowed === NONE) {
    allowedVersions(library, initial, notes);
    notes.push('No protocol version is left, so that every handshake fails.');
    return false;
  }
  if (!atLeast(library.target.version, '1.1.1')) return true;
  const top = topOf(lowestRange(allowed));
  const suited =
    top === TLSv1_3
      ? hasCiphersuite(library.target, initial.ciphersuites)
      : (cipherListOf(library, initial.ciphers).versions & top) !== 0;
  if (!suited) {
    const gap = allowed === lowestRange(allowed) ? '' : ' below the first gap';
    notes.push(
      `No cipher suite is set for ${spell(top)}, the newest version${gap}, so that ${library.name} refuses every handshake.`,
    );
  }
  return suited;
}

/** What is left of flags and bounds by the build and by the level's check of versions. */
function allowedVersions(library: Library, context: Context, notes: string[]): ProtocolSet {
  const enabled = enabledVersions(context);
  const built = enabled & library.compiledIn;
  if (built !== enabled) notes.push(`This build of ${library.name} does not have ${spell(enabled & ~built)}.`);
  const allowed = built & ~refusedVersions(library.target, context.level);
  if (allowed !== built) notes.push(levelNote(library, context.level, built & ~allowed));
  const old = allowed & suiteBRefuses(library, context);
  if (old) notes.push(`Suite B rules out ${spell(old)}.`);
  return allowed & ~old;
}

/** `ssl_method_error`. */
function suiteBRefuses(library: Library, context: Context): ProtocolSet {
  return cipherListOf(library, context.ciphers).suiteB ? BEFORE_TLS1_2 : NONE;
}

function levelNote(library: Library, level: number, refused: ProtocolSet): string {
  return `${library.name} at security level ${level} refuses ${spell(refused)}.`;
}

interface Signed {
  readonly rsa: ProtocolSet;
  readonly other: ProtocolSet;
  /** Refused whatever the key. */
  readonly refused: ProtocolSet;
}

function signedVersions(library: Library, selected: Context, notes: string[], allowed: ProtocolSet): Signed {
  const { rsa, other } = refusedSignatures(library.target, selected.level);
  const refused = rsa & other & allowed;
  if (refused) notes.push(levelNote(library, selected.level, refused));
  return { rsa: ~rsa, other: ~other, refused };
}

/** Versions below TLSv1.3 that surely and that possibly have a suite. */
function suitedVersions(
  usable: Usable,
  dh: boolean | undefined,
  keys: number,
  signed: Signed,
): { sure: ProtocolSet; maybe: ProtocolSet } {
  const { withDh } = usable;
  const rsa = usable.rsa & signed.rsa;
  const ec = usable.ec & signed.other;
  const dhRsa = withDh.rsa & signed.rsa;
  const others = keys & UNKNOWN ? rsa | ec | (usable.other & signed.other) : NONE;
  let sure = usable.anonymous;
  if (keys & RSA) sure |= rsa;
  if (keys & EC) sure |= ec;
  if (keys & UNKNOWN) sure |= rsa & ec;
  const withParameters =
    withDh.anonymous | (keys & (RSA | UNKNOWN) ? dhRsa : NONE) | (keys & UNKNOWN ? withDh.other & signed.other : NONE);
  if (dh === true) sure |= withDh.anonymous | (keys & RSA ? dhRsa : NONE);
  return { sure, maybe: sure | others | (dh === false ? NONE : withParameters) };
}

/**
 * Of TLSv1.2 and newer: what the list of signature algorithms takes away. Suites of TLSv1.2 that do not sign are not told apart,
 * and a server with two keys may use the other one, so that both are only possible.
 */
function withoutSignature({ signatures }: Context, keys: number): { surely: ProtocolSet; maybe: ProtocolSet } {
  if (signatures === undefined) return NOTHING_LOST;
  const rsa = rsaWithoutSignature(signatures);
  if (keys === RSA) return { surely: rsa & TLSv1_3, maybe: rsa & ~TLSv1_3 };
  const ec = ecWithoutSignature(signatures);
  if (keys === EC) return { surely: ec.surely & TLSv1_3, maybe: ec.maybe | (ec.surely & ~TLSv1_3) };
  return { surely: NONE, maybe: rsa | ec.surely | ec.maybe };
}

const NOTHING_LOST = { surely: NONE, maybe: NONE };

/** They were copied into the connection before the name was known (SSL_new). Suite B has its own two instead. */
function groupsInForce(library: Library, initial: Context, selected: Context): string | undefined {
  return cipherListOf(library, selected.ciphers).suiteB ? undefined : initial.groups;
}

function tls13Works(library: Library, initial: Context, selected: Context, keys: number, notes: string[]): boolean {
  if (keys === 0) {
    notes.push('TLSv1.3 needs a certificate.');
    return false;
  }
  if (!hasUsableCiphersuite(library.target, selected.ciphersuites, selected.level)) {
    notes.push('No TLSv1.3 cipher suite is left, so that TLSv1.3 cannot be used.');
    return false;
  }
  if (keys === RSA && cipherListOf(library, selected.ciphers).suiteB) {
    notes.push('Suite B rules out an RSA certificate, in TLSv1.3 as well.');
    return false;
  }
  const groups = groupsInForce(library, initial, selected);
  if (hasTls13Group(library.target, groups, selected.level)) return true;
  notes.push(`None of the groups \`${groups}\` can be used in TLSv1.3, so that ${library.name} does not offer it.`);
  return false;
}

/** `ssl_get_min_max_version`: upwards from the oldest version to the first gap. */
function lowestRange(set: ProtocolSet): ProtocolSet {
  const first = oldest(set);
  // Adding the lowest bit carries through the lowest run of ones.
  return set & ~(set + first);
}

function topOf(range: ProtocolSet): ProtocolSet {
  return range & ~(range >> 1);
}

function allSuites(usable: Usable): ProtocolSet {
  const { withDh } = usable;
  return usable.anonymous | usable.rsa | usable.ec | usable.other | withDh.anonymous | withDh.rsa | withDh.other;
}

const RSA = 1;
const EC = 2;
const UNKNOWN = 4;

function keySet(keys: readonly KeyType[]): number {
  let set = 0;
  for (const key of keys) set |= key === 'rsa' ? RSA : key === 'ec' ? EC : UNKNOWN;
  return set;
}

const KEY_WORDS: ReadonlyMap<number, string> = new Map([
  [0, 'without a certificate'],
  [RSA, 'with an RSA certificate'],
  [EC, 'with an EC certificate'],
]);

function keyOf(library: Library, context: Context): string {
  const { flags, min, max, level, dh, ciphers, ciphersuites, groups, signatures } = context;
  const bits = `${flags} ${min} ${max} ${level} ${dh === undefined ? '' : dh}`;
  return `${bits} ${numberOf(library, ciphers)} ${numberOf(library, ciphersuites)} ${numberOf(library, groups)} ${numberOf(library, signatures)}`;
}
