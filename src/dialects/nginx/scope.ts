/** Blocks that matter to TLS, and the directives that do, where they stand. */
import type { NginxDirective, Span } from '../../../parsers/ast.js';
import type { Origin } from '../../model/types.js';
import type { ParsedFile } from './include.js';

export type ModuleName = 'http' | 'stream' | 'mail';
export type ScopeKind =
  | 'main'
  | ModuleName
  | 'events'
  | 'server'
  | 'location'
  | 'if'
  | 'limit_except'
  | 'upstream'
  /** Lines that a handler of its own reads (NX-L10). */
  | 'data'
  /** A block of a module that is not known here, and all below it. */
  | 'other';

/**
 * A directive where it stands: its node, its file, and the include that led to it. It is its own `Origin`: there are many, and
 * of most nobody asks where they are.
 */
export class Item implements Origin {
  readonly node: NginxDirective;
  readonly file: ParsedFile;
  readonly scope: Scope;
  readonly via: Origin | undefined;

  constructor(node: NginxDirective, file: ParsedFile, scope: Scope, via: Origin | undefined) {
    this.node = node;
    this.file = file;
    this.scope = scope;
    this.via = via;
  }

  get directive(): string {
    return this.node.name;
  }

  /** The `{` of a block and the blank before it are no part of the place. */
  get span(): Span {
    const { node } = this;
    const { start, headEnd } = node;
    // Of thousands of words each is read again for the asking.
    return { start, end: (node.block && node.words.at(-1)?.end) || headEnd };
  }
}

export interface Scope {
  readonly kind: ScopeKind;
  readonly module: ModuleName | undefined;
  readonly parent: Scope | undefined;
  /** The block; absent for the top of the main file. */
  readonly item: Item | undefined;
  /** Directives that matter. */
  readonly settings: Settings;
  /** Blocks that matter, in reading order; a `location` that holds nothing of interest is none. */
  readonly children: readonly Scope[];
  /** Every `location`, in reading order. */
  readonly locations: readonly Item[];
  /** Directives whose names nginx can't have: another letter case, characters beyond ASCII (NX-C1, NX-L1, NX-L9). */
  readonly odd: readonly Item[];
  /** Why directives may stand here that are not seen: an include that can't be read, a template. */
  readonly gaps: readonly string[];
}

/** Directives of one block by name. Most blocks have a few, which are found sooner than a map is made. */
export class Settings {
  readonly #items: Item[] = [];
  /** A bit for each length of a name that is there: most of what is asked for is not. */
  #lengths = 0;
  #byName: Map<string, Item[]> | undefined;

  get size(): number {
    return this.#items.length;
  }

  /** In reading order; `undefined` where there is none. */
  get(name: string): readonly Item[] | undefined {
    if ((this.#lengths & (1 << name.length)) === 0) return undefined;
    if (this.#items.length > FEW) return this.#groups().get(name);
    let found: Item[] | undefined;
    for (const item of this.#items) {
      if (item.node.name !== name) continue;
      if (found) found.push(item);
      else found = [item];
    }
    return found;
  }

  has(name: string): boolean {
    return this.#items.some(({ node }) => node.name === name);
  }

  [Symbol.iterator](): IterableIterator<[string, readonly Item[]]> {
    return this.#groups().entries();
  }

  /** Each directive, in reading order. */
  items(): readonly Item[] {
    return this.#items;
  }

  /** The same where they are so few that going through them is quicker than `get`. */
  few(): readonly Item[] | undefined {
    return this.#items.length > FEW ? undefined : this.#items;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#lengths |= 1 << item.node.name.length;
    this.#byName = undefined;
  }

  #groups(): Map<string, Item[]> {
    if (!this.#byName) {
      this.#byName = new Map();
      for (const item of this.#items) {
        const known = this.#byName.get(item.node.name);
        if (known) known.push(item);
        else this.#byName.set(item.node.name, [item]);
      }
    }
    return this.#byName;
  }
}

const FEW = 16;

/** The same object for the same item: rules compare places with `===`. */
export function itemOrigin(item: Item): Origin {
  return item;
}
