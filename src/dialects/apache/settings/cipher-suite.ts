/** `SSLCipherSuite` and `SSLProxyCipherSuite` (`ssl_cmd_SSLCipherSuite`): AP-S1 to AP-S3. */
import type { Target } from '../../../model/target.js';
import { atLeast } from '../../../model/versions.js';
import { type Line, linesOf } from '../scope.js';
import { since } from '../since.js';

/** mod_ssl adds this to each list from 2.4.7 on, and to the default before as well. */
const NEVER_MEANT = ':!aNULL:!eNULL:!EXP';

export interface CipherSuite {
  readonly list: 'tls12' | 'tls13' | 'refused';
  readonly spec: string;
}

/** One or two arguments; the second form came with TLSv1.3. */
export function readCipherSuite(args: readonly string[], target: Target): CipherSuite {
  const [first, second, third] = args;
  if (first === undefined || third !== undefined) return { list: 'refused', spec: '' };
  if (second === undefined) return { list: 'tls12', spec: first };
  if (!since(target, '2.4.36')) return { list: 'refused', spec: second };
  if (first === 'SSL') return { list: 'tls12', spec: second };
  const tls13 = first === 'TLSv1.3' && atLeast(target.openssl.version, '1.1.1');
  return { list: tls13 ? 'tls13' : 'refused', spec: second };
}

/** The list as the library gets it. */
export function fullCipherList(spec: string | undefined, target: Target): string {
  if (spec === undefined) return `DEFAULT${NEVER_MEANT}`;
  return since(target, '2.4.7') ? spec + NEVER_MEANT : spec;
}

/** `SSL_CONF_cmd CipherString` gets the same ending; the name is compared with case. */
export function fullConfCipherString(name: string, value: string): string {
  return name === 'CipherString' ? value + NEVER_MEANT : value;
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
      const value = readCipherSuite(line.args.map(arg => arg.text), target);
      if (value.list === list) return { line, spec: value.spec };
    }
  }
  return undefined;
}
