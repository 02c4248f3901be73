/** How nginx configuration is written. */
import { readAgain } from '../../../fixers/verify.js';
import type { NginxRoot } from '../../../parsers/ast.js';
import { directives, parseSource } from '../../../parsers/nginx/index.js';
import { createSource } from '../../../parsers/source.js';
import type { Syntax } from '../types.js';

export const syntax: Syntax = {
  source: createSource,
  parse: parseSource,
  rows: (tree: NginxRoot) => directives(tree),
  readAgain: (before: NginxRoot, after: NginxRoot, names) => readAgain(before, after, names),
};
