import { Buffer } from 'node:buffer';
import test from 'ava';
import fc from 'fast-check';
import { entries, parse, stringify } from '../parsers/registry/index.js';
import { runs } from './helpers/properties.js';

const HEADER = 'Windows Registry Editor Version 5.00';

function read(body: string) {
  const { tree, problems } = parse(`${HEADER}\n[K]\n${body}`);
  return {
    rows: [...entries(tree)].slice(1).map(({ key, name, data, removed }) => {
      const row = name === undefined ? [removed ? `-${key}` : key] : [name, data];
      return key === 'K' || name === undefined ? row : [key, ...row];
    }),
    problems: problems.map(each => `${each.line}:${each.column} ${each.message}`),
  };
}

const accepted: Array<[string, string, unknown[][]]> = [
  ['a number', '"a"=dword:0000000a', [['a', 10]]],
  ['a number in capitals and with few digits', '"a"=dword:FF', [['a', 255]]],
  ['blanks around everything', ' \t"a" \t= \tdword: \t1 \t', [['a', 1]]],
  ['a comment behind a number', '"a"=dword:1 ; why', [['a', 1]]],
  ['a string', '"a"="b c"', [['a', 'b c']]],
  ['a string with escapes', '"a\\\\b"="\\"x\\" \\\\ ;"', [['a\\b', '"x" \\ ;']]],
  [
    'a string over two lines',
    '"a"="b\r\nc"\r\n"d"=dword:1',
    [
      ['a', 'b\r\nc'],
      ['d', 1],
    ],
  ],
  [
    'the default value',
    '@="x"\n@ = "y"',
    [
      ['', 'x'],
      ['', 'y'],
    ],
  ],
  ['a value that is taken away', '"a"=-', [['a', null]]],
  ['bytes', '"a"=hex:01,2,FF', [['a', 'hex(3):01,02,ff']]],
  ['bytes of a type', '"a"=hex(7):61,00', [['a', 'hex(7):61,00']]],
  [
    'bytes over several lines',
    '"a"=hex:01,\\\r\n  02,03,\\\r\n  04\r\n"b"=dword:1',
    [
      ['a', 'hex(3):01,02,03,04'],
      ['b', 1],
    ],
  ],
  ['a comment between lines of bytes', '"a"=hex:01,\\ ; why\n ; more\n\n  02', [['a', 'hex(3):01,02']]],
  [
    'bytes that do not go on',
    '"a"=hex:01,\\\n\n"b"=dword:1',
    [
      ['a', 'hex(3):01'],
      ['b', 1],
    ],
  ],
  ['no bytes', '"a"=hex:', [['a', 'hex(3):']]],
  ['a key with brackets', '[A\\[b]\\c]', [['A\\[b]\\c']]],
  ['a key and what follows it', '[A] ; why\n"x"=dword:1', [['A'], ['A', 'x', 1]]],
  ['a key that is taken away', '[-A\\b]', [['-A\\b']]],
  ['comments and empty lines', '; a\n\n ;b\n\t\n"x"=dword:1', [['x', 1]]],
  ['lines that the editor passes over', 'x\n// y\nWindows Registry Editor Version 5.00\n"x"=dword:1', [['x', 1]]],
  [
    'a lone CR ends a line',
    '"x"=dword:1\r"y"=dword:2',
    [
      ['x', 1],
      ['y', 2],
    ],
  ],
];
for (const [title, body, rows] of accepted) test(title, t => t.deepEqual(read(body), { rows, problems: [] }));

const DATA = '`"`, `dword:`, `hex:`, `hex(` or `-`';
const refused: Array<[string, string, string]> = [
  ['a key without its bracket', '[A\n"x"=dword:1', '3:1 Unexpected end of line, expected `]`'],
  ['a name without its quote', ' "a=dword:1', '3:2 Unexpected end of line, expected `"`'],
  ['no equals sign', '"a" dword:1', '3:5 Unexpected `dword:1`, expected `=`'],
  ['no data', '"a"=', `3:5 Unexpected end of line, expected ${DATA}`],
  ['a type in capitals', '"a"=DWORD:1', `3:5 Unexpected \`DWORD:1\`, expected ${DATA}`],
  ['a number without digits', '"a"=dword:x', '3:11 Unexpected `x`, expected one to eight hexadecimal digits'],
  [
    'a number of nine digits',
    '"a"=dword:000000001',
    '3:11 Unexpected `000000001`, expected one to eight hexadecimal digits',
  ],
  ['more behind a number', '"a"=dword:1 2', '3:13 Unexpected `2`, expected the end of the line'],
  ['a prefix of C', '"a"=dword:0x1', '3:12 Unexpected `x1`, expected the end of the line'],
  ['a string without its end', '"a"="b', '3:5 Unexpected `"b`, expected a closing `"`'],
  ['a string that another line would close', '"a"="b\n"c"="d"', '3:5 Unexpected `"b`, expected a closing `"`'],
  ['three digits', '"a"=hex:001', '3:9 Unexpected `001`, expected at most two hexadecimal digits'],
  ['a type that is none', '"a"=hex(g):1', '3:9 Unexpected `g):1`, expected a hexadecimal type and `):`'],
  ['text behind the backslash', '"a"=hex:1,\\ 2', '3:13 Unexpected `2`, expected the end of the line'],
];
for (const [title, body, problem] of refused) test(`refused: ${title}`, t => t.is(read(body).problems[0], problem));

