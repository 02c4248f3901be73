/**
 * What OpenSSL does with the contexts that a server makes: version flags and bounds, security levels, cipher lists,
 * `SSL_CONF_cmd`, the system's `openssl.cnf`. Statements OS-1 to OS-7 of the design's `tls-semantics.md`.
 */
import { libraryOf } from './openssl/library.js';
import type { ProtocolSet } from './protocols.js';
import type { OpensslTarget } from './target.js';

export { confCommand } from './openssl/commands.js';
export { createContext } from './openssl/context.js';
export { keyWords, type PublicKey, refusesKey } from './openssl/key-size.js';
export { setCipherList, setCiphersuites, setGroups } from './openssl/lists.js';
export { clientVersions, enabledVersions, serverVersions } from './openssl/versions.js';

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
  /** `SignatureAlgorithms`; absent is the library's own list. */
  signatures?: string;
  /** Whether the server has DH parameters, which suites with DHE need; absent where it is not known. */
  dh?: boolean;
}

export interface Negotiated {
  /** `null` where it hangs on something that the text does not say, such as the certificate's type. */
  readonly set: ProtocolSet | null;
  /** Full sentences: what was filtered and by what. */
  readonly notes: readonly string[];
}

/** What kind of key a certificate has; `undefined` where it can't be known. A list of none means no certificate at all. */
export type KeyType = 'rsa' | 'ec' | undefined;

/** Versions that the library was built with (OS-1). */
export function compiledIn(openssl: OpensslTarget): ProtocolSet {
  return libraryOf(openssl).compiledIn;
}
