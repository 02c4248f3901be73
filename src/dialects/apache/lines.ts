/** One line as the server sees it when it comes to it. */
import { logicalLine } from '../../../parsers/apache/index.js';
import type { ApacheDirective, ApacheSection } from '../../../parsers/ast.js';
import type { Origin } from '../../model/types.js';
import { OTHER_DIRECTIVES, SSL_DIRECTIVES } from './directives.js';
import { expandVariables, wordsOf } from './expand.js';
import type { Frame, Reader } from './reader.js';
import type { Arg, Defined, Line } from './scope.js';

/** The line as the server sees it after `ap_resolve_env`. `key` is `''` where the name is to be read as well. */
export function lineOf(reader: Reader, frame: Frame, node: ApacheDirective | ApacheSection, key: string): Line {
  const head = { start: node.start, end: node.type === 'section' ? node.headEnd : node.end };
  const joined = logicalLine(frame.source, head);
  const expanded = expandVariables(joined.text, name => lookUp(reader, name));
  const section = node.type === 'section';
  const close = section ? Math.max(expanded.text.lastIndexOf('>'), 0) : expanded.text.length;
  const words = wordsOf(expanded, joined, section ? 1 + node.name.length : 0, close);
  const [name, ...rest] = section ? [undefined, ...words] : words;
  const args = rest.filter(arg => arg !== undefined).map(arg => placed(frame, arg));
  const found = key === '' ? (name?.text ?? '').toLowerCase() : key;
  const span = frame.body ? frame.body.place(head).span : head;
  const directive = SSL_DIRECTIVES.get(found)?.name ?? OTHER_DIRECTIVES.get(found) ?? name?.text ?? node.name;
  const origin: Origin = { file: frame.file, span, directive, ...(frame.via && { via: frame.via }) };
  const unknown = unknownIn(expanded.undefinedNames, args) ?? undefined;
  const { assumed } = frame.context;
  const line: Line = {
    key: found,
    origin,
    args,
    order: reader.order++,
    scope: frame.context.scope,
    macro: frame.body !== undefined,
    ...(!frame.body && { node }),
    ...(unknown !== undefined && { unknown }),
    ...(assumed !== undefined && { assumed }),
    ...definedBy(expanded.used, joined.text, node),
  };
  for (const used of expanded.used) used.uses.push(line);
  return line;
}

function placed(frame: Frame, arg: Arg): Arg {
  if (!frame.body) return arg;
  const { span, exact } = frame.body.place(arg);
  return { text: arg.text, ...span, literal: arg.literal && exact };
}

/** The arguments are one `${NAME}` and nothing else. */
function definedBy(
  used: readonly Defined[],
  text: string,
  node: ApacheDirective | ApacheSection,
): { defined?: Defined } {
  const [first] = used;
  if (used.length !== 1 || !first || node.type === 'section') return {};
  const rest = text.slice(text.search(/\s/)).trim();
  return rest === `\${${first.name}}` ? { defined: first } : {};
}

function lookUp({ variables, settings, env }: Reader, name: string): Defined | undefined {
  const own = variables.get(name.toLowerCase());
  if (own) return own;
  const value = settings.env[name] ?? env.get(name);
  return value === undefined ? undefined : { name, value, uses: [] };
}

const TEMPLATE = /\{\{|\{%|<%|%>|%\}|\}\}|^(@@?|__|%%)[A-Za-z]\w*?\1$/;

function unknownIn(names: readonly string[], args: readonly Arg[]): string | undefined {
  const [name] = names;
  if (name !== undefined) return `\`\${${name}}\` is not known: neither \`Define\` nor the environment has it.`;
  const template = args.find(arg => TEMPLATE.test(arg.text));
  return template && `\`${template.text}\` is to be filled in by a template.`;
}
