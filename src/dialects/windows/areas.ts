/** The keys of the registry that decide which protocol versions a system of Windows speaks. */
import type { Protocol } from '../../model/protocols.js';
import { protocolOf, type Role } from './defaults.js';

/** One system that speaks TLS, and where the registry tells it how. */
export type Area =
  | {
      readonly kind: 'schannel';
      readonly role: Role;
      /** Path of `…\SCHANNEL\Protocols`, in lower case. */
      readonly base: string;
    }
  | { readonly kind: 'framework'; readonly role: 'client'; readonly base: string; readonly generation: 2 | 4 }
  | { readonly kind: 'winhttp'; readonly role: 'client'; readonly base: string; readonly value: string };

/** What one key is for. */
export interface KeyUse {
  readonly areas: readonly Area[];
  /** The version that a key below `Protocols` is for; absent above them. */
  readonly protocol?: Protocol;
}

const SCHANNEL =
  /^(hkey_local_machine\\system\\(?:currentcontrolset|controlset\d{3})\\control\\securityproviders\\schannel\\protocols)(?:\\([^\\]+)(?:\\(client|server))?)?$/;
const FRAMEWORK =
  /^hkey_local_machine\\software\\(?:wow6432node\\)?microsoft\\\.netframework\\v(2\.0\.50727|4\.0\.30319)$/;
const WINHTTP =
  /^hkey_local_machine\\software\\(?:wow6432node\\)?microsoft\\windows\\currentversion\\internet settings\\winhttp$/;
const INTERNET =
  /^(?:hkey_current_user|hkey_local_machine|hkey_users\\[^\\]+)\\software\\(?:policies\\)?(?:wow6432node\\)?microsoft\\windows\\currentversion\\internet settings$/;

/** `undefined` for a key that has nothing to do with protocol versions; `key` is the path in lower case. */
export function useOf(key: string): KeyUse | undefined {
  const [, base, folder, role] = SCHANNEL.exec(key) ?? [];
  if (base !== undefined) {
    const protocol = folder === undefined ? undefined : protocolOf(folder);
    // `Multi-Protocol Unified Hello`, `PCT 1.0` and `DTLS 1.2` are no versions of TLS.
    if (folder !== undefined && !protocol) return undefined;
    const roles: readonly Role[] = role === 'client' || role === 'server' ? [role] : ['server', 'client'];
    const areas = roles.map(each => ({ kind: 'schannel', role: each, base }) as const);
    return { areas, ...(protocol && { protocol }) };
  }
  const generation = FRAMEWORK.exec(key)?.[1];
  if (generation !== undefined) {
    return {
      areas: [{ kind: 'framework', role: 'client', base: key, generation: generation.startsWith('2') ? 2 : 4 }],
    };
  }
  const value = WINHTTP.test(key) ? 'defaultsecureprotocols' : INTERNET.test(key) ? 'secureprotocols' : undefined;
  return value === undefined ? undefined : { areas: [{ kind: 'winhttp', role: 'client', base: key, value }] };
}

/** Names of the values that decide, in lower case. */
export function valuesOf(area: Area): readonly string[] {
  if (area.kind === 'schannel') return ['enabled', 'disabledbydefault'];
  if (area.kind === 'framework') return ['systemdefaulttlsversions', 'schusestrongcrypto'];
  return [area.value];
}

/** One for each area; servers come first, then what their programs stand on. */
export function idOf({ kind, role, base }: Area): string {
  return `${RANK[kind]} ${role === 'server' ? 0 : 1} ${base}`;
}

const RANK: Readonly<Record<Area['kind'], number>> = { schannel: 0, framework: 1, winhttp: 2 };

/** How the area is called in reports. */
export function namesOf(area: Area): readonly string[] {
  if (area.kind === 'schannel') {
    const set = /\\(controlset\d{3})\\/.exec(area.base)?.[1]?.replace('controlset', 'ControlSet');
    return [`Schannel ${area.role}${set === undefined ? '' : ` of ${set}`}`];
  }
  const bits = area.base.includes('\\wow6432node\\') ? '32-bit' : '64-bit';
  if (area.kind === 'framework') {
    return [`.NET Framework ${area.generation === 2 ? '2.0 to 3.5' : '4 and newer'}, ${bits}`];
  }
  return [area.value === 'secureprotocols' ? 'Internet Settings' : `WinHTTP, ${bits}`];
}
