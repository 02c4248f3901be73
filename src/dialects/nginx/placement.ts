/** Directives and blocks where nginx has no place for them, or not in that number or shape (ngx_conf_handler). */
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { BLOCKS, DIRECTIVES, type DirectiveRow, placeOf } from './directives.js';
import { isTemplateWord } from './profile.js';
import { type Item, itemOrigin, type Scope } from './scopes.js';

type Stops = (target: Target) => boolean;
const ALWAYS: Stops = () => true;

/** A problem that keeps nginx from starting: always, or on some targets. */
export function refused(origin: Origin, message: string, stops: Stops = ALWAYS): LoadProblem {
  return { kind: 'refused', origin, message, stops };
}

/** ngx_event_init_conf, and NX-C3. */
export function structureProblems(top: Scope, rootOrigin: Origin, problems: LoadProblem[]): void {
  const seen = new Set<string>();
  for (const { kind, item } of top.children) {
    if (!item || !ONCE.has(kind)) continue;
    const { name } = item.node;
    if (seen.has(name)) problems.push(refused(itemOrigin(item), `Unexpected second \`${name}\`, expected one`));
    seen.add(name);
  }
  if (!seen.has('events') && top.gaps.length === 0) {
    const missing = refused(rootOrigin, 'Unexpected end of configuration, expected an `events` block');
    // True, and of no interest to who asks about TLS: many a file with `http` is a part of something larger.
    problems.push({ ...missing, unknown: true });
  }
}

const ONCE = new Set(['events', 'http', 'stream', 'mail']);

/** What is wrong with one block and with the directives that stand in it. */
export function scopeProblems(scope: Scope, fragment: boolean, told: Set<string>, problems: LoadProblem[]): void {
  for (const item of scope.odd) problems.push(refused(itemOrigin(item), oddMessage(item)));
  if (scope.kind === 'other') return;
  blockProblem(scope, fragment, problems);
  locationProblems(scope, problems);
  if (scope.settings.size === 0) return;
  for (const [name, items] of scope.settings) {
    const row = DIRECTIVES[name];
    if (!row) continue;
    for (const item of items) itemProblem(item, row, fragment, told, problems);
    const [, second] = items;
    if (row.slot && second)
      problems.push(refused(itemOrigin(second), `Unexpected second \`${name}\` in one block, expected one`));
  }
}

function oddMessage({ node, scope }: Item): string {
  const { name, block } = node;
  if (scope.kind === 'data') return `Unexpected \`{\` in \`${scope.item?.node.name}\`, expected \`;\``;
  if (block && Object.hasOwn(DIRECTIVES, name)) return `Unexpected block of \`${name}\`, expected \`;\``;
  if (!block && BLOCKS.has(name)) return `Unexpected \`;\` after \`${name}\`, expected a block`;
  const lower = name.toLowerCase();
  if (lower !== name && (Object.hasOwn(DIRECTIVES, lower) || BLOCKS.has(lower) || lower === 'include'))
    return `Unexpected directive \`${name}\`, expected \`${lower}\``;
  return `Unexpected directive \`${name}\``;
}

function blockProblem({ item, parent }: Scope, fragment: boolean, problems: LoadProblem[]): void {
  const row = item && BLOCKS.get(item.node.name);
  if (!row || !parent) return;
  const { name, args } = item.node;
  if (!isAnywhere(parent, fragment) && !row.places.includes(placeOf(parent.kind, parent.module))) {
    problems.push(
      refused(itemOrigin(item), `Unexpected \`${name}\` in ${placeWords(parent)}, where it is not allowed`),
    );
    return;
  }
  const fault = countFault(name, args.length, row.args);
  if (fault !== undefined) problems.push(refused(itemOrigin(item), fault));
}

