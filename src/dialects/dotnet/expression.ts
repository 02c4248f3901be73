/** What an expression of a program allows, where that is written out; of anything else it says that it is not known. */
import type { CodeWord, DotnetLanguage, Span } from '../../../parsers/ast.js';
import { NONE, type ProtocolSet } from '../../model/protocols.js';
import { ENUMS, memberSet, numberSet, readNumber } from './versions.js';

export type Language = Exclude<DotnetLanguage, 'xml'>;

/** One operand: what of it a fix would rewrite is `name`. */
export interface Term extends Span {
  readonly allows: ProtocolSet;
  /** `part`: one name of several in a string. `bare`: a name that PowerShell takes for a string. */
  readonly form: 'member' | 'number' | 'string' | 'part' | 'bare';
  readonly name: Span;
  /** The enumeration, as written: `System.Net.SecurityProtocolType`. */
  readonly type: string;
}

export interface Value {
  readonly set: ProtocolSet;
  readonly terms: readonly Term[];
  /** One operand is what the property has already. */
  readonly keeps: boolean;
}

interface Reader {
  readonly words: readonly CodeWord[];
  readonly language: Language;
  readonly terms: Term[];
  at: number;
  end: number;
  keeps: boolean;
  /** The enumeration that a cast before the next operand names. */
  cast: string;
  /** Offset of that cast. */
  castAt: number;
  /** Of each open parenthesis: how many operands were read before it, and where the call starts that it belongs to, if any. */
  readonly calls: Array<{ readonly before: number; readonly start?: number }>;
  /** The last cast, which may hold for a group. */
  type: string;
  /** Bare names are values: after `-SslProtocol`. */
  readonly bare: boolean;
}

/** The words `[from, to)`; `undefined` where a part of them can't be known. */
export function readValue(
  words: readonly CodeWord[],
  from: number,
  to: number,
  language: Language,
  bare = false,
): Value | undefined {
  const reader: Reader = {
    ...{ words, language, terms: [], at: from, end: to, keeps: false },
    ...{ cast: '', castAt: -1, calls: [], type: '', bare },
  };
  let wantsTerm = true;
  while (reader.at < to) {
    if (wantsTerm ? readOpening(reader) : readClosing(reader)) continue;
    if (!(wantsTerm ? readTerm(reader) : readOperator(reader))) return undefined;
    wantsTerm = !wantsTerm;
  }
  if (wantsTerm || reader.calls.length > 0) return undefined;
  const { terms, keeps } = reader;
  return { set: terms.reduce((set, term) => set | term.allows, NONE), terms, keeps };
}

function text({ words, end }: Reader, index: number): string {
  return index < end ? words[index]!.text : '';
}

/** Whether the word is this sign, or this name in the way that the language compares names. */
function is(reader: Reader, index: number, ...names: readonly string[]): boolean {
  const word = text(reader, index);
  if (word === '' || reader.words[index]!.quote !== '') return false;
  return names.some(name => (reader.language === 'cs' ? word === name : word.toLowerCase() === name.toLowerCase()));
}

/** Parentheses, casts and functions around an operand; `true` where one was read. */
function readOpening(reader: Reader): boolean {
  return readCast(reader) || readFunction(reader) || readGroup(reader);
}

function readGroup(reader: Reader): boolean {
  const isArray = reader.language === 'powershell' && is(reader, reader.at, '@') && is(reader, reader.at + 1, '(');
  if (!isArray && !is(reader, reader.at, '(')) return false;
  reader.at += isArray ? 2 : 1;
  reader.calls.push({ before: reader.terms.length });
  // A cast before it is for all that stands in it.
  if (reader.cast !== '') reader.type = reader.cast;
  reader.cast = '';
  reader.castAt = -1;
  return true;
}

/** `(SecurityProtocolType)` of C#, `[Net.SecurityProtocolType]` of PowerShell; a `::` behind it makes it a member. */
function readCast(reader: Reader): boolean {
  const { language, at } = reader;
  if (language === 'vb') return false;
  const [open, close] = language === 'cs' ? ['(', ')'] : ['[', ']'];
  if (!is(reader, at, open!)) return false;
  const type = dottedEnd(reader, at + 1);
  if (type === undefined || !is(reader, type.end, close!) || !isEnum(type.last, language)) return false;
  if (is(reader, type.end + 1, '::')) return false;
  if (reader.cast === '') reader.castAt = reader.words[at]!.start;
  reader.cast = type.name;
  reader.at = type.end + 1;
  return true;
}

