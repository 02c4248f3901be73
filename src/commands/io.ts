/** What a command gets from the process that runs it. */
import type { Self } from '../../fixers/write.js';
import type { Host } from '../dialects/types.js';
import type { Paint } from '../reporters/colors.js';

export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
  readonly paint: Paint;
  /** The terminal opens OSC 8 links. */
  readonly links?: boolean;
  /** What goes to stdout or stderr is read by a CI system that runs the commands in it. */
  readonly actionsLog?: boolean;
  /** Told what the work is at, in a few words that are safe to show; absent where nobody looks on. */
  progress?(what: string): void;
  readonly version: string;
  /** This process, as locks and journals know it. */
  readonly self: Self;
  /** Called before a signal ends the program: what must not stay half done is taken back. */
  atSignal(stop: () => readonly string[]): void;
  stdin(): Promise<Uint8Array>;
  stdout(chunk: string | Uint8Array): void;
  stderr(text: string): void;
}

/** 0 clean, 1 findings, 2 usage or unreadable or unparsable input, 3 our own error. */
export type ExitCode = 0 | 1 | 2 | 3;
