/**
 * What rules may know. A dialect builds it from the loaded files; nothing here says which directive
 * of which server a fact came from, except through `Origin`, which rules only hand on.
 */

import type { Fix } from '../../fixers/edit.js';
import type { Parsed, Root, Source, Span } from '../../parsers/ast.js';
import type { ProtocolSet } from './protocols.js';
import type { DialectId, Target } from './target.js';

/** One file that was read, once, however often it is included. */
export interface LoadedFile {
  /** As the user would type it: relative to where the run started, or absolute; symlinks resolved. */
  readonly path: string;
  /** Absolute, symlinks resolved: what makes two files one. `host.realpath(…)`; `path` is `host.display(real)`. */
  readonly real: string;
  readonly source: Source;
  readonly dialect: DialectId;
  /** The tree that the model was made from, where its dialect keeps it. */
  readonly parsed?: Parsed<Root>;
}

/** A place in a file. Opaque to rules: they hand it to `report` and compare it with `===` only. */
export interface Origin {
  readonly file: LoadedFile;
  readonly span: Span;
  /** The directive's name as its server's documentation spells it: `ssl_protocols`, `SSLProtocol`. */
  readonly directive: string;
  /** The way from the root to here: `sites-enabled/a.conf` included at `nginx.conf:12`. For messages alone. */
  readonly via?: Origin | undefined;
}

/** One place where TLS is (or could be) spoken: a listener with a virtual server, a hop to an upstream, a program. */
export interface Endpoint {
  readonly role: 'server' | 'client';
  /** `schannel`, `winhttp` and `framework`: the systems of Windows through which programs speak TLS; `program`: one of them, or a place in it. */
  readonly kind: 'http' | 'stream' | 'mail' | 'vhost' | 'schannel' | 'winhttp' | 'framework' | 'program';
  /** `0.0.0.0:443`, `[::]:443`, `unix:/run/x`, `*:443`; absent for clients. */
  readonly listen?: string;
  /** What a client endpoint connects to, as written: `https://backend`. Absent: to any server. */
  readonly upstream?: string;
  /** Answers a client without SNI or with a name that nobody has. */
  readonly default: boolean;
  /** In the order in which a client's SNI is compared; wildcards and regular expressions as written. */
  readonly names: readonly string[];
  /** The server block, virtual host or location that it comes from. */
  readonly scope: Origin;
}

/** What one endpoint offers when one target runs it. */
export interface Offer {
  /** Whether TLS is spoken at all; `null` where that can't be known. */
  readonly tls: boolean | null;
  /** `set`: a directive says so. `default`: none does. `unknown`: can't be known; both sets are `null`. */
  readonly state: 'set' | 'default' | 'unknown';
  /** What the directives (or the version's default) allow. */
  readonly configured: ProtocolSet | null;
  /** What of `configured` nothing says: the default of a version counts beside what is `set`. Absent: nothing. */
  readonly implicit?: ProtocolSet;
  /** What a handshake that offers exactly one version would get, after the library's own filters. */
  readonly negotiable: ProtocolSet | null;
  /** The directives that decided `configured`, in reading order; empty for `default`. */
  readonly decidedBy: readonly Origin[];
  /** Each a full sentence: why it is unknown, what the library filtered, whose directive decides and why. */
  readonly notes: readonly string[];
  /** With `unknown`: the configuration leaves the choice to the system, which is what it should do. */
  readonly delegated?: true;
  /** Programs, which are not seen here, may ask for other versions. */
  readonly provisional?: true;
}

/** Why a directive about protocols changes nothing on the wire. */
export type Ineffective =
  | 'non-default-server'
  | 'repeated'
  | 'overridden-by-command'
  | 'no-effect-of-value'
  | 'scope-not-used'
  | 'no-tls';

/** One word of a statement that the server refuses, or that is not what it seems. */
export interface TokenFault {
  readonly kind: 'unknown' | 'unsupported' | 'overriding';
  readonly token: string;
  readonly span: Span;
  /** `overriding`: what the words before it had allowed and it throws away. */
  readonly dropped?: ProtocolSet;
  /** A close valid spelling, for `unknown`. */
  readonly suggestion?: string;
  /** A full sentence where the fault holds for a part of the targets only. */
  readonly note?: string;
}

