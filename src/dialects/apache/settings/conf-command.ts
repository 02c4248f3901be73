/** `SSLOpenSSLConfCmd` (2.4.8+, OpenSSL 1.0.2+): AP-O1 to AP-O4. */
import { type Context, confCommand } from '../../../model/openssl.js';
import type { Target } from '../../../model/target.js';
import { atLeast } from '../../../model/versions.js';
import { type Line, linesOf, type Scope } from '../scope.js';
import { fullConfCipherString } from './cipher-suite.js';

/** The server's list is the main server's followed by its own. */
export function commandsOf(scope: Scope, main: Scope): readonly Line[] {
  const own = linesOf(scope, 'sslopensslconfcmd');
  if (scope === main) return own;
  const global = linesOf(main, 'sslopensslconfcmd');
  return global.length === 0 ? own : [...global, ...own];
}

/** The first that the library refuses; `context` is changed. */
export function applyCommands(context: Context, commands: readonly Line[], target: Target): Line | undefined {
  let refused: Line | undefined;
  for (const line of commands) {
    const [name, value] = line.args;
    if (!name || !value || line.unknown !== undefined) continue;
    const fault = confCommand(target.openssl, context, name.text, fullConfCipherString(name.text, value.text, target));
    if (fault !== undefined) refused ??= line;
  }
  return refused;
}

/** Two arguments, and a command that the library has. */
export function isRefusedCommand(line: Line, target: Target, scratch: Context): boolean {
  const [name, value, more] = line.args;
  if (!atLeast(target.openssl.version, '1.0.2')) return true;
  if (!name || !value || value.text === '' || more) return true;
  return confCommand(target.openssl, scratch, name.text, value.text) === 'unknown';
}

const VERSION_COMMANDS = new Set(['minprotocol', 'maxprotocol', 'protocol']);

export function commandName(line: Line): string {
  return line.args[0]?.text.toLowerCase() ?? '';
}

/** Those that change which versions are on: the last of each bound, and each edit of flags. */
export function versionCommands(commands: readonly Line[]): readonly Line[] {
  const relevant = commands.filter(line => VERSION_COMMANDS.has(commandName(line)));
  if (relevant.length < 2) return relevant;
  return relevant.filter((line, index) => {
    const name = commandName(line);
    return name === 'protocol' || relevant.findLastIndex(other => commandName(other) === name) === index;
  });
}
