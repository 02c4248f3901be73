/** Runs rules over a model and makes findings of what they report. */
import type { Applicability, Fix } from '../fixers/edit.js';
import type { Policy } from './model/policies.js';
import type { TargetRange } from './model/target.js';
import { templateStatement } from './model/templates.js';
import type { LoadedFile, Model, Origin, Remedy } from './model/types.js';
import type { Finding, Rule, RuleOptions, RuleProblem, Severity } from './rule.js';

const RULES_URL = 'https://github.com/tlslint/tlslint/blob/main/src/rules';

export interface LintOptions {
  readonly range: TargetRange;
  readonly policy: Policy;
  readonly rules: readonly Rule[];
  /** By rule id, in place of what the rule says itself; `off` drops the rule. */
  readonly severities?: ReadonlyMap<string, Severity | 'off'>;
  /** By rule id. */
  readonly options?: ReadonlyMap<string, RuleOptions> | undefined;
  /** Told what the work is at. */
  readonly progress?: ((what: string) => void) | undefined;
}

/**
 * By file, then place, then rule. A problem that several readings of one place report is one finding.
 * Throws where a rule breaks a promise of its `meta`: that is our bug.
 */
export function lint(model: Model, options: LintOptions): Finding[] {
  const broken = filesThatDoNotParse(model);
  const files = new Map(model.files.map(file => [file.path, file]));
  const findings: Finding[] = [];
  for (const rule of options.rules) {
    const severity = options.severities?.get(rule.meta.id);
    if (severity === 'off' || !rule.meta.dialects.includes(model.dialect)) continue;
    options.progress?.('judging what is offered');
    for (const problem of problemsOf(rule, model, options)) {
      const fix = fixOf(problem, rule, model, options.range, { broken, files });
      findings.push(findingOf(problem, rule, severity ?? problem.severity ?? rule.meta.severity, fix));
    }
  }
  return findings.sort(compareFindings);
}

/** Where the explanation of a rule is. */
export function ruleUrl(id: string): string {
  return `${RULES_URL}/${id}/readme.md`;
}

/** Order of findings: by path in code units, then offsets, then rule. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.file.path, b.file.path) ||
    a.span.start - b.span.start ||
    a.span.end - b.span.end ||
    compareText(a.rule, b.rule) ||
    compareText(a.message, b.message)
  );
}

function problemsOf(rule: Rule, model: Model, { range, policy, options }: LintOptions): Iterable<RuleProblem> {
  const byPlace = new Map<string, RuleProblem[]>();
  const report = (problem: RuleProblem): void => {
    const { start, end } = problem.span ?? problem.at.span;
    const key = `${problem.at.file.path}\0${start}\0${end}\0${problem.message}`;
    const earlier = byPlace.get(key);
    if (earlier) earlier.push(problem);
    else byPlace.set(key, [problem]);
  };
  rule.check({ model, range, policy, options: options?.get(rule.meta.id) ?? {}, report });
  return [...byPlace.values()].map(join);
}

/** A file that is included often is read as often: the same words, with other endpoints. */
function join(problems: readonly RuleProblem[]): RuleProblem {
  const first = problems[0]!;
  if (problems.length === 1) return first;
  const endpoints = unionOf(problems.map(problem => problem.endpoints ?? []));
  const remedy = joinRemedies(problems.map(problem => problem.remedy).filter(each => each !== undefined));
  const severity = problems.map(problem => problem.severity).reduce((a, b) => (a && b && RANK[a] > RANK[b] ? b : a));
  return { ...first, endpoints, ...(severity && { severity }), ...(remedy && { remedy }) };
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

function joinRemedies(remedies: readonly Remedy[]): Remedy | undefined {
  const [first] = remedies;
  if (first?.set !== 'protocols') return first;
  const alike = remedies.filter(remedy => remedy.set === 'protocols');
  const require = alike.reduce((set, remedy) => set | remedy.require, first.require);
  return { ...first, endpoints: unionOf(alike.map(remedy => remedy.endpoints)), require };
}

function unionOf<Item>(lists: ReadonlyArray<readonly Item[]>): readonly Item[] {
  return [...new Set(lists.flat())];
}

const TRUST: Record<Applicability, number> = { manual: 0, unsafe: 1, safe: 2 };

function fixOf(
  problem: RuleProblem,
  rule: Rule,
  model: Model,
  range: TargetRange,
  { broken, files }: { readonly broken: ReadonlySet<string>; readonly files: ReadonlyMap<string, LoadedFile> },
): Fix | undefined {
  if (!problem.remedy) return undefined;
  const declared = rule.meta.fix;
  if (!declared) throw new TypeError(`Unexpected remedy of rule \`${rule.meta.id}\`, whose meta declares no fix`);
  const fix = lessTrusted(model.fix(problem.remedy, range.targets), problem.caution);
  if (TRUST[fix.applicability] > TRUST[declared]) {
    throw new TypeError(
      `Unexpected \`${fix.applicability}\` fix of rule \`${rule.meta.id}\`, declared \`${declared}\``,
    );
  }
  if (fix.applicability !== 'manual' && fix.edits.length === 0) return undefined;
  const rendered = fix.edits.find(({ path }) => isTemplate(files.get(path)));
  if (rendered) {
    const reason = `\`${rendered.path}\` is a template, and which of its lines are rendered is not known`;
    return lessTrusted(fix, { applicability: 'manual', reason });
  }
  const unparsed = fix.edits.find(edit => broken.has(edit.path));
  if (!unparsed) return fix;
  return lessTrusted(fix, { applicability: 'manual', reason: `\`${unparsed.path}\` has a syntax problem` });
}

function isTemplate(file: LoadedFile | undefined): boolean {
  return file !== undefined && templateStatement(file) !== undefined;
}

function lessTrusted(fix: Fix, caution: RuleProblem['caution']): Fix {
  if (!caution || TRUST[fix.applicability] <= TRUST[caution.applicability]) return fix;
  return { ...fix, ...caution };
}

function findingOf(problem: RuleProblem, rule: Rule, severity: Severity, fix: Fix | undefined): Finding {
  const { at, span, message, actual, expected, note, related, endpoints, remedy } = problem;
  return {
    rule: rule.meta.id,
    severity,
    message,
    file: at.file,
    span: span ?? at.span,
    ...(actual !== undefined && { actual }),
    ...(expected && { expected }),
    ...(note && { note }),
    related: related ?? [],
    endpoints: endpoints ?? [],
    ...(remedy && { remedy }),
    ...(fix && { fix }),
    url: rule.meta.url ?? ruleUrl(rule.meta.id),
  };
}

/** Paths of files that the server could not even read to the end. */
function filesThatDoNotParse(model: Model): ReadonlySet<string> {
  return new Set(model.problems.filter(problem => problem.kind === 'syntax').map(({ origin }) => pathOf(origin)));
}

function pathOf(origin: Origin): string {
  return origin.file.path;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
