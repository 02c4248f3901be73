/** A tree as other authors would lay it out: other blanks, line endings, continuations, quotes and comments, the same meaning. */
import * as apache from '../../parsers/apache/index.js';
import type { Source, Word } from '../../parsers/ast.js';
import * as nginx from '../../parsers/nginx/index.js';
import { createSource, encode } from '../../parsers/source.js';
import type { Random } from '../fuzz/random.js';

type DialectId = 'nginx' | 'apache';

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What a layout is made with. */
interface Layout {
  readonly random: Random;
  readonly source: Source;
  readonly changes: Change[];
  /** A comment that no other one is like. */
  comment(): string;
}

/** The bytes of the file in another layout; as they are where it does not parse. Comments are numbered by `named`. */
export function relaid(bytes: Uint8Array, dialect: DialectId, random: Random, named: string): Uint8Array {
  const source = createSource(bytes);
  let comments = 0;
  const layout: Layout = { random, source, changes: [], comment: () => `# ${named}${++comments}.` };
  const parsed = dialect === 'nginx' ? relayNginx(layout) : relayApache(layout);
  if (!parsed) return bytes;
  const text = changed(source.text, layout.changes);
  // To nginx, a backslash before a line ending is a part of a word, with one character behind it.
  const ends = oneIn(random, 4) && (dialect === 'apache' || !text.includes('\\\n'));
  return encode(ends ? text.replace(/\r?\n/g, '\r\n') : text, source.encoding);
}

function changed(text: string, changes: readonly Change[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, text: put } of [...changes].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) continue;
    pieces.push(text.slice(at, start), put);
    at = end;
  }
  return pieces.join('') + text.slice(at);
}

function oneIn(random: Random, times: number): boolean {
  return random.below(times) === 0;
}

function relayNginx(layout: Layout): boolean {
  const { random, source, changes, comment } = layout;
  const { text } = source;
  const { tree, problems } = nginx.parse(encode(text, source.encoding));
  if (problems.length > 0) return false;
  const gaps = () => random.pick([' ', '   ', '\t', '\n      ', '\r\n\t', ` ${comment()}\n   `, `\n${comment()}\n `]);
  for (const { words, headEnd } of nginx.walk(tree)) {
    putBetween(layout, words, gaps);
    for (const word of words.slice(1)) quote(layout, word);
    const last = words.at(-1)!;
    const isPlain = text.slice(last.end, headEnd - 1).trim() === '' && last.end < headEnd;
    if (isPlain && oneIn(random, 8)) changes.push({ start: last.end, end: headEnd - 1, text: gaps() });
    const rest = text.slice(headEnd, text.indexOf('\n', headEnd));
    if (rest.trim() === '' && oneIn(random, 8)) changes.push({ start: headEnd, end: headEnd, text: ` ${comment()}` });
  }
  return true;
}

function relayApache(layout: Layout): boolean {
  const { random, source, changes, comment } = layout;
  const { text } = source;
  const { tree, problems } = apache.parse(encode(text, source.encoding));
  if (problems.length > 0) return false;
  const gaps = () => random.pick([' ', '   ', '\t', ' \\\n', ' \\\n    ', '\\\n ', ' \\\r\n\t', ' \\\n \\\n']);
  for (const node of apache.walk(tree)) {
    putBetween(layout, node.words, gaps);
    if (node.key.startsWith('ssl')) for (const word of node.words.slice(1)) quote(layout, word);
    const end = node.type === 'section' ? node.headEnd : node.end;
    if (text[end] === '\n' && oneIn(random, 8))
      changes.push({ start: end, end, text: random.pick([' ', '\t', ' \\\n']) });
    const line = text.lastIndexOf('\n', node.start - 1) + 1;
    const opens = text.slice(line, node.start).trim() === '' && !text.slice(0, line).endsWith('\\\n');
    if (opens && oneIn(random, 8)) {
      changes.push({ start: line, end: line, text: `${comment()}${random.pick(['', '\\\n', ' \\\n x'])}\n` });
    }
  }
  return true;
}

function putBetween({ random, source, changes }: Layout, words: readonly Word[], gaps: () => string): void {
  for (const [index, { start }] of words.entries()) {
    const before = words[index - 1];
    if (!before || !oneIn(random, 3)) continue;
    const gap = source.text.slice(before.end, start);
    if (gap !== '' && gap.trim() === '') changes.push({ start: before.end, end: start, text: gaps() });
  }
}

function quote({ random, changes }: Layout, { start, end, raw }: Word): void {
  if (!oneIn(random, 8) || !/^[\w.:/+-]+$/.test(raw)) return;
  const mark = random.pick(['"', "'"]);
  changes.push({ start, end, text: mark + raw + mark });
}
