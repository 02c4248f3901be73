/** GitLab Code Quality: a JSON array, without a BOM; the description carries the rule, which GitLab does not show. */
import type { Report } from '../report.js';
import { display } from './display.js';
import { fingerprints } from './fingerprints.js';

const SEVERITY = { error: 'critical', warning: 'major', info: 'info' } as const;

export function gitlab(report: Report): string {
  const issues = report.files.flatMap(file => {
    const prints = fingerprints(file);
    return file.findings.map(({ rule, severity, message, place }, index) => ({
      description: display(`${rule}: ${message}`, 1000),
      check_name: rule,
      fingerprint: prints[index]!,
      severity: SEVERITY[severity],
      location: { path: file.path, lines: { begin: place.start.line, end: place.end.line } },
    }));
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
}
