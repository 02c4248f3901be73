/** `${NAME}` in a raw line, and where each word of the result came from (`ap_resolve_env`, server/core.c). */

import { type LogicalLine, splitWords } from '../../../parsers/apache/index.js';
import type { Span } from '../../../parsers/ast.js';
import type { Arg, Defined } from './scope.js';

/** A stretch of the result: `from` to `to` of it stands for `source` of the joined line. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly source: Span;
  readonly literal: boolean;
}

export interface Expanded {
  readonly text: string;
  /** Absent where all is as written. */
  readonly pieces: readonly Piece[] | undefined;
  readonly used: readonly Defined[];
  /** Names that nothing defines; they stay as written. */
  readonly undefinedNames: readonly string[];
}

const NONE: readonly never[] = [];

/** Values are not looked at again: there is no nesting. */
export function expandVariables({ text }: LogicalLine, lookup: (name: string) => Defined | undefined): Expanded {
  if (!text.includes('${')) return { text, pieces: undefined, used: NONE, undefinedNames: NONE };
  const pieces: Piece[] = [];
  const used: Defined[] = [];
  const undefinedNames: string[] = [];
  let result = '';
  let at = 0;
  const literal = (to: number) => {
    if (to === at) return;
    pieces.push({ from: result.length, to: result.length + to - at, source: { start: at, end: to }, literal: true });
    result += text.slice(at, to);
    at = to;
  };
  for (let dollar = text.indexOf('${'); dollar !== -1; dollar = text.indexOf('${', at)) {
    const close = text.indexOf('}', dollar + 2);
    if (close === -1) break;
    literal(dollar);
    const name = text.slice(dollar + 2, close);
    const value = name.includes(':') ? undefined : lookup(name);
    if (!value) {
      if (!name.includes(':')) undefinedNames.push(name);
      literal(close + 1);
      continue;
    }
    used.push(value);
    const to = result.length + value.value.length;
    pieces.push({ from: result.length, to, source: { start: dollar, end: close + 1 }, literal: false });
    result += value.value;
    at = close + 1;
  }
  literal(text.length);
  return { text: result, pieces, used, undefinedNames };
}

/** The words of `text` between two offsets, with spans in the file. */
export function wordsOf(expanded: Expanded, line: LogicalLine, from = 0, to = expanded.text.length): Arg[] {
  const { pieces } = expanded;
  return splitWords(expanded.text, from, to).map(word => {
    const { span, literal } = pieces ? sourceOf(pieces, word) : { span: word, literal: true };
    const start = line.sourceOffset(span.start);
    const end = span.end === span.start ? start : line.sourceOffset(span.end - 1) + 1;
    return { text: word.text, start, end, literal };
  });
}

function sourceOf(pieces: readonly Piece[], word: Span): { span: Span; literal: boolean } {
  let start = -1;
  let end = 0;
  let literal = true;
  for (const piece of pieces) {
    if (piece.to <= word.start || piece.from >= word.end) continue;
    const first = piece.literal ? piece.source.start + Math.max(0, word.start - piece.from) : piece.source.start;
    if (start === -1) start = first;
    end = piece.literal ? piece.source.end - Math.max(0, piece.to - word.end) : piece.source.end;
    literal &&= piece.literal;
  }
  return { span: { start: Math.max(start, 0), end }, literal };
}
