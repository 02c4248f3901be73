/** Which directive is to blame for what endpoints offer: the bridge from offers to findings, the same for all rules. */
import type { Span } from '../../parsers/ast.js';
import { type Group, listAcross, standInsOf, survey } from './across.js';
import type { Policy } from './policies.js';
import { DEPRECATED, NONE, PROTOCOLS, type ProtocolSet } from './protocols.js';
import type { Target, TargetRange } from './target.js';
import type { Endpoint, Model, Offer, Origin, ProtocolRemedy, Statement } from './types.js';

/** One directive and what it does to the endpoints that it reaches. */
export interface Cause {
  readonly origin: Origin;
  /** Absent where the directive is an OpenSSL command. */
  readonly statement?: Statement;
  /** The versions in question that it brings (or takes away), one set per target. */
  readonly sets: ProtocolSet[];
  /** What a handshake would get of them, one set per target; unknown counts as all. */
  readonly negotiable: ProtocolSet[];
  /** All that these endpoints are configured to offer, one set per target. */
  readonly configured: ProtocolSet[];
  readonly groups: Set<Group>;
}

const ALL: ProtocolSet = (1 << PROTOCOLS.length) - 1;

/** Versions that the policy does not allow. */
export function forbidden(policy: Policy): ProtocolSet {
  return ALL & ~policy.allow;
}

/** By directive: the versions of `unwanted` that endpoints of the role offer because it says so, and not by default. */
export function causesOf(
  model: Model,
  range: TargetRange,
  role: Endpoint['role'],
  unwanted: ProtocolSet,
): Map<Origin, Cause> {
  const foundIn = ({ configured, implicit = NONE }: Offer) => configured! & unwanted & ~implicit;
  return collect(model, range, role, foundIn, blameForOffering);
}

/** By directive: the versions of `required` that endpoints of the role lack because it says so. */
export function causesOfLack(
  model: Model,
  range: TargetRange,
  role: Endpoint['role'],
  required: ProtocolSet,
): Map<Origin, Cause> {
  return collect(model, range, role, offer => required & ~offer.configured!, blameForLacking);
}

export function endpointsOf(cause: Cause): readonly Endpoint[] {
  return [...cause.groups].flatMap(group => group.endpoints);
}

/** Endpoints that the statement takes part in deciding for any target. */
export function reached(statement: Statement, range: TargetRange): readonly Endpoint[] {
  const found = new Set<Endpoint>();
  for (const target of range.targets) for (const endpoint of statement.reaches(target)) found.add(endpoint);
  return [...found];
}

/**
 * Statements of the role that name versions of `unwanted` and reach no endpoint that is known to speak TLS: harmless
 * today, until somebody adds a listener. Those that something else overrides are left out. Where a file could not be read,
 * and in a fragment, what uses them is not known.
 */
export function unusedStatements(
  model: Model,
  range: TargetRange,
  role: Endpoint['role'],
  unwanted: ProtocolSet,
): readonly Statement[] {
  return model.statements.filter(
    statement =>
      statement.role === role &&
      statement.value !== null &&
      (statement.value & unwanted) !== NONE &&
      standInsOf(model, range).targets.every(target => isUnused(model, statement, target)),
  );
}

/** Whether endpoints of the role may use directives that seem unused, since not all that decides for them is known. */
export function isPartlyUnknown(model: Model, range: TargetRange, role: Endpoint['role']): boolean {
  const newest = range.targets[range.targets.length - 1];
  if (model.fragment || !newest) return false;
  const samples = model.kinds?.([newest]).map(({ sample }) => sample) ?? model.endpoints;
  return samples.some(endpoint => {
    if (endpoint.role !== role) return false;
    const { tls, state } = model.offer(endpoint, newest);
    return tls !== false && state === 'unknown';
  });
}

/** Whether nothing says that the statement is without effect: something that is not known may use it. */
export function mayBeUsed(statement: Statement, range: TargetRange): boolean {
  return range.targets.every(target => statement.ineffective(target) === undefined);
}

/** From the first to the last word that allows one of the versions; the whole directive where words can't be told apart. */
export function spanOfWords(statement: Statement | undefined, set: ProtocolSet): Span | undefined {
  const words = statement?.words?.filter(word => (word.allows & set) !== NONE) ?? [];
  const [first] = words;
  if (!first) return undefined;
  return { start: first.span.start, end: words[words.length - 1]!.span.end };
}

/** A sentence where the library would refuse what the directives allow; for some versions only, it says which. */
export function libraryNote(cause: Cause, model: Model, range: TargetRange): string | undefined {
  const refused = cause.sets.map((set, index) => set & ~cause.negotiable[index]!);
  if (refused.every(set => set === NONE)) return undefined;
  return `The TLS library refuses ${listAcross(refused, model.dialect, range)} all the same.`;
}

/** All versions in question, whatever the target. */
export function unionOf(sets: readonly ProtocolSet[]): ProtocolSet {
  return sets.reduce((all, set) => all | set, NONE);
}

/** Statements by their place. */
export function statementsByOrigin(model: Model): ReadonlyMap<Origin, Statement> {
  let found = indexes.get(model);
  if (!found) {
    found = new Map(model.statements.map(statement => [statement.origin, statement]));
    indexes.set(model, found);
  }
  return found;
}

