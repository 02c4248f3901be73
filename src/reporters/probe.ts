/** What running servers offer, for people: one block for each address, a line for each version and suite. */
import type { HeardSuite, HeardVersion, ProbedServer, ProbeReport, SuiteGrade } from '../model/heard.js';
import { type Paint, plain, type Style } from './colors.js';
import { display, displayLine } from './display.js';
import { subjectOf } from './live.js';

const VERDICTS: Readonly<Record<ProbedServer['verdict'], readonly [Style, string]>> = {
  kept: ['green', 'kept'],
  broken: ['red', 'broken'],
  unknown: ['yellow', 'unknown'],
};

/** Why a question has no answer. */
const OPEN: Readonly<Record<string, string>> = {
  timeout: 'there is no answer in time',
  closed: 'it hangs up, by now on what it answered before as well',
  reset: 'it resets the connection, by now also for what it answered before',
  refused: 'it takes no connection any more',
  unreachable: 'it can’t be reached any more',
};

const GRADES: Readonly<Record<SuiteGrade, Style>> = { good: 'green', legacy: 'yellow', weak: 'red' };

export function probeText({ measure, servers }: ProbeReport, paint: Paint = plain): string {
  return servers.map(server => `${serverLines(server, measure, paint).join('\n')}\n`).join('\n');
}

function serverLines(server: ProbedServer, measure: string, paint: Paint): string[] {
  const lines = [paint('bold', displayLine(subjectOf(server), 500))];
  if (server.state !== 'answered') {
    lines.push(`  ${paint('yellow', 'no answer in TLS')}: ${display(server.trouble ?? '', 300)}`);
    return lines;
  }
  const bad = new Set(server.breaches.map(({ version }) => version));
  for (const each of server.versions) {
    if (each.offered !== false) lines.push(...versionLines(each, bad.has(each.version), paint));
  }
  lines.push(...restLines(server, paint));
  const [style, word] = VERDICTS[server.verdict];
  lines.push(`  ${display(measure)}: ${paint(style, word)}`);
  for (const { message } of server.breaches) lines.push(`    ${display(message, 300)}`);
  return lines;
}

function versionLines(each: HeardVersion, bad: boolean, paint: Paint): string[] {
  const name = each.version.padEnd(8);
  if (each.offered === null) {
    return [`  ${paint('yellow', name)} unknown: ${display(OPEN[each.reason] ?? each.reason)}`];
  }
  const about = each.suites ? orderText(each) : [each.suite, each.group].filter(Boolean).map(part => display(part!));
  const notes = [...about, ...(each.compression ? ['compression'] : [])];
  const lines = [`  ${paint(bad ? 'red' : 'green', name)} ${notes.join(', ')}`.trimEnd()];
  const wide = Math.max(0, ...(each.suites ?? []).map(suite => suite.name.length));
  for (const suite of each.suites ?? []) lines.push(suiteLine(suite, wide, paint));
  if (each.complete === false) lines.push(`    ${paint('yellow', 'an answer went missing, there may be more')}`);
  return lines;
}

function orderText({ suites = [], order }: HeardVersion): string[] {
  const count = `${suites.length} ${suites.length === 1 ? 'suite' : 'suites'}`;
  return [order === undefined ? count : `${count} in the ${order}’s order`];
}

function suiteLine({ name, group, grade }: HeardSuite, wide: number, paint: Paint): string {
  return `    ${display(name).padEnd(wide)}  ${display(group ?? '').padEnd(8)}  ${paint(GRADES[grade], grade)}`;
}

function restLines({ versions, key }: ProbedServer, paint: Paint): string[] {
  const absent = versions.filter(({ offered }) => offered === false).map(({ version }) => version);
  const lines = absent.length > 0 ? [paint('dim', `  not offered: ${absent.join(' ')}`)] : [];
  if (key !== undefined) lines.push(`  certificate key ${display(key)}`);
  return lines;
}
