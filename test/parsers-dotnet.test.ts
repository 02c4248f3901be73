import test from 'ava';
import fc from 'fast-check';
import type { Comment, DotnetContent } from '../parsers/ast.js';
import { type DotnetLanguage, directives, languageOf, parse, stringify, walk } from '../parsers/dotnet/index.js';
import { runs } from './helpers/properties.js';

function read(text: string, language: DotnetLanguage) {
  const { tree, problems } = parse(text, language);
  return {
    rows: [...directives(tree)].map(row => [row.name, ...row.args]),
    problems: problems.map(each => `${each.line}:${each.column} ${each.message}`),
  };
}

function commentsIn(text: string, language: DotnetLanguage): string[] {
  const found: Comment[] = [];
  const open: DotnetContent[] = [...parse(text, language).tree.children];
  for (let node = open.shift(); node; node = open.shift()) {
    if (node.type === 'comment') found.push(node);
    else open.push(...node.children);
  }
  return found.sort((a, b) => a.start - b.start).map(({ value }) => value);
}

const accepted: Array<[string, DotnetLanguage, string, string[][]]> = [
  ['attributes in either quote', 'xml', `<a b="1" c = '2"'/>`, [['a', 'b=1', 'c=2"']]],
  ['a BOM, a declaration and white space', 'xml', '\ufeff<?xml version="1.0"?>\r\n<a>\r\n</a>\r\n', [['a']]],
  ['five entities and numbers', 'xml', '<a b="&lt;&gt;&amp;&quot;&apos;&#65;&#x42;"/>', [['a', 'b=<>&"\'AB']]],
  ['no entity of a DTD', 'xml', '<!DOCTYPE a [<!ENTITY x "]>">]><a b="&x;"/>', [['a', 'b=&x;']]],
  ['elements in a comment are none', 'xml', '<a><!-- <b c="d"/> --></a>', [['a']]],
  ['nor are those in CDATA', 'xml', '<a><![CDATA[ <b> ]]></a>', [['a']]],
  ['a prefix', 'xml', '<a xdt:Transform="Replace"/>', [['a', 'xdt:Transform=Replace']]],
  ['a statement by its dotted name', 'cs', 'A.B = C.D | E;', [['A.B', '=', 'C', '.', 'D', '|', 'E']]],
  ['comments are no code', 'cs', '// A = 1;\n/* B = 2; */ C = 3; // D', [['C', '=', '3']]],
  [
    'nor are strings',
    'cs',
    "f(\"A = 1; // x\", '\"', '\\''); B",
    [['f', '(', 'A = 1; // x', ',', "'\"'", ',', "'\\''", ')'], ['B']],
  ],
  ['a verbatim string ends at a single quote', 'cs', 'f = @"a\\"; B', [['f', '=', 'a\\'], ['B']]],
  ['and spans lines', 'cs', 'f = @"a\n""b"; B', [['f', '=', 'a\n"b'], ['B']]],
  ['a raw string holds quotes', 'cs', 'f = """a "" b; "c" """; B', [['f', '=', 'a "" b; "c" '], ['B']]],
  ['an interpolated string holds strings', 'cs', '$"a{f("}; x = 1; ")}b"; B', [['$"a{f("}; x = 1; ")}b"'], ['B']]],
  ['doubled braces open nothing', 'cs', '$"{{ x"; B', [['$"{{ x"'], ['B']]],
  ['a format is text', 'cs', '$"{x:it\'s}"; B', [['$"{x:it\'s}"'], ['B']]],
  ['an interpolated verbatim string', 'cs', '$@"\\{x}"""; B', [['$@"\\{x}"""'], ['B']]],
  ['as many braces as dollars', 'cs', '$$"""{x} {{f("}")}} """; B', [['$$"""{x} {{f("}")}} """'], ['B']]],
  [
    'an apostrophe in a line for the compiler',
    'cs',
    "#region don't\nA;\n#endregion",
    [['#region'], ['A'], ['#endregion']],
  ],
  [
    'a line for the compiler in a statement',
    'cs',
    'A = 1\n#if X\n | 2\n#endif\n;B',
    [['A', '=', '1', '#if X', '|', '2', '#endif'], ['B']],
  ],
  [
    'blocks',
    'cs',
    'class A { void F() { B = 1; } C }',
    [['class', 'A'], ['void', 'F', '(', ')'], ['B', '=', '1'], ['C']],
  ],
  ['`@` before a name', 'cs', '@class = 1;', [['class', '=', '1']]],
  [
    'lines end statements',
    'vb',
    'A = 1\nB = 2 : C = 3',
    [
      ['A', '=', '1'],
      ['B', '=', '2'],
      ['C', '=', '3'],
    ],
  ],
  ['an operator goes on', 'vb', 'A = 1 Or\n 2\nB', [['A', '=', '1', 'Or', '2'], ['B']]],
  ['so does `_`', 'vb', "A = 1 _ ' c\r\n Or 2\nB", [['A', '=', '1', 'Or', '2'], ['B']]],
  ['comments of three kinds', 'vb', "A ' B = 1\nRem C = 2\nD ’ E = 3\nF.Rem", [['A'], ['D'], ['F.Rem']]],
  ['doubled quotes', 'vb', 'A("b "" \' c")', [['A', '(', 'b " \' c', ')']]],
  ['a character', 'vb', 'A("b"c)', [['A', '(', 'b', ')']]],
  ['a name in brackets', 'vb', '[Enum].Parse', [['Enum.Parse']]],
  ['a number in hexadecimal', 'vb', 'A = &HC00 & B', [['A', '=', '&HC00', '&', 'B']]],
  ['an interpolated string', 'vb', '$"{F("} \' x")}"\nB', [['$"{F("} \' x")}"'], ['B']]],
  ['members in PowerShell', 'powershell', "[A.B]::C = 'x'; D", [['[A.B]::C', '=', 'x'], ['D']]],
  ['an operator goes on', 'powershell', 'A -bor\n B\nC', [['A', '-bor', 'B'], ['C']]],
  ['so does a backtick', 'powershell', '$a = 1 `\r\n -bor 2\nC', [['$a', '=', '1', '-bor', '2'], ['C']]],
  ['comments in PowerShell', 'powershell', '# A = 1\n<# B = 2 #> C#D', [['C', '#', 'D']]],
  ['literal strings', 'powershell', "a 'b ''c'' # d' e", [['a', "b 'c' # d", 'e']]],
  ['strings with code', 'powershell', 'a "b $(f ")" "c") d"; e', [['a', '"b $(f ")" "c") d"'], ['e']]],
  ['here-strings', 'powershell', "a @'\nb = 1'\n'@\nc", [['a', "b = 1'"], ['c']]],
  ['here-strings with code', 'powershell', 'a @"\nb = "1" $(")")\n"@\nc', [['a', '@"\nb = "1" $(")")\n"@'], ['c']]],
  ['parentheses join lines', 'powershell', "$a = @(\n 'b'\n 'c'\n)\nd", [['$a', '=', '@', '(', 'b', 'c', ')'], ['d']]],
  ['blocks end their lines', 'powershell', 'f {\n a\n b\n}\nc', [['f'], ['a'], ['b'], ['c']]],
  ['names with dashes', 'powershell', 'Set-It -A $env:b', [['Set-It', '-A', '$env:b']]],
];
for (const [title, language, text, rows] of accepted) {
  test(`${language}: ${title}`, t => t.deepEqual(read(text, language), { rows, problems: [] }));
}

