/** What a dialect gives to the rest: how to find, load and understand its files. */
import type { DialectId, Target } from '../model/target.js';
import type { Model } from '../model/types.js';

/** The file system as a dialect sees it; `src/load.ts` gives the real one, tests and `nginx -T` dumps another. */
export interface Host {
  /** The bytes, or why not; `most` bounds their number. `path` is absolute and `/`-separated. Never throws. */
  read(path: string, most?: number): Uint8Array | ReadFailure;
  kind(path: string): 'file' | 'directory' | 'other' | 'missing';
  /** Names in a directory, unsorted, without `.` and `..`; `undefined` where it can't be listed. */
  list(path: string): readonly string[] | undefined;
  /** Symlinks resolved; the path itself where it does not exist. */
  realpath(path: string): string;
  /** How the user would type it. */
  display(path: string): string;
}

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

export interface Dialect {
  readonly id: DialectId;
  /** Whether a file looks like a root of this dialect, a part of one, or neither; by its content and its path. */
  detect(path: string, text: string): 'root' | 'fragment' | 'none';
  /** Server versions in the supported range at which the meaning of a configuration changes, oldest first. */
  readonly steps: readonly string[];
  /** Reads the file and all it includes. `fragment`: it has no root. Never throws on bad input. */
  load(path: string, host: Host, settings: LoadSettings, fragment?: boolean): Model;
}
