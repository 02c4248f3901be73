/** How httpd configuration is written. */
import { directives, parseSource } from '../../../parsers/apache/index.js';
import type { ApacheContent, ApacheRoot } from '../../../parsers/ast.js';
import { createSource } from '../../../parsers/source.js';
import type { Syntax } from '../types.js';

export const syntax: Syntax = {
  source: createSource,
  parse: parseSource,
  rows: (tree: ApacheRoot) => directives(tree),
  isConditional: (node: ApacheContent) => node.type === 'section' && CONDITIONS.test(node.key),
  noCommentBehind: 'httpd has no comments behind a directive',
};

/** `<IfModule>`, `<IfDefine>`, `<If>`, `<Else>`, `<Macro>` and their like. */
const CONDITIONS = /^(?:if|else|macro)/;
