/** The SSL_CTX that mod_ssl makes of one server's settings (`ssl_init_ctx`, modules/ssl/ssl_engine_init.c). */
import { type Context, createContext, type KeyType, setCipherList, setCiphersuites } from '../../model/openssl.js';
import { NONE, newest, type ProtocolSet, protocolSet, SSLv2, SSLv3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import { atLeast } from '../../model/versions.js';
import { wildcard } from '../wildcard.js';
import { counterpart, kindsOf } from './kinds.js';
import type { Reading } from './read.js';
import { type Line, lastLine, type ProxySection, type Scope } from './scope.js';
import { keyTypes, mayBeEc } from './settings/certificate.js';
import { fullCipherList, lastCipherSuite } from './settings/cipher-suite.js';
import { applyCommands, commandName, commandsOf, versionCommands } from './settings/conf-command.js';
import { allVersions, defaultVersions, readProtocol } from './settings/protocol.js';
import { since } from './since.js';

export interface Made {
  /** The same object for all contexts that differ in the lines that they come from alone. */
  readonly alike: object;
  /** A line of the virtual host itself takes part; without one, those with the same keys share the context. */
  readonly hasOwnLines: boolean;
  readonly context: Context;
  /** What the directive alone allows; `NONE` stops the server. */
  readonly protocols: ProtocolSet;
  /** `SSLProtocol` of this scope or of the main server; `protocol_set` of mod_ssl. */
  readonly protocolLine: Line | undefined;
  /** The directives that decide which versions are on, in the order in which they are applied. */
  readonly boundsBy: readonly Line[];
  readonly flagsBy: readonly Line[];
  readonly keys: readonly KeyType[];
  /** A certificate's name speaks of an elliptic curve. */
  readonly mayBeEc: boolean;
  /** The security level when certificates are loaded; absent where it can't be known. */
  readonly loadLevel?: number;
  readonly cipherError?: { readonly message: string; readonly line?: Line };
  readonly refusedCommand?: Line;
  /** A full sentence where the versions can't be known. */
  readonly unknown?: string;
  /** A full sentence where the library's choice of suites and levels can't be known. */
  readonly unknownLists?: string;
}

/** Whether versions are chosen by bounds: OpenSSL 1.1.0, which httpd supports from 2.4.26 on. */
export function hasBounds(target: Target): boolean {
  return since(target, '2.4.26') && atLeast(target.openssl.version, '1.1.0');
}

/** Up to 2.4.12 and 2.2.29, `all` in a virtual host is as if it were not there (PR 57100): AP-M3. */
function isLostAll(set: ProtocolSet, target: Target): boolean {
  const fixed = since(target, '2.3.0') ? '2.4.13' : '2.2.30';
  return !since(target, fixed) && set === allVersions(target);
}

/** The line in force for a scope; the main server's where the scope has none of its own. */
function protocolLineOf(scope: Scope, main: Scope, target: Target): Line | undefined {
  const own = lastLine(scope, 'sslprotocol');
  if (own && (scope === main || !isLostAll(protocolsOf(own, target), target))) return own;
  return policyOf(scope, target) ?? lastLine(main, 'sslprotocol') ?? policyOf(main, target) ?? own;
}

/** `SSLPolicy` is trunk's alone. */
function policyOf(scope: Scope, target: Target): Line | undefined {
  return target.trunk ? lastLine(scope, 'sslpolicy') : undefined;
}

/** Protocols of the built-in policies (modules/ssl/ssl_policies.h of trunk). */
const POLICIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['modern', ['+TLSv1.2', '+TLSv1.3']],
  ['intermediate', ['all', '-SSLv3']],
  ['old', ['all']],
]);

function protocolsOf(line: Line, target: Target): ProtocolSet {
  const words = line.args.map(arg => arg.text);
  const policy = line.key === 'sslpolicy' ? (POLICIES.get(words[0] ?? '') ?? []) : words;
  return readProtocol(policy, target).set;
}

/** `ssl_init_ctx_protocol`: bounds without holes below the highest version, or flags (AP-H1). */
function setProtocols(context: Context, set: ProtocolSet, target: Target): void {
  if (hasBounds(target)) {
    context.max = newest(set);
    context.min = lowestWithoutGap(set);
    return;
  }
  const known = allVersions(target) | protocolSet(['SSLv3']) | (since(target, '2.3.0') ? NONE : SSLv2);
  context.flags &= ~(known & ~set);
  // One version alone gets the method of that version, which no command widens (`ssl_init_ctx_protocol`).
  if (since(target, '2.3.0') && set !== NONE && set === newest(set)) {
    context.min = set;
    context.max = set;
  }
  if (since(target, '2.3.0')) context.flags &= ~SSLv2;
}

/** The lowest version of the range that ends at the newest one. */
function lowestWithoutGap(set: ProtocolSet): ProtocolSet {
  let lowest = newest(set);
  while (lowest > SSLv3 && (set & (lowest >> 1)) !== 0) lowest >>= 1;
  return lowest;
}

