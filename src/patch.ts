/** From findings to patched texts: rounds of fixes until nothing changes, each round proved before it counts. */
import { Buffer } from 'node:buffer';
import { applyFixes } from '../fixers/apply.js';
import { composeEdits, originalOffsets } from '../fixers/compose.js';
import type { Edit, Fix } from '../fixers/edit.js';
import { encode } from '../parsers/source.js';
import { type Policy, policyFor } from './model/policies.js';
import type { ProtocolSet } from './model/protocols.js';
import type { Target } from './model/target.js';
import type { Endpoint, LoadedFile, LoadProblem, Model, Offer } from './model/types.js';
import type { Finding } from './rule.js';
import type { Checked } from './run.js';

export interface Patch {
  readonly file: LoadedFile;
  /** From the text as read to the patched one, in order. */
  readonly edits: readonly Edit[];
  readonly after: string;
  /** Names of the directives that the edits are meant to touch. */
  readonly directives: ReadonlySet<string>;
  /** The patched text as it was read to be checked. */
  readonly result?: LoadedFile;
}

export interface Patched {
  readonly patches: readonly Patch[];
  /** The state after the last round that was proved. */
  readonly checked: Checked;
  /** Findings of the first state that are gone. */
  readonly fixed: number;
  /** Fixes that were given up, each with the reason. */
  readonly refused: ReadonlyArray<{ readonly finding: Finding; readonly reason: string }>;
}

export interface PatchOptions {
  readonly allow: 'safe' | 'unsafe';
  readonly policy: Policy;
  /** Reads and judges again with some files' bytes replaced (by real path). */
  recheck(replaced: ReadonlyMap<string, Uint8Array>): Checked;
}

const MOST_ROUNDS = 10;

interface State {
  readonly checked: Checked;
  /** By display path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly edits: ReadonlyMap<string, readonly Edit[]>;
  /** What tells a finding from others, however far it has moved since the first state. */
  keyOf(finding: Finding): string;
}

/** By the keys of findings; `at` is what its fix was tried on. */
type Refused = Map<string, { readonly finding: Finding; readonly reason: string; readonly at: State }>;

/** Never returns a patch that made anything worse; a fix that would is refused and named. */
export function patch(first: Checked, options: PatchOptions): Patched {
  const files = new Map(first.files.map(file => [file.path, file]));
  const refused: Refused = new Map();
  const directives = new Map<string, Set<string>>();
  let state = stateOf(first, new Map(first.files.map(f => [f.path, f.source.text])), new Map());
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const candidates = candidatesOf(state, options, refused);
    if (candidates.length === 0) break;
    state = applyProved(state, candidates, files, options, refused, directives);
  }
  const results = new Map(state.checked.files.map(file => [file.path, file]));
  const patches = [...state.edits].flatMap(([path, edits]): Patch[] => {
    const file = files.get(path);
    if (!file || edits.length === 0) return [];
    const result = results.get(path);
    const touched = directives.get(path)!;
    return [{ file, edits, after: state.texts.get(path)!, directives: touched, ...(result && { result }) }];
  });
  const left = state.checked.findings.length;
  return {
    patches,
    checked: state.checked,
    fixed: Math.max(0, first.findings.length - left),
    refused: [...refused.values()].map(({ finding, reason }) => ({ finding, reason })),
  };
}

/**
 * What no round has refused; where there is nothing else, what was refused before other fixes were made, since after them it may
 * be right: a second run would find it so.
 */
function candidatesOf(state: State, { allow }: PatchOptions, refused: Refused): Finding[] {
  const fixable = fixableFindings(state.checked, allow);
  const fresh = fixable.filter(each => !refused.has(state.keyOf(each)));
  return fresh.length > 0 ? fresh : fixable.filter(each => refused.get(state.keyOf(each))!.at !== state);
}

/** Findings with a fix of the grades allowed. */
function fixableFindings(checked: Checked, allow: 'safe' | 'unsafe'): Finding[] {
  return checked.findings.filter(({ fix }) => {
    if (!fix || fix.edits.length === 0) return false;
    return fix.applicability === 'safe' || (allow === 'unsafe' && fix.applicability === 'unsafe');
  });
}

