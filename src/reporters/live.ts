/** What was asked of running servers, as single checks for logs and CI systems. */
import type { DriftReport, DriftRow } from '../model/drift.js';
import type { ProbedServer, ProbeReport } from '../model/heard.js';
import { display, displayLine } from './display.js';
import { command } from './github.js';
import { suite } from './junit.js';
import { attributes, xml } from './xml.js';

/**
 * One check of one server. `kept` has no messages; `silent`: it could not be asked, which fails a run; `unknown`: what is
 * heard can't be judged, which does not.
 */
export interface LiveCheck {
  /** `example.org:443 at 192.0.2.1:443`. */
  readonly subject: string;
  /** What it was held against: `policy intermediate 6.0`. */
  readonly measure: string;
  readonly state: 'kept' | 'broken' | 'silent' | 'unknown';
  readonly messages: readonly string[];
}

export function probeChecks({ measure, servers }: ProbeReport): LiveCheck[] {
  return servers.map(server => ({
    subject: subjectOf(server),
    measure,
    state: server.verdict === 'unknown' ? 'silent' : server.verdict,
    messages: server.verdict === 'unknown' ? [troubleOf(server)] : server.breaches.map(({ message }) => message),
  }));
}

export function subjectOf({ target, address, servername }: ProbedServer): string {
  const where = address === target || address === '' ? target : `${target} at ${address}`;
  return servername === null || target.startsWith(`${servername}:`) ? where : `${where} as ${servername}`;
}

function troubleOf({ state, trouble, versions }: ProbedServer): string {
  if (state !== 'answered') return `No answer in TLS: ${trouble ?? ''}`;
  const open = versions.filter(({ offered, complete }) => offered === null || complete === false);
  return `No answer was had to all that was asked of ${open.map(({ version }) => `\`${version}\``).join(', ')}`;
}

const DRIFT: Readonly<Record<DriftRow['state'], LiveCheck['state']>> = {
  agrees: 'kept',
  'not-reloaded': 'broken',
  'other-config': 'broken',
  'other-library': 'broken',
  'in-front': 'broken',
  'no-answer': 'silent',
  unknown: 'unknown',
};

export function driftChecks({ rows, errors }: DriftReport): LiveCheck[] {
  const checks = rows.map(
    (row): LiveCheck => ({
      subject: `${row.listen}${row.address === row.listen ? '' : ` at ${row.address}`}${row.servername === null ? '' : ` as ${row.servername}`}`,
      measure: row.root,
      state: DRIFT[row.state],
      messages: row.state === 'agrees' ? [] : [driftMessage(row)],
    }),
  );
  const unread = errors.map(
    ({ path, message }): LiveCheck => ({ subject: path, measure: path, state: 'silent', messages: [message] }),
  );
  return [...unread, ...checks];
}

function driftMessage({ state, expected, heard, evidence }: DriftRow): string {
  const set = (names: readonly string[]) => names.map(name => `\`${name}\``).join(', ') || 'nothing';
  const parts = [`${state}:`];
  if (state !== 'no-answer' && state !== 'unknown') {
    parts.push(`Unexpected ${set(heard)}, expected ${expected?.map(set).join(' or ') ?? 'unknown'}.`);
  }
  return [...parts, ...evidence].join(' ');
}

/** One line for each message; nothing for what is kept. */
export function liveCompact(checks: readonly LiveCheck[]): string {
  const lines = checks.flatMap(({ subject, state, messages }) =>
    messages.map(message => `${displayLine(subject, 500)}: ${LEVELS[state]}: ${display(message, 1000)}\n`),
  );
  return lines.join('');
}

const LEVELS = { kept: 'notice', broken: 'error', silent: 'error', unknown: 'warning' } as const;

/** Annotations of GitHub Actions, of no file. */
export function liveGithub(checks: readonly LiveCheck[]): string {
  const lines = checks.flatMap(({ subject, measure, state, messages }) =>
    messages.map(message => `${command(LEVELS[state], { title: `tlslint ${measure}` }, `${subject}: ${message}`)}\n`),
  );
  return lines.join('');
}

/** A suite for each server, a case for each message; a passed case where all is kept. */
export function liveJunit(checks: readonly LiveCheck[]): string {
  const suites = checks.map(({ subject, measure, state, messages }) => {
    const cases = messages.map(message => junitCase(subject, measure, state, message));
    if (cases.length === 0) cases.push(`    <testcase${attributes({ name: measure, classname: subject })}/>\n`);
    const count = (counted: LiveCheck['state']) => (state === counted ? messages.length : 0);
    return suite(subject, count('broken'), count('silent'), cases);
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="tlslint">\n${suites.join('')}</testsuites>\n`;
}

function junitCase(subject: string, measure: string, state: LiveCheck['state'], message: string): string {
  const element = ELEMENTS[state];
  const name = `${measure}: ${message.split(', expected')[0]}`;
  const body = `      <${element}${attributes(element === 'skipped' ? { message } : { type: state, message })}>${xml(`${subject}: ${message}`)}</${element}>\n`;
  return `    <testcase${attributes({ name, classname: subject })}>\n${body}    </testcase>\n`;
}

const ELEMENTS = { kept: 'system-out', broken: 'failure', silent: 'error', unknown: 'skipped' } as const;

/** In whichever of these formats; `undefined` for the others. */
export const LIVE_FORMATS: Readonly<Record<string, (checks: readonly LiveCheck[]) => string>> = {
  compact: liveCompact,
  github: liveGithub,
  junit: liveJunit,
};
