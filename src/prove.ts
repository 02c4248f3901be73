/** The last proofs before a patched text leaves the program: they know nothing of TLS, so they can't share its errors. */
import { Buffer } from 'node:buffer';
import { isUntouchedOutside, newProblems, unexpectedChanges } from '../fixers/verify.js';
import type { Parsed, Root } from '../parsers/ast.js';
import { createSource, encode } from '../parsers/source.js';
import { syntaxOf } from './dialects/index.js';
import type { Syntax } from './dialects/types.js';
import type { Patch } from './patch.js';

export interface Proof {
  /** Why the patch must not be used, in a clause. */
  readonly failure?: string;
  /** Why the independent second reader could not be asked. */
  readonly unheard?: string;
}

/** Bytes outside the edits, syntax, and directives that no fix names; where there is one, an independent parser as well. */
export async function prove(patch: Patch): Promise<Proof> {
  const { file, edits, after, directives } = patch;
  const { text } = file.source;
  if (!isUntouchedOutside(text, after, edits)) return { failure: 'bytes outside its edits would change' };
  const syntax = syntaxOf(file.dialect);
  const before = file.parsed ?? syntax.parse(file.source, file.path);
  const now = readBack(patch, syntax);
  const [problem] = newProblems(before, now);
  if (problem) return { failure: `the result would not parse: line ${problem.line}: ${problem.message}` };
  const names = [...directives];
  const [change] = unexpectedChanges(before.tree, now.tree, edits, names);
  if (change) return { failure: `\`${change.name}\` would be ${change.change}, which no fix is meant for` };
  const second = await syntax.readAgain?.(before.tree, now.tree, names);
  if (!second) return {};
  if (!second.available) return { unheard: second.reason };
  const [difference] = second.differences;
  return difference === undefined ? {} : { failure: `an independent parser sees another change: ${difference}` };
}

/**
 * From bytes, as the server will read it; the check of the fixes has done so already. Without some of its bytes a text in no
 * encoding may be valid UTF-8, which would make other characters of all others: servers know bytes alone, so it is read
 * as the old text was.
 */
function readBack({ file, after, result }: Patch, syntax: Syntax): Parsed<Root> {
  const { encoding } = file.source;
  if (result?.parsed && result.source.encoding === encoding && result.source.text === after) return result.parsed;
  const bytes = encode(after, encoding);
  const patched = encoding === 'latin1' ? createSource(Buffer.from(bytes).toString(encoding)) : syntax.source(bytes);
  return syntax.parse(patched, file.path);
}
