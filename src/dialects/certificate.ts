/** What key a certificate has, where its file can be read here. */
import type { KeyType, PublicKey } from '../model/openssl.js';
import type { Host } from './types.js';

const MOST_BYTES = 1024 * 1024;

/** The algorithm identifiers of a public key in DER: rsaEncryption (RFC 8017) and id-ecPublicKey (RFC 5480). */
const KEY_ALGORITHMS: ReadonlyArray<readonly [type: Exclude<KeyType, undefined>, id: string]> = [
  ['rsa', '06092a864886f70d010101'],
  ['ec', '06072a8648ce3d0201'],
];

/** OIDs of the curves that a server's certificate has (RFC 5480, section 2.1.1.1), as they follow id-ecPublicKey. */
const CURVES: ReadonlyArray<readonly [bits: number, id: string]> = [
  [224, '06052b81040021'],
  [256, '06082a8648ce3d030107'],
  [384, '06052b81040022'],
  [521, '06052b81040023'],
];

export interface CertificateKey {
  readonly type: KeyType;
  /** Absent for a curve that is not in the table. */
  readonly size?: PublicKey;
}

/** The key of the first certificate in the file (PEM_read_bio_X509_AUX); of no type where none can be read. */
export function readKey(host: Host, file: string): CertificateKey {
  if (host.kind(file) !== 'file') return { type: undefined };
  const bytes = host.read(file, MOST_BYTES);
  if ('failure' in bytes) return { type: undefined };
  const pem = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([\sA-Za-z0-9+/=]*)-----END/.exec(
    Buffer.from(bytes).toString('latin1'),
  );
  if (!pem) return { type: undefined };
  const der = Buffer.from(pem[1]!, 'base64');
  const found = KEY_ALGORITHMS.map(([type, id]) => ({ type, at: der.indexOf(id, 0, 'hex'), length: id.length / 2 }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at)[0];
  if (!found) return { type: undefined };
  const rest = der.subarray(found.at + found.length);
  const bits = found.type === 'rsa' ? modulusBits(rest) : curveBits(rest);
  return { type: found.type, ...(bits !== undefined && { size: { type: found.type, bits } }) };
}

export function readKeyType(host: Host, file: string): KeyType {
  return readKey(host, file).type;
}

function curveBits(parameters: Buffer): number | undefined {
  return CURVES.find(([, id]) => parameters.subarray(0, id.length / 2).toString('hex') === id)?.[0];
}

/** Behind rsaEncryption: NULL, a BIT STRING with RSAPublicKey, which begins with its modulus (RFC 8017, appendix A.1.1). */
function modulusBits(der: Buffer): number | undefined {
  let at = 0;
  const enter = (tag: number): number | undefined => {
    const first = der[at + 1];
    if (der[at] !== tag || first === undefined) return undefined;
    const size = first < 0x80 ? 0 : first & 0x7f;
    const length = size === 0 ? first : Number.parseInt(der.subarray(at + 2, at + 2 + size).toString('hex'), 16);
    at += 2 + size;
    return length;
  };
  if (enter(NULL) !== 0 || enter(BIT_STRING) === undefined) return undefined;
  // Bits of the last byte that are not used.
  at++;
  if (enter(SEQUENCE) === undefined) return undefined;
  const length = enter(INTEGER);
  const modulus = der.subarray(at, at + (length ?? 0));
  const first = modulus.findIndex(byte => byte !== 0);
  if (first === -1 || modulus.length !== length) return undefined;
  return (length - first) * 8 - (Math.clz32(modulus[first]!) - 24);
}

const NULL = 0x05;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;
const INTEGER = 0x02;
