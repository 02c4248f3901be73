/** Files of a configuration: reading them once, and the paths that `include` names (src/core/ngx_conf_file.c). */
import path from 'node:path';
import type { NginxRoot, Parsed, Problem, Source } from '../../../parsers/ast.js';
import { parseSource, type Wanted } from '../../../parsers/nginx/index.js';
import { createSource } from '../../../parsers/source.js';
import type { LoadedFile } from '../../model/types.js';
import type { Host, ReadFailure } from '../types.js';
import { isWildcard, wildcard } from '../wildcard.js';

/** A class for its prototype, since there may be ten thousand. */
export class ParsedFile implements LoadedFile {
  readonly path: string;
  readonly real: string;
  readonly source: Source;
  readonly dialect = 'nginx';
  /** Blocks, and of other directives those that may matter: nothing else is made of most files. */
  readonly tree: NginxRoot;
  readonly problems: readonly Problem[];
  /** Set once the file has been included. */
  readBefore?: true;
  #parsed: Parsed<NginxRoot> | undefined;

  constructor(path: string, real: string, source: Source, wanted: Wanted) {
    const { tree, problems } = parseSource(source, wanted);
    this.path = path;
    this.real = real;
    this.source = source;
    this.tree = tree;
    this.problems = problems;
  }

  /** All that the file holds, with comments. Its nodes are others than those of `tree`. */
  get parsed(): Parsed<NginxRoot> {
    this.#parsed ??= parseSource(this.source);
    return this.#parsed;
  }
}

/**
 * Reads and parses each real file once, however often it is included. `wantedIn` tells which simple directives of a text
 * may matter.
 */
export function createReader(host: Host, prefix: string, wantedIn: (source: Source) => Wanted) {
  const files = new Map<string, ParsedFile>();
  return {
    files,
    /** Where an absolute path of the configuration lies: below the prefix if it exists there. */
    locate(absolute: string): string {
      if (prefix === '') return absolute;
      const mapped = path.join(prefix, absolute);
      return absolute.startsWith(`${prefix}/`) ? absolute : mapped;
    },
    read(file: string): ParsedFile | ReadFailure {
      const real = host.realpath(file);
      const known = files.get(real);
      if (known) return known;
      const bytes = host.read(file);
      if ('failure' in bytes) return bytes;
      const source = createSource(bytes);
      const loaded = new ParsedFile(host.display(real), real, source, wantedIn(source));
      files.set(real, loaded);
      return loaded;
    },
  };
}

export type Reader = ReturnType<typeof createReader>;

export const MOST_MATCHES = 200_000;

/**
 * glob(3) with flags 0 in the C locale: byte order, and no leading dots unless the pattern has one. Where there are more
 * than `MOST_MATCHES`, one more than that.
 */
export function glob(host: Host, pattern: string): string[] {
  let found = [pattern.startsWith('/') ? '/' : '.'];
  const parts = pattern.split('/').filter(each => each !== '');
  for (const part of parts) {
    found = found.flatMap(directory => expand(host, directory, part)).slice(0, MOST_MATCHES + 1);
  }
  // What a wildcard found was listed.
  const listed = isWildcard(parts.at(-1) ?? '') ? found : found.filter(each => isListed(host, each));
  return listed.sort(compareBytes);
}

/** A symbolic link to nothing is a match, which nginx then fails to open. */
function isListed(host: Host, file: string): boolean {
  if (host.kind(file) !== 'missing') return true;
  return host.list(path.posix.dirname(file))?.includes(path.posix.basename(file)) ?? false;
}

function expand(host: Host, directory: string, part: string): string[] {
  const join = (name: string) => (directory === '/' ? `/${name}` : `${directory}/${name}`);
  if (!isWildcard(part)) return [join(part.replace(/\\(.)/g, '$1'))];
  const matches = wildcard(part, { period: true, classes: true });
  return (host.list(directory) ?? []).filter(matches).map(join);
}

/** By UTF-8 bytes, which is the order of code points. */
function compareBytes(a: string, b: string): number {
  const least = Math.min(a.length, b.length);
  for (let at = 0; at < least; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Of a code unit: surrogates stand for what comes behind all others. */
function rank(code: number): number {
  if (code < 0xd800) return code;
  return code < 0xe000 ? code + 0x2000 : code - 0x800;
}