const refused: Array<[string, DotnetLanguage, string, string]> = [
  ['an element that is not closed', 'xml', '<a>\n<b>\n</a>', '3:1 Unexpected `</a>`, expected `</b>`'],
  ['the end of the file', 'xml', '<a>\n', '2:1 Unexpected end of file, expected `</a>`'],
  ['nothing at all', 'xml', '', '1:1 Unexpected end of file, expected an element'],
  ['a value without quotes', 'xml', '<a b=c/>', '1:4 Unexpected `b`, expected `b="…"`'],
  ['an attribute twice', 'xml', '<a b="1" b="2"/>', '1:10 Unexpected second attribute `b`'],
  ['dashes in a comment', 'xml', '<a><!-- -- --></a>', '1:9 Unexpected `--` in a comment, expected `-->`'],
  ['a second root', 'xml', '<a/><b/>', '1:5 Unexpected second root element `b`'],
  ['text outside', 'xml', 'x<a/>', '1:1 Unexpected text outside the root element, expected `<`'],
  ['an attribute that is not closed', 'xml', '<a b="1>', '1:6 Unexpected end of file, expected `"`'],
  ['a comment that is not closed', 'cs', 'a;\n/* b', '2:5 Unexpected end of file, expected `*/`'],
  ['a string that is not closed', 'cs', '@"a', '1:4 Unexpected end of file, expected `"`'],
  ['a hole that is not closed', 'cs', '$"{a', '1:5 Unexpected end of file, expected `}`'],
  ['a here-string that is not closed', 'powershell', 'a @"\nb', '2:2 Unexpected end of file, expected `"@`'],
];
for (const [title, language, text, problem] of refused) {
  test(`${language}: refuses ${title}`, t => t.is(read(text, language).problems[0], problem));
}

