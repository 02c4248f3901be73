/** SARIF 2.1.0 as GitHub code scanning reads it, with the fixes that other viewers show. */
import type { Report, ReportEndpoint, ReportFile, ReportFinding } from '../report.js';
import { display, listSome } from './display.js';
import { lineHashes } from './fingerprints.js';
import { pathUri } from './paths.js';

const LEVEL = { error: 'error', warning: 'warning', info: 'note' } as const;
/** CVSS-like, for GitHub's own grades; an offered SSLv3 or TLSv1 is "high" there. */
const SECURITY_SEVERITY = { error: '7.5', warning: '5.0', info: '2.0' } as const;
/** GitHub's limit of a rule's descriptions. */
const LONGEST_DESCRIPTION = 1024;

export function sarif(report: Report): string {
  const rules = report.rules.map(({ id, summary, severity, url }) => ({
    id,
    shortDescription: { text: display(summary, LONGEST_DESCRIPTION) },
    fullDescription: { text: display(summary, LONGEST_DESCRIPTION) },
    ...(url === '' ? { help: { text: summary } } : helpAt(url, summary)),
    defaultConfiguration: { level: LEVEL[severity] },
    properties: { tags: ['security', 'tls'], precision: 'very-high', 'security-severity': SECURITY_SEVERITY[severity] },
  }));
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const run = {
    tool: {
      driver: {
        name: 'tlslint',
        version: report.version,
        semanticVersion: report.version,
        informationUri: 'https://github.com/tlslint/tlslint',
        rules,
      },
    },
    automationDetails: { id: 'tlslint/' },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation(report)],
    results: [...report.files, ...(report.suppressed ?? [])].flatMap(file => results(file, indexes)),
  };
  const whole = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** A rule of a plugin may have no page. */
function helpAt(url: string, summary: string) {
  const markdown = `${summary} [Why, examples and references](${url}).`;
  return { help: { text: `${summary} See ${url}`, markdown }, helpUri: url };
}

function invocation({ errors }: Report) {
  const notifications = errors.map(({ path, message }) => ({
    level: 'error',
    message: { text: display(message, LONGEST_DESCRIPTION) },
    ...(path !== undefined && { locations: [{ physicalLocation: { artifactLocation: { uri: pathUri(path) } } }] }),
  }));
  return { executionSuccessful: errors.length === 0, toolExecutionNotifications: notifications };
}

function results(file: ReportFile, indexes: ReadonlyMap<string, number>) {
  const wanted = new Set(file.findings.map(({ place }) => place.start.line));
  const hashes = lineHashes(file.text, wanted);
  return file.findings.map(finding => ({
    ruleId: finding.rule,
    ...(indexes.has(finding.rule) && { ruleIndex: indexes.get(finding.rule) }),
    level: LEVEL[finding.severity],
    message: { text: messageOf(finding) },
    locations: [location(file.path, finding)],
    partialFingerprints: { primaryLocationLineHash: hashes.get(finding.place.start.line) ?? '' },
    ...(finding.related.length > 0 && { relatedLocations: finding.related.map(relatedLocation) }),
    ...fixesOf(file, finding),
    ...(finding.suppressed !== undefined && {
      suppressions: [{ kind: 'inSource', justification: display(finding.suppressed, 1000) }],
    }),
  }));
}

function messageOf({ message, note, endpoints }: ReportFinding): string {
  const parts = [message];
  if (endpoints.length > 0) parts.push(`Reaches ${listSome(endpoints.map(endpointText), 10)}.`);
  if (note !== undefined) parts.push(note);
  return display([parts.length > 1 ? `${message}.` : message, ...parts.slice(1)].join(' '), 4000);
}

function endpointText({ listen, upstream, names }: ReportEndpoint): string {
  const where = listen ?? upstream ?? '';
  if (where === '' || names.length === 0) return where || listSome(names, 3);
  return `${where} (${listSome(names, 3)})`;
}

function location(path: string, { place }: ReportFinding) {
  return { physicalLocation: { artifactLocation: { uri: pathUri(path) }, region: region(place.start, place.end) } };
}

function region(start: { line: number; column: number }, end: { line: number; column: number }) {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

function relatedLocation({ message, path, line, column }: ReportFinding['related'][number], index: number) {
  return {
    id: index + 1,
    message: { text: display(message, 1000) },
    physicalLocation: { artifactLocation: { uri: pathUri(path) }, region: { startLine: line, startColumn: column } },
  };
}

/** Offsets count UTF-16 code units, as `columnKind` says. Only edits of this file: of others the text is not here. */
function fixesOf(file: ReportFile, { fix }: ReportFinding) {
  const edits = fix && fix.applicability !== 'manual' ? fix.edits : [];
  if (!fix || edits.length === 0 || !edits.every(edit => edit.path === file.path)) return {};
  const replacements = edits.map(({ start, end, text }) => ({
    deletedRegion: { charOffset: start, charLength: end - start },
    insertedContent: { text },
  }));
  const change = { artifactLocation: { uri: pathUri(file.path) }, replacements };
  return { fixes: [{ description: { text: display(fix.title, 1000) }, artifactChanges: [change] }] };
}
