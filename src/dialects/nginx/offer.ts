/** What one server of one listener offers, for one target (NX-V3 to NX-V10, NX-Q1, NX-T1 to NX-T4). */
import { withAssumedKey } from '../../model/assumed-key.js';
import { type Context, type KeyType, type Negotiated, serverVersions } from '../../model/openssl.js';
import { type ProtocolSet, TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Offer, Origin } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import type { Sourced } from './profile.js';
import { inherited, isOn, type Listener, type Server } from './resolve.js';
import { itemOrigin } from './scope.js';
import type { Shape } from './shape.js';
import { type Built, buildContext } from './tls.js';

export interface Evaluator {
  /** A listener and one of its servers; the same object for listeners on which the server meets the same. */
  situation(listener: Listener, server: Server): Situation;
  offerIn(situation: Situation, target: Target): Offer;
  /** What all of one kind get, whoever decides it. Where it `hangsOnKeys`, with these `keys` of their certificates. */
  resultOf(kind: Kind, target: Target, keys?: readonly KeyType[]): Result;
  /** All kinds of the situations so far, by their index. */
  readonly kinds: readonly Kind[];
  /** What was made under this key for the target before, else what `make` makes; results that are equal are one object. */
  remembered(key: string, target: Target, make: () => Result): Result;
  built(sourced: Pick<Sourced, 'profile' | 'key'>, target: Target): Built;
  /** Whether the listener speaks TLS; `null` where that can't be known. */
  speaksTls(listener: Listener, target: Target): boolean | null;
}

export interface Result {
  readonly tls: boolean | null;
  readonly state: Offer['state'];
  readonly configured: ProtocolSet | null;
  readonly negotiable: ProtocolSet | null;
  readonly notes: readonly string[];
  /** It was worked out without the kinds of certificates' keys, which would make a difference. */
  readonly hangsOnKeys?: true;
}

const NO_TLS: Offer = { tls: false, state: 'default', configured: 0, negotiable: 0, decidedBy: [], notes: [] };
const NO_RESULT: Result = { tls: false, state: 'default', configured: 0, negotiable: 0, notes: [] };

/** The server whose ssl_protocols a client gets that asks for this one by name (NX-V3). */
export function nameDecides({ server, openssl }: Target): boolean {
  return atLeast(server, '1.29.2') && atLeast(openssl.version, '1.1.1');
}

/** Situations are numbered from `firstIndex`. */
export function createEvaluator(
  sourcedOf: (server: Server) => Sourced,
  fragment: boolean,
  firstIndex: number,
): Evaluator {
  const builtBy = new WeakMap<Target, Map<string, Built>>();
  const byKey = new WeakMap<Target, Map<string, Result>>();
  const results = new Map<Target, Array<Result | undefined>>();
  const share = createSharing();
  const toOffer = createOffers();
  const { kinds, situation, tlsOf } = createSituations(sourcedOf, fragment, firstIndex);

  const built: Evaluator['built'] = (sourced, target) =>
    remember(builtBy, target, sourced.key, () => buildContext(sourced.profile, target));

  const evaluated = (kind: Kind, target: Target, keys: readonly KeyType[]): Result => {
    const tls = tlsOn(kind.tls, target);
    if (tls === false) return NO_RESULT;
    return share(evaluate({ ...kind, tls, target }, keys, built, fragment));
  };

  const remembered: Evaluator['remembered'] = (key, target, make) => remember(byKey, target, key, () => share(make()));

  const resultOf: Evaluator['resultOf'] = (kind, target, keys) => {
    let ofTarget = results.get(target);
    if (!ofTarget) {
      ofTarget = [];
      results.set(target, ofTarget);
    }
    const general = ofTarget[kind.index] ?? evaluated(kind, target, []);
    ofTarget[kind.index] = general;
    if (!general.hangsOnKeys || !keys) return general;
    return remembered(`${kind.index}|${keys.join()}`, target, () => evaluated(kind, target, keys));
  };

  const offerIn = (of: Situation, target: Target): Offer => {
    const general = resultOf(of.kind, target);
    if (general === NO_RESULT) return NO_TLS;
    // Reading certificates is dear, and hardly ever needed.
    const result = general.hangsOnKeys ? resultOf(of.kind, target, of.own.keys()) : general;
    return toOffer(result, nameDecides(target) ? of.own : of.first);
  };

  return {
    built,
    kinds,
    resultOf,
    remembered,
    speaksTls: (listener, target) => tlsOn(tlsOf(listener), target),
    situation,
    offerIn,
  };
}

