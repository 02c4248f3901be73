/**
 * The syntax trees of all dialects: unist nodes whose words are spans of the source text.
 *
 * Offsets are UTF-16 code units, 0-based, half-open; lines and columns are 1-based (unist).
 * `position`, `words` and `args` may be computed on demand: a tree of 400,000 lines must stay small,
 * so read `start` and `end` where offsets are enough.
 */
import type { Literal, Node, Parent, Position } from 'unist';

export type { Node, Parent, Position };

/** A half-open range of offsets into the text of one file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One word as written (`raw`, with its quotes) and as the server sees it (`text`). */
export interface Word extends Span {
  readonly raw: string;
  readonly text: string;
  readonly quote: '' | '"' | "'";
}

/** What every node has beyond unist: its offsets. `position` is always there. */
export interface Spanned extends Node, Span {}

export interface Comment extends Spanned, Literal {
  readonly type: 'comment';
  /** The exact slice, `#` included, line ending excluded. */
  readonly value: string;
}

/**
 * An nginx directive, simple or with a block.
 * `children` holds the comments and directives of its block in file order, and is empty where `block` is false.
 */
export interface NginxDirective extends Spanned, Parent {
  readonly type: 'directive';
  readonly dialect: 'nginx';
  /** Unquoted, case kept: nginx compares names with case. */
  readonly name: string;
  /** Unquoted, without the name. A Lua body is not an argument. */
  readonly args: readonly string[];
  /** Their number, which is known without making them. */
  readonly argCount: number;
  /** `words[0]` is the name; then one word per argument. */
  readonly words: readonly Word[];
  /** A `{ … }` of directives follows. A Lua block is `block: false`, its text is `lua`. */
  readonly block: boolean;
  readonly lua?: Span;
  /** Offset just after the `;` or the `{` that ends the head. */
  readonly headEnd: number;
  /** Comments that stand between the words of the head. */
  readonly headComments: readonly Comment[];
  readonly children: NginxContent[];
}

export type NginxContent = NginxDirective | Comment;

export interface NginxRoot extends Spanned, Parent {
  readonly type: 'root';
  readonly dialect: 'nginx';
  readonly source: Source;
  readonly children: NginxContent[];
}

/** An httpd directive on one logical line (continuations joined). */
export interface ApacheDirective extends Spanned, Parent {
  readonly type: 'directive';
  readonly dialect: 'apache';
  /** As written; compare with `key`. */
  readonly name: string;
  /** `name` in lower case: httpd ignores case in names. */
  readonly key: string;
  /** Arguments as `ap_getword_conf` splits and unquotes them. */
  readonly args: readonly string[];
  readonly words: readonly Word[];
  readonly children: never[];
}

/** `<Name args>` … `</Name>`. `words[0]` is the name. */
export interface ApacheSection extends Spanned, Parent {
  readonly type: 'section';
  readonly dialect: 'apache';
  readonly name: string;
  readonly key: string;
  readonly args: readonly string[];
  readonly words: readonly Word[];
  /** Offset just after the opening line's text (line ending excluded). */
  readonly headEnd: number;
  /** The closing line; absent where the section is never closed. */
  readonly close?: Span;
  readonly children: ApacheContent[];
}

export type ApacheContent = ApacheDirective | ApacheSection | Comment;

export interface ApacheRoot extends Spanned, Parent {
  readonly type: 'root';
  readonly dialect: 'apache';
  readonly source: Source;
  readonly children: ApacheContent[];
}

/** What a file of .NET is written in. */
export type DotnetLanguage = 'xml' | 'cs' | 'vb' | 'powershell';

/** One attribute as written, and its value between the quotes. */
export interface XmlAttribute extends Span {
  /** With its prefix: `xdt:Transform`. */
  readonly name: string;
  /** `raw` has the quotes. */
  readonly value: Word;
}

/** `<name attribute="value">` … `</name>` of a .NET configuration file. */
export interface XmlElement extends Spanned, Parent {
  readonly type: 'element';
  readonly dialect: 'dotnet';
  /** With its prefix; XML compares names with case. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  /** `words[0]` is the name; then one per attribute, `text` being `name=value`. */
  readonly words: readonly Word[];
  readonly args: readonly string[];
  /** Offset just after the `>` of the opening tag. */
  readonly headEnd: number;
  /** `<name/>`. */
  readonly empty: boolean;
  /** The closing tag; absent where the element is empty or never closed. */
  readonly close?: Span;
  readonly children: DotnetContent[];
}

