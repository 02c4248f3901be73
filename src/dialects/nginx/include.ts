/** Files of a configuration: reading them once, and the paths that `include` names (src/core/ngx_conf_file.c). */
import path from 'node:path';
import type { NginxRoot, Problem } from '../../../parsers/ast.js';
import { parseSource } from '../../../parsers/nginx/index.js';
import { createSource } from '../../../parsers/source.js';
import type { LoadedFile } from '../../model/types.js';
import type { Host, ReadFailure } from '../types.js';

export interface ParsedFile extends LoadedFile {
  readonly tree: NginxRoot;
  readonly problems: readonly Problem[];
}

/** Reads and parses each real file once, however often it is included. */
export function createReader(host: Host, prefix: string) {
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
      const { tree, problems } = parseSource(source);
      const parsed: ParsedFile = { path: host.display(real), real, source, dialect: 'nginx', tree, problems };
      files.set(real, parsed);
      return parsed;
    },
  };
}

export type Reader = ReturnType<typeof createReader>;

/** ngx_conf_include takes these for a glob(3) pattern; anything else is one file that must exist. */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

const MOST_MATCHES = 20_000;

/** glob(3) with flags 0 in the C locale: byte order, and no leading dots unless the pattern has one. */
export function glob(host: Host, pattern: string): string[] {
  let found = [pattern.startsWith('/') ? '/' : '.'];
  for (const part of pattern.split('/').filter(each => each !== '')) {
    found = found.flatMap(directory => expand(host, directory, part)).slice(0, MOST_MATCHES);
  }
  return found.filter(each => isListed(host, each)).sort(compareBytes);
}

/** A symbolic link to nothing is a match, which nginx then fails to open. */
function isListed(host: Host, file: string): boolean {
  if (host.kind(file) !== 'missing') return true;
  return host.list(path.posix.dirname(file))?.includes(path.posix.basename(file)) ?? false;
}

function expand(host: Host, directory: string, part: string): string[] {
  const join = (name: string) => (directory === '/' ? `/${name}` : `${directory}/${name}`);
  if (!isGlob(part)) return [join(part.replace(/\\(.)/g, '$1'))];
  const matches = matcher(part);
  return (host.list(directory) ?? []).filter(matches).map(join);
}

/** By UTF-8 bytes, which is the order of code points. */
export function compareBytes(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < left.length && at < right.length; at++) {
    const difference = left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * fnmatch(3) of one path component. Stars are matched greedily with one point to fall back to, so that no pattern takes
 * more than pattern × name steps.
 */
export function matcher(pattern: string): (name: string) => boolean {
  const tokens = tokensOf(pattern);
  return name => {
    if (name.startsWith('.') && !pattern.startsWith('.')) return false;
    return matchTokens(tokens, name);
  };
}

type Token = '*' | ((character: string) => boolean);

function matchTokens(tokens: readonly Token[], name: string): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let retry = 0;
  while (at < name.length) {
    const current = tokens[token];
    if (current === '*') {
      star = token++;
      retry = at;
    } else if (current?.(name.charAt(at))) {
      at++;
      token++;
    } else if (star !== -1) {
      token = star + 1;
      at = ++retry;
    } else return false;
  }
  while (tokens[token] === '*') token++;
  return token === tokens.length;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '*') tokens.push('*');
    else if (character === '?') tokens.push(() => true);
    else if (character === '[') {
      const close = pattern.indexOf(
        ']',
        pattern.startsWith('!', at + 1) || pattern.startsWith('^', at + 1) ? at + 3 : at + 2,
      );
      if (close === -1) tokens.push(one => one === '[');
      else {
        tokens.push(bracket(pattern.slice(at + 1, close)));
        at = close;
      }
    } else {
      const literal = character === '\\' && at + 1 < pattern.length ? pattern.charAt(++at) : character;
      tokens.push(one => one === literal);
    }
  }
  return tokens;
}

function bracket(body: string): (character: string) => boolean {
  const negated = body.startsWith('!') || body.startsWith('^');
  const set = negated ? body.slice(1) : body;
  return character => {
    let found = false;
    for (let at = 0; at < set.length; at++) {
      const last = set.charAt(at + 1) === '-' && at + 2 < set.length ? set.charAt(at + 2) : undefined;
      if (last === undefined) found ||= set.charAt(at) === character;
      else {
        found ||= set.charAt(at) <= character && character <= last;
        at += 2;
      }
    }
    return found !== negated;
  };
}
