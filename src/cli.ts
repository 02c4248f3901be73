#!/usr/bin/env node
/** The process: arguments in, streams and an exit code out. Nothing is decided here. */
import { clearProgress, end, ioFor, print, warn } from './cli/io.js';
import { RUN } from './commands/index.js';
import type { ExitCode } from './commands/io.js';
import { parseCommandLine, UsageError } from './options/parse.js';
import { displayLine } from './reporters/display.js';
import { VERSION } from './version.js';

// Not awaited at the top: the single executable is CommonJS.
void main(process.argv.slice(2)).then(end);

async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    const line = parseCommandLine(args);
    if (line.flags.version) return say(`${VERSION}\n`);
    if (line.flags.help) return say((await import('./options/help.js')).helpText(line.command));
    const run = await RUN[line.command]();
    return await run(line, await ioFor(line.flags.color));
  } catch (error) {
    return fail(error);
  } finally {
    clearProgress();
  }
}

function say(text: string): ExitCode {
  print(text);
  return 0;
}

function fail(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    for (const each of error.message.split('\n')) warn(`tlslint: ${displayLine(each, 1000)}\n`);
    return 2;
  }
  const message = error instanceof Error ? (process.env.TLSLINT_DEBUG ? error.stack : error.message) : String(error);
  warn(`tlslint: internal error: ${displayLine(message ?? '', 4000)}\n`);
  warn('This is a bug of tlslint. Nothing was written. Please report it; TLSLINT_DEBUG=1 shows where.\n');
  return 3;
}
