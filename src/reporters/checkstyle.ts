/** Checkstyle XML 4.3, which many CI systems read. */
import type { Report, ReportFile } from '../report.js';
import { attributes } from './xml.js';

export function checkstyle(report: Report): string {
  const failures = report.errors.map(({ path, message }) =>
    element(path ?? 'tlslint', [`<error${attributes({ line: 1, severity: 'error', message, source: 'tlslint' })}/>`]),
  );
  const files = report.files.map(fileElement);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="4.3">\n${[...files, ...failures].join('')}</checkstyle>\n`;
}

function fileElement({ path, findings }: ReportFile): string {
  const errors = findings.map(({ place, severity, message, rule }) => {
    const { line, column } = place.start;
    return `<error${attributes({ line, column, severity, message, source: `tlslint.${rule}` })}/>`;
  });
  return element(path, errors);
}

function element(path: string, errors: readonly string[]): string {
  return `  <file${attributes({ name: path })}>\n${errors.map(each => `    ${each}\n`).join('')}  </file>\n`;
}
