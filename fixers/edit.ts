/** What a fix is made of. Nothing here knows what a directive means. */

/** Replace `[start, end)` (UTF-16 code units, 0-based) of the file at `path` by `text`. */
export interface Edit {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * How much a fix may be trusted, by consequence:
 * - `safe`: the server loads it and no client that the policy means to serve is refused.
 * - `unsafe`: right for most; may lock someone out, or rests on a file not seen.
 * - `manual`: shown, never written.
 */
export type Applicability = 'safe' | 'unsafe' | 'manual';

/** All edits or none, possibly in several files. */
export interface Fix {
  /** What it does, in a few words, lower case: "remove `TLSv1` and `TLSv1.1`". */
  readonly title: string;
  readonly applicability: Applicability;
  readonly edits: readonly Edit[];
  /** Names of the directives that the edits touch, for the independent second reading of a fix. */
  readonly directives: readonly string[];
  /** Why it is not `safe`, or cannot be written at all. */
  readonly reason?: string;
}
