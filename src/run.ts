/** Load and lint: from settings and a file system to models and findings. Called again for each round of a fix. */
import { sameEdits } from '../fixers/apply.js';
import type { Fix } from '../fixers/edit.js';
import { boundsOf, confineFix, withoutText } from './bounds.js';
import { DIALECTS } from './dialects/index.js';
import type { Host } from './dialects/types.js';
import { prefixedHost } from './host.js';
import { compareFindings, lint } from './lint.js';
import { type Found, findPaths, type InputError, type Loaded, type LoadRequest, loadFound } from './load.js';
import { policyFor } from './model/policies.js';
import type { DialectId, TargetRange } from './model/target.js';
import type { LoadedFile, Model } from './model/types.js';
import type { Finding, Rule } from './rule.js';
import { rules as allRules } from './rules/index.js';
import type { Reach, Settings } from './settings.js';
import { type Judged, suppress } from './suppress.js';
import { targetRange } from './targets.js';

export interface Checked {
  readonly models: readonly Model[];
  /** Each file once, in reading order over all models. */
  readonly files: readonly LoadedFile[];
  /** In order of files, then places; of a file that several roots include, each finding once. */
  readonly findings: readonly Finding[];
  /** Findings that a comment suppresses, with its reason; neither reported nor fixed. */
  readonly suppressed: Judged['suppressed'];
  /** Findings that the baseline has; neither reported nor fixed. */
  readonly known: readonly Finding[];
  /** Findings in files that were not asked about, but that the asked ones belong to: how many, by path. */
  readonly elsewhere: ReadonlyMap<string, number>;
  /** Ids of the rules that were asked. */
  readonly ran: ReadonlySet<string>;
  readonly errors: readonly InputError[];
  /** Paths of files that only an `include` led to, elsewhere on the machine: their text is not shown. */
  readonly outside: ReadonlySet<string>;
  /** What a model is judged for; roots may differ. */
  rangeOf(model: Model): TargetRange;
}

/** Fetches what reads the files that the settings name, then reads and judges them. */
export async function checkFiles(settings: Settings, host: Host, rules?: readonly Rule[]): Promise<Checked> {
  return check(settings, host, rules, await openFiles(settings, host));
}

/** Finds the files and fetches the code of their dialects. */
export async function openFiles(settings: Settings, host: Host): Promise<Found> {
  const found = findPaths(requestOf(settings, host));
  await Promise.all([...new Set(found.candidates.map(({ dialect }) => dialect))].map(dialect => dialect.open()));
  return found;
}

/** Reads and judges what the settings name, once the dialects of all of it are open. */
export function check(settings: Settings, host: Host, rules = rulesOf(settings), files?: Found): Checked {
  const rangeOf = rangesOf(settings, host);
  const loaded = load(settings, host, rangeOf, files);
  const found = loaded.models.flatMap(model =>
    lint(model, {
      range: rangeOf(model.dialect, rootOf(model)),
      policy: policyFor(settings.policy, model.dialect),
      rules,
      severities: settings.severities,
      options: settings.ruleOptions,
      progress: settings.progress,
    }),
  );
  const { severities, baseline } = settings;
  const { asked } = loaded;
  const isAsked = (each: Finding) => !asked || asked.has(each.file.real);
  const judged = suppress(mergeFindings(found), loaded.models, { rules, severities });
  const read = filesOf(loaded.models);
  const isWithin = boundsOf(settings, loaded.models, host);
  const outside = new Set(read.filter(({ real }) => !isWithin(real)).map(file => file.path));
  const confine = (each: Finding) => (outside.size === 0 ? each : withoutText(confineFix(each, outside), outside));
  const findings = judged.findings.filter(isAsked).map(confine);
  const { fresh, known } = baseline?.split(findings) ?? { fresh: findings, known: [] };
  return {
    models: loaded.models,
    files: read,
    findings: fresh,
    elsewhere: countByPath(judged.findings.filter(each => !isAsked(each) && each.severity !== 'info')),
    suppressed: judged.suppressed.filter(({ finding }) => isAsked(finding)),
    known,
    ran: new Set(rules.map(({ meta }) => meta.id).filter(id => severities.get(id) !== 'off')),
    outside,
    errors: loaded.errors,
    rangeOf: model => rangeOf(model.dialect, rootOf(model)),
  };
}

function countByPath(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { file } of findings) counts.set(file.path, (counts.get(file.path) ?? 0) + 1);
  return counts;
}

