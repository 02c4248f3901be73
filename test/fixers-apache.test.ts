import test from 'ava';
import fc from 'fast-check';
import {
  type ApachePlace,
  type ApacheScope,
  insertDirective,
  removeDirective,
  replaceArgs,
  replaceSpan,
  replaceWord,
  writeWord,
} from '../fixers/apache.js';
import { applyEdits, comparePlaces } from '../fixers/apply.js';
import type { Edit } from '../fixers/edit.js';
import { parse, walk } from '../parsers/apache/index.js';
import type { ApacheDirective, ApacheRoot, ApacheSection } from '../parsers/ast.js';
import { runs } from './helpers/properties.js';

function treeOf(text: string): ApacheRoot {
  const { tree, problems } = parse(text);
  if (problems.length > 0) throw new Error(`${problems[0]!.message} in ${JSON.stringify(text)}`);
  return tree;
}

/** The first directive or section of that name, in file order. */
function find(root: ApacheRoot, name: string): ApacheDirective | ApacheSection {
  for (const node of walk(root)) if (node.key === name) return node;
  throw new Error(`no ${name}`);
}

/** The text after the edits; what comes out must be read without a problem. */
function after(text: string, edits: Edit[]): string {
  const out = applyEdits(text, [...edits].sort(comparePlaces));
  treeOf(out);
  return out;
}

function args(text: string, values: string[], options = {}): string {
  const root = treeOf(text);
  return after(text, replaceArgs('f', root.source, find(root, 'p'), values, options));
}

const ARGS: [title: string, before: string, values: string[], expected: string][] = [
  ['words follow the last', 'P all -SSLv3\n', ['all', '-SSLv3', '-A', '-B'], 'P all -SSLv3 -A -B\n'],
  ['a word goes with the blank before it', 'P all  -A  -B\n', ['all', '-B'], 'P all  -B\n'],
  ['nothing kept: in place', 'P  A B\n', ['-all', '+C'], 'P  -all +C\n'],
  ['the order is kept', 'P +C\n', ['-all', '+C'], 'P -all +C\n'],
  ['trailing blanks stay', 'P all \t\n', ['all', '-A'], 'P all -A \t\n'],
  ['CRLF', 'P all -A\r\nQ x\r\n', ['all', '-B'], 'P all -B\r\nQ x\r\n'],
  ['no final line ending', 'P all', ['all', '-A'], 'P all -A'],
  ['a continued line', 'P all \\\n  -A \\\n  -B\nQ x\n', ['all', '-B'], 'P all \\\n  -B\nQ x\n'],
  ['a continued line, the last goes', 'P all \\\n  -A \\\n  -B\nQ x\n', ['all', '-A'], 'P all \\\n  -A\nQ x\n'],
  ['a continued line, one more', 'P all \\\n  -A\nQ x\n', ['all', '-A', '-B'], 'P all \\\n  -A \\\n  -B\nQ x\n'],
  ['a continued line, CRLF', 'P all \\\r\n -A\r\nQ x\r\n', ['all'], 'P all\r\nQ x\r\n'],
  ['a word in two lines', 'P all -\\\nA -B\n', ['all', '-B'], 'P all -B\n'],
  ['a word in two lines stays', 'P all -\\\nA -B\n', ['all', '-A'], 'P all -\\\nA\n'],
  ['quotes stay', `P "all" '-A' -B\n`, ['all', '-A'], `P "all" '-A'\n`],
  ['quotes of the word whose place is taken', 'P "-A"\n', ['-B'], 'P "-B"\n'],
  ['glued quoted words, the first goes', 'P "a"b\n', ['b'], 'P b\n'],
  ['glued quoted words, one between', 'P "a"b\n', ['a', 'c', 'b'], 'P "a" c b\n'],
  ['a quote that the end of the line closes', 'P "all\n', ['all', '-A'], 'P "all" -A\n'],
  ['a section', '<P a:1 b:2>\n</P>\n', ['a:1', 'b:3'], '<P a:1 b:3>\n</P>\n'],
  ['a section, one more', '<P a:1>\n</P>\n', ['a:1', 'b:2'], '<P a:1 b:2>\n</P>\n'],
];

for (const [title, before, values, expected] of ARGS) {
  test(`replaceArgs: ${title}`, t => t.is(args(before, values), expected));
}

