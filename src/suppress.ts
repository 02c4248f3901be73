/** Takes findings that a comment suppresses out of the report, with their fixes, and tells of comments that do nothing. */
import type { Edit, Fix } from '../fixers/edit.js';
import type { Span } from '../parsers/ast.js';
import { compareFindings, ruleUrl } from './lint.js';
import type { LoadedFile, Model } from './model/types.js';
import type { Finding, Rule, RuleMeta, Severity } from './rule.js';
import { rules as builtIn } from './rules/index.js';
import { invalidSuppression } from './rules/invalid-suppression/index.js';
import { unusedSuppression } from './rules/unused-suppression/index.js';
import { readSuppressions, type Suppression, type SuppressionItem, type Suppressions } from './suppression.js';

export interface SuppressOptions {
  /** The rules that ran. */
  readonly rules: readonly Rule[];
  readonly severities?: ReadonlyMap<string, Severity | 'off'>;
}

export interface Judged {
  readonly findings: readonly Finding[];
  readonly suppressed: ReadonlyArray<{ readonly finding: Finding; readonly reason: string }>;
}

/**
 * `findings` are those of all models, each once. In a file that does not parse no comment counts: nobody knows what its
 * lines belong to.
 */
export function suppress(findings: readonly Finding[], models: readonly Model[], options: SuppressOptions): Judged {
  const known = new Set([...builtIn, ...options.rules].map(({ meta }) => meta.id));
  const byFile = new Map<string, Finding[]>();
  const kept: Finding[] = [];
  const suppressed: Array<Judged['suppressed'][number]> = [];
  const { files, broken, partial } = filesOf(models);
  const read = new Map<string, Suppressions>();
  for (const file of files.values()) {
    const found = broken.has(file.real) ? undefined : readSuppressions(file, known);
    if (found) read.set(file.real, found);
  }
  if (read.size === 0) return { findings, suppressed };
  for (const finding of findings) {
    const { real } = finding.file;
    if (!read.has(real)) kept.push(finding);
    else gather(byFile, real, finding);
  }
  for (const [real, suppressions] of read) {
    const used = new Set<SuppressionItem>();
    match(byFile.get(real) ?? [], suppressions.items, (finding, item) => {
      if (!item) {
        kept.push(finding);
        return;
      }
      used.add(item);
      suppressed.push({ finding, reason: item.suppression.reason });
    });
    const file = files.get(real)!;
    kept.push(...invalidOnes(file, suppressions, options));
    if (!partial.has(real)) kept.push(...unusedOnes(file, suppressions, used, options));
  }
  return { findings: kept.sort(compareFindings), suppressed };
}

function gather<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** `broken` do not parse. Of `partial` ones not all is known, so that a rule's silence says nothing. */
function filesOf(models: readonly Model[]) {
  const files = new Map<string, LoadedFile>();
  const broken = new Set<string>();
  const partial = new Set<string>();
  for (const model of models) {
    for (const { kind, origin } of model.problems) if (kind === 'syntax') broken.add(origin.file.real);
    const whole = !model.fragment && model.problems.every(({ kind }) => kind === 'refused');
    for (const file of model.files) {
      if (!files.has(file.real)) files.set(file.real, file);
      if (!whole) partial.add(file.real);
    }
  }
  return { files, broken, partial };
}

/** Each finding with the narrowest item that covers it; both are walked once, in order of their starts. */
function match(
  findings: readonly Finding[],
  items: readonly SuppressionItem[],
  tell: (finding: Finding, item: SuppressionItem | undefined) => void,
): void {
  const waiting = [...items].sort((a, b) => a.start - b.start);
  const active = new Map<string, SuppressionItem[]>();
  let next = 0;
  for (const finding of [...findings].sort(compareFindings)) {
    const at = finding.span.start;
    for (; next < waiting.length && waiting[next]!.start <= at; next++) {
      const item = waiting[next]!;
      gather(active, item.id, item);
    }
    const candidates = [finding.rule, 'all'].flatMap(id => {
      const open = (active.get(id) ?? []).filter(({ end }) => end > at);
      active.set(id, open);
      return open;
    });
    tell(finding, candidates.sort((a, b) => a.end - a.start - (b.end - b.start))[0]);
  }
}

