/** What a client gets that connects to an address with a name (NX-V1, NX-V2, NX-V7, NX-T3). */
import type { Target } from '../../model/target.js';
import type { Answer, Endpoint, Model, Offer, Question } from '../../model/types.js';
import { type Address, readConnect, showAddress } from './listen.js';
import { takesIpv4 } from './listening.js';
import type { Facts } from './model.js';
import { createNameTable } from './names.js';
import { inherited, isOn, type Listener, type Resolved, type Server, showListener } from './resolve.js';
import type { Scope } from './scope.js';

/**
 * NX-T3: a stream server without TLS hands the client's bytes on. What the client meets is the listener that they go to;
 * `unknown` where that can't be told.
 */
type Passed = { readonly to: Listener } | { readonly unknown: string } | { readonly nobody: string };

export function passedOn(listener: Listener, server: Server, facts: Facts, target: Target): Passed | undefined {
  if (server.module !== 'stream' || listener.ssl || listener.udp) return undefined;
  const said = server.scope.settings.get('proxy_pass')?.at(-1)?.node.args[0];
  if (said === undefined || isOn(inherited(server.scope, 'proxy_ssl', facts.fragment).items.at(-1))) return undefined;
  const preread = isOn(inherited(server.scope, 'ssl_preread', facts.fragment).items.at(-1));
  const unknown = (why: string): Passed | undefined => (preread ? { unknown: why } : undefined);
  if (said.includes('$')) return unknown(`\`${said}\` says at run time where the client is passed to`);
  const [address, ...others] = facts.upstreams.get(said) ?? [said];
  const to = others.length > 0 || address === undefined ? undefined : readConnect(address);
  if (!to || !isOwn(to)) return unknown(`the client is passed to \`${said}\`, which is not part of this configuration`);
  const found = listenerAt(facts.resolved, to, false, target);
  if (!found) return { nobody: `Nothing listens on ${showAddress(to)}, to which this listener passes.` };
  return found === listener ? undefined : { to: found };
}

/** An address of this machine, as far as its name says so. */
function isOwn({ family, host }: Address): boolean {
  return family === 'unix' || host.startsWith('127.') || host === '::1';
}

/** `server` of each \`upstream\` of stream, by its name. */
export function upstreamsOf(scopes: readonly Scope[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const scope of scopes) {
    const name = scope.kind === 'upstream' && scope.module === 'stream' ? scope.item?.node.args[0] : undefined;
    if (name === undefined) continue;
    const servers = scope.item!.node.children.flatMap(each =>
      each.type === 'directive' && each.name === 'server' ? (each.args[0] ?? []) : [],
    );
    found.set(name, servers);
  }
  return found;
}

/** Bounds how far one listener is followed to the next: they may pass in a circle. */
const MOST_HOPS = 8;

function followed(listener: Listener, facts: Facts, target: Target): { at: Listener; end: Passed | undefined } {
  let at = listener;
  for (let hops = 0; hops < MOST_HOPS; hops++) {
    const next = passedOn(at, at.first.server, facts, target);
    if (!next || !('to' in next)) return { at, end: next };
    at = next.to;
  }
  return { at, end: { unknown: 'listeners pass the client on in a circle' } };
}

export function throughPass(passed: Passed, facts: Facts, target: Target): Offer {
  if ('unknown' in passed) return unknownOffer(null, passed.unknown);
  if ('nobody' in passed) return { ...NO_OFFER, notes: [passed.nobody] };
  const { at, end } = followed(passed.to, facts, target);
  if (end) return throughPass(end, facts, target);
  const offer = facts.evaluator.offerIn(facts.evaluator.situation(at, at.first.server), target);
  return {
    ...offer,
    notes: [...offer.notes, `What the client meets is ${showListener(at)}, to which this listener passes.`],
  };
}

const NO_OFFER: Offer = { tls: false, state: 'default', configured: 0, negotiable: 0, decidedBy: [], notes: [] };

function unknownOffer(tls: boolean | null, why: string): Offer {
  const notes = [`It can’t be known, since ${why}.`];
  return { tls, state: 'unknown', configured: null, negotiable: null, decidedBy: [], notes };
}

/** An IPv4 address written as an IPv6 one takes its clients where IPv6 sockets take IPv4. */
function mappedAt(
  of: (wanted: Omit<Address, 'port'>) => Listener | undefined,
  host: string,
  target: Target,
): Listener | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = host.split('.').map(Number);
  const mapped = of({ family: 'ipv6', host: `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}` });
  if (!mapped) return undefined;
  const both = of({ family: 'ipv6', host: '::' });
  return takesIpv4(both ?? mapped, target) ? mapped : undefined;
}

