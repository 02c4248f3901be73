/** `SSLCipherSuite` and `SSLProxyCipherSuite` (`ssl_cmd_SSLCipherSuite`): AP-S1 to AP-S3. */
import type { Target } from '../../../model/target.js';
import { atLeast } from '../../../model/versions.js';
import { type Line, linesOf } from '../scope.js';
import { since } from '../since.js';

const NEVER_MEANT = '!aNULL:!eNULL:!EXP';

export interface CipherSuite {
  readonly list: 'tls12' | 'tls13' | 'refused';
  readonly spec: string;
}

/** One or two arguments; the second form came with TLSv1.3. */
export function readCipherSuite(args: readonly string[], target: Target): CipherSuite {
  const [first, last, third] = args;
  // An empty second word counts as none (`invoke_cmd`, TAKE12).
  const second = last === '' ? undefined : last;
  if (first === undefined || third !== undefined) return { list: 'refused', spec: '' };
  if (second === undefined) return { list: 'tls12', spec: first };
  if (!since(target, '2.4.36')) return { list: 'refused', spec: second };
  if (first === 'SSL') return { list: 'tls12', spec: second };
  const tls13 = first === 'TLSv1.3' && atLeast(target.openssl.version, '1.1.1');
  return { list: tls13 ? 'tls13' : 'refused', spec: second };
}

/** The list as the library gets it. */
export function fullCipherList(spec: string | undefined, target: Target): string {
  return spec === undefined ? `DEFAULT:${NEVER_MEANT}` : withoutNeverMeant(spec, target);
}

/** `SSL_CONF_cmd CipherString` is treated alike, in whatever letter case. */
export function fullConfCipherString(name: string, value: string, target: Target): string {
  return name.toLowerCase() === 'cipherstring' ? withoutNeverMeant(value, target) : value;
}

/**
 * What must never be meant is written before the list from 2.4.7 and 2.2.30 on, and behind it from 2.4.17 on. Before it, it
 * takes the meaning from a leading `DEFAULT`.
 */
function withoutNeverMeant(spec: string, target: Target): string {
  if (since(target, '2.4.17')) return `${spec}:${NEVER_MEANT}`;
  const before = since(target, '2.3.0') ? since(target, '2.4.7') : since(target, '2.2.30');
  return before ? `${NEVER_MEANT}:${spec}` : spec;
}

/** The last line for a list, of this scope or of the one around it. */
export function lastCipherSuite(
  scopes: ReadonlyArray<{ readonly lines: ReadonlyMap<string, Line[]> } | undefined>,
  key: string,
  list: CipherSuite['list'],
  target: Target,
): { line: Line; spec: string } | undefined {
  for (const scope of scopes) {
    if (!scope) continue;
    for (const line of linesOf(scope, key).toReversed()) {
      const value = readCipherSuite(
        line.args.map(arg => arg.text),
        target,
      );
      if (value.list === list) return { line, spec: value.spec };
    }
  }
  return undefined;
}
