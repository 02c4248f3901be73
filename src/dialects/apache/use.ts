/** `<Macro>` and `Use`: AP-X6. */
import { parseSource } from '../../../parsers/apache/index.js';
import type { ApacheSection, Source, Span } from '../../../parsers/ast.js';
import { createSource } from '../../../parsers/source.js';
import { lineOf } from './lines.js';
import { type Macro, readBody, substitute } from './macros.js';
import { ALWAYS, type Frame, MOST_OPENED, NEVER, problem, type Reader } from './reader.js';
import type { Line, ReadFile } from './scope.js';
import { since } from './since.js';

export function defineMacro(reader: Reader, frame: Frame, node: ApacheSection): void {
  const line = lineOf(reader, frame, node, node.key);
  problem(
    reader,
    'refused',
    line.origin,
    'Unexpected `<Macro>`, which came with httpd 2.4.5',
    target => !since(target, '2.4.5'),
  );
  const [name, ...parameters] = line.args.map(arg => arg.text);
  if (name === undefined) {
    problem(reader, 'refused', line.origin, 'Unexpected `<Macro>` without a name', ALWAYS);
    return;
  }
  const { body } = frame;
  const place = body && ((span: Span) => body.place(span).span);
  const lines = readBody(frame.source, node.headEnd, node.close?.start ?? node.end, place);
  reader.macros.set(name.toLowerCase(), { name, parameters, file: frame.file, lines });
}

export function undefineMacro(reader: Reader, { args, origin }: Line): void {
  const name = args[0]!.text;
  if (reader.macros.delete(name.toLowerCase())) return;
  problem(reader, 'refused', origin, `Unexpected macro \`${name}\`, expected one that is defined`, ALWAYS);
}

export function useMacro(reader: Reader, line: Line, frame: Frame) {
  const [name, ...values] = line.args.map(arg => arg.text) as [string, ...string[]];
  const macro = reader.macros.get(name.toLowerCase());
  const refused = reasonNotToUse(reader, macro, name, values);
  if (!macro || refused !== undefined) return problem(reader, 'refused', line.origin, refused ?? '', ALWAYS);
  const { text, changed } = substitute(macro, values);
  const source = createSource(text);
  const { tree, problems } = parseSource(source);
  const [broken] = problems;
  if (broken) problem(reader, 'syntax', line.origin, `${broken.message} in macro \`${macro.name}\``, ALWAYS);
  const place = (span: Span) => placeInBody(macro, source, changed, span);
  const body = { macro, place };
  reader.frames.push({
    nodes: tree.children,
    next: 0,
    source,
    file: fileOf(reader, macro, frame),
    via: line.origin,
    context: frame.context,
    body,
    ...(frame.chain && { chain: frame.chain }),
  });
  if (!frame.body) dropLastLine(reader, line, frame);
}

/**
 * httpd (up to 2.4.71 at least) loses the line after a `Use` where that is the file's last and has no line ending:
 * `array_getstr` of mod_macro takes the end of the file for the end of the line's reading.
 */
function dropLastLine(reader: Reader, { origin }: Line, frame: Frame): void {
  const { text } = frame.source;
  const start = text.indexOf('\n', origin.span.end) + 1;
  const rest = text.slice(start);
  const last = rest.trim();
  if (start === 0 || last === '' || last.startsWith('#') || rest.includes('\n')) return;
  const span = { start, end: text.length };
  const lost =
    'Unexpected end of file after a line that follows `Use`, which httpd does not read: a line ending is missing';
  problem(reader, 'refused', { ...origin, span }, lost, last.startsWith('</') ? ALWAYS : NEVER);
  const next = frame.nodes[frame.next];
  if (next && next.start >= start) frame.next++;
}

function fileOf(reader: Reader, macro: Macro, frame: Frame): ReadFile {
  return reader.byReal.get(macro.file.real) ?? frame.file;
}

function reasonNotToUse(
  reader: Reader,
  macro: Macro | undefined,
  name: string,
  values: readonly string[],
): string | undefined {
  if (!macro) return `Unexpected macro \`${name}\`, expected one that is defined`;
  if (values.length !== macro.parameters.length) {
    return `Unexpected ${values.length} arguments of macro \`${macro.name}\`, expected ${macro.parameters.length}`;
  }
  if (reader.frames.some(frame => frame.body?.macro === macro))
    return `Unexpected \`Use\` of macro \`${macro.name}\` in itself`;
  return reader.opened++ > MOST_OPENED
    ? `Unexpected \`Use\` of macro \`${macro.name}\`, after too many others`
    : undefined;
}

/** From the substituted text to the macro's own line; exact where no parameter stood in it. */
function placeInBody(
  macro: Macro,
  source: Source,
  changed: readonly boolean[],
  span: Span,
): { span: Span; exact: boolean } {
  const index = source.pointAt(span.start).line - 1;
  const line = macro.lines[index];
  if (!line) return { span: macro.lines[0]?.span ?? { start: 0, end: 0 }, exact: false };
  if (changed[index]) return { span: line.span, exact: false };
  const from = source.lineSpan(index + 1).start;
  if (line.offsetInFile && span.end > span.start) {
    const start = line.offsetInFile(span.start - from);
    return { span: { start, end: line.offsetInFile(span.end - 1 - from) + 1 }, exact: true };
  }
  if (line.text.length !== line.span.end - line.span.start) return { span: line.span, exact: false };
  const base = line.span.start - from;
  return { span: { start: base + span.start, end: base + span.end }, exact: true };
}
