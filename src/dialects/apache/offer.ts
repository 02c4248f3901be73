/** What one endpoint offers on one target: AP-V1, AP-V2, AP-V5, AP-V9, AP-R. */
import { withAssumedKey } from '../../model/assumed-key.js';
import { type Context, clientVersions, enabledVersions, type KeyType, serverVersions } from '../../model/openssl.js';
import { NONE, type ProtocolSet, SSLv3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Offer } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { type Contexts, createContexts, doubtfulSection, type Made, proxySections } from './contexts.js';
import { kindsOf } from './kinds.js';
import type { Reading } from './read.js';
import { type Line, lastLine, type Scope } from './scope.js';
import { type Engine, engineOf, readEngine } from './settings/engine.js';
import { rustlsOffer } from './settings/rustls.js';
import { since } from './since.js';
import type { Group, Vhosts } from './vhosts.js';

/** The answers for one target; equal ones share an object. */
export interface Offers {
  readonly contexts: Contexts;
  serverOffer(group: Group, scope: Scope): Offer;
  clientOffer(scope: Scope, url: string): Offer;
  engineOf(scope: Scope): Engine;
  proxyEngineOf(scope: Scope, url: string): Engine;
}

/** Whether the name is matched before the version is chosen (`ssl_callback_ClientHello`). */
export function isEarly(target: Target): boolean {
  return since(target, '2.4.42') && atLeast(target.openssl.version, '1.1.1');
}

export function createOffers(reading: Reading, vhosts: Vhosts, target: Target, pool: OfferPool): Offers {
  const contexts = createContexts(reading, target);
  const kinds = kindsOf(reading);
  const engines = new Map<Scope, Engine>();
  const fips = fipsNote(reading);
  const answers = new Map<string, Map<object, Map<object, Offer>>>();
  const engine = (scope: Scope): Engine => {
    const first = kinds.firstOf(scope);
    let found = engines.get(first);
    if (!found) {
      found = engineFor(reading, first, vhosts, target);
      engines.set(first, found);
    }
    return found;
  };
  /** Without the lines that decide, which differ where all else is alike. */
  const answer = (initial: Made, own: Made, tls: Engine): Offer => {
    const sort = `${tls} ${initial === own}`;
    const ofSort = known(answers, sort, () => new Map<object, Map<object, Offer>>());
    const ofFirst = known(ofSort, initial.alike, () => new Map<object, Offer>());
    return known(ofFirst, own.alike, () => pool.intern(offerOf(initial, own, tls, target, fips)));
  };
  return {
    contexts,
    engineOf: engine,
    proxyEngineOf: (scope, url) => proxyEngine(reading, scope, url, target),
    serverOffer(group, scope) {
      const rustls = rustlsOffer(reading.main, group, scope);
      if (rustls) return rustls;
      const first = group.scopes[0]!;
      const tls = engine(first);
      const hidden = first === reading.main ? first.missing[0] : undefined;
      if (tls === 'off' && hidden) return hiddenOffer(hidden.note);
      if (tls === 'off' || tls === 'optional') return plainOffer(tls);
      // A virtual host without TLS keeps the first one's context for its name.
      const tlsOfName = engine(scope);
      const has = tlsOfName === 'on' || tlsOfName === tls || (tlsOfName === 'optional' && !since(target, '2.4.64'));
      const selected = has ? scope : first;
      const initial = contexts.serverOf(first);
      const own = contexts.serverOf(selected);
      const offer = answer(initial, own, tls);
      return offer.state === 'set' ? pool.decided(offer, decidingLines(initial, own, target)) : offer;
    },
    clientOffer: (scope, url) =>
      clientOffer(proxyEngine(reading, scope, url, target), contexts.clientOf(scope, url), target),
  };
}

function known<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** One object for equal offers, whatever the target: they are compared and grouped by identity. */
export interface OfferPool {
  /** `decidedBy` does not count. */
  intern(offer: Offer): Offer;
  /** The offer with the lines that decide it. */
  decided(offer: Offer, lines: readonly Line[]): Offer;
}

export function createPool(): OfferPool {
  const byText = new Map<string, Offer>();
  const byLines = new Map<Offer, Map<Line | string, Offer>>();
  return {
    intern(offer) {
      const { tls, state, configured, negotiable, notes } = offer;
      return known(byText, [tls, state, configured, negotiable, ...notes].join('\0'), () => offer);
    },
    decided(like, lines) {
      const alike = known(byLines, like, () => new Map<Line | string, Offer>());
      const key = lines.length === 1 ? lines[0]! : lines.map(line => line.order).join();
      return known(alike, key, () => ({ ...like, decidedBy: lines.map(line => line.origin) }));
    },
  };
}

/** AP-Y3: with FIPS, the provider decides what is left; it changes no protocol that is configured. */
function fipsNote({ main }: Reading): string | undefined {
  const isOn = lastLine(main, 'sslfips')?.args[0]?.text.toLowerCase() === 'on';
  return isOn ? 'What `SSLFIPS on` leaves is up to the FIPS provider of the machine.' : undefined;
}

/** In a fragment, the main server may say what it does not. */
function engineFor(reading: Reading, scope: Scope, vhosts: Vhosts, target: Target): Engine {
  const { engine, line } = engineOf(scope, reading.main, vhosts.listeners, target);
  if (line || engine === 'on') return engine;
  const open = reading.fragment || scope.missing.length > 0 || reading.main.missing.length > 0;
  const speaks = lastLine(scope, 'sslprotocol') ?? lastLine(scope, 'sslcertificatefile');
  return open && speaks ? 'unknown' : engine;
}

