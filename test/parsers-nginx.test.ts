import test from 'ava';
import fc from 'fast-check';
import type { NginxContent, NginxDirective } from '../parsers/ast.js';
import { directives, parse, parseSource, stringify, walk } from '../parsers/nginx/index.js';
import { createSource } from '../parsers/source.js';
import { runs } from './helpers/properties.js';

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
  [
    'NX-L7 a quote that its line does not close is a character to Lua',
    "x_by_lua_block { x = '\n } a;",
    [['x_by_lua_block'], ['a']],
  ],
  ['NX-L7 any name that ends so', 'future_by_lua_block {{}}', [['future_by_lua_block']]],
  ['NX-L1 form feed, vertical tab and no-break space belong to words', 'a\f \v\u00a0b;', [['a\f', '\v\u00a0b']]],
  ['NX-L1 a lone CR is white space', 'a\rb\r;', [['a', 'b']]],
  ['NX-L5 a lone CR ends no comment', '# c\ra b;\nd;', [['d']]],
  ['NX-L6 `$` before a closing quote', 'a "$" "${";', [['a', '$', '${']]],
  ['a missing final newline', '# a', []],
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
  ['an unclosed Lua block', 'x_by_lua_block {\n', '1:16 Unexpected end of file, expected `}` in the Lua block'],
  [
    'the last brace of a Lua block',
    'x_by_lua_block {{\n{}',
    '2:1 Unexpected end of file, expected `}` in the Lua block',
  ],
  [
    'a long bracket of Lua',
    'x_by_lua_block {\n --[=[ ]] }',
    '2:2 Unexpected end of file, expected a closing long bracket in the Lua block',
  ],
  [
    'a long comment',
    `\n#${'b'.repeat(4095)}\n`,
    '2:1 Unexpected comment of 4096 bytes or more, expected a shorter one',
  ],
  [
    'a long comment between words',
    `a\n #${'b'.repeat(4095)}\n;`,
    '2:2 Unexpected comment of 4096 bytes or more, expected a shorter one',
  ],
  ['a brace after words', 'a b }', '1:5 Unexpected `}`, expected `;`'],
  [
    'a no-break space and a form feed are no white space',
    'a\u00a0b\f',
    '1:5 Unexpected end of file, expected `;` or `}`',
  ],
  ['a long word', `a ${'b'.repeat(4096)};`, '1:3 Unexpected word of 4096 bytes or more, expected a shorter one'],
];
for (const [title, text, problem] of refused) {
  test(`refused: ${title}`, t => t.is(read(text).problems[0], problem));
}

// What nginx 1.22.1 says at each length: the buffer holds 4096 bytes, from the word or the `#` to what ends it.
const lengths: Array<[string, (length: number) => string, number]> = [
  ['a word before `;`', length => `a ${'b'.repeat(length)};\n`, 4095],
  ['a word before a blank', length => `a ${'b'.repeat(length)} ;\n`, 4094],
  ['a quoted word before `;`', length => `a "${'b'.repeat(length)}";\n`, 4094],
  ['a quoted word before a blank', length => `a '${'b'.repeat(length)}' ;\n`, 4093],
  ['a comment', length => `#${'b'.repeat(length)}\na;\n`, 4094],
  ['a comment that ends the file', length => `a; #${'b'.repeat(length)}`, 4095],
  ['a comment with CRLF', length => `#${'b'.repeat(length)}\r\n`, 4093],
  ['a word of two-byte characters', length => `a ${'é'.repeat(length)};`, 2047],
  ['a word of four-byte characters', length => `a ${'\u{1f512}'.repeat(length)};`, 1023],
];
for (const [title, text, most] of lengths) {
  test(`NX-L8 ${title}`, t => {
    t.deepEqual(read(text(most)).problems, []);
    t.is(read(text(most + 1)).problems.length, 1);
  });
}

test('NX-L8 Latin-1 characters are a byte each', t => {
  const bytes = (length: number) => Buffer.from(`a ${'é'.repeat(length)};`, 'latin1');
  t.is(parse(bytes(4095)).problems.length, 0);
  t.is(parse(bytes(4096)).problems.length, 1);
});

test('NX-L8 white space and lines are not limited', t => {
  t.deepEqual(read(`a${' '.repeat(9000)}b;${' a b;'.repeat(2000)}`).problems, []);
});

test('an unclosed block tells where it opened', t => {
  const [problem] = parse('a {\n  b c {\n').problems;
  t.deepEqual(problem?.related, { message: '`b` starts here', line: 2, column: 3 });
});

test('an unclosed quote tells where it opened', t => {
  const [problem] = parse('a b\n  "c;\n').problems;
  t.deepEqual(problem?.related, { message: 'The quote opens here', line: 2, column: 3 });
});

test('reading goes on after a problem', t => {
  t.deepEqual(read('a { b\n} ; c; } d "e"f; { g; } h').rows, [
    ['a'],
    ['b'],
    ['c'],
    ['d', 'e', 'f'],
    [''],
    ['g'],
    ['h'],
  ]);
});

test('a row has the place of its first word and the line of its end', t => {
  const [row] = directives(parse('\n  a # {\n b\n {\n}').tree);
  t.deepEqual(row, { name: 'a', args: ['b'], line: 2, column: 3, endLine: 4, block: true });
});

