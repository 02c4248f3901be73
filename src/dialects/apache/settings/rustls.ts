/** mod_tls (rustls; with httpd 2.4.52 to 2.4.62, then on its own): `TLSEngine` and `TLSProtocol` of modules/tls/tls_conf.c. */
import { NONE, type ProtocolSet, TLSv1_2, TLSv1_3 } from '../../../model/protocols.js';
import type { Offer } from '../../../model/types.js';
import { parseAddress } from '../addresses.js';
import { type Line, lastLine, linesOf, type Scope } from '../scope.js';
import type { Group } from '../vhosts.js';

/** Lower case. rustls has nothing older. */
const MINIMA: ReadonlyMap<string, ProtocolSet> = new Map([
  ['default', TLSv1_2 | TLSv1_3],
  ['tlsv1.2+', TLSv1_2 | TLSv1_3],
  ['v1.2+', TLSv1_2 | TLSv1_3],
  ['tlsv1.3+', TLSv1_3],
  ['v1.3+', TLSv1_3],
]);

/** What an address offers that a `TLSEngine` of the main server names; the virtual host of the name decides. */
export function rustlsOffer(main: Scope, group: Group, scope: Scope): Offer | undefined {
  const lines = linesOf(main, 'tlsengine');
  if (lines.length === 0 || !lines.some(line => names(line, group))) return undefined;
  const line = lastLine(scope, 'tlsprotocol') ?? lastLine(main, 'tlsprotocol');
  const unknown = line?.unknown;
  const set = line === undefined ? TLSv1_2 | TLSv1_3 : (MINIMA.get(line.args[0]?.text.toLowerCase() ?? '') ?? NONE);
  return {
    tls: true,
    state: unknown !== undefined ? 'unknown' : line ? 'set' : 'default',
    configured: unknown === undefined ? set : null,
    negotiable: unknown === undefined ? set : null,
    decidedBy: line && unknown === undefined ? [line.origin] : [],
    notes: unknown === undefined ? ['mod_tls speaks TLS on this address.'] : [unknown],
  };
}

function names({ args }: Line, { listen }: Group): boolean {
  const engine = parseAddress(args[0]?.text ?? '');
  const address = parseAddress(listen);
  if (!engine || !address || engine.port !== address.port) return false;
  return engine.host === '*' || engine.host === address.host;
}

/** Why the server does not start with it. */
export function rustlsFault({ key, args }: Line): string | undefined {
  const [value] = args;
  if (value === undefined || args.length > 1)
    return `Unexpected ${args.length} arguments of \`${key === 'tlsengine' ? 'TLSEngine' : 'TLSProtocol'}\`, expected 1`;
  if (key === 'tlsengine') {
    const isAddress = (parseAddress(value.text)?.port ?? 0) > 0;
    return isAddress ? undefined : `Unexpected \`${value.text}\` after \`TLSEngine\`, expected an address with a port`;
  }
  if (MINIMA.has(value.text.toLowerCase())) return undefined;
  return `Unexpected \`${value.text}\` after \`TLSProtocol\`, expected \`default\`, \`TLSv1.2+\` or \`TLSv1.3+\``;
}
