/** Bytes to text and back without loss: UTF-8 where the bytes are valid UTF-8, else Latin-1; UTF-16 where that is asked for. */
import { Buffer, isUtf8 } from 'node:buffer';
import type { Source, Span } from './ast.js';

const CR = 13;

/** Reads bytes, or a string as it is (which is then written back as UTF-8). */
export function createSource(input: string | Uint8Array): Source {
  if (typeof input === 'string') return fromText(input, 'utf8');
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  // `latin1` keeps each byte as one code unit, so it is also the cheap road for plain ASCII.
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return fromText(bytes.toString(encoding), encoding);
}

/**
 * As `createSource`, but UTF-16 little-endian where a byte order mark says so. Half a code unit at the end can't be kept in
 * text: then all of it is read as Latin-1.
 */
export function createWideSource(input: string | Uint8Array): Source {
  if (typeof input === 'string' || input[0] !== 0xff || input[1] !== 0xfe || input.length % 2 === 1) {
    return createSource(input);
  }
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return fromText(bytes.toString('utf16le'), 'utf16le');
}

/** The exact bytes of `text` in the encoding that its file was read with. */
export function encode(text: string, encoding: Source['encoding']): Uint8Array {
  return Buffer.from(text, encoding);
}

function fromText(text: string, encoding: Source['encoding']): Source {
  let starts: Uint32Array | undefined;
  const lines = () => (starts ??= lineStarts(text));
  return {
    text,
    encoding,
    pointAt(offset) {
      const table = lines();
      const index = lastAtOrBefore(table, offset);
      return { line: index + 1, column: offset - table[index]! + 1, offset };
    },
    lineSpan(line) {
      return lineSpan(text, lines(), line);
    },
  };
}

/** Lines end at LF alone: neither server takes a lone CR for a line ending. */
function lineStarts(text: string): Uint32Array {
  let count = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  const starts = new Uint32Array(count);
  let index = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts[index++] = at + 1;
  return starts;
}

/** Index of the last entry of a rising table that is not above `offset`. */
export function lastAtOrBefore(table: ArrayLike<number>, offset: number): number {
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (table[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lineSpan(text: string, table: Uint32Array, line: number): Span {
  const start = table[line - 1] ?? text.length;
  let end = line < table.length ? table[line]! - 1 : text.length;
  if (end > start && text.charCodeAt(end - 1) === CR) end--;
  return { start, end };
}