/** One token of a program. */
export interface CodeWord extends Word {
  /** `text`: a string whose value is not all written, since a part of it is computed. */
  readonly kind: 'name' | 'number' | 'string' | 'text' | 'sign';
}

/** What stands between two ends of statements in a program, or before a `{`. */
export interface CodeStatement extends Spanned, Parent {
  readonly type: 'statement';
  readonly dialect: 'dotnet';
  /** The dotted name that it starts with, as written; else its first token. */
  readonly name: string;
  readonly args: readonly string[];
  readonly words: readonly CodeWord[];
  /** A `{ … }` follows, whose statements are `children`. */
  readonly block: boolean;
  /** Offset just after the last token of the head; of a block, after its `{`. */
  readonly headEnd: number;
  readonly children: DotnetContent[];
}

export type DotnetContent = XmlElement | CodeStatement | Comment;

/** A configuration file or a program of .NET. */
export interface DotnetRoot extends Spanned, Parent {
  readonly type: 'root';
  readonly dialect: 'dotnet';
  readonly language: DotnetLanguage;
  readonly source: Source;
  readonly children: DotnetContent[];
}

/** The data of a registry value, as the editor reads it. `bytes` are those of any other type, low byte first. */
export type RegistryData =
  | { readonly kind: 'dword'; readonly value: number }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'hex'; readonly type: number; readonly bytes: readonly number[] }
  | { readonly kind: 'delete' };

/** `"name"=data`, on one line or on several that `\` joins. */
export interface RegistryValue extends Spanned, Parent {
  readonly type: 'value';
  readonly dialect: 'windows';
  /** Unescaped; empty for `@`, the default value of the key. */
  readonly name: string;
  /** `name` in lower case: the registry ignores case. */
  readonly key: string;
  readonly nameSpan: Span;
  /** From just behind the `=`'s blanks to the end of the data, comments excluded. */
  readonly dataSpan: Span;
  readonly data: RegistryData;
  readonly children: never[];
}

/** `[path]` and what stands below it, or `[-path]`, which takes the key away. */
export interface RegistryKey extends Spanned, Parent {
  readonly type: 'section';
  readonly dialect: 'windows';
  /** The path, without brackets and without the `-`. */
  readonly name: string;
  /** `name` in lower case. */
  readonly key: string;
  readonly removes: boolean;
  /** Offset just after the `]`. */
  readonly headEnd: number;
  readonly children: RegistryContent[];
}

export type RegistryContent = RegistryKey | RegistryValue | Comment;

export interface RegistryRoot extends Spanned, Parent {
  readonly type: 'root';
  readonly dialect: 'windows';
  readonly source: Source;
  readonly children: RegistryContent[];
}

/** One row of `entries(tree)`. `data` is a number, a string, `hex(TYPE):` with bytes, or `null` where it is taken away. */
export interface RegistryRow {
  readonly key: string;
  /** Absent for the key's own row. */
  readonly name?: string;
  readonly data?: number | string | null;
  readonly removed?: true;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
}

export type Root = NginxRoot | ApacheRoot | RegistryRoot | DotnetRoot;
/** What stands in any tree. */
export type Content = NginxContent | ApacheContent | RegistryContent | DotnetContent;

/** What the server would refuse while reading the text. */
export interface Problem extends Span {
  /** "Unexpected X, expected Y", code in back-ticks. */
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** The other place of a problem that has two, such as where an unclosed block opened. */
  readonly related?: { readonly message: string; readonly line: number; readonly column: number };
}

export interface Parsed<Tree extends Root> {
  readonly tree: Tree;
  readonly problems: readonly Problem[];
}

/** One row of `directives(tree)`; `line` and `column` are those of the first word, `endLine` that of the head's end. */
export interface DirectiveRow {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly block: boolean;
}

/** The text of one file and how to write it back byte for byte; made by `parsers/source.ts`. */
export interface Source {
  /** The whole text; a BOM stays in it as U+FEFF at offset 0. */
  readonly text: string;
  readonly encoding: 'utf8' | 'latin1' | 'utf16le';
  /** Offset to 1-based line and column; the line table is made at the first call. */
  pointAt(offset: number): { line: number; column: number; offset: number };
  /** 1-based line to the offsets of its text, line ending excluded. */
  lineSpan(line: number): Span;
}
