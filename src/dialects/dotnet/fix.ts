/** From a wish to minimal edits of programs and of their configuration. */

import { isPlainList, rewriteOperands } from '../../../fixers/dotnet.js';
import type { Fix } from '../../../fixers/edit.js';
import type { DotnetRoot } from '../../../parsers/ast.js';
import { NONE, type ProtocolSet, protocolNames, TLSv1_2, TLSv1_3 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { LoadedFile, ProtocolRemedy, Remedy } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import type { Binding, Configuration } from './configuration.js';
import type { Language, Term } from './expression.js';
import type { Decision } from './places.js';
import type { Use } from './programs.js';
import { delegate } from './switches.js';
import { membersOf, numberOf } from './versions.js';

export interface Facts {
  readonly file: LoadedFile;
  readonly tree: DotnetRoot;
  readonly configuration: Configuration | undefined;
  /** A transform, which changes a file that is not here. */
  readonly fragment: boolean;
  readonly decisions: readonly Decision[];
}

export function nothing(reason: string): Fix {
  return { title: 'nothing', applicability: 'manual', edits: [], directives: [], reason };
}

export function createFixer(facts: Facts): (remedy: Remedy, targets: readonly Target[]) => Fix {
  const subjects = new Map(facts.decisions.map(({ statement, subject }) => [statement.origin, subject]));
  const chains = chainsOf(facts.decisions);
  return (remedy, targets) => {
    if (remedy.set === 'removal') return nothing('a statement of a program may do more than it says');
    const subject = remedy.at && subjects.get(remedy.at);
    if (facts.fragment && (!subject || 'switched' in subject)) return nothing('it changes a file that is not here');
    if (!subject || 'switched' in subject) return delegate(facts.file, facts.configuration, subject?.switched);
    return 'use' in subject
      ? fixUse({ ...facts, chains }, subject.use, remedy, targets)
      : fixBinding(facts.file, subject.binding, remedy);
  };
}

const OPERATORS: Record<Language, string> = { cs: ' | ', vb: ' Or ', powershell: ' -bor ' };
/** The version that a member came with (https://learn.microsoft.com/dotnet/api/system.net.securityprotocoltype). */
const SINCE: ReadonlyArray<readonly [ProtocolSet, member: string, framework: string]> = [
  [TLSv1_3, 'Tls13', '4.8'],
  [TLSv1_2, 'Tls12', '4.5'],
];
const ALWAYS = [NONE, 'Tls', '1.1'] as const;

function fixUse(
  facts: Facts & { readonly chains: ReadonlyMap<Use, ProtocolSet> },
  use: Use,
  wish: ProtocolRemedy,
  targets: readonly Target[],
): Fix {
  const { file, tree, chains } = facts;
  const { value } = use;
  if (!value || value.terms.length === 0) return nothing('its value is computed when the program runs');
  const { text } = file.source;
  const { terms } = value;
  const language = tree.language as Language;
  const kept: Array<string | undefined> = terms.map(term => keptOf(term, text, wish.forbid));
  const lacking = wish.require & ~((chains.get(use.first) ?? NONE) & ~wish.forbid);
  const [, member, framework] = SINCE.find(([set]) => (wish.require & set) !== NONE) ?? ALWAYS;
  const named = targets.some(({ server }) => atLeast(server, framework));
  const isNamed = named && terms.some(({ form }) => form !== 'number');
  const needs = isNamed
    ? `\`${member}\` needs .NET Framework ${framework} or later`
    : `before .NET Framework ${framework} an update must have brought the version`;
  const style = { text, language, named };
  if (!kept.some(each => each !== undefined)) {
    const [first] = terms as [Term];
    kept[0] = spell(first, wish.require, style);
    const edits = edited(file, terms, kept, [], ' ');
    return edits ? done(`allow ${list(wish.require)} in their place`, use, edits, language, needs) : grouped();
  }
  const model = terms[kept.findLastIndex(each => each !== undefined)]!;
  const added = lacking === NONE ? [] : [spell(model, lacking, style)];
  const edits = edited(file, terms, kept, added, operatorOf(model, terms, text, language));
  const gone = terms.reduce((set, { allows }) => set | (allows & wish.forbid), NONE);
  const title = [gone && `remove ${list(gone)}`, lacking && `add ${list(lacking)}`].filter(Boolean).join(' and ');
  return edits ? done(title, use, edits, language, needs) : grouped();
}

function list(set: ProtocolSet): string {
  return protocolNames(set)
    .map(name => `\`${name}\``)
    .join(' and ');
}

function grouped(): Fix {
  return nothing('comments or parentheses stand between its versions');
}

function done(title: string, use: Use, edits: Fix['edits'], language: Language, needs: string): Fix {
  const again = language === 'powershell' ? '' : 'the program must be compiled again; ';
  return { title, applicability: 'unsafe', edits, directives: [use.node.name], reason: `${again}${needs}` };
}

/** What stays of an operand, as it is written then; `undefined` where nothing does. */
function keptOf(term: Term, text: string, forbid: ProtocolSet): string | undefined {
  const written = text.slice(term.start, term.end);
  const left = term.allows & ~forbid;
  if (left === term.allows) return written;
  if (left === NONE || term.form !== 'number') return undefined;
  return withName(term, text, numberLike(text.slice(term.name.start, term.name.end), left));
}

function withName({ start, end, name }: Term, text: string, written: string): string {
  return text.slice(start, name.start) + written + text.slice(name.end, end);
}

function numberLike(written: string, set: ProtocolSet): string {
  const number = numberOf(set);
  const prefix = /^(?:0x|&h)/i.exec(written)?.[0];
  return prefix ? prefix + number.toString(16).toUpperCase() : String(number);
}

/** What those allow that build on each other, by the first of them. */
function chainsOf(decisions: readonly Decision[]): ReadonlyMap<Use, ProtocolSet> {
  const chains = new Map<Use, ProtocolSet>();
  for (const { subject } of decisions) {
    if (!('use' in subject)) continue;
    const { first, value } = subject.use;
    chains.set(first, (chains.get(first) ?? NONE) | (value?.set ?? NONE));
  }
  return chains;
}

interface Style {
  readonly text: string;
  readonly language: Language;
  /** Whether the enumeration has a name for what is required. */
  readonly named: boolean;
}

/** A set in the way that an operand is written. */
function spell(term: Term, set: ProtocolSet, style: Style): string {
  const { text } = style;
  const names = membersOf(set).map(({ name }) => name);
  if (term.form === 'number') return withName(term, text, numberLike(text.slice(term.name.start, term.name.end), set));
  if (term.form !== 'member') return withName(term, text, names.join(', '));
  if (!style.named) return spellNumber(term, set, style);
  return names.map(name => withName(term, text, name)).join(OPERATORS[style.language]);
}

function spellNumber({ type }: Term, set: ProtocolSet, { language }: Style): string {
  const number = numberOf(set);
  if (language === 'vb') return `CType(${number}, ${type})`;
  return language === 'cs' ? `(${type})${number}` : `[${type}]${number}`;
}

/** As between the first two operands, else as the language has it. */
function operatorOf(model: Term, terms: readonly Term[], text: string, language: Language): string {
  const [first, second] = terms;
  if (first && second && first.form === second.form) {
    const between = text.slice(first.end, second.start);
    if (!/[\r\n]/.test(between)) return between;
  }
  return model.form === 'part' || model.form === 'bare' ? ', ' : OPERATORS[language];
}

function edited(
  file: LoadedFile,
  terms: readonly Term[],
  values: ReadonlyArray<string | undefined>,
  added: readonly string[],
  operator: string,
): Fix['edits'] | undefined {
  const { text } = file.source;
  if (values.includes(undefined) && !isPlainList(text, terms)) return undefined;
  return rewriteOperands(file.path, text, terms, values, added, operator);
}

/** The names in an attribute; its commas stay. */
function fixBinding(file: LoadedFile, { set, words, attribute, element }: Binding, wish: ProtocolRemedy): Fix {
  if (set === null || words.length === 0) return nothing('a word of it is no version');
  const { text } = file.source;
  const values: Array<string | undefined> = words.map(({ start, end, allows }) =>
    (allows & ~wish.forbid) === NONE ? undefined : text.slice(start, end),
  );
  const lacking = membersOf(wish.require & ~(set & ~wish.forbid)).map(({ name }) => name);
  const isEmpty = !values.some(value => value !== undefined);
  if (isEmpty) values[0] = lacking.join(',');
  const edits = rewriteOperands(file.path, text, words, values, isEmpty ? [] : lacking, ',');
  return {
    title: `allow ${list((set & ~wish.forbid & ~wish.require) | wish.require)} alone`,
    applicability: 'unsafe',
    edits,
    directives: [element.name],
    reason: `what is at the other end of \`${attribute.name}\` may know no newer version`,
  };
}