/** What bounds make of a set. */
export function withoutHoles(set: ProtocolSet, target: Target): ProtocolSet {
  if (!hasBounds(target) || set === NONE) return set;
  const lowest = lowestWithoutGap(set);
  return set & ~(lowest - 1);
}

/** The contexts of one reading on one target; equal settings share one. */
export interface Contexts {
  serverOf(scope: Scope): Made;
  clientOf(scope: Scope, url: string): Made;
}

export function createContexts(reading: Reading, target: Target): Contexts {
  const kinds = kindsOf(reading);
  const shared = new Map<string, Made>();
  const servers = new Map<Scope, Made>();
  const makeServer = (scope: Scope): Made => {
    const plan = planServer(reading, scope, target);
    const key = keyOf(plan);
    const made = shared.get(key) ?? make(plan, target);
    shared.set(key, made);
    return made;
  };
  const serverOf = (scope: Scope): Made => {
    let made = servers.get(scope);
    if (made) return made;
    const first = kinds.firstOf(scope);
    made = first === scope ? makeServer(scope) : moved(serverOf(first), first, scope);
    servers.set(scope, made);
    return made;
  };
  return { serverOf, clientOf: (scope, url) => make(planClient(reading, scope, url, target), target) };
}

/** What was made of the first scope of a kind, with the lines of another one. */
function moved(made: Made, first: Scope, scope: Scope): Made {
  const { protocolLine, boundsBy, flagsBy, cipherError, refusedCommand } = made;
  if (!made.hasOwnLines) return made;
  const move = (line: Line) => counterpart(line, first, scope);
  return {
    ...made,
    protocolLine: protocolLine && move(protocolLine),
    boundsBy: boundsBy.map(move),
    flagsBy: flagsBy.map(move),
    ...(cipherError?.line && { cipherError: { ...cipherError, line: move(cipherError.line) } }),
    ...(refusedCommand && { refusedCommand: move(refusedCommand) }),
  };
}

/** The lines that a context is made of. */
interface Plan {
  readonly protocol: Line | undefined;
  readonly ciphers: { readonly line: Line; readonly spec: string } | undefined;
  readonly ciphersuites: { readonly line: Line; readonly spec: string } | undefined;
  readonly commands: readonly Line[];
  readonly keys: readonly KeyType[];
  /** A certificate's name speaks of an elliptic curve. */
  readonly mayBeEc: boolean;
  readonly unknown: string | undefined;
}

function planServer(reading: Reading, scope: Scope, target: Target): Plan {
  const { main } = reading;
  const protocol = protocolLineOf(scope, main, target);
  const scopes = scope === main ? [main] : [scope, main];
  return {
    protocol,
    ciphers: lastCipherSuite(scopes, 'sslciphersuite', 'tls12', target),
    ciphersuites: lastCipherSuite(scopes, 'sslciphersuite', 'tls13', target),
    commands: commandsOf(scope, main),
    keys: keyTypes(reading, scope),
    mayBeEc: mayBeEc(reading, scope),
    unknown: whyUnknown(reading, scope, protocol),
  };
}

function planClient(reading: Reading, scope: Scope, url: string, target: Target): Plan {
  const { main } = reading;
  const places = [...proxySections(reading, scope, url, target).toReversed(), scope, ...(scope === main ? [] : [main])];
  const protocol = places.map(place => lastLine(place, 'sslproxyprotocol')).find(line => line !== undefined);
  return {
    protocol,
    ciphers: lastCipherSuite(places, 'sslproxyciphersuite', 'tls12', target),
    ciphersuites: lastCipherSuite(places, 'sslproxyciphersuite', 'tls13', target),
    commands: [],
    keys: [],
    mayBeEc: false,
    unknown: whyUnknown(reading, scope, protocol) ?? doubtOf(doubtfulSection(reading, scope, url, target), url),
  };
}

/** `<Proxy>` sections that fit the URL, in the order in which they are merged. Before 2.4.30 they hold no TLS settings. */
export function proxySections(reading: Reading, scope: Scope, url: string, target: Target): ProxySection[] {
  if (!since(target, '2.4.30')) return [];
  const sections = scope === reading.main ? scope.proxies : [...reading.main.proxies, ...scope.proxies];
  return sections.filter(section => fits(section, url));
}

/** A section with TLS settings of which it can't be told whether it fits the URL. */
export function doubtfulSection(reading: Reading, scope: Scope, url: string, target: Target): ProxySection | undefined {
  if (!since(target, '2.4.30')) return undefined;
  const sections = scope === reading.main ? scope.proxies : [...reading.main.proxies, ...scope.proxies];
  return sections.find(section => section.lines.size > 0 && fits(section, url) === undefined);
}

/** `undefined` where that hangs on an expression: none is run here, since it is text that nobody vouches for. */
function fits({ kind, pattern }: ProxySection, url: string): boolean | undefined {
  if (pattern === '*') return true;
  if (kind === 'prefix') return url.startsWith(pattern);
  if (kind === 'wildcard') return wildcard(pattern)(url);
  return fitsExpression(pattern, url);
}

