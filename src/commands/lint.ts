/** `tlslint [paths…]`: find, and with `--write`, `--diff` or `--output-dir` fix. */
import { ruleUrl } from '../lint.js';
import { SERVERS } from '../model/servers.js';
import type { LoadedFile } from '../model/types.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import type { Patched } from '../patch.js';
import {
  type Report,
  type ReportError,
  type ReportFile,
  type ReportFinding,
  reportFinding,
  summarize,
} from '../report.js';
import { displayLine } from '../reporters/display.js';
import type { Finding, Severity } from '../rule.js';
import { rules } from '../rules/index.js';
import { type Checked, checkFiles, filesOf, load, openFiles } from '../run.js';
import { textFlag } from '../settings.js';
import { targetText } from '../targets.js';
import type { Outcome } from './fix.js';
import type { Mode } from './fixing.js';
import { deliverReports, wantedFormats } from './formats.js';
import { type Input, readInput } from './input.js';
import type { ExitCode, Io } from './io.js';

export async function lintCommand(line: CommandLine, io: Io): Promise<ExitCode> {
  const mode = modeOf(line);
  // What is wrong with the command line is said before anything is read.
  wantedFormats(line, io);
  maxWarnings(line);
  const input = await withBaseline(await readInput(line, io), line, io);
  if (mode === 'write' && input.stdin === 'dump') {
    throw new UsageError(
      'Unexpected `--write` with an `nginx -T` dump, whose files are not here; `--diff` shows the fixes',
    );
  }
  if (line.flags['print-config']) {
    const { printConfig } = await import('../config/print.js');
    const files = (input.files ?? []).map(each => input.host.display(each));
    io.stdout(printConfig(input.settings, files));
    return 0;
  }
  if (line.flags['list-files']) return listFiles(input, io);
  const first = await checkFiles(input.settings, input.host);
  if (line.flags['write-baseline'] !== undefined) return record(line, io, input, first);
  if (mode === 'report') return finish(line, io, input, first, undefined, NOTHING);
  const { fixFindings } = await import('./fixing.js');
  const { patched, outcome } = await fixFindings(mode, line, io, input, first);
  return finish(line, io, input, mode === 'write' && outcome.applied ? patched.checked : first, patched, outcome);
}

const NOTHING: Outcome = { errors: [], changed: false };

function modeOf({ flags }: CommandLine): Mode | 'report' {
  const modes: Mode[] = [];
  if (flags.write) modes.push('write');
  if (flags.diff) modes.push('diff');
  if (flags['output-dir'] !== undefined) modes.push('copy');
  if (flags['write-baseline'] !== undefined && modes.length > 0) {
    throw new UsageError('Unexpected `--write-baseline` with `--write`, `--diff` or `--output-dir`');
  }
  if (modes.length > 1) throw new UsageError('Unexpected more than one of `--write`, `--diff` and `--output-dir`');
  return modes[0] ?? 'report';
}

async function withBaseline(input: Input, line: CommandLine, io: Io): Promise<Input> {
  if (line.flags.baseline === undefined && input.baseline === undefined) return input;
  const baseline = (await import('./baseline.js')).readBaseline(line, input.baseline, io);
  return baseline ? { ...input, settings: { ...input.settings, baseline } } : input;
}

/** `--write-baseline`: no report, since all that is found is known from now on. */
async function record(line: CommandLine, io: Io, { baseline }: Input, checked: Checked): Promise<ExitCode> {
  const { writeBaseline } = await import('./baseline.js');
  const unwritten = await writeBaseline(line, baseline, checked, io);
  const errors = [...checked.errors, ...hiddenFailures({ ...checked, findings: [] }), ...unwritten];
  for (const { path, message } of errors) note(io, path === undefined ? message : `${path}: ${message}`);
  return errors.length > 0 ? 2 : 0;
}

/** `--list-files`: what would be judged, a path a line. */
async function listFiles({ settings, host }: Input, io: Io): Promise<ExitCode> {
  const { models, asked, errors } = load(settings, host, undefined, await openFiles(settings, host));
  const files = filesOf(models).filter(({ real }) => !asked || asked.has(real));
  io.stdout(files.map(file => `${displayLine(file.path, 4096)}\n`).join(''));
  for (const error of errors) note(io, error.message);
  return errors.length > 0 ? 2 : 0;
}

async function finish(
  line: CommandLine,
  io: Io,
  input: Input,
  checked: Checked,
  patched: Patched | undefined,
  outcome: Outcome,
): Promise<ExitCode> {
  const quiet = line.flags.quiet === true;
  const shown = quiet ? checked.findings.filter(({ severity }) => severity === 'error') : checked.findings;
  const refusals = (patched?.refused ?? []).map(refusalError);
  const fixed = !outcome.applied ? 0 : (patched?.fixed ?? 0);
  const errors = [...outcome.errors, ...refusals, ...hiddenFailures(checked)];
  const report = reportOf(input, io, checked, shown, errors, fixed);
  const print = outcome.stdoutTaken ? io.stderr : io.stdout;
  const unwritten = await deliverReports(report, wantedFormats(line, io), io, print);
  for (const { path, message } of unwritten) note(io, `${path}: ${message}`);
  const { baseline } = input.settings;
  const stale = baseline && (await import('./baseline.js')).staleNote(baseline, checked, io);
  if (stale !== undefined) note(io, stale);
  const beside = elsewhereNote(checked);
  if (beside !== undefined) note(io, beside);
  if (report.errors.length + unwritten.length > 0 || unreadable(checked)) return 2;
  if (line.flags['exit-zero']) return 0;
  return fails(checked.findings, line, io) || (outcome.changed && !outcome.applied) ? 1 : 0;
}

