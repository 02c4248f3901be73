/** `tlslint probe --config ROOT`: ask the running server for each listener and name of its configuration. */
import { type DriftOptions, driftOf } from '../live/drift.js';
import { questionsOf } from '../live/questions.js';
import type { DriftReport, DriftRow } from '../model/drift.js';
import { type CommandLine, type Flags, UsageError } from '../options/parse.js';
import { parseTarget } from '../probe/target.js';
import { driftText } from '../reporters/drift.js';
import { driftChecks } from '../reporters/live.js';
import { checkFiles } from '../run.js';
import { textFlag } from '../settings.js';
import { deliverLive, wantedFormats } from './formats.js';
import { readInput } from './input.js';
import type { ExitCode, Io } from './io.js';
import { surveyOptions } from './probe.js';

export async function driftCommand(line: CommandLine, io: Io): Promise<ExitCode> {
  const { flags } = line;
  for (const name of ['expect', 'policy', 'servername', 'ciphers'] as const) {
    if (flags[name] !== undefined) throw new UsageError(`Unexpected \`--${name}\` beside \`--config\``);
  }
  if (line.positionals.length > 0) throw new UsageError('Unexpected server beside `--config`, expected `--via`');
  const options = driftOptions(flags);
  const { settings, host } = await readInput(rootLine(line), io);
  const loaded = await checkFiles(settings, host, []);
  const rows = await Promise.all(
    loaded.models.flatMap(model => questionsOf(model).map(asked => driftOf(asked, loaded.rangeOf(model), options))),
  );
  const broken = loaded.models.flatMap(({ problems }) =>
    problems
      .filter(({ kind }) => kind === 'syntax' || kind === 'unreadable')
      .map(({ origin, message }) => ({ path: origin.file.path, message })),
  );
  const report: DriftReport = { rows, errors: [...loaded.errors, ...broken] };
  const unwritten = await deliverLive(
    { json: report, text: paint => driftText(report, paint), checks: () => driftChecks(report) },
    wantedFormats(line, io),
    io,
  );
  return unwritten.length > 0 ? 2 : exitCode(report);
}

/** The root as lint is given it, so that its tlslint.config.json takes part as it does there. */
function rootLine({ command, flags }: CommandLine): CommandLine {
  return { command, positionals: [textFlag(flags, 'config')!], flags: { ...flags, config: undefined } };
}

/** What can't be known for some does not fail the run; nothing compared at all does. */
function exitCode({ rows, errors }: DriftReport): ExitCode {
  const is = (...states: ReadonlyArray<DriftRow['state']>) => rows.filter(({ state }) => states.includes(state)).length;
  if (errors.length > 0 || is('no-answer') > 0 || is('unknown') === rows.length) return 2;
  return is('agrees', 'unknown') === rows.length ? 0 : 1;
}

function driftOptions(flags: Flags): DriftOptions {
  const survey = surveyOptions(flags);
  const via = textFlag(flags, 'via');
  if (via === undefined) return { survey };
  const target = parseTarget(via);
  if (!target || 'path' in target) {
    throw new UsageError(`Unexpected \`${via}\` of \`--via\`, expected such as \`192.0.2.1\` or \`[::1]:8443\``);
  }
  const named = /\d$/.test(via) && addressHasPort(via);
  return { survey, via: { host: target.host, ...(named && { port: target.port }) } };
}

/** `host:1` and `[::1]:1`; a bare IPv6 address has none. */
function addressHasPort(text: string): boolean {
  return /^(?:\[[^\]]*\]|[^:]*):\d+$/.test(text);
}