test('a Lua body is a span and no block', t => {
  const text = 'set_by_lua_block $a { return 1 }';
  const [node] = walk(parse(text).tree);
  t.is(text.slice(node?.lua?.start, node?.lua?.end), ' return 1 ');
  t.like(node, { block: false, end: text.length, args: ['$a'] });
});

test('leaves share their empty children', t => {
  const [one, two] = walk(parse('a; b;').tree);
  t.is(one?.children, two?.children);
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
        const point = node.position?.start;
        const lead = text.slice(0, node.start).split('\n');
        if (point?.line !== lead.length || point.column !== lead.at(-1)!.length + 1) return false;
        for (const child of node.children) if (child.start < node.headEnd || child.end > node.end) return false;
        if (node.args.length !== node.words.length - 1 || node.argCount !== node.args.length) return false;
        for (const word of node.words)
          if (word.raw !== text.slice(word.start, word.end) || word.end > node.headEnd) return false;
      }
      return Buffer.from(stringify(tree)).toString('utf8') === Buffer.from(text, 'utf8').toString('utf8');
    }),
    { numRuns: runs(3000) },
  );
  t.pass();
});

test('with only what is wanted, the tree is the whole one without the rest, and the problems are the same', t => {
  const pieces = fc.constantFrom(
    'a',
    'b',
    ' ',
    ';',
    '{',
    '}',
    '"',
    "'",
    '\\',
    '#',
    '$',
    '\n',
    'é',
    'x_by_lua_block{',
    'a b;',
    'b{',
  );
  const texts = fc.array(pieces, { maxLength: 40 }).map(parts => parts.join(''));
  fc.assert(
    fc.property(texts, fc.func(fc.boolean()), (text, wants) => {
      const source = createSource(text);
      const whole = parseSource(source);
      const part = parseSource(source, (name, start) => wants(name, start));
      t.deepEqual(part.problems, whole.problems);
      t.deepEqual(
        outline(part.tree.children, () => true),
        outline(whole.tree.children, node => node.block || wants(node.name, node.start)),
      );
    }),
    { numRuns: runs(2000) },
  );
});

/** Rows of all directives that are wanted, with how deep they stand. */
function outline(children: readonly NginxContent[], wanted: (node: NginxDirective) => boolean, depth = 0): unknown[] {
  return children.flatMap(node => {
    if (node.type !== 'directive' || !wanted(node)) return [];
    const { name, start, headEnd, end, block, lua, argCount } = node;
    return [[depth, name, start, headEnd, end, block, lua, argCount], ...outline(node.children, wanted, depth + 1)];
  });
}

test('any bytes come back', t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => Buffer.compare(stringify(parse(bytes).tree), bytes) === 0),
    { numRuns: runs(100) },
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

test('CRLF for LF changes no directive', t => {
  const space = fc.constantFrom(' ', '\n', '\n\t', ' # c "{;}\n');
  const word = fc.constantFrom('a', '"b c"', "'d;'", '${e}', 'f\\;g', '#'.padStart(2, 'h'));
  const head = fc.array(fc.tuple(word, space), { minLength: 1, maxLength: 4 }).map(parts => parts.flat().join(''));
  const statement = fc.tuple(head, fc.constantFrom(';', '{}', '{\n a b;\n}')).map(parts => parts.join(''));
  fc.assert(
    fc.property(fc.array(fc.tuple(statement, space)), parts => {
      const text = parts.flat().join('');
      const rows = (each: string) => JSON.stringify([[...directives(parse(each).tree)], parse(each).problems.length]);
      return rows(text) === rows(text.replaceAll('\n', '\r\n'));
    }),
    { numRuns: runs(100) },
  );
  t.pass();
});

// Each would take minutes if any step looked at what lies behind or ahead again; the time limit of the run is the check.
const large: Array<[string, string]> = [
  ['a line of 10 MB', 'a b c;'.repeat(1_700_000)],
  ['one word of 10 MB', 'a'.repeat(10_000_000)],
  ['a directive of a million words', `a ${'b#c '.repeat(1_000_000)};`],
  ['wide gaps between words', `a ${`b${' '.repeat(1500)}`.repeat(4000)};`],
  ['backslashes in a quote', `a "${'\\'.repeat(2_000_000)}`],
  ['braces without names', '{'.repeat(200_000)],
  ['braces too many', '}'.repeat(1_000_000)],
  ['quotes that Lua does not close', `x_by_lua_block {${'"\\'.repeat(500_000)}\n}`],
  ['brackets that open nothing', `x_by_lua_block {${'[=='.repeat(500_000)}}`],
  ['a long bracket that almost closes', `x_by_lua_block {[${'='.repeat(9000)}[${`]${'='.repeat(8999)}`.repeat(100)}`],
  ['Lua blocks that do not close', 'x_by_lua_block {'.repeat(200_000)],
];
for (const [title, text] of large) {
  test(`large: ${title}`, t => {
    const { tree } = parse(text);
    let words = 0;
    for (const node of walk(tree))
      words += node === tree.children[0] ? node.words.length + node.headComments.length : 1;
    t.true(text.startsWith('}') ? words === 0 : words > 0);
    t.is(stringify(tree).length, text.length);
  });
}
