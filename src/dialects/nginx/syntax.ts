/** How nginx configuration is written. */
import type { NginxRoot } from '../../../parsers/ast.js';
import { directives, parseSource } from '../../../parsers/nginx/index.js';
import { createSource } from '../../../parsers/source.js';
import type { Syntax } from '../types.js';

export const syntax: Syntax = {
  source: createSource,
  parse: source => parseSource(source),
  rows: (tree: NginxRoot) => directives(tree),
  readAgain: async (before: NginxRoot, after: NginxRoot, names) =>
    (await import('../../../fixers/verify.js')).readAgain(before, after, names),
};
