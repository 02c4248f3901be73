/** `--format NAME[=FILE]`: which reports go where. */
import { mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type CommandLine, type Flags, UsageError } from '../options.js';
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
    if (file !== undefined) failures.push(...(await writeReport(file, text, io)));
    else if (text !== '') print(text);
  }
  return failures;
}

/** All of it or nothing: a reader never sees half a report. */
async function writeReport(file: string, text: string, io: Io): Promise<ReportError[]> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const found = await stat(file).catch(() => undefined);
    // A device or a pipe can't be replaced, and is written to.
    if (found && !found.isFile()) await writeFile(file, text);
    else await replaceFile(found ? await realpath(file) : file, text, io, found?.mode);
    return [];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return [{ path: io.host.display(file), message: `the report could not be written (${code})` }];
  }
}

export async function replaceFile(file: string, text: string, io: Io, mode = 0o666): Promise<void> {
  const temporary = path.join(path.dirname(file), `.tlslint-${io.self.pid}-${io.self.random()}`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: mode & 0o777 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
