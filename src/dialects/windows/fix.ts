/** From a wish to edits of a `.reg` file. */
import type { Applicability, Edit, Fix } from '../../../fixers/edit.js';
import { insertKeys, insertValues, type NewKey, type NewValue, setNumber } from '../../../fixers/registry.js';
import { NONE, PROTOCOLS, type Protocol, type ProtocolSet, protocolBit, protocolNames } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, LoadedFile, Offer, Origin, ProtocolRemedy, Remedy } from '../../model/types.js';
import { type Area, valuesOf } from './areas.js';
import { folderOf, isKnown, levelOf } from './defaults.js';
import { decisive, MASK, offerOf, pairOf, STRONG, systemOffer } from './offers.js';
import type { Registry, Setting } from './registry.js';

export interface Fixable {
  readonly file: LoadedFile;
  readonly areas: ReadonlyMap<Endpoint, Area>;
  readonly registry: Registry;
  offer(endpoint: Endpoint, target: Target): Offer;
}

export function createFixer(world: Fixable): (remedy: Remedy, targets: readonly Target[]) => Fix {
  return (remedy, targets) => {
    if (remedy.set === 'removal') return manual('a value is not taken out of a `.reg` file');
    const wished = endpointsFor(remedy, world);
    const fixes = wished.map(endpoint => fixOne(endpoint, remedy, targets, world));
    return fixes.length > 0 ? fixes.reduce(joined) : manual('what decides is not in this file');
  };
}

/** Where a value is to change, the system that it is for; what follows that system is changed with it. */
function endpointsFor({ at, endpoints }: ProtocolRemedy, { areas, registry }: Fixable): readonly Endpoint[] {
  if (!at) return endpoints;
  const owner = [...areas].find(([, area]) => settingsOf(area, registry).some(({ origin }) => origin === at));
  return owner ? [owner[0]] : [];
}

function settingsOf(area: Area, registry: Registry): readonly Setting[] {
  if (area.kind === 'schannel') {
    const pairs = PROTOCOLS.map(protocol => pairOf(area.base, protocol, area.role, registry));
    return pairs.flatMap(pair => decisive(pair) ?? []);
  }
  return valuesOf(area).flatMap(name => registry.setting(area.base, name) ?? []);
}

function fixOne(endpoint: Endpoint, remedy: ProtocolRemedy, targets: readonly Target[], world: Fixable): Fix {
  const area = world.areas.get(endpoint);
  if (!area) return manual('what decides is not in this file');
  const offers = targets.map(target => world.offer(endpoint, target));
  const lacking = offers.reduce((set, { configured }) => set | (remedy.require & ~(configured ?? ~NONE)), NONE);
  const unknown = protocolNames(lacking).filter(protocol => targets.some(target => !isKnown(target, protocol)));
  if (unknown.length > 0)
    return manual(`${unknown.map(name => `\`${name}\``).join(' and ')} is not known to all targets`);
  if (area.kind === 'framework') return fixFramework(area, lacking, targets, world);
  if (area.kind === 'winhttp') return fixMask(area, remedy, lacking, world);
  const offered = offers.reduce((set, { configured }) => set | (configured ?? ~NONE), NONE);
  const off = remedy.at ? saidAt(area, remedy.at, world) & offered : unsaid(offers);
  return fixSchannel(area, off & remedy.forbid, lacking, { targets, world });
}

/** The version that the value is about. */
function saidAt({ base, role }: Area & { kind: 'schannel' }, at: Origin, { registry }: Fixable): ProtocolSet {
  const protocol = PROTOCOLS.find(each => decisive(pairOf(base, each, role, registry))?.origin === at);
  return protocol === undefined ? NONE : protocolBit(protocol);
}

/** What is offered by default to any of the targets. */
function unsaid(offers: readonly Offer[]): ProtocolSet {
  return offers.reduce((set, { state, configured, implicit }) => {
    return set | ((state === 'default' ? configured : implicit) ?? NONE);
  }, NONE);
}

/** What the file is to say in addition or instead. */
interface Change {
  readonly edits: Edit[];
  readonly keys: NewKey[];
  readonly names: Set<string>;
}

function fixSchannel(
  area: Area & { kind: 'schannel' },
  off: ProtocolSet,
  on: ProtocolSet,
  { targets, world }: { targets: readonly Target[]; world: Fixable },
): Fix {
  const { file, registry } = world;
  const change: Change = { edits: [], keys: [], names: new Set() };
  for (const protocol of PROTOCOLS) {
    const bit = protocolBit(protocol);
    if (on & bit) turn(area, protocol, true, targets, world, change);
    else if (off & bit) turn(area, protocol, false, targets, world, change);
  }
  const spoken = registry.spoken.find(each => each.area.base === area.base && each.area.role === area.role)!;
  if (change.keys.length > 0) change.edits.push(insertKeys(file.path, file.source, spoken.last, change.keys));
  const parts = [off & ~on ? `turn off ${spelled(off & ~on)}` : '', on ? `turn on ${spelled(on)}` : ''];
  const cuts = area.role === 'client' && (off & ~on) !== NONE;
  return finished(parts.filter(part => part !== '').join(', '), change, cuts);
}

/** Both values of one version; a key that is not there is written with both. */
function turn(
  { base, role }: Area & { kind: 'schannel' },
  protocol: Protocol,
  on: boolean,
  targets: readonly Target[],
  { file, registry }: Fixable,
  { edits, keys, names }: Change,
): void {
  const { path, source } = file;
  const { enabled, disabled } = pairOf(base, protocol, role, registry);
  const key = registry.key(`${base}\\${folderOf(protocol).toLowerCase()}\\${role}`);
  const wanted: NewValue[] = [
    { name: 'Enabled', number: on ? 1 : 0 },
    { name: 'DisabledByDefault', number: on ? 0 : 1 },
  ];
  names.add('Enabled').add('DisabledByDefault');
  if (!key) {
    const { last } = registry.spoken.find(each => each.area.base === base && each.area.role === role)!;
    const name = `${last.name.slice(0, base.length)}\\${folderOf(protocol)}\\${role === 'server' ? 'Server' : 'Client'}`;
    keys.push({ name, values: wanted });
    names.add(name);
    return;
  }
  const set = [enabled, disabled].map((setting, index) => {
    const { number } = wanted[index]!;
    if (setting && (setting.value === null || (setting.value === 0) !== (number === 0))) {
      edits.push(setNumber(path, source, setting.node, number));
    }
    return setting;
  });
  // Off by default is overruled by `DisabledByDefault` alone.
  const passive = on && targets.some(target => levelOf(target, protocol, role) === 'passive');
  const missing = wanted.filter((_, index) => !set[index] && (index === 0 || passive));
  if (missing.length > 0) edits.push(insertValues(path, source, key, missing));
}

/**
 * `SchUseStrongCrypto` is enough for programs of 4 and newer where TLS 1.2 is; else `SystemDefaultTlsVersions` hands the
 * choice to Windows.
 */
function fixFramework(
  area: Area & { kind: 'framework' },
  lacking: ProtocolSet,
  targets: readonly Target[],
  world: Fixable,
): Fix {
  const { file, registry } = world;
  const key = registry.key(area.base);
  if (registry.setting(area.base, SYSTEM.toLowerCase())?.value)
    return manual('Windows itself does not offer it to clients');
  if (!key) return manual('what decides is not in this file');
  const strong = area.generation === 4 && (lacking & ~STRONG) === NONE;
  const name = strong ? STRONG_CRYPTO : SYSTEM;
  const losses = targets.map(target => {
    const after = strong ? STRONG : systemOffer(area, [], registry, target).configured;
    return after === null ? null : (offerOf(area, registry, target).configured ?? NONE) & ~after;
  });
  if (losses.includes(null)) return manual('what Windows itself offers to clients is not known for all targets');
  const setting = registry.setting(area.base, name.toLowerCase());
  const edit = setting
    ? setNumber(file.path, file.source, setting.node, 1)
    : insertValues(file.path, file.source, key, [{ name, number: 1 }]);
  const change: Change = { edits: [edit], keys: [], names: new Set([name]) };
  return finished(
    `set \`${name}\` to \`1\``,
    change,
    losses.some(set => set !== NONE),
  );
}

