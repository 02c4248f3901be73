/**
 * What holds over a range of targets, and how to say for which part of it.
 * A mark is one boolean per element of `range.targets`, in the same order.
 */
import { type ProtocolSet, protocolNames } from './protocols.js';
import { SERVERS } from './servers.js';
import type { DialectId, Target, TargetRange } from './target.js';
import type { Endpoint, Model, Offer } from './types.js';

/** Endpoints of one role and kind that get the same offers from every target. */
export interface Group {
  readonly role: Endpoint['role'];
  readonly kind: Endpoint['kind'];
  /** One per target. */
  readonly offers: readonly Offer[];
  readonly endpoints: readonly Endpoint[];
}

export type Marks = readonly boolean[];

/**
 * Endpoints that some target gives an offer which `concerns` the caller, by what they get, in reading order of the first of
 * each group. `concerns` must not ask who decided: one endpoint is asked about for all of its kind.
 */
export function survey(model: Model, range: TargetRange, concerns: (offer: Offer) => boolean): readonly Group[] {
  const standIns = standInsOf(model, range);
  const kinds = model.kinds?.(range.targets);
  if (!kinds) return groupsOf(model, range).filter(({ offers }) => offers.some(concerns));
  const concerned = kinds.filter(({ sample }) =>
    standIns.targets.some(target => concerns(model.offer(sample, target))),
  );
  if (concerned.length < 2) return groupByOffers(model, concerned[0]?.endpoints ?? [], standIns);
  const wanted = new Set(concerned.flatMap(({ endpoints }) => endpoints));
  return groupByOffers(
    model,
    model.endpoints.filter(endpoint => wanted.has(endpoint)),
    standIns,
  );
}

const allGroups = new WeakMap<StandIns, readonly Group[]>();

/** Of all endpoints. */
function groupsOf(model: Model, range: TargetRange): readonly Group[] {
  const standIns = standInsOf(model, range);
  const known = allGroups.get(standIns) ?? groupByOffers(model, model.endpoints, standIns);
  allGroups.set(standIns, known);
  return known;
}

/** One target of each view, and for each target of the range the index of the one that stands for it. */
export interface StandIns {
  readonly targets: readonly Target[];
  readonly indices: readonly number[];
}

const knownStandIns = new WeakMap<Model, WeakMap<TargetRange, StandIns>>();

/** Of targets that run the configuration alike, the first is asked for all. */
export function standInsOf(model: Model, range: TargetRange): StandIns {
  const ofModel = knownStandIns.get(model) ?? new WeakMap<TargetRange, StandIns>();
  knownStandIns.set(model, ofModel);
  const known = ofModel.get(range);
  if (known) return known;
  const views = range.targets.map(target => model.view?.(target) ?? target);
  const distinct = [...new Set(views)];
  const made: StandIns = {
    targets: distinct.map(view => range.targets[views.indexOf(view)]!),
    indices: views.map(view => distinct.indexOf(view)),
  };
  ofModel.set(range, made);
  return made;
}

/** "`TLSv1`, `TLSv1.1` and `TLSv1.2`", oldest first. */
export function listProtocols(set: ProtocolSet): string {
  return enumerate(protocolNames(set).map(name => `\`${name}\``));
}

/**
 * "`TLSv1` and `TLSv1.1` before nginx 1.27.3", one set per target. Versions that hold for the same targets are named
 * together; those that always hold come first.
 */
export function listAcross(sets: readonly ProtocolSet[], dialect: DialectId, range: TargetRange): string {
  const known = lists.get(range) ?? new Map<string, string>();
  lists.set(range, known);
  const key = `${dialect} ${sets.join()}`;
  let list = known.get(key);
  if (list === undefined) {
    list = listOnce(sets, dialect, range);
    known.set(key, list);
  }
  return list;
}

/** Thousands of findings say the same. */
const lists = new WeakMap<TargetRange, Map<string, string>>();

function listOnce(sets: readonly ProtocolSet[], dialect: DialectId, range: TargetRange): string {
  const byWhen = new Map<string, ProtocolSet>();
  for (let bit = 1; bit <= 32; bit <<= 1) {
    const marks = sets.map(set => (set & bit) !== 0);
    if (!marks.includes(true)) continue;
    const when = sayWhen(marks, dialect, range);
    byWhen.set(when, (byWhen.get(when) ?? 0) | bit);
  }
  const always = byWhen.get('');
  byWhen.delete('');
  const parts = [...byWhen].map(([when, set]) => `${listProtocols(set)} ${when}`);
  if (always !== undefined) parts.unshift(listProtocols(always));
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')}, and ${parts[parts.length - 1]}`;
}

/**
 * In server and library versions, which part of the range is marked: "before nginx 1.27.3",
 * "from httpd 2.4.42 with OpenSSL 1.1.1 only". Empty where all of it is.
 */
