/** What nginx refuses about `listen`: words, addresses, two servers on one, sockets in each other's way. */
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { LISTEN_PARAMETERS, LISTEN_PARAMETERS_UNTIL, LISTEN_VALUES } from './directives.js';
import { addressKey, isWildcard, type Listen } from './listen.js';
import { nameFault, tableFault } from './names.js';
import { refused } from './placement.js';
import { isTemplateWord } from './profile.js';
import { type Entry, type Listener, type Resolved, type Server, showListener } from './resolve.js';
import { type Item, itemOrigin } from './scope.js';

export function listenProblems({ servers, listeners }: Resolved): LoadProblem[] {
  const problems: LoadProblem[] = [];
  const told = new Set<string>();
  const fine = new Set<Listen>();
  for (const server of servers) {
    for (const { item, listen } of server.listens) {
      if (!item) continue;
      // Listens with the same words are one object, and most have nothing wrong.
      if (fine.has(listen)) continue;
      const before = problems.length;
      const origin = itemOrigin(item);
      if (listen.invalid !== undefined)
        problems.push(refused(origin, `Unexpected address \`${listen.invalid}\` of \`listen\``));
      for (const parameter of listen.parameters) parameterProblem(parameter, item, server, told, problems);
      for (const [one, other] of EXCLUDING) {
        if (listen.parameters.includes(one) && listen.parameters.includes(other))
          problems.push(refused(origin, `Unexpected \`${one}\` beside \`${other}\`, expected one of them`));
      }
      if (problems.length === before) fine.add(listen);
    }
  }
  for (const server of servers) nameProblems(server, nameFault, told, problems);
  const asked = new Set<Server>();
  for (const listener of listeners) {
    entryProblems(listener, problems);
    if (listener.servers.length < 2) continue;
    for (const server of listener.servers) {
      if (!asked.has(server)) nameProblems(server, tableFault, told, problems);
      asked.add(server);
    }
  }
  conflicts(listeners, problems);
  return problems;
}

const EXCLUDING = [
  ['ssl', 'quic'],
  ['ssl', 'udp'],
] as const;

/** What hangs on the version alone is told at the first place: it is the same everywhere. */
function parameterProblem(
  parameter: string,
  item: Item,
  { module }: Server,
  told: Set<string>,
  problems: LoadProblem[],
): void {
  if (isTemplateWord(parameter)) return;
  const equals = parameter.indexOf('=');
  const name = equals === -1 ? parameter : parameter.slice(0, equals + 1);
  const origin = itemOrigin(item);
  const since = Object.hasOwn(LISTEN_PARAMETERS[module], name) ? LISTEN_PARAMETERS[module][name] : undefined;
  const shape = LISTEN_VALUES[name];
  if (since === undefined || (shape && !shape.test(parameter.slice(equals + 1)))) {
    problems.push(refused(origin, `Unexpected parameter \`${parameter}\` of \`listen\``));
    return;
  }
  const until = LISTEN_PARAMETERS_UNTIL[name];
  const words = until === undefined ? `since ${since}` : `no more since ${until}`;
  const onlyDefault = name === 'ssl' && module === 'http' && !item.node.args.some(isDefaultWord);
  const key = `${module} ${name} ${onlyDefault}`;
  if (told.has(key)) return;
  told.add(key);
  problems.push(
    refused(origin, `Unexpected parameter \`${parameter}\` of \`listen\`, which nginx has ${words}`, target => {
      const { server, openssl } = target;
      if (!atLeast(server, since) || (until !== undefined && atLeast(server, until))) return true;
      // The module is built with libraries that have TLSv1.3 alone.
      if (name === 'quic' && !atLeast(openssl.version, '1.1.1')) return true;
      // 0.7.14 to 0.8.50: only on the default `listen` (commit f79878e5d).
      return onlyDefault && !atLeast(server, '0.8.51');
    }),
  );
}

function isDefaultWord(word: string): boolean {
  return word === 'default' || word === 'default_server';
}

function nameProblems(
  { scope }: Server,
  faultOf: (name: string) => string | undefined,
  told: Set<string>,
  problems: LoadProblem[],
): void {
  for (const item of scope.settings.get('server_name') ?? []) {
    if (hasPlainNames(item)) continue;
    for (const name of item.node.args) {
      const fault = isTemplateWord(name) ? undefined : faultOf(name);
      if (fault === undefined || told.has(`name ${name}`)) continue;
      told.add(`name ${name}`);
      problems.push(refused(itemOrigin(item), `Unexpected \`${name}\` in \`server_name\`, which is ${fault}`));
    }
  }
}

/** Letters, digits, `-`, `_` and single dots inside, as nearly all names are: nobody has anything against them. */
function hasPlainNames({ node: { start, headEnd }, file }: Item): boolean {
  const { text } = file.source;
  let before = SPACE;
  const end = text.charCodeAt(headEnd - 1) === SEMICOLON ? headEnd - 1 : headEnd;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    const plain =
      (code >= 97 && code <= 122) ||
      (code >= 48 && code <= 57) ||
      (code >= 65 && code <= 90) ||
      code === DASH ||
      code === UNDERSCORE ||
      code === SPACE ||
      (code === DOT && before !== SPACE && before !== DOT);
    if (!plain) return false;
    before = code;
  }
  return true;
}

const SPACE = 32;
const DASH = 45;
const DOT = 46;
const SEMICOLON = 59;
const UNDERSCORE = 95;

