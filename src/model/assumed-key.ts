/** What is answered where it hangs on a certificate that can't be read here. */
import type { KeyType, Negotiated } from './openssl.js';

/** Names of files that say more than that they are certificates. */
const EC_NAME = /(?:^|[^a-z])ec|ecc|ecdsa|prime256|secp|p-?(?:256|384|521)/i;

/** Whether a certificate's file name speaks of an elliptic curve. */
export function namesEc(path: string): boolean {
  return EC_NAME.test(path.slice(path.lastIndexOf('/') + 1));
}

/**
 * The answer for the keys; where that hangs on one that is not known, the key is taken for RSA, and a note says so, if RSA
 * offers all that the other kind would: a version that may be open is never called closed. Not where `mayBeEc`.
 */
export function withAssumedKey(
  ask: (keys: readonly KeyType[]) => Negotiated,
  keys: readonly KeyType[],
  mayBeEc: boolean,
): Negotiated {
  const open = ask(keys);
  if (open.set !== null || mayBeEc) return open;
  const [rsa, ec] = [ask(['rsa']), ask(['ec'])];
  if (rsa.set === null || ec.set === null || (ec.set & ~rsa.set) !== 0) return open;
  return { set: rsa.set, notes: [...rsa.notes, 'The certificate can’t be read here; its key is taken for RSA.'] };
}
