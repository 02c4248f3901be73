/** Which files an `Include` means (`ap_process_resource_config`, `ap_process_fnmatch_configs`, server/config.c). */
import path from 'node:path';
import type { Host } from '../types.js';
import { isWildcard, wildcard } from '../wildcard.js';

/** Where paths of the configuration are looked up. */
export interface Tree {
  readonly host: Host;
  readonly prefix: string;
  /** `ServerRoot` as the configuration has it. */
  serverRoot: string;
  /** The directory on this machine that stands for it. */
  directory: string;
  /** A full sentence where that directory is a guess: `ServerRoot` is not on this machine. */
  assumed?: string;
}

export const MOST_FILES = 200_000;
const MOST_DEPTH = 64;

export interface Found {
  readonly files: readonly string[];
  /** Why the server would stop, if it was no `IncludeOptional`. */
  readonly missing?: string;
  /** The missing path has a wildcard. */
  readonly wild: boolean;
}

/** The path on this machine; what stands below `ServerRoot` follows the directory that stands for it. */
export function locate(tree: Tree, file: string): string {
  if (!file.startsWith('/')) return path.posix.join(tree.directory, file);
  const normal = path.posix.normalize(file);
  let top = tree.serverRoot;
  while (top.endsWith('/')) top = top.slice(0, -1);
  const below = `${top}/`;
  if (tree.serverRoot !== '' && normal.startsWith(below))
    return path.posix.join(tree.directory, normal.slice(below.length));
  return path.posix.normalize(tree.prefix + normal);
}

export function findIncluded(tree: Tree, argument: string): Found {
  const place = locate(tree, argument);
  if (!isWildcard(argument)) return literal(tree.host, place);
  const parts = place.split('/');
  const first = parts.findIndex(isWildcard);
  // A wildcard in the path of the tree itself means nothing.
  const files: string[] = [];
  const base = parts.slice(0, first).join('/') || '/';
  if (tree.host.kind(base) !== 'directory')
    return { files, wild: true, missing: `could not open directory \`${tree.host.display(base)}\`` };
  const missing = matchParts(tree.host, base, parts.slice(first), files);
  return missing === undefined ? { files, wild: true } : { files, wild: true, missing };
}

function literal(host: Host, place: string): Found {
  const kind = host.kind(place);
  if (kind === 'missing') return { files: [], wild: false, missing: `\`${host.display(place)}\` does not exist` };
  if (kind !== 'directory') return { files: [place], wild: false };
  const files: string[] = [];
  addTree(host, place, files);
  return { files, wild: false };
}

/**
 * Component by component, each list in byte order. Every directory that one wildcard matches must have a match for the
 * next: why the first does not is returned.
 */
function matchParts(host: Host, base: string, parts: readonly string[], files: string[]): string | undefined {
  let missing: string | undefined;
  const open: Array<{ place: string; index: number }> = [{ place: base, index: 0 }];
  for (let next = open.pop(); next && files.length < MOST_FILES; next = open.pop()) {
    const { place, index } = next;
    const pattern = parts[index];
    if (pattern === undefined) {
      if (host.kind(place) === 'missing') missing ??= `\`${host.display(place)}\` does not exist`;
      else addAny(host, place, files);
    } else if (!isWildcard(pattern)) open.push({ place: path.posix.join(place, pattern), index: index + 1 });
    else {
      const matches = candidates(host, place, pattern, index + 1 < parts.length);
      if (matches.length === 0) missing ??= `nothing matches \`${pattern}\` in \`${host.display(place)}\``;
      for (const match of matches.reverse()) open.push({ place: match, index: index + 1 });
    }
  }
  return missing;
}

function candidates(host: Host, directory: string, pattern: string, inner: boolean): string[] {
  return sorted(host.list(directory) ?? [])
    .filter(wildcard(pattern, { period: true }))
    .map(name => path.posix.join(directory, name))
    .filter(place => !inner || host.kind(place) === 'directory');
}

function addAny(host: Host, place: string, files: string[]): void {
  if (host.kind(place) === 'directory') addTree(host, place, files);
  else files.push(place);
}

/** Every file below, dot files and backups too. */
function addTree(host: Host, top: string, files: string[]): void {
  const open: Array<{ place: string; depth: number }> = [{ place: top, depth: 0 }];
  for (let next = open.pop(); next && files.length < MOST_FILES; next = open.pop()) {
    if (host.kind(next.place) !== 'directory') {
      files.push(next.place);
      continue;
    }
    if (next.depth >= MOST_DEPTH) continue;
    for (const name of sorted(host.list(next.place) ?? []).reverse()) {
      open.push({ place: path.posix.join(next.place, name), depth: next.depth + 1 });
    }
  }
}

/** strcmp. */
function sorted(names: readonly string[]): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
