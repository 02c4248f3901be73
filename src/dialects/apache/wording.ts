/** The words that make a wish true, in the author's style: subtractive, additive, or anew. */
import { NONE, oldest, type ProtocolSet, protocolBit, protocolNames, SSLv3, TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { ProtocolRemedy } from '../../model/types.js';
import { withoutHoles } from './contexts.js';
import { knownVersions, readProtocol, suggestProtocol, writeProtocol } from './settings/protocol.js';

type Wish = Pick<ProtocolRemedy, 'require' | 'forbid' | 'add'>;

/** The new words, or `undefined` where none make the wish true on every target. */
export function reword(words: readonly string[], wish: Wish, targets: readonly Target[]): string[] | undefined {
  const { require, forbid, add } = wish;
  const key = [require, forbid, add, ...words].join('\0');
  const known = reworded.get(targets) ?? new Map<string, string[] | undefined>();
  reworded.set(targets, known);
  if (!known.has(key)) known.set(key, rewordOnce(words, wish, targets));
  return known.get(key);
}

/** The same words stand in thousands of virtual hosts. */
const reworded = new WeakMap<readonly Target[], Map<string, string[] | undefined>>();

function rewordOnce(words: readonly string[], wish: Wish, targets: readonly Target[]): string[] | undefined {
  const clean = correctWords(words);
  for (const candidate of [styled(clean, wish, targets), anew(wantedOf(clean, wish, targets), wish, targets)]) {
    if (candidate && targets.every(target => grants(candidate, wish, target))) return candidate;
  }
  return undefined;
}

/** For a directive that is not there yet. */
export function newWords(wish: Wish, targets: readonly Target[]): string[] | undefined {
  const words = anew(wish.require, wish, targets);
  return targets.every(target => grants(words, wish, target)) ? words : undefined;
}

function grants(words: readonly string[], { require, forbid }: Wish, target: Target): boolean {
  const { set, refused } = readProtocol(words, target);
  const left = withoutHoles(set, target);
  return !refused && left !== NONE && (left & forbid) === NONE && (require & knownVersions(target) & ~left) === NONE;
}

/** Signs that stand alone join the next word, lists in one word come apart, misspelled names are spelled right. */
function correctWords(words: readonly string[]): string[] {
  const parts = words.flatMap(word => word.split(/[\s,;]+/)).filter(part => part !== '');
  const joined: string[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    const alone = part === '+' || part === '-';
    joined.push(alone ? part + (parts[++index] ?? '') : part);
  }
  return joined.map(correctWord).filter(word => word !== undefined);
}

function correctWord(word: string): string | undefined {
  const sign = signOf(word);
  const name = word.slice(sign.length);
  if (isAll(word) || protocolBit(name) !== NONE) return word;
  const right = suggestProtocol(name);
  return right === undefined ? undefined : sign + right;
}

function signOf(word: string): '' | '+' | '-' {
  return word.startsWith('+') ? '+' : word.startsWith('-') ? '-' : '';
}

function bitOf(word: string): ProtocolSet {
  return protocolBit(word.slice(signOf(word).length));
}

function isAll(word: string): boolean {
  return word.slice(signOf(word).length).toLowerCase() === 'all';
}

function styled(words: readonly string[], wish: Wish, targets: readonly Target[]): string[] | undefined {
  const all = words.findLastIndex(word => isAll(word) && signOf(word) !== '-');
  const none = words.findLastIndex(word => isAll(word) && signOf(word) === '-');
  const bare = words.filter(isBare);
  // What stands before `all` is void.
  if (all > none) return words.slice(all + 1).some(isBare) ? undefined : subtract(words.slice(all), wish);
  const [first] = words.filter(word => signOf(word) !== '-');
  // A bare word at the front adds to nothing; others throw away what stands before them.
  const plain =
    bare.length === 0 || (bare.length === 1 && first === bare[0] && words.some(word => signOf(word) === '+'));
  return plain ? add(words, wish, targets) : undefined;
}

function isBare(word: string): boolean {
  return signOf(word) === '' && !isAll(word);
}

/** `all -SSLv3` to `all -SSLv3 -TLSv1 -TLSv1.1`. */
function subtract(words: readonly string[], { require, forbid }: Wish): string[] {
  const kept = words.filter(word => {
    const bit = bitOf(word);
    return signOf(word) === '-' ? (bit & require) === NONE : (bit & forbid) === NONE;
  });
  const gone = kept.reduce((set, word) => (signOf(word) === '-' ? set | bitOf(word) : set), NONE);
  // `all` never means SSLv2 where it can be had.
  const missing = protocolNames(forbid & ~gone).filter(name => protocolBit(name) >= SSLv3);
  return [...kept, ...missing.map(name => `-${name}`)];
}

/** `+TLSv1 +TLSv1.1 +TLSv1.2` to `+TLSv1.2`. */
function add(words: readonly string[], wish: Wish, targets: readonly Target[]): string[] {
  const { require, forbid } = wish;
  const kept = words.filter(word => {
    const bit = bitOf(word);
    return signOf(word) === '-' ? (bit & require) === NONE : (bit & forbid) === NONE;
  });
  const named = kept.reduce((set, word) => (signOf(word) === '-' ? set : set | bitOf(word)), NONE);
  const wanted = named === NONE ? allowedAnew(require, wish, targets) : require & ~named;
  return [...kept, ...protocolNames(wanted).map(name => `+${name}`)];
}

function wantedOf(words: readonly string[], { require, forbid }: Wish, targets: readonly Target[]): ProtocolSet {
  const now = targets.reduce((set, target) => set | withoutHoles(readProtocol(words, target).set, target), NONE);
  return (now & ~forbid) | require;
}

function anew(wanted: ProtocolSet, wish: Wish, targets: readonly Target[]): string[] {
  return writeProtocol(allowedAnew(wanted, wish, targets));
}

/** What is wanted and what may come with it, where every target knows it: a word too new keeps the server from starting. */
function allowedAnew(wanted: ProtocolSet, { add: extra }: Wish, targets: readonly Target[]): ProtocolSet {
  const known = targets.reduce((set, target) => set & knownVersions(target), wanted | extra);
  return known | (wanted & ~TLSv1_3);
}

/** The value of `MinProtocol` or `MaxProtocol` that makes the wish true. */
export function boundFor(
  command: string,
  { require, forbid, add: extra }: Wish,
  targets: readonly Target[],
): string | undefined {
  const all = ~forbid & (require | extra);
  if (command === 'minprotocol') return protocolNames(oldest(require === NONE ? all : require))[0];
  const known = targets.reduce((set, target) => set & knownVersions(target), require | extra);
  return protocolNames(known | require).at(-1);
}
