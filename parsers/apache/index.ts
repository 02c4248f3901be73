/** The httpd syntax: text in, tree and problems out, and back byte for byte. */
import type { ApacheDirective, ApacheRoot, ApacheSection, DirectiveRow, Source } from '../ast.js';
import { walkNodes } from '../nodes.js';
import { encode } from '../source.js';
import { lineEnd } from './line.js';

export type {
  ApacheContent,
  ApacheDirective,
  ApacheRoot,
  ApacheSection,
  Comment,
  DirectiveRow,
  Parsed,
  Problem,
  Word,
} from '../ast.js';
export { commandName, type LineWord, type LogicalLine, lineEnd, logicalLine, splitWords } from './line.js';
export { parse, parseSource } from './parse.js';

/** Every directive and section in file order. */
export function* directives(tree: ApacheRoot): Generator<DirectiveRow, void, undefined> {
  for (const node of walk(tree)) {
    const { line, column } = tree.source.pointAt(node.start);
    const endLine = lastLine(tree.source, node.type === 'section' ? node.headEnd : node.end);
    yield { name: node.name, args: node.args, line, column, endLine, block: node.type === 'section' };
  }
}

/** The last physical line of the logical line whose text ends at `headEnd`: the one that the server's messages name. */
function lastLine(source: Source, headEnd: number): number {
  const { text } = source;
  const { end } = lineEnd(text, headEnd);
  const atLineFeed = end === text.length && end > headEnd && text.endsWith('\n');
  return source.pointAt(atLineFeed ? end - 1 : end).line;
}

/** Every directive and section node in file order, without recursion. */
export function walk(tree: ApacheRoot): Generator<ApacheDirective | ApacheSection, void, undefined> {
  return walkNodes<ApacheDirective | ApacheSection>(tree);
}

/** The bytes that were parsed. */
export function stringify(tree: ApacheRoot): Uint8Array {
  return encode(tree.source.text, tree.source.encoding);
}