/** What can't be read may hold a virtual host for the address. One object for each reason. */
export function hiddenOffer(note: string): Offer {
  let offer = hiddenOffers.get(note);
  if (!offer) {
    offer = { tls: null, state: 'unknown', configured: null, negotiable: null, decidedBy: [], notes: [note] };
    hiddenOffers.set(note, offer);
  }
  return offer;
}

const hiddenOffers = new Map<string, Offer>();

function plainOffer(engine: 'off' | 'optional'): Offer {
  return engine === 'off' ? PLAIN : OPTIONAL;
}

const PLAIN: Offer = { tls: false, state: 'default', configured: NONE, negotiable: NONE, decidedBy: [], notes: [] };
const OPTIONAL: Offer = {
  ...PLAIN,
  notes: ['`SSLEngine optional` speaks plain HTTP; before httpd 2.4.64 a client may ask for an upgrade to TLS.'],
};

function offerOf(initial: Made, own: Made, engine: Engine, target: Target, fips: string | undefined): Offer {
  const early = isEarly(target);
  const ownBounds = hasOwnBounds(own, target);
  const bounds = ownBounds ? own : initial;
  const selected = early ? selectContext(initial.context, own.context, bounds.context) : own.context;
  const deciding = early ? selected : initial.context;
  const lines = decidingLines(initial, own, target);
  const tls = engine === 'on' ? true : null;
  const notes: string[] = [];
  if (tls === null) notes.push('Whether TLS is on is not known: no `SSLEngine` is in sight.');
  const unknown = bounds.unknown ?? (lines.length === 0 ? own.unknown : undefined);
  if (unknown !== undefined) {
    return { tls, state: 'unknown', configured: null, negotiable: null, decidedBy: [], notes: [...notes, unknown] };
  }
  if (own !== initial && !ownBounds) notes.push(whoDecides(early));
  notes.push(...assumptionsOf(lines));
  const ask = (keys: readonly KeyType[]) => serverVersions(target.openssl, initial.context, selected, { early, keys });
  const negotiated = withAssumedKey(ask, own.keys, own.mayBeEc);
  const unknownLists = own.unknownLists ?? initial.unknownLists ?? fips;
  const set = early ? negotiated.set : withOldHello(negotiated.set, initial, target);
  return {
    tls,
    state: lines.length > 0 ? 'set' : 'default',
    configured: enabledVersions(deciding),
    negotiable: unknownLists === undefined ? set : null,
    decidedBy: [],
    notes: [...notes, ...(unknownLists === undefined ? negotiated.notes : [unknownLists])],
  };
}

/** Flags are only ever added, bounds are set where the virtual host has some, all else is its own (AP-V9). */
function selectContext(initial: Context, own: Context, bounds: Context): Context {
  if (initial === own) return own;
  return { ...own, flags: initial.flags & own.flags, min: bounds.min, max: bounds.max };
}

function hasOwnBounds(own: Made, target: Target): boolean {
  return isEarly(target) && (own.protocolLine !== undefined || target.trunk === true);
}

function decidingLines(initial: Made, own: Made, target: Target): readonly Line[] {
  const { boundsBy } = hasOwnBounds(own, target) ? own : initial;
  const flags = isEarly(target) && own !== initial ? [...initial.flagsBy, ...own.flagsBy] : initial.flagsBy;
  if (flags.length === 0 && boundsBy.length < 2) return boundsBy;
  return [...new Set([...boundsBy, ...flags])].sort((a, b) => a.order - b.order);
}

function assumptionsOf(lines: readonly Line[]): Set<string> {
  return new Set(lines.map(line => line.assumed).filter(assumed => assumed !== undefined));
}

function whoDecides(early: boolean): string {
  if (early)
    return 'No `SSLProtocol` applies to this virtual host, so that the bounds of the first one of its address stay.';
  return 'The first virtual host of the address decides for all names: the name counts from httpd 2.4.42 with OpenSSL 1.1.1 on.';
}

/** An SSLv3 ClientHello counts as one without a name. */
function withOldHello(set: ProtocolSet | null, initial: Made, target: Target): ProtocolSet | null {
  if (set === null) return null;
  const ask = (keys: readonly KeyType[]) =>
    serverVersions(target.openssl, initial.context, initial.context, { early: false, keys });
  const first = withAssumedKey(ask, initial.keys, initial.mayBeEc);
  return first.set === null ? set : (set & ~SSLv3) | (first.set & SSLv3);
}

function proxyEngine(reading: Reading, scope: Scope, url: string, target: Target): Engine {
  if (doubtfulSection(reading, scope, url, target)?.lines.has('sslproxyengine')) return 'unknown';
  const places = [...proxySections(reading, scope, url, target).toReversed(), scope, reading.main];
  const line = places.map(place => lastLine(place, 'sslproxyengine')).find(each => each !== undefined);
  if (!line) return reading.fragment ? 'unknown' : 'off';
  const engine = readEngine(line);
  return engine === 'on' || engine === 'unknown' ? engine : 'off';
}

function clientOffer(engine: Engine, made: Made, target: Target): Offer {
  if (engine === 'off') return { ...PLAIN, notes: ['`SSLProxyEngine` is not on, so that no TLS connection is made.'] };
  const tls = engine === 'on' ? true : null;
  if (made.unknown !== undefined) {
    return { tls, state: 'unknown', configured: null, negotiable: null, decidedBy: [], notes: [made.unknown] };
  }
  const { set, notes } = clientVersions(target.openssl, made.context);
  return {
    tls,
    state: made.boundsBy.length > 0 ? 'set' : 'default',
    configured: enabledVersions(made.context),
    negotiable: made.unknownLists === undefined ? set : null,
    decidedBy: made.boundsBy.map(line => line.origin),
    notes: made.unknownLists === undefined ? notes : [made.unknownLists],
  };
}
