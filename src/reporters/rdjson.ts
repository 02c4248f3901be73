/** reviewdog's rdjson (Reviewdog Diagnostic Format), with suggestions for fixes of the same file. */
import { Buffer } from 'node:buffer';
import type { Report, ReportFile, ReportFinding } from '../report.js';
import { display } from './display.js';

const SEVERITY = { error: 'ERROR', warning: 'WARNING', info: 'INFO' } as const;

export function rdjson(report: Report): string {
  const diagnostics = report.files.flatMap(file => file.findings.map(finding => diagnostic(file, finding)));
  const failures = report.errors.map(({ path, message }) => ({
    message: display(message, 1000),
    location: { path: path ?? '.' },
    severity: 'ERROR',
  }));
  const source = { name: 'tlslint', url: 'https://github.com/tlslint/tlslint' };
  return `${JSON.stringify({ source, diagnostics: [...diagnostics, ...failures] }, null, 2)}\n`;
}

function diagnostic(file: ReportFile, { message, place, severity, rule, url, fix }: ReportFinding) {
  const edits = fix && fix.applicability !== 'manual' ? fix.edits : [];
  const own = edits.length > 0 && edits.every(edit => edit.path === file.path);
  const suggestions = own ? edits.map(({ start, end, text }) => ({ range: range(file.text, start, end), text })) : [];
  return {
    message: display(message, 1000),
    location: { path: file.path, range: range(file.text, place.start.offset, place.end.offset) },
    severity: SEVERITY[severity],
    code: { value: rule, ...(url !== '' && { url }) },
    ...(suggestions.length > 0 && { suggestions }),
  };
}

/** Lines are 1-based; columns are 1-based bytes of UTF-8 (`proto/rdf/reviewdog.proto`, Position). */
function range(text: string, start: number, end: number) {
  return { start: position(text, start), end: position(text, end) };
}

function position(text: string, offset: number) {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return { line, column: Buffer.byteLength(text.slice(lineStart, offset)) + 1 };
}
