/** `tlslint init`: a configuration file that names the main files found below the current directory. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CONFIG_NAME } from '../config/find.js';
import { createIgnored } from '../config/ignore.js';
import { cachingHost } from '../host.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { displayLine } from '../reporters/display.js';
import { load, openFiles } from '../run.js';
import { settingsOf } from '../settings.js';
import type { ExitCode, Io } from './io.js';

const SCHEMA_URL = 'https://raw.githubusercontent.com/tlslint/tlslint/main/src/config/schema.json';

export async function initCommand({ positionals }: CommandLine, io: Io): Promise<ExitCode> {
  if (positionals.length > 0) throw new UsageError('Unexpected words behind `tlslint init`, expected none');
  const roots = await findRoots(io);
  const text = `// See https://github.com/tlslint/tlslint#configuration
${JSON.stringify({ $schema: SCHEMA_URL, roots, policy: 'intermediate' }, null, 2)}
`;
  try {
    await writeFile(path.join(io.cwd, CONFIG_NAME), text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `could not be written (${code})`;
    throw new UsageError(`\`${CONFIG_NAME}\` ${why}`);
  }
  const found = roots.length === 0 ? 'no main file was found; name it under `roots`' : `roots: ${roots.join(', ')}`;
  io.stdout(`${CONFIG_NAME} written; ${displayLine(found, 1000)}\n`);
  return 0;
}

async function findRoots(io: Io): Promise<string[]> {
  const host = cachingHost(io.host);
  const ignored = createIgnored({ paths: [io.cwd], ignores: [], force: false, host });
  const settings = { ...settingsOf({}, [io.cwd], io.cwd, io.env, host), ignored };
  const { models } = load(settings, host, undefined, await openFiles(settings, host));
  return models.filter(model => !model.fragment).map(model => model.root);
}