test('spans are exact', t => {
  const text = '\ufeff<a>\r\n\t<b key="&lt;1"  Other=\'x\' />\r\n</a>';
  const element = [...walk(parse(text, 'xml').tree)][1]!;
  t.is(element.type, 'element');
  if (element.type !== 'element') return;
  t.deepEqual(
    element.attributes.map(({ start, end, value }) => [text.slice(start, end), text.slice(value.start, value.end)]),
    [
      ['key="&lt;1"', '"&lt;1"'],
      ["Other='x'", "'x'"],
    ],
  );
  t.deepEqual(element.position?.start, { line: 2, column: 2, offset: text.indexOf('<b') });
  const code = 'x { A.B = // c\r\n C; }';
  const statement = [...walk(parse(code, 'cs').tree)][1]!;
  t.deepEqual(
    statement.words.map(({ start, end }) => code.slice(start, end)),
    ['A', '.', 'B', '=', 'C'],
  );
});

test('comments are kept as written', t => {
  t.deepEqual(commentsIn('<a><!-- b --></a>', 'xml'), ['<!-- b -->']);
  t.deepEqual(commentsIn('a; // b\r\nc /* d */ { e; // f\n}', 'cs'), ['// b', '/* d */', '// f']);
  t.deepEqual(commentsIn("a ' b\r\nREM c", 'vb'), ["' b", 'REM c']);
  t.deepEqual(commentsIn('a # b\n<# c\n#>', 'powershell'), ['# b', '<# c\n#>']);
});

test('the language is told by the name, else by the first character', t => {
  t.is(languageOf('/x/Web.Release.config', ''), 'xml');
  t.is(languageOf('/x/A.CS', '<'), 'cs');
  t.is(languageOf('/x/a.psm1', ''), 'powershell');
  t.is(languageOf('/x/machine', '\ufeff <configuration>'), 'xml');
  t.is(languageOf('/x/machine', 'server {'), undefined);
});

const LANGUAGES: DotnetLanguage[] = ['xml', 'cs', 'vb', 'powershell'];
const PIECES = [
  '"',
  "'",
  '"""',
  '$"',
  '@"',
  '{',
  '}',
  '(',
  ')',
  '<a',
  '</a>',
  '/>',
  '>',
  '=',
  ' ',
  '\n',
  '\r\n',
  '$(',
  '<#',
  '#>',
].concat([
  '//',
  '/*',
  '*/',
  '#',
  '`',
  "@'",
  "'@",
  '\n"@',
  '<!--',
  '-->',
  '<![CDATA[',
  'x',
  '.',
  ';',
  ':',
  '_',
  'Rem ',
  '&',
  '[',
  ']',
  '$',
]);

test('whatever the text is, nothing is thrown and spans lie in order within it', t => {
  const texts = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 40 });
  fc.assert(
    fc.property(texts, fc.constantFrom(...LANGUAGES), (parts, language) => {
      const text = parts.join('');
      const { tree, problems } = parse(text, language);
      let from = 0;
      for (const node of walk(tree)) {
        t.true(node.start >= from && node.end >= node.headEnd && node.headEnd >= node.start && node.end <= text.length);
        for (const word of node.words) t.is(word.raw, text.slice(word.start, word.end));
        from = node.start;
      }
      for (const { start, end, line } of problems) t.true(start <= end && end <= text.length && line > 0);
      t.deepEqual(Buffer.from(stringify(tree)), Buffer.from(text));
    }),
    { numRuns: runs(500) },
  );
});

const LARGE = 200_000;
const hostile: Array<[string, DotnetLanguage, string]> = [
  ['open elements', 'xml', '<a>'.repeat(LARGE)],
  ['wrong closing tags', 'xml', '<a>'.repeat(LARGE) + '</b>'.repeat(LARGE)],
  ['attributes', 'xml', `<a ${Array.from({ length: LARGE }, (_, index) => `b${index}="1"`).join(' ')}/>`],
  ['open quotes', 'xml', `<a b='<a b="`.repeat(LARGE)],
  ['quotes', 'cs', '"'.repeat(LARGE * 4)],
  ['verbatim quotes', 'cs', `@${'"'.repeat(LARGE * 4)}`],
  ['holes', 'cs', '$"{'.repeat(LARGE)],
  ['raw holes', 'cs', `${'$$"""{{'.repeat(LARGE)}${'}'.repeat(LARGE)}`],
  ['dollars', 'cs', '$'.repeat(LARGE * 4)],
  ['open braces', 'cs', '{'.repeat(LARGE)],
  ['open parentheses', 'powershell', '(\n'.repeat(LARGE)],
  ['holes', 'powershell', '"$('.repeat(LARGE)],
  ['here-strings', 'powershell', '@"  '.repeat(LARGE)],
  ['continuations', 'vb', ' _ '.repeat(LARGE)],
  ['brackets', 'vb', '['.repeat(LARGE)],
];
for (const [title, language, text] of hostile) {
  test(`${language}: large: many ${title}`, t => {
    const { tree } = parse(text, language);
    let end = 0;
    for (const node of walk(tree)) end = Math.max(end, node.end);
    t.true(end <= text.length);
    t.is(stringify(tree).length, text.length);
  });
}
