/** All dialects, in the order in which they are asked whose a file is. */
import type { DialectId } from '../model/target.js';
import { face as apache } from './apache/face.js';
import { face as dotnet } from './dotnet/face.js';
import { face as nginx } from './nginx/face.js';
import type { Dialect, DialectEntry, DialectFace, Syntax } from './types.js';
import { face as windows } from './windows/face.js';

export const DIALECTS: readonly DialectEntry[] = [
  fetched(nginx, async () => (await import('./nginx/index.js')).nginx),
  fetched(apache, async () => (await import('./apache/index.js')).apache),
  fetched(windows, async () => (await import('./windows/index.js')).windows),
  fetched(dotnet, async () => (await import('./dotnet/index.js')).dotnet),
];

/** For code that can't wait until one is fetched. */
export function openAtOnce(...dialects: readonly Dialect[]): void {
  for (const dialect of dialects) DIALECTS.find(({ id }) => id === dialect.id)?.put(dialect);
}

/** How the files of a dialect are written that was opened. */
export function syntaxOf(id: DialectId): Syntax {
  const code = DIALECTS.find(dialect => dialect.id === id)?.code;
  if (!code) throw new RangeError(`Unexpected dialect \`${id}\`, which was not opened`);
  return code.syntax;
}

/** Fetched once, when it is needed. */
function fetched(face: DialectFace, fetch: () => Promise<Dialect>): DialectEntry {
  let code: Dialect | undefined;
  return {
    ...face,
    get code() {
      return code;
    },
    put(dialect) {
      code = dialect;
    },
    async open() {
      code ??= await fetch();
      return code;
    },
  };
}
