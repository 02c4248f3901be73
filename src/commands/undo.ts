/** `tlslint undo`: the files of the last `--write` get their old bytes back, all or none. */
import { undo } from '../../fixers/write.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { displayLine } from '../reporters/display.js';
import { stateDirectory } from './fix.js';
import type { ExitCode, Io } from './io.js';

export async function undoCommand({ positionals }: CommandLine, io: Io): Promise<ExitCode> {
  if (positionals.length > 0) throw new UsageError('Unexpected words: `tlslint undo` takes back the last `--write`');
  const result = await undo({ stateDir: stateDirectory(io), root: io.cwd, self: io.self });
  for (const path of result.written) io.stdout(`${displayLine(path)} has its old content again\n`);
  for (const { path, message } of result.refused) io.stderr(`tlslint: ${displayLine(path)}: ${displayLine(message)}\n`);
  return result.refused.length > 0 || result.rolledBack !== undefined ? 2 : 0;
}
