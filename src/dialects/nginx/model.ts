/** The model of one nginx configuration: endpoints, offers, answers. */
import type { Target } from '../../model/target.js';
import type { LoadedFile, Model, Origin, Remedy } from '../../model/types.js';
import type { Host, LoadSettings } from '../types.js';
import { answer, upstreamsOf } from './answer.js';
import { keyReader } from './certificates.js';
import { createEndpoints, type Endpoints } from './endpoint.js';
import { createFixer } from './fix.js';
import type { createReader, ParsedFile } from './include.js';
import { keySizeProblems } from './key-size.js';
import { createEvaluator, type Evaluator } from './offer.js';
import { createProfiles, type Family, type Sourced } from './profile.js';
import { type Resolved, resolve, type Server } from './resolve.js';
import type { Scope } from './scope.js';
import { walkScopes } from './scopes.js';
import { createStatements } from './statements.js';
import { loadProblems } from './stops.js';
import { type Hop, hopsIn } from './upstream.js';
import { createOffers } from './views.js';

/** What the parts of the model share. */
export interface Facts extends Endpoints {
  readonly top: Scope;
  /** All below `top`, itself first, in reading order. */
  readonly scopes: readonly Scope[];
  readonly fragment: boolean;
  readonly resolved: Resolved;
  readonly evaluator: Evaluator;
  readonly hops: readonly Hop[];
  /** Addresses of each `upstream` of stream, by its name. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
  sourced(scope: Scope, family: Family): Sourced;
}

export function createModel(
  main: ParsedFile,
  reader: ReturnType<typeof createReader>,
  host: Host,
  _settings: LoadSettings,
  confPrefix: string,
  fragment: boolean,
): Model {
  const { top, scopes, problems } = walkScopes(main, reader, host, confPrefix, fragment);
  const resolved = resolve(scopes, fragment);
  const keyOf = keyReader(host, confPrefix, absolute => reader.locate(absolute));
  const sourced = createProfiles(fragment, keyOf);
  const hops = hopsIn(scopes, fragment);
  const sourcedOf = (server: Server) => sourced(server.scope, 'ssl');
  const evaluator = createEvaluator(sourcedOf, fragment, hops.length);
  const points = createEndpoints(resolved, hops, evaluator.situation);
  const upstreams = upstreamsOf(scopes);
  const facts: Facts = { top, scopes, fragment, resolved, evaluator, hops, ...points, upstreams, sourced };
  const rootOrigin: Origin = { file: main, span: { start: 0, end: 0 }, directive: '' };
  // One by one: there may be more than a call takes arguments.
  for (const each of loadProblems({ ...facts, sourcedOf, rootOrigin })) problems.push(each);
  const pathOf = (written: string) => (written.startsWith('/') ? reader.locate(written) : `${confPrefix}/${written}`);
  for (const each of keySizeProblems(resolved.servers, fragment, host, pathOf)) problems.push(each);
  const { offer, view, kinds } = createOffers(facts);
  const statements = createStatements(facts, { offer, view, kinds });
  const loads = (target: Target) =>
    !problems.some(problem => problem.stops(target)) && !statements.some(statement => statement.refused(target));
  const fixer = createFixer(facts, statements);
  return {
    dialect: 'nginx',
    root: main.path,
    fragment,
    files: [...reader.files.values()] as LoadedFile[],
    endpoints: points.endpoints,
    statements,
    problems,
    offer,
    view,
    kinds,
    answer: (question, target) => answer(facts, question, target, offer),
    loads,
    fix: (remedy: Remedy, targets: readonly Target[]) => fixer(remedy, targets),
  };
}
