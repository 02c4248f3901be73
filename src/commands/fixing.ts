/** From findings to patched files: what `--write`, `--diff` and `--output-dir` add to a run. */
import { overlayHost } from '../host.js';
import type { CommandLine } from '../options/parse.js';
import { type Patched, patch } from '../patch.js';
import type { ReportError } from '../report.js';
import { displayLine } from '../reporters/display.js';
import { type Checked, check } from '../run.js';
import { textFlag } from '../settings.js';
import { type Outcome, outputDirectory, printDiff, printFixed, writeBack } from './fix.js';
import type { Input } from './input.js';
import type { Io } from './io.js';

export type Mode = 'write' | 'diff' | 'copy';

export async function fixFindings(
  mode: Mode,
  line: CommandLine,
  io: Io,
  input: Input,
  first: Checked,
): Promise<{ patched: Patched; outcome: Outcome }> {
  const patched = patch(first, {
    allow: line.flags['unsafe-fixes'] ? 'unsafe' : 'safe',
    policy: input.settings.policy,
    recheck(replaced) {
      io.progress?.('checking the fixes');
      return check(input.settings, overlayHost(input.host, replaced));
    },
  });
  const failures = await proofFailures(patched, io);
  // A fix may span files, so that one file that fails takes all with it.
  if (failures.length > 0) return { patched, outcome: { errors: failures, changed: false } };
  return { patched, outcome: await DELIVER[mode](patched, line, io, input) };
}

async function proofFailures({ patches }: Patched, io: Io): Promise<ReportError[]> {
  if (patches.length === 0) return [];
  const { prove } = await import('../prove.js');
  const failures: ReportError[] = [];
  for (const each of patches) {
    io.progress?.('proving the fixes');
    const { failure, unheard } = await prove(each);
    if (failure !== undefined) failures.push({ path: each.file.path, message: `nothing is changed, since ${failure}` });
    if (unheard !== undefined)
      io.stderr(`tlslint: ${displayLine(`${each.file.path}: no second opinion of the fix: ${unheard}`, 1000)}\n`);
  }
  return failures;
}

const DELIVER: Record<Mode, (patched: Patched, line: CommandLine, io: Io, input: Input) => Promise<Outcome>> = {
  write: (patched, line, io, input) => (input.stdin ? printFixed(patched, input, io) : writeBack(patched, line, io)),
  diff: (patched, _, io) => printDiff(patched, io),
  copy: (patched, line, io) => outputDirectory(patched, textFlag(line.flags, 'output-dir')!, io),
};
