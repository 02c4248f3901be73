/** Small changes of a program that some test should notice, as edits of its built text. */
import { parse } from '@babel/parser';

export interface Mutant {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number } };
  readonly operator?: string;
  readonly value?: unknown;
  readonly left?: Node;
  readonly right?: Node;
  readonly test?: Node | null;
  readonly argument?: Node | null;
  readonly expression?: Node;
  readonly consequent?: Node;
}

/** Operators and what takes their place. */
const OPERATORS: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '/',
  '%': '*',
  '&': '|',
  '|': '&',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '>>>': '<<',
  '<<': '>>>',
};

export function mutantsOf(file: string, code: string): Mutant[] {
  const found: Mutant[] = [];
  const open: unknown[] = [parse(code, { sourceType: 'module' }).program];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) open.push(...next);
    if (typeof next !== 'object' || next === null || Array.isArray(next)) continue;
    const node = next as Node;
    if (typeof node.type === 'string') {
      for (const [start, end, text] of changesOf(node, code)) {
        found.push({ file, start, end, text, line: node.loc.start.line });
      }
    }
    open.push(...Object.entries(next).flatMap(([key, value]) => (key === 'loc' ? [] : [value])));
  }
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

type Change = readonly [start: number, end: number, text: string];

function changesOf(node: Node, code: string): Change[] {
  const { type, operator = '', left, right, test, argument } = node;
  if (type === 'BinaryExpression' || type === 'LogicalExpression') {
    const other = OPERATORS[operator];
    if (other === undefined || !left || !right) return [];
    // A text that is joined by another sign is no number, and that is noticed anywhere.
    if (operator === '+' && [left, right].some(({ type: each }) => /StringLiteral|Template/.test(each))) return [];
    const at = code.indexOf(operator, left.end);
    return at < right.start ? [[at, at + operator.length, other]] : [];
  }
  if ((type === 'IfStatement' || type === 'ConditionalExpression') && test) {
    return [
      [test.start, test.end, 'true'],
      [test.start, test.end, 'false'],
    ];
  }
  if (type === 'BooleanLiteral') return [[node.start, node.end, String(!node.value)]];
  if (type === 'UnaryExpression' && operator === '!' && argument) return [[node.start, argument.start, '']];
  // What is falsy or `undefined` already is the same to whoever asks; a boolean has its change above.
  const isPlain = argument && (argument.operator === 'void' || /^(?:Boolean|Null)Literal$/.test(argument.type));
  if (type === 'ReturnStatement' && argument && !isPlain) return [[argument.start, argument.end, 'undefined']];
  if (type === 'ExpressionStatement' && node.expression?.type === 'CallExpression')
    return [[node.start, node.end, ';']];
  return [];
}
