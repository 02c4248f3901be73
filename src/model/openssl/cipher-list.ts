/** The cipher language: `ssl_create_cipher_list` and `ssl_cipher_process_rulestr` of ssl/ssl_ciph.c. */
import { NONE, type ProtocolSet } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { aliasTest } from './aliases.js';
import { ianaName, type Suite } from './suites.js';

/** The words of the library's own error. */
type CipherListError = 'no cipher match' | 'invalid command';

export interface CipherList {
  readonly error: CipherListError | undefined;
  /** What the list switches on, in the order of the table: the order that a server prefers is not computed. */
  readonly suites: readonly Suite[];
  /** Of the last `@SECLEVEL=n`. */
  readonly level: number | undefined;
  /** Every version that some suite of the list can be used with, before security levels. */
  readonly versions: ProtocolSet;
  /** Suite B (RFC 6460): EC keys alone, in TLSv1.3 as well. */
  readonly suiteB: boolean;
}

/** Never throws. `suites` are those of the build. */
export function evaluateCipherList(openssl: OpensslTarget, suites: readonly Suite[], list: string): CipherList {
  const state: State = { openssl, suites, marks: new Uint8Array(suites.length), level: undefined, invalid: false };
  const replacement = suiteBList(openssl, list);
  const rules = replacement ?? list;
  if (rules.startsWith('DEFAULT')) {
    applyRules(state, atLeast(openssl.version, '1.1.0') ? DEFAULT : DEFAULT_BEFORE_1_1_0);
    applyRules(state, rules.slice('DEFAULT'.length));
  } else applyRules(state, rules);
  return result(state, replacement !== undefined);
}

/** SSL_DEFAULT_CIPHER_LIST. */
const DEFAULT = 'ALL:!COMPLEMENTOFDEFAULT:!eNULL';
const DEFAULT_BEFORE_1_1_0 = 'ALL:!EXPORT:!LOW:!aNULL:!eNULL:!SSLv2';

const OFF = 0;
const ON = 1;
const KILLED = 2;

interface State {
  readonly openssl: OpensslTarget;
  readonly suites: readonly Suite[];
  /** By index of `suites`: OFF, ON or KILLED. */
  readonly marks: Uint8Array;
  level: number | undefined;
  invalid: boolean;
}

function result(state: State, inSuiteB: boolean): CipherList {
  const { suites, marks, level, invalid } = state;
  const on = invalid ? [] : suites.filter((_, index) => marks[index] === ON);
  let versions = NONE;
  for (const suite of on) versions |= suite.versions;
  const error = invalid ? 'invalid command' : on.length === 0 ? 'no cipher match' : undefined;
  return { error, suites: on, level, versions, suiteB: inSuiteB };
}

/**
 * Releases that read some list otherwise than the one before, oldest first: every release that is asked for here and for aliases,
 * but for 3.2, which reads `_` otherwise and nothing else.
 */
const STEPS = ['1.0.2', '1.1.0', '3.0.0'];

/** Equal for releases that read every list alike that has no `_`. */
export function languageOf({ version }: OpensslTarget): number {
  return STEPS.findLastIndex(step => atLeast(version, step));
}

