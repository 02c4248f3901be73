/** From inputs that reached something new to others: bytes, words of the dialect, pieces of other inputs. */
import type { Random } from './random.js';

/** Longer ones tell little more and cost time. */
const MOST_BYTES = 2048;
/** What one piece may be repeated to: slow work shows at such lengths. */
const MOST_PUMPED = 16_384;

type Mutation = (input: Buffer, random: Random, words: readonly string[], other: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  insertWord,
  insertWord,
  replaceWord,
  replaceWord,
  changeByte,
  insertBytes,
  remove,
  repeat,
  splice,
  moveLine,
  takeFrom,
  takeFrom,
];

/** Words that any text format may stumble over. */
const ODD = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\ufeff',
  '\u2028',
  '\\',
  '"',
  "'",
  '#',
  ' ',
  '\t',
  '\xff',
  '\u202e',
  '{',
  '}',
  ';',
];

export function mutate(input: Buffer, random: Random, words: readonly string[], other: Buffer): Buffer {
  let out = input;
  for (let left = 1 + random.below(1 << random.below(5)); left > 0; left--) {
    out = random.pick(MUTATIONS)(out, random, words, other).subarray(0, MOST_BYTES);
  }
  return random.below(2000) === 0 ? pump(out, random) : out;
}

function put(input: Buffer, start: number, end: number, middle: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, start), middle, input.subarray(end)]);
}

function placeIn(input: Buffer, random: Random): number {
  return random.below(input.length + 1);
}

/** A stretch that is short more often than long. */
function stretch(input: Buffer, random: Random): readonly [start: number, end: number] {
  const start = placeIn(input, random);
  return [start, Math.min(input.length, start + 1 + random.below(1 << random.below(9)))];
}

function wordFor(random: Random, words: readonly string[]): Buffer {
  const word = random.below(5) === 0 ? random.pick(ODD) : random.pick(words);
  return Buffer.from(random.below(3) === 0 ? `${word} ` : word);
}

function insertWord(input: Buffer, random: Random, words: readonly string[]): Buffer {
  const at = placeIn(input, random);
  return put(input, at, at, wordFor(random, words));
}

/** A whole word of the text, as far as a reader of any dialect would say. */
function replaceWord(input: Buffer, random: Random, words: readonly string[]): Buffer {
  let start = placeIn(input, random);
  while (start > 0 && isPart(input[start - 1])) start--;
  let end = start;
  while (end < input.length && isPart(input[end])) end++;
  return put(input, start, end, wordFor(random, words));
}

function isPart(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0x20 && !';{}<>"\'#'.includes(String.fromCharCode(byte));
}

function changeByte(input: Buffer, random: Random): Buffer {
  const at = placeIn(input, random);
  const byte = random.below(2) === 0 ? random.below(256) : (input[at] ?? 0) ^ (1 << random.below(8));
  return put(input, at, at + 1, Buffer.from([byte]));
}

function insertBytes(input: Buffer, random: Random): Buffer {
  const at = placeIn(input, random);
  return put(input, at, at, Buffer.from(Array.from({ length: 1 + random.below(4) }, () => random.below(256))));
}

function remove(input: Buffer, random: Random): Buffer {
  return put(input, ...stretch(input, random), Buffer.alloc(0));
}

function repeat(input: Buffer, random: Random): Buffer {
  const [start, end] = stretch(input, random);
  return put(input, end, end, input.subarray(start, end));
}

function splice(input: Buffer, random: Random, _: readonly string[], other: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, placeIn(input, random)), other.subarray(placeIn(other, random))]);
}

function takeFrom(input: Buffer, random: Random, _: readonly string[], other: Buffer): Buffer {
  const at = placeIn(input, random);
  return put(input, at, at, other.subarray(...stretch(other, random)));
}

function moveLine(input: Buffer, random: Random): Buffer {
  const start = input.lastIndexOf(10, placeIn(input, random)) + 1;
  const next = input.indexOf(10, start);
  const end = next === -1 ? input.length : next + 1;
  const rest = put(input, start, end, Buffer.alloc(0));
  const at = rest.lastIndexOf(10, placeIn(rest, random)) + 1;
  return put(rest, at, at, input.subarray(start, end));
}

function pump(input: Buffer, random: Random): Buffer {
  const [start, end] = stretch(input, random);
  const piece = input.subarray(start, end);
  if (piece.length === 0) return input;
  const times = Math.min(1 + random.below(20_000), Math.floor(MOST_PUMPED / piece.length));
  return put(input, start, end, Buffer.concat(Array.from({ length: times }, () => piece)));
}
