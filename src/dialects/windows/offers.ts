/** What each system of Windows offers when one release runs it. */
import {
  NONE,
  PROTOCOLS,
  type Protocol,
  type ProtocolSet,
  protocolBit,
  SSLv2,
  SSLv3,
  TLSv1,
  TLSv1_1,
  TLSv1_2,
  TLSv1_3,
} from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Offer, Origin } from '../../model/types.js';
import type { Area } from './areas.js';
import { folderOf, isKnown, levelOf, type Role } from './defaults.js';
import type { Registry, Setting } from './registry.js';

/** The bits of `DefaultSecureProtocols` and `SecureProtocols` (WINHTTP_OPTION_SECURE_PROTOCOLS, winhttp.h). */
export const MASK: ReadonlyArray<readonly [number, ProtocolSet]> = [
  [0x8, SSLv2],
  [0x20, SSLv3],
  [0x80, TLSv1],
  [0x2_00, TLSv1_1],
  [0x8_00, TLSv1_2],
  [0x20_00, TLSv1_3],
];

/** What SCH_USE_STRONG_CRYPTO leaves to programs that don't ask for the system's default. */
export const STRONG = TLSv1 | TLSv1_1 | TLSv1_2;
/** What programs of .NET before 4.6 ask for. */
const WEAK = SSLv3 | TLSv1;

export function offerOf(area: Area, registry: Registry, target: Target): Offer {
  if (area.kind === 'schannel') return schannelOffer(area.base, area.role, registry, target);
  if (area.kind === 'framework') return frameworkOffer(area, registry, target);
  return maskOffer(area, registry, target);
}

/** The two values of one version, where the file has them. */
export interface Pair {
  readonly enabled: Setting | undefined;
  readonly disabled: Setting | undefined;
}

export function pairOf(base: string, protocol: Protocol, role: Role, registry: Registry): Pair {
  const path = `${base}\\${folderOf(protocol).toLowerCase()}\\${role}`;
  return { enabled: registry.setting(path, 'enabled'), disabled: registry.setting(path, 'disabledbydefault') };
}

/** The value that decides: `Enabled` where it forbids, else `DisabledByDefault` where that does, else whichever allows. */
export function decisive({ enabled, disabled }: Pair): Setting | undefined {
  if (enabled?.value === 0) return enabled;
  if (disabled && disabled.value !== 0) return disabled;
  return enabled ?? disabled;
}

/** `null`: not known. */
function isOn({ enabled, disabled }: Pair, target: Target, protocol: Protocol, role: Role): boolean | null {
  const level = levelOf(target, protocol, role);
  if (level === 'none') return false;
  if (enabled?.value === 0) return false;
  if (disabled?.value !== undefined && disabled.value !== null && disabled.value !== 0) return false;
  if (enabled?.value === null || disabled?.value === null) return null;
  if (disabled) return true;
  if (enabled) return level !== 'passive';
  return level === 'open' ? null : level === 'on';
}

function schannelOffer(base: string, role: Role, registry: Registry, target: Target): Offer {
  let configured = NONE;
  let implicit = NONE;
  const decidedBy: Origin[] = [];
  const notes: string[] = [];
  for (const protocol of PROTOCOLS) {
    const pair = pairOf(base, protocol, role, registry);
    const setting = decisive(pair);
    if (setting) decidedBy.push(setting.origin);
    const on = isOn(pair, target, protocol, role);
    if (on === null) notes.push(openNote(protocol, setting, target));
    if (on === true) configured |= protocolBit(protocol);
    if (on === true && !setting) implicit |= protocolBit(protocol);
    if (on === false && setting === pair.disabled && setting?.value && isKnown(target, protocol)) {
      notes.push(`\`${protocol}\` is off by default; a program that asks for it gets it all the same.`);
    }
    if (setting?.value && !isKnown(target, protocol)) {
      notes.push(`Windows ${target.server.text} has no \`${protocol}\`, whatever the registry says.`);
    }
  }
  decidedBy.sort((a, b) => a.span.start - b.span.start);
  return offer(decidedBy, notes, notes.some(isOpen) ? null : configured, implicit);
}

