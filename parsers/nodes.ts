/** What the nodes of both trees have in common: offsets in fields, all else computed from the source when asked for. */
import type { Comment, Position, Source, Span } from './ast.js';

/** Shared by every node without children, so that a leaf costs nothing for them. */
export const NO_CHILDREN: never[] = [];
Object.freeze(NO_CHILDREN);

/** A class for its prototype: a getter there costs no memory in 400,000 nodes. */
export class CommentNode implements Comment {
  readonly type = 'comment' as const;
  readonly start: number;
  readonly end: number;
  readonly #source: Source;

  constructor(source: Source, start: number, end: number) {
    this.#source = source;
    this.start = start;
    this.end = end;
  }

  get value(): string {
    return this.#source.text.slice(this.start, this.end);
  }

  get position(): Position {
    return positionOf(this.#source, this);
  }
}

/** A plain object: unified takes nothing else for the root of a tree. */
export function createRoot<Dialect extends string, Content>(source: Source, dialect: Dialect, children: Content[]) {
  const { length } = source.text;
  return {
    type: 'root' as const,
    dialect,
    source,
    children,
    start: 0,
    end: length,
    get position(): Position {
      return positionOf(source, { start: 0, end: length });
    },
  };
}

interface Branch<Inner> {
  readonly children: ReadonlyArray<Inner | Comment>;
}

/** Every node below that is no comment, in file order, without recursion. */
export function* walkNodes<Inner extends Branch<Inner>>(tree: Branch<Inner>): Generator<Inner, void, undefined> {
  const open = [{ children: tree.children, next: 0 }];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const child = top.children[top.next++];
    if (!child) open.pop();
    else if ('children' in child) {
      yield child;
      if (child.children.length > 0) open.push({ children: child.children, next: 0 });
    }
  }
}

export function positionOf(source: Source, { start, end }: Span): Position {
  return { start: source.pointAt(start), end: source.pointAt(end) };
}
