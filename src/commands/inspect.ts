/** `tlslint inspect`: what each listener offers, or what one client gets. */
import { inspection } from '../inspect.js';
import { type CommandLine, UsageError } from '../options.js';
import { displayLine } from '../reporters/display.js';
import { answerText, inspectText } from '../reporters/inspect.js';
import { textFlag } from '../settings.js';
import { readInput } from './input.js';
import type { ExitCode, Io } from './io.js';

export async function inspectCommand(line: CommandLine, io: Io): Promise<ExitCode> {
  const connect = textFlag(line.flags, 'connect');
  const servername = textFlag(line.flags, 'servername');
  if (servername !== undefined && connect === undefined)
    throw new UsageError('Unexpected `--servername` without `--connect`');
  const { settings, host } = await readInput(line, io);
  const seen = inspection(settings, host);
  for (const error of seen.errors) io.stderr(`tlslint: ${displayLine(error.message)}\n`);
  const asJson = line.flags.format === 'json';
  if (connect !== undefined) {
    const question = { connect, ...(servername !== undefined && { servername }) };
    const answer = seen.offeredTo(question);
    const words = servername === undefined ? connect : `${connect} ${servername}`;
    io.stdout(
      asJson
        ? `${JSON.stringify({ schemaVersion: 1, question, ...answer }, null, 2)}\n`
        : answerText(words, answer, io.paint),
    );
  } else if (asJson) {
    io.stdout(`${JSON.stringify({ schemaVersion: 1, roots: seen.roots, errors: seen.errors }, null, 2)}\n`);
  } else {
    io.stdout(seen.roots.map(root => inspectText(root, io.paint)).join('\n'));
  }
  return seen.errors.length > 0 ? 2 : 0;
}
