/** `SSLProtocol` and `SSLProxyProtocol` (`ssl_cmd_protocol_parse`, modules/ssl/ssl_engine_config.c): AP-P, AP-D. */
import { compiledIn } from '../../../model/openssl.js';
import {
  NONE,
  type ProtocolSet,
  protocolBit,
  protocolNames,
  SSLv2,
  SSLv3,
  TLSv1,
  TLSv1_1,
  TLSv1_2,
  TLSv1_3,
} from '../../../model/protocols.js';
import type { Target } from '../../../model/target.js';
import { atLeast } from '../../../model/versions.js';
import { since } from '../since.js';

const ALL_WORD = 'all';

export interface Token {
  readonly sign: '' | '+' | '-';
  /** Without the sign, as written. */
  readonly name: string;
  /** What the name stands for; `NONE` where it is refused, and where it is accepted without effect. */
  readonly bits: ProtocolSet;
  /** Not known to any server (`unknown`), or not to this one. */
  readonly refused?: 'unknown' | 'unsupported';
  /** A bare word: what the words before it had allowed and it does not. */
  readonly dropped: ProtocolSet;
}

export interface ProtocolValue {
  readonly set: ProtocolSet;
  readonly tokens: readonly Token[];
  readonly refused: boolean;
}

/** Versions that `mod_ssl` has flags for, whatever the library: TLSv1.1 and TLSv1.2 from 2.2.23 on, TLSv1.3 from 2.4.36. */
export function knownVersions(target: Target): ProtocolSet {
  const { openssl } = target;
  let set = SSLv3 | TLSv1;
  if (!since(target, '2.3.0')) set |= SSLv2;
  if (since(target, '2.2.23') && atLeast(openssl.version, '1.0.1')) set |= TLSv1_1 | TLSv1_2;
  if (since(target, '2.4.36') && atLeast(openssl.version, '1.1.1')) set |= TLSv1_3;
  return set;
}

/** `SSL_PROTOCOL_ALL` (modules/ssl/ssl_private.h per tag). */
export function allVersions(target: Target): ProtocolSet {
  const built = compiledIn(target.openssl);
  let set = knownVersions(target);
  if (since(target, '2.2.18') && (built & SSLv2) === 0) set &= ~SSLv2;
  if (since(target, '2.4.17') && (built & SSLv3) === 0) set &= ~SSLv3;
  return set;
}

/** Without the directive: `all` up to 2.4.16, then `all -SSLv3`. */
export function defaultVersions(target: Target): ProtocolSet {
  const all = allVersions(target);
  return since(target, '2.4.17') ? all & ~SSLv3 : all;
}

/** From left to right over a set that starts empty: `+` adds, `-` removes, a bare word replaces. */
export function readProtocol(words: readonly string[], target: Target): ProtocolValue {
  let set: ProtocolSet = NONE;
  let refused = false;
  const tokens: Token[] = [];
  for (const word of words) {
    const sign = word.startsWith('+') ? '+' : word.startsWith('-') ? '-' : '';
    const name = word.slice(sign.length);
    const meaning = meaningOf(name, sign, target);
    const { bits } = meaning;
    const dropped = sign === '' && !meaning.refused ? set & ~bits : NONE;
    if (meaning.refused) refused = true;
    else set = sign === '+' ? set | bits : sign === '-' ? set & ~bits : bits;
    tokens.push({ sign, name, dropped, ...meaning });
  }
  return { set, tokens, refused };
}

type Meaning = Pick<Token, 'bits' | 'refused'>;

function meaningOf(name: string, sign: Token['sign'], target: Target): Meaning {
  if (name.toLowerCase() === ALL_WORD) return { bits: allVersions(target) };
  const bit = protocolBit(name);
  if (bit === NONE) return { bits: NONE, refused: 'unknown' };
  if (bit === SSLv2 && since(target, '2.3.0')) return taken(sign);
  if (bit === SSLv3 && since(target, '2.4.17') && (compiledIn(target.openssl) & SSLv3) === 0) return taken(sign);
  if (bit & knownVersions(target)) return { bits: bit };
  return { bits: NONE, refused: 'unsupported' };
}

/** Versions that can't be had any more: leaving them out is accepted. */
function taken(sign: Token['sign']): Meaning {
  return sign === '-' ? { bits: NONE } : { bits: NONE, refused: 'unsupported' };
}

/** What people write for it, in lower case. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['tlsv1.0', 'TLSv1'],
  ['tls1', 'TLSv1'],
  ['tls1.0', 'TLSv1'],
  ['tlsv1_0', 'TLSv1'],
]);

/** What is longer is no misspelling of any word, and would only cost time. */
const LONGEST_CLOSE = 32;

/** A close valid word for one that no server knows. */
export function suggestProtocol(name: string): string | undefined {
  if (name.length > LONGEST_CLOSE) return undefined;
  let lower = name.toLowerCase();
  while (lower.endsWith(',') || lower.endsWith(';')) lower = lower.slice(0, -1);
  const known = SPELLINGS.get(lower) ?? (lower === ALL_WORD ? ALL_WORD : protocolNames(protocolBit(lower))[0]);
  if (known !== undefined) return known;
  const match = /^(?:tls|ssl)[\s_-]*(?:v[\s_-]*)?([123])(?:[._-]?([0-3]))?$/.exec(lower);
  if (!match) return undefined;
  const [, major, minor = '0'] = match;
  if (lower.startsWith('ssl')) return protocolNames(protocolBit(`SSLv${major}`))[0];
  return major === '1' ? protocolNames(protocolBit(minor === '0' ? 'TLSv1' : `TLSv1.${minor}`))[0] : undefined;
}

/** Words for a set, in the style that can't be misread: nothing replaces anything. */
export function writeProtocol(set: ProtocolSet): string[] {
  return ['-all', ...protocolNames(set).map(name => `+${name}`)];
}
