import test from 'ava';
import fc from 'fast-check';
import { applyEdits, comparePlaces } from '../fixers/apply.js';
import type { Edit } from '../fixers/edit.js';
import {
  insertDirective,
  type NginxPlace,
  type NginxScope,
  removeDirective,
  replaceArgs,
  replaceWord,
  writeWord,
} from '../fixers/nginx.js';
import type { NginxContent, NginxDirective, NginxRoot } from '../parsers/ast.js';
import { parse } from '../parsers/nginx/index.js';
import { runs } from './helpers/properties.js';

function treeOf(text: string): NginxRoot {
  const { tree, problems } = parse(text);
  if (problems.length > 0) throw new Error(`${problems[0]!.message} in ${JSON.stringify(text)}`);
  return tree;
}

/** The first directive of that name, in file order. */
function find(root: NginxRoot, name: string): NginxDirective {
  const open: NginxContent[] = [...root.children].reverse();
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.type !== 'directive') continue;
    if (node.name === name) return node;
    open.push(...[...node.children].reverse());
  }
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
  ['a word goes with the blank before it', 'p A B C;', ['B', 'C'], 'p B C;'],
  ['the last word goes', 'p A B C;', ['A', 'B'], 'p A B;'],
  ['spacing and the comment beside it stay', 'p A B C;  # why', ['C'], 'p C;  # why'],
  ['a new word follows the last kept one', 'p A B;', ['B', 'C'], 'p B C;'],
  ['a new word takes the place of one that goes behind', 'p A B;', ['A', 'C'], 'p A C;'],
  ['kept words keep their order', 'p C B A;', ['A', 'C'], 'p C A;'],
  ['nothing kept: the first word is replaced in place', 'p   A  B;', ['C', 'D'], 'p   C  D;'],
  ['the separator is the one from before', 'p A\tB;', ['A', 'B', 'C'], 'p A\tB\tC;'],
  ['alignment behind the name is no separator', 'p      A;', ['A', 'B'], 'p      A B;'],
  ['quotes of kept words stay', `p "A" 'B' C;`, ['A', 'B'], `p "A" 'B';`],
  ['a value takes the quotes of the word it replaces', 'p "A:B";', ['A'], 'p "A";'],
  ['one word per line', 'p A\n  B\n  C;', ['A', 'C'], 'p A\n  C;'],
  ['one word per line, one more', 'p A\n  B;', ['A', 'B', 'C'], 'p A\n  B\n  C;'],
  ['a repeated word goes once for each', 'p A A B;', ['A', 'B'], 'p A B;'],
  ['a comment between words stays where it is', 'p A # a\n  B # b\n  C;', ['B', 'C'], 'p # a\n  B # b\n  C;'],
  ['a word behind a comment, first on its line', 'p A # a\n  B C;', ['A', 'C'], 'p A # a\n  C;'],
  ['two words behind a comment', 'p A # a\n  B C D;', ['A', 'D'], 'p A # a\n  D;'],
  ['the last word, behind a comment', 'p A # a\n  B;\nq x;', ['A'], 'p A; # a\nq x;'],
  ['the last words, behind comments', 'p A # a\n  B # b\n  C;\n', ['A'], 'p A; # a\n  # b\n'],
  ['the last word behind a comment, another directive behind', 'p A # a\n  B; q x;', ['A'], 'p A; # a\n  q x;'],
  ['the last word behind a comment, a comment behind', 'p A # a\n  B; # b\n', ['A'], 'p A; # a\n  # b\n'],
  ['a lone semicolon that was there stays', 'p A # a\n  B # b\n  ;', ['A'], 'p A # a\n  # b\n  ;'],
  ['the last word replaced behind a comment', 'p A # a\n  B;', ['A', 'C'], 'p A # a\n  C;'],
  ['all words go', 'p A # a\n B;', [], 'p # a\n;'],
  ['CRLF', 'p A\r\n  B\r\n  C;\r\n', ['A', 'B', 'D'], 'p A\r\n  B\r\n  D;\r\n'],
  ['a block keeps its brace', 'p A B { q x; }', ['B'], 'p B { q x; }'],
  ['nothing to do', 'p A B;', ['B', 'A'], 'p A B;'],
  ['a comment that ends with a backslash', 'p A # c\\\n B;', ['A', 'B', 'C'], 'p A # c\\\n B\n C;'],
  ['a comment that ends with a backslash, CRLF', 'p A # c\\\r\n B;', ['A', 'B', 'C'], 'p A # c\\\r\n B\r\n C;'],
  ['words that need quotes get them', 'p A;', ['a b'], 'p "a b";'],
];

