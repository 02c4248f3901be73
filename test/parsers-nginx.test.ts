import test from 'ava';
import fc from 'fast-check';
import { directives, parse, stringify, walk } from '../parsers/nginx/index.js';

function read(text: string) {
  const { tree, problems } = parse(text);
  return {
    rows: [...directives(tree)].map(row => [row.name, ...row.args]),
    problems: problems.map(each => `${each.line}:${each.column} ${each.message}`),
  };
}

const accepted: Array<[string, string, string[][]]> = [
  ['NX-L2 no white space is needed', 'a{b c;}d;', [['a'], ['b', 'c'], ['d']]],
  ['NX-L2 a brace in a word is a character', 'add_header X y};', [['add_header', 'X', 'y}']]],
  ['NX-L2 newlines mean nothing', 'a\nb\n;', [['a', 'b']]],
  ['NX-L3 a quoted list is one argument', '"a" \'b c\';', [['a', 'b c']]],
  ['NX-L3 a quote inside a word is a character', 'a b"c\'d;', [['a', 'b"c\'d']]],
  ['NX-L3 a parenthesis after a quote starts a word', 'if ($a = "b") { }', [['if', '($a', '=', 'b', ')']]],
  ['NX-L4 six escapes are converted, others stay', 'a "\\"\\\\\\t\\x" \\;b;', [['a', '"\\\t\\x', '\\;b']]],
  ['NX-L4 a backslash before a newline stays', 'a b\\\nc;', [['a', 'b\\\nc']]],
  ['NX-L5 a comment stands between words', 'a # c; {\n b;', [['a', 'b']]],
  ['NX-L5 a hash inside a word is a character', 'a b#c;', [['a', 'b#c']]],
  ['NX-L6 `${` opens no block', 'a ${b}c $d{ e; }', [['a', '${b}c', '$d'], ['e']]],
  [
    'NX-L7 braces of Lua strings and comments do not count',
    'x_by_lua_block { s = "}" -- }\n [[ } ]] { } } a;',
    [['x_by_lua_block'], ['a']],
  ],
  [
    'NX-L7 a Lua block may have an argument',
    'set_by_lua_block $a { return "}" } b;',
    [['set_by_lua_block', '$a'], ['b']],
  ],
  ['NX-L9 a BOM belongs to the first word', '\ufeffa b;', [['\ufeffa', 'b']]],
  ['CRLF', 'a b; # c\r\nd {\r\n}\r\n', [['a', 'b'], ['d']]],
];
for (const [title, text, rows] of accepted) {
  test(title, t => t.deepEqual(read(text), { rows, problems: [] }));
}

const refused: Array<[string, string, string]> = [
  ['a lone semicolon', 'a;\n ;', '2:2 Unexpected `;`, expected a directive'],
  ['a block without a name', '{ }', '1:1 Unexpected `{`, expected a directive'],
  ['a brace too many', 'a;\n}', '2:1 Unexpected `}`, expected a directive or the end of the file'],
  ['a missing semicolon', 'a { b\n}', '2:1 Unexpected `}`, expected `;`'],
  ['text after a quote', 'a "b"c;', '1:6 Unexpected `c` after a closing quote, expected white space, `;` or `{`'],
  ['an unclosed quote', 'a "b;\n', '2:1 Unexpected end of file, expected `;` or `}`'],
  ['an unclosed block', 'a {\n b {\n', '3:1 Unexpected end of file, expected `}` of `b`'],
  ['an unclosed Lua block', 'x_by_lua_block { "\n', '2:1 Unexpected end of file, expected `}` of the Lua block'],
  ['a long word', `a ${'b'.repeat(4096)};`, '1:3 Unexpected word of 4096 bytes or more, expected a shorter one'],
];
for (const [title, text, problem] of refused) {
  test(`refused: ${title}`, t => t.is(read(text).problems[0], problem));
}

test('a word of 4095 bytes is read', t => {
  t.deepEqual(read(`a ${'b'.repeat(4095)};`).problems, []);
  t.deepEqual(read(`a ${'é'.repeat(2047)};`).problems, []);
  t.is(read(`a ${'é'.repeat(2048)};`).problems.length, 1);
});

test('any text parses, comes back, and its nodes lie inside one another in order', t => {
  const characters = fc.constantFrom(...'ab;{}"\'\\#$ \t\n\r[]-='.split(''), '_by_lua_block', 'é', '\ufeff');
  const texts = fc.oneof(fc.string({ unit: characters, maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 40 }));
  fc.assert(
    fc.property(texts, text => {
      const { tree, problems } = parse(text);
      for (const { line, column, start, end } of problems) {
        if (line < 1 || column < 1 || start > end || end > text.length) return false;
      }
      let before = 0;
      for (const node of walk(tree)) {
        if (node.start < before || node.headEnd < node.start || node.end < node.headEnd - 1 || node.end > text.length)
          return false;
        before = node.start;
        for (const word of node.words)
          if (word.raw !== text.slice(word.start, word.end) || word.end > node.headEnd) return false;
      }
      return Buffer.from(stringify(tree)).toString('utf8') === Buffer.from(text, 'utf8').toString('utf8');
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

test('200,000 nested blocks', t => {
  const { tree, problems } = parse(`${'a{'.repeat(200_000)}${'}'.repeat(200_000)}`);
  t.deepEqual(problems, []);
  let count = 0;
  for (const _ of walk(tree)) count++;
  t.is(count, 200_000);
});

test('comments of a head are its own', t => {
  const { tree } = parse('a # one\n  b # two\n;');
  const [node] = tree.children;
  t.deepEqual(node?.type === 'directive' ? node.headComments.map(each => each.value) : [], ['# one', '# two']);
});
