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

export function positionOf(source: Source, { start, end }: Span): Position {
  return { start: source.pointAt(start), end: source.pointAt(end) };
}
