/** Sets of TLS protocol versions as bit masks, and their order. */

/** The servers' own spelling; also the order from oldest to newest. */
export const PROTOCOLS = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Bit n stands for `PROTOCOLS[n]`. */
export type ProtocolSet = number;

export const SSLv2 = 1;
export const SSLv3 = 2;
export const TLSv1 = 4;
export const TLSv1_1 = 8;
export const TLSv1_2 = 16;
export const TLSv1_3 = 32;
export const NONE: ProtocolSet = 0;

/** RFC 6176 (SSLv2), RFC 7568 (SSLv3), RFC 8996 (TLSv1, TLSv1.1). */
export const DEPRECATED: ProtocolSet = SSLv2 | SSLv3 | TLSv1 | TLSv1_1;

const BY_NAME = new Map<string, ProtocolSet>(PROTOCOLS.map((name, index) => [name.toLowerCase(), 1 << index]));

/** The bit of a name in any letter case, as both servers compare it; 0 where it is no protocol. */
export function protocolBit(name: string): ProtocolSet {
  return BY_NAME.get(name.toLowerCase()) ?? NONE;
}

/** Oldest first. */
export function protocolNames(set: ProtocolSet): Protocol[] {
  return PROTOCOLS.filter((_, index) => set & (1 << index));
}

export function protocolSet(names: Iterable<string>): ProtocolSet {
  let set = NONE;
  for (const name of names) set |= protocolBit(name);
  return set;
}

/** The bit of the newest version in the set; 0 for the empty set. */
export function newest(set: ProtocolSet): ProtocolSet {
  return set === 0 ? 0 : 1 << (31 - Math.clz32(set));
}

/** The bit of the oldest version in the set; 0 for the empty set. */
export function oldest(set: ProtocolSet): ProtocolSet {
  return set & -set;
}
