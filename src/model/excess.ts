/** What directives allow and a policy does not: the substance of the rules that say so, for either role. */
import type { Span } from '../../parsers/ast.js';
import { listAcross, listProtocols } from './across.js';
import {
  type Cause,
  causesOf,
  endpointsOf,
  forbidden,
  isPartlyUnknown,
  libraryNote,
  mayBeUsed,
  reached,
  spanOfWords,
  unionOf,
  unusedStatements,
  wish,
} from './causes.js';
import type { Policy } from './policies.js';
import { type Protocol, type ProtocolSet, protocolNames } from './protocols.js';
import type { TargetRange } from './target.js';
import type { Endpoint, Model, Origin, ProtocolRemedy, Statement } from './types.js';

export interface Excess {
  readonly at: Origin;
  readonly span?: Span;
  /** The versions, as messages list them. */
  readonly versions: string;
  readonly actual: string;
  readonly expected: readonly Protocol[];
  readonly note?: string;
  /** No endpoint is known to use the directive; `open` where one may that can't be known. Never in a fragment. */
  readonly unused?: 'surely' | 'open';
  /** Absent where no endpoint uses the directive. */
  readonly endpoints?: readonly Endpoint[];
  readonly remedy: ProtocolRemedy;
}

interface World {
  readonly model: Model;
  readonly range: TargetRange;
  readonly policy: Policy;
}

/**
 * One for each directive that endpoints of the role have it from, then one for each that none uses: without a root nobody
 * knows what does, so that its words are taken for what they say.
 */
export function excessOf(role: Endpoint['role'], world: World): Excess[] {
  const { model, range, policy } = world;
  const unwanted = forbidden(policy);
  const used = [...causesOf(model, range, role, unwanted).values()].map(cause => usedExcess(cause, world));
  const open = isPartlyUnknown(model, range, role);
  const unused = unusedStatements(model, range, role, unwanted).map(each => unusedExcess(each, open, world));
  return [...used, ...unused];
}

function usedExcess(cause: Cause, { model, range, policy }: World): Excess {
  const note = libraryNote(cause, model, range);
  const endpoints = endpointsOf(cause);
  return {
    ...wordsOf(cause.statement, unionOf(cause.sets), policy),
    at: cause.origin,
    versions: listAcross(cause.sets, model.dialect, range),
    ...(note && { note }),
    endpoints,
    remedy: wish(policy, endpoints, cause.origin, cause.statement),
  };
}

function unusedExcess(statement: Statement, open: boolean, { model, range, policy }: World): Excess {
  const found = (statement.value ?? 0) & forbidden(policy);
  const unused = open && mayBeUsed(statement, range) ? 'open' : 'surely';
  return {
    ...wordsOf(statement, found, policy),
    at: statement.origin,
    versions: listProtocols(found),
    ...(!model.fragment && { unused }),
    remedy: wish(policy, reached(statement, range), statement.origin, statement),
  };
}

function wordsOf(statement: Statement | undefined, found: ProtocolSet, policy: Policy) {
  const span = spanOfWords(statement, found);
  return { ...(span && { span }), actual: protocolNames(found).join(' '), expected: protocolNames(policy.allow) };
}
