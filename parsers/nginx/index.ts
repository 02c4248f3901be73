/** The nginx syntax: text in, tree and problems out, and back byte for byte. */
import type { DirectiveRow, NginxDirective, NginxRoot } from '../ast.js';
import { walkNodes } from '../nodes.js';
import { encode } from '../source.js';

export type { Comment, DirectiveRow, NginxContent, NginxDirective, NginxRoot, Parsed, Problem, Word } from '../ast.js';
export { parse, parseSource, type Wanted } from './parse.js';

/** Every directive in file order. */
export function* directives(tree: NginxRoot): Generator<DirectiveRow, void, undefined> {
  for (const directive of walk(tree)) {
    const { line, column } = tree.source.pointAt(directive.start);
    const endLine = tree.source.pointAt(Math.max(directive.headEnd - 1, directive.start)).line;
    yield { name: directive.name, args: directive.args, line, column, endLine, block: directive.block };
  }
}

/** Every directive node in file order, without recursion. */
export function walk(tree: NginxRoot): Generator<NginxDirective, void, undefined> {
  return walkNodes<NginxDirective>(tree);
}

/** The bytes that were parsed. */
export function stringify(tree: NginxRoot): Uint8Array {
  return encode(tree.source.text, tree.source.encoding);
}
