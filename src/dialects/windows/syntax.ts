/** How `.reg` files are written. */
import type { RegistryRoot } from '../../../parsers/ast.js';
import { entries, parseSource } from '../../../parsers/registry/index.js';
import { createWideSource } from '../../../parsers/source.js';
import type { Syntax } from '../types.js';

export const syntax: Syntax = {
  source: createWideSource,
  parse: parseSource,
  rows: (tree: RegistryRoot) => entries(tree),
};