/** Reads without judging. */
export function load(settings: Settings, disk: Host, rangeOf = rangesOf(settings, disk), found?: Found): Loaded {
  const request = requestOf(settings, disk, rangeOf);
  return loadFound(request, found ?? findPaths(request));
}

function requestOf(settings: Settings, disk: Host, rangeOf = rangesOf(settings, disk)): LoadRequest {
  const { roots } = settings;
  const host = prefixedHost(disk, settings.prefix);
  return {
    paths: settings.paths,
    ...(settings.root !== undefined && { root: settings.root }),
    ...(settings.dialect && { dialect: settings.dialect }),
    ...(settings.ignored && { ignored: settings.ignored }),
    ...(settings.skipForeign && { skipForeign: true }),
    roots: roots.map(({ path, dialect }) => ({ path, ...(dialect && { dialect }) })),
    dialects: DIALECTS,
    host,
    settings: (dialect, real) => {
      const { prefix, define, module } = reachOf(settings, host, real);
      return { prefix, define, module, env: settings.env, target: newestTarget(rangeOf(dialect.id, real)) };
    },
  };
}

/** The range of a root, by its real path: the root's own target where the configuration file names one. */
function rangesOf(settings: Settings, host: Host): (dialect: DialectId, real: string) => TargetRange {
  const known = new Map<string, TargetRange>();
  return (dialect, real) => {
    const { choice, path } = reachOf(settings, host, real);
    const key = `${dialect}\0${path ?? ''}`;
    const found = known.get(key) ?? targetRange(dialect, stepsOf(dialect), choice);
    known.set(key, found);
    return found;
  };
}

function stepsOf(id: DialectId): readonly string[] {
  return DIALECTS.find(dialect => dialect.id === id)?.steps ?? [];
}

/** What holds for a root: its own entry of the configuration file, else what holds for all. */
function reachOf(settings: Settings, host: Host, real: string): Reach & { readonly path?: string } {
  return settings.roots.find(({ path }) => host.realpath(path) === real) ?? settings;
}

function rootOf({ files }: Model): string {
  return files[0]?.real ?? '';
}

function rulesOf({ rules }: Settings): readonly Rule[] {
  return rules ? [...allRules, ...rules] : allRules;
}

function newestTarget({ targets }: TargetRange) {
  const newest = targets.at(-1);
  if (!newest) throw new RangeError('Unexpected empty target range');
  return newest;
}

/** Each file once, in reading order. */
export function filesOf(models: readonly Model[]): LoadedFile[] {
  const files = new Map<string, LoadedFile>();
  for (const model of models) {
    for (const file of model.files) if (!files.has(file.real)) files.set(file.real, file);
  }
  return [...files.values()];
}

/** What two roots say of one place in a file that both include is one finding. */
function mergeFindings(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.file.real}\0${finding.span.start}\0${finding.span.end}\0${finding.rule}\0${finding.message}`;
    const earlier = merged.get(key);
    merged.set(key, earlier ? joinFindings(earlier, finding) : finding);
  }
  return [...merged.values()].sort(compareFindings);
}

function joinFindings(a: Finding, b: Finding): Finding {
  const endpoints = [...a.endpoints, ...b.endpoints];
  if (!a.fix || !b.fix) {
    const fix = a.fix ?? b.fix;
    return { ...a, endpoints, ...(fix && { fix: { ...fix, ...DIFFERENT_NEEDS } }) };
  }
  if (isInsertion(a) && isInsertion(b)) return { ...a, endpoints, fix: joinInsertions(a.fix, b.fix) };
  return sameEdits(a.fix.edits, b.fix.edits)
    ? { ...a, endpoints }
    : { ...a, endpoints, fix: { ...a.fix, ...DIFFERENT_NEEDS } };
}

function isInsertion({ remedy }: Finding): boolean {
  return remedy?.set === 'protocols' && !remedy.at;
}

/** What each of the roots lacks is put into each of them. */
function joinInsertions(a: Fix, b: Fix): Fix {
  if (a.applicability === 'manual') return a;
  if (b.applicability === 'manual') return b;
  const added = b.edits.filter(edit => !a.edits.some(other => sameEdits([edit], [other])));
  return { ...(a.applicability === 'unsafe' ? a : b), title: a.title, edits: [...a.edits, ...added] };
}

const DIFFERENT_NEEDS = {
  applicability: 'manual',
  reason: 'the configurations that include this file need different things',
} as const;
