/** `--format NAME[=FILE]`: which reports go where. */
import path from 'node:path';
import { type CommandLine, type Flags, UsageError } from '../options/parse.js';
import type { Report, ReportError } from '../report.js';
import { plain } from '../reporters/colors.js';
import { displayLine } from '../reporters/display.js';
import { FORMATS, type FormatName, type ReporterOptions } from '../reporters/index.js';
import type { LiveCheck } from '../reporters/live.js';
import { listFlag } from '../settings.js';
import type { Io } from './io.js';

export interface Wanted {
  readonly name: FormatName;
  /** Absent: stdout. */
  readonly file?: string;
}

/**
 * The formats asked for; with none for the terminal or the log, a report to files is all there is.
 * @throws {UsageError} where two would share one place.
 */
export function wantedFormats({ command, flags }: CommandLine, io: Io): Wanted[] {
  const given = listFlag(flags, 'format');
  // Annotations name what is wrong alone; who probes wants to see what is there.
  if (given.length === 0) return [{ name: command === 'lint' && io.env.GITHUB_ACTIONS === 'true' ? 'github' : 'text' }];
  const wanted = given.map(each => wantedFormat(each, io.cwd));
  const places = wanted.map(({ file }) => file ?? 'stdout');
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) {
    throw new UsageError(
      `Unexpected second \`--format\` for ${twice}, expected one; \`--format NAME=FILE\` writes into a file`,
    );
  }
  return wanted;
}

function wantedFormat(given: string, cwd: string): Wanted {
  const at = given.indexOf('=');
  if (at === -1) return { name: given as FormatName };
  const name = given.slice(0, at) as FormatName;
  const file = given.slice(at + 1);
  if (file === '') throw new UsageError(`Missing file of \`--format ${given}\`, expected \`${name}=FILE\``);
  return file === '-' ? { name } : { name, file: path.resolve(cwd, file) };
}

/**
 * For commands that print text or JSON and nothing else.
 * @throws {UsageError} on any other format, or a file.
 */
export function wantsJson(flags: Flags, command: string): boolean {
  const last = listFlag(flags, 'format').at(-1) ?? 'text';
  if (last === 'json' || last === 'text') return last === 'json';
  throw new UsageError(`Unexpected \`--format ${last}\` of \`${command}\`, expected \`text\` or \`json\``);
}

/** Prints and writes the reports. What could not be written, for the user to be told. */
export function deliverReports(
  report: Report,
  wanted: readonly Wanted[],
  io: Io,
  print: (text: string) => void,
): Promise<ReportError[]> {
  return deliver(async (name, options) => (await FORMATS[name]())(report, options), wanted, io, print);
}

/**
 * The report of a command that asks running servers.
 * @returns what could not be written.
 */
export async function deliverLive(
  report: { readonly json: object; text(paint: Io['paint']): string; checks(): readonly LiveCheck[] },
  wanted: readonly Wanted[],
  io: Io,
): Promise<ReportError[]> {
  const render = async (name: FormatName, { paint = plain }: ReporterOptions): Promise<string> => {
    if (name === 'json') return `${JSON.stringify({ schemaVersion: LIVE_SCHEMA, ...report.json }, null, 2)}\n`;
    const format = (await import('../reporters/live.js')).LIVE_FORMATS[name];
    return format ? format(report.checks()) : report.text(paint);
  };
  const failures = await deliver(render, wanted, io, io.stdout);
  for (const { path, message } of failures) io.stderr(`tlslint: ${displayLine(`${path}: ${message}`, 1000)}\n`);
  return failures;
}

/** Of what `--format json` prints of running servers. */
const LIVE_SCHEMA = 1;

/** The same for whatever has reports in these formats. */
async function deliver(
  render: (name: FormatName, options: ReporterOptions) => Promise<string>,
  wanted: readonly Wanted[],
  io: Io,
  print: (text: string) => void,
): Promise<ReportError[]> {
  const failures: ReportError[] = [];
  for (const { name, file } of wanted) {
    const text = await render(name, file === undefined ? { paint: io.paint, links: io.links === true } : {});
    if (file === undefined) {
      if (text !== '') print(text);
      continue;
    }
    const { writeReport } = await import('./report-file.js');
    failures.push(...(await writeReport(file, text, io)));
  }
  return failures;
}