test('replaceArgs without order keeps that of the file', t => {
  t.is(args('P B A\n', ['A', 'B', 'C'], { ordered: false }), 'P B A C\n');
  t.is(args('P b A\n', ['A', 'B'], { ordered: false, ignoreCase: true }), 'P b A\n');
});

test('replaceArgs gives just the wanted words, whatever stands between', t => {
  const value = fc.constantFrom('A', 'B', 'all', 'a b', '', '#x', '${v}', 'q"q', "q'q", '\\', 'a\\nb', '"', "'");
  const gap = fc.constantFrom(' ', '  ', '\t', ' \\\n', '\\\n  ', ' \\\r\n\t', '\f');
  const quote = fc.constantFrom<'' | '"' | "'">('', '"', "'");
  const row = fc.record({
    words: fc.array(fc.tuple(gap, value, quote), { maxLength: 6 }),
    tail: fc.constantFrom('', '\n', ' \n', '\r\nQ x\r\n', '\n# c\n', ' \\\n\nQ x\n'),
    wanted: fc.array(value, { maxLength: 5 }),
    ordered: fc.boolean(),
  });
  fc.assert(
    fc.property(row, ({ words, tail, wanted, ordered }) => {
      const text = `P${words.map(([blank, word, mark]) => blank + writeWord(word, mark)).join('')}${tail}`;
      const root = treeOf(text);
      const node = find(root, 'p');
      t.deepEqual(
        [...node.args],
        words.map(([, word]) => word),
      );
      const out = after(text, replaceArgs('f', root.source, node, wanted, { ordered }));
      const got = [...find(treeOf(out), 'p').args];
      const [left, right] = ordered ? [got, wanted] : [got.sort(), [...wanted].sort()];
      if (left.join('\n') !== right.join('\n')) throw new Error(`${JSON.stringify(text)} → ${JSON.stringify(out)}`);
      t.is(treeOf(out).children.length, root.children.length);
    }),
    { numRuns: runs(10_000) },
  );
});

test('writeWord and the parser agree on any value without a line ending', t => {
  const value = fc.string({ maxLength: 12, unit: 'binary-ascii' }).map(text => text.replace(/[\n\0]/g, ''));
  fc.assert(
    fc.property(value, fc.constantFrom<'' | '"' | "'">('', '"', "'"), (text, quote) => {
      const node = find(treeOf(`P ${writeWord(text, quote)} end\n`), 'p');
      t.deepEqual([...node.args], [text, 'end']);
    }),
    { numRuns: runs(5000) },
  );
});

test('replaceWord and replaceSpan change the value of a Define', t => {
  const text = 'Define p "all -SSLv3"\nDefine q x\n';
  const root = treeOf(text);
  const word = find(root, 'define').words[2]!;
  t.is(after(text, replaceWord('f', word, 'all -SSLv3 -A')), 'Define p "all -SSLv3 -A"\nDefine q x\n');
  t.deepEqual(replaceWord('f', word, 'all -SSLv3'), []);
  const end = word.end - 1;
  t.is(after(text, replaceSpan('f', { start: end, end }, ' -A')), 'Define p "all -SSLv3 -A"\nDefine q x\n');
});

const REMOVALS: [title: string, before: string, expected: string][] = [
  ['with its line', 'A x\n  P x\nB x\n', 'A x\nB x\n'],
  ['with its CRLF', 'A x\r\n  P x\r\nB x\r\n', 'A x\r\nB x\r\n'],
  ['with the lines that continue it', 'A x\n  P x \\\n   y \\\n   z\nB x\n', 'A x\nB x\n'],
  ['the last of a file without a final line ending', 'A x\n  P x', 'A x'],
  ['all there is', 'P x', ''],
  ['a section', 'A x\n<P y>\n  Q x\n</P>\nB x\n', 'A x\nB x\n'],
  ['not the line behind a backslash that a NUL hides from httpd', 'A x\nP x\0\\\nB x\n', 'A x\nB x\n'],
  ['not the comment above it', '# c\nP x\nB x\n', '# c\nB x\n'],
];

for (const [title, before, expected] of REMOVALS) {
  test(`removeDirective: ${title}`, t => {
    const root = treeOf(before);
    t.is(after(before, removeDirective('f', root.source, find(root, 'p'))), expected);
  });
}

