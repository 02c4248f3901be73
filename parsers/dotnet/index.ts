/** What .NET is configured and programmed in: XML, C#, VB.NET and PowerShell; text in, tree and problems out. */
import type {
  CodeStatement,
  DirectiveRow,
  DotnetContent,
  DotnetLanguage,
  DotnetRoot,
  Parsed,
  Problem,
  Source,
  XmlElement,
} from '../ast.js';
import { createRoot, walkNodes } from '../nodes.js';
import { createSource, encode } from '../source.js';
import { lexCsharp } from './csharp.js';
import { lexPowershell } from './powershell.js';
import { buildStatements } from './statements.js';
import { lexVisualBasic } from './visual-basic.js';
import { readXml } from './xml.js';

export type {
  CodeStatement,
  CodeWord,
  DotnetContent,
  DotnetLanguage,
  DotnetRoot,
  XmlAttribute,
  XmlElement,
} from '../ast.js';

/** Never throws: what is not well-formed, or never closed, is in `problems`. */
export function parse(input: string | Uint8Array, language: DotnetLanguage): Parsed<DotnetRoot> {
  return parseSource(createSource(input), language);
}

/** `parse` for who has the source already. */
export function parseSource(source: Source, language: DotnetLanguage): Parsed<DotnetRoot> {
  const { children, problems } = READERS[language](source);
  return { tree: Object.assign(createRoot(source, 'dotnet', children), { language }), problems };
}

type Reader = (source: Source) => { children: DotnetContent[]; problems: readonly Problem[] };

const READERS: Record<DotnetLanguage, Reader> = {
  xml: readXml,
  cs: source => readCode(source, 'cs'),
  vb: source => readCode(source, 'vb'),
  powershell: source => readCode(source, 'powershell'),
};

const LEXERS = { cs: lexCsharp, vb: lexVisualBasic, powershell: lexPowershell };

function readCode(source: Source, language: keyof typeof LEXERS) {
  const sink = LEXERS[language](source);
  return { children: buildStatements(sink, language), problems: sink.problems };
}

const ENDINGS: Readonly<Record<string, DotnetLanguage>> = {
  cs: 'cs',
  csx: 'cs',
  vb: 'vb',
  ps1: 'powershell',
  psm1: 'powershell',
  config: 'xml',
};

/** By the ending of its name; XML where that says nothing and the text starts with `<`. */
export function languageOf(path: string, text: string): DotnetLanguage | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  if (Object.hasOwn(ENDINGS, ending)) return ENDINGS[ending];
  return /^\ufeff?\s*</.test(text.slice(0, 1000)) ? 'xml' : undefined;
}

/** Every element or statement in file order. */
export function* directives(tree: DotnetRoot): Generator<DirectiveRow, void, undefined> {
  for (const node of walk(tree)) {
    const { line, column } = tree.source.pointAt(node.start);
    const endLine = tree.source.pointAt(Math.max(node.headEnd - 1, node.start)).line;
    const block = node.type === 'element' ? !node.empty : node.block;
    yield { name: node.name, args: node.args, line, column, endLine, block };
  }
}

/** Every element or statement node in file order, without recursion. */
export function walk(tree: DotnetRoot): Generator<XmlElement | CodeStatement, void, undefined> {
  return walkNodes<XmlElement | CodeStatement>(tree);
}

/** The bytes that were parsed. */
export function stringify(tree: DotnetRoot): Uint8Array {
  return encode(tree.source.text, tree.source.encoding);
}
