/** What a client was heard to offer, and how its connection ended, as data. */
import type { Protocol } from './protocols.js';

export interface ClientOffer {
  /** In the client's order; of a client without `supported_versions` its newest alone. */
  readonly versions: readonly Protocol[];
  /** True where the client says only its newest version, and older ones may go with it. */
  readonly upTo: boolean;
  /** OpenSSL's names; GREASE and signalling values left out. */
  readonly suites: readonly string[];
  readonly servername: string | null;
  readonly alpn: readonly string[];
  /** A guess by the shape of the ClientHello; absent where it looks like none that is known. */
  readonly library?: string;
}

export interface HeardClient {
  /** From 1. */
  readonly connection: number;
  /** ISO 8601. */
  readonly time: string;
  readonly from: string;
  /** `silent`: connected and said nothing, or hung up. */
  readonly outcome: 'agreed' | 'refused' | 'not-tls' | 'silent';
  readonly offered: ClientOffer | null;
  readonly agreed?: { readonly version: string; readonly suite: string; readonly alpn?: string };
  /** A full sentence where it is not agreed. */
  readonly reason?: string;
}
