/** mod_macro: bodies are text; parameters are replaced in them, then they are read in place of `Use`. */
import { joinLine, lineEnd } from '../../../parsers/apache/line.js';
import type { Source, Span } from '../../../parsers/ast.js';
import type { LoadedFile } from '../../model/types.js';

interface BodyLine {
  /** Joined, without the white space at its edges. */
  readonly text: string;
  /** In the file that holds the macro. */
  readonly span: Span;
  /** Of a line with continuations, where its characters are in that file. */
  offsetInFile?(offset: number): number;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly file: LoadedFile;
  readonly lines: readonly BodyLine[];
}

/** The lines between two offsets. Within a macro, `place` maps a span of this text to the file that shows it. */
export function readBody(source: Source, from: number, to: number, place?: (span: Span) => Span): BodyLine[] {
  const lines: BodyLine[] = [];
  const { text } = source;
  const first = text.indexOf('\n', from);
  for (let at = first === -1 ? to : first + 1; at < to; ) {
    const end = Math.min(lineEnd(text, at).end, to);
    const line = joinLine(text, at, end);
    const trimmed = line.text.trim();
    if (trimmed !== '') {
      const first = line.text.indexOf(trimmed);
      const start = line.sourceOffset(first);
      const span = { start, end: start + text.slice(start, end).trimEnd().length };
      if (place) lines.push({ text: trimmed, span: place(span) });
      else if (trimmed.length === span.end - start) lines.push({ text: trimmed, span });
      else lines.push({ text: trimmed, span, offsetInFile: offset => line.sourceOffset(first + offset) });
    }
    at = end + 1;
  }
  return lines;
}

/** One physical line for each line of the body. `changed[n]` tells whether a parameter was replaced in it. */
export function substitute(macro: Macro, values: readonly string[]): { text: string; changed: boolean[] } {
  // Longer names first, so that `$a` does not take the front of `$ab` (`substitute_macro_args`).
  const order = macro.parameters.map((name, index) => ({ name, value: values[index] ?? '' }));
  order.sort((a, b) => b.name.length - a.name.length);
  const changed: boolean[] = [];
  const lines = macro.lines.map(({ text }) => {
    let line = text;
    // A comment keeps its parameters, and a value never starts a new line.
    if (!text.startsWith('#'))
      for (const { name, value } of order) if (name !== '') line = replaceAll(line, name, value);
    line = line.replaceAll('\n', ' ');
    changed.push(line !== text);
    return line;
  });
  return { text: lines.join('\n'), changed };
}

const LONGEST_LINE = 1024 * 1024;

/** Left to right; what came in is not looked at again. */
function replaceAll(line: string, name: string, value: string): string {
  const parts = line.split(name);
  if (line.length + (parts.length - 1) * value.length > LONGEST_LINE) return line;
  return parts.join(value);
}