/** All at once where that proves right; else by halves, so that one bad fix does not cost the others. */
function applyProved(
  state: State,
  findings: readonly Finding[],
  files: ReadonlyMap<string, LoadedFile>,
  options: PatchOptions,
  refused: Refused,
  directives: Map<string, Set<string>>,
): State {
  const attempt = tryFixes(state, findings, files, options);
  if (attempt.state) {
    for (const each of findings) {
      noteDirectives(each.fix!, directives);
      refused.delete(state.keyOf(each));
    }
    return attempt.state;
  }
  if (findings.length === 1) {
    refused.set(state.keyOf(findings[0]!), { finding: findings[0]!, reason: attempt.reason, at: state });
    return state;
  }
  const middle = findings.length >>> 1;
  const half = applyProved(state, findings.slice(0, middle), files, options, refused, directives);
  const others = half === state ? findings.slice(middle) : movedOnes(state, findings.slice(middle), half, options);
  return others.length === 0 ? half : applyProved(half, others, files, options, refused, directives);
}

/** The same findings where they are now; what has changed its words is left to the next round. */
function movedOnes(before: State, findings: readonly Finding[], now: State, { allow }: PatchOptions): Finding[] {
  const wanted = new Set(findings.map(before.keyOf));
  return fixableFindings(now.checked, allow).filter(each => wanted.has(now.keyOf(each)));
}

type Attempt = { readonly state: State } | { readonly state?: undefined; readonly reason: string };

function tryFixes(
  state: State,
  findings: readonly Finding[],
  files: ReadonlyMap<string, LoadedFile>,
  options: PatchOptions,
): Attempt {
  const fixes = findings.map(({ fix }) => fix!).map(readingOf(files, state.checked));
  const result = applyFixes(state.texts, fixes, options.allow);
  if (result.applied.length === 0) return { reason: 'its edits conflict with those of another fix' };
  const texts = new Map([...state.texts, ...result.texts]);
  const replaced = new Map<string, Uint8Array>();
  for (const [path, text] of texts) {
    const file = files.get(path);
    if (file && text !== file.source.text) replaced.set(file.real, encode(text, file.source.encoding));
  }
  const checked = options.recheck(replaced);
  const applied = new Set<Fix>(result.applied);
  const touched = findings.filter((_, index) => applied.has(fixes[index]!));
  const reason = objection(state.checked, checked, touched, options.policy);
  if (reason !== undefined) return { reason };
  return { state: stateOf(checked, texts, composeRound(state.edits, result.edits)) };
}

function stateOf(checked: Checked, texts: State['texts'], edits: State['edits']): State {
  const offsets = new Map<string, (offset: number) => number>();
  const keyOf = ({ file, span, rule, message }: Finding) => {
    const original = offsets.get(file.path) ?? originalOffsets(edits.get(file.path) ?? []);
    offsets.set(file.path, original);
    return `${rule}\0${file.real}\0${original(span.start)}\0${message}`;
  };
  return { checked, texts, edits, keyOf };
}

/**
 * Without some of its bytes a file in no encoding may be valid UTF-8, and is then read as that: its fixes have places in
 * another text than the one that is kept, where each byte is a character.
 */
function readingOf(files: ReadonlyMap<string, LoadedFile>, { files: now }: Checked): (fix: Fix) => Fix {
  const wider = new Map(
    now.filter(file => file.source.encoding !== encodingIn(files, file)).map(each => [each.path, each]),
  );
  if (wider.size === 0) return fix => fix;
  const inBytes = (edit: Edit): Edit => {
    const source = wider.get(edit.path)?.source;
    if (!source) return edit;
    const { text, encoding } = source;
    const start = Buffer.byteLength(text.slice(0, edit.start), encoding);
    const end = start + Buffer.byteLength(text.slice(edit.start, edit.end), encoding);
    return { ...edit, start, end, text: Buffer.from(edit.text, encoding).toString('latin1') };
  };
  return fix => ({ ...fix, edits: fix.edits.map(inBytes) });
}

function encodingIn(files: ReadonlyMap<string, LoadedFile>, { path, source }: LoadedFile): string {
  return files.get(path)?.source.encoding ?? source.encoding;
}

function composeRound(earlier: State['edits'], round: State['edits']): State['edits'] {
  const edits = new Map(earlier);
  for (const [path, ofFile] of round) edits.set(path, composeEdits(edits.get(path) ?? [], ofFile));
  return edits;
}

