/** From a wish to minimal edits of nginx configuration. */
import { sameEdits } from '../../../fixers/apply.js';
import type { Edit, Fix } from '../../../fixers/edit.js';
import { removeDirective, replaceArgs, replaceWord } from '../../../fixers/nginx.js';
import { NONE, type ProtocolSet, protocolBit, protocolNames, TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Origin, ProtocolRemedy, Remedy } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { insertMissing, manual } from './insertion.js';
import type { Facts } from './model.js';
import { isTemplateWord } from './profile.js';
import { type Item, itemOrigin } from './scope.js';
import { read as readCommand, type Wish, write as writeCommand } from './settings/ssl-conf-command.js';
import { knownTo, read, suggestionFor, write } from './settings/ssl-protocols.js';
import type { NginxStatement } from './statements.js';

type Fixer = (remedy: Remedy, targets: readonly Target[]) => Fix;

export function createFixer(facts: Facts, statements: readonly NginxStatement[]): Fixer {
  let byOrigin: Map<Origin, NginxStatement> | undefined;
  const readingsOf = indexReadings(statements);
  return (remedy, targets) => {
    byOrigin ??= new Map(statements.map(each => [each.origin, each]));
    if (remedy.set === 'removal') {
      const statement = byOrigin.get(remedy.at);
      return statement
        ? removal(statement, readingsOf(statement), targets)
        : manual('the directive is not one that can be taken out');
    }
    const wish = wishFor(remedy, targets);
    if (typeof wish === 'string') return manual(wish);
    if (!remedy.at) return insertMissing(facts, remedy, wish, targets);
    const statement = byOrigin.get(remedy.at);
    if (statement) return protocolsFix(readingsOf(statement), wish);
    const command = commandAt(facts, remedy.at);
    return command ? commandFix(command, wish) : manual('the directive that decides is not one that can be edited');
  };
}

/** What every target has a word for; a sentence where the wish needs more. */
function wishFor({ require, forbid, add }: ProtocolRemedy, targets: readonly Target[]): Wish | string {
  let known = ~0;
  for (const { server, openssl } of targets) {
    known &= knownTo(server);
    if (!atLeast(openssl.version, '1.1.1')) known &= ~TLSv1_3;
  }
  const missing = protocolNames(require & ~known);
  if (missing.length > 0) return `${spell(missing)} is not known to all targets`;
  return { require, forbid, add: add & known };
}

function removal(statement: NginxStatement, readings: readonly NginxStatement[], targets: readonly Target[]): Fix {
  // A file that is included twice is read twice: it must be without effect both times.
  const used = readings.some(each => targets.some(target => each.ineffective(target)?.why !== 'repeated'));
  if (used) return manual('the file is included more than once, and the directive has an effect in one place');
  const { node, file } = statement.item;
  return {
    title: `remove this \`${node.name}\``,
    applicability: 'safe',
    edits: removeDirective(file.path, file.source, node),
    directives: [node.name],
  };
}

/** What becomes of the words of one directive. */
interface Kept {
  readonly item: Item;
  readonly args: readonly string[];
  readonly set: ProtocolSet;
}

/** The same line wherever a file brings it in. */
function indexReadings(
  statements: readonly NginxStatement[],
): (statement: NginxStatement) => readonly NginxStatement[] {
  let byNode: Map<Item['node'], NginxStatement[]> | undefined;
  return ({ item }) => {
    byNode ??= byNodeOf(statements);
    return byNode.get(item.node)!;
  };
}

function byNodeOf(statements: readonly NginxStatement[]): Map<Item['node'], NginxStatement[]> {
  const found = new Map<Item['node'], NginxStatement[]>();
  for (const each of statements) {
    const known = found.get(each.item.node);
    if (known) known.push(each);
    else found.set(each.item.node, [each]);
  }
  return found;
}

/** One edit that is right in each place that includes the line. */
function protocolsFix(readings: readonly NginxStatement[], wish: Wish): Fix {
  const fixes = readings.map(each => levelFix(each, wish));
  const first = fixes.find(({ applicability }) => applicability === 'manual') ?? fixes[0]!;
  if (first.applicability === 'manual' || fixes.every(({ edits }) => sameEdits(edits, first.edits))) return first;
  const own = keep(readings[0]!.item, wish);
  if (own.args.length === 0) {
    const anew = write(wish.require | wish.add);
    return edit(own.item, `set \`${own.item.node.name}\` to ${spell(anew)}`, wordsOf(own.item, anew));
  }
  // What one place needs is allowed in the others.
  const lacking = readings.reduce((set, each) => set | lackingOf(levelOf(each, wish), wish), NONE);
  return editWords(own, [...own.args, ...write(lacking & ~own.set)], wish);
}

function levelOf({ item, family }: NginxStatement, wish: Wish): readonly Kept[] {
  const items = item.scope.settings.get(`${family}_protocols`)!;
  // Of a line that is there twice because its file is, one reading counts.
  return items.filter(each => each === item || each.node !== item.node).map(each => keep(each, wish));
}

