import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { applyEdits, comparePlaces, overlaps } from '../fixers/apply.js';
import { hunksOf, unifiedDiff } from '../fixers/diff.js';
import type { Edit } from '../fixers/edit.js';
import { createSource, encode } from '../parsers/source.js';
import { runs } from './helpers/properties.js';

type Row = readonly [start: number, end: number, text: string];

interface Case {
  readonly path: string;
  readonly before: string | Uint8Array;
  readonly edits: readonly Row[];
}

function editsOf(rows: readonly Row[], path = 'f'): Edit[] {
  return rows.map(([start, end, text]) => ({ path, start, end, text })).sort(comparePlaces);
}

async function diffOf(before: string, ...rows: Row[]): Promise<string> {
  const bytes = await unifiedDiff([{ path: 'f', source: createSource(before), edits: editsOf(rows) }]);
  return Buffer.from(bytes).toString('latin1');
}

/** Applies the diff of the cases with both tools; returns what they left different from our own result. */
async function misapplied(t: ExecutionContext, cases: readonly Case[]): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'fixers-diff-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const files = cases.map(one => ({ ...one, source: createSource(one.before), edits: editsOf(one.edits, one.path) }));
  const diff = await unifiedDiff(files);
  const wrong: string[] = [];
  for (const tool of ['git', 'patch'] as const) {
    const place = join(root, tool);
    for (const file of files) {
      mkdirSync(dirname(join(place, file.path)), { recursive: true });
      writeFileSync(join(place, file.path), file.before);
    }
    if (!apply(t, tool, place, diff)) wrong.push(tool);
    for (const file of files) {
      const after = encode(applyEdits(file.source.text, file.edits), file.source.encoding);
      if (!readFileSync(join(place, file.path)).equals(after)) wrong.push(`${tool} ${file.path}`);
    }
  }
  return wrong;
}

function apply(t: ExecutionContext, tool: 'git' | 'patch', cwd: string, input: Uint8Array): boolean {
  const runs =
    tool === 'git'
      ? [
          ['git', 'apply', '--check', '-'],
          ['git', 'apply', '-'],
        ]
      : [
          ['patch', '-p1', '--dry-run', '--binary', '-F0'],
          ['patch', '-p1', '-s', '--binary', '-F0'],
        ];
  for (const [command, ...args] of runs) {
    // Not inside a repository: `git apply` would leave out what it ignores.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(cwd), LC_ALL: 'C' };
    const done = spawnSync(command!, args, { cwd, input, env });
    if (done.status !== 0) {
      t.log(`${command} ${args.join(' ')}: ${done.stderr}${done.stdout}\n${Buffer.from(input).toString('latin1')}`);
      return false;
    }
  }
  return true;
}

const TEN = Array.from({ length: 10 }, (_, at) => `line ${at}\n`).join('');
const at = (line: number) => line * 7;

test('one changed line with three lines of context', async t => {
  t.is(
    await diffOf(TEN, [at(5), at(5) + 4, 'LINE']),
    '--- a/f\n+++ b/f\n@@ -3,7 +3,7 @@\n line 2\n line 3\n line 4\n-line 5\n+LINE 5\n line 6\n line 7\n line 8\n',
  );
});

test('a line that goes and a line that comes show as that line alone', async t => {
  t.is(await diffOf('a\nb\nc\n', [2, 4, '']), '--- a/f\n+++ b/f\n@@ -1,3 +1,2 @@\n a\n-b\n c\n');
  t.is(await diffOf('a\nb\n', [1, 1, '\nx']), '--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n+x\n b\n');
  t.is(await diffOf('a\nb\n', [2, 2, 'x\n']), '--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n+x\n b\n');
});

test('a line that goes beside a line that comes leaves the line between them alone', async t => {
  t.is(await diffOf('a\nb\nc\n', [0, 2, ''], [3, 3, '\nx']), '--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n-a\n b\n+x\n c\n');
});

test('nothing changed gives nothing', async t => {
  t.is(await diffOf('a\n'), '');
  t.is(await diffOf('a\n', [0, 1, 'a']), '');
});