export function sayWhen(marks: Marks, dialect: DialectId, range: TargetRange): string {
  if (!marks.includes(false)) return '';
  const servers = split(range.targets, marks, serverText);
  const libraries = split(range.targets, marks, target => target.openssl.version.text);
  if (!servers.mixed) return sayServers(servers.steps, SERVERS[dialect].label);
  if (!libraries.mixed) return sayLibraries(libraries.steps);
  if (isProduct(range.targets, marks, servers.steps, libraries.steps)) {
    return `${sayServers(servers.steps, SERVERS[dialect].label)} ${sayLibraries(libraries.steps)}`.trim();
  }
  const first = range.targets[marks.indexOf(true)];
  if (!first) return '';
  return `in some of the versions, such as ${SERVERS[dialect].label} ${serverText(first)} with OpenSSL ${first.openssl.version.text}`;
}

/** "a", "a and b", "a, b and c". */
export function enumerate(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** Offers are shared objects, so that endpoints are grouped without comparing what is in them. */
function groupByOffers(model: Model, endpoints: readonly Endpoint[], { targets, indices }: StandIns): readonly Group[] {
  const groups: OpenGroup[] = [];
  // What the newest target gets differs most.
  const byLast = new Map<Offer | undefined, OpenGroup[]>();
  for (const endpoint of endpoints) {
    const { role, kind } = endpoint;
    const own = targets.map(target => model.offer(endpoint, target));
    const alike = byLast.get(own[own.length - 1]);
    const group = alike?.find(each => each.role === role && each.kind === kind && isSame(each.own, own));
    if (group) {
      group.endpoints.push(endpoint);
      continue;
    }
    const made = { role, kind, own, offers: indices.map(index => own[index]!), endpoints: [endpoint] };
    groups.push(made);
    if (alike) alike.push(made);
    else byLast.set(own[own.length - 1], [made]);
  }
  return groups;
}

type OpenGroup = Group & { readonly own: readonly Offer[]; readonly endpoints: Endpoint[] };

function isSame(one: readonly Offer[], other: readonly Offer[]): boolean {
  for (let index = one.length - 1; index >= 0; index--) if (one[index] !== other[index]) return false;
  return true;
}

interface Step {
  readonly text: string;
  marked: boolean;
  unmarked: boolean;
}

/** Versions of one axis, oldest first, with whether their targets are marked; `mixed` where one version has both. */
function split(
  targets: readonly Target[],
  marks: Marks,
  textOf: (target: Target) => string,
): { steps: readonly Step[]; mixed: boolean } {
  const steps = new Map<string, Step>();
  targets.forEach((target, index) => {
    const text = textOf(target);
    const step = steps.get(text) ?? { text, marked: false, unmarked: false };
    steps.set(text, step);
    if (marks[index]) step.marked = true;
    else step.unmarked = true;
  });
  const list = [...steps.values()];
  return { steps: list, mixed: list.some(step => step.marked && step.unmarked) };
}

function isProduct(
  targets: readonly Target[],
  marks: Marks,
  servers: readonly Step[],
  libraries: readonly Step[],
): boolean {
  const server = new Set(servers.filter(step => step.marked).map(step => step.text));
  const library = new Set(libraries.filter(step => step.marked).map(step => step.text));
  return targets.every(
    (target, index) => marks[index] === (server.has(serverText(target)) && library.has(target.openssl.version.text)),
  );
}

function sayServers(steps: readonly Step[], server: string): string {
  return enumerate(
    runs(steps).map(([first, last]) => {
      const from = steps[first]!.text;
      const after = steps[last + 1]?.text;
      if (first === 0 && after === undefined) return '';
      if (first === 0) return `before ${server} ${after}`;
      if (after === undefined) return `from ${server} ${from}`;
      return `from ${server} ${from} to before ${after}`;
    }),
  );
}

function sayLibraries(steps: readonly Step[]): string {
  const parts = runs(steps).map(([first, last]) => {
    const from = steps[first]!.text;
    const after = steps[last + 1]?.text;
    if (first === last && first === 0) return `${from} only`;
    if (first === 0) return `before ${after}`;
    if (after === undefined) return `${from} or newer`;
    return first === last ? from : `${from} to before ${after}`;
  });
  return `with OpenSSL ${enumerate(parts)}`;
}

/** First and last index of each unbroken row of marked steps. */
function runs(steps: readonly Step[]): ReadonlyArray<readonly [number, number]> {
  const found: Array<[number, number]> = [];
  steps.forEach((step, index) => {
    if (!step.marked) return;
    const open = found[found.length - 1];
    if (open && open[1] === index - 1) open[1] = index;
    else found.push([index, index]);
  });
  return found;
}

function serverText(target: Target): string {
  return target.trunk ? `${target.server.text} (trunk)` : target.server.text;
}
