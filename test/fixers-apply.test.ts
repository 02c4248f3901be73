import test from 'ava';
import fc from 'fast-check';
import { applyEdits, applyFixes, comparePlaces, overlaps } from '../fixers/apply.js';
import type { Applicability, Edit, Fix } from '../fixers/edit.js';
import { runs } from './helpers/properties.js';

function edit(start: number, end: number, text: string, path = 'a'): Edit {
  return { path, start, end, text };
}

function fix(title: string, edits: Edit[], applicability: Applicability = 'safe'): Fix {
  return { title, applicability, edits, directives: [] };
}

function run(text: string, fixes: Fix[], allow: 'safe' | 'unsafe' = 'safe') {
  const result = applyFixes(new Map([['a', text]]), fixes, allow);
  return {
    text: result.texts.get('a') ?? text,
    applied: result.applied.map(one => one.title),
    skipped: result.skipped.map(one => `${one.fix.title}: ${one.reason}`),
    edits: result.edits.get('a') ?? [],
  };
}

test('applies whole fixes in order of position', t => {
  const got = run('0123456789', [fix('late', [edit(8, 9, 'x')]), fix('early', [edit(1, 2, ''), edit(5, 5, '+')])]);
  t.is(got.text, '0234+567x9');
  t.deepEqual(got.applied, ['early', 'late']);
});

test('the place of a fix is that of its first edit, however they are listed', t => {
  const got = run('0123456789', [fix('late', [edit(4, 5, 'x')]), fix('early', [edit(8, 9, ''), edit(1, 5, '+')])]);
  t.is(got.text, '0+567' + '9');
  t.deepEqual(got.applied, ['early']);
  const files = new Map([
    ['a', 'aaa'],
    ['b', 'bbb'],
  ]);
  const first = fix('in a', [edit(1, 2, 'B', 'b'), edit(2, 3, 'A')]);
  const second = fix('in b', [edit(0, 3, 'x', 'b')]);
  t.deepEqual(applyFixes(files, [second, first], 'safe').applied, [first]);
});

test('skips the later of two overlapping fixes whole', t => {
  const got = run('0123456789', [fix('one', [edit(2, 5, 'x')]), fix('two', [edit(4, 6, 'y'), edit(8, 9, 'z')])]);
  t.is(got.text, '01x56789');
  t.deepEqual(got.skipped, ['two: conflict']);
});

test('a skipped fix leaves no trace that another could trip over', t => {
  const got = run('0123456789', [
    fix('one', [edit(3, 4, 'x')]),
    fix('two', [edit(3, 3, '<'), edit(3, 5, 'y')]),
    fix('three', [edit(3, 3, '>')]),
  ]);
  t.deepEqual(got.applied, ['one', 'three']);
  t.is(got.text, '012>x456789');
});

test('an edit that several fixes share is made once, and a fix made of such edits counts as applied', t => {
  const shared = edit(2, 2, 'new;');
  const got = run('ab', [fix('one', [shared]), fix('two', [{ ...shared }]), fix('three', [shared, edit(0, 1, 'A')])]);
  t.is(got.text, 'Abnew;');
  t.is(got.applied.length, 3);
  t.is(got.edits.length, 2);
});

test('two different insertions at one point conflict', t => {
  const got = run('ab', [fix('one', [edit(1, 1, 'x')]), fix('two', [edit(1, 1, 'y')])]);
  t.is(got.text, 'axb');
  t.deepEqual(got.skipped, ['two: conflict']);
});

test('edits that touch do not conflict; an insertion comes before what begins there', t => {
  t.is(run('abc', [fix('one', [edit(1, 2, 'B')]), fix('two', [edit(1, 1, '<'), edit(2, 2, '>')])]).text, 'a<B>c');
});

test('takes what the grade allows', t => {
  const fixes = [
    fix('safe', [edit(0, 1, 'A')]),
    fix('unsafe', [edit(1, 2, 'B')], 'unsafe'),
    fix('manual', [edit(2, 3, 'C')], 'manual'),
    fix('empty', []),
  ];
  t.is(run('abc', fixes).text, 'Abc');
  t.is(run('abc', fixes, 'unsafe').text, 'ABc');
  t.deepEqual(run('abc', fixes).skipped.sort(), [
    'empty: applicability',
    'manual: applicability',
    'unsafe: applicability',
  ]);
});

test('an edit outside its text, or of a text not given, is a conflict', t => {
  const fixes = [
    fix('beyond', [edit(0, 9, '')]),
    fix('backwards', [edit(2, 1, '')]),
    fix('elsewhere', [edit(0, 0, 'x'), edit(0, 0, 'x', 'b')]),
  ];
  const got = run('abc', fixes);
  t.is(got.text, 'abc');
  t.is(got.skipped.length, 3);
});

test('a fix over two files is made in both or in none', t => {
  const texts = new Map([
    ['a', 'aaa'],
    ['b', 'bbb'],
  ]);
  const both = fix('both', [edit(0, 1, 'A'), edit(0, 1, 'B', 'b')]);
  const clash = fix('clash', [edit(1, 2, 'x'), edit(0, 2, 'y', 'b')]);
  const result = applyFixes(texts, [clash, both], 'safe');
  t.deepEqual(
    [...result.texts],
    [
      ['a', 'Aaa'],
      ['b', 'Bbb'],
    ],
  );
  t.deepEqual(result.skipped, [{ fix: clash, reason: 'conflict' }]);
});

test('texts that do not change are not listed', t => {
  const result = applyFixes(new Map([['a', 'abc']]), [fix('same', [edit(0, 1, 'a')])], 'safe');
  t.is(result.texts.size, 0);
  t.is(result.applied.length, 1);
});

test('is the naive application of the accepted edits, which never overlap', t => {
  const span = fc.tuple(fc.nat(20), fc.nat(4), fc.constantFrom('', 'x', 'yy'));
  const fixesOf = fc.array(fc.array(span, { minLength: 1, maxLength: 3 }), { maxLength: 12 });
  fc.assert(
    fc.property(fixesOf, rows => {
      const text = 'abcdefghijklmnopqrstuvwxyz';
      const fixes = rows.map((row, index) =>
        fix(
          `${index}`,
          row.map(([start, size, put]) => edit(start, start + size, put)),
        ),
      );
      const { text: got, edits, applied, skipped } = run(text, fixes);
      t.is(applied.length + skipped.length, fixes.length);
      let naive = text;
      for (const one of [...edits].reverse()) naive = naive.slice(0, one.start) + one.text + naive.slice(one.end);
      t.is(got, naive);
      t.is(applyEdits(text, edits), naive);
      t.deepEqual([...edits].sort(comparePlaces), [...edits]);
      for (let at = 1; at < edits.length; at++) t.false(overlaps(edits[at - 1]!, edits[at]!));
    }),
    { numRuns: runs(2000) },
  );
});

test('10,000 fixes in a text of 12 MB', t => {
  // Quadratic work would run into the time limit of the tests; figures are the bench's.
  const count = 10_000;
  const text = 'x'.repeat(1200 * count);
  const fixes = Array.from({ length: count }, (_, at) => fix(`${at}`, [edit(at * 1200, at * 1200 + 2, 'yyy')]));
  const got = run(text, fixes.reverse());
  t.is(got.applied.length, count);
  t.is(got.text, `yyy${'x'.repeat(1198)}`.repeat(count));
});