/** One Offer for one result and one place that decided it. */
function createOffers(): (result: Result, decider: Sourced) => Offer {
  const offers = new Map<Sourced, Array<readonly [Result, Offer]>>();
  return (result, decider) => {
    const known = offers.get(decider) ?? [];
    const found = known.find(each => each[0] === result);
    if (found) return found[1];
    const { tls, state, configured, negotiable, notes } = result;
    const decidedBy = known[0]?.[1].decidedBy ?? decidersOf(decider);
    const offer = { tls, state, configured, negotiable, notes, decidedBy };
    if (known.length === 0) offers.set(decider, known);
    known.push([result, offer]);
    return offer;
  };
}

/** The same object for targets that give the same. */
function createSharing(): (result: Result) => Result {
  const equals = new Map<string, Result>();
  return result => {
    const { tls, state, configured, negotiable, notes, hangsOnKeys } = result;
    const key = `${tls}${state}${configured},${negotiable},${hangsOnKeys}${notes.join('\n')}`;
    const known = equals.get(key) ?? result;
    equals.set(key, known);
    return known;
  };
}

/** All that decides, but for the keys of certificates. Whose directives they are is another matter. */
export interface Kind {
  readonly index: number;
  /** Those of one server of this kind, and of the default server of its listener: others mean the same. */
  readonly own: Sourced;
  readonly first: Sourced;
  /** `own` is `first`: the server is the default server, or has no context of its own. */
  readonly shares: boolean;
  readonly isDefault: boolean;
  readonly rejects: boolean;
  readonly canStart: boolean;
  readonly quic: boolean;
  /** STARTTLS. */
  readonly mail: boolean;
  readonly tls: Tls;
}

/** Whether a listener speaks TLS: always, or as its `ssl` directive says to versions that have it. */
type Tls = 'always' | 'never' | { readonly engine: boolean | null };

/** A class for its prototype: there is one for each server. */
export class Situation {
  /** Among all places of the model. */
  readonly index: number;
  readonly listener: Listener;
  readonly server: Server;
  readonly kind: Kind;
  readonly #sourcedOf: (server: Server) => Sourced;

  constructor(index: number, listener: Listener, server: Server, kind: Kind, sourcedOf: (server: Server) => Sourced) {
    this.index = index;
    this.listener = listener;
    this.server = server;
    this.kind = kind;
    this.#sourcedOf = sourcedOf;
  }

  get first(): Sourced {
    return this.#sourcedOf(this.listener.first.server);
  }

  get own(): Sourced {
    return this.kind.shares ? this.first : this.#sourcedOf(this.server);
  }

  /** The server whose directives decide for a target that looks at names, or does not. */
  decider(byName: boolean): Server {
    return byName && !this.kind.shares ? this.server : this.listener.first.server;
  }
}

interface Facts extends Omit<Kind, 'tls'> {
  readonly tls: boolean | null;
  readonly target: Target;
}

function createSituations(sourcedOf: (server: Server) => Sourced, fragment: boolean, firstIndex: number) {
  let index = firstIndex;
  const byServer = new Map<Server, Situation[]>();
  const tls = new Map<Listener, Tls>();
  const tlsOf = (listener: Listener): Tls => {
    const known = tls.get(listener) ?? tlsSaid(listener, fragment);
    tls.set(listener, known);
    return known;
  };
  const { kinds, kindOf } = createKinds(sourcedOf, tlsOf, fragment);
  const situation: Evaluator['situation'] = (listener, server) => {
    const others = byServer.get(server);
    const known = others?.find(each => isAlike(each, listener));
    if (known) return known;
    const made = new Situation(index, listener, server, kindOf(listener, server), sourcedOf);
    index++;
    if (others) others.push(made);
    else byServer.set(server, [made]);
    return made;
  };
  return { kinds, situation, tlsOf };
}

