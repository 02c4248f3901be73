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
import { type Built, buildContext } from './tls.js';

export interface Evaluator {
  /** What of a listener and one of its servers matters, whatever the target: the same object where that is the same. */
  situation(listener: Listener, server: Server): Situation;
  offerIn(situation: Situation, target: Target): Offer;
  built(sourced: Pick<Sourced, 'profile' | 'key'>, target: Target): Built;
  /** Whether the listener speaks TLS; `null` where that can't be known. */
  speaksTls(listener: Listener, target: Target): boolean | null;
}

interface Result {
  readonly tls: boolean | null;
  readonly state: Offer['state'];
  readonly configured: ProtocolSet | null;
  readonly negotiable: ProtocolSet | null;
  readonly notes: readonly string[];
  /** It was worked out without the kinds of certificates' keys, which would make a difference. */
  readonly hangsOnKeys?: true;
}

const NO_TLS: Offer = { tls: false, state: 'default', configured: 0, negotiable: 0, decidedBy: [], notes: [] };

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
  const byKeys = new WeakMap<Target, Map<string, Result>>();
  const tables = new Map<Target, Table>();
  const equals = new Map<string, Result>();
  const toOffer = createOffers();

  const built: Evaluator['built'] = (sourced, target) =>
    remember(builtBy, target, sourced.key, () => buildContext(sourced.profile, target));

  /** Without the keys of certificates, and with them where that makes a difference. */
  const resultIn = (situation: Situation, target: Target, tls: boolean | null): Result => {
    const { byKind } = tableOf(target);
    const at = 2 * situation.kind + (tls ? 1 : 0);
    const known = byKind[at];
    if (known && !known.hangsOnKeys) return known;
    const facts = { ...situation, tls, target };
    const general = known ?? shareEqual(evaluate(facts, [], built, fragment), equals);
    byKind[at] = general;
    if (!general.hangsOnKeys) return general;
    const keys = situation.own.keys();
    const key = `${at}|${keys.join()}`;
    return remember(byKeys, target, key, () => shareEqual(evaluate(facts, keys, built, fragment), equals));
  };

  const tableOf = (target: Target): Table => {
    const known = tables.get(target);
    if (known) return known;
    const made: Table = { byKind: [], byName: nameDecides(target) };
    tables.set(target, made);
    return made;
  };

  const situation = createSituations(sourcedOf, fragment, firstIndex);

  const offerIn = (of: Situation, target: Target): Offer => {
    const tls = tlsOn(of.listener, target, fragment);
    if (tls === false) return NO_TLS;
    const result = resultIn(of, target, tls);
    return toOffer(result, tableOf(target).byName ? of.own : of.first);
  };

  return {
    built,
    speaksTls: (listener, target) => tlsOn(listener, target, fragment),
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
function shareEqual(result: Result, equals: Map<string, Result>): Result {
  const { tls, state, configured, negotiable, notes } = result;
  const key = `${tls}${state}${configured},${negotiable},${result.hangsOnKeys}${notes.join('\n')}`;
  const known = equals.get(key);
  if (known) return known;
  equals.set(key, result);
  return result;
}

/** Of one target. */
interface Table {
  /** At twice the kind of a situation, and one more where TLS is surely on. */
  readonly byKind: Array<Result | undefined>;
  /** `nameDecides` */
  readonly byName: boolean;
}

export interface Situation {
  /** Among all places of the model. */
  readonly index: number;
  readonly listener: Listener;
  readonly server: Server;
  readonly first: Sourced;
  readonly own: Sourced;
  readonly isDefault: boolean;
  readonly rejects: boolean;
  readonly canStart: boolean;
  readonly quic: boolean;
  /** STARTTLS. */
  readonly mail: boolean;
  /** Equal where all that decides is equal, but for the kinds of certificates' keys. */
  readonly kind: number;
}

interface Facts extends Situation {
  readonly tls: boolean | null;
  readonly target: Target;
}

function createSituations(
  sourcedOf: (server: Server) => Sourced,
  fragment: boolean,
  firstIndex: number,
): Evaluator['situation'] {
  let index = firstIndex;
  const kinds = new Map<string, number>();
  const byServer = new Map<Server, Situation[]>();
  return (listener, server) => {
    const others = byServer.get(server);
    const known = others?.find(each => isAlike(each, listener));
    if (known) return known;
    const fallback = listener.first.server;
    const first = sourcedOf(fallback);
    const isDefault = fallback === server;
    const own = !isDefault && hasContext(server, fragment) ? sourcedOf(server) : first;
    const reject = rejects(server, fragment);
    const canStart = hasContext(fallback, fragment);
    const { quic } = listener;
    const mail = listener.module === 'mail' && !listener.ssl;
    const flags = `${isDefault}${own === first}${reject}${canStart}${quic}${mail}`;
    const key = `${first.key}|${own.key}|${flags}|${first.gap ?? ''}|${own.gap ?? ''}`;
    const kind = kinds.get(key) ?? kinds.size;
    kinds.set(key, kind);
    const made = { index, listener, server, first, own, isDefault, rejects: reject, canStart, quic, mail, kind };
    index++;
    if (others) others.push(made);
    else byServer.set(server, [made]);
    return made;
  };
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
function tlsOn(listener: Listener, { server }: Target, fragment: boolean): boolean | null {
  if (listener.ssl || listener.quic) return true;
  if (listener.module === 'mail') {
    const starttls = inherited(listener.first.server.scope, 'starttls', fragment).items.at(-1)?.node.args[0];
    if (/^(?:on|only)$/i.test(starttls ?? '')) return true;
  }
  if (listener.module === 'stream' || atLeast(server, '1.25.1')) return false;
  const { items, gap } = inherited(listener.first.server.scope, 'ssl', fragment);
  const said = items.at(-1);
  if (said) return isOn(said);
  return gap === undefined || fragment ? false : null;
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