/** NX-V2: an own entry hides the wildcard of its port; `[::]` takes IPv4 as well with `ipv6only=off`. */
function listenerAt(
  { listeners }: Resolved,
  { family, host, port }: Address,
  udp: boolean,
  target: Target,
): Listener | undefined {
  const of = (wanted: Omit<Address, 'port'>) =>
    listeners.find(
      ({ address, udp: isUdp }) =>
        isUdp === udp && address.family === wanted.family && address.host === wanted.host && address.port === port,
    );
  const own = of({ family, host }) ?? (family === 'ipv4' ? mappedAt(of, host, target) : undefined);
  if (own || family === 'unix' || family === 'name') return own;
  if (family === 'ipv6') return of({ family, host: '::' });
  const wildcard = of({ family, host: '0.0.0.0' });
  const both = of({ family: 'ipv6', host: '::' });
  return wildcard ?? (both && takesIpv4(both, target) ? both : undefined);
}

export function answer(facts: Facts, question: Question, target: Target, offer: Model['offer']): Answer {
  const udp = question.connect.startsWith('quic:');
  const connect = question.connect.replace(/^(?:quic|imap|pop3|smtp):/, '');
  const address = readConnect(connect);
  if (!address) return nobody(facts, connect);
  const { resolved } = facts;
  const listener = listenerAt(resolved, address, udp, target) ?? listenerAt(resolved, address, true, target);
  const hidden = hiddenBy(resolved, address);
  const isOwnEntry = listener?.address.host === address.host;
  if (hidden !== undefined && !isOwnEntry) return { ...unknownOffer(null, hidden), endpoint: null };
  return listener ? answerAt(facts, listener, question, target, offer) : nobody(facts, connect);
}

/** A host name in `listen` stands for addresses that only the machine knows, and an address of its own hides others. */
function hiddenBy({ listeners }: Resolved, { family, host, port }: Address): string | undefined {
  if (family !== 'ipv4' && family !== 'ipv6') return undefined;
  for (const { address, entries } of listeners) {
    if (address.port !== port) continue;
    if (address.family === 'name') return `the addresses of \`${address.host}\` are not known`;
    // With ::1 it is as with other names.
    const local = host === '::1' && entries.some(({ item }) => /^localhost(?::|$)/i.test(item?.node.args[0] ?? ''));
    if (local) return 'the addresses of `localhost` are not known';
  }
  return undefined;
}

function answerAt(facts: Facts, listener: Listener, question: Question, target: Target, offer: Model['offer']): Answer {
  const fallback = listener.first.server;
  const passed = passedOn(listener, fallback, facts, target);
  if (passed) {
    const { at, end } = 'to' in passed ? followed(passed.to, facts, target) : { at: undefined, end: passed };
    const endpoint = endpointOf(facts, listener, fallback);
    if (end || !at) return { ...throughPass(end ?? passed, facts, target), endpoint };
    const found = answerAt(facts, at, question, target, offer);
    return { ...found, notes: [...found.notes, `${showListener(listener)} passes to ${showListener(at)}.`] };
  }
  const chosen = question.servername === undefined ? undefined : serverNamed(listener, question.servername);
  if (chosen && 'unknown' in chosen) {
    const endpoint = endpointOf(facts, listener, fallback);
    return { ...unknownOffer(facts.evaluator.speaksTls(listener, target), chosen.unknown), endpoint };
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

function endpointOf({ endpoints, placeOf, evaluator }: Facts, listener: Listener, server: Server): Endpoint {
  const place = evaluator.situation(listener, server);
  const listen = showListener(listener);
  for (const endpoint of endpoints) {
    if (endpoint.listen === listen && placeOf(endpoint) === place) return endpoint;
  }
  throw new RangeError('Unexpected listener of another model');
}

function nobody({ resolved, top, fragment }: Facts, connect: string): Answer {
  const hidden = top.gaps[0] ?? resolved.modules.flatMap(scope => scope.gaps)[0] ?? resolved.unknownListens[0]?.reason;
  if (hidden === undefined && !fragment)
    return { ...NO_OFFER, notes: [`Nothing listens on ${connect}.`], endpoint: null };
  return { ...unknownOffer(null, hidden ?? 'the rest of the configuration is not here'), endpoint: null };
}
