/** Versions of TLS as .NET writes them: members of `SecurityProtocolType` and `SslProtocols`, and their numbers. */
import { NONE, type ProtocolSet, SSLv2, SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } from '../../model/protocols.js';

/** The two enumerations, by name. Their members have the same numbers. */
export const ENUMS: ReadonlySet<string> = new Set(['SecurityProtocolType', 'SslProtocols']);

export interface Member {
  readonly name: string;
  /** A bit each for client and server, as schannel.h has them (SP_PROT_…). */
  readonly number: number;
  readonly set: ProtocolSet;
}

/**
 * https://learn.microsoft.com/dotnet/api/system.net.securityprotocoltype,
 * https://learn.microsoft.com/dotnet/api/system.security.authentication.sslprotocols
 */
const VERSIONS: readonly Member[] = [
  { name: 'Ssl2', number: 12, set: SSLv2 },
  { name: 'Ssl3', number: 48, set: SSLv3 },
  { name: 'Tls', number: 192, set: TLSv1 },
  { name: 'Tls11', number: 768, set: TLSv1_1 },
  { name: 'Tls12', number: 3072, set: TLSv1_2 },
  { name: 'Tls13', number: 12288, set: TLSv1_3 },
];

const MEMBERS = new Map<string, ProtocolSet>([
  ...VERSIONS.map(({ name, set }) => [name.toLowerCase(), set] as const),
  ['default', SSLv3 | TLSv1],
  // Both let the operating system choose.
  ['none', NONE],
  ['systemdefault', NONE],
]);

/** `undefined` where it is none; PowerShell and VB.NET ignore case, and in C# no other member differs by case alone. */
export function memberSet(name: string): ProtocolSet | undefined {
  return MEMBERS.get(name.toLowerCase());
}

/** `undefined` where a bit stands for no version. */
export function numberSet(number: number): ProtocolSet | undefined {
  let set = NONE;
  let rest = number;
  for (const version of VERSIONS) {
    if ((number & version.number) !== 0) set |= version.set;
    rest &= ~version.number;
  }
  return rest === 0 ? set : undefined;
}

/** The members of a set, oldest first. */
export function membersOf(set: ProtocolSet): readonly Member[] {
  return VERSIONS.filter(version => (version.set & set) !== NONE);
}

export function numberOf(set: ProtocolSet): number {
  return membersOf(set).reduce((sum, { number }) => sum | number, 0);
}

/** `3072`, `0xC00`, `&HC00`, with the suffixes of the languages; `undefined` where it is no whole number. */
export function readNumber(text: string): number | undefined {
  const plain = text.replaceAll('_', '').replace(/(?:u?l|lu?|u[is]?|[is%&]|d)$/i, '');
  const hex = /^(?:0x|&h)([\da-f]{1,8})$/i.exec(plain);
  if (hex) return Number.parseInt(hex[1]!, 16);
  return /^\d{1,9}$/.test(plain) ? Number(plain) : undefined;
}
