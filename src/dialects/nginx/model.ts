/** The model of one nginx configuration: endpoints, offers, answers. */
import type { Target } from '../../model/target.js';
import type { Endpoint, LoadedFile, Model, Offer, Origin, Remedy } from '../../model/types.js';
import type { Host, LoadSettings } from '../types.js';
import { answer, passedOn, throughPass, upstreamsOf } from './answer.js';
import { keyReader } from './certificates.js';
import { createFixer } from './fix.js';
import type { createReader, ParsedFile } from './include.js';
import { keySizeProblems } from './key-size.js';
import { createEvaluator, type Evaluator, type Situation } from './offer.js';
import { createProfiles, type Family, type Sourced } from './profile.js';
import { type Resolved, resolve, type Server, showListener } from './resolve.js';
import type { Scope } from './scope.js';
import { walkScopes } from './scopes.js';
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

/** What decides what a client meets. Endpoints that share one get the same. */
export type Place = Situation | Hop;

export function isHop(place: Place): place is Hop {
  return 'endpoint' in place;
}

export interface Offers {
  offer: Model['offer'];
  /** The same object for targets that give the same to every endpoint. */
  column(target: Target): Column;
}

/** What one target, or several alike, give to each place, by its index. */
export type Column = readonly Offer[];

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
  const sourced = createProfiles(fragment, keyOf);
  const hops = hopsBelow(top, fragment);
  const evaluator = createEvaluator(server => sourced(server.scope, 'ssl'), fragment, hops.length);
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

/** One endpoint per listener and server, then one per hop to an upstream. */
function placesOf(resolved: Resolved, hops: readonly Hop[], evaluator: Evaluator): Map<Endpoint, Place> {
  const places = new Map<Endpoint, Place>();
  for (const listener of resolved.listeners) {
    const first = listener.first.server;
    const listen = showListener(listener);
    for (const server of listener.servers) {
      const { module: kind, names, origin: scope } = server;
      const endpoint: Endpoint = { role: 'server', kind, listen, default: server === first, names, scope };
      places.set(endpoint, evaluator.situation(listener, server));
    }
  }
  for (const hop of hops) places.set(hop.endpoint, hop);
  return places;
}

function createOffers(facts: Facts): Offers {
  const { places, evaluator, sourced } = facts;
  const distinct: Place[] = [];
  for (const place of places.values()) distinct[place.index] = place;
  const columns = new Map<Target, Column>();
  const compute = (place: Place, target: Target): Offer => {
    if (isHop(place)) {
      const own = sourced(place.scope, place.family);
      return hopOffer(place, own, evaluator.built(own, target), target);
    }
    const passed = passedOn(place.listener, place.server, facts, target);
    return passed ? throughPass(passed, facts, target) : evaluator.offerIn(place, target);
  };
  const column = (target: Target): Column => {
    const known = columns.get(target);
    if (known) return known;
    const made = distinct.map(place => compute(place, target));
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
