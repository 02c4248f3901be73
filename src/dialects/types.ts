/**
 * What a dialect gives to the rest: how to find, load and understand its files.
 *
 * A dialect is two parts. Its face (`DialectFace`) is there in every run, so it imports next to nothing; its code
 * (`Dialect`) is fetched when a file of the dialect is met. To add one:
 * - `DialectId` in `model/target.ts` and a row of `SERVERS` in `model/servers.ts`: names, versions, the default range;
 * - its tree in `parsers/ast.ts`: a root with `dialect`, and nodes with `type`, `name`, `start`, `end` and `children`
 *   (`headEnd` where a node has more than a head, `key` where letter case does not count), comments as `Comment`;
 * - `dialects/ID/index.ts` with a `Dialect`, its face apart in a file of its own, and a line in `dialects/index.ts`.
 * Nothing else asks which dialect it is.
 */
import type { SecondReading } from '../../fixers/verify.js';
import type { Node, Parsed, Root, Source } from '../../parsers/ast.js';
import type { DialectId, Target } from '../model/target.js';
import type { Model } from '../model/types.js';

/** The file system as a dialect sees it; `src/load.ts` gives the real one, tests and `nginx -T` dumps another. */
export interface Host {
  /** The bytes, or why not; `most` bounds their number. `path` is absolute and `/`-separated. Never throws. */
  read(path: string, most?: number): Uint8Array | ReadFailure;
  kind(path: string): 'file' | 'directory' | 'other' | 'missing';
  /** Names in a directory, unsorted, without `.` and `..`; `undefined` where it can't be listed. */
  list(path: string): readonly string[] | undefined;
  /** `list` with what each is, as far as the directory itself says so; absent where it does not. */
  entries?(path: string): Entries | undefined;
  /** Symlinks resolved; the path itself where it does not exist. */
  realpath(path: string): string;
  /** How the user would type it. */
  display(path: string): string;
}

/** By name, without `.` and `..`. */
export type Entries = ReadonlyMap<string, EntryType>;

/** `unsure`: a symbolic link, or what can't be told without a look at it. */
export type EntryType = 'file' | 'directory' | 'unsure';

export interface ReadFailure {
  readonly failure: 'missing' | 'denied' | 'too-large' | 'not-a-file' | 'outside' | 'failed';
  readonly message: string;
}

/** What the user said about things that the files don't say. */
export interface LoadSettings {
  /** Directory that absolute paths in the configuration are looked up below; `''` for the real root. */
  readonly prefix: string;
  /** `-D NAME[=VALUE]` of httpd. */
  readonly define: ReadonlyMap<string, string>;
  /** Modules known to be loaded (`ssl_module`, `mod_ssl.c`) or not (`!mod_ssl.c`). */
  readonly module: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For conditions on the server's version; the newest target of the run. */
  readonly target: Target;
}

/** What is known of a dialect without its code. */
export interface DialectFace {
  readonly id: DialectId;
  /**
   * Whether a file looks like a root of this dialect, a part of one, or neither; by its content and its path. It is asked
   * of every file, so it first looks for what others can't have. `text` is UTF-8 or else Latin-1, whatever the dialect
   * reads: UTF-16 shows as Latin-1 with NULs.
   */
  detect(path: string, text: string): 'root' | 'fragment' | 'none';
  /** Whether the name alone says whose a file is, so that one that the user names is read even if it says nothing. */
  owns?(path: string): boolean;
  /** Server versions at which the meaning of a configuration changes, oldest first, as `SERVERS[id].parse` reads them. */
  readonly steps: readonly string[];
}

/** How a dialect's files are written, without what they mean. Never throws on bad input. */
export interface Syntax {
  /** Bytes to text, and to the encoding that they are written back in. */
  source(bytes: Uint8Array): Source;
  /** `path` decides where one dialect has several grammars. */
  parse(source: Source, path: string): Parsed<Root>;
  /** For `tlslint ast`: what the tree holds, in file order, as one JSON object each. */
  rows(tree: Root): Iterable<object>;
  /** Whether what stands in the node may be passed over, or read more than once. */
  isConditional?(node: Node): boolean;
  /** Why a comment can't follow a directive on its line, in a clause; absent where it can. */
  readonly noCommentBehind?: string;
  /** What an independent parser sees change apart from the named directives. */
  readAgain?(before: Root, after: Root, directives: readonly string[]): Promise<SecondReading>;
}

export interface Dialect extends DialectFace {
  readonly syntax: Syntax;
  /** Reads the file and all it includes. `fragment`: it has no root. Never throws on bad input. */
  load(path: string, host: Host, settings: LoadSettings, fragment?: boolean): Model;
}

/** A dialect whose code may not be here yet. */
export interface DialectEntry extends DialectFace {
  /** Absent until `open` has fetched it, or somebody has put it here. */
  readonly code: Dialect | undefined;
  put(dialect: Dialect): void;
  open(): Promise<Dialect>;
}