test('hunks join where their contexts would touch, and shift those behind', t => {
  const text = Array.from({ length: 40 }, (_, line) => `line ${String(line).padStart(2, '0')}\n`).join('');
  const edits = editsOf([
    [0, 0, 'new\n'],
    [8 * 7, 8 * 8, ''],
    [8 * 30, 8 * 30 + 1, 'L'],
  ]);
  const hunks = hunksOf(createSource(text), edits);
  t.deepEqual(
    hunks.map(({ oldStart, oldLines, newStart, newLines }) => [oldStart, oldLines, newStart, newLines]),
    [
      [1, 3, 1, 4],
      [5, 7, 6, 6],
      [28, 7, 28, 7],
    ],
  );
});

test('absolute paths lose their first slash', async t => {
  const bytes = await unifiedDiff([
    { path: '/etc/x.conf', source: createSource('a\n'), edits: editsOf([[0, 1, 'b']]) },
  ]);
  t.regex(Buffer.from(bytes).toString(), /^--- a\/etc\/x\.conf\n\+\+\+ b\/etc\/x\.conf\n/);
});

const NAMES = [
  'plain.conf',
  'dir/with space/a b.conf',
  'quote".conf',
  "single'.conf",
  'back\\slash.conf',
  'tab\there.conf',
  'müller.conf',
  '日本.conf',
  'space and ü.conf',
  ' leading.conf',
  'trailing ',
  '-dash.conf',
];

for (const path of NAMES) {
  test(`git apply and patch take the name ${JSON.stringify(path)}`, async t => {
    t.deepEqual(await misapplied(t, [{ path, before: TEN, edits: [[at(5), at(5) + 4, 'LINE']] }]), []);
  });
}

const CONTENTS: Record<string, { before: string | Uint8Array; edits: Row[] }> = {
  'Latin-1 in context and change': {
    before: Buffer.from('# caf\xe9\na \xff;\nb;\n', 'latin1'),
    edits: [
      [7, 8, 'A'],
      [12, 12, ' # \xfc'],
    ],
  },
  'UTF-8': {
    before: '# café 日本\na;\nb;\n',
    edits: [
      [2, 6, 'tea'],
      [10, 11, 'A'],
    ],
  },
  CRLF: {
    before: 'a;\r\nb;\r\nc;\r\n',
    edits: [
      [4, 5, 'B'],
      [10, 10, '\r\nd;'],
    ],
  },
  'a lone CR': { before: 'a;\rb;\nc;\n', edits: [[3, 4, 'B']] },
  'form feed, U+2028, NEL': { before: 'a\fb;\u2028\u0085x\nc;\n', edits: [[0, 1, 'A']] },
  'no final line ending, changed elsewhere': { before: 'a;\nb;\nc;', edits: [[0, 1, 'A']] },
  'no final line ending, last line changed': { before: 'a;\nb;', edits: [[3, 4, 'B']] },
  'no final line ending, last line goes': { before: 'a;\nb;', edits: [[2, 5, '']] },
  'no final line ending, one more line': { before: 'a;\nb;', edits: [[5, 5, '\nc;']] },
  'final line ending comes': { before: 'a;\nb;', edits: [[5, 5, '\n']] },
  'final line ending goes': { before: 'a;\nb;\n', edits: [[5, 6, '']] },
  'insertion at the end': { before: 'a;\nb;\n', edits: [[6, 6, 'c;\n']] },
  'insertion at the start': { before: 'a;\nb;\n', edits: [[0, 0, 'c;\n']] },
  'one line in all': { before: 'a;\n', edits: [[0, 1, 'A']] },
  'a text that becomes empty': { before: 'a;\n', edits: [[0, 3, '']] },
  'an empty text that gets lines': { before: '', edits: [[0, 0, 'a;\n']] },
  'all lines': { before: 'a;\nb;\n', edits: [[0, 6, 'x;\ny;\nz;\n']] },
  'adjacent lines': {
    before: 'a;\nb;\nc;\nd;\n',
    edits: [
      [0, 1, 'A'],
      [3, 4, 'B'],
      [6, 9, ''],
      [11, 11, '\ne;'],
    ],
  },
  'two on one line': {
    before: 'a b c;\n',
    edits: [
      [1, 3, ''],
      [5, 5, ' d'],
    ],
  },
  'insertion joined to the next line after a deletion': {
    before: 'a;\nb;\n',
    edits: [
      [0, 0, 'x'],
      [0, 3, ''],
    ],
  },
  'lines joined': {
    before: 'a;\nb;\nc;\nd;\n',
    edits: [
      [2, 3, ' '],
      [8, 9, ' '],
    ],
  },
  'blank lines around': { before: '\n\n\na;\n\n\n\n', edits: [[3, 6, '']] },
  'several hunks': {
    before: TEN + TEN + TEN,
    edits: [
      [0, 1, 'X'],
      [at(15), at(16), ''],
      [at(29) + 6, at(29) + 6, '!\nz'],
    ],
  },
  'lines that look like a diff': {
    before: '--- a\n+++ b\n@@ -1 +1 @@\n-x\n',
    edits: [
      [0, 1, '-'],
      [12, 14, '-- '],
    ],
  },
};

