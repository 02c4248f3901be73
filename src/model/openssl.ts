/**
 * What OpenSSL does with the contexts that a server makes: version flags and bounds, security levels, cipher lists,
 * `SSL_CONF_cmd`, the system's `openssl.cnf`. Statements OS-1 to OS-7 of the design's `tls-semantics.md`.
 */
import type { ProtocolSet } from './protocols.js';
import type { OpensslTarget } from './target.js';

/** One SSL_CTX. Plain data: copy it with `{...context}` to derive another. */
export interface Context {
  /** Versions whose SSL_OP_NO_x is off. */
  flags: ProtocolSet;
  /** Bounds of SSL_CTX_set_min/max_proto_version; 0 for none. Always 0 before OpenSSL 1.1.0. */
  min: ProtocolSet;
  max: ProtocolSet;
  level: number;
  /** The list for TLSv1.2 and older, as last set. */
  ciphers: string;
  /** The list for TLSv1.3; `undefined` is the library's own. */
  ciphersuites: string | undefined;
  /** `ssl_ecdh_curve` / Curves; `undefined` is the library's own. */
  groups: string | undefined;
}

export interface Negotiated {
  /** `null` where it hangs on something that the text does not say, such as the certificate's type. */
  readonly set: ProtocolSet | null;
  /** Full sentences: what was filtered and by what. */
  readonly notes: readonly string[];
}

/** What kind of key the certificate has; `undefined` where it can't be known. */
export type KeyType = 'rsa' | 'ec' | undefined;

/** Versions that the library was built with (OS-1). */
export declare function compiledIn(openssl: OpensslTarget): ProtocolSet;

/** SSL_CTX_new with `system_default` of `openssl.conf` applied (OS-6). */
export declare function createContext(openssl: OpensslTarget): Context;

/** SSL_CTX_set_cipher_list. The error message where the library refuses the list, else `undefined`. */
export declare function setCipherList(openssl: OpensslTarget, context: Context, list: string): string | undefined;

/** SSL_CTX_set_ciphersuites. */
export declare function setCiphersuites(openssl: OpensslTarget, context: Context, list: string): string | undefined;

/** SSL_CONF_cmd (OS-7). `unknown` where the command's name is none; `value` where its value is refused. */
export declare function confCommand(
  openssl: OpensslTarget,
  context: Context,
  name: string,
  value: string,
): 'unknown' | 'value' | undefined;

/** Flags and bounds together: what the context is set up to allow, before suites and levels. */
export declare function enabledVersions(context: Context): ProtocolSet;

/**
 * What a server hands out (OS-1 to OS-5). `initial` is the context of the listener's default server: the self-check
 * of OS-5 and, from OpenSSL 3.1, the level at version choice come from it. `selected` is the context in force after the
 * name was matched; `early` tells that it was put in place in the ClientHello callback, before the version was chosen.
 */
export declare function serverVersions(
  openssl: OpensslTarget,
  initial: Context,
  selected: Context,
  options: { readonly early: boolean; readonly keys: readonly KeyType[] },
): Negotiated;

/** What a client puts into its ClientHello (OS-4: only the lowest contiguous range). */
export declare function clientVersions(openssl: OpensslTarget, context: Context): Negotiated;
