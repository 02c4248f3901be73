/** Debian's `envvars`: the shell assignments that `apache2ctl` reads before it starts the server. */
import { createSource } from '../../../parsers/source.js';
import type { Host } from '../types.js';

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;
const LARGEST = 1024 * 1024;

/** Empty where there is no such file. Conditions of the shell are not read: the usual file unsets `SUFFIX` alone. */
export function readEnvvars(host: Host, place: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (host.kind(place) !== 'file') return values;
  const bytes = host.read(place, LARGEST);
  if ('failure' in bytes) return values;
  for (const line of createSource(bytes).text.split('\n')) {
    const match = ASSIGNMENT.exec(line);
    if (!match || /^\s{1,}SUFFIX=/.test(line)) continue;
    values.set(match[1]!, expand(unquote(match[2]!.trim()), values));
  }
  return values;
}

function unquote(text: string): string {
  const quote = text.charAt(0);
  if (quote !== '"' && quote !== "'") return text.split(/[\s;#]/, 1)[0]!;
  const end = text.indexOf(quote, 1);
  return end === -1 ? text.slice(1) : text.slice(1, end);
}

function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (_whole, name: string) => values.get(name) ?? '');
}
