/** What a walk through directories passes by: .gitignore, .tlslintignore and the configuration file's `ignores`. */
import path from 'node:path';
import createIgnore, { type Ignore } from 'ignore';
import { createSource } from '../../parsers/source.js';
import type { Host } from '../dialects/types.js';
import { gitRootOf } from './find.js';
import type { Config } from './load.js';

export interface IgnoreRequest {
  /** Absolute: what the user named. A named directory that is ignored as a whole is searched all the same. */
  readonly paths: readonly string[];
  readonly ignores: Config['ignores'];
  /** `--force-exclude`: what is named can be ignored as well. */
  readonly force: boolean;
  readonly host: Host;
}

interface Level {
  readonly directory: string;
  readonly rules: readonly Ignore[];
}

/** Takes absolute paths; a directory ends with `/`. As in git, what lies in an ignored directory stays ignored. */
export function createIgnored(request: IgnoreRequest): (file: string) => boolean {
  const read = levelReader(request);
  const known = new Map<string, boolean>();
  const isIgnored = (file: string, from: string): boolean => {
    const above = parentsOf(file).filter(each => each.length > from.length);
    return [...above, file].some(each => {
      const key = `${from}\0${each}`;
      const found = known.get(key) ?? decide(each, read, from);
      known.set(key, found);
      return found;
    });
  };
  const tops = request.paths.map(start => {
    const directory = `${start === '/' ? '' : start}/`;
    const whole = !request.force && request.host.kind(start) === 'directory' && isIgnored(directory, '');
    return { directory, from: whole ? start : '' };
  });
  return file => isIgnored(file, tops.find(({ directory }) => file.startsWith(directory))?.from ?? '');
}

/** `/a/`, `/a/b/` of `/a/b/c`. */
function parentsOf(file: string): string[] {
  const parents: string[] = [];
  for (let at = file.indexOf('/', 1); at !== -1 && at < file.length - 1; at = file.indexOf('/', at + 1)) {
    parents.push(file.slice(0, at + 1));
  }
  return parents;
}

/** The deepest file of patterns that says anything decides. */
function decide(file: string, read: (directory: string) => Level, from: string): boolean {
  let directory = path.dirname(file);
  while (directory.length >= from.length) {
    const { rules } = read(directory);
    const relative = path.relative(directory, file) + (file.endsWith('/') ? '/' : '');
    for (const each of rules) {
      const { ignored, unignored } = each.test(relative);
      if (ignored || unignored) return ignored;
    }
    const above = path.dirname(directory);
    if (above === directory) break;
    directory = above;
  }
  return false;
}

function levelReader({ host, ignores, paths }: IgnoreRequest): (directory: string) => Level {
  const levels = new Map<string, Level>();
  const gitRoots = new Set(paths.map(each => gitRootOf(each, host)).filter(each => each !== undefined));
  return directory => {
    const found = levels.get(directory) ?? readLevel(directory, host, ignores, gitRoots);
    levels.set(directory, found);
    return found;
  };
}

/** Ours before git's: it can bring back what git leaves out. */
function readLevel(directory: string, host: Host, ignores: Config['ignores'], gitRoots: ReadonlySet<string>): Level {
  const texts = ignores.filter(({ base }) => base === directory).map(({ patterns }) => patterns.join('\n'));
  texts.push(textOf(path.join(directory, '.tlslintignore'), host));
  const inGit = [...gitRoots].some(root => directory === root || directory.startsWith(`${root}/`));
  if (inGit) texts.push(textOf(path.join(directory, '.gitignore'), host));
  if (gitRoots.has(directory)) texts.push(textOf(path.join(directory, '.git/info/exclude'), host));
  const rules = texts.filter(text => text !== '').map(text => createIgnore({ ignorecase: false }).add(text));
  return { directory, rules };
}

function textOf(file: string, host: Host): string {
  if (host.kind(file) !== 'file') return '';
  const bytes = host.read(file);
  return 'failure' in bytes ? '' : createSource(bytes).text;
}
