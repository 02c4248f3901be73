import test from 'ava';
import fc from 'fast-check';
import { directives, logicalLine, parse, splitWords, stringify, walk } from '../parsers/apache/index.js';
import { runs } from './helpers/properties.js';

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
  ['AP-G6 the last bracket ends the arguments', '<A "b>c" d> e\n</A>', [['<A>', 'b>c', 'd']]],
  ['AP-G6 a section without arguments needs no bracket', '<If\n</If>', [['<If>']]],
  ['AP-G6 a second section on a line is text', '<A b></A>\n</A>', [['<A>', 'b></A']]],
  ['AP-G6 a quoted name opens and closes a section', '"<A" b>\nC\n"</A>"', [['<A>', 'b'], ['C']]],
  ['AP-G6 a bracket behind a name does not belong to it', 'A> b', [['A', 'b']]],
  ['AP-G5 an empty name is nothing', '"" b\nC', [['C']]],
  ['AP-G5 a quote inside a word is a character', 'A b"c d', [['A', 'b"c', 'd']]],
  ['AP-G5 a word may begin right behind a closing quote', 'A "b"c', [['A', 'b', 'c']]],
  ['AP-G3 a quoted hash is a name', '"#" b', [['#', 'b']]],
  ['AP-G2 a backslash at the end of the file stays', 'A b\\', [['A', 'b\\']]],
  ['AP-G2 a second backslash does not protect the first', 'A b\\\\\nc', [['A', 'b\\c']]],
  ['AP-G2 CRLF is continued as LF is', 'A b\\\r\nc\r\nD', [['A', 'bc'], ['D']]],
  ['AP-G2 blank edges may be continued', ' \\\n A b \\\n \nC', [['A', 'b'], ['C']]],
  ['a line ends at a NUL', 'A b\0 c\\\nD', [['A', 'b'], ['D']]],
  [
    'a macro may open what another closes',
    '<Macro m>\n<A>\n</Macro>\n<Macro n>\n</A>\n</Macro>',
    [['<Macro>', 'm'], ['<A>'], ['<Macro>', 'n']],
  ],
  [
    'a macro body ends at its own end',
    '<Macro m>\n<Macro n>\n</Macro>\nB\n</Macro>\nC',
    [['<Macro>', 'm'], ['<Macro>', 'n'], ['B'], ['C']],
  ],
  ['Perl is not configuration', '<Perl>\n# x\n$a <=> "b";\n<A>\n</Perl>\nB', [['<Perl>'], ['B']]],
  ['Lua is not configuration', '<LuaHookFixups f>\nreturn 1\n</LuaHookFixups>\nB', [['<LuaHookFixups>', 'f'], ['B']]],
];
for (const [title, text, rows] of accepted) {
  test(title, t => t.deepEqual(read(text), { rows, problems: [] }));
}