for (const [title, before, values, expected] of ARGS) {
  test(`replaceArgs: ${title}`, t => t.is(args(before, values), expected));
}

test('replaceArgs takes words for the same without case where asked', t => {
  t.is(args('p a B;', ['A', 'C'], { ignoreCase: true }), 'p a C;');
  t.is(args('p a B;', ['A', 'C']), 'p A C;');
});

test('replaceArgs keeps the order where it has a meaning', t => {
  t.is(args('p A B C;', ['C', 'A'], { ordered: true }), 'p C A;');
  t.is(args('p A C;', ['A', 'B', 'C'], { ordered: true }), 'p A B C;');
});

test('replaceArgs gives just the wanted words, whatever stands between', t => {
  const value = fc.constantFrom(
    'A',
    'B',
    'C',
    'a b',
    '',
    '#x',
    '}',
    'x{y',
    '$v',
    '${v}',
    'q"q',
    "q'q",
    '\\',
    'a\\nb',
    ';',
  );
  const gap = fc.constantFrom(' ', '  ', '\t', '\n', '\r\n  ', ' # c\n', '\n  # c\n  # d\n  ');
  const quote = fc.constantFrom<'' | '"' | "'">('', '"', "'");
  const row = fc.record({
    words: fc.array(fc.tuple(gap, value, quote), { maxLength: 6 }),
    end: fc.constantFrom('', ' ', '\n', ' # e\n'),
    tail: fc.constantFrom(';', '; # t\n', ';q x;', ' ;\n', ' { q x; }'),
    wanted: fc.array(value, { maxLength: 5 }),
    ordered: fc.boolean(),
  });
  fc.assert(
    fc.property(row, ({ words, end, tail, wanted, ordered }) => {
      const text = `p${words.map(([blank, word, mark]) => blank + writeWord(word, mark)).join('')}${end}${tail}`;
      const root = treeOf(text);
      const node = find(root, 'p');
      const before = words.map(([, word]) => word);
      t.deepEqual([...node.args], before);
      const out = after(text, replaceArgs('f', root.source, node, wanted, { ordered }));
      const got = [...find(treeOf(out), 'p').args];
      if (ordered) t.deepEqual(got, wanted, `${JSON.stringify(text)} → ${JSON.stringify(out)}`);
      else t.deepEqual(got.sort(), [...wanted].sort(), `${JSON.stringify(text)} → ${JSON.stringify(out)}`);
      if (comments(out) !== comments(text)) throw new Error(`${JSON.stringify(text)} → ${JSON.stringify(out)}`);
      t.is(directives(treeOf(out)), directives(root));
    }),
    { numRuns: runs(10_000) },
  );

  function directives(root: NginxRoot): number {
    return root.children.filter(child => child.type === 'directive').length;
  }

  /** Each comment of these texts is one letter. */
  function comments(text: string): number {
    return text.split(/# [a-z](?=\r?\n|$)/).length;
  }
});

test('writeWord and the parser agree on any value', t => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 12, unit: 'binary-ascii' }),
      fc.constantFrom<'' | '"' | "'">('', '"', "'"),
      (value, quote) => {
        const node = find(treeOf(`p ${writeWord(value, quote)};`), 'p');
        t.deepEqual([...node.args], [value]);
      },
    ),
    { numRuns: runs(5000) },
  );
});

