/** What kind of key a certificate has, where its file can be read here. */
import type { KeyType } from '../model/openssl.js';
import type { Host } from './types.js';

const MOST_BYTES = 1024 * 1024;

/** The algorithm identifiers of a public key in DER: rsaEncryption (RFC 8017) and id-ecPublicKey (RFC 5480). */
const KEY_ALGORITHMS: ReadonlyArray<readonly [Exclude<KeyType, undefined>, Buffer]> = [
  ['rsa', Buffer.from('06092a864886f70d010101', 'hex')],
  ['ec', Buffer.from('06072a8648ce3d0201', 'hex')],
];

/** The key algorithm of the first certificate in the file (PEM_read_bio_X509_AUX); `undefined` where none can be read. */
export function readKeyType(host: Host, file: string): KeyType {
  if (host.kind(file) !== 'file') return undefined;
  const bytes = host.read(file, MOST_BYTES);
  if ('failure' in bytes) return undefined;
  const pem = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([\sA-Za-z0-9+/=]*)-----END/.exec(
    Buffer.from(bytes).toString('latin1'),
  );
  if (!pem) return undefined;
  const der = Buffer.from(pem[1]!, 'base64');
  const found = KEY_ALGORITHMS.map(([type, id]) => [type, der.indexOf(id)] as const).filter(([, at]) => at !== -1);
  return found.sort((a, b) => a[1] - b[1])[0]?.[0];
}
