/** Rules of others. This is the only place that runs code which is not ours, so what may name it is decided here. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Host } from '../dialects/types.js';
import { UsageError } from '../options/parse.js';
import type { Rule } from '../rule.js';
import { rules as ownRules } from '../rules/index.js';
import { projectOf } from './find.js';
import type { Config } from './load.js';

/** A name as an import has it, and the directory that it is looked up from. */
export interface PluginName {
  readonly name: string;
  readonly base: string;
}

/**
 * What a configuration file may load: nothing where it was merely found, or lies in a tree that is linted (`trusted` is
 * that the user named it), since who may propose a change there must not make this process run code.
 * @throws {UsageError} where it names more than `--plugin` does.
 */
export function pluginsOf(
  config: Config | undefined,
  flags: readonly PluginName[],
  paths: readonly string[],
  host: Host,
  trusted: boolean,
): readonly PluginName[] {
  const named = config?.plugins ?? [];
  const allowed = new Set(flags.map(resolved));
  const trees = paths.map(each => host.realpath(host.kind(each) === 'directory' ? each : projectOf(each, host)));
  for (const file of config?.files ?? []) trees.push(...treesAround(file, paths, host));
  for (const each of named) {
    const inside = !trusted || trees.some(tree => isBelow(host.realpath(each.base), tree));
    if (!inside || allowed.has(resolved(each))) continue;
    throw new UsageError(
      `${each.place}: Unexpected \`plugins\` in a configuration file that was found or is part of the linted tree, which must not run code; name them with \`--plugin ${each.name}\``,
    );
  }
  return [...flags, ...named.filter(each => !allowed.has(resolved(each)))];
}

/** The repository that a configuration file shares with a linted path. */
function treesAround(file: string, paths: readonly string[], host: Host): string[] {
  const project = projectOf(host.realpath(file), host);
  return paths.some(each => isBelow(host.realpath(each), project)) ? [project] : [];
}

function resolved({ name, base }: PluginName): string {
  return isPath(name) ? path.resolve(base, name) : name;
}

function isPath(name: string): boolean {
  return name.startsWith('.') || path.isAbsolute(name);
}

function isBelow(file: string, directory: string): boolean {
  return file === directory || file.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** @throws {UsageError} where a plugin can't be loaded, exports no rule, or takes the id of another. */
export async function loadPlugins(names: readonly PluginName[]): Promise<Rule[]> {
  const taken = new Set(ownRules.map(rule => rule.meta.id));
  const loaded: Rule[] = [];
  for (const each of names) {
    const found = rulesIn(await importPlugin(each));
    if (found.length === 0) throw new UsageError(`Plugin \`${each.name}\` exports no rule made by \`defineRule\``);
    for (const rule of found) {
      if (taken.has(rule.meta.id))
        throw new UsageError(`Plugin \`${each.name}\` has a rule \`${rule.meta.id}\`, which is there already`);
      taken.add(rule.meta.id);
      loaded.push(guarded(rule, each.name));
    }
  }
  return loaded;
}

async function importPlugin(plugin: PluginName): Promise<unknown> {
  try {
    const file = isPath(plugin.name)
      ? path.resolve(plugin.base, plugin.name)
      : createRequire(path.join(plugin.base, 'tlslint.config.json')).resolve(plugin.name);
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new UsageError(`Plugin \`${plugin.name}\` could not be loaded: ${messageOf(error)}`);
  }
}

/** Exports that are rules, and those in exported arrays; each once. */
function rulesIn(module: unknown): Rule[] {
  const values = Object.values(module as Record<string, unknown>).flat();
  return [...new Set(values.filter(isRule))];
}

function isRule(value: unknown): value is Rule {
  if (typeof value !== 'object' || value === null) return false;
  const { meta, check } = value as Partial<Rule>;
  return typeof check === 'function' && typeof meta?.id === 'string' && Array.isArray(meta.dialects);
}

/** An error of theirs is not a bug of ours. */
function guarded(rule: Rule, plugin: string): Rule {
  return {
    meta: { url: rule.meta.references?.[0]?.url ?? '', ...rule.meta },
    check(context) {
      try {
        rule.check(context);
      } catch (error) {
        throw new UsageError(`Rule \`${rule.meta.id}\` of plugin \`${plugin}\` failed: ${messageOf(error)}`);
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
