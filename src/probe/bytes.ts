/** Writing and reading of the presentation language of TLS (RFC 8446, section 3): big-endian numbers and vectors. */

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff);
}

export function u16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(value => [(value >>> 8) & 0xff, value & 0xff]));
}

export function u24(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(value => [(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A vector with a length of `size` bytes before it. */
export function vector(size: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const length = size === 1 ? u8(body.length) : size === 2 ? u16(body.length) : u24(body.length);
  return concat(length, body);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0) & 0xff);
}

/** Reads forward; once a read goes past the end, `broken` is true and every read gives zeros. */
export interface Cursor {
  readonly broken: boolean;
  readonly left: number;
  number(size: 1 | 2 | 3): number;
  take(length: number): Uint8Array;
  vector(size: 1 | 2 | 3): Uint8Array;
}

export function createCursor(bytes: Uint8Array): Cursor {
  let at = 0;
  let broken = false;
  const take = (length: number): Uint8Array => {
    if (broken || at + length > bytes.length) {
      broken = true;
      return new Uint8Array(0);
    }
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (size: 1 | 2 | 3): number => take(size).reduce((value, byte) => value * 256 + byte, 0);
  return {
    get broken() {
      return broken;
    },
    get left() {
      return broken ? 0 : bytes.length - at;
    },
    number,
    take,
    vector: size => take(number(size)),
  };
}
