/** The model of a main file that can't be read: nothing but the problem. */
import { createSource } from '../../../parsers/source.js';
import type { LoadedFile, Model } from '../../model/types.js';
import type { Host, ReadFailure } from '../types.js';

export function unreadableModel(path: string, host: Host, { message }: ReadFailure): Model {
  const real = host.realpath(path);
  const file: LoadedFile = { path: host.display(path), real, source: createSource(''), dialect: 'nginx' };
  const origin = { file, span: { start: 0, end: 0 }, directive: '' };
  const unknown = {
    tls: null,
    state: 'unknown',
    configured: null,
    negotiable: null,
    decidedBy: [],
    notes: [message],
  } as const;
  return {
    dialect: 'nginx',
    root: file.path,
    fragment: false,
    files: [file],
    endpoints: [],
    statements: [],
    problems: [{ kind: 'unreadable', origin, message, stops: () => true }],
    offer: () => unknown,
    answer: () => ({ ...unknown, endpoint: null }),
    loads: () => false,
    fix: () => ({ title: 'nothing', applicability: 'manual', edits: [], directives: [], reason: message }),
  };
}