test('replaceWord keeps the quotes', t => {
  const root = treeOf(`p 'a:b' c;`);
  const words = find(root, 'p').words;
  t.is(after(root.source.text, replaceWord('f', words[1]!, `it's`)), `p 'it\\'s' c;`);
  t.is(after(root.source.text, replaceWord('f', words[2]!, 'd e')), `p 'a:b' "d e";`);
  t.deepEqual(replaceWord('f', words[2]!, 'c'), []);
});

const REMOVALS: [title: string, before: string, expected: string][] = [
  ['with its line', 'a;\n  p x;\nb;\n', 'a;\nb;\n'],
  ['with its CRLF', 'a;\r\n  p x;\r\nb;\r\n', 'a;\r\nb;\r\n'],
  ['the last line of a file without a final line ending', 'a;\nb;\n  p x;', 'a;\nb;'],
  ['the last line without a final line ending, CRLF', 'a;\r\nb;\r\n  p x;', 'a;\r\nb;'],
  ['the last line without a final line ending, in a text of both', 'a;\r\nb;\n  p x;', 'a;\r\nb;'],
  ['the second line, without a final line ending', 'a;\r\np x;', 'a;'],
  ['all there is', 'p x;', ''],
  ['all there is, with a line ending', 'p x;\n', ''],
  ['blanks behind it too', 'a;\np x;  \t\nb;\n', 'a;\nb;\n'],
  ['not the comment beside it', 'a;\n  p x; # why\nb;\n', 'a;\n  # why\nb;\n'],
  ['not what stands before it', 'a; p x;\nb;\n', 'a;\nb;\n'],
  ['not what stands behind it', '  p x; b;\n', '  b;\n'],
  ['in a block on one line', 's { listen 443 ssl; p x; }', 's { listen 443 ssl; }'],
  ['first in a block on one line', 's { p x; b; }', 's { b; }'],
  ['alone in a block on one line', 's { p x; }', 's { }'],
  ['glued', 's {a;p x;b;}', 's {a;b;}'],
  ['over several lines', 's {\n  a;\n  p x\n    y;\n  b;\n}\n', 's {\n  a;\n  b;\n}\n'],
  ['a block', 'a;\np {\n  x;\n}\nb;\n', 'a;\nb;\n'],
  ['comments inside its head stay', '  p # one\n    x # two\n    y;\nb;\n', '  # one\n  # two\nb;\n'],
  ['comments inside its head stay apart from what follows', '  p # one\n x; b;', '  # one\n   b;'],
];

for (const [title, before, expected] of REMOVALS) {
  test(`removeDirective: ${title}`, t => {
    const root = treeOf(before);
    t.is(after(before, removeDirective('f', root.source, find(root, 'p'))), expected);
  });
}

function insert(before: string, place: (root: NginxRoot) => NginxPlace, ...statements: string[]): string {
  const root = treeOf(before);
  return after(before, insertDirective('f', root.source, place(root), ...statements));
}

const behind = (name: string, scope: string) => (root: NginxRoot) => ({
  after: find(root, name),
  scope: scope === '' ? root : find(root, scope),
});
const ahead = (name: string) => (root: NginxRoot) => ({ before: find(root, name) });
const scopeOf = (root: NginxRoot, name: string): NginxScope => (name === '' ? root : find(root, name));
const firstIn = (name: string) => (root: NginxRoot) => ({ first: scopeOf(root, name) });
const lastIn = (name: string) => (root: NginxRoot) => ({ last: scopeOf(root, name) });

