/** The model of one nginx configuration: endpoints, offers, answers. */
import type { KeyType } from '../../model/openssl.js';
import type { Target } from '../../model/target.js';
import type { Answer, Endpoint, LoadedFile, Model, Offer, Origin, Question, Remedy } from '../../model/types.js';
import type { Host, LoadSettings } from '../types.js';
import { createFixer } from './fix.js';
import type { createReader, ParsedFile } from './include.js';
import { type Address, readConnect } from './listen.js';
import { createNameTable } from './names.js';
import { createEvaluator, type Evaluator } from './offer.js';
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
  sourced(scope: Scope, family: Family): Sourced;
}

type Place = { readonly listener: Listener; readonly server: Server } | { readonly hop: Hop };

export function createModel(
  main: ParsedFile,
  reader: ReturnType<typeof createReader>,
  host: Host,
  settings: LoadSettings,
  confPrefix: string,
  fragment: boolean,
): Model {
  const { top, problems } = walkScopes(main, reader, host, confPrefix, fragment);
  const resolved = resolve(top, fragment);
  const keyOf = keyReader(host, confPrefix, settings.prefix);
  const sourced = memoize(fragment, keyOf);
  const evaluator = createEvaluator(server => sourced(server.scope, 'ssl'), fragment);
  const hops = hopsBelow(top, fragment);
  const places = placesOf(resolved, hops);
  const facts: Facts = { top, fragment, resolved, evaluator, hops, places, sourced };
  const rootOrigin: Origin = { file: main, span: { start: 0, end: 0 }, directive: '' };
  const sourcedOf = (server: Server) => sourced(server.scope, 'ssl');
  problems.push(
    ...loadProblems({ top, resolved, evaluator, hops, sourcedOf, sourcedAt: sourced, fragment, rootOrigin }),
  );
  const offer = createOffers(facts);
  const statements = createStatements(facts, offer);
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
  return (scope: Scope, family: Family): Sourced => {
    let ofFamily = known.get(family);
    if (!ofFamily) {
      ofFamily = new Map();
      known.set(family, ofFamily);
    }
    let sourced = ofFamily.get(scope);
    if (!sourced) {
      sourced = sourcedProfile(scope, family, fragment, keyOf);
      ofFamily.set(scope, sourced);
    }
    return sourced;
  };
}

/** One endpoint per listener and server, then one per hop to an upstream. */
function placesOf(resolved: Resolved, hops: readonly Hop[]): Map<Endpoint, Place> {
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
      places.set(endpoint, { listener, server });
    }
  }
  for (const hop of hops) places.set(hop.endpoint, { hop });
  return places;
}

function createOffers({ places, evaluator, sourced, resolved, fragment }: Facts): Model['offer'] {
  const known = new WeakMap<Target, Map<Endpoint, Offer>>();
  const compute = (endpoint: Endpoint, target: Target): Offer => {
    const place = places.get(endpoint);
    if (!place) throw new RangeError('Unexpected endpoint of another model');
    if ('hop' in place) {
      const own = sourced(place.hop.scope, place.hop.family);
      return hopOffer(place.hop, own, evaluator.built(own, target), target);
    }
    const passed = passedOn(place.listener, place.server, resolved);
    if (passed) return throughPass(passed, target, evaluator);
    return evaluator.offer(place.listener, place.server, target);
  };
  void fragment;
  return (endpoint, target) => {
    let ofTarget = known.get(target);
    if (!ofTarget) {
      ofTarget = new Map();
      known.set(target, ofTarget);
    }
    let offer = ofTarget.get(endpoint);
    if (!offer) {
      offer = compute(endpoint, target);
      ofTarget.set(endpoint, offer);
    }
    return offer;
  };
}

/** NX-T3: a stream server without TLS hands the client's bytes to the listener that it passes to. */
function passedOn(listener: Listener, server: Server, resolved: Resolved): Listener | undefined {
  if (server.module !== 'stream' || listener.ssl || listener.udp) return undefined;
  const said = server.scope.settings.get('proxy_pass')?.at(-1)?.node.args[0];
  const to = said === undefined ? undefined : readConnect(said);
  if (!to || server.scope.settings.get('proxy_ssl')?.at(-1)?.node.args[0] === 'on') return undefined;
  const found = listenerAt(resolved, to, false);
  return found === listener ? undefined : found;
}

function throughPass(inner: Listener, target: Target, evaluator: Evaluator): Offer {
  const offer = evaluator.offer(inner, inner.first.server, target);
  return {
    ...offer,
    notes: [...offer.notes, `What the client meets is ${showListener(inner)}, to which this listener passes.`],
  };
}

/** NX-V2: an own entry hides the wildcard of its port; `[::]` takes IPv4 as well with `ipv6only=off`. */
export function listenerAt(
  { listeners }: Resolved,
  { family, host, port }: Address,
  udp: boolean,
): Listener | undefined {
  const of = (wanted: Omit<Address, 'port'>) =>
    listeners.find(
      ({ address, udp: isUdp }) =>
        isUdp === udp && address.family === wanted.family && address.host === wanted.host && address.port === port,
    );
  const own = of({ family, host });
  if (own || family === 'unix' || family === 'name') return own;
  if (family === 'ipv6') return of({ family, host: '::' });
  const wildcard = of({ family, host: '0.0.0.0' });
  const both = of({ family: 'ipv6', host: '::' });
  return wildcard ?? (both?.entries.some(({ listen }) => listen.ipv6only === false) ? both : undefined);
}

