/** `--format NAME[=FILE]`: which reports go where. */
import path from 'node:path';
import { type CommandLine, type Flags, UsageError } from '../options/parse.js';
import type { Report, ReportError } from '../report.js';
import { FORMATS, type FormatName } from '../reporters/index.js';
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
export function wantedFormats({ flags }: CommandLine, io: Io): Wanted[] {
  const given = listFlag(flags, 'format');
  if (given.length === 0) return [{ name: io.env.GITHUB_ACTIONS === 'true' ? 'github' : 'text' }];
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
export async function deliverReports(
  report: Report,
  wanted: readonly Wanted[],
  io: Io,
  print: (text: string) => void,
): Promise<ReportError[]> {
  const failures: ReportError[] = [];
  for (const { name, file } of wanted) {
    const reporter = await FORMATS[name]();
    const text = reporter(report, file === undefined ? { paint: io.paint, links: io.links === true } : {});
    if (file === undefined) {
      if (text !== '') print(text);
      continue;
    }
    const { writeReport } = await import('./report-file.js');
    failures.push(...(await writeReport(file, text, io)));
  }
  return failures;
}
