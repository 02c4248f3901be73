/** One line a finding, as compilers write it: `path:line:column: severity: message [rule]`. */
import type { Report } from '../report.js';
import { display, displayLine } from './display.js';

export function compact(report: Report): string {
  const lines: string[] = [];
  for (const { path, findings } of report.files) {
    for (const { place, severity, message, rule } of findings) {
      const { line, column } = place.start;
      lines.push(`${displayLine(path)}:${line}:${column}: ${severity}: ${display(message, 1000)} [${rule}]`);
    }
  }
  for (const { path, message } of report.errors) {
    lines.push(`${path === undefined ? '' : `${displayLine(path)}: `}error: ${display(message, 1000)}`);
  }
  return lines.map(line => `${line}\n`).join('');
}
