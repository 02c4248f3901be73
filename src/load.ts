/** From the paths that a user gives to models: which files are roots, which belong to one, which stand alone. */
import path from 'node:path';
import { createSource } from '../parsers/source.js';
import type { DialectEntry, DialectFace, Host, LoadSettings } from './dialects/types.js';
import { prefixedHost } from './host.js';
import { DIALECT_IDS, SERVERS } from './model/servers.js';
import type { DialectId } from './model/target.js';
import type { Model } from './model/types.js';

export interface LoadRequest {
  /** Absolute. Files and directories. */
  readonly paths: readonly string[];
  /** Absolute; the root of the fragments given. */
  readonly root?: string;
  /** Named by the user: what no content says otherwise. */
  readonly dialect?: DialectId;
  readonly dialects: readonly DialectEntry[];
  /** Roots that the configuration file names, absolute; each is one whatever its content looks like. */
  readonly roots?: ReadonlyArray<{ readonly path: string; readonly dialect?: DialectId }>;
  /** Whether a walk passes by; `path` is absolute, and a directory ends with `/`. */
  ignored?(path: string): boolean;
  /** Pass by, without a word, named files that `ignored` excludes and those that are no configuration. */
  readonly skipForeign?: true;
  /** `real` is the real path of the root, or of the fragment that has none. */
  settings(dialect: DialectFace, real: string): LoadSettings;
  readonly host: Host;
}

/** Something that could not be read or told; the run ends with exit code 2. */
export interface InputError {
  readonly path: string;
  readonly message: string;
}

export interface Loaded {
  readonly models: readonly Model[];
  /**
   * Real paths of the files that the user asked about, where that is less than all that was read: a fragment judged
   * through its root. Absent: all.
   */
  readonly asked?: ReadonlySet<string>;
  readonly errors: readonly InputError[];
}

/** The places where servers install their main file, most common first. */
export const INSTALLED_ROOTS: readonly string[] = [
  '/etc/nginx/nginx.conf',
  '/usr/local/nginx/conf/nginx.conf',
  '/usr/local/etc/nginx/nginx.conf',
  '/opt/homebrew/etc/nginx/nginx.conf',
  '/usr/local/openresty/nginx/conf/nginx.conf',
  '/etc/apache2/apache2.conf',
  '/etc/apache2/httpd.conf',
  '/etc/httpd/conf/httpd.conf',
  '/usr/local/apache2/conf/httpd.conf',
  '/usr/local/etc/apache24/httpd.conf',
  '/opt/homebrew/etc/httpd/httpd.conf',
];

/** Names that a main file usually has, for finding the root of a fragment. */
const ROOT_NAMES = ['nginx.conf', 'apache2.conf', 'httpd.conf', 'conf/nginx.conf', 'conf/httpd.conf'];
const LEVELS_UP = 8;
const SKIPPED_DIRECTORIES = new Set(['.git', '.hg', '.svn', 'node_modules', '.cache']);
const MOST_FILES = 100_000;
const MOST_DEPTH = 64;
/** Larger files below a directory are only looked at where they are named or included. */
const MOST_SNIFFED_BYTES = 64 * 1024 * 1024;

/** The head of a file tells whose it is. */
const MOST_LOOKED_AT = 256 * 1024;

interface Candidate {
  readonly path: string;
  readonly real: string;
  readonly dialect: DialectEntry;
  readonly part: 'root' | 'fragment';
}

/** What the paths name, before it is read. */
export interface Found {
  readonly candidates: readonly Candidate[];
  readonly asked: ReadonlySet<string>;
  readonly errors: readonly InputError[];
}

/** Looks at what the paths name. Never throws on what is there. */
export function findPaths(request: LoadRequest): Found {
  const errors: InputError[] = [];
  const asked = new Set<string>();
  const candidates = unique(request.paths.flatMap(each => candidatesAt(request, each, errors, asked)));
  return { candidates, asked, errors };
}

/** Reads what was found. The dialects of all of it are open. Never throws on what it finds there. */
export function loadFound(request: LoadRequest, { candidates, asked, errors }: Found): Loaded {
  const models: Model[] = [];
  const covered = new Set<string>();
  let partly = false;
  const add = (model: Model) => {
    models.push(model);
    for (const file of model.files) covered.add(file.real);
  };
  for (const each of candidates) {
    if (each.part === 'root' && !covered.has(each.real)) add(loadOne(request, each, false));
  }
  withoutIncluded(request, models);
  covered.clear();
  for (const { files } of models) for (const file of files) covered.add(file.real);
  for (const each of candidates) {
    if (each.part === 'root' || covered.has(each.real)) continue;
    const through = rootOf(request, each, models);
    // A main file that holds little more than includes is found by its name.
    if (through && through.files[0]?.real !== each.real) partly = true;
    add(through ?? loadOne(request, each, true));
  }
  return { models, errors, ...(partly && { asked }) };
}