function createKinds(sourcedOf: (server: Server) => Sourced, tlsOf: (listener: Listener) => Tls, fragment: boolean) {
  const kinds: Kind[] = [];
  const byText = new Map<string, Kind>();
  const byShape = new Map<Listener, Map<Shape, Kind>>();
  const make = (listener: Listener, server: Server): Kind => {
    const fallback = listener.first.server;
    const first = sourcedOf(fallback);
    const isDefault = fallback === server;
    const own = !isDefault && hasContext(server, fragment) ? sourcedOf(server) : first;
    const shares = own === first;
    const reject = rejects(server, fragment);
    const canStart = hasContext(fallback, fragment);
    const { quic } = listener;
    const mail = listener.module === 'mail' && !listener.ssl;
    const tls = tlsOf(listener);
    const flags = `${isDefault}${shares}${reject}${canStart}${quic}${mail}${typeof tls === 'string' ? tls : tls.engine}`;
    const text = `${first.key}|${own.key}|${flags}|${first.gap ?? ''}|${own.gap ?? ''}`;
    const known = byText.get(text);
    if (known) return known;
    const made = { index: kinds.length, first, own, shares, isDefault, rejects: reject, canStart, quic, mail, tls };
    kinds.push(made);
    byText.set(text, made);
    return made;
  };
  const kindOf = (listener: Listener, server: Server): Kind => {
    if (listener.first.server === server) return make(listener, server);
    const ofListener = byShape.get(listener) ?? new Map<Shape, Kind>();
    byShape.set(listener, ofListener);
    const known = ofListener.get(server.shape) ?? make(listener, server);
    ofListener.set(server.shape, known);
    return known;
  };
  return { kinds, kindOf };
}

/** Whether one server meets the same on both listeners. Where a stream server passes clients on hangs on the listener too. */
function isAlike({ listener: one }: Situation, other: Listener): boolean {
  if (one === other) return true;
  const same = one.module === other.module && one.module !== 'stream' && one.first.server === other.first.server;
  return same && one.ssl && other.ssl && one.quic === other.quic;
}

function deciderOf({ first, own, target }: Facts): Sourced {
  return nameDecides(target) ? own : first;
}

function evaluate(facts: Facts, keys: readonly KeyType[], built: Evaluator['built'], fragment: boolean): Result {
  const { tls, target, first, own, isDefault, quic } = facts;
  const decider = deciderOf(facts);
  const gap = decider.gap ?? (tls === null ? 'whether TLS is on is said in a file that is not known' : undefined);
  if (gap !== undefined) return unknown(tls, `It can’t be known, since ${gap}.`);
  if (fragment && !isDefault && !nameDecides(target)) {
    return unknown(tls, 'It can’t be known, since the default server may be in a file that is not known.');
  }
  const notes: string[] = [];
  const base = built(first, target);
  const inForce = composed(base.context, built(own, target).context, target);
  const configured = quicOnly(built(decider, target).configured, quic);
  if (facts.mail) notes.push('TLS begins with STARTTLS.');
  if (first !== own && !nameDecides(target)) notes.push(DEFAULT_DECIDES);
  const blocked = blockedBy(facts);
  if (blocked !== undefined)
    return { tls, state: stateOf(decider), configured, negotiable: 0, notes: [...notes, blocked] };
  const negotiated = negotiate(base.context, inForce, own, keys, target);
  notes.push(...negotiated.notes);
  const negotiable = negotiated.set === null ? null : quicOnly(negotiated.set, quic);
  const hangs = keysMatter(base.context, inForce, target) ? ({ hangsOnKeys: true } as const) : {};
  return { tls, state: stateOf(decider), configured, negotiable, notes, ...hangs };
}

const KEY_SETS: ReadonlyArray<readonly KeyType[]> = [[undefined], ['rsa'], ['ec'], ['rsa', 'ec']];

/** Reading certificates is dear, and hardly ever does it matter what kind their keys are. */
function keysMatter(initial: Context, inForce: Context, target: Target): boolean {
  const early = nameDecides(target);
  const [first, ...others] = KEY_SETS.map(keys => serverVersions(target.openssl, initial, inForce, { early, keys }));
  return others.some(each => each.set !== first!.set || each.notes.join() !== first!.notes.join());
}

