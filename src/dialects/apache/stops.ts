/** What keeps httpd from starting: words it refuses while reading, contexts that mod_ssl can't make. */
import { createContext, keyWords, refusesKey } from '../../model/openssl.js';
import { NONE } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import type { Made } from './contexts.js';
import { kindsOf } from './kinds.js';
import type { Offers } from './offer.js';
import type { Reading } from './read.js';
import { type Line, lastLine, linesOf, type Scope } from './scope.js';
import { keySizes } from './settings/certificate.js';
import { readCipherSuite } from './settings/cipher-suite.js';
import { isRefusedCommand } from './settings/conf-command.js';
import { readEngine } from './settings/engine.js';
import { readProtocol } from './settings/protocol.js';
import { rustlsFault } from './settings/rustls.js';
import { since } from './since.js';

/** The message for a target that is stopped. */
interface Check {
  readonly scope: Scope;
  readonly origin: Origin;
  /** A variable without a value is in it. */
  readonly unknown?: boolean;
  readonly message: (target: Target) => string | undefined;
}

export interface Stops {
  /** What the judged target refuses, and everything that could not be read. */
  readonly problems: readonly LoadProblem[];
  stops(target: Target): boolean;
}

export function createStops(reading: Reading, offersFor: (target: Target) => Offers, judged: Target): Stops {
  const { firsts, firstOf } = kindsOf(reading);
  // What the first of a kind passes, all of it pass.
  const checks = checksOf(reading, firsts, offersFor);
  const wrong = new Set(checks.filter(check => check.message(judged) !== undefined).map(({ scope }) => scope));
  const suspects = [reading.main, ...reading.vhosts].filter(scope => wrong.has(firstOf(scope)));
  const found = checksOf(reading, suspects, offersFor)
    .map(check => problemOf(check, judged))
    .filter(problem => problem !== undefined);
  const told = reading.problems.filter(problem => problem.kind !== 'refused' || problem.stops(judged));
  return {
    problems: [...told, ...found],
    stops: target =>
      reading.problems.some(problem => problem.stops(target)) ||
      checks.some(check => check.message(target) !== undefined),
  };
}

/** All lines first, then what is made of them. */
function checksOf(reading: Reading, scopes: readonly Scope[], offersFor: (target: Target) => Offers): readonly Check[] {
  return [...lineChecks(scopes), ...scopeChecks(reading, scopes, offersFor)];
}

function problemOf(check: Check, judged: Target): LoadProblem | undefined {
  const message = check.message(judged);
  if (message === undefined) return undefined;
  const { origin, unknown } = check;
  const stops = (target: Target) => check.message(target) !== undefined;
  return { kind: 'refused', origin, message, ...(unknown && { unknown }), stops };
}

// --- while reading

type LineCheck = (line: Line, target: Target) => string | undefined;

const LINE_CHECKS: ReadonlyMap<string, LineCheck> = new Map<string, LineCheck>([
  ['sslprotocol', checkProtocol],
  ['sslproxyprotocol', checkProtocol],
  ['sslciphersuite', checkCipherSuite],
  ['sslproxyciphersuite', checkCipherSuite],
  ['sslengine', checkEngine],
  ['sslproxyengine', checkEngine],
  ['sslopensslconfcmd', checkCommand],
  ['sslcertificatefile', checkOneArgument],
  ['servername', checkServerName],
  ['tlsengine', rustlsFault],
  ['tlsprotocol', rustlsFault],
]);

/** Those that name a value of a variable. */
const TLS_VALUES = /^\$\{|`\$\{/;

function lineChecks(scopes: readonly Scope[]): Check[] {
  const checks: Check[] = [];
  const add = (scope: Scope, place: { readonly lines: ReadonlyMap<string, Line[]> }) => {
    for (const [key, check] of LINE_CHECKS) {
      for (const line of place.lines.get(key) ?? []) {
        const unknown = line.unknown !== undefined;
        checks.push({ scope, origin: line.origin, unknown, message: target => checkKnown(line, target, check) });
      }
    }
  };
  for (const scope of scopes) {
    add(scope, scope);
    for (const proxy of scope.proxies) add(scope, proxy);
  }
  return checks;
}

/** A variable that nothing defines stays as it is written, which no TLS directive takes. */
function checkKnown(line: Line, target: Target, check: LineCheck): string | undefined {
  if (line.unknown === undefined) return check(line, target);
  if (line.key === 'sslcertificatefile' || line.key === 'servername' || !TLS_VALUES.test(line.unknown))
    return undefined;
  return `Unexpected variable without a value: ${line.unknown.replace(/\.$/, '')}`;
}

function checkProtocol({ args }: Line, target: Target): string | undefined {
  const { tokens } = readProtocol(
    args.map(arg => arg.text),
    target,
  );
  const wrong = tokens.find(token => token.refused !== undefined);
  return wrong && `Unexpected protocol \`${wrong.name}\`, which the server does not start with`;
}

