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
  for (const root of new Set(rows.map(row => row.root))) {
    lines.push(paint('bold', displayLine(root)));
    const shown = rows.filter(row => row.root === root).map(row => ({ row, cells: cellsOf(row) }));
    const wide = [0, 1].map(column => Math.max(...shown.map(({ cells }) => cells[column]!.length)));
    for (const { row, cells } of shown) {
      const head = cells.map((cell, column) => cell.padEnd(wide[column]!)).join('  ');
      lines.push(...rowLines(row, head, paint));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Where it was asked, and with which name. */
function cellsOf({ address, listen, servername }: DriftRow): string[] {
  return [display(address === listen ? listen : `${listen} at ${address}`), display(servername ?? '(no name)')];
}

function rowLines(row: DriftRow, head: string, paint: Paint): string[] {
  const [style, words] = STATES[row.state];
  const set = (names: readonly string[]) => names.join(' ') || 'no TLS';
  if (row.state === 'agrees') return [`  ${head}  ${paint(style, words)}: ${set(row.heard)}`];
  const lines = [`  ${head}  ${paint(style, words)}`];
  lines.push(`    configuration: ${row.expected?.map(set).join(', or ') ?? 'unknown'}`);
  if (row.state !== 'no-answer') lines.push(`    server: ${set(row.heard)}`);
  for (const sentence of row.evidence) lines.push(paint('dim', `    ${display(sentence, 500)}`));
  return lines;
}
