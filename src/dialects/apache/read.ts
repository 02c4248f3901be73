/** Executes a configuration as httpd does while it reads it (EXEC_ON_READ), in reading order. */
import path from 'node:path';
import type { ApacheDirective } from '../../../parsers/ast.js';
import type { LoadProblem } from '../../model/types.js';
import type { Host, LoadSettings } from '../types.js';
import { readEnvvars } from './envvars.js';
import { locate } from './files.js';
import { include, setServerRoot } from './include.js';
import { isKept, keep } from './keep.js';
import { lineOf } from './lines.js';
import { createModules } from './modules.js';
import { ALWAYS, type Context, type Frame, openFile, problem, pushFile, type Reader, type Run } from './reader.js';
import { createScope, type Defined, type Line, type ReadFile, type Scope } from './scope.js';
import { runSection } from './sections.js';
import { useMacro } from './use.js';

/** Everything that reading found. */
export interface Reading {
  readonly files: readonly ReadFile[];
  readonly main: Scope;
  readonly vhosts: readonly Scope[];
  /** `Listen` and `NameVirtualHost`, in order. */
  readonly listens: readonly Line[];
  readonly problems: readonly LoadProblem[];
  /** An include could not be read, or a template stands where settings do: more may be set than is seen. */
  readonly incomplete: boolean;
  readonly fragment: boolean;
  readonly host: Host;
  locate(file: string): string;
}

export function read(root: string, host: Host, settings: LoadSettings, fragment: boolean): Reading {
  const first = readOnce(root, host, settings, fragment, false);
  // LoadModule lines tell the whole truth only where there are some and nothing is missing.
  const strict = !fragment && first.loadModules > 0 && !first.incomplete;
  const reader = strict ? readOnce(root, host, settings, fragment, true) : first;
  const { files, vhosts, listens, problems, incomplete } = reader;
  const main = reader.main;
  return {
    files,
    main,
    vhosts,
    listens,
    problems,
    incomplete,
    fragment,
    host,
    locate: file => locate(reader.tree, file),
  };
}

function readOnce(
  root: string,
  host: Host,
  settings: LoadSettings,
  fragment: boolean,
  strict: boolean,
): Reader & { main: Scope } {
  const reader = createReader(root, host, settings, fragment, strict);
  const file = openFile(reader, root, undefined);
  const main = createScope('main', { file: file.loaded, span: { start: 0, end: 0 }, directive: '' });
  const htaccess = path.posix.basename(root) === '.htaccess';
  const context: Context = {
    scope: main,
    inside: htaccess ? 'directory' : 'server',
    section: htaccess ? '.htaccess' : '',
  };
  if (file.failure) {
    reader.incomplete = true;
    problem(reader, 'unreadable', main.origin, file.failure, ALWAYS);
  } else pushFile(reader, file.loaded, undefined, context);
  run(reader);
  return Object.assign(reader, { main });
}

function createReader(root: string, host: Host, settings: LoadSettings, fragment: boolean, strict: boolean): Reader {
  const directory = path.posix.dirname(root);
  const home = path.posix.basename(directory) === 'conf' ? path.posix.dirname(directory) : directory;
  const defined = new Map<string, Defined>();
  for (const [name, value] of settings.define) defined.set(name, { name, value, uses: [] });
  return {
    host,
    settings,
    fragment,
    tree: { host, prefix: settings.prefix, serverRoot: '', directory: home },
    modules: createModules(settings.module, strict),
    target: settings.target,
    defined,
    env: readEnvvars(host, path.posix.join(directory, 'envvars')),
    macros: new Map(),
    files: [],
    byReal: new Map(),
    problems: [],
    vhosts: [],
    listens: [],
    frames: [],
    order: 0,
    opened: 0,
    loadModules: 0,
    incomplete: false,
    withoutSsl: false,
    isDefined: name => defined.has(name),
  };
}

function run(reader: Reader): void {
  const { frames } = reader;
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const node = frame.nodes[frame.next++];
    if (!node) frames.pop();
    else if (node.type === 'directive') runDirective(reader, frame, node);
    else if (node.type === 'section') runSection(reader, frame, node);
  }
}

function runDirective(reader: Reader, frame: Frame, node: ApacheDirective) {
  if (node.name.includes('${')) return runNamedByVariable(reader, frame, node);
  const run = DIRECTIVES.get(node.key);
  if (run) return run(reader, lineOf(reader, frame, node, node.key), frame);
  if (isKept(node.key)) keep(reader, lineOf(reader, frame, node, node.key), frame);
  else if (!isAscii(node.key)) refuseImpossible(reader, lineOf(reader, frame, node, node.key));
}

/** A no-break space is a part of the name, and no module has such a name. */
function isAscii(name: string): boolean {
  for (let index = 0; index < name.length; index++) if (name.charCodeAt(index) > 126) return false;
  return true;
}

function refuseImpossible(reader: Reader, { origin }: Line): void {
  problem(
    reader,
    'refused',
    origin,
    `Unexpected directive \`${origin.directive}\`, expected ASCII letters in its name`,
    ALWAYS,
  );
}

/** The name itself comes from a variable. */
function runNamedByVariable(reader: Reader, frame: Frame, node: ApacheDirective): void {
  const line = lineOf(reader, frame, node, '');
  if (line.key.includes('${')) reader.incomplete = true;
  const run = DIRECTIVES.get(line.key);
  if (run) run(reader, line, frame);
  else if (isKept(line.key)) keep(reader, line, frame);
}

/** Executed while reading. */
const DIRECTIVES: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['include', (reader, line, frame) => include(reader, line, frame, false)],
  ['includeoptional', (reader, line, frame) => include(reader, line, frame, true)],
  ['serverroot', setServerRoot],
  ['define', define],
  ['undefine', (reader, { args }) => reader.defined.delete(args[0]?.text ?? '')],
  ['loadmodule', loadModule],
  ['use', useMacro],
  ['undefmacro', (reader, { args }) => reader.macros.delete((args[0]?.text ?? '').toLowerCase())],
]);

function loadModule(reader: Reader, { args }: Line): void {
  const [identifier] = args;
  if (!identifier) return;
  reader.loadModules++;
  reader.modules.load(identifier.text);
}

function define(reader: Reader, line: Line) {
  const [name, value] = line.args;
  if (!name) return;
  if (name.text.includes(':')) {
    return problem(
      reader,
      'refused',
      line.origin,
      `Unexpected \`:\` in \`${name.text}\`, expected a name without it`,
      ALWAYS,
    );
  }
  reader.defined.set(name.text, { name: name.text, value: value?.text ?? '', line, uses: [] });
}
