import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { canonicalIpv6 } from '../src/dialects/ipv6.js';
import { wildcard } from '../src/dialects/wildcard.js';

/** Pattern, what it matches, what it does not. */
const ROWS: ReadonlyArray<readonly [string, readonly string[], readonly string[]]> = [
  ['*.conf', ['a.conf', '.conf', 'ä.conf'], ['a.conf~', 'conf']],
  ['a?c', ['abc', 'a.c'], ['ac', 'abbc']],
  ['*a*b', ['ab', 'xaxb', 'aab'], ['ba', 'abx']],
  ['[a-c]x', ['ax', 'cx'], ['dx', '-x']],
  ['[!a]', ['b', ']'], ['a', '']],
  ['[^a]', ['b'], ['a']],
  ['[]a]', [']', 'a'], ['[', 'b']],
  ['[!]a]', ['b'], [']', 'a']],
  ['[a-]', ['a', '-'], ['b']],
  [String.raw`[\]a]`, [']', 'a'], ['\\', '[']],
  ['[a', ['[a'], ['a']],
  [String.raw`\*`, ['*'], ['\\*', 'a']],
  ['a\\', ['a\\'], ['a']],
];

for (const [pattern, matching, others] of ROWS) {
  test(`\`${pattern}\` matches what both servers take it for`, t => {
    for (const text of matching) t.true(wildcard(pattern)(text), text);
    for (const text of others) t.false(wildcard(pattern)(text), text);
  });
}

test('a leading dot wants a dot where it is asked for', t => {
  const period = { period: true };
  t.false(wildcard('*', period)('.hidden'));
  t.false(wildcard('?hidden', period)('.hidden'));
  t.true(wildcard('.*', period)('.hidden'));
  t.true(wildcard('*')('.hidden'));
});

test('classes are the C library’s alone', t => {
  t.true(wildcard('[[:digit:]_]*', { classes: true })('7x'));
  t.true(wildcard('[[:digit:]_]*', { classes: true })('_x'));
  t.false(wildcard('[![:alpha:]]', { classes: true })('x'));
  t.false(wildcard('[[:digit:]]', {})('7'));
});

test('many stars cost no more than pattern × text', t => {
  const pattern = `${'*a'.repeat(2000)}b`;
  t.false(wildcard(pattern)('a'.repeat(5000)));
});

const bash = spawnSync('bash', ['-c', 'exit 0']).status === 0;

(bash ? test : test.skip)('agrees with bash on patterns at random', t => {
  // Each `[` has its `]`: bash has ideas of its own about others.
  const piece = fc.constantFrom(
    'a',
    'b',
    '-',
    ']',
    '!',
    '*',
    '?',
    '[ab]',
    '[!a]',
    '[]b]',
    '[^]a-b]',
    '[a-]',
    '[!-b]',
    '[[-b]',
  );
  const patterns = fc.sample(fc.string({ unit: piece, minLength: 1, maxLength: 5 }), 300);
  const texts = fc.sample(fc.string({ unit: fc.constantFrom(...'ab-[]!^'), maxLength: 4 }), 12);
  const script = 'p=$1; shift; for t; do case $t in $p) printf 1;; *) printf 0;; esac; done; echo';
  const lines = `while IFS= read -r p; do set -- "$p" ${texts.map(text => `'${text}'`).join(' ')}; ${script}; done`;
  const { stdout } = spawnSync('bash', ['-c', lines], { input: `${patterns.join('\n')}\n`, encoding: 'utf8' });
  const expected = stdout.trimEnd().split('\n');
  const actual = patterns.map(pattern => texts.map(text => (wildcard(pattern)(text) ? 1 : 0)).join(''));
  const table = (answers: readonly string[]) => patterns.map((pattern, index) => [pattern, answers[index]]);
  t.deepEqual(table(actual), table(expected), texts.join(' '));
});

test('one spelling per IPv6 address', t => {
  t.is(canonicalIpv6('0:0:0:0:0:0:0:1'), '::1');
  t.is(canonicalIpv6('2001:DB8::0:1'), '2001:db8::1');
  t.is(canonicalIpv6('::ffff:192.0.2.1'), '::ffff:c000:201');
  for (const text of ['', '1', ':::', '1::2::3', '::1]/x[', 'fe80::1%eth0', '::12345']) {
    t.is(canonicalIpv6(text), undefined, text);
  }
});
