/** Each `SSLProtocol` and `SSLProxyProtocol` as a statement, and what becomes of it. */
import { NONE, type ProtocolSet } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, Ineffective, Origin, Statement, TokenFault } from '../../model/types.js';
import { hasBounds, withoutHoles } from './contexts.js';
import { isEarly, type Offers } from './offer.js';
import type { Reading } from './read.js';
import { type Line, linesOf, type Scope } from './scope.js';
import { commandName, commandsOf, versionCommands } from './settings/conf-command.js';
import { type ProtocolValue, readProtocol, suggestProtocol, type Token } from './settings/protocol.js';
import type { Group } from './vhosts.js';

/** What statements ask of the model. */
export interface World {
  readonly reading: Reading;
  readonly judged: Target;
  readonly groups: readonly Group[];
  /** Those that a server answers in. */
  groupsOf(scope: Scope): readonly Group[];
  offersFor(target: Target): Offers;
  /** Endpoints that a directive takes part in deciding. */
  reached(origin: Origin, target: Target): readonly Endpoint[];
}

type Verdict = ReturnType<Statement['ineffective']>;

export interface ProtocolStatement extends Statement {
  readonly line: Line;
}

export function createStatements(world: World): ProtocolStatement[] {
  const { reading } = world;
  const found: ProtocolStatement[] = [];
  const read = reader(world.judged);
  const add = (line: Line, lines: ReadonlyMap<string, Line[]>, role: Statement['role']) =>
    found.push(statementOf(world, read(line), line, lines, role));
  for (const scope of [reading.main, ...reading.vhosts]) {
    for (const line of linesOf(scope, 'sslprotocol')) add(line, scope.lines, 'server');
    for (const line of linesOf(scope, 'sslproxyprotocol')) add(line, scope.lines, 'client');
    for (const { lines } of scope.proxies) {
      for (const line of lines.get('sslproxyprotocol') ?? []) add(line, lines, 'client');
    }
  }
  return found.sort((a, b) => a.line.order - b.line.order);
}

/** The same words are read once. */
function reader(target: Target): (line: Line) => ProtocolValue {
  const values = new Map<string, ProtocolValue>();
  return ({ args }) => {
    const words = args.map(arg => arg.text);
    const key = words.join('\0');
    let value = values.get(key);
    if (!value) {
      const read = readProtocol(words, target);
      value = { ...read, set: withoutHoles(read.set, target) };
      values.set(key, value);
    }
    return value;
  };
}

function statementOf(
  world: World,
  { set, tokens }: ProtocolValue,
  line: Line,
  lines: ReadonlyMap<string, Line[]>,
  role: Statement['role'],
): ProtocolStatement {
  const known = line.unknown === undefined;
  const value = known ? set : null;
  return {
    line,
    origin: line.origin,
    role,
    value,
    ...(value !== null && { words: allowingWords(line, tokens, value) }),
    faults: known ? faultsOf(line, tokens) : [],
    reaches: target => world.reached(line.origin, target),
    ineffective: target => ineffective(world, line, lines, role, target),
  };
}

/** The words that are left when the later ones have been read. */
function allowingWords(line: Line, tokens: readonly Token[], value: ProtocolSet): Statement['words'] & object {
  let left = value;
  const words: Array<{ span: { start: number; end: number }; allows: ProtocolSet }> = [];
  for (let index = tokens.length - 1; index >= 0 && left !== NONE; index--) {
    const { sign, bits } = tokens[index]!;
    const { start, end } = line.args[index]!;
    if (sign !== '-' && (bits & left) !== NONE) words.unshift({ span: { start, end }, allows: bits & left });
    if (sign !== '-') left &= ~bits;
    if (sign === '') break;
  }
  return words;
}

function faultsOf(line: Line, tokens: readonly Token[]): TokenFault[] {
  return tokens.flatMap((token, index): TokenFault[] => {
    const { start, end, text } = line.args[index]!;
    const span = { start, end };
    if (token.dropped !== NONE) return [{ kind: 'overriding', token: text, span, dropped: token.dropped }];
    if (token.refused === undefined) return [];
    const suggestion = token.refused === 'unknown' ? suggestProtocol(token.name) : undefined;
    return [
      {
        kind: token.refused,
        token: text,
        span,
        ...(suggestion !== undefined && { suggestion: token.sign + suggestion }),
      },
    ];
  });
}