/** ngx_http_add_addresses, ngx_stream_add_server, ngx_mail_core_listen. */
function entryProblems(listener: Listener, problems: LoadProblem[]): void {
  const seen = new Set<Server>();
  let defaults = 0;
  let options = 0;
  for (const entry of listener.entries) {
    const { server, listen } = entry;
    if (seen.has(server))
      refuse(entry, problems, `Unexpected second \`listen\` on ${showListener(listener)} in one server`);
    else if (seen.size > 0 && listener.module !== 'http') refuseSecond(listener, entry, problems);
    else if (listen.binds && ++options > 1)
      refuse(entry, problems, `Unexpected second options for ${showListener(listener)}`);
    seen.add(server);
    if (listen.default && ++defaults > 1)
      refuse(entry, problems, `Unexpected second default server of ${showListener(listener)}, expected one`);
  }
}

function refuse(entry: Entry, problems: LoadProblem[], message: string, stops?: (target: Target) => boolean): void {
  problems.push(refused(originOf(entry), message, stops));
}

/** mail has one server an address; so had stream before 1.25.5 (NX-T2, NX-T4). */
function refuseSecond(listener: Listener, entry: Entry, problems: LoadProblem[]): void {
  const message = `Unexpected second server on ${showListener(listener)}`;
  if (listener.module === 'mail') refuse(entry, problems, `${message}, expected one`);
  else
    refuse(
      entry,
      problems,
      `${message}, which stream has since nginx 1.25.5`,
      ({ server }) => !atLeast(server, '1.25.5'),
    );
}

function binds({ listen }: Entry): boolean {
  return listen.binds;
}

function reuses({ entries }: Listener): boolean {
  return entries.some(({ listen }) => listen.parameters.includes('reuseport'));
}

/**
 * Sockets of one port that exclude each other on Linux (NX-V2): one address in two modules, an address of its own beside the
 * wildcard of its port, and `[::]` that takes IPv4 beside any IPv4 address. Several sockets with `reuseport` do not.
 */
function conflicts(listeners: readonly Listener[], problems: LoadProblem[]): void {
  const byAddress = new Map<string, Listener>();
  const wildcards = new Map<string, Listener>();
  for (const listener of listeners) {
    const key = addressKey(listener.address, listener.udp);
    const other = byAddress.get(key);
    if (other && !(reuses(other) && reuses(listener))) problems.push(inUse(listener, showListener(other)));
    byAddress.set(key, listener);
    if (isWildcard(listener.address)) wildcards.set(portKey(listener, listener.address.family), listener);
  }
  for (const listener of listeners) mappedConflicts(listener, byAddress, wildcards, problems);
  for (const listener of listeners) {
    const { family } = listener.address;
    const both = family === 'ipv4' ? wildcards.get(portKey(listener, 'ipv6')) : undefined;
    if (both && !(reuses(both) && reuses(listener))) {
      // An address that the IPv4 wildcard takes has no socket.
      const own = isWildcard(listener.address) || !wildcards.has(portKey(listener, 'ipv4'));
      if (own) problems.push(inUse(listener, showListener(both), target => takesIpv4(both, target)));
    }
    const wildcard = isWildcard(listener.address) ? undefined : wildcards.get(portKey(listener, family));
    if (!wildcard || (reuses(wildcard) && reuses(listener))) continue;
    if (wildcard.module !== listener.module || listener.entries.some(binds))
      problems.push(inUse(listener, showListener(wildcard)));
  }
}

/** An IPv4 address written as an IPv6 one: no socket of IPv6 alone has it, and beside IPv4 it is the same address twice. */
function mappedConflicts(
  listener: Listener,
  byAddress: ReadonlyMap<string, Listener>,
  wildcards: ReadonlyMap<string, Listener>,
  problems: LoadProblem[],
): void {
  const { address, udp, entries } = listener;
  const found = address.family === 'ipv6' ? /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address.host) : null;
  const any = wildcards.get(portKey(listener, 'ipv6'));
  const [entry] = entries;
  // Below `[::]` it has no socket of its own.
  if (!found || !entry || (any && !entries.some(binds))) return;
  const [high, low] = [Number.parseInt(found[1]!, 16), Number.parseInt(found[2]!, 16)];
  const host = [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const other =
    byAddress.get(addressKey({ family: 'ipv4', host, port: address.port }, udp)) ??
    wildcards.get(portKey(listener, 'ipv4'));
  if (other) problems.push(inUse(listener, showListener(other), target => takesIpv4(listener, target)));
  const message = `Unexpected IPv4 address in \`${showListener(listener)}\`, expected \`ipv6only=off\` beside it`;
  problems.push(refused(originOf(entry), message, target => !takesIpv4(listener, target)));
}

function portKey({ address, udp }: Listener, family: string): string {
  return `${udp} ${family} ${address.port}`;
}

/** `ipv6only=off`, and without the word before 1.3.4 (NX-V2). */
export function takesIpv4({ entries }: Listener, { server }: Target): boolean {
  const said = entries.find(({ listen }) => listen.ipv6only !== undefined)?.listen.ipv6only;
  return said === undefined ? !atLeast(server, '1.3.4') : !said;
}

function inUse(listener: Listener, other: string, stops?: (target: Target) => boolean): LoadProblem {
  const entry = listener.entries.find(binds) ?? listener.entries[0]!;
  const message = `Unexpected socket of its own for ${showListener(listener)}, which ${other} has in use`;
  return refused(originOf(entry), message, stops);
}

function originOf({ item, server }: Entry): Origin {
  return item ? itemOrigin(item) : server.origin;
}