/** A literal text with or without its ends, `.*` behind it; of all else, that its literal head is missing. */
function fitsExpression(pattern: string, url: string): boolean | undefined {
  const anchored = pattern.startsWith('^');
  const body = anchored ? pattern.slice(1) : pattern;
  const open = body.replace(/(?:\.\*|\(\.\*\))\$?$/, '');
  const closed = open === body && body.endsWith('$') && !body.endsWith('\\$');
  const literal = (closed ? open.slice(0, -1) : open).replace(/\\([./:-])/g, '\0$1');
  const stop = literal.search(/[\\^$.|?*+()[\]{}]/g);
  const plain = literal.replaceAll('\0.', '.').replaceAll('\0', '');
  if (!/[\\^$|?*+()[\]{}]|(?<!\0)\./.test(literal)) {
    if (closed) return anchored ? url === plain : url.endsWith(plain);
    return anchored ? url.startsWith(plain) : url.includes(plain);
  }
  const head = literal.slice(0, Math.max(stop, 0)).replaceAll('\0', '');
  const alternatives = /[|?*{]/.test(literal);
  return anchored && !alternatives && !url.startsWith(head) ? false : undefined;
}

function doubtOf(section: ProxySection | undefined, url: string): string | undefined {
  return section && `Whether \`<ProxyMatch ${section.pattern}>\` holds for \`${url}\` is not known here.`;
}

/** An include that is not there may hold a later line, and in a fragment another file may hold one. */
function whyUnknown({ main, fragment }: Reading, scope: Scope, line: Line | undefined): string | undefined {
  if (line?.unknown !== undefined) return line.unknown;
  const from = line?.scope === scope ? line.order : -1;
  const missing = scope.missing.find(each => each.order > from);
  if (missing) return missing.note;
  if (line?.scope === scope && (scope !== main || !fragment)) return undefined;
  const inherited = line?.scope === main ? line.order : -1;
  const above = main.missing.find(each => each.order > inherited);
  if (above) return above.note;
  return fragment && !line ? 'What it inherits is not known: the file that includes this one was not read.' : undefined;
}

function keyOf({ protocol, ciphers, ciphersuites, commands, keys, mayBeEc: ec, unknown }: Plan): string {
  const orders = commands.map(line => line.order).join(',');
  return [protocol?.order, ciphers?.line.order, ciphersuites?.line.order, orders, keys.join(','), ec, unknown].join(
    '|',
  );
}

function make(plan: Plan, target: Target): Made {
  const { protocol, ciphers, ciphersuites, commands, keys, unknown } = plan;
  const { openssl } = target;
  const context = createContext(openssl);
  // mod_ssl always has DH parameters to give.
  context.dh = true;
  const protocols = protocol ? protocolsOf(protocol, target) : defaultVersions(target);
  setProtocols(context, protocols, target);
  const byPolicy = ciphers?.spec.startsWith(SYSTEM_POLICY) === true;
  const list = byPolicy ? undefined : ciphers?.spec;
  let cipherError = describe(setCipherList(openssl, context, fullCipherList(list, target)), ciphers?.line);
  if (ciphersuites) cipherError ??= describe(setCiphersuites(openssl, context, ciphersuites.spec), ciphersuites.line);
  const loadLevel = byPolicy || ciphers?.line.unknown !== undefined ? undefined : context.level;
  const refusedCommand = applyCommands(context, commands, target);
  return {
    alike: context,
    hasOwnLines: [protocol, ciphers?.line, ciphersuites?.line, ...commands].some(line => line?.scope.kind === 'vhost'),
    context,
    protocols,
    protocolLine: protocol,
    ...decidedBy(protocol, commands, target),
    keys,
    mayBeEc: plan.mayBeEc,
    ...(loadLevel !== undefined && { loadLevel }),
    ...(cipherError && { cipherError }),
    ...(refusedCommand && { refusedCommand }),
    ...(unknown !== undefined && { unknown }),
    ...(byPolicy && { unknownLists: 'What `PROFILE=SYSTEM` allows is up to the crypto policy of the machine.' }),
  };
}

/** Red Hat's OpenSSL takes its lists from the crypto policy of the machine; others know no such word. */
const SYSTEM_POLICY = 'PROFILE=';

function describe(message: string | undefined, line: Line | undefined): Made['cipherError'] {
  return message === undefined ? undefined : { message, ...(line && { line }) };
}

/** Where both bounds are set by commands, the directive has no say (AP-O1). */
function decidedBy(
  protocol: Line | undefined,
  commands: readonly Line[],
  target: Target,
): Pick<Made, 'boundsBy' | 'flagsBy'> {
  const relevant = versionCommands(commands);
  const bounds = relevant.filter(line => commandName(line) !== 'protocol');
  const flagsBy = relevant.filter(line => commandName(line) === 'protocol');
  const overridden = hasBounds(target) && bounds.length === 2;
  return { boundsBy: protocol && !overridden ? [protocol, ...bounds] : bounds, flagsBy };
}
