/** `SSL_CONF_cmd` of ssl/ssl_conf.c as a file's command is read (SSL_CONF_FLAG_FILE): OS-7. */
import type { Context } from '../openssl.js';
import { NONE, type ProtocolSet, protocolBit, SSLv2, SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { libraryOf } from './library.js';
import { setCipherList, setCiphersuites, setGroups } from './lists.js';
import { isRefusedSignatures } from './signatures.js';

/** Changes `context`. `unknown`: no such command in this release. `value`: the value is refused. */
export function confCommand(
  openssl: OpensslTarget,
  context: Context,
  name: string,
  value: string,
): 'unknown' | 'value' | undefined {
  const command = COMMANDS.get(name.toLowerCase());
  if (!command || !atLeast(openssl.version, command.since)) return 'unknown';
  return command.run(openssl, context, value) ? undefined : 'value';
}

/** False where the value is refused. */
type Run = (openssl: OpensslTarget, context: Context, value: string) => boolean;

interface Command {
  /** First release that knows it. */
  readonly since: string;
  readonly run: Run;
}

/** Files, and lists that decide nothing about versions: what they name is not looked at. */
const accept: Run = () => true;

/** Of a server; `ClientSignatureAlgorithms` are asked of clients with certificates and decide nothing here. */
const signatures: Run = (openssl, context, value) => {
  if (isRefusedSignatures(openssl, value)) return false;
  context.signatures = value;
  return true;
};

const groups: Run = (openssl, context, value) => setGroups(openssl, context, value) === undefined;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['signaturealgorithms', { since: '1.0.2', run: signatures }],
  [
    'clientsignaturealgorithms',
    { since: '1.0.2', run: (openssl, _context, value) => !isRefusedSignatures(openssl, value) },
  ],
  ['curves', { since: '1.0.2', run: groups }],
  ['groups', { since: '1.1.1', run: groups }],
  ['ecdhparameters', { since: '1.0.2', run: ecdhParameters }],
  ['cipherstring', { since: '1.0.2', run: (openssl, context, value) => !setCipherList(openssl, context, value) }],
  ['ciphersuites', { since: '1.1.1', run: (openssl, context, value) => !setCiphersuites(openssl, context, value) }],
  ['protocol', { since: '1.0.2', run: protocol }],
  ['minprotocol', { since: '1.1.0', run: (openssl, context, value) => setBound(openssl, context, 'min', value) }],
  ['maxprotocol', { since: '1.1.0', run: (openssl, context, value) => setBound(openssl, context, 'max', value) }],
  ['options', { since: '1.0.2', run: (openssl, _context, value) => everyToken(openssl, value, OPTIONS) }],
  ['verifymode', { since: '1.1.0', run: (openssl, _context, value) => everyToken(openssl, value, VERIFY_MODES) }],
  ['certificate', { since: '1.0.2', run: accept }],
  ['privatekey', { since: '1.0.2', run: accept }],
  ['serverinfofile', { since: '1.0.2', run: accept }],
  ['dhparameters', { since: '1.0.2', run: dhParameters }],
  ['chaincapath', { since: '1.1.0', run: accept }],
  ['chaincafile', { since: '1.1.0', run: accept }],
  ['verifycapath', { since: '1.1.0', run: accept }],
  ['verifycafile', { since: '1.1.0', run: accept }],
  ['clientcafile', { since: '1.1.0', run: accept }],
  ['clientcapath', { since: '1.1.0', run: accept }],
  ['requestcafile', { since: '1.1.1', run: accept }],
  ['requestcapath', { since: '1.1.1', run: accept }],
  ['chaincastore', { since: '3.0.0', run: accept }],
  ['verifycastore', { since: '3.0.0', run: accept }],
  ['requestcastore', { since: '3.0.0', run: accept }],
  ['clientcastore', { since: '3.0.0', run: accept }],
  ['recordpadding', { since: '1.1.1', run: accept }],
  ['numtickets', { since: '1.1.1', run: (_openssl, _context, value) => !value.trim().startsWith('-') }],
]);

function ecdhParameters(openssl: OpensslTarget, context: Context, value: string): boolean {
  if (/^\+?automatic$/i.test(value)) return true;
  return !value.includes(':') && groups(openssl, context, value);
}

function dhParameters(_openssl: OpensslTarget, context: Context): boolean {
  context.dh = true;
  return true;
}

