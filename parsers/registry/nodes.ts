/** The nodes of the registry tree: offsets in fields, positions computed from the source when they are asked for. */
import type { Position, RegistryContent, RegistryData, RegistryKey, RegistryValue, Source, Span } from '../ast.js';
import { NO_CHILDREN, positionOf } from '../nodes.js';

/** A class for its prototype: a getter there costs no memory in a large tree. */
export class ValueNode implements RegistryValue {
  readonly type = 'value' as const;
  readonly dialect = 'windows' as const;
  readonly name: string;
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly nameSpan: Span;
  readonly dataSpan: Span;
  readonly data: RegistryData;
  readonly children = NO_CHILDREN;
  readonly #source: Source;

  constructor(source: Source, name: string, nameSpan: Span, dataSpan: Span, data: RegistryData) {
    this.#source = source;
    this.name = name;
    this.key = name.toLowerCase();
    this.start = nameSpan.start;
    this.end = dataSpan.end;
    this.nameSpan = nameSpan;
    this.dataSpan = dataSpan;
    this.data = data;
  }

  get position(): Position {
    return positionOf(this.#source, this);
  }
}

export class KeyNode implements RegistryKey {
  readonly type = 'section' as const;
  readonly dialect = 'windows' as const;
  readonly name: string;
  readonly key: string;
  readonly removes: boolean;
  readonly start: number;
  readonly headEnd: number;
  end: number;
  readonly children: RegistryContent[] = [];
  readonly #source: Source;

  constructor(source: Source, name: string, removes: boolean, start: number, headEnd: number) {
    this.#source = source;
    this.name = name;
    this.key = name.toLowerCase();
    this.removes = removes;
    this.start = start;
    this.headEnd = headEnd;
    this.end = headEnd;
  }

  get position(): Position {
    return positionOf(this.#source, this);
  }
}
