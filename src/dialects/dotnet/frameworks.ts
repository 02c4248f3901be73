/** What the .NET Framework offers when nobody says anything, by the version that a program is made for. */
import { type ProtocolSet, SSLv3, TLSv1, TLSv1_1, TLSv1_2 } from '../../model/protocols.js';
import { atLeast, parseVersion, type Version } from '../../model/versions.js';

/** `null` where the operating system chooses, which no file here says. */
export type Default = ProtocolSet | null;

export interface Switches {
  /** `Switch.System.Net.DontEnableSchUseStrongCrypto` */
  readonly weak: boolean;
  /** `Switch.System.Net.DontEnableSystemDefaultTlsVersions` */
  readonly own: boolean;
}

interface Row {
  /** The oldest version that a program is made for. */
  readonly since: string;
  readonly switches: Switches;
  readonly source: string;
}

/** Newest first. The registry (`SchUseStrongCrypto`, `SystemDefaultTlsVersions`) can change each of them for a machine. */
const FRAMEWORKS: readonly Row[] = [
  {
    since: '4.7',
    switches: { weak: false, own: false },
    source: 'https://learn.microsoft.com/dotnet/api/system.net.servicepointmanager.securityprotocol',
  },
  {
    since: '4.6',
    switches: { weak: false, own: true },
    source: 'https://learn.microsoft.com/dotnet/framework/migration-guide/mitigation-tls-protocols',
  },
  {
    since: '2.0',
    switches: { weak: true, own: true },
    // ".Net 4.5.2 and below will disable SchStrongCrypto": LoadDisableStrongCryptoConfiguration.
    source: 'https://github.com/microsoft/referencesource/blob/main/System/net/System/Net/ServicePointManager.cs',
  },
];

/** Where the table changes, and `Tls12` came in (4.5). */
export const STEPS: readonly string[] = ['4.5', '4.6', '4.7'];

export function switchesOf(framework: Version): Switches {
  return (FRAMEWORKS.find(({ since }) => atLeast(framework, since)) ?? FRAMEWORKS.at(-1)!).switches;
}

/**
 * As LoadSecureProtocolConfiguration of ServicePointManager has it (ServicePointManager.Configuration.cs of the reference
 * source): the system's choice before the framework's own, and that with or without the old versions.
 */
export function defaultFor({ weak, own }: Switches): Default {
  if (!own) return null;
  return weak ? SSLv3 | TLSv1 : TLSv1 | TLSv1_1 | TLSv1_2;
}

/** `4.7.2`, `v4.7.2`, `.NETFramework,Version=v4.7.2`, `net472`; `undefined` for anything else, such as .NET 8. */
export function readFramework(text: string): Version | undefined {
  const short = /^net(\d)(\d)(\d)?$/i.exec(text.trim());
  if (short) return parseVersion(short.slice(1).filter(Boolean).join('.'));
  const long = /^(?:\.NETFramework,\s*Version=)?v?([1-4](?:\.\d{1,2}){1,2})(?:,Profile=\w+)?$/i.exec(text.trim());
  return long ? parseVersion(long[1]!) : undefined;
}
