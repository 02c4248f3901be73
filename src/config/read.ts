/** One configuration file: from bytes to a checked value, or to what is wrong with it. */
import { createScanner, getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Source } from '../../parsers/ast.js';
import { createSource } from '../../parsers/source.js';
import type { Host } from '../dialects/types.js';
import type { Protocol } from '../model/protocols.js';
import type { DialectId } from '../model/target.js';
import { UsageError } from '../options/parse.js';
import type { Severity } from '../rule.js';
import { SCHEMA } from './schema.js';
import { type Mistake, validate } from './validate.js';

export interface RawReach {
  readonly server?: string;
  readonly openssl?: string;
  readonly opensslConf?: string;
  readonly securityLevel?: number;
  readonly prefix?: string;
  readonly define?: readonly string[];
  readonly module?: readonly string[];
}

export interface RawRoot extends RawReach {
  readonly path: string;
  readonly dialect?: DialectId;
}

export interface RawPolicy {
  readonly name?: string;
  readonly protocols: readonly Protocol[];
  readonly require?: readonly Protocol[];
}

type RawSeverity = Severity | 'off';
export type RawRule = RawSeverity | { readonly severity?: RawSeverity; readonly options?: Record<string, unknown> };

/** The file as it stands, paths as written. */
export interface RawConfig extends RawReach {
  readonly extends?: string | readonly string[];
  readonly roots?: ReadonlyArray<string | RawRoot>;
  readonly policy?: string | RawPolicy;
  readonly rules?: Readonly<Record<string, RawRule>>;
  readonly ignores?: readonly string[];
  readonly paths?: Readonly<Record<string, string>>;
  readonly plugins?: readonly string[];
  readonly baseline?: string;
}

export interface ReadConfig {
  readonly raw: RawConfig;
  /** `file:line:column` of a key or value, by its path of keys. */
  placeOf(...keys: readonly string[]): string;
}

const MOST_BYTES = 1024 * 1024;
const MOST_DEPTH = 32;

/** @throws {UsageError} with a line for each mistake, `file:line:column: message`. */
export function readConfig(file: string, host: Host): ReadConfig {
  const bytes = host.read(file, MOST_BYTES);
  if ('failure' in bytes) throw new UsageError(bytes.message);
  const source = createSource(bytes);
  const { tree, mistakes } = parseConfig(source.text);
  if (tree && mistakes.length === 0) {
    refuseProto(tree, mistakes);
    validate(tree, SCHEMA, mistakes);
    if (mistakes.length === 0) checkPolicy(tree, mistakes);
  }
  const place = (offset: number) => placeIn(file, host, source, offset);
  if (!tree || mistakes.length > 0) {
    mistakes.sort((a, b) => a.at - b.at);
    throw new UsageError(mistakes.map(({ at, message }) => `${place(at)}: ${message}`).join('\n'));
  }
  return {
    raw: getNodeValue(tree) as RawConfig,
    placeOf: (...keys) => place(nodeAt(tree, keys)?.offset ?? 0),
  };
}

function placeIn(file: string, host: Host, source: Source, offset: number): string {
  const { line, column } = source.pointAt(offset);
  return `${host.display(file)}:${line}:${column}`;
}

function parseConfig(text: string): { tree: Node | undefined; mistakes: Mistake[] } {
  const deep = tooDeepAt(text);
  if (deep !== undefined)
    return {
      tree: undefined,
      mistakes: [{ at: deep, message: `Unexpected nesting of more than ${MOST_DEPTH} levels` }],
    };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const mistakes = errors.map(({ error, offset }) => ({
    at: offset,
    message: `Unexpected text, expected JSON with comments (${printParseErrorCode(error)})`,
  }));
  if (!tree && mistakes.length === 0) mistakes.push({ at: 0, message: 'Unexpected empty file, expected `{}`' });
  return { tree, mistakes: mistakes.slice(0, 5) };
}

/** The parser recurses, so that its input is measured first; 1, 3 and 2, 4 are the brackets of jsonc-parser's SyntaxKind. */
function tooDeepAt(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    if (kind === 1 || kind === 3) depth++;
    if (kind === 2 || kind === 4) depth--;
    if (depth > MOST_DEPTH) return scanner.getTokenOffset();
  }
  return undefined;
}

const END_OF_FILE = 17;

/** As a key it would set the prototype of what is read. */
function refuseProto(tree: Node, mistakes: Mistake[]): void {
  const open: Node[] = [tree];
  for (let node = open.pop(); node; node = open.pop()) {
    const [key] = node.type === 'property' ? (node.children ?? []) : [];
    if (key?.value === '__proto__') mistakes.push({ at: key.offset, message: 'Unexpected key `__proto__`' });
    open.push(...(node.children ?? []));
  }
}

function checkPolicy(tree: Node, mistakes: Mistake[]): void {
  const { policy } = getNodeValue(tree) as RawConfig;
  if (typeof policy !== 'object') return;
  const extra = (policy.require ?? []).filter(each => !policy.protocols.includes(each));
  const at = nodeAt(tree, ['policy', 'require'])?.offset ?? 0;
  for (const name of extra)
    mistakes.push({ at, message: `Unexpected \`${name}\` in \`require\`, which \`protocols\` lacks` });
}

function nodeAt(tree: Node, keys: readonly string[]): Node | undefined {
  let node: Node | undefined = tree;
  for (const key of keys) {
    node = node?.children?.find(({ children }) => children?.[0]?.value === key)?.children?.[1];
  }
  return node;
}