/** One directive that speaks of protocol versions, wherever it stands and whether or not it has an effect. */
export interface Statement {
  readonly origin: Origin;
  readonly role: 'server' | 'client';
  /** What this directive alone allows (as its server reads its words); `null` where a word can't be known. */
  readonly value: ProtocolSet | null;
  /** Where those that it does not allow are its doing alone: a statement about single versions. */
  readonly denies?: ProtocolSet;
  /** The words that allow versions, where they can be told apart: a report points at those that are wrong. */
  readonly words?: ReadonlyArray<{ readonly span: Span; readonly allows: ProtocolSet }>;
  readonly faults: readonly TokenFault[];
  /**
   * Fixed in a program, where what the system would choose, now or after an update, no longer counts. `added`: to what
   * is chosen elsewhere.
   */
  readonly pinned?: 'alone' | 'added';
  /** Endpoints whose `configured` it takes part in deciding, when `target` runs it. */
  reaches(target: Target): readonly Endpoint[];
  /** Set where it changes nothing on the wire when `target` runs it; `by` is what overrides it. */
  ineffective(target: Target): { readonly why: Ineffective; readonly by?: Origin; readonly note: string } | undefined;
}

/** Something that would keep the server from loading, or that could not be read. */
export interface LoadProblem {
  readonly kind: 'syntax' | 'unresolved-include' | 'refused' | 'unreadable';
  readonly origin: Origin;
  readonly message: string;
  readonly related?: { readonly message: string; readonly origin: Origin };
  /** Rests on something that is not said, such as a variable that the environment may have: rules keep silent. */
  readonly unknown?: true;
  /** A file that every installation has and that can't decide about protocols: a checked-out tree may well lack it. */
  readonly minor?: true;
  /** False where the server loads all the same: an optional include, a file that merely is not here. */
  stops(target: Target): boolean;
}

/** The question a client asks. `connect` is `127.0.0.1:443`, `[::1]:443` or `unix:/path`. */
export interface Question {
  readonly connect: string;
  readonly servername?: string;
}

export interface Answer extends Offer {
  readonly endpoint: Endpoint | null;
}

/**
 * What a rule wishes: that each endpoint offer all of `require`, nothing of `forbid`, and otherwise what it does now.
 * `add` is what may come in beside `require` where a directive is written anew (TLSv1.3 where the target knows it).
 * `at` is the directive to change; absent, a directive is missing and is to be inserted.
 */
export interface ProtocolRemedy {
  readonly set: 'protocols';
  readonly endpoints: readonly Endpoint[];
  readonly at?: Origin;
  readonly require: ProtocolSet;
  readonly forbid: ProtocolSet;
  readonly add: ProtocolSet;
}

/** Take out a directive that has no effect. */
export interface RemovalRemedy {
  readonly set: 'removal';
  readonly at: Origin;
}

export type Remedy = ProtocolRemedy | RemovalRemedy;

/** Endpoints whose offers differ, for the targets that were named, in nothing but `decidedBy`. */
export interface EndpointKind {
  /** Stands for all. */
  readonly sample: Endpoint;
  /** In reading order, the sample first. */
  readonly endpoints: readonly Endpoint[];
}

/** Everything that is known of one root (or of a fragment on its own). */
export interface Model {
  readonly dialect: DialectId;
  /** The root's path as the user would type it. */
  readonly root: string;
  /** True where no root is known: what the fragment would inherit is `unknown`. */
  readonly fragment: boolean;
  /** Each file once, in reading order, the root first. */
  readonly files: readonly LoadedFile[];
  readonly endpoints: readonly Endpoint[];
  readonly statements: readonly Statement[];
  readonly problems: readonly LoadProblem[];
  /** The same object for the same endpoint and target. */
  offer(endpoint: Endpoint, target: Target): Offer;
  /**
   * The same object for targets that run the configuration alike: every endpoint is offered the same, and every statement has
   * the same effect. Absent where a dialect does not tell.
   */
  view?(target: Target): object;
  /** All endpoints, in reading order of the first of each kind. Absent where a dialect does not tell. */
  kinds?(targets: readonly Target[]): readonly EndpointKind[];
  answer(question: Question, target: Target): Answer;
  /** False where a `problems` entry stops the target. */
  loads(target: Target): boolean;
  /** Edits that make the wish true for all `targets`; `manual` with a `reason` where it can't be written. */
  fix(remedy: Remedy, targets: readonly Target[]): Fix;
}
