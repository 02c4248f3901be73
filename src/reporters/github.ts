/** GitHub Actions workflow commands. Escapes are those of actions/toolkit, `packages/core/src/command.ts`. */
import type { Report, ReportFinding } from '../report.js';
import { display } from './display.js';

const COMMAND = { error: 'error', warning: 'warning', info: 'notice' } as const;

export function github(report: Report): string {
  const lines: string[] = [];
  for (const { path, findings } of report.files) {
    for (const finding of findings) lines.push(annotation(path, finding));
  }
  for (const { path, message } of report.errors) {
    const properties = path === undefined ? {} : { file: path };
    lines.push(command('error', { ...properties, title: 'tlslint' }, `${path ?? 'tlslint'}: ${message}`));
  }
  return lines.map(line => `${line}\n`).join('');
}

/** The place stands in the message as well, since the log shows only that. Columns only where it is one line. */
function annotation(path: string, { place, severity, rule, message, note }: ReportFinding): string {
  const { start, end } = place;
  const columns = start.line === end.line ? { col: start.column, endColumn: end.column } : {};
  const properties = { file: path, line: start.line, endLine: end.line, ...columns, title: `tlslint ${rule}` };
  const words = `${path}:${start.line}:${start.column} ${message}${note === undefined ? '' : `. ${note}`}`;
  return command(COMMAND[severity], properties, words);
}

/** One command line; `message` is data. */
export function command(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name} ${list.join(',')}::${escapeData(message)}`;
}

/** What the runner would decode again is escaped as it wants; all else is made visible first. */
function escapeData(text: string): string {
  return display(text, 4000).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