for (const [title, { before, edits }] of Object.entries(CONTENTS)) {
  test(`git apply and patch take: ${title}`, async t => {
    t.deepEqual(await misapplied(t, [{ path: 'f.conf', before, edits }]), []);
  });
}

test('git apply and patch take files of different encodings in one diff', async t => {
  const latin = Buffer.from('# \xe9\na;\n', 'latin1');
  const cases: Case[] = [
    { path: 'latin é.conf', before: latin, edits: [[4, 5, 'b']] },
    { path: 'utf.conf', before: '# é\na;\n', edits: [[4, 5, 'b']] },
    { path: 'sub/none.conf', before: 'a;', edits: [[2, 2, '\nb;']] },
  ];
  t.deepEqual(await misapplied(t, cases), []);
});

test('random edits of random lines apply with patch', async t => {
  const piece = fc.constantFrom('', 'x', '\n', 'y\n', '\nz', 'a\nb\n');
  const line = fc.constantFrom('\n', 'a\n', 'bb\n', 'a\r\n', 'é\n');
  const input = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 30 }),
    open: fc.boolean(),
    rows: fc.array(fc.tuple(fc.nat(60), fc.nat(5), piece), { minLength: 1, maxLength: 6 }),
  });
  const cases: Case[] = [];
  for (const { lines, open, rows } of fc.sample(input, { numRuns: runs(300), seed: 7 })) {
    const before = lines.join('') + (open ? 'end' : '');
    const edits: Edit[] = [];
    for (const [start, size, text] of rows) {
      const edit = {
        path: '',
        start: Math.min(start, before.length),
        end: Math.min(start + size, before.length),
        text,
      };
      if (!edits.some(other => overlaps(other, edit))) edits.push(edit);
    }
    cases.push({ path: `f${cases.length}`, before, edits: edits.map(({ start, end, text }) => [start, end, text]) });
  }
  t.true(cases.length > 200);
  t.deepEqual(await misapplied(t, cases), []);
});

test('10,000 changes in a text of 400,000 lines', t => {
  // Quadratic work would run into the time limit of the tests; figures are the bench's.
  const blocks = 10_000;
  const text = `${'# a line of a block\n'.repeat(39)}ssl_protocols TLSv1;\n`.repeat(blocks);
  const size = text.length / blocks;
  const edits = Array.from({ length: blocks }, (_, block) => {
    const end = (block + 1) * size - 2;
    return { path: 'f', start: end - 5, end, text: 'TLSv1.2' };
  });
  const hunks = hunksOf(createSource(text), edits);
  t.is(hunks.length, blocks);
  t.true(hunks.every(hunk => hunk.lines.length === (hunk === hunks.at(-1) ? 5 : 8)));
});
