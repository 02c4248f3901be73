/** What long work is at, on the last line of a terminal: nobody should wonder whether anything happens. */
import { Buffer } from 'node:buffer';
import type { Io } from '../commands/io.js';
import { display } from '../reporters/display.js';

export interface Screen {
  write(text: string): void;
  /** Milliseconds since the program started. */
  now(): number;
  columns(): number;
}

export interface Progress {
  /** `what` in a few words. Shown where the work takes long, and not too often. */
  tell(what: string): void;
  /** Before anything else is written. */
  clear(): void;
}

/** Milliseconds; quicker work says nothing. */
const PATIENCE = 1000;
const BETWEEN = 100;
/** Work on a file of this size is long, and says nothing while it goes on. */
const LARGE = 8 * 1024 * 1024;

/** No timer: the work says what it is at, and a look at the clock tells whether that is shown. */
export function createProgress(screen: Screen): Progress {
  let shown = false;
  let last = Number.NEGATIVE_INFINITY;
  return {
    tell(what) {
      const now = screen.now();
      if (now < PATIENCE || now - last < BETWEEN) return;
      last = now;
      shown = true;
      screen.write(`\r${cut(`tlslint: ${what}…`, screen.columns() - 1)}\u001b[K`);
    },
    clear() {
      if (shown) screen.write('\r\u001b[K');
      shown = false;
    },
  };
}

/** The host, saying which file is read. */
export function watched(host: Io['host'], { tell }: Progress): Io['host'] {
  let count = 0;
  return {
    ...host,
    read(file, most) {
      count++;
      tell(`reading ${display(host.display(file), 80)}${count > 1 ? ` (${count} files)` : ''}`);
      const found = host.read(file, most);
      if (!('failure' in found) && found.length > LARGE) tell(`working on ${display(host.display(file), 80)}`);
      return found;
    },
  };
}

/** What is not ASCII may take two columns. */
function cut(text: string, columns: number): string {
  let left = columns;
  let shown = '';
  for (const character of text) {
    left -= Buffer.byteLength(character) > 1 ? 2 : 1;
    if (left < 0) break;
    shown += character;
  }
  return shown;
}
