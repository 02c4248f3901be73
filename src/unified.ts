/** The unified face: parsers, linter and fixer as plugins, with `VFile` and `VFileMessage` as the currency. */
import path from 'node:path';
import type { Plugin, Processor } from 'unified';
import type { Node } from 'unist';
import type { VFile } from 'vfile';
import { VFileMessage } from 'vfile-message';
import { applyFixes } from '../fixers/apply.js';
import { parse as parseApache } from '../parsers/apache/index.js';
import type { Root } from '../parsers/ast.js';
import { parse as parseNginx } from '../parsers/nginx/index.js';
import { encode } from '../parsers/source.js';
import { apache } from './dialects/apache/index.js';
import { openAtOnce } from './dialects/index.js';
import { nginx } from './dialects/nginx/index.js';
import { memoryHost } from './host.js';
import type { Finding, Rule } from './rule.js';
import { check } from './run.js';
import { settingsOf } from './settings.js';

export interface TlslintOptions {
  /** `nginx@1.22.1`. */
  readonly server?: string;
  readonly openssl?: string;
  readonly policy?: string;
  /** In place of the built-in rules. */
  readonly rules?: readonly Rule[];
}

/** A parser plugin: text to the nginx tree. Syntax problems become messages of the file. */
export const nginxParse: Plugin<[], string, Node> = function (this: Processor) {
  this.parser = parserOf(parseNginx);
};

/** A parser plugin: text to the httpd tree. */
export const apacheParse: Plugin<[], string, Node> = function (this: Processor) {
  this.parser = parserOf(parseApache);
};

/** A transformer: the rules' findings become messages of the file, with `ruleId`, `source`, `url`, `actual`, `expected`. */
export const tlslint: Plugin<[TlslintOptions?], Node> = (options = {}) => {
  return (tree, file) => {
    const messages = findingsOf(tree as Root, file, options).map(finding => messageOf(finding, file));
    // The parser plugin has said already what is wrong with the syntax.
    const isNew = (message: VFileMessage) => !file.messages.some(each => isSame(each, message));
    file.messages.push(...messages.filter(isNew));
  };
};

/** A compiler: the text with its safe fixes made; bytes in the encoding of the file where that was read as bytes. */
export const tlslintFix: Plugin<[TlslintOptions?], Node, string | Uint8Array> = function (
  this: Processor,
  options = {},
) {
  this.compiler = (tree, file) => {
    const root = tree as Root;
    const { text, encoding } = root.source;
    const fixes = findingsOf(root, file, options).flatMap(({ fix }) => (fix ? [fix] : []));
    const name = fixes[0]?.edits[0]?.path ?? '';
    const fixed = applyFixes(new Map([[name, text]]), fixes, 'safe').texts.get(name) ?? text;
    return typeof file.value === 'string' ? fixed : encode(fixed, encoding);
  };
};

function parserOf(parse: typeof parseNginx | typeof parseApache) {
  return (document: string, file: VFile): Node => {
    // A VFile's own text has lost its BOM and any byte that is no UTF-8.
    const { tree, problems } = parse(file.value ?? document);
    for (const { message, line, column } of problems) {
      const found = file.message(message, { place: { line, column }, ruleId: 'syntax', source: 'tlslint' });
      found.fatal = true;
    }
    return tree;
  };
}

function findingsOf(tree: Root, file: VFile, options: TlslintOptions): readonly Finding[] {
  // Compilers and `runSync` can't wait.
  openAtOnce(nginx, apache);
  const name = path.resolve('/', file.path ?? `${tree.dialect}.conf`);
  const host = memoryHost(new Map([[name, tree.source.text]]), () => file.path ?? name);
  const server = options.server ?? tree.dialect;
  const settings = settingsOf({ ...options, rules: undefined, server }, [name], '/', {}, host);
  return check(settings, host, options.rules).findings;
}

function isSame(a: VFileMessage, b: VFileMessage): boolean {
  return a.ruleId === b.ruleId && a.line === b.line && a.column === b.column && a.reason === b.reason;
}

function messageOf(finding: Finding, file: VFile): VFileMessage {
  const { source } = finding.file;
  const place = { start: source.pointAt(finding.span.start), end: source.pointAt(finding.span.end) };
  const message = new VFileMessage(finding.message, { place, ruleId: finding.rule, source: 'tlslint' });
  message.fatal = FATAL[finding.severity];
  message.url = finding.url;
  if (file.path) {
    message.file = file.path;
    message.name = `${file.path}:${message.name}`;
  }
  if (finding.actual !== undefined) message.actual = finding.actual;
  if (finding.expected) message.expected = [...finding.expected];
  if (finding.note !== undefined) message.note = finding.note;
  return message;
}

/** As vfile-message has it: true is an error, false a warning, undefined information. */
const FATAL = { error: true, warning: false, info: undefined };
