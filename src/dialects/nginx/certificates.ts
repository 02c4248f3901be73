/** What kind of key a certificate has, where its file can be read here. */
import type { KeyType } from '../../model/openssl.js';
import type { Host } from '../types.js';

/** RSA or EC, where the certificate can be read here. */
export function keyReader(
  host: Host,
  confPrefix: string,
  locate: (absolute: string) => string,
): (path: string) => KeyType {
  const known = new Map<string, KeyType>();
  return path => {
    if (path === '' || path.includes('$') || path.startsWith('data:') || path.startsWith('engine:')) return undefined;
    const absolute = path.startsWith('/') ? locate(path) : `${confPrefix}/${path}`;
    if (!known.has(absolute)) known.set(absolute, readKeyType(host, absolute));
    return known.get(absolute);
  };
}

const MOST_CERTIFICATE_BYTES = 1024 * 1024;
/** DER of the algorithm identifiers: rsaEncryption and id-ecPublicKey (RFC 3279). */
const KEY_TYPES: ReadonlyArray<readonly [Exclude<KeyType, undefined>, Buffer]> = [
  ['rsa', Buffer.from('2a864886f70d010101', 'hex')],
  ['ec', Buffer.from('2a8648ce3d0201', 'hex')],
];

/** The first key algorithm that the first certificate names. */
function readKeyType(host: Host, file: string): KeyType {
  const bytes = host.read(file, MOST_CERTIFICATE_BYTES);
  if ('failure' in bytes) return undefined;
  const pem = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([\sA-Za-z0-9+/=]*)-----END/.exec(
    Buffer.from(bytes).toString('latin1'),
  );
  if (!pem) return undefined;
  const der = Buffer.from(pem[1]!, 'base64');
  const found = KEY_TYPES.map(([type, id]) => [type, der.indexOf(id)] as const).filter(([, at]) => at !== -1);
  return found.sort((a, b) => a[1] - b[1])[0]?.[0];
}