test('refused: a value before a key, and a file without a header', t => {
  const problems = (text: string) => parse(text).problems.map(each => `${each.line}:${each.column} ${each.message}`);
  t.deepEqual(problems(`${HEADER}\n"a"=dword:1\n`), ['2:1 Unexpected value before a key, expected `[`']);
  t.deepEqual(problems('[A]\n'), [
    '1:1 Unexpected `[A]`, expected `Windows Registry Editor Version 5.00` or `REGEDIT4`',
  ]);
  t.is(problems('').length, 1);
  t.deepEqual(problems('\ufeff REGEDIT4 \r\n[A]'), []);
  t.is(problems('regedit4\n').length, 1);
});

test('UTF-16 is read by its byte order mark and written back; half a unit is said and kept', t => {
  const text = `\ufeff${HEADER}\r\n\r\n[HKEY_LOCAL_MACHINE\\x]\r\n"ä\ud800"=dword:00000001 ; \udc00\r\n`;
  const bytes = Buffer.from(text, 'utf16le');
  const { tree, problems } = parse(bytes);
  t.deepEqual(problems, []);
  t.deepEqual([...entries(tree)][1], {
    key: 'HKEY_LOCAL_MACHINE\\x',
    name: 'ä\ud800',
    data: 1,
    line: 4,
    column: 1,
    endLine: 4,
  });
  t.deepEqual(Buffer.from(stringify(tree)), bytes);
  const odd = Buffer.concat([bytes, Buffer.from([65])]);
  const broken = parse(odd);
  t.regex(broken.problems[0]!.message, /^Unexpected an odd number of bytes/);
  t.deepEqual(Buffer.from(stringify(broken.tree)), odd);
});

test('REGEDIT4 keeps the bytes of its code page', t => {
  const bytes = Buffer.from('REGEDIT4\r\n[HKEY_CURRENT_USER\\\xe4]\r\n"\xfc"="\x80"\r\n', 'latin1');
  const { tree, problems } = parse(bytes);
  t.deepEqual(problems, []);
  t.deepEqual(Buffer.from(stringify(tree)), bytes);
});

test('a key holds its comments', t => {
  const { tree } = parse(`${HEADER}\n[A]\n; one\n\n; two\n[B]\n`);
  t.deepEqual(
    tree.children.map(({ start, end }) => tree.source.text.slice(start, end)),
    ['[A]\n; one\n\n; two', '[B]'],
  );
});

test('property: any bytes are written back, never throw, and nodes lie in order within their parents', t => {
  const pieces = fc.constantFrom(
    ...[HEADER, 'REGEDIT4', '\r\n', '\n', '\r', '[', ']', '-', '"', '@', '=', 'dword:', 'hex:', 'hex(2):'],
    ...['01', ',', '\\', ';', ' ', '\t', 'a', '\ufeff', '\ud800', '0', '\0'],
  );
  const texts = fc.array(pieces, { maxLength: 60 }).map(each => each.join(''));
  const inputs = fc.oneof(
    texts.map(text => Buffer.from(`\ufeff${text}`, 'utf16le')),
    texts.map(text => Buffer.from(text, 'utf8')),
    fc.uint8Array({ maxLength: 80 }).map(bytes => Buffer.concat([Buffer.from([255, 254]), bytes])),
    fc.uint8Array({ maxLength: 80 }).map(bytes => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(inputs, bytes => {
      const { tree, problems } = parse(bytes);
      t.deepEqual(Buffer.from(stringify(tree)), bytes);
      let last = 0;
      for (const node of tree.children) {
        t.true(node.start >= last && node.end >= node.start && node.end <= tree.end);
        last = node.end;
        for (const child of node.type === 'section' ? node.children : [])
          t.true(child.start >= node.start && child.end <= node.end);
      }
      for (const { start, end, line, column } of problems) t.true(start <= end && line > 0 && column > 0);
      t.true([...entries(tree)].every(({ line, endLine }) => endLine >= line));
    }),
    { numRuns: runs(400) },
  );
});

test('property: what is written as data is read as that data', t => {
  const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter(text => !/[\r\n]/.test(text));
  const escaped = (text: string) => text.replace(/[\\"]/g, '\\$&');
  fc.assert(
    fc.property(name, fc.nat(0xff_ff_ff_ff), name, (key, value, text) => {
      const { rows, problems } = read(`"${escaped(key)}"=dword:${value.toString(16)}\n@="${escaped(text)}"`);
      t.deepEqual(
        { rows, problems },
        {
          rows: [
            [key, value],
            ['', text],
          ],
          problems: [],
        },
      );
    }),
    { numRuns: runs(200) },
  );
});

test('large: time grows with the text', t => {
  const lines = (count: number, line: string) => `${HEADER}\n[K]\n${`${line}\n`.repeat(count)}`;
  for (const line of ['"a"=hex:01,\\', '"a"="b', '"', '@="\\', ';', '[a', '"a"=hex:01,\\\n;', 'x"y"']) {
    const start = performance.now();
    parse(lines(50_000, line));
    t.true(performance.now() - start < 3000, line);
  }
});
