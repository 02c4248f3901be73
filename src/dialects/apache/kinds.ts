/** Virtual hosts whose lines say the same of TLS: what is worked out for the first of them holds for all. */
import type { Reading } from './read.js';
import { type Line, linesOf, type Scope } from './scope.js';
import { keySizes, keyTypes, mayBeEc } from './settings/certificate.js';

export interface Kinds {
  /** The main server and the first virtual host of each kind, in reading order. */
  readonly firsts: readonly Scope[];
  firstOf(scope: Scope): Scope;
}

const known = new WeakMap<Reading, Kinds>();

export function kindsOf(reading: Reading): Kinds {
  let kinds = known.get(reading);
  if (!kinds) {
    kinds = sortScopes(reading);
    known.set(reading, kinds);
  }
  return kinds;
}

/** The line of a scope that stands where this one does in the first scope of its kind. */
export function counterpart(line: Line, first: Scope, scope: Scope): Line {
  if (line.scope !== first) return line;
  return linesOf(scope, line.key)[linesOf(first, line.key).indexOf(line)] ?? line;
}

function sortScopes(reading: Reading): Kinds {
  const { main, vhosts } = reading;
  const firsts = [main];
  const byKey = new Map<string, Scope>();
  const byScope = new Map<Scope, Scope>();
  for (const scope of vhosts) {
    const key = keyOf(reading, scope);
    const first = key === undefined ? undefined : byKey.get(key);
    byScope.set(scope, first ?? scope);
    if (first) continue;
    firsts.push(scope);
    if (key !== undefined) byKey.set(key, scope);
  }
  return { firsts, firstOf: scope => byScope.get(scope) ?? scope };
}

/** Of a directive that is repeated more often, places are not looked up again and again. */
const MOST_LINES = 16;

/** `undefined` for what is of a kind of its own. */
function keyOf(reading: Reading, scope: Scope): string | undefined {
  if (scope.missing.length > 0 || scope.proxies.length > 0) return undefined;
  let text = part(scope.addresses.join(' '));
  for (const [key, lines] of scope.lines) {
    if (lines.length > MOST_LINES) return undefined;
    if (SAYS_NOTHING.has(key)) continue;
    const tell = IN_SHORT.get(key) ?? whole;
    text += `${part(key)}${lines.length}`;
    for (const line of lines) text += part(tell(line));
  }
  return `${text} ${keyTypes(reading, scope).join()} ${keySizes(reading, scope).map(({ bits }) => bits)} ${mayBeEc(reading, scope)}`;
}

function whole({ args, unknown = '', assumed = '' }: Line): string {
  let text = `${part(unknown)}${part(assumed)}`;
  for (const arg of args) text += part(arg.text);
  return text;
}

/** With its length, so that no text can pass for two. */
function part(text: string): string {
  return ` ${text.length}:${text}`;
}

/** Names, and files other than certificates: nothing that is asked of a context hangs on them. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'serveralias',
  'sslcertificatekeyfile',
  'sslcertificatechainfile',
  'sslcacertificatefile',
  'sslcacertificatepath',
  'sslcarevocationfile',
  'sslcarevocationpath',
  'sslcadnrequestfile',
  'sslcadnrequestpath',
  'sslsessionticketkeyfile',
]);

/** What counts of lines that differ from virtual host to virtual host; the keys of certificates are compared apart. */
const IN_SHORT: ReadonlyMap<string, (line: Line) => string> = new Map([
  ['sslcertificatefile', ({ args, unknown }: Line) => `${args.length} ${unknown === undefined}`],
  ['servername', ({ args, unknown }: Line) => `${args.length} ${unknown === undefined} ${args[0]?.text.includes('*')}`],
]);