const OPEN = 'It can’t be known whether ';

function openNote(protocol: Protocol, setting: Setting | undefined, target: Target): string {
  const why = setting
    ? `\`${setting.node.name}\` is no number`
    : `the default of Windows ${target.server.text} is not published`;
  return `${OPEN}\`${protocol}\` is on, since ${why}.`;
}

function isOpen(note: string): boolean {
  return note.startsWith(OPEN);
}

function frameworkOffer(area: Area & { kind: 'framework' }, registry: Registry, target: Target): Offer {
  const system = registry.setting(area.base, 'systemdefaulttlsversions');
  const strong = registry.setting(area.base, 'schusestrongcrypto');
  const decidedBy = [system, strong].flatMap(setting => setting?.origin ?? []);
  decidedBy.sort((a, b) => a.span.start - b.span.start);
  const odd = [system, strong].find(setting => setting?.value === null);
  if (odd) return offer(decidedBy, [`${OPEN}programs use it, since \`${odd.node.name}\` is no number.`], null, NONE);
  if (!system && !strong) return offer([], [PROGRAMS_DECIDE], null, NONE);
  if (system?.value) return systemOffer(area, decidedBy, registry, target);
  // SchUseStrongCrypto counts in 2.0 to 3.5 for programs alone that name versions.
  if (area.generation === 2 || strong?.value === 0) return offer(decidedBy, [], WEAK, WEAK);
  if (!strong) return offer(decidedBy, [PROGRAMS_DECIDE], null, NONE);
  return offer(decidedBy, [], STRONG, TLSv1 | TLSv1_1);
}

const PROGRAMS_DECIDE = `${OPEN}old versions are offered: that hangs on the version that each program was built for.`;

/** SystemDefaultTlsVersions: what Schannel does for clients; 2.0 to 3.5 have no TLS 1.3. */
export function systemOffer(
  area: Area & { kind: 'framework' },
  own: readonly Origin[],
  registry: Registry,
  target: Target,
): Offer {
  const client = schannelOffer(CURRENT, 'client', registry, target);
  const notes = client.configured === null ? client.notes : [];
  const known = area.generation === 2 ? ~TLSv1_3 : ~NONE;
  const configured = client.configured === null ? null : client.configured & known;
  const unsaid = client.state === 'default' ? client.configured : client.implicit;
  return offer([...own, ...client.decidedBy], notes, configured, (unsaid ?? NONE) & known);
}

const CURRENT = 'hkey_local_machine\\system\\currentcontrolset\\control\\securityproviders\\schannel\\protocols';

/** The set that a mask allows; `null` where it has none of the bits that are known. */
export function readMask(value: number): ProtocolSet | null {
  const set = MASK.reduce((all, [bit, protocol]) => (value & bit ? all | protocol : all), NONE);
  return set === NONE ? null : set;
}

function maskOffer(area: Area & { kind: 'winhttp' }, registry: Registry, target: Target): Offer {
  const setting = registry.setting(area.base, area.value);
  if (!setting) return offer([], [`${OPEN}versions are off: the system’s default counts.`], null, NONE);
  const set = setting.value === null ? null : readMask(setting.value);
  if (set === null) return offer([setting.origin], [`${OPEN}versions are on, since it names none.`], null, NONE);
  let negotiable = set;
  for (const protocol of PROTOCOLS) {
    const pair = pairOf(CURRENT, protocol, 'client', registry);
    if (pair.enabled?.value === 0 || !isKnown(target, protocol)) negotiable &= ~protocolBit(protocol);
  }
  return { ...offer([setting.origin], [], set, NONE), negotiable };
}

function offer(
  decidedBy: readonly Origin[],
  notes: readonly string[],
  configured: ProtocolSet | null,
  implicit: ProtocolSet,
): Offer {
  const state = configured === null ? 'unknown' : decidedBy.length === 0 ? 'default' : 'set';
  const more = state === 'set' && implicit !== NONE ? { implicit } : {};
  return { tls: true, state, configured, ...more, negotiable: configured, decidedBy, notes };
}