/** What looked like a root and is included by one read after it is judged through that one alone. */
function withoutIncluded({ roots = [], host }: LoadRequest, models: Model[]): void {
  const named = new Set(roots.map(root => host.realpath(root.path)));
  for (let index = models.length - 1; index >= 0; index--) {
    const main = models[index]!.files[0]?.real;
    if (main === undefined || named.has(main)) continue;
    const later = models.slice(index + 1);
    if (later.some(({ files }) => files.some(({ real }) => real === main))) models.splice(index, 1);
  }
}

function loadOne(request: LoadRequest, file: Candidate, fragment: boolean): Model {
  return modelOf(request, file.dialect, file.path, file.real, fragment);
}

/** A root may have a prefix of its own. */
function modelOf(request: LoadRequest, dialect: DialectEntry, file: string, real: string, fragment: boolean): Model {
  const settings = request.settings(dialect, real);
  const { code } = dialect;
  if (!code) throw new RangeError(`Unexpected dialect \`${dialect.id}\`, which was not opened`);
  return code.load(file, prefixedHost(request.host, settings.prefix), settings, fragment);
}

function unique(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ real }) => !seen.has(real) && seen.add(real));
}

function candidatesAt(request: LoadRequest, file: string, errors: InputError[], asked: Set<string>): Candidate[] {
  const kind = request.host.kind(file);
  if (kind === 'directory') return inDirectory(request, file, errors, asked);
  if (request.skipForeign && request.ignored?.(file)) return [];
  const sniffed = sniff(request, file);
  if ('failure' in sniffed) {
    errors.push({ path: request.host.display(file), message: sniffed.failure });
    return [];
  }
  if (sniffed.candidate || !request.skipForeign) asked.add(request.host.realpath(file));
  if (sniffed.candidate) return [sniffed.candidate];
  if (request.skipForeign) return [];
  const message = `\`${request.host.display(file)}\` looks like no configuration of ${KNOWN}; name it with \`--server\``;
  errors.push({ path: request.host.display(file), message });
  return [];
}

/** "nginx, Apache or Windows". */
const NAMES = DIALECT_IDS.map(id => SERVERS[id].files);
const KNOWN = `${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1)}`;

type Sniffed = { readonly failure: string } | { readonly candidate: Candidate | undefined };

/** Asks each dialect; the surer answer wins, and among equals the user's `--server`, then the dialects' order. */
function sniff(request: LoadRequest, file: string, named = true): Sniffed {
  const bytes = request.host.read(file, named ? undefined : MOST_SNIFFED_BYTES);
  if ('failure' in bytes) return { failure: bytes.message };
  const real = request.host.realpath(file);
  const { text } = createSource(bytes.subarray(0, MOST_LOOKED_AT));
  const configured = request.roots?.find(root => request.host.realpath(root.path) === real);
  const own = request.dialects.find(({ id }) => id === configured?.dialect);
  if (own) return { candidate: { path: file, real, dialect: own, part: 'root' } };
  const wanted = request.dialects.filter(({ id }) => !request.dialect || id === request.dialect);
  let fragment: DialectEntry | undefined;
  for (const dialect of wanted) {
    const part = dialect.detect(real, text);
    // Nobody after it could say more, and most files are of the first that is asked.
    if (part === 'root') return { candidate: { path: file, real, dialect, part } };
    if (part === 'fragment') fragment ??= dialect;
  }
  if (fragment) {
    return { candidate: { path: file, real, dialect: fragment, part: configured ? 'root' : 'fragment' } };
  }
  const byName = named && !request.skipForeign ? wanted.find(({ owns }) => owns?.(real)) : undefined;
  if (byName) return { candidate: { path: file, real, dialect: byName, part: 'root' } };
  if (!named || !request.dialect || !wanted[0]) return { candidate: undefined };
  return { candidate: { path: file, real, dialect: wanted[0], part: configured ? 'root' : 'fragment' } };
}

