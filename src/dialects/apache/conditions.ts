/** Sections that are decided while the file is read: `<IfModule>`, `<IfDefine>`, `<IfVersion>`, `<IfFile>`, … */
import type { Target } from '../../model/target.js';
import { compareVersions, parseVersion } from '../../model/versions.js';
import { DIRECTORY_SECTIONS, OTHER_DIRECTIVES, SSL_DIRECTIVES } from './directives.js';
import { locate, type Tree } from './files.js';
import type { Modules } from './modules.js';
import { since } from './since.js';

/** What the conditions ask about. */
export interface World {
  readonly tree: Tree;
  readonly modules: Modules;
  readonly target: Target;
  isDefined(name: string): boolean;
}

interface Verdict {
  readonly holds: boolean;
  /** A full sentence where the answer rests on an assumption. */
  readonly assumed?: string;
  /** Why the server refuses it. */
  readonly refused?: string;
}

export interface Condition {
  /** First release that has the section; absent where every one has. */
  readonly since?: string;
  readonly decide: (world: World, args: readonly string[]) => Verdict;
}

/** By the section's name in lower case. */
export const CONDITIONS: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  ['ifmodule', { decide: negatable(ifModule) }],
  ['ifdefine', { decide: negatable((world, name) => ({ holds: world.isDefined(name) })) }],
  ['ifversion', { decide: ({ target }, args) => ifVersion(target, args) }],
  ['iffile', { since: '2.4.34', decide: negatable(ifFile) }],
  ['ifdirective', { since: '2.4.34', decide: negatable(ifDirective) }],
  ['ifsection', { since: '2.4.34', decide: negatable(({ modules }, name) => ({ holds: isSection(modules, name) })) }],
]);

function negatable(decide: (world: World, name: string) => Verdict): Condition['decide'] {
  return (world, args) => {
    const [first = ''] = args;
    const negated = first.startsWith('!');
    const verdict = decide(world, negated ? first.slice(1) : first);
    return negated ? { ...verdict, holds: !verdict.holds } : verdict;
  };
}

function ifModule({ modules }: World, name: string): Verdict {
  const holds = modules.has(name);
  if (!modules.isAssumed(name)) return { holds };
  const assumed = `No \`LoadModule\` line tells whether \`${name}\` is loaded: it is taken as ${holds ? '' : 'not '}loaded.`;
  return { holds, assumed };
}

function ifFile({ tree }: World, name: string): Verdict {
  return { holds: tree.host.kind(locate(tree, name)) !== 'missing' };
}

function ifDirective({ modules, target }: World, name: string): Verdict {
  const key = name.toLowerCase();
  const known = SSL_DIRECTIVES.get(key);
  if (!known) return { holds: OTHER_DIRECTIVES.has(key) || CORE.has(key) };
  const there = known.trunk ? target.trunk === true : known.since === undefined || since(target, known.since);
  return { holds: there && modules.has('ssl_module') };
}

/** Some that people ask about; others count as unknown to the server. */
const CORE = new Set(
  'accessfilename addhandler addtype alias allowoverride customlog define directoryindex documentroot errordocument errorlog header httpprotocoloptions include includeoptional keepalive loadmodule loglevel macro options protocols redirect require rewriteengine serveradmin serverroot serversignature servertokens setenvif setenv timeout traceenable undefine use'.split(
    ' ',
  ),
);

/** Sections of modules, in lower case. */
const SECTION_MODULES: ReadonlyMap<string, string> = new Map([
  ['macro', 'macro_module'],
  ['proxy', 'proxy_module'],
  ['proxymatch', 'proxy_module'],
]);

function isSection(modules: Modules, name: string): boolean {
  const key = name.toLowerCase();
  const module = SECTION_MODULES.get(key);
  if (module !== undefined) return modules.has(module);
  return key === 'virtualhost' || CONDITIONS.has(key) || DIRECTORY_SECTIONS.has(key);
}

const COMPARISONS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['=', order => order === 0],
  ['==', order => order === 0],
  ['>', order => order > 0],
  ['>=', order => order >= 0],
  ['<', order => order < 0],
  ['<=', order => order <= 0],
]);
const LONGEST_EXPRESSION = 200;

/** mod_version: `[[!]operator] version`; missing parts are 0. */
function ifVersion(target: Target, args: readonly string[]): Verdict {
  const [first = '', second] = args;
  const negated = second !== undefined && /^!./.test(first);
  const operator = second === undefined ? '=' : negated ? first.slice(1) : first;
  const wanted = second ?? first;
  const refused = refusedComparison(operator, wanted);
  if (refused !== undefined) return { holds: false, refused };
  const compared = compareToServer(target, operator, wanted);
  if (compared !== undefined) return { holds: compared !== negated };
  return { holds: false, assumed: `Whether \`${wanted}\` matches the version is not known here: it is taken as not.` };
}

/** match_version, compare_version (modules/metadata/mod_version.c); `!` before an operator turns it round, alone it is none. */
function refusedComparison(operator: string, wanted: string): string | undefined {
  if (operator === '~') return undefined;
  if (!COMPARISONS.has(operator)) return `Unexpected operator \`${operator}\`, expected one such as \`>=\``;
  if ((operator === '=' || operator === '==') && wanted.startsWith('/') && wanted.endsWith('/')) return undefined;
  return /^\d+(?:\.\d+){0,2}$/.test(wanted)
    ? undefined
    : `Unexpected \`${wanted}\`, expected a version such as \`2.4.41\``;
}

function compareToServer(target: Target, operator: string, wanted: string): boolean | undefined {
  const equality = operator === '=' || operator === '==';
  if (operator === '~') return matchesServer(target, wanted);
  if (equality && wanted.startsWith('/') && wanted.endsWith('/')) return matchesServer(target, wanted.slice(1, -1));
  const version = parseVersion(wanted);
  const compare = COMPARISONS.get(operator);
  return version !== undefined && compare?.(compareVersions(target.server, version)) === true;
}

/**
 * The subject is a few characters long, so that no expression is slow on it. `undefined` where it is none that is understood
 * here: PCRE has more of them.
 */
function matchesServer({ server }: Target, expression: string): boolean | undefined {
  if (expression.length > LONGEST_EXPRESSION) return undefined;
  try {
    return new RegExp(expression).test(server.parts.slice(0, 3).join('.'));
  } catch {
    return undefined;
  }
}