function ineffective(
  world: World,
  line: Line,
  lines: ReadonlyMap<string, Line[]>,
  role: Statement['role'],
  target: Target,
): Verdict {
  const last = lines.get(line.key)?.at(-1);
  if (last && last !== line) {
    return verdict(
      'repeated',
      `The last \`${line.origin.directive}\` of a scope wins; it starts from nothing.`,
      last.origin,
    );
  }
  if (world.reached(line.origin, target).length > 0) return undefined;
  if (line.scope.missing.some(each => each.order > line.order)) return undefined;
  return role === 'server' ? unusedServer(world, line, target) : unusedClient(world, line, target);
}

function verdict(why: Ineffective, note: string, by?: Origin): Verdict {
  return { why, note, ...(by && { by }) };
}

function unusedServer(world: World, line: Line, target: Target): Verdict {
  const { scope } = line;
  const { reading } = world;
  const command = overridingCommand(reading, line, target);
  if (command && isServed(world, scope, target)) {
    return verdict(
      'overridden-by-command',
      'Both bounds that this directive sets are set again by OpenSSL commands.',
      command.origin,
    );
  }
  if (scope === reading.main) return unusedGlobal(world, target);
  const offers = world.offersFor(target);
  const groups = world.groupsOf(scope);
  if (groups.length === 0) return verdict('no-tls', 'Nothing listens on the address of this virtual host.');
  const tls = groups.filter(group => offers.engineOf(group.scopes[0]!) !== 'off');
  if (tls.length === 0 || offers.engineOf(scope) === 'off')
    return verdict('no-tls', 'TLS is not on for this virtual host.');
  const first = tls.find(group => group.scopes[0] !== scope)?.scopes[0];
  if (first && !isEarly(target)) {
    const by = offers.contexts.serverOf(first).protocolLine;
    const note =
      'Before httpd 2.4.42, or with OpenSSL before 1.1.1, the first virtual host of the address decides for all names.';
    return verdict('non-default-server', note, by?.origin ?? first.origin);
  }
  return verdict('no-effect-of-value', 'Up to httpd 2.4.12, `all` in a virtual host counts as if it were not there.');
}

/** Of the main server: whether somebody speaks TLS and does not want it. */
function unusedGlobal(world: World, target: Target): Verdict {
  if (world.reading.fragment) return undefined;
  const offers = world.offersFor(target);
  const tls = world.groups.some(group => offers.engineOf(group.scopes[0]!) === 'on');
  if (tls) return verdict('scope-not-used', 'Every virtual host that speaks TLS has an `SSLProtocol` of its own.');
  return verdict('no-tls', 'No listening address speaks TLS.');
}

function isServed(world: World, scope: Scope, target: Target): boolean {
  const offers = world.offersFor(target);
  const groups = scope.kind === 'main' ? world.groups : world.groupsOf(scope);
  return groups.some(group => offers.engineOf(group.scopes[0]!) === 'on');
}

function overridingCommand({ main }: Reading, line: Line, target: Target): Line | undefined {
  if (!hasBounds(target)) return undefined;
  const bounds = versionCommands(commandsOf(line.scope, main)).filter(each => commandName(each) !== 'protocol');
  return bounds.length === 2 ? bounds[1] : undefined;
}

function unusedClient({ reading }: World, line: Line, _target: Target): Verdict {
  if (reading.fragment) return undefined;
  const hops = line.scope === reading.main ? [reading.main, ...reading.vhosts] : [line.scope];
  if (hops.every(scope => scope.targets.length === 0 && scope.proxies.every(({ members }) => members.length === 0)))
    return verdict('no-tls', 'No proxied backend is reached through TLS.');
  return verdict('scope-not-used', 'No backend that is reached through TLS takes its value from here.');
}
