/** Apache httpd: from files to the model. */
import type { Fix } from '../../../fixers/edit.js';
import type { Target } from '../../model/target.js';
import type { Answer, Endpoint, Model, Offer, Origin, Question } from '../../model/types.js';
import type { Dialect, Host, LoadSettings } from '../types.js';
import { parseAddress } from './addresses.js';
import { face } from './face.js';
import { createFixer } from './fix.js';
import { hopsOf } from './hops.js';
import { kindsOf } from './kinds.js';
import { createOffers, createPool, hiddenOffer, type Offers } from './offer.js';
import { type Reading, read } from './read.js';
import type { Scope } from './scope.js';
import { createStatements, type World } from './statements.js';
import { createStops } from './stops.js';
import { syntax } from './syntax.js';
import { type Group, resolveVhosts, selectScope, serverName, type Vhosts, writtenNames } from './vhosts.js';

export const apache: Dialect = { ...face, syntax, load };

function load(path: string, host: Host, settings: LoadSettings, fragment = false): Model {
  return createModel(read(path, host, settings, fragment), settings);
}

/** Where an endpoint comes from; `index` is its own. */
type Source = { readonly index: number; readonly scope: Scope } & (
  | { readonly group: Group }
  | { readonly url: string }
);

function createModel(reading: Reading, settings: LoadSettings): Model {
  const vhosts = vhostsOf(reading);
  const sources = new Map<Endpoint, Source>();
  const pool = createPool();
  const offersFor = perTarget(target => createOffers(reading, vhosts, target, pool));
  const endpoints = endpointsOf(reading, vhosts, sources);
  const column = columns([...sources.values()], kindsOf(reading).firstOf, offersFor);
  const offer = (endpoint: Endpoint, target: Target): Offer => {
    const source = sources.get(endpoint);
    if (!source) throw new RangeError('Unexpected endpoint of another model');
    return column(target)[source.index]!;
  };
  const indexes = new Map<readonly Offer[], Map<Origin, Endpoint[]>>();
  const reachedFor = (target: Target) => {
    const offers = column(target);
    const index = indexes.get(offers) ?? indexReached(endpoints, offers);
    indexes.set(offers, index);
    return index;
  };
  const world: World = {
    reading,
    judged: settings.target,
    groups: vhosts.groups,
    groupsOf: indexGroups(vhosts),
    offersFor,
    reached: (origin, target) => reachedFor(target).get(origin) ?? [],
  };
  const statements = createStatements(world);
  const { problems, stops } = createStops(reading, offersFor, settings.target);
  const loads = perTarget(target => !stops(target));
  const fixer = createFixer({ ...world, statements, sources });
  return {
    dialect: 'apache',
    root: reading.main.origin.file.path,
    fragment: reading.fragment,
    files: reading.files,
    endpoints,
    statements,
    problems,
    offer,
    answer: (question, target) => answer(reading, vhosts, endpoints, sources, offersFor(target), question, target),
    loads,
    fix: (remedy, targets): Fix => fixer(remedy, targets),
  };
}

function indexGroups({ groups }: Vhosts): (scope: Scope) => readonly Group[] {
  const byScope = new Map<Scope, Group[]>();
  for (const group of groups) {
    for (const scope of group.scopes) {
      const known = byScope.get(scope);
      if (known) known.push(group);
      else byScope.set(scope, [group]);
    }
  }
  return scope => byScope.get(scope) ?? [];
}

/** Without a Listen line in sight, the addresses of virtual hosts count as open. */
function vhostsOf({ main, vhosts, listens }: Reading): Vhosts {
  return resolveVhosts(main, vhosts, listens, !listens.some(line => line.key === 'listen'));
}

function perTarget<Value>(make: (target: Target) => Value): (target: Target) => Value {
  const made = new Map<Target, Value>();
  return target => {
    let value = made.get(target);
    if (value === undefined) {
      value = make(target);
      made.set(target, value);
    }
    return value;
  };
}

