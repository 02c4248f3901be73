import test from 'ava';
import fc from 'fast-check';
import { applyEdits, comparePlaces } from '../fixers/apply.js';
import type { Edit } from '../fixers/edit.js';
import { removeDirective, replaceArgs } from '../fixers/nginx.js';
import { isUntouchedOutside, newProblems, readAgain, unexpectedChanges } from '../fixers/verify.js';
import { parse as parseApache } from '../parsers/apache/index.js';
import type { NginxDirective, NginxRoot } from '../parsers/ast.js';
import { parse, walk } from '../parsers/nginx/index.js';
import { runs } from './helpers/properties.js';

const TEXT = `# site
http {
    a x; # c
    server { # s
        p A B C;
        listen 443;
        location / { q y; }
    }
    p A;
}
`;

function find(tree: NginxRoot, name: string): NginxDirective {
  for (const node of walk(tree)) if (node.name === name) return node;
  throw new Error(`no ${name}`);
}

function edit(start: number, end: number, text: string): Edit {
  return { path: 'f', start, end, text };
}

/** What the tree comparison says of a text after these edits. */
function compare(text: string, edits: readonly Edit[], names: readonly string[]): string[] {
  const sorted = [...edits].sort(comparePlaces);
  const after = parse(applyEdits(text, sorted)).tree;
  return unexpectedChanges(parse(text).tree, after, sorted, names).map(one => `${one.change} ${one.name}`);
}

async function again(before: string, after: string, names: readonly string[] = []) {
  return readAgain(parse(before).tree, parse(after).tree, names);
}

test('isUntouchedOutside knows its own edits and nothing else', t => {
  const rows = fc.array(fc.tuple(fc.nat(20), fc.nat(3), fc.string({ maxLength: 3 })), { maxLength: 5 });
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 30 }), rows, fc.nat(), (text, list, pick) => {
      const edits: Edit[] = [];
      let at = 0;
      for (const [gap, size, put] of list) {
        const start = Math.min(text.length, at + gap);
        at = Math.min(text.length, start + size);
        edits.push(edit(start, at, put));
      }
      const after = applyEdits(text, edits);
      t.true(isUntouchedOutside(text, after, edits));
      t.false(isUntouchedOutside(text, `${after}x`, edits));
      if (after === '') return;
      const where = pick % after.length;
      const other = after[where] === 'x' ? 'y' : 'x';
      t.false(isUntouchedOutside(text, after.slice(0, where) + other + after.slice(where + 1), edits));
    }),
    { numRuns: runs(1000) },
  );
});

test('isUntouchedOutside refuses edits that overlap', t => {
  t.false(isUntouchedOutside('abc', 'xyc', [edit(0, 2, 'x'), edit(1, 2, 'y')]));
});

test('newProblems leaves out those that were there', t => {
  const before = parse('a {');
  t.deepEqual(newProblems(before, before), []);
  t.true(newProblems(parse('a;'), before).length > 0);
});

test('a change of a named directive is expected', t => {
  const { tree } = parse(TEXT);
  const edits = replaceArgs('f', tree.source, find(tree, 'p'), ['C']);
  t.deepEqual(compare(TEXT, edits, ['p']), []);
  t.deepEqual(compare(TEXT, edits, ['listen']), ['changed p']);
});

test('of a directive that is not named a comment may go, and nothing else', t => {
  const text = 'http {\n  a x # c\n    y;\n  b z;\n}\n';
  const comment = text.indexOf(' # c');
  t.deepEqual(compare(text, [edit(comment, comment + 4, '')], ['p']), []);
  const semicolon = text.indexOf(';');
  t.deepEqual(compare(text, [edit(semicolon, semicolon + 1, ' {}')], ['p']), ['changed a']);
  t.deepEqual(compare(text, [edit(comment, comment + 4, ' w')], ['p']), ['changed a']);
  t.deepEqual(compare(text, [edit(comment, comment + 4, ';')], ['p']), ['changed a', 'new y']);
});

test('of a directive of httpd that is not named nothing may go', t => {
  const text = 'Q x\nR y\n';
  const after = parseApache('Q z\nR y\n').tree;
  const edits = [edit(2, 3, 'z')];
  t.deepEqual(unexpectedChanges(parseApache(text).tree, after, edits, ['p']), [
    { name: 'Q', change: 'changed', offset: 0 },
  ]);
  t.deepEqual(unexpectedChanges(parseApache(text).tree, after, edits, ['q']), []);
});

