/** Files that are rendered before a server reads them, such as Jinja's and ERB's. */
import type { Span } from '../../parsers/ast.js';
import type { LoadedFile } from './types.js';

/** A line that begins with a statement of Jinja or ERB, or with one of Go's or Handlebars' blocks. */
const STATEMENT = /^[ \t]*(\{%|<%|\{\{[-~]?\s*(?:#|\/|(?:if|else|end|range|with|each|define|block)\b))/m;

const MARKS = ['{%', '<%', '{{'];

const marks = new WeakMap<LoadedFile, Span | null>();

/** Where a file has its first condition or loop of a template: which of its lines there will be is not known. */
export function templateStatement(file: LoadedFile): Span | undefined {
  let mark = marks.get(file);
  if (mark === undefined) {
    mark = find(file.source.text);
    marks.set(file, mark);
  }
  return mark ?? undefined;
}

function find(text: string): Span | null {
  // Looking for two characters takes no time; trying the pattern at each of 400,000 lines does.
  if (!MARKS.some(mark => text.includes(mark))) return null;
  const found = STATEMENT.exec(text);
  if (!found) return null;
  const end = found.index + found[0].length;
  return { start: end - found[1]!.length, end };
}
