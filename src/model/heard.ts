/** What running servers said, as data: the shapes between the prober and the reporters. */
import type { Protocol } from './protocols.js';

/** `weak`: RFC 9325, section 4.2.1, MUST NOT. `legacy`: SHOULD NOT there, or no forward secrecy, or no AEAD. */
export type SuiteGrade = 'good' | 'legacy' | 'weak';

export interface HeardSuite {
  /** IANA's number, and the names of OpenSSL and IANA. */
  readonly id: number;
  readonly name: string;
  readonly iana: string;
  /** `X25519`, `DH 2048`; absent where there is none or it was not told. */
  readonly group?: string;
  readonly grade: SuiteGrade;
}

export interface HeardVersion {
  readonly version: Protocol;
  /** `null`: the question was not answered. */
  readonly offered: boolean | null;
  /** `server-hello`, `alert`, `other-version`, `timeout` … */
  readonly reason: string;
  readonly alert?: string;
  /** The suite and the group that a client with everything gets. */
  readonly suite?: string;
  readonly group?: string;
  readonly compression?: boolean;
  /** With `--ciphers`: in the server's order. */
  readonly suites?: readonly HeardSuite[];
  readonly order?: 'server' | 'client';
  /** False where an answer went missing, so that there may be more suites. */
  readonly complete?: boolean;
}

/** One address, asked with one name. */
export interface HeardServer {
  /** As the user named it: `example.org:443`. */
  readonly target: string;
  /** `192.0.2.1:443`, `[2001:db8::1]:443`, `unix:/path`. */
  readonly address: string;
  /** `null` for no SNI. */
  readonly servername: string | null;
  /** `answered`: in TLS. `not-tls`: in another protocol. `silent`: no connection or no answer at all. */
  readonly state: 'answered' | 'not-tls' | 'silent';
  /** Why there is no answer in TLS. */
  readonly trouble?: string;
  /** Oldest first. */
  readonly versions: readonly HeardVersion[];
  /** `RSA 2048`, `EC prime256v1`; absent where only TLSv1.3, which hides it, is spoken. */
  readonly key?: string;
}

/** What is not as it should be: a full sentence in the form "Unexpected X, expected Y". */
export interface Breach {
  readonly version?: Protocol;
  readonly message: string;
}

export interface ProbedServer extends HeardServer {
  readonly verdict: 'kept' | 'broken' | 'unknown';
  readonly breaches: readonly Breach[];
}

export interface ProbeReport {
  /** `policy intermediate 6.0`, or the words of `--expect`. */
  readonly measure: string;
  readonly servers: readonly ProbedServer[];
}