test('a directive that goes or comes must be named', t => {
  const { tree } = parse(TEXT);
  const gone = removeDirective('f', tree.source, find(tree, 'listen'));
  t.deepEqual(compare(TEXT, gone, ['listen']), []);
  t.deepEqual(compare(TEXT, gone, ['p']), ['changed listen']);
  const at = find(tree, 'listen').end;
  t.deepEqual(compare(TEXT, [edit(at, at, ' n;')], ['n']), []);
  t.deepEqual(compare(TEXT, [edit(at, at, ' n;')], ['p']), ['new n']);
});

test('a directive that an edit swallows is lost', t => {
  const at = TEXT.indexOf('listen');
  t.deepEqual(compare(TEXT, [edit(at, at, '# ')], ['p']), ['lost listen']);
  const quote = TEXT.indexOf('A B C');
  t.true(compare(TEXT, [edit(quote, quote + 1, '"A')], ['p']).includes('lost listen'));
  t.true(compare(TEXT, [edit(quote + 5, quote + 6, '')], ['p']).length > 0, 'the semicolon is gone');
});

test('a directive whose block changes around it is lost', t => {
  const open = TEXT.indexOf('listen');
  t.deepEqual(compare(TEXT, [edit(open, open, 'n { '), edit(open + 11, open + 11, ' }')], ['n']), ['lost listen']);
});

test('names of httpd are compared without case', t => {
  const before = '<IfModule m>\nP all\n</IfModule>\nQ x\n';
  t.is(before.slice(13, 18), 'P all');
  const shifted = [edit(18, 18, ' -A')];
  const trees = [parseApache(before).tree, parseApache(applyEdits(before, shifted)).tree] as const;
  t.deepEqual(unexpectedChanges(...trees, shifted, ['p']), []);
  t.deepEqual(
    unexpectedChanges(...trees, shifted, ['q']).map(one => one.name),
    ['P'],
  );
  const broken = parseApache(applyEdits(before, [edit(18, 19, ' ')])).tree;
  t.true(unexpectedChanges(trees[0], broken, [edit(18, 19, ' ')], ['p']).length > 0);
});

test('the second reader sees only the named change', async t => {
  t.deepEqual(await again(TEXT, TEXT.replace('p A B C', 'p C'), ['p']), { available: true, differences: [] });
  const other = await again(TEXT, TEXT.replace('listen 443', 'listen 444').replace('p A B C', 'p C'), ['p']);
  t.deepEqual(other, {
    available: true,
    differences: ['expected `listen 443`, `nginx-conf` reads `listen 444`'],
  });
});

test('the second reader sees what is swallowed, added and moved', async t => {
  for (const [from, to] of [
    ['listen 443;', '#listen 443;'],
    ['listen 443;', 'listen 443; n;'],
    ['p A B C;', 'p A B C'],
    ['q y; }', '} q y;'],
  ] as const) {
    const got = await again(TEXT, TEXT.replace(from, to), ['p']);
    t.true(got.available && got.differences.length > 0, to);
  }
});

test('where the second reader reads the old text differently it is not available', async t => {
  for (const text of ['add_header X y};\n', 'a "b" }', 'a b"c;\n', 'a ${v}x y{;\n']) {
    const got = await again(text, text);
    t.false(got.available, text);
  }
});

test('the second reader takes a comment out from between quoted words, and sees blanks within them', async t => {
  t.deepEqual(await again("p 'a b' # c\n d;", "p 'a b'\n d;"), { available: true, differences: [] });
  t.deepEqual(await again('p "a \\" b" # c\n d;', 'p "a \\" b"\n d;'), { available: true, differences: [] });
  for (const after of ["p 'a  b'\n d;", "p 'a b'd;", "p 'a b' 'd';", "p 'a b';"]) {
    const got = await again("p 'a b' # c\n d;", after);
    t.true(got.available && got.differences.length === 1, after);
  }
});

test('the second reader is not asked about a comment where it reads the words around it differently', async t => {
  for (const text of ["p a'b # c\n d'e;", 'p a\\ b # c\n d;', 'p \u00a0 # c\n b;']) {
    t.deepEqual(await again(text, text), {
      available: false,
      reason: '`nginx-conf` reads the old text differently',
    });
  }
  t.true((await again("p a'b c'd;\nq a # c\n b;", "p a'b c'd;\nq a\n b;")).available, 'no comment, no matter');
});