function isEnum(name: string, language: Language): boolean {
  if (language === 'cs') return ENUMS.has(name);
  return [...ENUMS].some(each => each.toLowerCase() === name.toLowerCase());
}

/** A dotted name from the word at `from`: its text, its last part and the index behind it. */
function dottedEnd(reader: Reader, from: number): { name: string; last: string; end: number } | undefined {
  const { words, end } = reader;
  let at = from;
  if (at >= end || words[at]!.kind !== 'name') return undefined;
  let name = words[at]!.text;
  while (at + 2 < end && ['.', '::'].includes(words[at + 1]!.text) && words[at + 2]!.kind === 'name') {
    // In PowerShell `::` leads from a type to its member.
    if (reader.language === 'powershell' && words[at + 1]!.text === '::') break;
    name += words[at + 1]!.text + words[at + 2]!.text;
    at += 2;
  }
  return { name, last: words[at]!.text, end: at + 1 };
}

/** `CType(…, Type)`, `Enum.Parse(typeof(Type), …)`, `[Enum]::ToObject([Type], …)`: the rest is read as operands. */
function readFunction(reader: Reader): boolean {
  const { language, at } = reader;
  if (language === 'vb' && is(reader, at, 'CType', 'DirectCast', 'CInt') && is(reader, at + 1, '(')) {
    return openCall(reader, 'SecurityProtocolType', at + 2);
  }
  const call = language === 'powershell' ? powershellCall(reader) : dottedEnd(reader, at);
  if (!call || !/(?:^|\.|::)enum(?:\.|::)(?:parse|toobject)$/i.test(call.name) || !is(reader, call.end, '(')) {
    return false;
  }
  const type = typeArgument(reader, call.end + 1);
  if (!type) return false;
  return openCall(reader, type.name, type.end);
}

/** From the word at `to` on its operands follow. */
function openCall(reader: Reader, type: string, to: number): boolean {
  const { castAt, words, at, terms, calls } = reader;
  calls.push({ before: terms.length, start: castAt === -1 ? words[at]!.start : castAt });
  reader.type = type;
  reader.cast = '';
  reader.castAt = -1;
  reader.at = to;
  return true;
}

/** `[Enum]::Parse`. */
function powershellCall(reader: Reader): { name: string; end: number } | undefined {
  const { at } = reader;
  if (!is(reader, at, '[')) return undefined;
  const type = dottedEnd(reader, at + 1);
  if (!type || !is(reader, type.end, ']') || !is(reader, type.end + 1, '::')) return undefined;
  return { name: `${type.name}::${text(reader, type.end + 2)}`, end: type.end + 3 };
}

/** `typeof(Type),`, `GetType(Type),`, `[Type],`: the index behind the comma. */
function typeArgument(reader: Reader, from: number): { name: string; end: number } | undefined {
  const { language } = reader;
  const isCall = is(reader, from, language === 'cs' ? 'typeof' : 'GetType') && is(reader, from + 1, '(');
  const isBracket = language === 'powershell' && is(reader, from, '[');
  if (!isCall && !isBracket) return undefined;
  const type = dottedEnd(reader, from + (isCall ? 2 : 1));
  if (!type || !isEnum(type.last, language)) return undefined;
  const closed = is(reader, type.end, isCall ? ')' : ']') && is(reader, type.end + 1, ',');
  return closed ? { name: type.name, end: type.end + 2 } : undefined;
}

/** A closing parenthesis, and what `CType` and `Enum.Parse` have before it. */
function readClosing(reader: Reader): boolean {
  const { at } = reader;
  if (is(reader, at, ')')) return close(reader, at);
  if (!is(reader, at, ',') || reader.calls.length === 0) return false;
  const type = reader.language === 'vb' ? dottedEnd(reader, at + 1) : undefined;
  const isType = type !== undefined && isEnum(type.last, reader.language);
  const isFlag = is(reader, at + 1, 'true', 'True', '$true') || is(reader, at + 1, 'false', 'False', '$false');
  const end = isType ? type.end : at + 2;
  return (isType || isFlag) && is(reader, end, ')') && close(reader, end);
}

/** A call with one operand is that operand. */
function close(reader: Reader, at: number): boolean {
  const { calls, terms, words } = reader;
  const call = calls.pop();
  if (!call) return false;
  const { before, start } = call;
  const last = terms.at(-1);
  if (start !== undefined && before === terms.length - 1 && last) {
    terms[terms.length - 1] = { ...last, start, end: words[at]!.end };
  }
  reader.at = at + 1;
  return true;
}

