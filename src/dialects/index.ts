/** All dialects, in the order in which they are asked whose a file is. */
import type { DialectId } from '../model/target.js';
import { apache } from './apache/index.js';
import { nginx } from './nginx/index.js';
import type { Dialect, DialectEntry, DialectFace, Syntax } from './types.js';

export const DIALECTS: readonly DialectEntry[] = [present(nginx), present(apache)];

/** How the files of a dialect are written that was opened. */
export function syntaxOf(id: DialectId): Syntax {
  const code = DIALECTS.find(dialect => dialect.id === id)?.code;
  if (!code) throw new RangeError(`Unexpected dialect \`${id}\`, which was not opened`);
  return code.syntax;
}

function present(dialect: Dialect): DialectEntry {
  const { id, detect, steps } = dialect;
  return { id, detect, steps, code: dialect, open: async () => dialect };
}

/** Fetched once, when it is needed. */
export function fetched(face: DialectFace, fetch: () => Promise<Dialect>): DialectEntry {
  let code: Dialect | undefined;
  return {
    ...face,
    get code() {
      return code;
    },
    async open() {
      code ??= await fetch();
      return code;
    },
  };
}