test('where the second reader can’t read a text it says where', async t => {
  const says = (line: number) =>
    `\`nginx-conf\` can't read it: line ${line}: Unable to parse quote-delimited value (probably an unclosed string)`;
  t.deepEqual(await again('a;\nb;\n', 'a;\nb "'), { available: true, differences: [says(2)] });
  t.deepEqual(await again('a "', 'a "'), { available: false, reason: says(1) });
});

const HOSTILE = {
  'a comment with a lone CR at the end of the file': 'a b;\n# x\r',
  'a bare hash and CR': 'a b;\n#\r',
  'U+2028 in a comment': 'a b; # x\u2028y\nc d;\n',
  'U+2029 in a comment': 'a b; # x\u2029y\nc d;\n',
  'U+2028 in a comment in a block': 'a {\n b c; # x\u2028y\n}\nc d;\n',
  'braces in a comment in a head in blocks': 'a {\n b {\n c # }\n d;\n }\n}\nc d;\n',
  'a Lua block in blocks': 'a {\n b {\n content_by_lua_block { local s = "}{" }\n }\n c d;\n}\n',
  'a lone CR in a comment': 'a b; # x\ry\nc d;\n',
  'U+2028 in a word': 'a b\u2028c;\nc d;\n',
  'blanks at the end': 'a b;  \t ',
  'a Lua block with braces in strings': 'content_by_lua_block {\n  local s = "}{" -- } #\r\n}\nc d;\n',
  'a Lua block with an argument': 'set_by_lua_block $x { return "}" }\nc d;\n',
  'an empty text': '',
  'comments only': '# a\n# b',
  'comments in a head': 'a # {\n b # ;\n;\nc d;\n',
  CRLF: 'a b;\r\nc {\r\n  d e; # f\r\n}\r\n',
};

for (const [title, text] of Object.entries(HOSTILE)) {
  test(`the second reader takes ${title}`, async t => {
    t.deepEqual(await again(text, text), { available: true, differences: [] });
  });
}

test('the second reader is not asked about what is too long for it, and says what it can’t read', async t => {
  const long = `# ${'x'.repeat(2_000_001)}\n`;
  t.deepEqual(await again(long, long), { available: false, reason: 'the text is longer than 2000000 characters' });
  const broken = await again('a b;\n', 'a b;\nc "d;\n');
  t.true(broken.available && /^`nginx-conf` can't read it: line 2: /.test(broken.differences[0] ?? ''));
});

test('a change of the words around a comment is one of its directive', t => {
  const changed = (before: string, after: string, edits: Edit[]) =>
    unexpectedChanges(parse(before).tree, parse(after).tree, edits, ['p']).map(({ name }) => name);
  const before = 'p a;\nq b # c\n  d;\ncontent_by_lua_block { x }\n';
  const at = before.indexOf('d;');
  t.deepEqual(changed(before, before.replace('d;', 'e;'), [edit(at, at + 1, 'e')]), ['q']);
  const block = before.indexOf('x }');
  t.deepEqual(changed(before, before.replace('x }', 'y }'), [edit(block, block + 1, 'y')]), ['content_by_lua_block']);
});

test('the second reader takes 100,000 nested blocks without recursion', async t => {
  const text = `${'a {\n'.repeat(100_000)}${'}'.repeat(100_000)}\n`;
  t.deepEqual(await again(text, text), { available: true, differences: [] });
});

test('the second reader is given up on a word of very many variables, not run out of stack', async t => {
  const text = `a ${'${b}'.repeat(50_000)};\n`;
  const got = await again(text, text);
  t.true(typeof got.available === 'boolean');
});

test('the second reader ends on any text', async t => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    '\n',
    '\r',
    '#',
    ';',
    '{',
    '}',
    '"',
    "'",
    '\\',
    '$',
    '${',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\0',
    '\u00a0',
    '_by_lua_block',
    'content_by_lua_block {',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async pieces => {
      const text = pieces.join('');
      const got = await again(text, text);
      if (got.available) t.deepEqual(got.differences, []);
    }),
    { numRuns: runs(5000) },
  );
});
