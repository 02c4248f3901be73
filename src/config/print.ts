/** `--print-config`: what a run goes by, as JSON. */
import { protocolNames } from '../model/protocols.js';
import { rules } from '../rules/index.js';
import type { Reach, Settings } from '../settings.js';

/** `files` are the configuration files that were read, as the user would type them. */
export function printConfig(settings: Settings, files: readonly string[]): string {
  const { policy } = settings;
  const all = [...rules, ...(settings.rules ?? [])];
  const shown = {
    files,
    paths: settings.paths,
    roots: settings.roots.map(({ path, dialect, ...reach }) => ({ path, dialect, ...reachOf(reach) })),
    ...(settings.root !== undefined && { root: settings.root }),
    ...(settings.baseline && { baseline: settings.baseline.file }),
    ...reachOf(settings),
    policy: {
      name: policy.name,
      version: policy.version,
      protocols: protocolNames(policy.allow),
      require: protocolNames(policy.require),
      ...(policy.by && {
        by: Object.fromEntries(
          Object.entries(policy.by).map(([dialect, { allow, require }]) => [
            dialect,
            { protocols: protocolNames(allow), require: protocolNames(require) },
          ]),
        ),
      }),
    },
    rules: Object.fromEntries(
      all.map(({ meta: { id, severity } }) => {
        const options = settings.ruleOptions?.get(id);
        return [id, { severity: settings.severities.get(id) ?? severity, ...(options && { options }) }];
      }),
    ),
  };
  return `${JSON.stringify(shown, null, 2)}\n`;
}

function reachOf({ prefix, define, module, choice }: Reach) {
  const { server, openssl, securityLevel, opensslConf } = choice;
  return {
    ...(server !== undefined && { server }),
    ...(openssl !== undefined && { openssl }),
    ...(securityLevel !== undefined && { securityLevel }),
    ...(opensslConf !== undefined && { opensslConf: '(read)' }),
    ...(prefix !== '' && { prefix }),
    ...(define.size > 0 && { define: [...define].map(([name, value]) => (value === '' ? name : `${name}=${value}`)) }),
    ...(module.length > 0 && { module }),
  };
}