const refused: Array<[string, string, string]> = [
  ['a section that is never closed', '<A>\nB c\n', '3:1 Unexpected end of file, expected `</A>`'],
  ['a section closed by another name', '<A>\n<B>\n</A>\n', '3:1 Unexpected `</A>`, expected `</B>`'],
  ['a closing line without a section', 'A b\n</C>\n', '2:1 Unexpected `</C>`, expected a section to close'],
  ['an opening line without its bracket', '<If b\n</If>\n', '1:1 Unexpected end of line, expected `>` of `<If`'],
  ['a bracket only before the arguments', '<If> b\n</If>\n', '1:1 Unexpected end of line, expected `>` of `<If`'],
  ['a macro without its end', '<Macro m>\n<A>\n', '3:1 Unexpected end of file, expected `</Macro>`'],
  ['text right behind a closing bracket', '<A>\n</A>#c\n', '2:1 Unexpected `</A>#c`, expected `>` behind its name'],
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

const MIB_16 = 16 * 1024 * 1024;
const lengths: Array<[string, string, number]> = [
  ['10 MB', `A ${'b'.repeat(10_000_000)}`, 0],
  ['16 MiB at the end of the file', '#'.repeat(MIB_16), 0],
  ['16 MiB with its line feed', `${'#'.repeat(MIB_16 - 1)}\n`, 0],
  ['16 MiB and its line feed', `${'#'.repeat(MIB_16)}\n`, 1],
  ['16 MiB in two parts', `${'#'.repeat(MIB_16 / 2)}\\\n${'#'.repeat(MIB_16 / 2 - 1)}\n`, 0],
  ['more in two parts', `${'#'.repeat(MIB_16 / 2)}\\\n${'#'.repeat(MIB_16 / 2)}\n`, 1],
  ['more in bytes', `#${'é'.repeat(MIB_16 / 2)}\n`, 1],
];
for (const [title, text, count] of lengths) {
  test(`AP-G7 a line of ${title}`, t => t.is(parse(text).problems.length, count));
}

test('each section that is open at the end is told, the innermost first', t => {
  t.deepEqual(
    parse('<A>\n<B>\n').problems.map(each => each.related?.line),
    [2, 1],
  );
});

test('reading goes on behind a problem', t => {
  t.deepEqual(read('\ufeff<A>\n<B>\n</A>\n</C>\nD e').rows, [['<A>'], ['<B>'], ['D', 'e']]);
  t.is(parse('<A>\n<B>\n</A>\nD').tree.children.length, 2);
});

test('lines of a continued directive, and of one that ends in blank parts', t => {
  const lines = (text: string) => [...directives(parse(text).tree)].map(row => [row.line, row.column, row.endLine]);
  t.deepEqual(lines('\n  A \\\n b\n'), [[2, 3, 3]]);
  t.deepEqual(lines('A \\\n \\\n\nB'), [
    [1, 1, 3],
    [4, 1, 4],
  ]);
  t.deepEqual(lines('A \\\n'), [[1, 1, 1]]);
  t.deepEqual(lines('<A \\\nb>\nC\n</A>'), [
    [1, 1, 2],
    [3, 1, 3],
  ]);
});

test('the logical line of a section is its opening line', t => {
  const { tree } = parse('<A \\\n"b">\nC d\n</A>');
  const [section] = [...walk(tree)];
  t.is(logicalLine(tree.source, section!).text, '<A "b">');
});

test('the words of a section start with its name', t => {
  for (const [text, raw] of [
    ['<A\\\nb c>\n', 'A\\\nb'],
    ['"<Ab" c>\n', '"<Ab"'],
    ['<Ab>\n', 'Ab'],
  ] as const) {
    const [section] = [...walk(parse(`${text}</Ab>`).tree)];
    t.is(section?.words[0]?.raw, raw);
    t.is(section?.words[0]?.text, 'Ab');
  }
});

test('a BOM in a file that is not UTF-8 is one as well', t => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x41, 0x20, 0xe9);
  const { tree, problems } = parse(bytes);
  t.is(problems.length, 1);
  t.is([...directives(tree)][0]?.name, 'A');
  t.deepEqual(Uint8Array.from(stringify(tree)), bytes);
});

test('time is linear where sections do not match', t => {
  const time = (count: number) => {
    const text = `${'<a>\n'.repeat(count)}${'</b>\n'.repeat(count)}`;
    const from = process.cpuUsage();
    parse(text);
    const { user, system } = process.cpuUsage(from);
    return user + system;
  };
  time(1000);
  t.true(time(80_000) < 40 * Math.max(time(8000), 1000));
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
    { numRuns: runs(3000) },
  );
  t.pass();
});

test('any bytes come back', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => Buffer.compare(stringify(parse(bytes).tree), bytes) === 0),
    { numRuns: runs(100) },
  );
  t.pass();
});

test('200,000 nested sections', t => {
  const { problems } = parse(`${'<a>\n'.repeat(200_000)}${'</a>\n'.repeat(200_000)}`);
  t.deepEqual(problems, []);
});
