/** `ssl_certificate`: what kind of key the server signs with. */
import type { KeyType } from '../../model/openssl.js';
import { readKeyType } from '../certificate.js';
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