/** Why a round must not stand, in a clause; `undefined` where it may. */
function objection(before: Checked, after: Checked, touched: readonly Finding[], policy: Policy): string | undefined {
  if (after.models.length !== before.models.length) return 'the patched files would be read as other configurations';
  if (after.errors.length > before.errors.length) return 'a patched file could no longer be read';
  const reached = new Set(touched.flatMap(finding => finding.endpoints));
  for (const [index, model] of before.models.entries()) {
    const reason = modelObjection(model, after.models[index]!, before, reached, policyFor(policy, model.dialect));
    if (reason !== undefined) return reason;
  }
  return newFinding([...before.findings, ...before.known], [...after.findings, ...after.known]);
}

function modelObjection(
  before: Model,
  after: Model,
  { rangeOf }: Checked,
  reached: ReadonlySet<Endpoint>,
  policy: Policy,
): string | undefined {
  const { targets } = rangeOf(before);
  const objection = newObjection(before, after, targets);
  if (objection !== undefined) return `the server would object: ${objection}`;
  if (after.endpoints.length !== before.endpoints.length) return 'the listeners would no longer be the same';
  for (const target of targets) {
    if (before.loads(target) && !after.loads(target)) return `the server ${target.server.text} would refuse the result`;
  }
  for (const [index, endpoint] of before.endpoints.entries()) {
    const other = after.endpoints[index]!;
    for (const target of targets) {
      const was = before.offer(endpoint, target);
      const is = after.offer(other, target);
      if (was.configured === is.configured && was.tls === is.tls) continue;
      if (!reached.has(endpoint)) return `it would change ${placeOf(endpoint)}, which it is not meant for`;
      if (is.delegated) continue;
      if (is.configured === null || said(is)! & ~policy.allow || policy.require & ~is.configured) {
        if (!nearer(said(was), said(is), policy)) return `${placeOf(endpoint)} would still not meet the policy`;
      }
    }
  }
  return undefined;
}

/** Of problems that matter to the targets, one that was not there before. */
function newObjection(before: Model, after: Model, targets: readonly Target[]): string | undefined {
  const matters = (problem: LoadProblem) => problem.kind === 'syntax' || targets.some(target => problem.stops(target));
  const known = new Map<string, number>();
  for (const { message } of before.problems.filter(matters)) known.set(message, (known.get(message) ?? 0) + 1);
  return after.problems.filter(matters).find(({ message }) => {
    const left = (known.get(message) ?? 0) - 1;
    known.set(message, left);
    return left < 0;
  })?.message;
}

/** What a version does by default is no fix's doing. */
function said({ configured, implicit = 0 }: Offer): ProtocolSet | null {
  return configured === null ? null : configured & ~implicit;
}

/** One fix of several may do a part of the way. */
function nearer(was: number | null, is: number | null, policy: Policy): boolean {
  if (was === null || is === null) return false;
  const gained = is & ~was;
  const lost = was & ~is;
  return (gained & ~policy.allow) === 0 && (lost & policy.require) === 0;
}

function placeOf({ listen, upstream, names }: Endpoint): string {
  return [listen ?? upstream ?? '', names[0] ?? ''].filter(part => part !== '').join(' ');
}

/**
 * Places move, so findings are compared by number for each rule and file. A suppression that a fix makes useless is no
 * harm: the next round takes it out. Nor is a hint.
 */
function newFinding(before: readonly Finding[], after: readonly Finding[]): string | undefined {
  const counts = new Map<string, number>();
  for (const finding of before) counts.set(countKey(finding), (counts.get(countKey(finding)) ?? 0) + 1);
  for (const finding of after) {
    if (finding.rule === 'unused-suppression' || finding.severity === 'info') continue;
    const left = (counts.get(countKey(finding)) ?? 0) - 1;
    if (left < 0) return `it would lead to a new \`${finding.rule}\``;
    counts.set(countKey(finding), left);
  }
  return undefined;
}

function countKey({ rule, file }: Finding): string {
  return `${rule}\0${file.real}`;
}

function noteDirectives(fix: Fix, directives: Map<string, Set<string>>): void {
  for (const { path } of fix.edits) {
    const names = directives.get(path) ?? new Set();
    directives.set(path, names);
    for (const name of fix.directives) names.add(name);
  }
}
