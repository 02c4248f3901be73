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
import { undefineMacro, useMacro } from './use.js';

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
  const strict = !fragment && first.loadModules > 0 ? readOnce(root, host, settings, fragment, true) : undefined;
  // A file that only a module taken for loaded asks for may be missing.
  const reader = strict && !strict.incomplete ? strict : first;
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
  const defined = new Set(settings.define.keys());
  const variables = new Map<string, Defined>();
  for (const [name, value] of settings.define) {
    if (value !== '') variables.set(name.toLowerCase(), { name, value, uses: [] });
  }
  return {
    host,
    settings,
    fragment,
    tree: { host, prefix: settings.prefix, serverRoot: '', directory: home },
    modules: createModules(settings.module, strict),
    target: settings.target,
    defined,
    variables,
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
  if (run) return execute(reader, lineOf(reader, frame, node, node.key), frame, run);
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
  if (run) execute(reader, line, frame, run);
  else if (isKept(line.key)) keep(reader, line, frame);
}

function execute(reader: Reader, line: Line, frame: Frame, run: Run): void {
  if (hasArguments(reader, line)) run(reader, line, frame);
}

/** Executed while reading. */
const DIRECTIVES: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['include', (reader, line, frame) => include(reader, line, frame, false)],
  ['includeoptional', (reader, line, frame) => include(reader, line, frame, true)],
  ['serverroot', setServerRoot],
  ['define', define],
  ['undefine', undefine],
  ['loadmodule', loadModule],
  ['use', useMacro],
  ['error', stopHere],
  ['undefmacro', undefineMacro],
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
  reader.defined.add(name.text);
  // An empty second word counts as none (`invoke_cmd`, TAKE12).
  if (value?.text)
    reader.variables.set(name.text.toLowerCase(), { name: name.text, value: value.text, line, uses: [] });
}

function undefine(reader: Reader, { args }: Line): void {
  const name = args[0]?.text ?? '';
  reader.defined.delete(name);
  reader.variables.delete(name.toLowerCase());
}

/** `Error` stops the server wherever it is read. */
function stopHere(reader: Reader, { origin, args }: Line): void {
  const words = args.map(arg => arg.text).join(' ');
  problem(reader, 'refused', origin, `Unexpected \`Error\`, which stops the server: “${words}”`, ALWAYS);
}

/** How many arguments the directives above take, at least and at most. */
const COUNTS: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['include', [1, 1]],
  ['includeoptional', [1, 1]],
  ['serverroot', [1, 1]],
  ['define', [1, 2]],
  ['undefine', [1, 1]],
  ['loadmodule', [2, 2]],
  ['use', [1, Number.POSITIVE_INFINITY]],
  ['undefmacro', [1, 1]],
]);

/** False where the server refuses their number. */
function hasArguments(reader: Reader, { key, args, origin }: Line): boolean {
  const [least, most] = COUNTS.get(key) ?? [0, Number.POSITIVE_INFINITY];
  if (args.length >= least && args.length <= most) return true;
  const wanted =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} or ${most}`;
  problem(
    reader,
    'refused',
    origin,
    `Unexpected ${args.length} arguments of \`${origin.directive}\`, expected ${wanted}`,
    ALWAYS,
  );
  return false;
}
