/** What a rule is. A rule sees the model, never a file's syntax, and says what it wishes, never how to write it. */
import type { Fix } from '../fixers/edit.js';
import type { Span } from '../parsers/ast.js';
import type { Policy } from './model/policies.js';
import type { DialectId, TargetRange } from './model/target.js';
import type { Endpoint, LoadedFile, Model, Origin, Remedy } from './model/types.js';

export type Severity = 'error' | 'warning' | 'info';

export interface RuleMeta {
  /** Names the problem, not the advice: "allow `deprecated-protocol`" must read well. */
  readonly id: string;
  /** One sentence. */
  readonly summary: string;
  readonly severity: Severity;
  readonly dialects: readonly DialectId[];
  /** The most trusted fix that it may carry; absent where it has none. */
  readonly fix?: 'safe' | 'unsafe' | 'manual';
  /** The first release that has the rule. */
  readonly since: string;
  /** Primary sources: RFCs, the servers' documentation. */
  readonly references: ReadonlyArray<{ readonly title: string; readonly url: string }>;
  /** The page that explains it, of a rule that is not ours. */
  readonly url?: string;
  /** Names of the options that a configuration file may give it. */
  readonly options?: readonly string[];
}

export interface RuleProblem {
  readonly at: Origin;
  /** A part of `at.span`, such as the words that are wrong. */
  readonly span?: Span;
  /** "Unexpected X, expected Y", code in back-ticks. */
  readonly message: string;
  readonly severity?: Severity;
  readonly actual?: string;
  readonly expected?: readonly string[];
  /** More, in full sentences: which versions differ, what the library does. */
  readonly note?: string;
  readonly related?: ReadonlyArray<{ readonly message: string; readonly at: Origin }>;
  /** What it reaches, for the report. */
  readonly endpoints?: readonly Endpoint[];
  readonly remedy?: Remedy;
  /** Why the remedy's fix may be trusted less than its edits alone would be. */
  readonly caution?: { readonly applicability: 'unsafe' | 'manual'; readonly reason: string };
}

export type RuleOptions = Readonly<Record<string, unknown>>;

export interface RuleContext {
  readonly model: Model;
  readonly range: TargetRange;
  readonly policy: Policy;
  /** As the configuration file gives them: a rule checks their values itself. */
  readonly options: RuleOptions;
  report(problem: RuleProblem): void;
}

export interface Rule {
  readonly meta: RuleMeta;
  check(context: RuleContext): void;
}

/** A problem with everything that the rule need not say itself. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: LoadedFile;
  readonly span: Span;
  readonly actual?: string;
  readonly expected?: readonly string[];
  readonly note?: string;
  readonly related: ReadonlyArray<{ readonly message: string; readonly at: Origin }>;
  readonly endpoints: readonly Endpoint[];
  readonly remedy?: Remedy;
  readonly fix?: Fix;
  readonly url: string;
}

/** Checks the catalogue's promises once, when the rule is made. Throws `TypeError` where `meta` breaks one. */
export function defineRule(meta: RuleMeta, check: Rule['check']): Rule {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(meta.id)) throw new TypeError(`Unexpected rule id \`${meta.id}\``);
  if (meta.summary === '') throw new TypeError(`Unexpected empty summary of rule \`${meta.id}\``);
  return { meta: Object.freeze({ ...meta }), check };
}
