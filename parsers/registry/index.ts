/** The syntax of `.reg` files: text in, tree and problems out, and back byte for byte. */
import type { RegistryKey, RegistryRoot, RegistryRow, RegistryValue } from '../ast.js';
import { encode } from '../source.js';

export type {
  Comment,
  Parsed,
  Problem,
  RegistryContent,
  RegistryData,
  RegistryKey,
  RegistryRoot,
  RegistryRow,
  RegistryValue,
} from '../ast.js';
export { HEADERS, parse, parseSource } from './parse.js';

/** Keys in file order. */
export function* keys(tree: RegistryRoot): Generator<RegistryKey, void, undefined> {
  for (const node of tree.children) if (node.type === 'section') yield node;
}

/** A row for each key and for each of its values, in file order. */
export function* entries(tree: RegistryRoot): Generator<RegistryRow, void, undefined> {
  const lines = (start: number, end: number) => {
    const { line, column } = tree.source.pointAt(start);
    return { line, column, endLine: tree.source.pointAt(Math.max(end - 1, start)).line };
  };
  for (const key of keys(tree)) {
    const place = lines(key.start, key.headEnd);
    yield { key: key.name, ...(key.removes && { removed: true as const }), ...place };
    for (const value of key.children) {
      if (value.type !== 'value') continue;
      yield { key: key.name, name: value.name, data: shown(value), ...lines(value.start, value.end) };
    }
  }
}

/** The bytes that were parsed. */
export function stringify(tree: RegistryRoot): Uint8Array {
  return encode(tree.source.text, tree.source.encoding);
}

function shown({ data }: RegistryValue): number | string | null {
  if (data.kind === 'delete') return null;
  if (data.kind === 'dword') return data.value;
  if (data.kind === 'string') return data.text;
  return `hex(${data.type.toString(16)}):${data.bytes.map(byte => byte.toString(16).padStart(2, '0')).join(',')}`;
}
