/** The program's own text, as trees. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from '@babel/parser';

export interface SyntaxNode {
  readonly type: string;
  readonly pattern?: string;
  readonly flags?: string;
  readonly callee?: { readonly name?: string };
  readonly loc?: { readonly start: { readonly line: number } };
}

/** Every file of the program, by path. */
export const SOURCES: readonly string[] = ['src', 'parsers', 'fixers'].flatMap(sourcesBelow);

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => path.posix.join(folder, name));
}

/** Each node, in no order. */
export function* nodesOf(code: string): Generator<SyntaxNode> {
  const open: unknown[] = [parse(code, { sourceType: 'module', plugins: ['typescript'] }).program];
  for (let next = open.pop(); next; next = open.pop()) {
    if (Array.isArray(next)) open.push(...next.filter(each => each !== null));
    else if (typeof next === 'object') {
      if ('type' in next && typeof next.type === 'string') yield next as SyntaxNode;
      open.push(...Object.entries(next).flatMap(([key, value]) => (key === 'loc' || !isTree(value) ? [] : [value])));
    }
  }
}

function isTree(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
