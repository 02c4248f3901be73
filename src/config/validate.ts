/** Checks a configuration file against its schema, with the place of each mistake. */
import type { Node } from 'jsonc-parser';
import { closest } from '../options/closest.js';
import { parseOpenssl, parseServer, SERVER_EXAMPLES } from '../targets.js';
import type { Schema } from './schema.js';

export interface Mistake {
  /** Offset in UTF-16 code units. */
  readonly at: number;
  readonly message: string;
}

/** Recursion goes as deep as the schema, whatever the file holds. */
export function validate(node: Node, schema: Schema, mistakes: Mistake[]): void {
  const own = schema.anyOf ? schema.anyOf.find(each => fits(node, each)) : schema;
  if (!own || (own.type !== undefined && !fits(node, own))) {
    const types = (schema.anyOf ?? [schema]).map(each => TYPE_NAMES[each.type ?? 'object']);
    mistakes.push({ at: node.offset, message: `Unexpected ${shown(node)}, expected ${types.join(' or ')}` });
    return;
  }
  if (node.type === 'object') validateObject(node, own, mistakes);
  else if (node.type === 'array') validateArray(node, own, mistakes);
  else validateScalar(node, own, mistakes);
}

const TYPE_NAMES = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  integer: 'a whole number',
  boolean: '`true` or `false`',
} as const;

function fits(node: Node, { type }: Schema): boolean {
  if (type === undefined) return true;
  return type === 'integer' ? node.type === 'number' && Number.isInteger(node.value) : node.type === type;
}

function shown(node: Node): string {
  if (node.type === 'object' || node.type === 'array') return TYPE_NAMES[node.type];
  return `\`${JSON.stringify(node.value)}\``;
}

function validateObject(node: Node, schema: Schema, mistakes: Mistake[]): void {
  const seen = new Set<string>();
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? [];
    const name: unknown = key?.value;
    if (!key || typeof name !== 'string') continue;
    if (seen.has(name)) mistakes.push({ at: key.offset, message: `Unexpected second \`${name}\`` });
    seen.add(name);
    if (name === '__proto__') continue;
    const inner = propertySchema(schema, name);
    if (!inner) mistakes.push({ at: key.offset, message: unknownKey(name, Object.keys(schema.properties ?? {})) });
    else if (value) validate(value, inner, mistakes);
  }
  const missing = (schema.required ?? []).filter(name => !seen.has(name));
  for (const name of missing) mistakes.push({ at: node.offset, message: `Missing \`${name}\`` });
}

const ANYTHING: Schema = {};

function propertySchema({ properties = {}, additionalProperties }: Schema, name: string): Schema | undefined {
  if (Object.hasOwn(properties, name)) return properties[name];
  return additionalProperties === false ? undefined : (additionalProperties ?? ANYTHING);
}

function unknownKey(name: string, names: readonly string[]): string {
  const close = closest(name, names);
  const hint = close ? `did you mean \`${close}\`?` : `expected ${names.map(each => `\`${each}\``).join(', ')}`;
  return `Unexpected key \`${name}\`, ${hint}`;
}

function validateArray(node: Node, schema: Schema, mistakes: Mistake[]): void {
  const items = node.children ?? [];
  if (items.length < (schema.minItems ?? 0)) mistakes.push({ at: node.offset, message: 'Unexpected empty array' });
  if (schema.items) for (const item of items) validate(item, schema.items, mistakes);
}

function validateScalar(node: Node, schema: Schema, mistakes: Mistake[]): void {
  const value: unknown = node.value;
  const expected = typeof value === 'string' ? wrongText(value, schema) : wrongNumber(Number(value), schema);
  if (expected !== undefined) mistakes.push({ at: node.offset, message: `Unexpected ${shown(node)}, ${expected}` });
}

const FORMATS = {
  server: { accepts: (text: string) => parseServer(text) !== undefined, like: SERVER_EXAMPLES },
  openssl: { accepts: (text: string) => parseOpenssl(text) !== undefined, like: '`3.0` or `1.1.1w`' },
} as const;

function wrongText(text: string, schema: Schema): string | undefined {
  if (text.length < (schema.minLength ?? 0)) return 'expected some text';
  if (schema.format && !FORMATS[schema.format].accepts(text)) return `expected such as ${FORMATS[schema.format].like}`;
  if (!schema.enum || schema.enum.includes(text)) return undefined;
  const close = closest(text, schema.enum);
  return close ? `did you mean \`${close}\`?` : `expected one of ${schema.enum.map(each => `\`${each}\``).join(', ')}`;
}

function wrongNumber(value: number, { minimum, maximum }: Schema): string | undefined {
  if (minimum === undefined || maximum === undefined || (value >= minimum && value <= maximum)) return undefined;
  return `expected ${minimum} to ${maximum}`;
}