function insert(before: string, place: (root: ApacheRoot) => ApachePlace, ...statements: string[]): string {
  const root = treeOf(before);
  return after(before, insertDirective('f', root.source, place(root), ...statements));
}

const scopeOf = (root: ApacheRoot, name: string) => (name === '' ? root : find(root, name)) as ApacheScope;
const behind = (name: string) => (root: ApacheRoot) => ({ after: find(root, name) });
const ahead = (name: string) => (root: ApacheRoot) => ({ before: find(root, name) });
const firstIn = (name: string) => (root: ApacheRoot) => ({ first: scopeOf(root, name) });
const lastIn = (name: string) => (root: ApacheRoot) => ({ last: scopeOf(root, name) });

const INSERTIONS: [title: string, before: string, place: (root: ApacheRoot) => ApachePlace, expected: string][] = [
  ['after, with its indentation', '<S>\n\tA x\n\tB x\n</S>\n', behind('a'), '<S>\n\tA x\n\tN y\n\tB x\n</S>\n'],
  ['after, with its line ending', '<S>\r\n  A x\r\n</S>\r\n', behind('a'), '<S>\r\n  A x\r\n  N y\r\n</S>\r\n'],
  ['after a continued line', 'A x \\\n  y\nB x\n', behind('a'), 'A x \\\n  y\nN y\nB x\n'],
  ['after a line that an empty one ends', 'A x \\\n\nB x\n', behind('a'), 'A x \\\n\nN y\nB x\n'],
  ['after a backslash at the end of the file', 'A x \\', behind('a'), 'A x \\\n\nN y'],
  ['after a backslash that a NUL hides from httpd', 'A x\0\\\nB x\n', behind('a'), 'A x\0\\\nN y\nB x\n'],
  ['after a section', '  <S>\n  </S>\n', behind('s'), '  <S>\n  </S>\n  N y\n'],
  ['after the last without a final line ending', 'A x', behind('a'), 'A x\nN y'],
  ['before, with its indentation', '<S>\n  A x\n</S>\n', ahead('a'), '<S>\n  N y\n  A x\n</S>\n'],
  ['first', '<S>\n  A x\n</S>\n', firstIn('s'), '<S>\n  N y\n  A x\n</S>\n'],
  ['first in an empty section', '  <S>\n  </S>\n', firstIn('s'), '  <S>\n    N y\n  </S>\n'],
  ['first in an empty section at the margin', '<S>\n</S>\n', firstIn('s'), '<S>\n    N y\n</S>\n'],
  ['first, behind a continued head', '<S a \\\n b>\n  A x\n</S>\n', firstIn('s'), '<S a \\\n b>\n  N y\n  A x\n</S>\n'],
  ['last', '<S>\n  A x\n\n  # end\n</S>\n', lastIn('s'), '<S>\n  A x\n\n  # end\n  N y\n</S>\n'],
  [
    'last, behind a comment that is continued',
    '<S>\n  # c \\\n d\n</S>\n',
    lastIn('s'),
    '<S>\n  # c \\\n d\n  N y\n</S>\n',
  ],
  ['last in an empty section', '<S>\n</S>\n', lastIn('s'), '<S>\n    N y\n</S>\n'],
  [
    'first in the file, above the comment of the first',
    '# head\n\n# c\nA x\n',
    firstIn(''),
    '# head\n\nN y\n# c\nA x\n',
  ],
  ['first in a file of comments', '# c\n', firstIn(''), '# c\nN y\n'],
  ['first in a file of comments without a final line ending', '# c', firstIn(''), '# c\nN y'],
  ['first in an empty file', '', firstIn(''), 'N y\n'],
  ['last in the file', 'A x\n', lastIn(''), 'A x\nN y\n'],
];

for (const [title, before, place, expected] of INSERTIONS) {
  test(`insertDirective: ${title}`, t => t.is(insert(before, place, 'N y'), expected));
}

test('insertDirective takes several statements as one edit', t => {
  t.is(insert('<S>\n  A x\n</S>\n', behind('a'), 'N y', 'M z'), '<S>\n  A x\n  N y\n  M z\n</S>\n');
  t.is(insert('A x\n', ahead('a'), 'N y', 'M z'), 'N y\nM z\nA x\n');
  t.is(insert('A x\n', ahead('a')), 'A x\n');
});
