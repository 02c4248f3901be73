/** How .NET configuration and sources are written. */
import type { DotnetRoot } from '../../../parsers/ast.js';
import { directives, languageOf, parseSource } from '../../../parsers/dotnet/index.js';
import { createWideSource } from '../../../parsers/source.js';
import type { Syntax } from '../types.js';

export const syntax: Syntax = {
  source: createWideSource,
  parse: (source, path) => parseSource(source, languageOf(path, source.text) ?? 'xml'),
  rows: (tree: DotnetRoot) => directives(tree),
};
