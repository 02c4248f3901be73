/** Every address of a host, for each is a server of its own. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** In the resolver's order, each once; an address is its own. Empty where the name does not resolve. Never rejects. */
export async function addressesOf(host: string): Promise<Address[]> {
  const literal = isIP(host);
  if (literal !== 0) return [{ address: host, family: literal === 4 ? 4 : 6 }];
  try {
    const found = await lookup(host, { all: true, verbatim: true });
    const unique = new Map(found.map(({ address, family }) => [address, family]));
    return Array.from(unique, ([address, family]) => ({ address, family: family === 6 ? 6 : 4 }));
  } catch {
    return [];
  }
}
