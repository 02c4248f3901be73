/** A configuration file with all that it extends, as one value; paths made absolute. */
import path from 'node:path';
import type { Host } from '../dialects/types.js';
import { UsageError } from '../options/parse.js';
import { projectOf } from './find.js';
import { type RawConfig, type RawPolicy, type RawReach, type RawRoot, type RawRule, readConfig } from './read.js';

export interface Config {
  /** Absolute; the file itself last, what it extends before. */
  readonly files: readonly string[];
  readonly reach: RawReach;
  readonly roots: readonly RawRoot[];
  readonly policy?: string | RawPolicy;
  /** Absolute. */
  readonly baseline?: string;
  /** By rule id, with the place that says so. */
  readonly rules: ReadonlyMap<string, { readonly rule: RawRule; readonly place: string }>;
  /** Patterns as .gitignore has them, below `base`. */
  readonly ignores: ReadonlyArray<{ readonly base: string; readonly patterns: readonly string[] }>;
  readonly paths: ReadonlyArray<{ readonly base: string; readonly from: string; readonly to: string }>;
  readonly plugins: ReadonlyArray<{ readonly base: string; readonly name: string; readonly place: string }>;
}

const NOTHING: Config = { files: [], reach: {}, roots: [], rules: new Map(), ignores: [], paths: [], plugins: [] };
const MOST_FILES = 32;

/** @throws {UsageError} on a mistake in any of the files, each with its place. */
export function loadConfig(file: string, host: Host): Config {
  const project = host.realpath(projectOf(file, host));
  const order = extensionOrder(file, project, host);
  return order.reduce((config, each) => merge(config, each), NOTHING);
}

interface Layer {
  readonly file: string;
  readonly raw: RawConfig;
  placeOf(...keys: readonly string[]): string;
}

/** Each file once, bases before what extends them: depth first, without recursion. */
function extensionOrder(file: string, project: string, host: Host): Layer[] {
  const done: Layer[] = [];
  const open = new Map<string, Layer>();
  const finished = new Set<string>();
  const stack: Array<{ real: string; file: string; layer?: Layer }> = [{ real: host.realpath(file), file }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { real, layer } = next;
    if (layer) {
      open.delete(real);
      finished.add(real);
      done.push(layer);
      continue;
    }
    if (finished.has(real)) continue;
    if (open.has(real)) throw new UsageError(`\`${host.display(next.file)}\` extends itself`);
    if (open.size + done.length >= MOST_FILES) throw new UsageError(`\`${host.display(file)}\` extends too many files`);
    const read: Layer = { file: next.file, ...readConfig(next.file, host) };
    open.set(real, read);
    stack.push({ ...next, layer: read });
    for (const base of basesOf(read, project, host).reverse()) stack.push({ real: host.realpath(base), file: base });
  }
  return done;
}

function basesOf(layer: Layer, project: string, host: Host): string[] {
  const given = layer.raw.extends ?? [];
  const names = typeof given === 'string' ? [given] : given;
  return names.map(name => {
    const base = path.resolve(path.dirname(layer.file), name);
    const real = host.realpath(base);
    if (real.startsWith(`${project === '/' ? '' : project}/`)) return base;
    throw new UsageError(
      `${layer.placeOf('extends')}: Unexpected \`${name}\` outside the project, expected a file below \`${project}\``,
    );
  });
}

function merge(config: Config, { file, raw, placeOf }: Layer): Config {
  const base = path.dirname(file);
  const rules = new Map(config.rules);
  for (const [id, rule] of Object.entries(raw.rules ?? {})) rules.set(id, { rule, place: placeOf('rules', id) });
  const policy = raw.policy ?? config.policy;
  const baseline = raw.baseline === undefined ? config.baseline : path.resolve(base, raw.baseline);
  return {
    files: [...config.files, file],
    reach: { ...config.reach, ...reachOf(raw, base) },
    roots: raw.roots ? raw.roots.map(root => rootOf(root, base)) : config.roots,
    ...(policy !== undefined && { policy }),
    ...(baseline !== undefined && { baseline }),
    rules,
    ignores: raw.ignores ? [...config.ignores, { base, patterns: raw.ignores }] : config.ignores,
    paths: [...Object.entries(raw.paths ?? {}).map(([from, to]) => ({ base, from, to })), ...config.paths],
    plugins: [...config.plugins, ...(raw.plugins ?? []).map(name => ({ base, name, place: placeOf('plugins') }))],
  };
}

function rootOf(root: string | RawRoot, base: string): RawRoot {
  if (typeof root === 'string') return { path: path.resolve(base, root) };
  const { path: file, dialect } = root;
  return { path: path.resolve(base, file), ...(dialect && { dialect }), ...reachOf(root, base) };
}

function reachOf(raw: RawReach, base: string): RawReach {
  const { server, openssl, opensslConf, securityLevel, prefix, define, module } = raw;
  return {
    ...(server !== undefined && { server }),
    ...(openssl !== undefined && { openssl }),
    ...(opensslConf !== undefined && { opensslConf: path.resolve(base, opensslConf) }),
    ...(securityLevel !== undefined && { securityLevel }),
    ...(prefix !== undefined && { prefix: path.resolve(base, prefix) }),
    ...(define && { define }),
    ...(module && { module }),
  };
}
