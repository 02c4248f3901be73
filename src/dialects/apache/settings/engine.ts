/** `SSLEngine` and `SSLProxyEngine`: AP-V5, AP-V7. */
import type { Target } from '../../../model/target.js';
import { type Line, lastLine, linesOf, type Scope } from '../scope.js';
import { since } from '../since.js';
import { type Listener, protocolOfScope } from '../vhosts.js';

const VALUES = new Set(['on', 'off', 'optional']);

export type Engine = 'on' | 'off' | 'optional' | 'unknown';

export function readEngine(line: Line): Engine | 'refused' {
  if (line.unknown !== undefined) return 'unknown';
  const [word, more] = line.args.map(arg => arg.text.toLowerCase());
  return word !== undefined && more === undefined && VALUES.has(word) ? (word as Engine) : 'refused';
}

/** What the server makes of it; `off` where nothing says that TLS is on. */
export function engineOf(
  scope: Scope,
  main: Scope,
  listeners: readonly Listener[],
  target: Target,
): { engine: Engine; line?: Line } {
  const line = lastLine(scope, 'sslengine') ?? lastLine(main, 'sslengine');
  if (line) {
    const engine = readEngine(line);
    return { engine: engine === 'refused' ? 'off' : engine, line };
  }
  if (protocolOfScope(scope, main, listeners) !== 'https') return { engine: 'off' };
  const certified = linesOf(scope, 'sslcertificatefile').length > 0 || linesOf(main, 'sslcertificatefile').length > 0;
  // Up to 2.4.33 a certificate was not asked for, and is then missed at the start.
  return { engine: certified || !since(target, '2.4.34') ? 'on' : 'off' };
}
