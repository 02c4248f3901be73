/** `.reg` files: from a file to the model of what it makes of Windows. */
import type { RegistryRoot } from '../../../parsers/ast.js';
import { parseSource } from '../../../parsers/registry/index.js';
import { createWideSource } from '../../../parsers/source.js';
import type { Target } from '../../model/target.js';
import type { Answer, Endpoint, LoadedFile, LoadProblem, Model, Offer } from '../../model/types.js';
import type { Dialect, Host } from '../types.js';
import { type Area, namesOf } from './areas.js';
import { face } from './face.js';
import { createFixer } from './fix.js';
import { offerOf } from './offers.js';
import { readRegistry } from './registry.js';
import { createStatements } from './statements.js';
import { syntax } from './syntax.js';

export const windows: Dialect = { ...face, syntax, load };

function load(path: string, host: Host): Model {
  const real = host.realpath(path);
  const bytes = host.read(path);
  const failure = 'failure' in bytes ? bytes.message : undefined;
  const source = createWideSource('failure' in bytes ? '' : bytes);
  const file: LoadedFile = { path: host.display(path), real, source, dialect: 'windows' };
  const origin = { file, span: { start: 0, end: 0 }, directive: '' };
  const { tree, problems } = parseSource(source);
  const refused = problems.map(({ message, start, end }): LoadProblem => {
    return { kind: 'syntax', origin: { ...origin, span: { start, end } }, message, stops: () => true };
  });
  if (failure === undefined) return createModel(file, tree, refused);
  return createModel(file, tree, [{ kind: 'unreadable', origin, message: failure, stops: () => true }]);
}

function createModel(file: LoadedFile, tree: RegistryRoot, problems: readonly LoadProblem[]): Model {
  const registry = readRegistry(file, tree);
  const areas = new Map<Endpoint, Area>();
  for (const { area, scope } of registry.spoken) {
    const { role, kind } = area;
    areas.set({ role, kind, default: false, names: namesOf(area), scope }, area);
  }
  const offer = remembered(areas, (area, target) => offerOf(area, registry, target));
  const statements = createStatements(areas, registry, offer);
  return {
    dialect: 'windows',
    root: file.path,
    fragment: false,
    files: [file],
    endpoints: [...areas.keys()],
    statements,
    problems,
    offer,
    answer: () => NO_ANSWER,
    loads: () => problems.length === 0,
    fix: createFixer({ file, areas, registry, offer }),
  };
}

/** The same object for the same endpoint and target, and for targets that get the same. */
function remembered(areas: ReadonlyMap<Endpoint, Area>, compute: (area: Area, target: Target) => Offer) {
  const known = new Map<Endpoint, Map<Target, Offer>>();
  const shared = new Map<string, Offer>();
  return (endpoint: Endpoint, target: Target): Offer => {
    const ofEndpoint = known.get(endpoint) ?? new Map<Target, Offer>();
    known.set(endpoint, ofEndpoint);
    const found = ofEndpoint.get(target);
    if (found) return found;
    const area = areas.get(endpoint);
    if (!area) throw new RangeError('Unexpected endpoint of another model');
    const made = compute(area, target);
    const { state, configured, implicit, negotiable, decidedBy, notes } = made;
    const places = decidedBy.map(({ span }) => span.start);
    const key = JSON.stringify([state, configured, implicit, negotiable, places, notes]);
    const same = shared.get(key) ?? made;
    shared.set(key, same);
    ofEndpoint.set(target, same);
    return same;
  };
}

const NO_ANSWER: Answer = {
  tls: null,
  state: 'unknown',
  configured: null,
  negotiable: null,
  decidedBy: [],
  notes: ['The registry says nothing of addresses: which programs listen there is not known.'],
  endpoint: null,
};
