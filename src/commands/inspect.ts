/** `tlslint inspect`: what each listener offers, or what one client gets. */
import { connectFault, inspection } from '../inspect.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import type { RootReport } from '../report.js';
import { displayLine } from '../reporters/display.js';
import { answerText, inspectText } from '../reporters/inspect.js';
import { textFlag } from '../settings.js';
import { wantsJson } from './formats.js';
import { readInput } from './input.js';
import type { ExitCode, Io } from './io.js';

export async function inspectCommand(line: CommandLine, io: Io): Promise<ExitCode> {
  const connect = textFlag(line.flags, 'connect');
  const servername = textFlag(line.flags, 'servername');
  if (servername !== undefined && connect === undefined)
    throw new UsageError('Unexpected `--servername` without `--connect`');
  const asJson = wantsJson(line.flags, 'inspect');
  const fault = connect === undefined ? undefined : connectFault(connect);
  if (fault !== undefined) throw new UsageError(fault);
  const { settings, host } = await readInput(line, io);
  const seen = await inspection(settings, host);
  for (const error of seen.errors) io.stderr(`tlslint: ${displayLine(error.message)}\n`);
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
    io.stdout(rootsText(seen.roots, io));
  }
  return seen.errors.length > 0 ? 2 : 0;
}

/** A directory holds many a file that makes no listener; they are counted where others do. */
function rootsText(roots: readonly RootReport[], { paint }: Io): string {
  const listening = roots.filter(root => root.endpoints.length > 0);
  const shown = listening.length > 0 ? listening : roots;
  const tables = shown.map(root => inspectText(root, paint));
  const others = roots.length - shown.length;
  if (others > 0) tables.push(`${others} other ${others === 1 ? 'file makes' : 'files make'} no listener.\n`);
  return tables.join('\n');
}