function lackingOf(level: readonly Kept[], { require }: Wish): ProtocolSet {
  return require & ~level.reduce((set, each) => set | each.set, NONE);
}

function levelFix(statement: NginxStatement, wish: Wish): Fix {
  const { item, value } = statement;
  if (value === null) return manual('its value is a template');
  const level = levelOf(statement, wish);
  const own = level.find(each => each.item === item)!;
  const others = level.filter(each => each !== own);
  if (others.some(each => each.item.node.args.some(isTemplateWord))) return manual('a template stands beside it');
  const wholeLevel = level.reduce((set, each) => set | each.set, NONE);
  const lacking = lackingOf(level, wish);
  if (own.args.length > 0) {
    // What is required and nowhere on the level comes to the last line that stays.
    const isCarrier = level.findLast(each => each.args.length > 0) === own;
    const fix = editWords(own, isCarrier ? [...own.args, ...write(lacking)] : own.args, wish);
    return isCarrier || lacking === 0 ? fix : { ...fix, edits: [...fix.edits, ...carrierEdits(level, lacking)] };
  }
  if (lacking === 0 && wholeLevel !== 0)
    return edit(own.item, `remove this \`${own.item.node.name}\``, without(own.item));
  if (wholeLevel !== 0)
    return edit(own.item, `remove this \`${own.item.node.name}\``, [
      ...without(own.item),
      ...carrierEdits(level, lacking),
    ]);
  // None of them has anything left: the last one is written anew, the others go.
  const last = level.at(-1)!;
  const anew = write(wish.require | wish.add);
  const edits = level.flatMap(each => (each === last ? wordsOf(each.item, anew) : without(each.item)));
  return edit(own.item, `set \`${own.item.node.name}\` to ${spell(anew)}`, edits);
}

function carrierEdits(level: readonly Kept[], lacking: ProtocolSet): readonly Edit[] {
  const carrier = level.findLast(each => each.args.length > 0)!;
  return wordsOf(carrier.item, [...carrier.args, ...write(lacking)]);
}

/** Words of allowed versions stay as they are written; misspelt ones are put right. */
function keep(item: Item, { forbid }: Wish): Kept {
  const args: string[] = [];
  let set = 0;
  for (const word of item.node.args) {
    const name = protocolBit(word) === 0 ? suggestionFor(word) : word;
    const bit = name === undefined ? 0 : protocolBit(name);
    if (bit === 0 || (bit & forbid) !== 0) continue;
    args.push(name!);
    set |= bit;
  }
  return { item, args, set };
}

function editWords(own: Kept, args: readonly string[], wish: Wish): Fix {
  const { node } = own.item;
  const before = read(node.args);
  const after = read(args);
  const gone = node.args.filter(word => (protocolBit(word) & wish.forbid) !== 0 || before.unknown.includes(word));
  const parts: string[] = [];
  if (gone.length > 0) parts.push(`remove ${spell([...new Set(gone)])}`);
  const added = write(after.set & ~before.set);
  if (added.length > 0) parts.push(`add ${spell(added)}`);
  return edit(own.item, parts.join(', ') || 'leave it', wordsOf(own.item, args));
}

function edit({ node }: Item, title: string, edits: readonly Edit[]): Fix {
  return { title, applicability: 'safe', edits, directives: [node.name] };
}

function wordsOf({ node, file }: Item, args: readonly string[]): Edit[] {
  return replaceArgs(file.path, file.source, node, args, { ignoreCase: true, ordered: true });
}

function without({ node, file }: Item): Edit[] {
  return removeDirective(file.path, file.source, node);
}

function spell(words: readonly string[]): string {
  const quoted = words.map(word => `\`${word}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} and ${last}`;
}

function commandAt(facts: Facts, at: Origin): Item | undefined {
  for (const scope of facts.scopes) {
    for (const [name, items] of scope.settings) {
      if (!name.endsWith('_conf_command')) continue;
      const found = items.find(item => itemOrigin(item) === at);
      if (found) return found;
    }
  }
  return undefined;
}

/** A command is edited where its value can be mended word by word. */
function commandFix(item: Item, wish: Wish): Fix {
  const { node, file } = item;
  const said = readCommand(node.args);
  const word = node.words[2];
  if (!said || !word || node.args.length !== 2) return manual(`\`${node.name}\` decides it`);
  if (isTemplateWord(said.value)) return manual('its value is a template');
  const value = writeCommand(said.command, said.value, wish);
  if (value === undefined || value === said.value) return manual(`\`${node.name} ${node.args[0]}\` decides it`);
  if (value === '') {
    // Without any command of its own the block would inherit those of the block around it (NX-S5).
    if (item.scope.settings.get(node.name)!.length < 2 && outerCommands(item))
      return manual(`without it the \`${node.name}\` of the block around it would count`);
    return edit(item, `remove this \`${node.name}\``, without(item));
  }
  const title = `set \`${node.args[0]}\` to \`${value}\``;
  return edit(item, title, replaceWord(file.path, word, value));
}

function outerCommands({ scope, node }: Item): boolean {
  for (let outer = scope.parent; outer; outer = outer.parent) if (outer.settings.has(node.name)) return true;
  return false;
}
