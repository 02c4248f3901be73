/** Minimal edits of XML configuration and of programs. */
import type { Source, Span, XmlElement } from '../parsers/ast.js';
import type { Edit } from './edit.js';
import { eolAt, indentAt, indentOf, startsLine } from './layout.js';

/** What stands between two operands, where it is an operator and nothing else. */
const PLAIN_GLUE = /^[\s_`]*(?:\||or|-bor|\+|,)[\s_`]*$/i;

/** Whether operands follow each other without comments or parentheses between them, so that single ones can go. */
export function isPlainList(text: string, operands: readonly Span[]): boolean {
  return operands.every((operand, index) => {
    const next = operands[index + 1];
    return !next || PLAIN_GLUE.test(text.slice(operand.end, next.start));
  });
}

/**
 * Makes `values` the operands of an expression: `undefined` takes one out, with the operator before it (of the first ones,
 * with that behind them). `added` follow the last that stays, each behind `operator`. At least one must stay.
 */
export function rewriteOperands(
  path: string,
  text: string,
  operands: readonly Span[],
  values: ReadonlyArray<string | undefined>,
  added: readonly string[],
  operator: string,
): Edit[] {
  const edits: Edit[] = [];
  const last = values.findLastIndex(value => value !== undefined);
  const first = values.findIndex(value => value !== undefined);
  operands.forEach(({ start, end }, index) => {
    const value = values[index];
    const tail = index === last ? added.map(each => operator + each).join('') : '';
    if (value === undefined) {
      const span =
        index < first ? { start, end: operands[index + 1]!.start } : { start: operands[index - 1]!.end, end };
      edits.push({ path, ...span, text: '' });
    } else if (value !== text.slice(start, end)) edits.push({ path, start, end, text: value + tail });
    else if (tail !== '') edits.push({ path, start: end, end, text: tail });
  });
  return joinTouching(edits);
}

/** Stretches that meet are one edit. */
function joinTouching(edits: readonly Edit[]): Edit[] {
  const joined: Edit[] = [];
  for (const edit of edits) {
    const before = joined.at(-1);
    if (before && before.end === edit.start) {
      joined[joined.length - 1] = { ...before, end: edit.end, text: before.text + edit.text };
    } else joined.push(edit);
  }
  return joined;
}

/** An attribute behind the last one, or behind the name. The value must need no escaping. */
export function insertAttribute(path: string, element: XmlElement, name: string, value: string): Edit {
  const at = element.attributes.at(-1)?.end ?? element.words[0]!.end;
  return { path, start: at, end: at, text: ` ${name}="${value}"` };
}

/**
 * Lines of XML at the end of an element's content, laid out like what is there; lines inside them start with as many tabs as
 * they are deep. `undefined` where the element has no content to add to.
 */
export function appendElement(
  path: string,
  source: Source,
  into: XmlElement,
  lines: readonly string[],
): Edit | undefined {
  const { close } = into;
  if (!close) return undefined;
  const { text } = source;
  const elements = into.children.filter(child => child.type === 'element');
  const indent = indentOf(source, into, elements, false);
  const outer = indentAt(text, into.start);
  const unit = indent.startsWith(outer) && indent.length > outer.length ? indent.slice(outer.length) : '  ';
  const eol = eolAt(text, close.start);
  const written = lines.map(line => indent + line.replace(/^\t+/, tabs => unit.repeat(tabs.length)));
  if (startsLine(text, close.start)) {
    const at = close.start - indentAt(text, close.start).length;
    return { path, start: at, end: at, text: written.map(line => line + eol).join('') };
  }
  const at = close.start;
  return { path, start: at, end: at, text: `${eol}${written.join(eol)}${eol}${outer}` };
}
