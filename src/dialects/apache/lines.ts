/** One line as the server sees it when it comes to it. */
import { logicalLine } from '../../../parsers/apache/index.js';
import type { ApacheDirective, ApacheSection, Span } from '../../../parsers/ast.js';
import type { Origin } from '../../model/types.js';
import { OTHER_DIRECTIVES, SSL_DIRECTIVES } from './directives.js';
import { expandVariables, wordsOf } from './expand.js';
import type { Frame, Reader } from './reader.js';
import type { Arg, Defined, Line } from './scope.js';

/** The line as the server sees it after `ap_resolve_env`. `key` is `''` where the name is to be read as well. */
export function lineOf(reader: Reader, frame: Frame, node: ApacheDirective | ApacheSection, key: string): Line {
  const { context, file, via, body } = frame;
  const head = { start: node.start, end: node.type === 'section' ? node.headEnd : node.end };
  const { name, words, used, missing, text } = wordsAt(reader, frame, node, head);
  const args = body ? words.map(arg => placed(body, arg)) : words;
  const found = key === '' ? (name ?? '').toLowerCase() : key;
  const span = body ? body.place(head).span : head;
  const directive = SSL_DIRECTIVES.get(found)?.name ?? OTHER_DIRECTIVES.get(found) ?? name ?? node.name;
  const origin: Origin = via ? { file, span, directive, via } : { file, span, directive };
  const line: Line = {
    key: found,
    origin,
    args,
    order: reader.order++,
    scope: context.scope,
    macro: body !== undefined,
    node: body ? undefined : node,
    unknown: unknownIn(missing, args),
    assumed: context.assumed,
    defined: definedBy(used, text, node),
  };
  for (const each of used) each.uses.push(line);
  return line;
}

interface Words {
  /** Absent for a section, whose name no variable can be a part of. */
  readonly name: string | undefined;
  readonly words: readonly Arg[];
  readonly used: readonly Defined[];
  readonly missing: readonly string[];
  /** As written, without continuations. */
  readonly text: string;
}

function wordsAt(reader: Reader, { source }: Frame, node: ApacheDirective | ApacheSection, head: Span): Words {
  const joined = logicalLine(source, head);
  const section = node.type === 'section';
  const from = section ? 1 + node.name.length : 0;
  const expanded = expandVariables(joined, name => lookUp(reader, name));
  const { used, undefinedNames: missing } = expanded;
  const to = section ? Math.max(expanded.text.lastIndexOf('>'), 0) : expanded.text.length;
  const words = wordsOf(expanded, joined, from, to);
  const name = section ? undefined : words.shift()?.text;
  return { name, words, used, missing, text: joined.text };
}

function placed(body: NonNullable<Frame['body']>, arg: Arg): Arg {
  const { span, exact } = body.place(arg);
  return { text: arg.text, ...span, literal: arg.literal && exact };
}

/** The arguments are one `${NAME}` and nothing else. */
function definedBy(used: readonly Defined[], text: string, node: ApacheDirective | ApacheSection): Defined | undefined {
  const [first] = used;
  if (used.length !== 1 || !first || node.type === 'section') return undefined;
  const rest = text.slice(text.search(/\s/)).trim();
  return rest === `\${${first.name}}` ? first : undefined;
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
