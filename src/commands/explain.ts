/** `tlslint explain RULE`: the rule's page. */
import { readFile } from 'node:fs/promises';
import { closest } from '../options/closest.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { rules } from '../rules/index.js';
import type { ExitCode, Io } from './io.js';

/** Beside the bundle in the package, or in the sources. */
const PAGES = ['./rules/', '../../../src/rules/'];

export async function explainCommand({ positionals }: CommandLine, io: Io): Promise<ExitCode> {
  const [id, ...rest] = positionals;
  if (id === undefined || rest.length > 0) throw new UsageError('Expected one rule: `tlslint explain RULE`');
  const ids = rules.map(rule => rule.meta.id);
  if (!ids.includes(id)) {
    const close = closest(id, ids);
    throw new UsageError(
      `Unexpected rule \`${id}\`${close ? `, did you mean \`${close}\`?` : '; see `tlslint rules`'}`,
    );
  }
  // Comments are for what writes the page.
  io.stdout((await page(id)).replace(/^<!--.*-->\n/gm, ''));
  return 0;
}

async function page(id: string): Promise<string> {
  for (const base of PAGES) {
    const name = base === './rules/' ? `${base}${id}.md` : `${base}${id}/readme.md`;
    try {
      return await readFile(new URL(name, import.meta.url), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`The page of \`${id}\` is missing from the installation`);
}