/** ngx_http_cmp_locations: one location a prefix, `^~` or not; regular expressions and `@` names may be repeated. */
function locationProblems({ children, module }: Scope, problems: LoadProblem[]): void {
  if (module !== 'http') return;
  let seen: Set<string> | undefined;
  for (const { kind, item } of children) {
    if (kind !== 'location' || !item) continue;
    const key = locationKey(item.node.args);
    if (key === undefined) continue;
    seen ??= new Set();
    if (seen.has(key)) problems.push(refused(itemOrigin(item), `Unexpected second \`location ${key}\`, expected one`));
    seen.add(key);
  }
}

function locationKey([first = '', second]: readonly string[]): string | undefined {
  if (isTemplateWord(first) || isTemplateWord(second ?? '')) return undefined;
  if (second !== undefined) return first === '=' ? `= ${second}` : first === '^~' ? second : undefined;
  if (/^[~@]/.test(first)) return undefined;
  if (first.startsWith('^~')) return first.slice(2);
  return first.startsWith('=') ? `= ${first.slice(1)}` : first;
}

function itemProblem(
  item: Item,
  row: DirectiveRow,
  fragment: boolean,
  told: Set<string>,
  problems: LoadProblem[],
): void {
  const { node, scope } = item;
  if (!isAnywhere(scope, fragment) && !row.places.includes(placeOf(scope.kind, scope.module))) {
    const origin = itemOrigin(item);
    problems.push(refused(origin, `Unexpected \`${node.name}\` in ${placeWords(scope)}, where it is not allowed`));
    return;
  }
  const fault = countFault(node.name, node.args.length, row.args) ?? valueFault(item, row);
  if (fault !== undefined) {
    problems.push(refused(itemOrigin(item), fault));
    return;
  }
  if (row.since === undefined && row.until === undefined) return;
  // What hangs on the version alone is told at the first place: it is the same everywhere.
  const key = `${scope.module} ${node.name}`;
  const stops = told.has(key) ? undefined : outsideVersions(row, scope);
  told.add(key);
  if (stops)
    problems.push(refused(itemOrigin(item), `Unexpected \`${node.name}\`, which ${versionWords(row, scope)}`, stops));
}

/**
 * The top of a fragment may be any context, and so may what stands in a block of it without a module. A block that is
 * refused where it stands has none either: that is told once, not again for all that it holds.
 */
function isAnywhere({ kind, module }: Scope, fragment: boolean): boolean {
  if (module !== undefined) return fragment && kind === 'main';
  return fragment || (kind !== 'main' && kind !== 'events');
}

function placeWords({ kind }: Scope): string {
  return kind === 'main' ? 'the main context' : `\`${kind}\``;
}

function countFault(
  name: string,
  count: number,
  [least, most]: readonly [least: number, most: number],
): string | undefined {
  if (count >= least && count <= most) return undefined;
  const expected = least === most ? least : count < least ? `at least ${least}` : `at most ${most}`;
  return `Unexpected number of arguments of \`${name}\`, expected ${expected}`;
}

function valueFault({ node }: Item, row: DirectiveRow): string | undefined {
  const [value = ''] = node.args;
  if (isTemplateWord(value)) return undefined;
  if (row.flag && !/^(?:on|off)$/i.test(value))
    return `Unexpected \`${value}\` of \`${node.name}\`, expected \`on\` or \`off\``;
  if (row.value && !node.args.every(each => row.value?.test(each) || isTemplateWord(each)))
    return `Unexpected value \`${node.args.find(each => !row.value?.test(each))}\` of \`${node.name}\``;
  return undefined;
}

function sinceOf({ since }: DirectiveRow, { module }: Scope): string | undefined {
  return typeof since === 'string' || since === undefined ? since : module && since[module];
}

function outsideVersions(row: DirectiveRow, scope: Scope): Stops | undefined {
  const since = sinceOf(row, scope);
  const { until } = row;
  if (since === undefined && until === undefined) return undefined;
  return ({ server }) =>
    (since !== undefined && !atLeast(server, since)) || (until !== undefined && atLeast(server, until));
}

function versionWords(row: DirectiveRow, scope: Scope): string {
  const since = sinceOf(row, scope);
  return row.until === undefined ? `nginx has since ${since}` : `nginx has no more since ${row.until}`;
}
