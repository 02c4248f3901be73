/** From the command line to settings, where a configuration file, plugins or ignore files take part. */
import path from 'node:path';
import type { Host } from '../dialects/types.js';
import type { CommandLine } from '../options/parse.js';
import { type Settings, settingsOf } from '../settings.js';
import { applyConfig } from './apply.js';
import type { Config } from './load.js';

export interface Prepared {
  readonly settings: Settings;
  readonly host: Host;
  /** Absolute; what the settings come from besides flags. */
  readonly files: readonly string[];
  /** Absolute. */
  readonly baseline?: string;
}

export interface PrepareRequest {
  readonly line: CommandLine;
  /** As given, or those that are read where none is. */
  readonly paths: readonly string[];
  readonly config: Config | undefined;
  readonly cwd: string;
  readonly env: Settings['env'];
  readonly host: Host;
}

export async function prepare({ line, paths, config, cwd, env, host }: PrepareRequest): Promise<Prepared> {
  const { flags } = line;
  const absolute = paths.map(each => path.resolve(cwd, each));
  const rules = await pluginRules(line, config, absolute, cwd, host);
  const settings =
    config || rules.length > 0
      ? applyConfig({ flags, config: config ?? EMPTY, rules, paths, cwd, env, host })
      : settingsOf(flags, paths, cwd, env, host);
  const force = flags['force-exclude'] === true;
  const walks = force || absolute.some(each => host.kind(each) === 'directory');
  const ignores = config?.ignores ?? [];
  const ignored = walks
    ? (await import('./ignore.js')).createIgnored({ paths: absolute, ignores, force, host })
    : undefined;
  const maps = config?.paths ?? [];
  return {
    settings: { ...settings, ...(ignored && { ignored }), ...(force && { skipForeign: true as const }) },
    host: maps.length > 0 ? (await import('./paths.js')).mappedHost(host, maps) : host,
    files: config?.files ?? [],
    ...(config?.baseline !== undefined && { baseline: config.baseline }),
  };
}

const EMPTY: Config = { files: [], reach: {}, roots: [], rules: new Map(), ignores: [], paths: [], plugins: [] };

async function pluginRules(
  { flags }: CommandLine,
  config: Config | undefined,
  paths: readonly string[],
  cwd: string,
  host: Host,
) {
  const named = (flags.plugin as string[] | undefined) ?? [];
  if (named.length === 0 && (config?.plugins ?? []).length === 0) return [];
  const { loadPlugins, pluginsOf } = await import('./plugins.js');
  const flagged = named.map(name => ({ name, base: cwd }));
  return loadPlugins(pluginsOf(config, flagged, paths, host, flags.config !== undefined));
}
