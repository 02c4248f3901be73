/** The model of one nginx configuration: endpoints, offers, answers. */
import type { KeyType } from '../../model/openssl.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, LoadedFile, Model, Offer, Origin, Remedy } from '../../model/types.js';
import type { Host, LoadSettings } from '../types.js';
import { answer, passedOn, throughPass, upstreamsOf } from './answer.js';
import { keyReader } from './certificates.js';
import { createFixer } from './fix.js';
import type { createReader, ParsedFile } from './include.js';
import { keySizeProblems } from './key-size.js';
import { createEvaluator, type Evaluator, type Situation } from './offer.js';
import { type Family, type Sourced, sourcedProfile } from './profile.js';
import { type Listener, type Resolved, resolve, type Server, showListener } from './resolve.js';
import { type Scope, walkScopes } from './scopes.js';
import { createStatements } from './statements.js';
import { loadProblems } from './stops.js';
import { type Hop, hopOffer, hopsBelow } from './upstream.js';

/** What the parts of the model share. */
export interface Facts {
  readonly top: Scope;
  readonly fragment: boolean;
  readonly resolved: Resolved;
  readonly evaluator: Evaluator;
  readonly hops: readonly Hop[];
  readonly places: ReadonlyMap<Endpoint, Place>;
  /** Addresses of each `upstream` of stream, by its name. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
  sourced(scope: Scope, family: Family): Sourced;
}

/** `index` is that of the endpoint. */
type Place = { readonly index: number } & (
  | { readonly listener: Listener; readonly server: Server; readonly situation: Situation }
  | { readonly hop: Hop }
);

/** Offers by endpoint, one list per target; targets that get the same share one. */
export interface Offers {
  offer: Model['offer'];
  column(target: Target): readonly Offer[];
}

export function createModel(
  main: ParsedFile,
  reader: ReturnType<typeof createReader>,
  host: Host,
  _settings: LoadSettings,
  confPrefix: string,
  fragment: boolean,
): Model {
  const { top, problems } = walkScopes(main, reader, host, confPrefix, fragment);
  const resolved = resolve(top, fragment);
  const keyOf = keyReader(host, confPrefix, absolute => reader.locate(absolute));
  const sourced = memoize(fragment, keyOf);
  const evaluator = createEvaluator(server => sourced(server.scope, 'ssl'), fragment);
  const hops = hopsBelow(top, fragment);
  const places = placesOf(resolved, hops, evaluator);
  const facts: Facts = { top, fragment, resolved, evaluator, hops, places, upstreams: upstreamsOf(top), sourced };
  const rootOrigin: Origin = { file: main, span: { start: 0, end: 0 }, directive: '' };
  const sourcedOf = (server: Server) => sourced(server.scope, 'ssl');
  const context = { top, resolved, evaluator, hops, sourcedOf, sourcedAt: sourced, fragment, rootOrigin };
  // One by one: there may be more than a call takes arguments.
  for (const each of loadProblems(context)) problems.push(each);
  const pathOf = (written: string) => (written.startsWith('/') ? reader.locate(written) : `${confPrefix}/${written}`);
  for (const each of keySizeProblems(resolved.servers, fragment, host, pathOf)) problems.push(each);
  const offers = createOffers(facts);
  const { offer } = offers;
  const statements = createStatements(facts, offers);
  const loads = (target: Target) =>
    !problems.some(problem => problem.stops(target)) && !statements.some(statement => statement.refused(target));
  const fixer = createFixer(facts, statements);
  return {
    dialect: 'nginx',
    root: main.path,
    fragment,
    files: [...reader.files.values()] as LoadedFile[],
    endpoints: [...places.keys()],
    statements,
    problems,
    offer,
    answer: (question, target) => answer(facts, question, target, offer),
    loads,
    fix: (remedy: Remedy, targets: readonly Target[]) => fixer(remedy, targets),
  };
}

function memoize(fragment: boolean, keyOf: (path: string) => KeyType) {
  const known = new Map<Family, Map<Scope, Sourced>>();
  const keys = new Map<string, string>();
  return (scope: Scope, family: Family): Sourced => {
    let ofFamily = known.get(family);
    if (!ofFamily) {
      ofFamily = new Map();
      known.set(family, ofFamily);
    }
    let sourced = ofFamily.get(scope);
    if (!sourced) {
      sourced = sourcedProfile(scope, family, fragment, keyOf);
      sourced = { ...sourced, key: shortKey(keys, sourced.key) };
      ofFamily.set(scope, sourced);
    }
    return sourced;
  };
}

/** Offers are remembered by keys: short ones, since there are many. */
function shortKey(keys: Map<string, string>, key: string): string {
  const short = keys.get(key) ?? String(keys.size);
  keys.set(key, short);
  return short;
}

/** One endpoint per listener and server, then one per hop to an upstream. */
function placesOf(resolved: Resolved, hops: readonly Hop[], evaluator: Evaluator): Map<Endpoint, Place> {
  const places = new Map<Endpoint, Place>();
  for (const listener of resolved.listeners) {
    const first = listener.first.server;
    for (const server of listener.servers) {
      const endpoint: Endpoint = {
        role: 'server',
        kind: server.module,
        listen: showListener(listener),
        default: server === first,
        names: server.names,
        scope: server.origin,
      };
      places.set(endpoint, { index: places.size, listener, server, situation: evaluator.situation(listener, server) });
    }
  }
  for (const hop of hops) places.set(hop.endpoint, { index: places.size, hop });
  return places;
}

function createOffers(facts: Facts): Offers {
  const { places, evaluator, sourced } = facts;
  const columns = new Map<Target, readonly Offer[]>();
  const compute = (place: Place, target: Target): Offer => {
    if ('hop' in place) {
      const own = sourced(place.hop.scope, place.hop.family);
      return hopOffer(place.hop, own, evaluator.built(own, target), target);
    }
    const passed = passedOn(place.listener, place.server, facts, target);
    return passed ? throughPass(passed, facts, target) : evaluator.offerIn(place.situation, target);
  };
  const column = (target: Target): readonly Offer[] => {
    const known = columns.get(target);
    if (known) return known;
    const made = Array.from(places.values(), place => compute(place, target));
    const same = [...columns.values()].find(other => other.every((offer, index) => offer === made[index]));
    columns.set(target, same ?? made);
    return same ?? made;
  };
  const offer = (endpoint: Endpoint, target: Target): Offer => {
    const place = places.get(endpoint);
    if (!place) throw new RangeError('Unexpected endpoint of another model');
    return column(target)[place.index]!;
  };
  return { offer, column };
}