function invalidOnes(file: LoadedFile, { invalid }: Suppressions, options: SuppressOptions): Finding[] {
  return invalid.flatMap(({ start, end, message }) =>
    finding(invalidSuppression.meta, file, { start, end }, message, options),
  );
}

function unusedOnes(
  file: LoadedFile,
  { items, unmatched }: Suppressions,
  used: ReadonlySet<SuppressionItem>,
  options: SuppressOptions,
): Finding[] {
  const ran = rulesThatRan(file, options);
  const idle = new Map<Suppression, SuppressionItem[]>();
  for (const item of items) {
    if (used.has(item) || item.suppression.conditional || !ran(item.id)) continue;
    gather(idle, item.suppression, item);
  }
  const { meta } = unusedSuppression;
  const found = [...idle].flatMap(([suppression, ofComment]) => {
    const names = listed(ofComment.map(({ id }) => id));
    const message = `Unexpected suppression of ${names}, which is not found there`;
    const whole = ofComment.length === suppression.words.length;
    const fix = whole ? removal(file, suppression.comment) : shortening(file, suppression, ofComment);
    return finding(meta, file, whole ? suppression.comment : ofComment[0]!.word, message, options, fix);
  });
  const stray = unmatched
    .filter(({ conditional }) => !conditional)
    .flatMap(({ comment, words }) => {
      const of = words.length > 0 ? ` of ${listed(words.map(({ id }) => id))}` : '';
      const message = `Unexpected \`tlslint-enable\`${of}, which nothing disables here`;
      return finding(meta, file, comment, message, options, removal(file, comment));
    });
  return [...found, ...stray];
}

/** Whether a rule has been asked about the file, so that its silence means that there is nothing to suppress. */
function rulesThatRan(file: LoadedFile, { rules, severities }: SuppressOptions): (id: string) => boolean {
  const isOn = (meta: RuleMeta) => severities?.get(meta.id) !== 'off';
  const ran = new Set(
    rules.filter(({ meta }) => isOn(meta) && meta.dialects.includes(file.dialect)).map(({ meta }) => meta.id),
  );
  const every =
    rules.every(({ meta }) => isOn(meta)) &&
    builtIn.every(({ meta }) => ran.has(meta.id) || !meta.dialects.includes(file.dialect));
  return id => (id === 'all' ? every : ran.has(id));
}

function finding(
  meta: RuleMeta,
  file: LoadedFile,
  span: Span,
  message: string,
  { rules, severities }: SuppressOptions,
  fix?: Fix,
): Finding[] {
  const severity = severities?.get(meta.id) ?? meta.severity;
  if (severity === 'off' || !rules.some(rule => rule.meta.id === meta.id)) return [];
  const { start, end } = span;
  const found = { rule: meta.id, severity, message, file, span: { start, end }, related: [], endpoints: [] };
  return [{ ...found, url: ruleUrl(meta.id), ...(fix && { fix }) }];
}

function listed(ids: readonly string[]): string {
  return ids.map(id => (id === 'all' ? 'all rules' : `\`${id}\``)).join(' and ');
}

/** The line, where the comment has it for itself; else the comment and the blanks before it. */
function removal(file: LoadedFile, { start, end }: Span): Fix {
  const { text } = file.source;
  let from = start;
  while (from > 0 && isBlank(text.charCodeAt(from - 1))) from--;
  let to = end;
  while (to < text.length && isBlank(text.charCodeAt(to))) to++;
  const alone = from === 0 || text.charCodeAt(from - 1) === LF;
  if (alone && text.charCodeAt(to) === CR) to++;
  if (alone && text.charCodeAt(to) === LF) to++;
  return fixOf('remove the comment', { path: file.path, start: from, end: to, text: '' });
}

function shortening(file: LoadedFile, { words }: Suppression, idle: readonly SuppressionItem[]): Fix {
  const gone = new Set(idle.map(({ word }) => word.start));
  const left = words.filter(({ start }) => !gone.has(start)).map(({ id }) => id);
  const edit = { path: file.path, start: words[0]!.start, end: words.at(-1)!.end, text: left.join(', ') };
  return fixOf(`remove ${listed(idle.map(({ id }) => id))} from the comment`, edit);
}

function fixOf(title: string, edit: Edit): Fix {
  return { title, applicability: 'safe', edits: [edit], directives: [] };
}

const LF = 10;
const CR = 13;

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