const INSERTIONS: [title: string, before: string, place: (root: NginxRoot) => NginxPlace, expected: string][] = [
  ['after, with its indentation', 's {\n\ta;\n\tb;\n}\n', behind('a', 's'), 's {\n\ta;\n\tn;\n\tb;\n}\n'],
  ['after, with its line ending', 's {\r\n  a;\r\n}\r\n', behind('a', 's'), 's {\r\n  a;\r\n  n;\r\n}\r\n'],
  ['after the comment beside it', 's {\n  a; # why\n}\n', behind('a', 's'), 's {\n  a; # why\n  n;\n}\n'],
  ['after, over several lines', 's {\n  a x\n     y;\n}\n', behind('a', 's'), 's {\n  a x\n     y;\n  n;\n}\n'],
  ['after a block', 's {\n  a {\n    x;\n  }\n}\n', behind('a', 's'), 's {\n  a {\n    x;\n  }\n  n;\n}\n'],
  ['after, in a block on one line', 's { a; b; }', behind('a', 's'), 's { a; n; b; }'],
  ['after the last in a block on one line', 's { a; }', behind('a', 's'), 's { a; n; }'],
  ['after, glued', 's {a;}', behind('a', 's'), 's {a; n;}'],
  ['after, with the brace behind', 's {\n  a;\n  b; }\n', behind('b', 's'), 's {\n  a;\n  b; n; }\n'],
  ['after, on the line of the brace', 's { a;\n    b;\n}\n', behind('a', 's'), 's { a;\n    n;\n    b;\n}\n'],
  ['after the last line without an ending', 'a;', behind('a', ''), 'a;\nn;'],
  ['after the last line with an ending', 'a;\n', behind('a', ''), 'a;\nn;\n'],
  ['before, with its indentation', 's {\n  a;\n}\n', ahead('a'), 's {\n  n;\n  a;\n}\n'],
  ['before, in a block on one line', 's { a; }', ahead('a'), 's { n; a; }'],
  ['first', 's {\n  a;\n}\n', firstIn('s'), 's {\n  n;\n  a;\n}\n'],
  ['first, after the comment beside the brace', 's { # c\n  a;\n}\n', firstIn('s'), 's { # c\n  n;\n  a;\n}\n'],
  ['first, in a block on one line', 's { a; }', firstIn('s'), 's { n; a; }'],
  ['first, glued', 's {a;}', firstIn('s'), 's { n; a;}'],
  ['first in an empty block', 's {}', firstIn('s'), 's { n; }'],
  ['first in an empty block with a blank', 's { }', firstIn('s'), 's { n; }'],
  ['first in an empty block of two lines', 's {\n}\n', firstIn('s'), 's {\n    n;\n}\n'],
  ['first, one step in as elsewhere', 'h {\n  s {\n  }\n}\n', firstIn('s'), 'h {\n  s {\n    n;\n  }\n}\n'],
  ['first, one tab in as elsewhere', 'h {\n\ts {\n\t}\n}\n', firstIn('s'), 'h {\n\ts {\n\t\tn;\n\t}\n}\n'],
  ['first in the file', 'a;\n', firstIn(''), 'n;\na;\n'],
  ['first in the file, above the comment of the first', '# head\n\n# c\na;\n', firstIn(''), '# head\n\nn;\n# c\na;\n'],
  ['first in a file of comments', '# c\n', firstIn(''), '# c\nn;\n'],
  ['first in a file of comments without a final line ending', '# c', firstIn(''), '# c\nn;'],
  ['first in an empty file', '', firstIn(''), 'n;\n'],
  ['last', 's {\n  a;\n\n  # end\n}\n', lastIn('s'), 's {\n  a;\n\n  # end\n  n;\n}\n'],
  ['last in an empty block', 's {\n}\n', lastIn('s'), 's {\n    n;\n}\n'],
  ['last in the file', 'a;\n', lastIn(''), 'a;\nn;\n'],
  ['last in a block that ends with a comment on one line', 's { a; # c\n}\n', lastIn('s'), 's { a; # c\n    n;\n}\n'],
];

for (const [title, before, place, expected] of INSERTIONS) {
  test(`insertDirective: ${title}`, t => t.is(insert(before, place, 'n;'), expected));
}

test('insertDirective takes several statements as one edit', t => {
  t.is(insert('s {\n  a;\n}\n', behind('a', 's'), 'n;', 'm;'), 's {\n  a;\n  n;\n  m;\n}\n');
  t.is(insert('s { a; }', firstIn('s'), 'n;', 'm;'), 's { n; m; a; }');
  t.is(insert('a;\n', ahead('a'), 'n;', 'm;'), 'n;\nm;\na;\n');
  t.is(insert('a;\n', ahead('a')), 'a;\n');
});
