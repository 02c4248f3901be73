/** `--baseline FILE` and `--write-baseline[=FILE]`. */
import path from 'node:path';
import { createSource } from '../../parsers/source.js';
import { type Baseline, baselineEntries, baselineText, parseBaseline, rewritten, staleEntries } from '../baseline.js';
import { type CommandLine, type Flags, UsageError } from '../options/parse.js';
import type { ReportError } from '../report.js';
import { displayLine } from '../reporters/display.js';
import type { Checked } from '../run.js';
import { textFlag } from '../settings.js';
import type { Io } from './io.js';
import { replaceFile } from './report-file.js';

const DEFAULT_FILE = 'tlslint-baseline.json';

/**
 * The baseline that findings are held against: the one named, else the one of the configuration file. None where one is
 * written, since that records all.
 * @throws {UsageError} where it can't be read.
 */
export function readBaseline({ flags }: CommandLine, configured: string | undefined, io: Io): Baseline | undefined {
  const named = textFlag(flags, 'baseline');
  if (flags['no-baseline'] && named !== undefined) {
    throw new UsageError('Unexpected `--baseline` beside `--no-baseline`');
  }
  if (flags['no-baseline'] || flags['write-baseline'] !== undefined) return undefined;
  const given = named ?? (configured === undefined ? undefined : io.host.display(configured));
  if (given === undefined) return undefined;
  const file = baselineFile(given, io);
  const bytes = io.host.read(file);
  if ('failure' in bytes) throw new UsageError(`${bytes.message}; \`--write-baseline=${given}\` makes it`);
  return parseBaseline(createSource(bytes).text, file);
}

/** Links are followed, so that paths in it do not hang on how it is named. */
function baselineFile(given: string, io: Io): string {
  return io.host.realpath(path.resolve(io.cwd, given));
}

/** Entries that are no longer needed, in a sentence. */
export function staleNote(baseline: Baseline, checked: Checked, io: Io): string | undefined {
  const stale = staleEntries(baseline, checked.known, checked.files, checked.ran);
  if (stale.length === 0) return undefined;
  const shown = io.host.display(baseline.file);
  const what = stale.length === 1 ? 'entry is' : 'entries are';
  return `${stale.length} ${what} no longer found in ${shown}; \`--write-baseline=${shown}\` takes them out`;
}

/** Records what was found; entries of files and rules that this run did not ask about stay. */
export async function writeBaseline(
  { flags }: CommandLine,
  configured: string | undefined,
  checked: Checked,
  io: Io,
): Promise<ReportError[]> {
  const file = baselineFile(writtenFile(flags, configured), io);
  const earlier = io.host.kind(file) === 'missing' ? [] : earlierEntries(file, io);
  const exists = (each: string) => io.host.kind(each) !== 'missing';
  const entries = rewritten({ file, entries: earlier }, checked.findings, checked.files, checked.ran, exists);
  const shown = io.host.display(file);
  try {
    await replaceFile(file, baselineText(entries), io);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return [{ path: shown, message: `the baseline could not be written (${code})` }];
  }
  const found = baselineEntries(checked.findings, file).length;
  io.stdout(`${displayLine(shown)}: ${found} ${found === 1 ? 'finding' : 'findings'} recorded.\n`);
  return [];
}

function writtenFile(flags: Flags, configured: string | undefined): string {
  return textFlag(flags, 'write-baseline') || textFlag(flags, 'baseline') || configured || DEFAULT_FILE;
}

/** One that can't be understood is not overwritten: it may be another file. */
function earlierEntries(file: string, io: Io): Baseline['entries'] {
  const bytes = io.host.read(file);
  if ('failure' in bytes) throw new UsageError(bytes.message);
  return parseBaseline(createSource(bytes).text, file).entries;
}
