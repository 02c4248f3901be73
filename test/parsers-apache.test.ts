import test from 'ava';
import fc from 'fast-check';
import { directives, logicalLine, parse, splitWords, stringify, walk } from '../parsers/apache/index.js';

function read(text: string) {
  const { tree, problems } = parse(text);
  const rows = [...directives(tree)].map(row => [row.block ? `<${row.name}>` : row.name, ...row.args]);
  return { rows, problems: problems.map(each => `${each.line}:${each.column} ${each.message}`) };
}

const accepted: Array<[string, string, string[][]]> = [
  ['AP-G1 blanks around a line do not count', '\t A\fb\v \r\n', [['A', 'b']]],
  ['AP-G1 the last line needs no line feed', 'A b', [['A', 'b']]],
  ['AP-G1 a no-break space is a character', 'A\u00a0b', [['A\u00a0b']]],
  ['AP-G2 a backslash joins lines with nothing between', 'A b\\\nc \\\r\nd', [['A', 'bc', 'd']]],
  ['AP-G2 a name may be continued', 'SSL\\\nProtocol all', [['SSLProtocol', 'all']]],
  ['AP-G2 a comment is continued too', '# x \\\nA b\nC d', [['C', 'd']]],
  ['AP-G2 not where a blank follows', 'A b\\ \nC', [['A', 'b\\'], ['C']]],
  ['AP-G3 a hash is a comment at the start of a line alone', ' # c\nA b # c', [['A', 'b', '#', 'c']]],
  ['AP-G4 names keep their case as written', 'sslPROTOCOL all', [['sslPROTOCOL', 'all']]],
  ['AP-G5 quotes hold a word together', 'A "b \\"c\\" \\\\ \\d" \'e f\'', [['A', 'b "c" \\ \\d', 'e f']]],
  ['AP-G5 a name may be quoted', '"A" b', [['A', 'b']]],
  ['AP-G5 a missing closing quote is accepted', 'A "b c', [['A', 'b c']]],
  [
    'AP-G6 sections have arguments',
    '<A b "c d">\nE f\n</a>',
    [
      ['<A>', 'b', 'c d'],
      ['E', 'f'],
    ],
  ],
  ['AP-G6 text behind a closing line is ignored', '<A>\n</A> text', [['<A>']]],
  ['AP-G6 blanks may stand before the bracket', '<A b >\n</A>', [['<A>', 'b']]],
];
for (const [title, text, rows] of accepted) {
  test(title, t => t.deepEqual(read(text), { rows, problems: [] }));
}

const refused: Array<[string, string, string]> = [
  ['a section that is never closed', '<A>\nB c\n', '3:1 Unexpected end of file, expected `</A>`'],
  ['a section closed by another name', '<A>\n<B>\n</A>\n', '3:1 Unexpected `</A>`, expected `</B>`'],
  ['a closing line without a section', 'A b\n</C>\n', '2:1 Unexpected `</C>`, expected a section to close'],
  ['an opening line without its bracket', '<A b\n</A>\n', '1:1 Unexpected end of line, expected `>` of `<A`'],
  ['a closing name without its bracket', '<A>\n</A >\n', '2:1 Unexpected `</A`, expected `>` behind its name'],
  ['a byte order mark', '\ufeff# c\n', '1:1 Unexpected byte order mark, expected a directive'],
];
for (const [title, text, problem] of refused) {
  test(`refused: ${title}`, t => t.is(read(text).problems[0], problem));
}

test('both places of a mismatch are told', t => {
  const { problems } = parse('A b\n<C>\n</D>\n');
  t.like(problems[0], { line: 3, related: { line: 2, column: 1, message: '`<C>` starts here' } });
});

test('a line of 16 MiB is refused, one of 10 MB read', t => {
  t.deepEqual(parse(`A ${'b'.repeat(10_000_000)}`).problems, []);
  t.is(parse(`A ${'b'.repeat(16 * 1024 * 1024)}`).problems.length, 1);
});

test('words point at the source, also across continuations', t => {
  const text = 'A "b c"  d\\\ne f\n';
  const { tree } = parse(text);
  const [node] = [...walk(tree)];
  t.deepEqual(
    node?.words.map(word => [word.raw, word.text]),
    [
      ['A', 'A'],
      ['"b c"', 'b c'],
      ['d\\\ne', 'de'],
      ['f', 'f'],
    ],
  );
  const line = logicalLine(tree.source, node!);
  t.is(line.text, 'A "b c"  de f');
  t.is(text.charAt(line.sourceOffset(line.text.indexOf('e'))), 'e');
});

test('splitWords is ap_getword_conf again and again', t => {
  t.deepEqual(
    splitWords(' a  "b\\" c" d\\\\').map(word => word.text),
    ['a', 'b" c', 'd\\'],
  );
});

test('any text parses, comes back, and its nodes lie inside one another in order', t => {
  const characters = fc.constantFrom(...'aB<>/"\'\\# \t\n\r\f'.split(''), '</a>', '<a>', '\\\n', 'é', '\ufeff');
  const texts = fc.oneof(fc.string({ unit: characters, maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 40 }));
  fc.assert(
    fc.property(texts, text => {
      const { tree, problems } = parse(text);
      for (const { line, column, start, end } of problems) {
        if (line < 1 || column < 1 || start > end || end > text.length) return false;
      }
      let before = 0;
      for (const node of walk(tree)) {
        if (node.start < before || node.end < node.start || node.end > text.length) return false;
        before = node.start;
        for (const word of node.words) {
          if (word.raw !== text.slice(word.start, word.end) || word.start < node.start || word.end > node.end)
            return false;
        }
      }
      return Buffer.from(stringify(tree)).equals(Buffer.from(text, 'utf8'));
    }),
    { numRuns: 3000 },
  );
  t.pass();
});

test('any bytes come back', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => Buffer.compare(stringify(parse(bytes).tree), bytes) === 0),
  );
  t.pass();
});

test('200,000 nested sections', t => {
  const { problems } = parse(`${'<a>\n'.repeat(200_000)}${'</a>\n'.repeat(200_000)}`);
  t.deepEqual(problems, []);
});
