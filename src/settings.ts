/** Flags and defaults as one checked value: what a run goes by. */
import path from 'node:path';
import { createSource } from '../parsers/source.js';
import type { Baseline } from './baseline.js';
import type { Host } from './dialects/types.js';
import { DEFAULT_POLICY, POLICIES, type Policy } from './model/policies.js';
import type { DialectId } from './model/target.js';
import { closest } from './options/closest.js';
import { type Flags, UsageError } from './options/parse.js';
import type { Rule, RuleOptions, Severity } from './rule.js';
import { rules } from './rules/index.js';
import { parseOpenssl, parseServer, SERVER_EXAMPLES, type TargetChoice } from './targets.js';

/** What a root is read with and judged for. */
export interface Reach {
  /** Absolute, or `''`. */
  readonly prefix: string;
  readonly define: ReadonlyMap<string, string>;
  readonly module: readonly string[];
  readonly choice: TargetChoice;
}

/** A root that the configuration file names. */
export interface ConfiguredRoot extends Reach {
  /** Absolute. */
  readonly path: string;
  readonly dialect?: DialectId;
}

export interface Settings extends Reach {
  readonly cwd: string;
  /** Absolute. */
  readonly paths: readonly string[];
  /** Absolute. */
  readonly root?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly roots: readonly ConfiguredRoot[];
  readonly dialect?: DialectId;
  readonly policy: Policy;
  readonly severities: ReadonlyMap<string, Severity | 'off'>;
  /** Findings that were there before. */
  readonly baseline?: Baseline;
  /** By rule id. */
  readonly ruleOptions?: ReadonlyMap<string, RuleOptions>;
  /** Rules of plugins, beside the built-in ones. */
  readonly rules?: readonly Rule[];
  /** What a walk passes by; a directory ends with `/`. */
  readonly ignored?: (path: string) => boolean;
  /** `--force-exclude`. */
  readonly skipForeign?: true;
  /** Told what the work is at. */
  progress?(what: string): void;
}

/**
 * Checks what the user said.
 * @throws {UsageError} on a value that means nothing, with the nearest that does.
 */
export function settingsOf(
  flags: Flags,
  paths: readonly string[],
  cwd: string,
  env: Settings['env'],
  host: Host,
): Settings {
  const absolute = (file: string) => path.resolve(cwd, file);
  const server = textFlag(flags, 'server');
  const parsedServer = server === undefined ? undefined : parseServer(server);
  if (server !== undefined && !parsedServer) {
    throw new UsageError(`Unexpected \`${server}\` of \`--server\`, expected such as ${SERVER_EXAMPLES}`);
  }
  const root = textFlag(flags, 'root');
  const prefix = textFlag(flags, 'prefix');
  return {
    cwd,
    paths: paths.map(absolute),
    ...(root !== undefined && { root: absolute(root) }),
    prefix: prefix === undefined ? '' : absolute(prefix),
    define: definesOf(listFlag(flags, 'define')),
    module: listFlag(flags, 'module'),
    env,
    choice: choiceOf(flags, absolute, host),
    ...(parsedServer && { dialect: parsedServer.dialect }),
    policy: policyOf(textFlag(flags, 'policy')),
    roots: [],
    severities: severitiesOf(flags),
  };
}

const SEVERITIES: readonly string[] = ['off', 'info', 'warning', 'error'];

/**
 * `--rule`, `--only` and `--skip` over what is set already. `--only` and `--skip` turn rules off, so they win.
 * @throws {UsageError} on a rule or severity that does not exist, with the nearest that does.
 */
export function severitiesOf(
  flags: Flags,
  base: Settings['severities'] = new Map(),
  known: readonly Rule[] = rules,
): Map<string, Severity | 'off'> {
  const severities = new Map(base);
  for (const each of listFlag(flags, 'rule')) {
    const [id = '', severity = ''] = each.split('=', 2);
    if (!SEVERITIES.includes(severity)) {
      throw new UsageError(
        `Unexpected \`${each}\` of \`--rule\`, expected \`RULE=off\`, \`=info\`, \`=warning\` or \`=error\``,
      );
    }
    severities.set(knownRule(id, '--rule', known), severity as Severity | 'off');
  }
  const only = new Set(listFlag(flags, 'only').map(id => knownRule(id, '--only', known)));
  const skip = new Set(listFlag(flags, 'skip').map(id => knownRule(id, '--skip', known)));
  for (const { meta } of known) {
    if (skip.has(meta.id) || (only.size > 0 && !only.has(meta.id))) severities.set(meta.id, 'off');
  }
  return severities;
}

function knownRule(id: string, option: string, known: readonly Rule[]): string {
  const ids = known.map(({ meta }) => meta.id);
  if (ids.includes(id)) return id;
  const close = closest(id, ids);
  throw new UsageError(
    `Unexpected rule \`${id}\` of \`${option}\`${close ? `, did you mean \`${close}\`?` : '; see `tlslint rules`'}`,
  );
}

/** The values of an option that may be repeated. */
export function listFlag(flags: Flags, name: string): readonly string[] {
  const value = flags[name];
  return Array.isArray(value) ? value : [];
}

/** The value of an option that is given at most once. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws {UsageError} where it is no decimal number in the range. */
export function numberFlag(flags: Flags, name: string, fallback: number, least: number, most: number): number {
  const text = textFlag(flags, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`Unexpected \`${text}\` of \`--${name}\`, expected a number from ${least} to ${most}`);
}

function choiceOf(flags: Flags, absolute: (file: string) => string, host: Host): TargetChoice {
  const openssl = textFlag(flags, 'openssl');
  if (openssl !== undefined && !parseOpenssl(openssl)) {
    throw new UsageError(
      `Unexpected \`${openssl}\` of \`--openssl\`, expected a version such as \`3.0\` or \`1.1.1w\``,
    );
  }
  const conf = textFlag(flags, 'openssl-conf');
  return {
    server: textFlag(flags, 'server'),
    openssl,
    securityLevel: levelOf(textFlag(flags, 'security-level')),
    opensslConf: conf === undefined ? undefined : textOf(absolute(conf), host),
  };
}

function levelOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-5]$/.test(text)) throw new UsageError(`Unexpected \`${text}\` of \`--security-level\`, expected 0 to 5`);
  return Number(text);
}

function textOf(file: string, host: Host): string {
  const bytes = host.read(file);
  if ('failure' in bytes) throw new UsageError(bytes.message);
  return createSource(bytes).text;
}

function definesOf(definitions: readonly string[]): Map<string, string> {
  return new Map(
    definitions.map(each => {
      const at = each.indexOf('=');
      return at === -1 ? [each, ''] : [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}

/** @throws {UsageError} */
export function policyOf(name: string | undefined): Policy {
  if (name === undefined) return DEFAULT_POLICY;
  const found = POLICIES.find(policy => policy.name === name);
  if (found) return found;
  const names = POLICIES.map(policy => policy.name);
  const close = closest(name, names);
  const hint = close ? `did you mean \`${close}\`?` : `expected ${names.map(each => `\`${each}\``).join(', ')}`;
  throw new UsageError(`Unexpected \`${name}\` of \`--policy\`, ${hint}`);
}
