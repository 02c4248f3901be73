/** `tlslint rules`: the rules, a line each, or as JSON. */
import { ruleUrl } from '../lint.js';
import type { CommandLine } from '../options/parse.js';
import { rules } from '../rules/index.js';
import { wantsJson } from './formats.js';
import type { ExitCode, Io } from './io.js';

export async function rulesCommand({ flags }: CommandLine, io: Io): Promise<ExitCode> {
  if (wantsJson(flags, 'rules')) {
    io.stdout(
      `${JSON.stringify(
        rules.map(({ meta }) => ({ ...meta, url: ruleUrl(meta.id) })),
        null,
        2,
      )}\n`,
    );
    return 0;
  }
  const widest = Math.max(...rules.map(({ meta }) => meta.id.length));
  for (const { meta } of rules) {
    const fix = meta.fix ? ` (fix: ${meta.fix})` : '';
    io.stdout(`${io.paint('bold', meta.id.padEnd(widest))}  ${meta.severity.padEnd(7)}  ${meta.summary}${fix}\n`);
  }
  return 0;
}
