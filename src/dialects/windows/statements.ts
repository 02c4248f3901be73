/** Each value that speaks of protocol versions and is in force. */
import { NONE, PROTOCOLS, type ProtocolSet, protocolBit, TLSv1_2, TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, Offer, Origin, Statement } from '../../model/types.js';
import type { Area } from './areas.js';
import { isKnown } from './defaults.js';
import { decisive, pairOf, readMask } from './offers.js';
import type { Registry, Setting } from './registry.js';

type Said = Pick<Statement, 'value' | 'denies'> & Partial<Pick<Statement, 'ineffective'>>;

/** In file order. `offerAt` are the offers that say whom a value takes part in deciding for. */
export function createStatements(
  areas: ReadonlyMap<Endpoint, Area>,
  registry: Registry,
  offerAt: (endpoint: Endpoint, target: Target) => Offer,
): Statement[] {
  const statements = new Map<Origin, Statement>();
  const reaches = (origin: Origin) => (target: Target) =>
    [...areas.keys()].filter(endpoint => offerAt(endpoint, target).decidedBy.includes(origin));
  for (const [{ role }, area] of areas) {
    for (const [{ origin }, said] of saidBy(area, registry)) {
      const rest = { faults: [], reaches: reaches(origin), ineffective: () => undefined };
      statements.set(origin, { origin, role, ...rest, ...said });
    }
  }
  return [...statements.values()].sort((a, b) => a.origin.span.start - b.origin.span.start);
}

function saidBy(area: Area, registry: Registry): Array<readonly [Setting, Said]> {
  if (area.kind === 'schannel') return schannelValues(area, registry);
  if (area.kind === 'framework') return frameworkValues(area, registry);
  const setting = registry.setting(area.base, area.value);
  return setting ? [[setting, { value: setting.value === null ? null : readMask(setting.value) }]] : [];
}

/** One value for each version: the one that decides. Where its version is not spoken, that is its doing. */
function schannelValues({ base, role }: Area & { kind: 'schannel' }, registry: Registry) {
  return PROTOCOLS.flatMap(protocol => {
    const pair = pairOf(base, protocol, role, registry);
    const setting = decisive(pair);
    if (!setting) return [];
    const bit = protocolBit(protocol);
    const allows = setting === pair.disabled ? setting.value === 0 : setting.value !== 0;
    const ineffective: Statement['ineffective'] = target =>
      isKnown(target, protocol) || !allows
        ? undefined
        : { why: 'no-effect-of-value', note: `Windows ${target.server.text} has no \`${protocol}\`.` };
    const value: ProtocolSet | null = setting.value === null ? null : allows ? bit : NONE;
    return [[setting, { value, denies: bit, ineffective }] as const];
  });
}

/** Without the system's default no program gets TLS 1.3, and those of 2.0 to 3.5 none newer than TLS 1.0. */
function frameworkValues({ base, generation }: Area & { kind: 'framework' }, registry: Registry) {
  const system = registry.setting(base, 'systemdefaulttlsversions');
  const strong = registry.setting(base, 'schusestrongcrypto');
  const denies = system?.value ? NONE : TLSv1_2 | TLSv1_3;
  const found: Array<readonly [Setting, Said]> = [];
  if (system) found.push([system, { value: system.value === null ? null : NONE, denies }]);
  if (!strong) return found;
  const value = strong.value && generation === 4 ? TLSv1_2 : NONE;
  const own = system ? NONE : denies;
  found.push([strong, { value: strong.value === null ? null : value, denies: strong.value === 0 ? denies : own }]);
  return found;
}