/** What was not asked about is not reported, and not hidden either. */
function elsewhereNote({ elsewhere }: Checked): string | undefined {
  const count = [...elsewhere.values()].reduce((sum, each) => sum + each, 0);
  if (count === 0) return undefined;
  const [path] = elsewhere.keys();
  const where = elsewhere.size === 1 ? path : `${elsewhere.size} other files`;
  const findings = count === 1 ? 'is 1 finding' : `are ${count} findings`;
  return `there ${findings} in ${where}, of the configuration that the given files belong to`;
}

const FROM: Record<string, readonly Severity[]> = {
  error: ['error'],
  warning: ['error', 'warning'],
  info: ['error', 'warning', 'info'],
  none: [],
};

/** Whether the findings are too many. With `--max-warnings`, warnings fail by their number and by nothing else. */
function fails(findings: readonly Finding[], line: CommandLine, io: Io): boolean {
  const most = maxWarnings(line);
  const severities = FROM[textFlag(line.flags, 'fail-on') ?? 'warning'] ?? [];
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  if (most !== undefined && counts.warning > most) {
    note(io, `${counts.warning} warnings, expected no more than ${most}`);
    return true;
  }
  // What `--quiet` does not show does not fail either.
  const hidden = (each: Severity) => each === 'warning' && most !== undefined;
  return severities.some(each => counts[each] > 0 && !hidden(each) && (each === 'error' || !line.flags.quiet));
}

/** @throws {UsageError} where it is no number. */
function maxWarnings({ flags }: CommandLine): number | undefined {
  const given = textFlag(flags, 'max-warnings');
  if (given === undefined) return undefined;
  if (!/^\d{1,9}$/.test(given))
    throw new UsageError(`Unexpected \`${given}\` of \`--max-warnings\`, expected a number`);
  return Number(given);
}

/** What makes the exit code 2 is said, also where its rule is switched off. */
function hiddenFailures({ models, findings }: Checked): ReportError[] {
  const told = new Set(findings.map(({ file, span }) => `${file.real}\0${span.start}`));
  const hidden = models
    .flatMap(({ problems }) => problems)
    .filter(({ kind, origin }) => STOPPING.has(kind) && !told.has(`${origin.file.real}\0${origin.span.start}`));
  const messages = new Map(
    hidden.map(({ origin, message }) => [`${origin.file.real}\0${message}`, { origin, message }]),
  );
  return [...messages.values()].map(({ origin: { file, span }, message }) => {
    const { line } = file.source.pointAt(span.start);
    return { path: file.path, message: `line ${line}: ${message}` };
  });
}

const STOPPING: ReadonlySet<string> = new Set(['syntax', 'unreadable']);

/** "Could not parse" and "could not read" are never clean, whatever the rules' severities are. */
function unreadable({ models }: Checked): boolean {
  return models.some(({ problems }) => problems.some(({ kind }) => STOPPING.has(kind)));
}

function refusalError({ finding, reason }: Patched['refused'][number]): ReportError {
  const { line } = finding.file.source.pointAt(finding.span.start);
  return { path: finding.file.path, message: `line ${line}, ${finding.rule}: the fix is not made, since ${reason}` };
}

function reportOf(
  input: Input,
  io: Io,
  checked: Checked,
  findings: readonly Finding[],
  errors: readonly ReportError[],
  fixed: number,
): Report {
  const files = reportFiles(
    findings.map(finding => ({ finding })),
    checked,
  );
  const { name, version } = input.settings.policy;
  return {
    version: io.version,
    policy: { name, version },
    files,
    suppressed: reportFiles(checked.suppressed, checked),
    errors: [...checked.errors, ...errors],
    rules: [...rules, ...(input.settings.rules ?? [])].map(({ meta: { id, summary, severity, url } }) => ({
      id,
      summary,
      severity,
      url: url ?? ruleUrl(id),
    })),
    assumptions: assumptionsOf(checked),
    summary: summarize(files, checked.files.length, fixed),
  };
}

function reportFiles(
  findings: ReadonlyArray<{ readonly finding: Finding; readonly reason?: string }>,
  { outside }: Checked,
): ReportFile[] {
  const byFile = new Map<LoadedFile, ReportFinding[]>();
  for (const { finding, reason } of findings) {
    const list = byFile.get(finding.file) ?? [];
    byFile.set(finding.file, list);
    const suppressed = reason === undefined ? {} : { suppressed: reason };
    list.push({ ...reportFinding(finding, !outside.has(finding.file.path)), ...suppressed });
  }
  return [...byFile].map(([{ path, dialect, source }, list]) => ({ path, dialect, findings: list, text: source.text }));
}

/** "nginx 1.18.0 to 1.31.4 on OpenSSL 1.1.1 to 3.5", for each dialect that was met and not fully named. */
function assumptionsOf({ models, rangeOf }: Checked): string[] {
  const assumptions = models.flatMap(model => {
    const { server, openssl, assumed } = targetText(rangeOf(model));
    const library = openssl === undefined ? '' : ` on OpenSSL ${openssl}`;
    return assumed.length === 0 ? [] : [`${SERVERS[model.dialect].product} ${server}${library}`];
  });
  return [...new Set(assumptions)];
}

/** For messages on stderr. */
function note(io: Io, message: string): void {
  io.stderr(`tlslint: ${displayLine(message, 1000)}\n`);
}