function inDirectory(request: LoadRequest, directory: string, errors: InputError[], asked: Set<string>): Candidate[] {
  const files = walk(request, directory, errors);
  const found: Candidate[] = [];
  for (const file of files) {
    const sniffed = sniff(request, file, false);
    if ('failure' in sniffed) errors.push({ path: request.host.display(file), message: sniffed.failure });
    else if (sniffed.candidate) {
      found.push(sniffed.candidate);
      asked.add(sniffed.candidate.real);
    }
  }
  if (found.length === 0 && errors.length === 0 && !request.skipForeign) {
    const shown = request.host.display(directory);
    errors.push({ path: shown, message: `\`${shown}\` holds no configuration of ${KNOWN}` });
  }
  return found;
}

/** All regular files below a directory, each real file once, in byte order of their paths. */
function walk(request: LoadRequest, top: string, errors: InputError[]): string[] {
  const { host } = request;
  const files: string[] = [];
  const seen = new Set<string>();
  const open: Array<{ directory: string; depth: number }> = [{ directory: top, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const real = host.realpath(next.directory);
    if (seen.has(real)) continue;
    seen.add(real);
    const names = host.list(next.directory);
    if (!names) {
      const shown = host.display(next.directory);
      errors.push({ path: shown, message: `\`${shown}\` could not be listed` });
      continue;
    }
    for (const name of [...names].sort()) {
      const file = path.join(next.directory, name);
      const kind = host.kind(file);
      if (request.ignored?.(kind === 'directory' ? `${file}/` : file)) continue;
      if (kind === 'directory' && !SKIPPED_DIRECTORIES.has(name) && next.depth < MOST_DEPTH) {
        open.push({ directory: file, depth: next.depth + 1 });
      }
      if (kind === 'file' && mayHoldConfiguration(name)) files.push(file);
      if (files.length > MOST_FILES) return tooMany(files, top, request, errors);
    }
  }
  return files.sort();
}

function tooMany(files: string[], top: string, request: LoadRequest, errors: InputError[]): string[] {
  const shown = request.host.display(top);
  errors.push({ path: shown, message: `\`${shown}\` holds more than ${MOST_FILES} files; name the main file instead` });
  return files.slice(0, MOST_FILES);
}

/** Endings of files that are surely something else, so that a directory of a web site is not read whole. */
const OTHER_ENDINGS =
  /\.(?:pem|key|crt|cer|csr|der|p12|pfx|jks|so|gz|bz2|xz|zip|tar|png|jpe?g|gif|svg|ico|webp|woff2?|ttf|eot|pdf|html?|css|m?[jt]s|json|ya?ml|xml|md|rst|php|py|rb|go|rs|c|h|java|sh|sql|db|log|pid|sock|lock|map|wasm|lua|txt|diff|patch)$/i;

function mayHoldConfiguration(name: string): boolean {
  return !OTHER_ENDINGS.test(name);
}

/** The model of the root that includes this fragment: the one named, or one found upwards. */
function rootOf(request: LoadRequest, fragment: Candidate, models: readonly Model[]): Model | undefined {
  const tried = new Set(models.map(model => model.files[0]?.real));
  for (const file of rootCandidates(request, fragment)) {
    const real = request.host.realpath(file);
    if (tried.has(real) || request.host.kind(file) !== 'file') continue;
    tried.add(real);
    const model = modelOf(request, fragment.dialect, file, real, false);
    if (!model.files.some(each => each.real === fragment.real)) continue;
    if (file === request.root || isMain(request, fragment.dialect, model, file)) return model;
  }
  return undefined;
}

/** A snippet may be called `nginx.conf` too: then it is refused for things that are right in the place that it is for. */
function isMain(request: LoadRequest, dialect: DialectEntry, model: Model, file: string): boolean {
  const real = request.host.realpath(file);
  const { target } = request.settings(dialect, real);
  const refused = ({ problems }: Model) =>
    problems.filter(
      each => each.kind === 'refused' && !each.unknown && each.origin.file.real === real && each.stops(target),
    ).length;
  const count = refused(model);
  return count === 0 || count <= refused(modelOf(request, dialect, file, real, true));
}

function rootCandidates(request: LoadRequest, fragment: Candidate): string[] {
  if (request.root !== undefined) return [request.root];
  const found = (request.roots ?? []).map(root => root.path);
  for (const start of new Set([path.dirname(fragment.path), path.dirname(fragment.real)])) {
    let directory = start;
    for (let level = 0; level < LEVELS_UP; level++) {
      found.push(...ROOT_NAMES.map(name => path.join(directory, name)));
      const above = path.dirname(directory);
      if (above === directory) break;
      directory = above;
    }
  }
  return found;
}
