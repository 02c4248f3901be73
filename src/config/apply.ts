/** A configuration file and the flags as one: what the flags say wins. */
import type { Host } from '../dialects/types.js';
import type { Policy } from '../model/policies.js';
import { NONE, newest, protocolSet, TLSv1_2 } from '../model/protocols.js';
import { closest } from '../options/closest.js';
import { type Flags, UsageError } from '../options/parse.js';
import type { Rule, RuleOptions, Severity } from '../rule.js';
import { rules as ownRules } from '../rules/index.js';
import { type ConfiguredRoot, policyOf, type Settings, settingsOf, severitiesOf, textFlag } from '../settings.js';
import { parseServer } from '../targets.js';
import type { Config } from './load.js';
import type { RawPolicy, RawReach, RawRoot } from './read.js';

export interface ApplyRequest {
  readonly flags: Flags;
  readonly config: Config;
  /** Rules of plugins. */
  readonly rules: readonly Rule[];
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly env: Settings['env'];
  readonly host: Host;
}

/** @throws {UsageError} on what the schema can't know: a rule or option that does not exist. */
export function applyConfig(request: ApplyRequest): Settings {
  const { flags, config, paths, cwd, env, host } = request;
  const policy = policyUnder(flags, config);
  const chosen: Flags = { ...flagsOf(config.reach), ...withoutRules(flags), policy: undefined };
  const settings = (more: Flags) => settingsOf({ ...chosen, ...more }, paths, cwd, env, host);
  const { dialect, ...base } = settings({});
  // `server` of the file is the target of one dialect and does not say what the files are.
  const named = flags.server === undefined ? undefined : dialect;
  const { severities, ruleOptions } = rulesOf(request);
  return {
    ...base,
    ...(named && { dialect: named }),
    policy,
    roots: config.roots.map(root => configuredRoot(root, flags, settings)),
    severities: severitiesOf(flags, severities, [...ownRules, ...request.rules]),
    ruleOptions,
    ...(request.rules.length > 0 && { rules: request.rules }),
  };
}

/**
 * The policy of `--policy`, else of the configuration file, which can hold one of its own.
 * @throws {UsageError} on a name that is none.
 */
export function policyUnder(flags: Flags, { policy }: Config): Policy {
  const own = customPolicy(policy);
  const named = textFlag(flags, 'policy');
  if (own && (named === undefined || named === own.name)) return own;
  return policyOf(named ?? (typeof policy === 'string' ? policy : undefined));
}

/** Those that name rules are read when the rules of plugins are known. */
function withoutRules({ rule: _rule, only: _only, skip: _skip, ...flags }: Flags): Flags {
  return flags;
}

/** Flags stand over each root's own entry, but a `--server` of the other dialect says nothing of this root. */
function configuredRoot(root: RawRoot, flags: Flags, settings: (more: Flags) => Settings): ConfiguredRoot {
  const ofRoot = flagsOf(root);
  const foreign = dialectOf(textFlag(flags, 'server')) !== dialectOf(root.server);
  const kept = Object.entries(ofRoot).filter(([name]) => flags[name] === undefined || (name === 'server' && foreign));
  const { prefix, define, module, choice } = settings(Object.fromEntries(kept));
  const dialect = root.dialect ?? dialectOf(root.server);
  return { path: root.path, ...(dialect && { dialect }), prefix, define, module, choice };
}

function dialectOf(server: string | undefined) {
  return server === undefined ? undefined : parseServer(server)?.dialect;
}

function flagsOf(reach: RawReach): Flags {
  const { server, openssl, opensslConf, securityLevel, prefix, define, module } = reach;
  return {
    ...(server !== undefined && { server }),
    ...(openssl !== undefined && { openssl }),
    ...(opensslConf !== undefined && { 'openssl-conf': opensslConf }),
    ...(securityLevel !== undefined && { 'security-level': String(securityLevel) }),
    ...(prefix !== undefined && { prefix }),
    ...(define && { define: [...define] }),
    ...(module && { module: [...module] }),
  };
}

/** Where nothing is required, 1.2 is where it is allowed, else the newest: without a word nobody is locked out. */
function customPolicy(policy: string | RawPolicy | undefined): Policy | undefined {
  if (policy === undefined || typeof policy === 'string') return undefined;
  const allow = protocolSet(policy.protocols);
  const usual = (allow & TLSv1_2) === NONE ? newest(allow) : TLSv1_2;
  const require = policy.require ? protocolSet(policy.require) : usual;
  return { name: policy.name ?? 'custom', version: '', source: 'tlslint.config.json', require, allow };
}

function rulesOf({ config, rules }: ApplyRequest) {
  const all = new Map([...ownRules, ...rules].map(rule => [rule.meta.id, rule]));
  const severities = new Map<string, Severity | 'off'>();
  const ruleOptions = new Map<string, RuleOptions>();
  for (const [id, { rule, place }] of config.rules) {
    const known = all.get(id);
    if (!known) throw new UsageError(`${place}: Unexpected rule \`${id}\`, ${hint(id, [...all.keys()])}`);
    const { severity, options } = typeof rule === 'string' ? { severity: rule, options: undefined } : rule;
    if (severity) severities.set(id, severity);
    if (!options) continue;
    const names = known.meta.options ?? [];
    const wrong = Object.keys(options).find(name => !names.includes(name));
    if (wrong !== undefined)
      throw new UsageError(`${place}: Unexpected option \`${wrong}\` of \`${id}\`, ${hint(wrong, names)}`);
    ruleOptions.set(id, options);
  }
  return { severities, ruleOptions };
}

function hint(word: string, names: readonly string[]): string {
  const close = closest(word, names);
  if (close) return `did you mean \`${close}\`?`;
  return names.length === 0 ? 'expected none' : `expected one of ${names.map(each => `\`${each}\``).join(', ')}`;
}