function answer(facts: Facts, question: Question, target: Target, offer: Model['offer']): Answer {
  const udp = question.connect.startsWith('quic:');
  const address = readConnect(udp ? question.connect.slice(5) : question.connect);
  const listener = address && (listenerAt(facts.resolved, address, udp) ?? listenerAt(facts.resolved, address, true));
  if (!listener) return nobody(facts, question.connect);
  return answerAt(facts, listener, question, target, offer);
}

function answerAt(facts: Facts, listener: Listener, question: Question, target: Target, offer: Model['offer']): Answer {
  const fallback = listener.first.server;
  const inner = passedOn(listener, fallback, facts.resolved);
  if (inner) {
    const found = answerAt(facts, inner, question, target, offer);
    return { ...found, notes: [...found.notes, `${showListener(listener)} passes to ${showListener(inner)}.`] };
  }
  const chosen = question.servername === undefined ? undefined : serverNamed(listener, question.servername);
  if (chosen && 'unknown' in chosen) {
    const endpoint = endpointOf(facts, listener, fallback);
    const notes = [`It can’t be known, since ${chosen.unknown}.`];
    return {
      tls: facts.evaluator.speaksTls(listener, target),
      state: 'unknown',
      configured: null,
      negotiable: null,
      decidedBy: [],
      notes,
      endpoint,
    };
  }
  const server = chosen?.server ?? fallback;
  const endpoint = endpointOf(facts, listener, server);
  return { ...offer(endpoint, target), endpoint };
}

const tables = new WeakMap<Listener, ReturnType<typeof createNameTable<Server>>>();

/** mail has no virtual servers; where there is one server, no name is looked at. */
function serverNamed(listener: Listener, name: string) {
  const servers = listener.servers;
  if (servers.length < 2 || listener.module === 'mail') return undefined;
  let table = tables.get(listener);
  if (!table) {
    table = createNameTable(servers.map(server => ({ server, names: server.names })));
    tables.set(listener, table);
  }
  return table(name);
}

function endpointOf({ places }: Facts, listener: Listener, server: Server): Endpoint {
  for (const [endpoint, place] of places) {
    if ('listener' in place && place.listener === listener && place.server === server) return endpoint;
  }
  throw new RangeError('Unexpected listener of another model');
}

function nobody({ resolved, top, fragment }: Facts, connect: string): Answer {
  const hidden = top.gaps[0] ?? resolved.modules.flatMap(scope => scope.gaps)[0] ?? resolved.unknownListens[0]?.reason;
  const base = { decidedBy: [], endpoint: null } as const;
  if (hidden === undefined && !fragment) {
    return {
      ...base,
      tls: false,
      state: 'default',
      configured: 0,
      negotiable: 0,
      notes: [`Nothing listens on ${connect}.`],
    };
  }
  const why = hidden ?? 'the rest of the configuration is not here';
  return {
    ...base,
    tls: null,
    state: 'unknown',
    configured: null,
    negotiable: null,
    notes: [`It can’t be known, since ${why}.`],
  };
}

/** RSA or EC, where the certificate can be read here. */
function keyReader(host: Host, confPrefix: string, prefix: string): (path: string) => KeyType {
  const known = new Map<string, KeyType>();
  return path => {
    if (path === '' || path.includes('$') || path.startsWith('data:') || path.startsWith('engine:')) return undefined;
    const absolute = path.startsWith('/') ? `${prefix}${path}` : `${confPrefix}/${path}`;
    if (!known.has(absolute)) known.set(absolute, readKeyType(host, absolute));
    return known.get(absolute);
  };
}

const MOST_CERTIFICATE_BYTES = 1024 * 1024;
/** DER of the algorithm identifiers: rsaEncryption and id-ecPublicKey (RFC 3279). */
const KEY_TYPES: ReadonlyArray<readonly [Exclude<KeyType, undefined>, Buffer]> = [
  ['rsa', Buffer.from('2a864886f70d010101', 'hex')],
  ['ec', Buffer.from('2a8648ce3d0201', 'hex')],
];

/** The first key algorithm that the first certificate names. */
function readKeyType(host: Host, file: string): KeyType {
  const bytes = host.read(file, MOST_CERTIFICATE_BYTES);
  if ('failure' in bytes) return undefined;
  const pem = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([\sA-Za-z0-9+/=]*)-----END/.exec(
    Buffer.from(bytes).toString('latin1'),
  );
  if (!pem) return undefined;
  const der = Buffer.from(pem[1]!, 'base64');
  const found = KEY_TYPES.map(([type, id]) => [type, der.indexOf(id)] as const).filter(([, at]) => at !== -1);
  return found.sort((a, b) => a[1] - b[1])[0]?.[0];
}
