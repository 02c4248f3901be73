/** The report for programs. Exact values: JSON's own escapes are all that is needed. */
import type { Report, ReportFile, ReportFinding } from '../report.js';

/** `schemaVersion` grows only when a field changes its meaning or goes away. */
export function json(report: Report): string {
  const whole = {
    schemaVersion: 1,
    tool: { name: 'tlslint', version: report.version },
    policy: report.policy,
    assumptions: report.assumptions,
    files: report.files.map(fileOf),
    errors: report.errors,
    summary: report.summary,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

function fileOf({ path, dialect, findings }: ReportFile) {
  return { path, dialect, findings: findings.map(findingOf) };
}

function findingOf({ sourceLine: _, ...finding }: ReportFinding) {
  return finding;
}
