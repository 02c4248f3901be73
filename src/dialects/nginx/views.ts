/** What every endpoint of one configuration offers, and for which targets that is the same. */
import type { Target } from '../../model/target.js';
import type { Endpoint, EndpointKind, Offer } from '../../model/types.js';
import { passedOn, throughPass } from './answer.js';
import { isHop, type Place } from './endpoint.js';
import type { Facts } from './model.js';
import { nameDecides, type Result, type Situation } from './offer.js';
import { type Hop, hopDeciders, hopResult } from './upstream.js';

export interface Offers {
  offer(endpoint: Endpoint, target: Target): Offer;
  /** The same object for targets that run the configuration alike. */
  view(target: Target): View;
  kinds(targets: readonly Target[]): readonly EndpointKind[];
}

export interface View {
  /** `nameDecides` */
  readonly byName: boolean;
  offerAt(place: Place): Offer;
  /** Whether TLS is spoken there; an offer is not made for it. */
  tlsAt(place: Place): boolean | null;
}

export function createOffers(facts: Facts): Offers {
  const views = new Map<Target, View>();
  const bySignature = new Map<string, View>();
  const signatureOf = createSignatures(facts);
  const view = (target: Target): View => {
    const known = views.get(target);
    if (known) return known;
    const signature = signatureOf(target);
    const made = bySignature.get(signature) ?? createView(facts, target);
    bySignature.set(signature, made);
    views.set(target, made);
    return made;
  };
  const offer = (endpoint: Endpoint, target: Target): Offer => {
    const place = facts.placeOf(endpoint);
    if (!place) throw new RangeError('Unexpected endpoint of another model');
    return view(target).offerAt(place);
  };
  const known = new WeakMap<readonly Target[], readonly EndpointKind[]>();
  const kinds = (targets: readonly Target[]) => {
    const made = known.get(targets) ?? kindsOf(facts, targets);
    known.set(targets, made);
    return made;
  };
  return { offer, view, kinds };
}

function createView(facts: Facts, target: Target): View {
  const { evaluator } = facts;
  const offers: Offer[] = [];
  const byHop = new Map<Result, Map<Hop, Offer>>();
  const compute = (place: Place): Offer => {
    if (isHop(place)) return hopOffer(place, hopResultOf(facts, place, target), facts, byHop);
    const passed = mayPass(place) ? passedOn(place.listener, place.server, facts, target) : undefined;
    return passed ? throughPass(passed, facts, target) : evaluator.offerIn(place, target);
  };
  const offerAt = (place: Place): Offer => {
    const known = offers[place.index];
    if (known) return known;
    const made = compute(place);
    offers[place.index] = made;
    return made;
  };
  const tlsAt = (place: Place): boolean | null => {
    if (isHop(place) || mayPass(place)) return offerAt(place).tls;
    return evaluator.resultOf(place.kind, target).tls;
  };
  return { byName: nameDecides(target), offerAt, tlsAt };
}

/** NX-T3: whether a client of it may meet another listener. */
export function mayPass({ listener, server }: Situation): boolean {
  return server.module === 'stream' && !listener.ssl && !listener.udp;
}

function hopResultOf({ sourced, evaluator }: Facts, hop: Hop, target: Target): Result {
  const own = sourced(hop.scope, hop.family);
  return evaluator.remembered(`hop|${own.key}|${hop.tls}|${own.gap ?? ''}`, target, () =>
    hopResult(hop, own, evaluator.built(own, target), target),
  );
}

function hopOffer(hop: Hop, result: Result, { sourced }: Facts, known: Map<Result, Map<Hop, Offer>>): Offer {
  const ofResult = known.get(result) ?? new Map<Hop, Offer>();
  known.set(result, ofResult);
  const made = ofResult.get(hop) ?? { ...result, decidedBy: hopDeciders(sourced(hop.scope, hop.family), result) };
  ofResult.set(hop, made);
  return made;
}

/** Texts that are equal where two targets run the configuration alike. */
function createSignatures(facts: Facts): (target: Target) => string {
  const { evaluator, hops, situations } = facts;
  const numbers = new Map<object, number>();
  const numberOf = (result: object): number => {
    const known = numbers.get(result) ?? numbers.size;
    numbers.set(result, known);
    return known;
  };
  const passes = situations.some(mayPass);
  let count = 0;
  return target => {
    // What is passed on is not looked at closely enough to say that it is the same.
    if (passes) return String(count++);
    const parts: Array<number | string> = [nameDecides(target) ? 1 : 0];
    const hanging = new Set<object>();
    for (const kind of evaluator.kinds) {
      const result = evaluator.resultOf(kind, target);
      if (result.hangsOnKeys) hanging.add(kind);
      parts.push(numberOf(result), ...commandsAlone(facts, kind, target));
    }
    if (hanging.size > 0) {
      for (const { kind, own } of situations.filter(each => hanging.has(each.kind)))
        parts.push(numberOf(evaluator.resultOf(kind, target, own.keys())));
    }
    for (const hop of hops) parts.push(numberOf(hopResultOf(facts, hop, target)));
    return parts.join();
  };
}

/** What commands say where no directive says anything: whether one overrides the other hangs on it. */
function commandsAlone({ evaluator }: Facts, { own, first }: Situation['kind'], target: Target): number[] {
  const sets: number[] = [];
  for (const sourced of own === first ? [own] : [own, first])
    if (sourced.commands.length > 0) sets.push(evaluator.built(withoutProtocols(sourced), target).configured);
  return sets;
}

/** The same settings with every `ssl_protocols` taken out, which is to say: with an empty one. */
export function withoutProtocols({ profile, key }: Pick<Situation['own'], 'profile' | 'key'>) {
  return { profile: { ...profile, protocols: [] }, key: `${key}-` };
}

function kindsOf(facts: Facts, targets: readonly Target[]): EndpointKind[] {
  const { evaluator, endpoints, placeOf } = facts;
  const hangs = evaluator.kinds.map(kind => targets.some(target => evaluator.resultOf(kind, target).hangsOnKeys));
  const found: Array<EndpointKind & { readonly endpoints: Endpoint[] }> = [];
  const byKind = new Map<object, (typeof found)[number]>();
  for (const endpoint of endpoints) {
    const place = placeOf(endpoint)!;
    const alone = isHop(place) || mayPass(place) || hangs[place.kind.index] !== false;
    const key = alone ? place : place.kind;
    const known = byKind.get(key);
    if (known) {
      known.endpoints.push(endpoint);
      continue;
    }
    const made = { sample: endpoint as Endpoint, endpoints: [endpoint as Endpoint] };
    byKind.set(key, made);
    found.push(made);
  }
  return found;
}
