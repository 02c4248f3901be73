/** `tlslint undo [PATH]`: the files of the last `--write` below there get their old bytes back, all or none. */
import path from 'node:path';
import { undo } from '../../fixers/write.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { displayLine } from '../reporters/display.js';
import { stateDirectory } from './fix.js';
import type { ExitCode, Io } from './io.js';

export async function undoCommand({ positionals }: CommandLine, io: Io): Promise<ExitCode> {
  const [given = '.', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError('Expected one directory or file: `tlslint undo [PATH]`');
  // What was written elsewhere is somebody else's business, who has the same account perhaps.
  const below = io.host.realpath(path.resolve(io.cwd, given));
  const result = await undo({ stateDir: stateDirectory(io), root: io.cwd, self: io.self, below });
  for (const file of result.written) io.stdout(`${displayLine(file)} has its old content again\n`);
  for (const { path: file, message } of result.refused) {
    io.stderr(`tlslint: ${displayLine(file)}: ${displayLine(message)}\n`);
  }
  return result.refused.length > 0 || result.rolledBack !== undefined ? 2 : 0;
}
