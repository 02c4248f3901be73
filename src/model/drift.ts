/** What a configuration says beside what the running server says, as data. */
import type { Protocol } from './protocols.js';

export type DriftState =
  /** The server answers as the configuration says, whichever of the assumed versions it is. */
  | 'agrees'
  /** Its processes are older than the files, and answer differently. */
  | 'not-reloaded'
  /** What is heard is more, or other, than these files allow. */
  | 'other-config'
  /** What is heard is within what the files allow: the library or its `openssl.cnf` decides otherwise. */
  | 'other-library'
  /** Another program or machine answers in front of the one that is configured. */
  | 'in-front'
  | 'no-answer'
  /** The configuration does not say, or an answer went missing. */
  | 'unknown';

export interface DriftRow {
  readonly root: string;
  readonly listen: string;
  /** Where it was asked. */
  readonly address: string;
  /** `null` for no SNI. */
  readonly servername: string | null;
  readonly state: DriftState;
  /** What the configuration comes to, for each assumed version that differs; `null` where it can't be known. */
  readonly expected: ReadonlyArray<readonly Protocol[]> | null;
  readonly heard: readonly Protocol[];
  /** Full sentences. */
  readonly evidence: readonly string[];
}

export interface DriftReport {
  readonly rows: readonly DriftRow[];
  readonly errors: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}
