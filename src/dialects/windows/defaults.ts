/**
 * What Schannel does with a version of which the registry says nothing, by release of Windows.
 *
 * Sources: "Protocols in TLS/SSL (Schannel SSP)" (learn.microsoft.com/windows/win32/secauthn/protocols-in-tls-ssl--schannel-ssp-),
 * read in MicrosoftDocs/win32 and, with its columns of TLS 1.3, as published in 2024; "TLS registry settings"
 * (learn.microsoft.com/windows-server/security/tls/tls-registry-settings). Each row names what is particular to it.
 */
import { PROTOCOLS, type Protocol } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';

/**
 * - `on`: spoken by default.
 * - `off`: not spoken unless the registry turns it on.
 * - `passive`: off as `DisabledByDefault` has it, so that `Enabled` alone does not turn it on.
 * - `none`: this Windows has no such version, whatever the registry says.
 * - `open`: not known.
 */
export type Level = 'on' | 'off' | 'passive' | 'none' | 'open';
export type Role = 'client' | 'server';

interface Row {
  /** The kernel that it begins with: major, minor, build. */
  readonly from: readonly [number, number, number];
  readonly levels: Readonly<Record<Protocol, Level | Readonly<Record<Role, Level>>>>;
}

const LEVELS = {
  SSLv2: 'off',
  SSLv3: 'on',
  TLSv1: 'on',
  'TLSv1.1': 'on',
  'TLSv1.2': 'on',
  'TLSv1.3': 'none',
} as const;
/** SSL 2.0 is gone and SSL 3.0 off "beginning with Windows 10, version 1607 and Windows Server 2016". */
const SINCE_2016 = { ...LEVELS, SSLv2: 'none', SSLv3: 'off' } as const;
/** "TLS 1.3 is supported starting with Windows 11 and Windows Server 2022"; before, turning it on "is not safe". */
const SINCE_2022 = { ...SINCE_2016, 'TLSv1.3': 'on' } as const;

/** Oldest first. */
const ROWS: readonly Row[] = [
  {
    // Server 2008 SP2 has TLS 1.1 and 1.2 with KB4019276; 7 and Server 2008 R2 as shipped. Both keep them disabled.
    from: [6, 0, 0],
    levels: { ...LEVELS, SSLv2: { client: 'off', server: 'on' }, 'TLSv1.1': 'passive', 'TLSv1.2': 'passive' },
  },
  // 8 and Server 2012, 8.1 and Server 2012 R2, 10 up to version 1511.
  { from: [6, 2, 0], levels: LEVELS },
  { from: [10, 0, 14_393], levels: SINCE_2016 },
  { from: [10, 0, 20_348], levels: SINCE_2022 },
  // "TLS 1.0 and 1.1 will be disabled by default starting with Insider builds of 2024"; whether a given release has it is not said.
  { from: [10, 0, 26_100], levels: { ...SINCE_2022, TLSv1: 'open', 'TLSv1.1': 'open' } },
];

export function levelOf({ server }: Target, protocol: Protocol, role: Role): Level {
  const row = ROWS.findLast(({ from }) => isAtLeast(server.parts, from)) ?? ROWS[0]!;
  const level = row.levels[protocol];
  return typeof level === 'string' ? level : level[role];
}

/** Whether this Windows has the version at all. */
export function isKnown(target: Target, protocol: Protocol): boolean {
  return levelOf(target, protocol, 'client') !== 'none';
}

/** The name below `SCHANNEL\Protocols`. */
export function folderOf(protocol: Protocol): string {
  return FOLDERS[protocol];
}

/** The version by the name of its key, in lower case. */
export function protocolOf(folder: string): Protocol | undefined {
  return PROTOCOLS.find(protocol => FOLDERS[protocol].toLowerCase() === folder);
}

const FOLDERS: Readonly<Record<Protocol, string>> = {
  SSLv2: 'SSL 2.0',
  SSLv3: 'SSL 3.0',
  TLSv1: 'TLS 1.0',
  'TLSv1.1': 'TLS 1.1',
  'TLSv1.2': 'TLS 1.2',
  'TLSv1.3': 'TLS 1.3',
};

function isAtLeast(parts: readonly number[], from: Row['from']): boolean {
  const difference = from.map((part, index) => (parts[index] ?? 0) - part).find(each => each !== 0);
  return (difference ?? 0) >= 0;
}