/** `cmd_Protocol`: left to right, only enabling disables nothing. */
function protocol(openssl: OpensslTarget, context: Context, value: string): boolean {
  let { flags } = context;
  for (const token of elements(value)) {
    const off = token.startsWith('-');
    const bits = protocolToken(openssl, off || token.startsWith('+') ? token.slice(1) : token);
    if (bits === undefined) return false;
    flags = off ? flags & ~bits : flags | bits;
  }
  context.flags = flags;
  return true;
}

function protocolToken(openssl: OpensslTarget, token: string): ProtocolSet | undefined {
  const name = token.toLowerCase();
  // SSL_OP_NO_SSL_MASK with what the release has flags for.
  if (name === 'all') return libraryOf(openssl).compiledIn | SSLv3;
  if (name === 'dtlsv1' || name === 'dtlsv1.2') return atLeast(openssl.version, '1.1.0') ? NONE : undefined;
  const bit = protocolBit(name);
  if (bit === NONE || (bit === TLSv1_3 && !atLeast(openssl.version, '1.1.1'))) return undefined;
  // SSL_OP_NO_SSLv2 is 0 from 1.1.0 on.
  return bit === SSLv2 && atLeast(openssl.version, '1.1.0') ? NONE : bit;
}

/** `protocol_from_string`: letter case counts. */
const BOUNDS: ReadonlyMap<string, ProtocolSet> = new Map([
  ['None', NONE],
  ['SSLv3', SSLv3],
  ['TLSv1', TLSv1],
  ['TLSv1.1', TLSv1_1],
  ['TLSv1.2', TLSv1_2],
  ['TLSv1.3', TLSv1_3],
]);

function setBound(openssl: OpensslTarget, context: Context, which: 'min' | 'max', value: string): boolean {
  // Bounds of DTLS are taken and do nothing to TLS (`ssl_set_version_bound` of 3.0).
  if (value === 'DTLSv1' || value === 'DTLSv1.2') return atLeast(openssl.version, '3.0.0');
  const bound = BOUNDS.get(value);
  if (bound === undefined || (bound === TLSv1_3 && !atLeast(openssl.version, '1.1.1'))) return false;
  context[which] = bound;
  return true;
}

/** Lower case; the release that brought the token. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['sessionticket', '1.0.2'],
  ['emptyfragments', '1.0.2'],
  ['bugs', '1.0.2'],
  ['compression', '1.0.2'],
  ['serverpreference', '1.0.2'],
  ['noresumptiononrenegotiation', '1.0.2'],
  ['dhsingle', '1.0.2'],
  ['ecdhsingle', '1.0.2'],
  ['unsafelegacyrenegotiation', '1.0.2'],
  ['unsafelegacyserverconnect', '1.1.0'],
  ['encryptthenmac', '1.1.0'],
  ['norenegotiation', '1.1.1'],
  ['allownodhekex', '1.1.1'],
  ['prioritizechacha', '1.1.1'],
  ['middleboxcompat', '1.1.1'],
  ['antireplay', '1.1.1'],
  ['extendedmastersecret', '3.0.0'],
  ['canames', '3.0.0'],
  ['ktls', '3.0.0'],
  ['clientrenegotiation', '3.0.0'],
  // Not in 3.0.22; where exactly they came is not settled, so that the benefit of the doubt begins at once.
  ['strictcertcheck', '3.1.0'],
  ['ignoreunexpectedeof', '3.1.0'],
  ['txcertificatecompression', '3.2.0'],
  ['rxcertificatecompression', '3.2.0'],
  ['ktlstxzerocopysendfile', '3.2.0'],
  ['prefernodhekex', '3.3.0'],
  ['legacyecpointformats', '3.6.0'],
]);

const VERIFY_MODES: ReadonlyMap<string, string> = new Map([
  ['peer', '1.1.0'],
  ['request', '1.1.0'],
  ['require', '1.1.0'],
  ['once', '1.1.0'],
  ['requestposthandshake', '1.1.1'],
  ['requireposthandshake', '1.1.1'],
]);

/** `ssl_set_option_list` over a list with commas. */
function everyToken(openssl: OpensslTarget, value: string, known: ReadonlyMap<string, string>): boolean {
  return elements(value).every(token => {
    const since = known.get(token.replace(/^[+-]/, '').toLowerCase());
    return since !== undefined && atLeast(openssl.version, since);
  });
}

/** CONF_parse_list: white space around an element is dropped, an empty element stays and is refused. */
function elements(value: string): string[] {
  return value.split(',').map(element => element.trim());
}
