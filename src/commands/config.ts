/** `tlslint config validate [FILE]`: whether a configuration file is right, without linting anything. */
import { configFile } from '../config/find.js';
import { loadConfig } from '../config/load.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { displayLine } from '../reporters/display.js';
import { readBaseline } from './baseline.js';
import type { ExitCode, Io } from './io.js';

export async function configCommand(line: CommandLine, io: Io): Promise<ExitCode> {
  const [verb, named, ...rest] = line.positionals;
  if (verb !== 'validate' || rest.length > 0) throw new UsageError('Expected `tlslint config validate [FILE]`');
  const flags = named === undefined ? line.flags : { ...line.flags, config: named };
  const file = configFile({ ...line, flags }, [], io.cwd, io.host);
  if (file === undefined) throw new UsageError('Found no `tlslint.config.json` in this directory or above');
  const { settings, baseline } = await import('../config/prepare.js').then(({ prepare }) =>
    prepare({
      line: { ...line, flags: {} },
      paths: [],
      config: { ...loadConfig(file, io.host), plugins: [] },
      cwd: io.cwd,
      env: io.env,
      host: io.host,
    }),
  );
  for (const { path } of settings.roots.filter(root => io.host.kind(root.path) !== 'file')) {
    throw new UsageError(`${io.host.display(file)}: root \`${io.host.display(path)}\` does not exist`);
  }
  if (baseline !== undefined) readBaseline({ ...line, flags: {} }, baseline, io);
  io.stdout(`${displayLine(io.host.display(file))}: valid\n`);
  return 0;
}