/** The operators that put sets together; a comma makes a list in PowerShell. */
const UNIONS: Record<Language, readonly string[]> = {
  cs: ['|'],
  vb: ['Or', '+'],
  powershell: ['-bor', '+', ','],
};

function readOperator(reader: Reader): boolean {
  if (!is(reader, reader.at, ...UNIONS[reader.language])) return false;
  reader.at++;
  return true;
}

function readTerm(reader: Reader): boolean {
  const word = reader.words[reader.at]!;
  const cast = reader.cast;
  if (cast !== '') reader.type = cast;
  const start = reader.castAt === -1 ? word.start : reader.castAt;
  reader.cast = '';
  reader.castAt = -1;
  if (word.kind === 'number') return readNumberTerm(reader, word, start);
  if (word.kind === 'string') return readStringTerm(reader, word, start);
  return readMember(reader, word, start);
}

/** A number needs a cast but in PowerShell, which makes it what the property is. */
function readNumberTerm(reader: Reader, word: CodeWord, start: number): boolean {
  const number = readNumber(word.raw);
  const allows = number === undefined ? undefined : numberSet(number);
  // In C# 0 alone is a member of every enumeration.
  if (allows === undefined || (reader.type === '' && reader.language === 'cs' && number !== 0)) return false;
  reader.terms.push({ start, end: word.end, allows, form: 'number', name: word, type: reader.type });
  reader.at++;
  return true;
}

/** `'Tls12, Tls11'`: in C# and VB.NET as an argument of `Enum.Parse` alone. */
function readStringTerm(reader: Reader, word: CodeWord, start: number): boolean {
  if (reader.calls.length === 0 && reader.language !== 'powershell') return false;
  const names = [...word.text.matchAll(/[^\s,]+/g)];
  const isPlain = word.raw.length === word.text.length + 2;
  if (names.length === 0) return false;
  for (const match of names) {
    const number = readNumber(match[0]);
    const allows = number === undefined ? memberSet(match[0]) : numberSet(number);
    if (allows === undefined) return false;
    const from = word.start + 1 + match.index;
    const name = isPlain ? { start: from, end: from + match[0].length } : { start: word.start, end: word.end };
    const isPart = names.length > 1;
    const span = isPart && isPlain ? name : { start, end: word.end };
    reader.terms.push({ ...span, allows, form: isPart ? 'part' : 'string', name, type: reader.type });
  }
  reader.at++;
  return true;
}

/** `X.SecurityProtocolType.Tls12`, `[X.SecurityProtocolType]::Tls12`, or the property itself. */
function readMember(reader: Reader, word: CodeWord, start: number): boolean {
  const { language, at } = reader;
  const bracket = language === 'powershell' && is(reader, at, '[');
  const type = dottedEnd(reader, bracket ? at + 1 : at);
  if (!type) return false;
  if (!bracket) return readDotted(reader, type, word, start);
  if (!is(reader, type.end, ']') || !is(reader, type.end + 1, '::')) return false;
  const member = reader.words[type.end + 2];
  if (!member || type.end + 2 >= reader.end) return false;
  reader.at = type.end + 3;
  if (isProperty(type.last, member.text)) {
    reader.keeps = true;
    return true;
  }
  return isEnum(type.last, language) && pushMember(reader, member, start, type.name);
}

function readDotted(reader: Reader, type: { name: string; end: number }, word: CodeWord, start: number): boolean {
  const { language, words, bare } = reader;
  const parts = type.name.split(/\.|::/);
  const name = parts.at(-1)!;
  const owner = parts.at(-2) ?? '';
  reader.at = type.end;
  if (isProperty(owner, name)) {
    reader.keeps = true;
    return true;
  }
  if (isEnum(owner, language)) return pushMember(reader, words[type.end - 1]!, start, parts.slice(0, -1).join('.'));
  const allows = bare && parts.length === 1 ? memberSet(name) : undefined;
  if (allows === undefined) return false;
  reader.terms.push({ start, end: word.end, allows, form: 'bare', name: word, type: '' });
  return true;
}

function isProperty(owner: string, name: string): boolean {
  return owner.toLowerCase() === 'servicepointmanager' && name.toLowerCase() === 'securityprotocol';
}

function pushMember(reader: Reader, member: CodeWord, start: number, type: string): boolean {
  const allows = memberSet(member.text);
  if (allows === undefined) return false;
  reader.terms.push({ start, end: member.end, allows, form: 'member', name: member, type });
  return true;
}
