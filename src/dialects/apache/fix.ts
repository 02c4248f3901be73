/** From a wish to edits: one directive changed where it stands, one put where it is missing, one taken out. */
import { insertDirective, removeDirective, replaceArgs, replaceSpan, replaceWord } from '../../../fixers/apache.js';
import type { Edit, Fix } from '../../../fixers/edit.js';
import { logicalLine, commandName as nameIn, splitWords } from '../../../parsers/apache/index.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, Origin, ProtocolRemedy, Remedy } from '../../model/types.js';
import { type Defined, type Line, lastLine, linesOf, type Scope } from './scope.js';
import { commandName } from './settings/conf-command.js';
import type { ProtocolStatement, World } from './statements.js';
import { boundFor, newWords, reword } from './wording.js';

/** What fixing asks of the model. */
export interface FixWorld extends World {
  readonly statements: readonly ProtocolStatement[];
  readonly sources: ReadonlyMap<Endpoint, { readonly scope: Scope }>;
}

export function createFixer(world: FixWorld): (remedy: Remedy, targets: readonly Target[]) => Fix {
  let known: ReadonlyMap<Origin, Line> | undefined;
  const lineAt = (origin: Origin) => {
    known ??= indexLines(world);
    return known.get(origin);
  };
  return (remedy, targets) => {
    const line = remedy.at && lineAt(remedy.at);
    if (remedy.set === 'removal') return line ? remove(world, line, targets) : manual('take it out', UNKNOWN_PLACE);
    if (!remedy.at) return insert(world, remedy, targets);
    if (!line) return manual('change it by hand', UNKNOWN_PLACE);
    return line.key === 'sslopensslconfcmd'
      ? changeCommand(line, remedy, targets)
      : change(world, line, remedy, targets);
  };
}

const UNKNOWN_PLACE = 'the directive is not one about protocol versions';

function indexLines({ reading, statements }: FixWorld): Map<Origin, Line> {
  const lines = new Map<Origin, Line>();
  for (const { line } of statements) lines.set(line.origin, line);
  for (const scope of [reading.main, ...reading.vhosts]) {
    for (const line of linesOf(scope, 'sslopensslconfcmd')) lines.set(line.origin, line);
    for (const line of linesOf(scope, 'sslpolicy')) lines.set(line.origin, line);
  }
  return lines;
}

function manual(title: string, reason: string, directives: readonly string[] = []): Fix {
  return { title, applicability: 'manual', edits: [], directives, reason };
}

function safe(title: string, edits: readonly Edit[], directives: readonly string[]): Fix {
  return { title, applicability: 'safe', edits, directives };
}

// --- a directive that is there

function change(world: FixWorld, line: Line, remedy: ProtocolRemedy, targets: readonly Target[]): Fix {
  const { directive } = line.origin;
  if (line.key === 'sslpolicy') return manual('set `SSLProtocol`', 'a policy decides', [directive]);
  const words = reword(
    line.args.map(arg => arg.text),
    remedy,
    targets,
  );
  if (!words)
    return manual(`change \`${directive}\``, 'no list of protocols does it for every version in question', [directive]);
  const title = `write \`${directive} ${words.join(' ')}\``;
  if (line.unknown !== undefined) return manual(title, 'what it says now is not known', [directive]);
  if (line.defined) return changeDefined(world, line, words, title);
  if (!line.args.every(arg => arg.literal)) {
    return manual(title, line.macro ? 'a parameter of a macro gives it' : 'a variable gives a part of it', [directive]);
  }
  return safe(title, editArgs(line, words), namesOf(line));
}

/** What the directive is, and the name that stands there: `${NAME}` may stand for it. */
function namesOf({ origin: { directive, file, span } }: Line): readonly string[] {
  const written = nameIn(splitWords(logicalLine(file.source, span).text)[0]?.text ?? directive);
  return written.toLowerCase() === directive.toLowerCase() ? [directive] : [directive, written];
}

function editArgs(line: Line, words: readonly string[]): Edit[] {
  const { file, span } = line.origin;
  if (line.node) return replaceArgs(file.path, file.source, line.node, words, { ignoreCase: true });
  const first = line.args[0];
  const last = line.args.at(-1);
  if (first && last) return replaceSpan(file.path, { start: first.start, end: last.end }, words.join(' '));
  return replaceSpan(file.path, { start: span.end, end: span.end }, ` ${words.join(' ')}`);
}

/** All that read the value must want the same. */
function changeDefined({ statements }: FixWorld, line: Line, words: readonly string[], title: string): Fix {
  const defined = line.defined!;
  const names = ['Define'];
  const source = defined.line;
  if (!source) return manual(title, `\`${defined.name}\` is set outside the configuration`, names);
  if (!onlyProtocols(statements, defined)) {
    return manual(title, `\`${defined.name}\` is used for other things as well`, names);
  }
  const word = source.node?.words[2];
  if (!word || !source.args[1]?.literal)
    return manual(title, `the value of \`${defined.name}\` is put together from others`, names);
  return safe(title, replaceWord(source.origin.file.path, word, words.join(' ')), namesOf(source));
}

const uses = new WeakMap<Defined, boolean>();

/** Whether a value is read by directives about protocols alone, and is all that they say. */
function onlyProtocols(statements: readonly ProtocolStatement[], defined: Defined): boolean {
  let answer = uses.get(defined);
  if (answer === undefined) {
    const known = new Set(statements.map(statement => statement.line));
    answer = defined.uses.every(use => known.has(use) && use.defined === defined);
    uses.set(defined, answer);
  }
  return answer;
}

