/** The model of one file of .NET: each stands for itself. */
import type { DotnetRoot, Parsed } from '../../../parsers/ast.js';
import { createSource } from '../../../parsers/source.js';
import type { Target } from '../../model/target.js';
import type { Answer, Endpoint, LoadedFile, LoadProblem, Model, Offer, Origin } from '../../model/types.js';
import type { Host, ReadFailure } from '../types.js';
import { readConfiguration } from './configuration.js';
import { createFixer, nothing } from './fix.js';
import { configurationParts, originOf, type Parts, programParts } from './places.js';
import { findUses } from './programs.js';

export function createModel(file: LoadedFile, { tree, problems }: Parsed<DotnetRoot>, fragment: boolean): Model {
  const isProgram = tree.language !== 'xml';
  const configuration = isProgram ? undefined : readConfiguration(tree);
  const parts: Parts = configuration
    ? configurationParts(file, configuration, fragment)
    : programParts(file, findUses(tree));
  const places = new Map(parts.places.map(place => [place.endpoint, place]));
  const offer = (endpoint: Endpoint, target: Target): Offer => {
    const place = places.get(endpoint);
    if (!place) throw new RangeError('Unexpected endpoint of another model');
    return place.offer(target);
  };
  const faults = problems.map((problem): LoadProblem => {
    const origin = originOf(file, problem, isProgram ? '' : 'configuration');
    return { kind: 'syntax', origin, message: problem.message, stops: () => true };
  });
  return {
    dialect: 'dotnet',
    root: file.path,
    fragment,
    files: [file],
    endpoints: [...places.keys()],
    statements: parts.decisions.map(({ statement }) => statement),
    problems: faults,
    offer,
    answer: () => NO_ANSWER,
    loads: () => faults.length === 0,
    fix: createFixer({ file, tree, configuration, fragment, decisions: parts.decisions }),
  };
}

/** Which address a program listens on is not in these files. */
const NO_ANSWER: Answer = {
  ...{ tls: null, state: 'unknown', configured: null, negotiable: null, decidedBy: [], endpoint: null },
  notes: ['Which addresses a program listens on is not known.'],
};

export function unreadableModel(path: string, host: Host, { message }: ReadFailure): Model {
  const file: LoadedFile = {
    path: host.display(path),
    real: host.realpath(path),
    source: createSource(''),
    dialect: 'dotnet',
  };
  const origin: Origin = { file, span: { start: 0, end: 0 }, directive: '' };
  return {
    dialect: 'dotnet',
    root: file.path,
    fragment: false,
    files: [file],
    endpoints: [],
    statements: [],
    problems: [{ kind: 'unreadable', origin, message, stops: () => true }],
    offer: () => NO_ANSWER,
    answer: () => NO_ANSWER,
    loads: () => false,
    fix: () => nothing(message),
  };
}
