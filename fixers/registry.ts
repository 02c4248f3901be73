/** Minimal edits on the tree of a `.reg` file; the layout follows the neighbours. */
import type { RegistryKey, RegistryValue, Source } from '../parsers/ast.js';
import type { Edit } from './edit.js';
import { eolAt, indentAt, startsLine } from './layout.js';

/** A value to write; `number` is one of 32 bits. */
export interface NewValue {
  readonly name: string;
  readonly number: number;
}

export interface NewKey {
  readonly name: string;
  readonly values: readonly NewValue[];
}

const DIGITS = 8;

/** Another number in place of the data, with as many digits as before and in their case. */
export function setNumber(path: string, source: Source, value: RegistryValue, number: number): Edit {
  const { start, end } = value.dataSpan;
  const old = source.text.slice(start, end);
  const digits = value.data.kind === 'dword' ? /:\s*([0-9a-f]+)$/i.exec(old)?.[1] : undefined;
  if (digits === undefined) return { path, start, end, text: dword(number) };
  const written = number.toString(16).padStart(digits.length, '0');
  const text = /[A-F]/.test(digits) ? written.toUpperCase() : written;
  return { path, start: end - digits.length, end, text };
}

/** Lines behind the last value of the key, or behind its head. */
export function insertValues(path: string, source: Source, key: RegistryKey, values: readonly NewValue[]): Edit {
  const { text } = source;
  const last = lastValue(key);
  const at = endOfLine(text, last?.end ?? key.headEnd);
  const line = lineEnding(text, at) + (last && startsLine(text, last.start) ? indentAt(text, last.start) : '');
  return { path, start: at, end: at, text: values.map(value => line + valueLine(value)).join('') };
}

/** Keys behind the last value of another, with an empty line before each where the author has such lines. */
export function insertKeys(path: string, source: Source, after: RegistryKey, keys: readonly NewKey[]): Edit {
  const { text } = source;
  const at = endOfLine(text, lastValue(after)?.end ?? after.headEnd);
  const eol = lineEnding(text, at);
  const apart = isDense(text) ? eol : eol + eol;
  const blocks = keys.map(({ name, values }) => [`${apart}[${name}]`, ...values.map(valueLine)].join(eol));
  return { path, start: at, end: at, text: blocks.join('') };
}

function valueLine({ name, number }: NewValue): string {
  return `"${name.replace(/[\\"]/g, '\\$&')}"=${dword(number)}`;
}

function dword(number: number): string {
  return `dword:${number.toString(16).padStart(DIGITS, '0')}`;
}

/** What follows a key's last value, such as a comment about the next key, is not in its way. */
function lastValue(key: RegistryKey): RegistryValue | undefined {
  return key.children.findLast(node => node.type === 'value');
}

function endOfLine(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && text.charCodeAt(at) !== LF && text.charCodeAt(at) !== CR) at++;
  return at;
}

/** A lone CR ends a line of the registry editor as well. */
function lineEnding(text: string, at: number): string {
  if (at >= text.length) return eolAt(text, at);
  if (text.charCodeAt(at) === LF) return '\n';
  return text.charCodeAt(at + 1) === LF ? '\r\n' : '\r';
}

/** Whether the author leaves no empty line between keys: where that is not seen, one is left, as the editor does. */
function isDense(text: string): boolean {
  const first = text.indexOf('[');
  const second = text.indexOf('\n[', first);
  if (second === -1) return false;
  EMPTY_LINE.lastIndex = first;
  return !EMPTY_LINE.test(text);
}

const EMPTY_LINE = /\n[ \t]*\r?\n/g;
const LF = 10;
const CR = 13;
