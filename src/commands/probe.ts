/** `tlslint probe HOST…`: ask running servers what they offer. */
import { configFile } from '../config/find.js';
import { judge, type Measure, parseExpectation, policyMeasure } from '../live/measure.js';
import type { ProbedServer } from '../model/heard.js';
import type { Policy } from '../model/policies.js';
import { type CommandLine, type Flags, UsageError } from '../options/parse.js';
import { createGate } from '../probe/gate.js';
import { isStarttls, type StarttlsName } from '../probe/starttls.js';
import { type SurveyOptions, survey } from '../probe/survey.js';
import { type ProbeTarget, parseTarget } from '../probe/target.js';
import { probeChecks } from '../reporters/live.js';
import { probeText } from '../reporters/probe.js';
import { numberFlag, policyOf, textFlag } from '../settings.js';
import { deliverLive, wantedFormats } from './formats.js';
import type { ExitCode, Io } from './io.js';

export async function probeCommand(line: CommandLine, io: Io): Promise<ExitCode> {
  const wanted = wantedFormats(line, io);
  if (line.flags.config !== undefined) return (await import('./drift.js')).driftCommand(line, io);
  if (line.flags.via !== undefined) throw new UsageError('Unexpected `--via` without `--config`');
  const options = surveyOptions(line.flags);
  const measure = await measureOf(line, io);
  const targets = targetsOf(line.positionals, options.starttls);
  const heard = await Promise.all(targets.map(target => survey(target, options)));
  const servers = heard.flat().map(server => judge(server, measure));
  const report = { measure: measure.text, servers };
  const unwritten = await deliverLive(
    { json: report, text: paint => probeText(report, paint), checks: () => probeChecks(report) },
    wanted,
    io,
  );
  return unwritten.length > 0 ? 2 : exitCode(servers);
}

/** What could not be asked weighs more than what is known to be wrong, as with files that can't be read. */
function exitCode(servers: readonly ProbedServer[]): ExitCode {
  if (servers.some(({ verdict }) => verdict === 'unknown')) return 2;
  return servers.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
}

function targetsOf(words: readonly string[], starttls: StarttlsName | undefined): ProbeTarget[] {
  if (words.length === 0) throw new UsageError('Missing server, expected such as `example.org` or `192.0.2.1:8443`');
  return words.map(word => {
    const target = parseTarget(word, starttls);
    if (target) return target;
    throw new UsageError(`Unexpected server \`${word}\`, expected such as \`example.org:443\` or \`[::1]:443\``);
  });
}

async function measureOf(line: CommandLine, io: Io): Promise<Measure> {
  const { flags } = line;
  const expect = textFlag(flags, 'expect');
  if (expect === undefined) return policyMeasure(await policyFor(line, io));
  const measure = parseExpectation(expect);
  if (!measure) {
    throw new UsageError(
      `Unexpected \`${expect}\` of \`--expect\`, expected such as \`tls12+\`, \`tls12,tls13\` or \`!tls10\``,
    );
  }
  if (flags.policy !== undefined) throw new UsageError('Unexpected `--policy` beside `--expect`, expected one of them');
  return measure;
}

/** By the rules of lint: what the flag names, else the configuration file found upwards from where one is. */
async function policyFor(line: CommandLine, { cwd, host }: Io): Promise<Policy> {
  const file = configFile(line, [], cwd, host);
  if (file === undefined) return policyOf(textFlag(line.flags, 'policy'));
  const [{ loadConfig }, { policyUnder }] = await Promise.all([
    import('../config/load.js'),
    import('../config/apply.js'),
  ]);
  return policyUnder(line.flags, loadConfig(file, host));
}

/** How to ask, from the options that every way of asking shares. */
export function surveyOptions(flags: Flags): SurveyOptions {
  const servername = textFlag(flags, 'servername');
  const starttls = textFlag(flags, 'starttls');
  if (flags.ipv4 && flags.ipv6) throw new UsageError('Unexpected both `--ipv4` and `--ipv6`, expected one of them');
  return {
    ciphers: flags.ciphers === true,
    timeout: numberFlag(flags, 'timeout', 5, 0.05, 600) * 1000,
    retries: Math.floor(numberFlag(flags, 'retries', 1, 0, 10)),
    gate: createGate({ parallel: 12, rate: numberFlag(flags, 'rate', 100, 0.1, 10_000) }),
    ...(servername !== undefined && { servername }),
    ...(starttls !== undefined && isStarttls(starttls) && { starttls }),
    ...(flags.ipv4 === true && { family: 4 as const }),
    ...(flags.ipv6 === true && { family: 6 as const }),
  };
}
