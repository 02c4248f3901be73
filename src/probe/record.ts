/** The record layer of SSLv3 to TLSv1.3 (RFC 8446, section 5.1) as a prober reads it: in the clear, and bounded. */
import { concat } from './bytes.js';

export type Item =
  | { readonly kind: 'handshake'; readonly type: number; readonly body: Uint8Array }
  | { readonly kind: 'alert'; readonly fatal: boolean; readonly code: number }
  | { readonly kind: 'change-cipher-spec' }
  /** A protected record; `length` without its header. */
  | { readonly kind: 'protected'; readonly length: number }
  /** Bytes that are no TLS record; nothing is read after it. */
  | { readonly kind: 'foreign'; readonly bytes: Uint8Array }
  /** More than a handshake may have; nothing is read after it. */
  | { readonly kind: 'too-long' };

export interface RecordReader {
  /** Everything that is complete after `chunk`. */
  push(chunk: Uint8Array): Item[];
}

const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEADER = 5;
/** RFC 8446, section 5.2: 2^14 and 256 for the protection; SSLv3 to TLSv1.2 allow 2048. */
const MAX_RECORD = 16384 + 2048;
/** Certificate chains are the largest thing by far; OpenSSL's own limit for them is 100 KiB. */
const MAX_HANDSHAKE = 256 * 1024;
const MAX_FOREIGN = 256;

export function createRecordReader(): RecordReader {
  let pending: Uint8Array = new Uint8Array(0);
  let fragment: Uint8Array = new Uint8Array(0);
  let total = 0;
  let ended = false;
  const end = (item: Item): Item => {
    ended = true;
    return item;
  };
  const handshakes = (payload: Uint8Array): Item[] => {
    const read = splitHandshakes(concat(fragment, payload));
    fragment = read.rest;
    return read.items;
  };
  return {
    push(chunk) {
      const items: Item[] = [];
      if (ended) return items;
      total += chunk.length;
      pending = pending.length === 0 ? chunk : concat(pending, chunk);
      let at = 0;
      while (!ended && at < pending.length) {
        if (!looksLikeRecord(pending, at)) {
          items.push(end({ kind: 'foreign', bytes: pending.slice(at, at + MAX_FOREIGN) }));
          break;
        }
        if (pending.length - at < HEADER) break;
        const length = pending[at + 3]! * 256 + pending[at + 4]!;
        if (pending.length - at < HEADER + length) break;
        const payload = pending.subarray(at + HEADER, at + HEADER + length);
        items.push(...readRecord(pending[at]!, payload, handshakes));
        at += HEADER + length;
      }
      pending = pending.slice(at);
      if (!ended && total > MAX_HANDSHAKE) items.push(end({ kind: 'too-long' }));
      return items;
    },
  };
}

function readRecord(type: number, payload: Uint8Array, handshakes: (payload: Uint8Array) => Item[]): Item[] {
  if (type === HANDSHAKE) return handshakes(payload);
  if (type === CHANGE_CIPHER_SPEC) return [{ kind: 'change-cipher-spec' }];
  if (type === APPLICATION_DATA) return [{ kind: 'protected', length: payload.length }];
  if (payload.length < 2) return [{ kind: 'foreign', bytes: payload.slice() }];
  return [{ kind: 'alert', fatal: payload[0] !== 1, code: payload[1]! }];
}

/** The header as far as it has come: content type, major version 3, a possible length. */
function looksLikeRecord(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at]!;
  if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) return false;
  if (at + 1 < bytes.length && bytes[at + 1] !== 3) return false;
  return !(at + 4 < bytes.length && bytes[at + 3]! * 256 + bytes[at + 4]! > MAX_RECORD);
}

function splitHandshakes(bytes: Uint8Array): { readonly items: Item[]; readonly rest: Uint8Array } {
  const items: Item[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (bytes.length - at - 4 < length) break;
    items.push({ kind: 'handshake', type: bytes[at]!, body: bytes.slice(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return { items, rest: bytes.slice(at) };
}