function changeCommand(line: Line, remedy: ProtocolRemedy, targets: readonly Target[]): Fix {
  const command = commandName(line);
  const { directive, file } = line.origin;
  const [name, value] = line.args;
  const bound = command === 'protocol' ? undefined : boundFor(command, remedy, targets);
  if (bound === undefined || !name || !value) {
    return manual(`change \`${directive}\``, 'what other commands and `SSLProtocol` leave hangs on it', [directive]);
  }
  const title = `write \`${directive} ${name.text} ${bound}\``;
  const word = line.node?.words[2];
  if (!word || !value.literal) return manual(title, 'its value is put together from others', [directive]);
  return safe(title, replaceWord(file.path, word, bound), namesOf(line));
}

// --- a directive that is not there

/** Siblings in the order in which one looks for the protocols. */
const SIBLINGS = [
  'sslciphersuite',
  'sslhonorcipherorder',
  'sslproxyciphersuite',
  'sslsessioncachetimeout',
  'sslsessioncache',
  'sslsessiontickets',
  'sslengine',
  'sslcertificatefile',
];

function insert(world: FixWorld, remedy: ProtocolRemedy, targets: readonly Target[]): Fix {
  const client = remedy.endpoints.some(endpoint => endpoint.role === 'client');
  const directive = client ? 'SSLProxyProtocol' : 'SSLProtocol';
  const words = newWords(remedy, targets);
  if (!words)
    return manual(`add \`${directive}\``, 'no list of protocols does it for every version in question', [directive]);
  const statement = `${directive} ${words.join(' ')}`;
  const scopes = [
    ...new Set(
      remedy.endpoints.map(endpoint => world.sources.get(endpoint)?.scope).filter(scope => scope !== undefined),
    ),
  ];
  const edits = client ? insertForClients(world, scopes, statement) : insertForServers(world, scopes, statement);
  const title = `add \`${statement}\``;
  if (!edits || edits.length === 0) return manual(title, 'no place for it is in sight', [directive]);
  if (!world.reading.incomplete) return safe(title, edits, [directive]);
  return { ...safe(title, edits, [directive]), applicability: 'unsafe', reason: 'a file that was not read may set it' };
}

/** Once in the main server, beside its siblings or before the first virtual host that needs it; in a fragment in each. */
function insertForServers({ reading }: FixWorld, scopes: readonly Scope[], statement: string): Edit[] | undefined {
  if (reading.fragment) return insertInEach(scopes, statement);
  const sibling = siblingIn(reading.main);
  if (sibling) return insertAfter(sibling, statement);
  const first = reading.vhosts.find(vhost => scopes.includes(vhost));
  if (!first?.node) return undefined;
  const { file } = first.origin;
  return insertDirective(file.path, file.source, { before: first.node }, statement);
}

function siblingIn(scope: Scope): Line | undefined {
  for (const key of SIBLINGS) {
    const line = lastLine(scope, key);
    if (line?.node) return line;
  }
  return undefined;
}

function insertAfter(line: Line, statement: string): Edit[] {
  const { file } = line.origin;
  return insertDirective(file.path, file.source, { after: line.node! }, statement);
}

function insertInEach(scopes: readonly Scope[], statement: string): Edit[] | undefined {
  const edits: Edit[] = [];
  for (const scope of scopes) {
    const sibling = siblingIn(scope) ?? lastLine(scope, 'sslproxyengine');
    if (!sibling?.node) return undefined;
    edits.push(...insertAfter(sibling, statement));
  }
  return unique(edits);
}

/** Beside the `SSLProxyEngine` that they follow. */
function insertForClients({ reading }: FixWorld, scopes: readonly Scope[], statement: string): Edit[] | undefined {
  const edits: Edit[] = [];
  for (const scope of scopes) {
    const engine = lastLine(scope, 'sslproxyengine') ?? lastLine(reading.main, 'sslproxyengine');
    if (!engine?.node) return undefined;
    edits.push(...insertAfter(engine, statement));
  }
  return unique(edits);
}

/** A file that several servers include is changed once. */
function unique(edits: readonly Edit[]): Edit[] {
  const seen = new Set<string>();
  return edits.filter(({ path, start }) => {
    const key = `${path}\0${start}`;
    return !seen.has(key) && seen.add(key);
  });
}

// --- a directive that is too much

const places = new WeakMap<readonly ProtocolStatement[], Map<string, ProtocolStatement[]>>();

/** A file that is included more than once says the same more than once. */
function statementsByPlace(
  statements: readonly ProtocolStatement[],
): ReadonlyMap<string, readonly ProtocolStatement[]> {
  let found = places.get(statements);
  if (!found) {
    found = new Map();
    for (const statement of statements) {
      const key = `${statement.origin.file.real}\0${statement.origin.span.start}`;
      const known = found.get(key);
      if (known) known.push(statement);
      else found.set(key, [statement]);
    }
    places.set(statements, found);
  }
  return found;
}

function remove(world: FixWorld, line: Line, targets: readonly Target[]): Fix {
  const { directive, file, span } = line.origin;
  const title = `take out \`${directive}\``;
  if (!line.node || line.args.some(arg => !arg.literal))
    return manual(title, 'a macro or a variable makes it', [directive]);
  const others = statementsByPlace(world.statements).get(`${file.real}\0${span.start}`);
  const dead = others?.every(other => targets.every(target => other.ineffective(target)?.why === 'repeated'));
  if (!dead) return manual(title, 'it has an effect where another file includes it', [directive]);
  return safe(title, removeDirective(file.path, file.source, line.node), namesOf(line));
}