/** What bare words in it threw away: the author listed them, so that a repair brings them back. */
export function droppedBy(statement: Statement | undefined): ProtocolSet {
  let set = NONE;
  for (const fault of statement?.faults ?? []) set |= fault.dropped ?? NONE;
  return set;
}

/** The wish of every rule that a directive comes to agree with the policy. */
export function wish(
  policy: Policy,
  endpoints: readonly Endpoint[],
  at?: Origin,
  statement?: Statement,
): ProtocolRemedy {
  const require = policy.require | (droppedBy(statement) & policy.allow);
  return {
    set: 'protocols',
    endpoints,
    ...(at && { at }),
    require,
    forbid: forbidden(policy),
    add: policy.allow & ~require & ~DEPRECATED,
  };
}

const indexes = new WeakMap<Model, Map<Origin, Statement>>();

type Statements = ReadonlyMap<Origin, Statement>;
type Share = readonly [Origin, ProtocolSet];

function collect(
  model: Model,
  range: TargetRange,
  role: Endpoint['role'],
  inQuestion: (offer: Offer) => ProtocolSet,
  blame: (offer: Offer, found: ProtocolSet, target: Target, statements: Statements) => readonly Share[],
): Map<Origin, Cause> {
  const concerns = (offer: Offer) =>
    offer.state === 'set' && offer.tls !== false && offer.configured !== null && inQuestion(offer) !== NONE;
  const groups = survey(model, range, concerns).filter(group => group.role === role);
  const causes = new Map<Origin, Cause>();
  if (groups.length === 0) return causes;
  const statements = statementsByOrigin(model);
  for (const group of groups) {
    group.offers.forEach((offer, index) => {
      if (!concerns(offer)) return;
      for (const [origin, set] of blame(offer, inQuestion(offer), range.targets[index]!, statements)) {
        const cause = causes.get(origin) ?? emptyCause(origin, statements.get(origin), range.targets.length);
        causes.set(origin, cause);
        cause.groups.add(group);
        cause.sets[index]! |= set;
        cause.negotiable[index]! |= (offer.negotiable ?? ALL) & set;
        cause.configured[index]! |= offer.configured!;
      }
    });
  }
  return causes;
}

function emptyCause(origin: Origin, statement: Statement | undefined, targets: number): Cause {
  return {
    origin,
    ...(statement && { statement }),
    sets: new Array<ProtocolSet>(targets).fill(NONE),
    negotiable: new Array<ProtocolSet>(targets).fill(NONE),
    configured: new Array<ProtocolSet>(targets).fill(NONE),
    groups: new Set(),
  };
}

const UNUSED = new Set<string | undefined>([undefined, 'no-tls', 'scope-not-used']);

function isUnused(model: Model, statement: Statement, target: Target): boolean {
  if (!UNUSED.has(statement.ineffective(target)?.why)) return false;
  return statement.reaches(target).every(endpoint => {
    const { tls, state } = model.offer(endpoint, target);
    return tls === false || state === 'unknown';
  });
}

/** Each statement answers for its own words; what none of them names came from an OpenSSL command, the last one. */
function blameForOffering(offer: Offer, found: ProtocolSet, target: Target, statements: Statements): readonly Share[] {
  const shares: Share[] = [];
  let rest = found;
  for (const origin of offer.decidedBy) {
    const statement = statements.get(origin);
    if (!statement || statement.value === null || statement.ineffective(target)) continue;
    const own = statement.value & found;
    if (own === NONE) continue;
    shares.push([origin, own]);
    rest &= ~own;
  }
  const other = rest === NONE ? undefined : lastOther(offer, statements);
  if (other && !isMisspelled(statements.get(other))) shares.push([other, rest]);
  return shares;
}

/**
 * Those that say so of single versions; else the last statement where none names it; where one does, the command that took it away. Where no directive did, nobody is
 * to blame: a QUIC listener has TLSv1.3 alone, whatever it is told.
 */
function blameForLacking(offer: Offer, lacking: ProtocolSet, target: Target, statements: Statements): readonly Share[] {
  let named = NONE;
  let last: Origin | undefined;
  const shares: Share[] = [];
  for (const origin of offer.decidedBy) {
    const statement = statements.get(origin);
    if (!statement || statement.ineffective(target)) continue;
    const denied = lacking & (statement.denies ?? NONE);
    if (denied !== NONE) shares.push([origin, denied]);
    named |= (statement.value ?? NONE) | denied;
    last = origin;
  }
  const command = offer.decidedBy.findLast(origin => !statements.has(origin));
  const unnamed = lacking & ~named;
  if (unnamed !== NONE && last) return [...shares, [last, unnamed]];
  if (shares.length > 0) return shares;
  return command ? [[command, lacking]] : [];
}

/** A server that does not know a word does not start; what a model makes of the rest is nobody's doing. */
function isMisspelled(statement: Statement | undefined): boolean {
  return statement?.faults.some(({ kind }) => kind === 'unknown') ?? false;
}

/** The last directive that is no statement of its own; else the last of all. */
function lastOther(offer: Offer, statements: Statements): Origin | undefined {
  return offer.decidedBy.findLast(origin => !statements.has(origin)) ?? offer.decidedBy[offer.decidedBy.length - 1];
}
