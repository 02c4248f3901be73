/** Directives and blocks where nginx has no place for them, or not in that number or shape (ngx_conf_handler). */
import type { Target } from '../../model/target.js';
import type { LoadProblem, Origin } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { BLOCKS, DIRECTIVES, type DirectiveRow, placeOf } from './directives.js';
import { isTemplateWord } from './profile.js';
import { type Item, itemOrigin, type ModuleName, type Scope } from './scope.js';

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
export function scopeProblems(scope: Scope, fragment: boolean, told: Told, problems: LoadProblem[]): void {
  for (const item of scope.odd) problems.push(refused(itemOrigin(item), oddMessage(item)));
  if (scope.kind === 'other') return;
  const place = placeOf(scope.kind, scope.module);
  if (scope.item && scope.parent && scope.kind !== 'location')
    blockProblem(scope.item, scope.parent, placeOf(scope.parent.kind, scope.parent.module), fragment, problems);
  locationProblems(scope, fragment, told, problems);
  const { settings } = scope;
  for (const item of settings.items()) {
    const row = DIRECTIVES[item.node.name];
    if (!row) continue;
    itemProblem(item, row, place, fragment, told, problems);
    if (row.slot && settings.get(item.node.name)?.[1] === item)
      problems.push(refused(itemOrigin(item), `Unexpected second \`${item.node.name}\` in one block, expected one`));
  }
}

/** What is known from earlier blocks. */
export interface Told {
  /** Of what hangs on the version alone, which is the same everywhere and is told at the first place. */
  readonly versions: Map<DirectiveRow, Set<ModuleName | undefined>>;
  /** By the text of a `location`: what makes two of them one. */
  readonly keys: Map<string, string | undefined>;
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

function blockProblem(item: Item, parent: Scope, place: string, fragment: boolean, problems: LoadProblem[]): void {
  const row = BLOCKS.get(item.node.name);
  if (!row) return;
  const { name, argCount } = item.node;
  if (!isAnywhere(parent, fragment) && !row.places.includes(place)) {
    problems.push(
      refused(itemOrigin(item), `Unexpected \`${name}\` in ${placeWords(parent)}, where it is not allowed`),
    );
    return;
  }
  const fault = countFault(name, argCount, row.args);
  if (fault !== undefined) problems.push(refused(itemOrigin(item), fault));
}

/** Of the `location`s of a block. */
export function locationProblems(scope: Scope, fragment: boolean, told: Told, problems: LoadProblem[]): void {
  const place = placeOf(scope.kind, scope.module);
  for (const item of scope.locations) blockProblem(item, scope, place, fragment, problems);
  sameLocations(scope, told, problems);
}

/** ngx_http_cmp_locations: one location a prefix, `^~` or not; regular expressions and `@` names may be repeated. */
function sameLocations({ locations, module }: Scope, { keys }: Told, problems: LoadProblem[]): void {
  if (module !== 'http' || locations.length < 2) return;
  const seen = new Set<string>();
  for (const item of locations) {
    const key = keyOf(item, keys);
    if (key === undefined) continue;
    if (seen.has(key)) problems.push(refused(itemOrigin(item), `Unexpected second \`location ${key}\`, expected one`));
    seen.add(key);
  }
}

/** Sites have the same few locations. */
function keyOf({ node, file }: Item, known: Map<string, string | undefined>): string | undefined {
  const head = file.source.text.slice(node.start, node.headEnd);
  let key = known.get(head);
  if (key === undefined && !known.has(head)) {
    key = locationKey(node.args);
    known.set(head, key);
  }
  return key;
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
  place: string,
  fragment: boolean,
  told: Told,
  problems: LoadProblem[],
): void {
  const { node, scope } = item;
  if (!isAnywhere(scope, fragment) && !row.places.includes(place)) {
    const origin = itemOrigin(item);
    problems.push(refused(origin, `Unexpected \`${node.name}\` in ${placeWords(scope)}, where it is not allowed`));
    return;
  }
  const fault = countFault(node.name, node.argCount, row.args) ?? valueFault(item, row);
  if (fault !== undefined) {
    problems.push(refused(itemOrigin(item), fault));
    return;
  }
  if (row.since === undefined && row.until === undefined) return;
  const modules = told.versions.get(row) ?? new Set();
  if (modules.has(scope.module)) return;
  told.versions.set(row, modules.add(scope.module));
  const stops = outsideVersions(row, scope);
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
  if (!row.flag && !row.value) return undefined;
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
