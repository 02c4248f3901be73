/** The TLS context of one server, as ngx_http_ssl_merge_srv_conf and ngx_ssl_create build it for one target. */
import { type Context, compiledIn, confCommand, createContext, setCipherList, setGroups } from '../../model/openssl.js';
import { type ProtocolSet, SSLv2 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import { atLeast, type Version } from '../../model/versions.js';
import { defaults, isBackport, knownTo, read } from './settings/ssl-protocols.js';

/** What of a server's directives matters to TLS, with inheritance done: plain values, so that equal ones are one. */
export interface Profile {
  /** `ssl_protocols` or its sibling of an upstream module. */
  readonly directive: string;
  /** Words of all directives of the level that counts; `undefined` where there is none. */
  readonly protocols: readonly string[] | undefined;
  readonly commands: ReadonlyArray<readonly string[]>;
  readonly ciphers: string | undefined;
  readonly curve: string | undefined;
  /** The name of one that can't be read speaks of an elliptic curve. */
  readonly mayBeEc: boolean;
  /** `ssl_dhparam` is given. */
  readonly dh: boolean;
}

export interface Built {
  readonly context: Context;
  /** What the directives allow, whatever the library makes of it. */
  readonly configured: ProtocolSet;
  /** Of the messages that keep nginx from starting, the first. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly what: 'ciphers' | 'curve' | 'command';
  /** Of the command, among all that are in force. */
  readonly index: number;
  readonly message: string;
}

/** Newest first; of `ssl_ciphers` (NGX_DEFAULT_CIPHERS at the tags). */
const DEFAULT_CIPHERS: ReadonlyArray<readonly [since: string, also: string, list: string]> = [
  ['1.0.5', '1.0.5', 'HIGH:!aNULL:!MD5'],
  ['0.8.20', '0.7.65', 'HIGH:!ADH:!MD5'],
  ['0.0.0', '0.0.0', 'ALL:!ADH:RC4+RSA:+HIGH:+MEDIUM:+LOW:+SSLv2:+EXP'],
];

export function buildContext(profile: Profile, target: Target): Built {
  const { openssl, server } = target;
  const set = profile.protocols ? read(profile.protocols).set : defaults(profile.directive, target);
  const context = createContext(openssl);
  const system = context.flags;
  context.flags = set | (compiledIn(openssl) & ~knownTo(server));
  // Before 1.7.11 (commit b0d8ff55a) nothing clears the SSL_OP_NO_SSLv2 that OpenSSL 1.0.2g sets itself.
  if (!atLeast(server, '1.7.11')) context.flags &= ~SSLv2 | system;
  if (overridesBounds(target)) {
    context.min = 0;
    context.max = 0;
  }
  const plain: Context = { ...context, flags: set, min: 0, max: 0 };
  let refusal: Refusal | undefined;
  const list = profile.ciphers ?? defaultCiphers(server, profile.directive);
  if (list !== undefined) {
    const message = setCipherList(openssl, context, list);
    if (message !== undefined && profile.ciphers !== undefined) refusal = { what: 'ciphers', index: 0, message };
  }
  // Before 1.11.0 nginx brings parameters of its own.
  context.dh = profile.dh || !atLeast(server, '1.11.0');
  if (profile.curve !== undefined && profile.curve !== 'auto') {
    const message = setGroups(openssl, context, profile.curve);
    if (message !== undefined && !refusal && takesCurveList(target)) refusal = { what: 'curve', index: 0, message };
  }
  for (const [index, [name = '', value = '']] of profile.commands.entries()) {
    const fault = confCommand(openssl, context, name, value);
    confCommand(openssl, plain, name, value);
    if (fault && !refusal) refusal = { what: 'command', index, message: commandMessage(fault, name, value) };
  }
  return { context, configured: within(plain), refusal };
}

/** Before 1.11.0 (ngx_ssl_ecdh_curve) the one name is looked up in the library's table of all curves. */
function takesCurveList({ server, openssl }: Target): boolean {
  return atLeast(server, '1.11.0') && atLeast(openssl.version, '1.0.2');
}

function commandMessage(fault: 'unknown' | 'value', name: string, value: string): string {
  return fault === 'unknown'
    ? `Unexpected command \`${name}\``
    : `Unexpected value \`${value}\` of command \`${name}\``;
}

function within({ flags, min, max }: Context): ProtocolSet {
  let set = flags;
  if (min !== 0) set &= ~(min - 1);
  if (max !== 0) set &= (max << 1) - 1;
  return set;
}

/** OS-6: whether nginx sets the bounds itself, and so undoes those of the system's openssl.cnf. */
function overridesBounds({ server, openssl }: Target): boolean {
  if (!atLeast(openssl.version, '1.1.0')) return true;
  if (atLeast(server, '1.15.6') || isBackport(server, '1.14.2')) return true;
  return atLeast(server, '1.15.3') && atLeast(openssl.version, '1.1.1');
}

function defaultCiphers(server: Version, directive: string): string | undefined {
  if (directive !== 'ssl_protocols') return 'DEFAULT';
  return DEFAULT_CIPHERS.find(([since, also]) => atLeast(server, since) || isBackport(server, also))?.[2];
}
