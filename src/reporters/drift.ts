/** Configuration and running server side by side, for people. */
import type { DriftReport, DriftRow, DriftState } from '../model/drift.js';
import { type Paint, plain, type Style } from './colors.js';
import { display, displayLine } from './display.js';

const STATES: Readonly<Record<DriftState, readonly [Style, string]>> = {
  agrees: ['green', 'agrees'],
  'not-reloaded': ['red', 'not reloaded: the server still runs older files'],
  'other-config': ['red', 'another configuration is in charge'],
  'other-library': ['red', 'OpenSSL or its openssl.cnf differs from what was assumed'],
  'in-front': ['red', 'something else answers in front'],
  'no-answer': ['yellow', 'no answer'],
  unknown: ['yellow', 'unknown'],
};

export function driftText({ rows, errors }: DriftReport, paint: Paint = plain): string {
  const lines = errors.map(
    ({ path, message }) => `${displayLine(path)}: ${paint('red', 'error')}: ${display(message, 500)}`,
  );
  if (rows.length === 0 && errors.length === 0) lines.push('No listener.');
  let root = '';
  for (const row of rows) {
    if (row.root !== root) lines.push(paint('bold', displayLine(row.root)));
    root = row.root;
    lines.push(...rowLines(row, paint));
  }
  return `${lines.join('\n')}\n`;
}

function rowLines(row: DriftRow, paint: Paint): string[] {
  const [style, words] = STATES[row.state];
  const asked = row.address === row.listen ? row.listen : `${row.listen} at ${row.address}`;
  const lines = [`  ${display(asked)}  ${display(row.servername ?? '(no name)')}  ${paint(style, words)}`];
  if (row.state === 'agrees') return lines;
  const set = (names: readonly string[]) => names.join(' ') || 'nothing';
  lines.push(`    configuration: ${row.expected?.map(set).join(', or ') ?? 'unknown'}`);
  if (row.state !== 'no-answer') lines.push(`    server: ${set(row.heard)}`);
  for (const sentence of row.evidence) lines.push(paint('dim', `    ${display(sentence, 500)}`));
  return lines;
}
