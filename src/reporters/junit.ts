/** JUnit XML: a suite per file, a failed case per finding; one passed case where all is clean, since some refuse none. */
import type { Report, ReportFile, ReportFinding } from '../report.js';
import { attributes, xml } from './xml.js';

export function junit(report: Report): string {
  const suites = report.files.map(suiteOf);
  if (report.errors.length > 0) suites.push(errorSuite(report.errors));
  if (suites.length === 0)
    suites.push(suite('tlslint', 0, 0, ['    <testcase name="No findings" classname="tlslint"/>\n']));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="tlslint">\n${suites.join('')}</testsuites>\n`;
}

function suiteOf({ path, findings }: ReportFile): string {
  return suite(
    path,
    findings.length,
    0,
    findings.map(finding => failedCase(path, finding)),
  );
}

function failedCase(path: string, { rule, place, message, severity, url }: ReportFinding): string {
  const { line, column } = place.start;
  const name = `${rule}:${line}:${column}`;
  const body = xml(`${path}:${line}:${column} ${message} ${url}`.trimEnd());
  return `    <testcase${attributes({ name, classname: path })}>\n      <failure${attributes({ type: severity, message })}>${body}</failure>\n    </testcase>\n`;
}

function errorSuite(errors: Report['errors']): string {
  const cases = errors.map(
    ({ path, message }) =>
      `    <testcase${attributes({ name: path ?? 'tlslint', classname: 'tlslint' })}>\n      <error${attributes({ message })}/>\n    </testcase>\n`,
  );
  return suite('tlslint', 0, errors.length, cases);
}

export function suite(name: string, failures: number, errors: number, cases: readonly string[]): string {
  const counts = { name, tests: cases.length, failures, errors };
  return `  <testsuite${attributes(counts)}>\n${cases.join('')}  </testsuite>\n`;
}