const SUITE_B: ReadonlyArray<readonly [string, string]> = [
  ['SUITEB128ONLY', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['SUITEB128C2', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['SUITEB128', 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['SUITEB192', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
];

/** `CipherList.suiteB` alone, for which the list need not be read. */
export function isSuiteB(openssl: OpensslTarget, list: string): boolean {
  return suiteBList(openssl, list) !== undefined;
}

/** `check_suiteb_cipher_list`: such a word at the start replaces the whole list. */
function suiteBList(openssl: OpensslTarget, list: string): string | undefined {
  if (!atLeast(openssl.version, '1.0.2')) return undefined;
  return SUITE_B.find(([word]) => list.startsWith(word))?.[1];
}

/** `ssl_cipher_process_rulestr`. */
function applyRules(state: State, rules: string): void {
  let at = 0;
  while (at < rules.length) {
    if (isSeparator(rules, at)) {
      at++;
      continue;
    }
    const operator = OPERATORS.includes(rules[at]!) ? rules[at++]! : '';
    at = operator === '@' ? applySpecial(state, rules, at) : applyWords(state, rules, at, operator);
  }
}

const OPERATORS = '+-!@';

/** One rule `A+B+C`: all of it must be known, or nothing happens. The offset behind it. */
function applyWords(state: State, rules: string, start: number, operator: string): number {
  let at = start;
  const words: Chosen[] = [];
  for (;;) {
    const end = wordEnd(rules, at, state.openssl);
    if (end === at) {
      state.invalid = true;
      return nextSeparator(rules, at + 1);
    }
    const word = rules.slice(at, end);
    const members = membersOf(state, word);
    if (!members) return nextSeparator(rules, end);
    words.push({ word, members });
    at = end;
    if (rules[at] !== '+') break;
    at++;
  }
  apply(state, intersect(words), operator);
  return at;
}

interface Chosen {
  readonly word: string;
  /** 1 for each suite that the word stands for. */
  readonly members: Uint8Array;
}

const STRENGTHS: ReadonlySet<string> = new Set(['HIGH', 'MEDIUM', 'LOW']);
/** Aliases that say something of the strength; beside them, the names of suites do. */
const NOT_IN_DEFAULT = 'COMPLEMENTOFDEFAULT';

/**
 * What all words have in common, with two oddities of the library: strength, FIPS and being in the default list share
 * one word of bits there, of which the first strength (or suite) throws away that it is to be out of the default list,
 * and FIPS has no bit in common with any strength.
 */
function intersect(words: readonly Chosen[]): Uint8Array {
  const strong = words.findIndex(({ word }) => STRENGTHS.has(word) || word === 'FIPS' || word.includes('-'));
  const kept = words.filter(({ word }, index) => word !== NOT_IN_DEFAULT || index > strong);
  const chosen = kept.map(one => one.members).reduce((all, one) => all.map((bit, index) => bit & one[index]!));
  const named = (test: (word: string) => boolean) => words.some(({ word }) => test(word));
  if (named(word => word === 'FIPS') && named(word => STRENGTHS.has(word))) return chosen.fill(0);
  return chosen;
}

/** `ssl_cipher_apply_rule`; `+` only reorders. */
function apply({ marks }: State, chosen: Uint8Array, operator: string): void {
  if (operator === '+') return;
  const from = operator === '-' ? ON : OFF;
  const to = operator === '-' ? OFF : operator === '!' ? KILLED : ON;
  for (let index = 0; index < marks.length; index++) {
    if (chosen[index] === 0) continue;
    if (to === KILLED || marks[index] === from) marks[index] = to;
  }
}

/** 1 for each suite that the word stands for; `undefined` where it is neither an alias nor a suite's name. */
function membersOf({ suites, openssl }: State, word: string): Uint8Array | undefined {
  let known = membersByWord.get(suites);
  if (!known) {
    known = new Map();
    membersByWord.set(suites, known);
  }
  // Before 3.2 no word has a `_`.
  const key = `${languageOf(openssl)}${word}`;
  const found = known.get(key);
  if (found || known.has(key)) return found;
  const test = aliasTest(word, openssl) ?? nameTest(suites, word, openssl);
  const members = test && marked(suites, test);
  known.set(key, members);
  return members;
}

function marked(suites: readonly Suite[], test: (suite: Suite) => boolean): Uint8Array {
  const members = new Uint8Array(suites.length);
  for (let index = 0; index < suites.length; index++) if (test(suites[index]!)) members[index] = 1;
  return members;
}

/** Lists of one configuration differ, their words hardly do. */
const membersByWord = new WeakMap<readonly Suite[], Map<string, Uint8Array | undefined>>();

function nameTest(
  suites: readonly Suite[],
  word: string,
  openssl: OpensslTarget,
): ((suite: Suite) => boolean) | undefined {
  const name = sameSuite(word, openssl);
  if (suites.some(suite => suite.name === name)) return suite => suite.name === name;
  if (!word.startsWith('TLS_')) return undefined;
  return suites.some(suite => ianaName(suite) === word) ? suite => ianaName(suite) === word : undefined;
}

/** Before 1.1.0 the `DHE-` names of the DES suites are aliases of their `EDH-` ones. */
function sameSuite(word: string, openssl: OpensslTarget): string {
  if (atLeast(openssl.version, '1.1.0') || !word.startsWith('DHE-') || !word.includes('-DES-')) return word;
  return `EDH-${word.slice('DHE-'.length)}`;
}

/** `@STRENGTH`, which sorts, and `@SECLEVEL=n`. */
function applySpecial(state: State, rules: string, start: number): number {
  const end = wordEnd(rules, start, state.openssl);
  const word = rules.slice(start, end);
  if (word.startsWith('SECLEVEL') && setsLevel(state, rules.slice(start))) return nextSeparator(rules, end);
  if (word !== 'STRENGTH') state.invalid = true;
  return nextSeparator(rules, end === start ? start + 1 : end);
}

function setsLevel(state: State, rest: string): boolean {
  const digit = rest.charCodeAt('SECLEVEL='.length) - 48;
  if (!rest.startsWith('SECLEVEL=') || !(digit >= 0 && digit <= 5)) return false;
  if (wordEnd(rest, 0, state.openssl) > 'SECLEVEL=n'.length) return false;
  // No levels before 1.1.0: recorded servers with 1.0.2u start with the word and do nothing with it, although ssl_ciph.c of 1.0.2
  // reads as if it refused it.
  if (atLeast(state.openssl.version, '1.1.0')) state.level = digit;
  return true;
}

/** ITEM_SEP. */
function isSeparator(rules: string, at: number): boolean {
  const char = rules[at];
  return char === ':' || char === ' ' || char === ';' || char === ',';
}

function nextSeparator(rules: string, start: number): number {
  let at = start;
  while (at < rules.length && !isSeparator(rules, at)) at++;
  return at;
}

function wordEnd(rules: string, start: number, openssl: OpensslTarget): number {
  let at = start;
  while (at < rules.length && isWordCharacter(rules.charCodeAt(at), openssl)) at++;
  return at;
}

/** `=` counts from 1.1.0 on, `_` from 3.2 on (the IANA names). */
function isWordCharacter(code: number, openssl: OpensslTarget): boolean {
  if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)) return true;
  if (code === 45 || code === 46) return true;
  if (code === 61) return atLeast(openssl.version, '1.1.0');
  return code === 95 && atLeast(openssl.version, '3.2.0');
}
