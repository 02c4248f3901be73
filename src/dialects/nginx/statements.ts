/** Every directive that names protocol versions, what it reaches, and why it may change nothing. */
import type { ProtocolSet } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, Origin, Statement, TokenFault } from '../../model/types.js';
import type { Facts } from './model.js';
import { type Family, isTemplateWord } from './profile.js';
import { createReach, type Reach, type Unused } from './reach.js';
import { type Item, itemOrigin, type Settings } from './scope.js';
import { knownTo, read, suggestionFor } from './settings/ssl-protocols.js';
import type { Offers, View } from './views.js';

const FAMILIES: ReadonlyArray<readonly [Family, directive: string, bit: number]> = [
  ['ssl', 'ssl_protocols', 1],
  ['proxy_ssl', 'proxy_ssl_protocols', 2],
  ['grpc_ssl', 'grpc_ssl_protocols', 4],
  ['uwsgi_ssl', 'uwsgi_ssl_protocols', 8],
];

const BITS: ReadonlyMap<string, number> = new Map(FAMILIES.map(([, directive, bit]) => [directive, bit]));

export function createStatements(facts: Facts, offers: Offers): NginxStatement[] {
  const reach = createReach(facts, offers);
  const said = createReadings();
  const statements: NginxStatement[] = [];
  for (const scope of facts.scopes) {
    const families = familiesIn(scope.settings);
    if (families === 0) continue;
    for (const [family, directive, bit] of FAMILIES) {
      if ((families & bit) === 0) continue;
      let earlier: Item | undefined;
      let before = 0;
      for (const item of scope.settings.get(directive) ?? []) {
        const own = said(item);
        const repeats = earlier && (own.set & ~before) === 0 ? earlier : undefined;
        statements.push(new NginxStatement(item, family, own, repeats, reach));
        before |= own.template ? 0 : own.set;
        earlier = item;
      }
    }
  }
  return statements.sort(byFirstRead(facts));
}

function familiesIn(settings: Settings): number {
  let families = 0;
  for (const { node } of settings.items()) families |= BITS.get(node.name) ?? 0;
  return families;
}

/** Scopes come in reading order; inside one, families would not. */
function byFirstRead(_: Facts) {
  return (a: NginxStatement, b: NginxStatement) =>
    a.item.file === b.item.file ? a.item.node.start - b.item.node.start : 0;
}

/** What the words of a directive say. */
interface Said {
  readonly set: ProtocolSet;
  readonly unknown: readonly string[];
  readonly template: boolean;
  /** Nothing at all. */
  readonly empty: boolean;
}

/** The same object for the same text: most directives are alike. */
function createReadings(): (item: Item) => Said {
  const known = new Map<string, Said>();
  return ({ node, file }) => {
    const text = file.source.text.slice(node.start, node.headEnd);
    let said = known.get(text);
    if (!said) {
      const { args } = node;
      said = { ...read(args), template: args.some(isTemplateWord), empty: args.length === 0 };
      known.set(text, said);
    }
    return said;
  };
}

const NO_FAULTS: readonly TokenFault[] = [];

/** A class for its prototype: there may be as many as servers. */
export class NginxStatement implements Statement {
  readonly item: Item;
  readonly family: Family;
  readonly value: ProtocolSet | null;
  readonly faults: readonly TokenFault[];
  readonly #said: Said;
  /** The one before it in its block, where that and those before it say all that this one says. */
  readonly #repeats: Item | undefined;
  readonly #reach: Reach;
  /** What `ineffective` said last, and of which view. */
  #view: View | undefined;
  #unused: Unused;

  constructor(item: Item, family: Family, said: Said, repeats: Item | undefined, reach: Reach) {
    const { unknown, template, set } = said;
    this.item = item;
    this.family = family;
    this.value = template ? null : set;
    this.faults = template || unknown.length === 0 ? NO_FAULTS : unknownFaults(unknown, item.node.words);
    this.#said = said;
    this.#repeats = repeats;
    this.#reach = reach;
  }

  get origin(): Origin {
    return itemOrigin(this.item);
  }

  get role(): 'server' | 'client' {
    return this.family === 'ssl' ? 'server' : 'client';
  }

  get words() {
    return this.item.node.words
      .slice(1)
      .map(word => ({ span: { start: word.start, end: word.end }, allows: read([word.text]).set }));
  }

  /** Whether the target does not start because of a word in it. */
  refused(target: Target): boolean {
    const { set, unknown, empty } = this.#said;
    // nginx has no variables here: what is not rendered is refused as it stands.
    return unknown.length > 0 || empty || (set & ~knownTo(target.server)) !== 0;
  }

  reaches(target: Target): readonly Endpoint[] {
    return this.#reach.reaches(this.item, this.family, this.#reach.view(target));
  }

  ineffective(target: Target): Unused {
    if (this.value === null) return undefined;
    if (this.#repeats) return repeated(this.#repeats);
    const view = this.#reach.view(target);
    if (view !== this.#view) {
      this.#unused = this.#reach.ineffective(this.item, this.family, target, view);
      this.#view = view;
    }
    return this.#unused;
  }
}

function repeated(earlier: Item) {
  return {
    why: 'repeated' as const,
    by: itemOrigin(earlier),
    note: 'All its versions are allowed already, since nginx adds up the directives of one block.',
  };
}

/** Each token at the first word that says it. */
function unknownFaults(tokens: readonly string[], words: Item['node']['words']): TokenFault[] {
  const places = new Map<string, Item['node']['words'][number]>();
  for (const word of words.slice(1)) if (!places.has(word.text)) places.set(word.text, word);
  return tokens.map(token => unknownFault(token, places.get(token)!));
}

function unknownFault(token: string, { start, end }: { start: number; end: number }): TokenFault {
  const suggestion = suggestionFor(token);
  return { kind: 'unknown', token, span: { start, end }, ...(suggestion !== undefined && { suggestion }) };
}
