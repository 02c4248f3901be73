/** The report for people: place, severity, rule, message, the line with a caret, the fix in a word, a summary. */
import type { Report, ReportEndpoint, ReportFinding, ReportFix } from '../report.js';
import { linked, type Paint, plain } from './colors.js';
import { display, displayLine, isPlain, listSome, withoutCommands } from './display.js';

export interface TextOptions {
  readonly paint?: Paint;
  /** The rule's name links to its page. */
  readonly links?: boolean;
}

const STYLE = { error: 'red', warning: 'yellow', info: 'blue' } as const;
const TAB = '    ';
const WIDEST_FRAME = 160;
const LONGEST_MESSAGE = 1000;

/** The whole report; `''` where there is nothing to say. */
export function text(report: Report, options: TextOptions = {}): string {
  const paint = options.paint ?? plain;
  const blocks: string[] = [];
  for (const file of report.files) {
    for (const finding of file.findings) blocks.push(findingText(file.path, finding, options));
  }
  for (const error of report.errors) {
    const where = error.path === undefined ? '' : `${displayLine(error.path)}: `;
    blocks.push(`${where}${paint('red', 'error')}: ${display(error.message, LONGEST_MESSAGE)}\n`);
  }
  const summary = summaryText(report, paint);
  return [...blocks, summary].filter(block => block !== '').join('\n');
}

/** One finding with its frame and what belongs to it; ends with a line feed. */
export function findingText(path: string, finding: ReportFinding, options: TextOptions = {}): string {
  const { paint = plain, links = false } = options;
  const { start } = finding.place;
  const where = `${displayLine(path)}:${start.line}:${start.column}`;
  const rule = paint('dim', finding.rule);
  const lines = [
    `${paint('bold', where)} ${paint(STYLE[finding.severity], finding.severity)} ${links && finding.url !== '' ? linked(rule, finding.url) : rule}`,
    `  ${displayLine(finding.message, LONGEST_MESSAGE)}`,
    ...frame(finding, paint),
    ...details(finding).map(([label, words]) => `  ${paint('cyan', `${label}:`)} ${display(words, LONGEST_MESSAGE)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function details(finding: ReportFinding): Array<[string, string]> {
  const found: Array<[string, string]> = [];
  if (finding.endpoints.length > 0) found.push(['reaches', listSome(finding.endpoints.map(endpointText), 3)]);
  if (finding.note !== undefined) found.push(['note', finding.note]);
  for (const { message, path, line, column } of finding.related) {
    found.push(['see', `${path}:${line}:${column} ${message}`]);
  }
  if (finding.fix) found.push(['fix', fixText(finding.fix)]);
  return found;
}

function endpointText(endpoint: ReportEndpoint): string {
  const where = endpoint.listen ?? endpoint.upstream ?? '';
  if (where === '' || endpoint.names.length === 0) return where || listSome(endpoint.names, 2);
  return `${where} (${listSome(endpoint.names, 2)})`;
}

const GRADE = { safe: '--write', unsafe: '--write --unsafe-fixes', manual: 'by hand' } as const;

function fixText(fix: ReportFix): string {
  const reason = fix.reason === undefined ? '' : `; ${fix.reason}`;
  return `${fix.title} (${GRADE[fix.applicability]})${reason}`;
}

/** The line and a caret below the words that are meant; a span of several lines is marked to the end of its first. */
function frame(finding: ReportFinding, paint: Paint): string[] {
  const source = finding.sourceLine;
  if (source === undefined) return [];
  const { start, end } = finding.place;
  const from = start.column - 1;
  const to = Math.max(from, end.line === start.line ? end.column - 1 : source.trimEnd().length);
  const before = shown(source.slice(0, from));
  const marked = shown(source.slice(from, to));
  const skipped = Math.max(0, before.length + Math.min(marked.length, 60) - WIDEST_FRAME);
  const head = skipped > 0 ? `…${before.slice(skipped + 1)}` : before;
  const gutter = String(start.line);
  const blank = ' '.repeat(gutter.length);
  const line = withoutCommands(`${head}${marked}${shown(source.slice(to))}`.trimEnd());
  const carets = '^'.repeat(Math.max(1, Math.min(width(marked), WIDEST_FRAME)));
  return [
    `  ${paint('dim', `${gutter} |`)} ${line.length > WIDEST_FRAME ? `${line.slice(0, WIDEST_FRAME - 1)}…` : line}`,
    `  ${paint('dim', `${blank} |`)} ${' '.repeat(width(head))}${paint('red', carets)}`,
  ];
}

function shown(part: string): string {
  return display(part.replaceAll('\t', TAB), WIDEST_FRAME * 2);
}

/** Columns on a terminal, near enough: wide East Asian characters and emoji take two, combining marks none. */
function width(part: string): number {
  if (isPlain(part)) return part.length;
  let columns = 0;
  for (const character of part) columns += /\p{Mark}/u.test(character) ? 0 : isWide(character) ? 2 : 1;
  return columns;
}

function isWide(character: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
    character,
  );
}

function summaryText(report: Report, paint: Paint): string {
  const { files, errors, warnings, infos, fixable, fixed } = report.summary;
  const parts = [count(errors, 'error'), count(warnings, 'warning'), count(infos, 'info')].filter(part => part !== '');
  const lines: string[] = [];
  if (parts.length > 0) {
    const judged = report.assumptions.length > 0 ? `; judged for ${report.assumptions.join(' and ')}` : '';
    lines.push(`${paint('bold', parts.join(', '))} in ${count(files, 'file')}${judged}.`);
  }
  if (fixed > 0) lines.push(`${count(fixed, 'finding')} fixed.`);
  if (fixable > 0) lines.push(`${count(fixable, 'finding')} can be fixed with \`--write\`; \`--diff\` shows how.`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function count(number: number, noun: string): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;
}
