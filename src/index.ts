/** The whole public API. */
export type { Applicability, Edit, Fix } from '../fixers/edit.js';
export { type Inspection, type InspectOptions, inspect } from './inspect.js';
export { type LintResult, type LintTextOptions, lintText } from './lint-text.js';
export type { Policy } from './model/policies.js';
export { PROTOCOLS, type Protocol, type ProtocolSet, protocolNames, protocolSet } from './model/protocols.js';
export type { DialectId, Target, TargetRange } from './model/target.js';
export type { Endpoint, Model, Offer, Origin, Remedy, Statement } from './model/types.js';
export { UsageError } from './options/parse.js';
export type {
  AnswerReport,
  EndpointReport,
  OfferReport,
  Place,
  Report,
  ReportFinding,
  RootReport,
} from './report.js';
export {
  defineRule,
  type Finding,
  type Rule,
  type RuleContext,
  type RuleMeta,
  type RuleOptions,
  type RuleProblem,
  type Severity,
} from './rule.js';
export { rules } from './rules/index.js';
export { apacheParse, nginxParse, type TlslintOptions, tlslint, tlslintFix } from './unified.js';