const SYSTEM = 'SystemDefaultTlsVersions';
const STRONG_CRYPTO = 'SchUseStrongCrypto';

function fixMask(
  area: Area & { kind: 'winhttp' },
  { forbid }: ProtocolRemedy,
  lacking: ProtocolSet,
  { file, registry }: Fixable,
): Fix {
  const setting = registry.setting(area.base, area.value);
  if (!setting || setting.value === null) return manual('its data is no number');
  let number = setting.value;
  for (const [bit, protocol] of MASK) {
    if (protocol & forbid) number &= ~bit;
    if (protocol & lacking) number |= bit;
  }
  const change: Change = { edits: [], keys: [], names: new Set([setting.node.name]) };
  if (number >>> 0 !== setting.value) change.edits.push(setNumber(file.path, file.source, setting.node, number >>> 0));
  const title = `set \`${setting.node.name}\` to \`0x${(number >>> 0).toString(16)}\``;
  return finished(title, change, (setting.value & ~number) !== 0);
}

/** A client that loses a version may lose a server with it. */
function finished(title: string, { edits, names }: Change, cuts: boolean): Fix {
  const grade: { applicability: Applicability; reason?: string } = cuts
    ? { applicability: 'unsafe', reason: 'a server that is needed may know no newer version' }
    : { applicability: 'safe' };
  return { title, ...grade, edits: merged(edits), directives: [...names] };
}

function joined(a: Fix, b: Fix): Fix {
  if (a.applicability === 'manual') return a;
  if (b.applicability === 'manual') return b;
  const lesser = a.applicability === 'unsafe' ? a : b;
  return {
    ...lesser,
    title: a.title,
    edits: merged([...a.edits, ...b.edits]),
    directives: [...new Set([...a.directives, ...b.directives])],
  };
}

/** In order; what is inserted at one place is one edit: a value comes before the keys behind it. */
function merged(edits: readonly Edit[]): Edit[] {
  const found: Edit[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = found.at(-1);
    const same = last && last.start === edit.start && last.end === edit.end && edit.start === edit.end;
    if (same) found[found.length - 1] = { ...last, text: last.text + edit.text };
    else found.push(edit);
  }
  return found;
}

function manual(reason: string): Fix {
  return { title: 'set the versions', applicability: 'manual', edits: [], directives: [], reason };
}

function spelled(set: ProtocolSet): string {
  const quoted = protocolNames(set).map(protocol => `\`${folderOf(protocol)}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} and ${last}`;
}
