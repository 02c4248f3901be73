/** Apache httpd: from files to the model. */
import type { Fix } from '../../../fixers/edit.js';
import type { Target } from '../../model/target.js';
import type { Answer, Endpoint, Model, Offer, Origin, Question } from '../../model/types.js';
import type { Dialect, Host, LoadSettings } from '../types.js';
import { parseAddress } from './addresses.js';
import { face } from './face.js';
import { createFixer } from './fix.js';
import { hopsOf } from './hops.js';
import { createOffers, hiddenOffer, type Offers } from './offer.js';
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

/** Where an endpoint comes from. */
type Source = { readonly group: Group; readonly scope: Scope } | { readonly scope: Scope; readonly url: string };

function createModel(reading: Reading, settings: LoadSettings): Model {
  const vhosts = vhostsOf(reading);
  const sources = new Map<Endpoint, Source>();
  const offersFor = perTarget(target => createOffers(reading, vhosts, target));
  const endpoints = endpointsOf(reading, vhosts, sources);
  const offer = (endpoint: Endpoint, target: Target): Offer => offerOf(offersFor(target), sources.get(endpoint)!);
  const reachedFor = perTarget(target => indexReached(endpoints, each => offer(each, target)));
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
    root: reading.files[0]?.path ?? reading.main.origin.file.path,
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
      const endpoint: Endpoint = {
        role: 'server',
        kind: 'vhost',
        listen: group.listen,
        default: scope === group.scopes[0],
        names: serverName(scope) === undefined ? writtenNames(scope, group.mainName) : (names.get(scope) ?? []),
        scope: scope.origin,
      };
      sources.set(endpoint, { group, scope });
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
    sources.set(endpoint, { scope, url: through ?? url });
    return endpoint;
  });
}

function offerOf(offers: Offers, source: Source): Offer {
  return 'group' in source
    ? offers.serverOffer(source.group, source.scope)
    : offers.clientOffer(source.scope, source.url);
}

function indexReached(endpoints: readonly Endpoint[], offer: (endpoint: Endpoint) => Offer): Map<Origin, Endpoint[]> {
  const reached = new Map<Origin, Endpoint[]>();
  for (const endpoint of endpoints) {
    for (const origin of offer(endpoint).decidedBy) {
      const known = reached.get(origin);
      if (known) known.push(endpoint);
      else reached.set(origin, [endpoint]);
    }
  }
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
