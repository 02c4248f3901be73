/** Include path maps: where to look for what a checked-out tree lacks, such as the links of `sites-enabled`. */
import path from 'node:path';
import type { Host } from '../dialects/types.js';
import type { Config } from './load.js';

/** A path that is missing is looked for where the first map that fits says; what exists is left alone. */
export function mappedHost(below: Host, maps: Config['paths']): Host {
  const known = new Map<string, string>();
  const locate = (file: string): string => {
    const found = known.get(file) ?? find(file, below, maps);
    known.set(file, found);
    return found;
  };
  return {
    ...below,
    read: (file, most) => below.read(locate(file), most),
    kind: file => below.kind(locate(file)),
    list: directory => below.list(locate(directory)),
    entries: directory => below.entries?.(locate(directory)),
    realpath: file => below.realpath(locate(file)),
  };
}

function find(file: string, host: Host, maps: Config['paths']): string {
  if (host.kind(file) !== 'missing') return file;
  for (const map of maps) {
    const mapped = apply(file, map);
    if (mapped !== undefined && host.kind(mapped) !== 'missing') return mapped;
  }
  return file;
}

/** An absolute key is a beginning; a relative one is any run of whole names below the configuration file. */
function apply(file: string, { base, from, to }: Config['paths'][number]): string | undefined {
  const key = path.posix.normalize(from).replace(/\/$/, '');
  if (path.isAbsolute(key)) {
    return isBelow(file, key) ? path.join(path.resolve(base, to), file.slice(key.length)) : undefined;
  }
  if (!isBelow(file, base)) return undefined;
  const at = `${file}/`.indexOf(`/${key}/`, base.length);
  return at === -1 ? undefined : path.join(file.slice(0, at), to, file.slice(at + key.length + 1));
}

function isBelow(file: string, directory: string): boolean {
  return file === directory || file.startsWith(directory === '/' ? '/' : `${directory}/`);
}