function endpointsOf(reading: Reading, resolved: Vhosts, sources: Map<Endpoint, Source>): Endpoint[] {
  const { main, vhosts } = reading;
  const endpoints: Endpoint[] = [];
  const names = new Map<Scope, string[]>();
  for (const scope of [main, ...vhosts]) names.set(scope, writtenNames(scope));
  for (const group of resolved.groups) {
    for (const scope of group.scopes) {
      const named = group.mainName === undefined || serverName(scope) !== undefined;
      const endpoint: Endpoint = {
        role: 'server',
        kind: 'vhost',
        listen: group.listen,
        default: scope === group.scopes[0],
        names: named ? (names.get(scope) ?? []) : writtenNames(scope, group.mainName),
        scope: scope.origin,
      };
      sources.set(endpoint, { index: sources.size, group, scope });
      endpoints.push(endpoint);
    }
  }
  endpoints.push(...clientsOf(reading, names, sources));
  return endpoints;
}

function clientsOf(reading: Reading, names: ReadonlyMap<Scope, string[]>, sources: Map<Endpoint, Source>): Endpoint[] {
  return hopsOf(reading).map(({ scope, url, through, line }) => {
    const endpoint: Endpoint = {
      role: 'client',
      kind: 'vhost',
      upstream: url,
      default: false,
      names: names.get(scope) ?? [],
      scope: line.origin,
    };
    sources.set(endpoint, { index: sources.size, scope, url: through ?? url });
    return endpoint;
  });
}

function offerOf(offers: Offers, source: Source): Offer {
  return 'group' in source
    ? offers.serverOffer(source.group, source.scope)
    : offers.clientOffer(source.scope, source.url);
}

/** Offers by endpoint, one list per target; targets for which all is the same share one. */
function columns(
  sources: readonly Source[],
  firstOf: (scope: Scope) => Scope,
  offersFor: (target: Target) => Offers,
): (target: Target) => readonly Offer[] {
  const patterns = patternsOf(sources, firstOf);
  const known: Array<{ readonly samples: readonly Offer[]; readonly column: readonly Offer[] }> = [];
  return perTarget(target => {
    const offers = offersFor(target);
    const samples = patterns.map(source => offerOf(offers, source));
    const same = known.find(other => other.samples.every((offer, index) => offer === samples[index]));
    if (same) return same.column;
    const column = sources.map(source => offerOf(offers, source));
    known.push({ samples, column });
    return column;
  });
}

/** One of each sort: where two targets offer the same there, they do so everywhere. */
function patternsOf(sources: readonly Source[], firstOf: (scope: Scope) => Scope): readonly Source[] {
  const seen = new Map<Group, Set<Scope>>();
  return sources.filter(source => {
    if (!('group' in source)) return true;
    const { group, scope } = source;
    if (scope === group.scopes[0]) return true;
    const kinds = seen.get(group) ?? new Set();
    seen.set(group, kinds);
    const first = firstOf(scope);
    return !kinds.has(first) && kinds.add(first);
  });
}

function indexReached(endpoints: readonly Endpoint[], offers: readonly Offer[]): Map<Origin, Endpoint[]> {
  const reached = new Map<Origin, Endpoint[]>();
  endpoints.forEach((endpoint, index) => {
    for (const origin of offers[index]!.decidedBy) {
      const known = reached.get(origin);
      if (known) known.push(endpoint);
      else reached.set(origin, [endpoint]);
    }
  });
  return reached;
}

const NOBODY: Offer = {
  tls: false,
  state: 'default',
  configured: 0,
  negotiable: 0,
  decidedBy: [],
  notes: ['Nothing listens on this address.'],
};

function answer(
  reading: Reading,
  vhosts: Vhosts,
  endpoints: readonly Endpoint[],
  sources: ReadonlyMap<Endpoint, Source>,
  offers: Offers,
  question: Question,
  target: Target,
): Answer {
  const address = parseAddress(question.connect);
  const group = address && vhosts.groupOf(address);
  const hidden =
    reading.main.missing[0]?.note ?? (reading.fragment ? 'The rest of the configuration is not here.' : undefined);
  if (!group) return { ...(hidden === undefined ? NOBODY : hiddenOffer(hidden)), endpoint: null };
  const scope = selectScope(group, question.servername, target);
  const endpoint = endpoints.find(each => {
    const source = sources.get(each);
    return source !== undefined && 'group' in source && source.group === group && source.scope === scope;
  });
  return { ...offers.serverOffer(group, scope), endpoint: endpoint ?? null };
}