function checkCipherSuite({ args, origin }: Line, target: Target): string | undefined {
  const { list } = readCipherSuite(
    args.map(arg => arg.text),
    target,
  );
  if (list !== 'refused') return undefined;
  return `Unexpected arguments of \`${origin.directive}\`, expected a list of cipher suites, behind \`SSL\` or \`TLSv1.3\` from httpd 2.4.36 on`;
}

function checkEngine(line: Line): string | undefined {
  if (readEngine(line) !== 'refused') return undefined;
  return `Unexpected \`${line.args[0]?.text ?? ''}\`, expected \`on\` or \`off\``;
}

function checkCommand(line: Line, target: Target): string | undefined {
  if (!since(target, '2.4.8')) return undefined;
  if (!isRefusedCommand(line, target, createContext(target.openssl))) return undefined;
  return `Unexpected \`${line.args[0]?.text ?? ''}\`, expected a command of OpenSSL and its value`;
}

function checkOneArgument({ args, origin }: Line): string | undefined {
  return args.length === 1 ? undefined : `Unexpected ${args.length} arguments of \`${origin.directive}\`, expected one`;
}

function checkServerName({ args }: Line, target: Target): string | undefined {
  if (args.length !== 1) return `Unexpected ${args.length} arguments of \`ServerName\`, expected one`;
  const [name] = args;
  if (!name?.text.includes('*') || !since(target, '2.4.25')) return undefined;
  return `Unexpected \`*\` in \`ServerName ${name.text}\`, expected it in \`ServerAlias\``;
}

// --- when contexts are made

function* scopeChecks(
  reading: Reading,
  scopes: readonly Scope[],
  offersFor: (target: Target) => Offers,
): Generator<Check> {
  for (const scope of scopes) {
    if (concernsTls(reading, scope))
      yield {
        scope,
        origin: originOf(reading, scope),
        message: target => checkServer(reading, scope, target, offersFor(target)),
      };
    if (concernsProxy(reading, scope))
      yield {
        scope,
        origin: originOf(reading, scope, 'sslproxyprotocol'),
        message: target => checkClient(scope, offersFor(target)),
      };
  }
}

function concernsTls({ main }: Reading, scope: Scope): boolean {
  return scope.kind === 'vhost' || linesOf(main, 'sslengine').length > 0 || linesOf(main, 'protocol').length > 0;
}

function concernsProxy({ main }: Reading, scope: Scope): boolean {
  return linesOf(scope, 'sslproxyengine').length > 0 || linesOf(main, 'sslproxyengine').length > 0;
}

/** The line that makes it so, or the virtual host. */
function originOf({ main }: Reading, scope: Scope, key = 'sslprotocol'): Origin {
  const line = lastLine(scope, key) ?? (scope === main ? lastLine(main, 'sslengine') : undefined);
  return line?.origin ?? scope.origin;
}

function checkServer(reading: Reading, scope: Scope, target: Target, offers: Offers): string | undefined {
  const engine = offers.engineOf(scope);
  if (engine !== 'on' && (engine !== 'optional' || since(target, '2.4.64'))) return undefined;
  const made = offers.contexts.serverOf(scope);
  return checkContext(made) ?? checkCertificate(reading, scope) ?? checkKey(reading, scope, made);
}

function checkContext(made: Made): string | undefined {
  if (made.unknown === undefined && made.protocols === NONE && made.protocolLine) {
    return 'Unexpected empty set of protocols, expected at least one: the server says `No SSL protocols available`';
  }
  const { cipherError, refusedCommand } = made;
  if (cipherError && cipherError.line?.unknown === undefined)
    return `Unexpected list of cipher suites: ${cipherError.message}`;
  if (!refusedCommand) return undefined;
  const [name, value] = refusedCommand.args;
  return `Unexpected value \`${value?.text ?? ''}\` of \`${name?.text ?? ''}\`, which OpenSSL refuses`;
}

/** mod_md brings certificates of its own, and what was not read may bring one. */
function checkCertificate(reading: Reading, scope: Scope): string | undefined {
  const { main, incomplete, fragment } = reading;
  if (incomplete || fragment) return undefined;
  const has = (key: string) => linesOf(scope, key).length > 0 || linesOf(main, key).length > 0;
  if (has('sslcertificatefile') || has('mdomain') || has('mdomainset')) return undefined;
  return 'Unexpected TLS without a certificate, expected `SSLCertificateFile`';
}

/** `ssl_init_server_certs`, behind the list of suites and before the commands. */
function checkKey(reading: Reading, scope: Scope, { loadLevel }: Made): string | undefined {
  if (loadLevel === undefined) return undefined;
  const small = keySizes(reading, scope).find(size => refusesKey(loadLevel, size));
  return small && `Unexpected ${keyWords(small)}, smaller than OpenSSL allows at security level ${loadLevel}`;
}

function checkClient(scope: Scope, offers: Offers): string | undefined {
  if (offers.proxyEngineOf(scope, '') !== 'on') return undefined;
  return checkContext(offers.contexts.clientOf(scope, ''));
}