function negotiate(
  initial: Context,
  inForce: Context,
  { profile }: Sourced,
  known: readonly KeyType[],
  target: Target,
): Negotiated {
  const early = nameDecides(target);
  const ask = (keys: readonly KeyType[]) => serverVersions(target.openssl, initial, inForce, { early, keys });
  return withAssumedKey(ask, known.length > 0 ? known : [undefined], profile.mayBeEc);
}

const DEFAULT_DECIDES =
  'The default server of this address decides the protocols for all its names, since nginx is older than 1.29.2 (or OpenSSL than 1.1.1).';

/**
 * NX-V9: with SSL_set_SSL_CTX the suites and the level come along, the bounds never; the options do since 1.29.2.
 */
function composed(first: Context, own: Context, target: Target): Context {
  if (first === own) return first;
  const { ciphers, level, ciphersuites, groups } = own;
  return { ...first, flags: nameDecides(target) ? own.flags : first.flags, ciphers, level, ciphersuites, groups };
}

function blockedBy({ rejects: reject, canStart, isDefault }: Facts): string | undefined {
  if (!canStart) return 'The default server has no certificate, so that every handshake fails.';
  if (!reject) return undefined;
  return isDefault
    ? 'Clients without a known name are refused (`ssl_reject_handshake`).'
    : 'Clients that ask for this name are refused (`ssl_reject_handshake`).';
}

function quicOnly(set: ProtocolSet, quic: boolean): ProtocolSet {
  return quic ? set & TLSv1_3 : set;
}

function stateOf({ protocols, commands }: Sourced): 'set' | 'default' {
  return protocols.length > 0 || commands.some(item => PROTOCOL_COMMANDS.has((item.node.args[0] ?? '').toLowerCase()))
    ? 'set'
    : 'default';
}

/** Commands of SSL_CONF_cmd that decide versions. */
const PROTOCOL_COMMANDS = new Set(['protocol', 'minprotocol', 'maxprotocol']);

function decidersOf({ protocols, commands }: Sourced): readonly Origin[] {
  const deciding = commands.filter(item => PROTOCOL_COMMANDS.has((item.node.args[0] ?? '').toLowerCase()));
  return [...protocols, ...deciding].map(itemOrigin);
}

function unknown(tls: boolean | null, note: string): Result {
  return { tls, state: 'unknown', configured: null, negotiable: null, notes: [note] };
}

/** NX-V4, NX-V6. */
function tlsSaid(listener: Listener, fragment: boolean): Tls {
  if (listener.ssl || listener.quic) return 'always';
  const { scope } = listener.first.server;
  if (listener.module === 'mail') {
    const starttls = inherited(scope, 'starttls', fragment).items.at(-1)?.node.args[0];
    if (/^(?:on|only)$/i.test(starttls ?? '')) return 'always';
  }
  if (listener.module === 'stream') return 'never';
  const { items, gap } = inherited(scope, 'ssl', fragment);
  const said = items.at(-1);
  if (said) return { engine: isOn(said) };
  return gap === undefined || fragment ? 'never' : { engine: null };
}

function tlsOn(tls: Tls, { server }: Target): boolean | null {
  if (typeof tls === 'string') return tls === 'always';
  return atLeast(server, '1.25.1') ? false : tls.engine;
}

/** Whether the server has an SSL_CTX of its own (NX-V5, NX-V10). */
export function hasContext(server: Server, fragment: boolean): boolean {
  const { items, gap } = inherited(server.scope, 'ssl_certificate', fragment);
  return items.length > 0 || gap !== undefined || rejects(server, fragment);
}

function rejects(server: Server, fragment: boolean): boolean {
  return isOn(inherited(server.scope, 'ssl_reject_handshake', fragment).items.at(-1));
}

function remember<Value>(
  memory: WeakMap<Target, Map<string, Value>>,
  target: Target,
  key: string,
  make: () => Value,
): Value {
  let ofTarget = memory.get(target);
  if (!ofTarget) {
    ofTarget = new Map();
    memory.set(target, ofTarget);
  }
  let value = ofTarget.get(key);
  if (value === undefined) {
    value = make();
    ofTarget.set(key, value);
  }
  return value;
}
