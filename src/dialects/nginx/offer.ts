/** What one server of one listener offers, for one target (NX-V3 to NX-V10, NX-Q1, NX-T1 to NX-T4). */
import { type Context, type KeyType, type Negotiated, serverVersions } from '../../model/openssl.js';
import { type ProtocolSet, TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Offer, Origin } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import type { Sourced } from './profile.js';
import { inherited, isOn, type Listener, type Server } from './resolve.js';
import { itemOrigin } from './scopes.js';
import { type Built, buildContext } from './tls.js';

export interface Evaluator {
  offer(listener: Listener, server: Server, target: Target): Offer;
  built(sourced: Sourced, target: Target): Built;
  /** Whether the listener speaks TLS; `null` where that can't be known. */
  speaksTls(listener: Listener, target: Target): boolean | null;
}

interface Result {
  readonly tls: boolean | null;
  readonly state: Offer['state'];
  readonly configured: ProtocolSet | null;
  readonly negotiable: ProtocolSet | null;
  readonly notes: readonly string[];
}

const NO_TLS: Offer = { tls: false, state: 'default', configured: 0, negotiable: 0, decidedBy: [], notes: [] };

/** The server whose ssl_protocols a client gets that asks for this one by name (NX-V3). */
export function nameDecides({ server, openssl }: Target): boolean {
  return atLeast(server, '1.29.2') && atLeast(openssl.version, '1.1.1');
}

export function createEvaluator(sourcedOf: (server: Server) => Sourced, fragment: boolean): Evaluator {
  const builtBy = new WeakMap<Target, Map<string, Built>>();
  const results = new WeakMap<Target, Map<string, Result>>();
  const offers = new Map<Result, Map<Sourced, Offer>>();

  const built = (sourced: Sourced, target: Target) =>
    remember(builtBy, target, sourced.key, () => buildContext(sourced.profile, target));

  /** One Offer for one result and one place that decided it. */
  const toOffer = (result: Result, decider: Sourced): Offer => {
    let ofResult = offers.get(result);
    if (!ofResult) {
      ofResult = new Map();
      offers.set(result, ofResult);
    }
    let offer = ofResult.get(decider);
    if (!offer) {
      offer = { ...result, decidedBy: decidersOf(decider) };
      ofResult.set(decider, offer);
    }
    return offer;
  };

  const speaksTls = (listener: Listener, target: Target) => tlsOn(listener, target, fragment);

  return {
    built,
    speaksTls,
    offer(listener, server, target) {
      const tls = speaksTls(listener, target);
      if (tls === false) return NO_TLS;
      const fallback = listener.first.server;
      const first = sourcedOf(fallback);
      const own = sourcedOf(server);
      const isDefault = fallback === server;
      const facts = {
        tls,
        target,
        first,
        own: !isDefault && hasContext(server, fragment) ? own : first,
        isDefault,
        rejects: rejects(server, fragment),
        canStart: hasContext(fallback, fragment),
        quic: listener.quic,
        mail: listener.module === 'mail' && !listener.ssl,
      };
      const key = `${facts.first.key}|${facts.own.key}|${factKey(facts)}`;
      const result = remember(results, target, key, () => evaluate(facts, built, fragment));
      return toOffer(result, deciderOf(facts));
    },
  };
}

interface Facts {
  readonly tls: boolean | null;
  readonly target: Target;
  readonly first: Sourced;
  readonly own: Sourced;
  readonly isDefault: boolean;
  readonly rejects: boolean;
  readonly canStart: boolean;
  readonly quic: boolean;
  /** STARTTLS. */
  readonly mail: boolean;
}

function factKey(facts: Facts): string {
  const { tls, isDefault, rejects: reject, canStart, quic, mail, first, own } = facts;
  return `${tls}${isDefault}${reject}${canStart}${quic}${mail}|${first.gap ?? ''}|${own.gap ?? ''}`;
}

function deciderOf({ first, own, target }: Facts): Sourced {
  return nameDecides(target) ? own : first;
}

function evaluate(facts: Facts, built: Evaluator['built'], fragment: boolean): Result {
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
  const negotiated = negotiate(base.context, inForce, own, target);
  notes.push(...negotiated.notes);
  const negotiable = negotiated.set === null ? null : quicOnly(negotiated.set, quic);
  return { tls, state: stateOf(decider), configured, negotiable, notes };
}

/**
 * Where the answer hangs on a certificate that can't be read, its key is taken for RSA if that offers all that the other
 * kind would: so a version that may be open is never called closed.
 */
function negotiate(initial: Context, inForce: Context, { profile }: Sourced, target: Target): Negotiated {
  const early = nameDecides(target);
  const keys = profile.keys.length > 0 ? profile.keys : [undefined];
  const ask = (kinds: readonly KeyType[]) => serverVersions(target.openssl, initial, inForce, { early, keys: kinds });
  const open = ask(keys);
  if (open.set !== null || profile.mayBeEc) return open;
  const [rsa, ec] = [ask(['rsa']), ask(['ec'])];
  if (rsa.set === null || ec.set === null || (ec.set & ~rsa.set) !== 0) return open;
  return { set: rsa.set, notes: [...rsa.notes, 'The certificate can’t be read here; its key is taken for RSA.'] };
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
export const PROTOCOL_COMMANDS = new Set(['protocol', 'minprotocol', 'maxprotocol']);

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

export function rejects(server: Server, fragment: boolean): boolean {
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
