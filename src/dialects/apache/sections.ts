/** Sections: conditions, virtual hosts, `<Proxy>`, and those that configure requests. */
import type { ApacheSection } from '../../../parsers/ast.js';
import { CONDITIONS, type Condition } from './conditions.js';
import { DIRECTORY_SECTIONS } from './directives.js';
import { lineOf } from './lines.js';
import { ALWAYS, type Frame, problem, pushSection, type Reader } from './reader.js';
import { createScope, type Line, type ProxySection, type Scope } from './scope.js';
import { since } from './since.js';
import { defineMacro } from './use.js';

export function runSection(reader: Reader, frame: Frame, node: ApacheSection) {
  const { key } = node;
  const condition = CONDITIONS.get(key);
  if (condition) return runCondition(reader, frame, node, condition);
  if (key === 'macro') return defineMacro(reader, frame, node);
  if (key === 'perl' || key === 'sslpolicydefine') return;
  if (key === 'virtualhost') return runVirtualHost(reader, frame, node);
  if (key === 'proxy' || key === 'proxymatch') return runProxy(reader, frame, node);
  const known = DIRECTORY_SECTIONS.has(key);
  if (!known && !OTHER_SECTIONS.has(key) && /^\w+$/.test(key)) refuseSection(reader, frame, node);
  const inside = known ? 'directory' : 'unknown';
  pushSection(reader, frame, node, { ...frame.context, inside, section: node.name });
}

/** Of modules that few have; every other name is refused. */
const OTHER_SECTIONS = new Set(['comment', 'mdomainset', 'perl', 'sslpolicydefine', 'ifconfig', 'transport']);

function refuseSection(reader: Reader, frame: Frame, node: ApacheSection): void {
  const { origin } = lineOf(reader, frame, node, node.key);
  problem(reader, 'refused', origin, `Unexpected section \`<${node.name}>\`, which no module of httpd has`, ALWAYS);
}

function runCondition(reader: Reader, frame: Frame, node: ApacheSection, condition: Condition): void {
  const line = lineOf(reader, frame, node, node.key);
  if (condition.since !== undefined) {
    const release = condition.since;
    problem(
      reader,
      'refused',
      line.origin,
      `Unexpected \`<${node.name}>\`, which came with httpd ${release}`,
      target => !since(target, release),
    );
  }
  if (line.args.length === 0) {
    problem(reader, 'refused', line.origin, `Unexpected \`<${node.name}>\` without an argument`, ALWAYS);
    return;
  }
  const verdict = condition.decide(
    reader,
    line.args.map(arg => arg.text),
  );
  if (verdict.refused !== undefined) problem(reader, 'refused', line.origin, verdict.refused, ALWAYS);
  if (!verdict.holds) {
    missEnd(reader, frame, node, line);
    return;
  }
  checkClose(reader, frame, node, line);
  const assumed = verdict.assumed ?? frame.context.assumed;
  pushSection(reader, frame, node, { ...frame.context, ...(assumed !== undefined && { assumed }) });
}

/** The end of a condition that holds is the whole line (`ap_build_cont_config`); what is skipped, and any other section, takes words after it. */
function checkClose(reader: Reader, frame: Frame, node: ApacheSection, { origin }: Line): void {
  if (!node.close) {
    if (!frame.body) forgiveEnd(reader, frame, node);
    return;
  }
  const close = frame.source.text.slice(node.close.start, node.close.end).trim();
  if (close.toLowerCase() === `</${node.key}>`) return;
  const span = frame.body ? frame.body.place(node.close).span : node.close;
  const message = `Unexpected text after \`</${node.name}\`, expected \`</${node.name}>\` alone on its line`;
  problem(reader, 'refused', { ...origin, span }, message, ALWAYS);
}

/** The parser misses the ends of the section and of what is open in it; the server does not. */
function forgiveEnd({ problems }: Reader, { file, source }: Frame, node: ApacheSection): void {
  for (let index = problems.length - 1; index >= 0; index--) {
    const { kind, origin, related } = problems[index]!;
    if (kind !== 'syntax' || origin.file !== file || origin.span.start !== source.text.length || !related) continue;
    if (related.origin.span.start >= node.start) problems.splice(index, 1);
  }
}

/** What is skipped needs its end, also inside of what does not. */
function missEnd(reader: Reader, frame: Frame, node: ApacheSection, { origin }: Line): void {
  if (node.close || frame.body) return;
  const end = frame.source.text.length;
  const isTold = reader.problems.some(
    ({ kind, origin: at, related }) =>
      kind === 'syntax' &&
      at.file === origin.file &&
      at.span.start === end &&
      related?.origin.span.start === node.start,
  );
  if (isTold) return;
  const related = { message: `\`<${node.name}>\` starts here`, origin };
  const message = `Unexpected end of file, expected \`</${node.name}>\``;
  const at = { ...origin, span: { start: end, end } };
  reader.problems.push({ kind: 'syntax', origin: at, message, related, stops: ALWAYS });
}

function runVirtualHost(reader: Reader, frame: Frame, node: ApacheSection): void {
  const line = lineOf(reader, frame, node, node.key);
  const { inside, scope } = frame.context;
  if (scope.kind === 'vhost' || inside !== 'server') {
    problem(reader, 'refused', line.origin, 'Unexpected `<VirtualHost>` in another section', ALWAYS);
    return;
  }
  if (line.args.length === 0) {
    problem(reader, 'refused', line.origin, 'Unexpected `<VirtualHost>` without an address', ALWAYS);
  }
  const addresses = line.args.map(arg => arg.text);
  const made = createScope('vhost', line.origin, addresses);
  const vhost: Scope = frame.body ? made : { ...made, node };
  if (line.unknown !== undefined) vhost.missing.push({ order: 0, note: line.unknown });
  reader.vhosts.push(vhost);
  pushSection(reader, frame, node, { ...frame.context, scope: vhost });
}

function runProxy(reader: Reader, frame: Frame, node: ApacheSection): void {
  const line = lineOf(reader, frame, node, node.key);
  const args = line.args.map(arg => arg.text);
  const regex = node.key === 'proxymatch' || args[0] === '~';
  const pattern = args[0] === '~' ? (args[1] ?? '') : (args[0] ?? '');
  const kind = regex ? 'regex' : /[*?[]/.test(pattern) ? 'wildcard' : 'prefix';
  const proxy: ProxySection = { kind, pattern, lines: new Map(), members: [], order: line.order };
  frame.context.scope.proxies.push(proxy);
  pushSection(reader, frame, node, { ...frame.context, inside: 'proxy', section: node.name, proxy });
}
