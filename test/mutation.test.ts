import test, { type ExecutionContext } from 'ava';
import { tests as found, default as standIn } from './mutate/ava.js';
import { mutantsOf } from './mutate/mutants.js';

type Claim = (t: ExecutionContext) => unknown;

/** Claims that hold and claims that do not, of each kind that our tests make. */
const CLAIMS: Readonly<Record<string, Claim>> = {
  is: t => t.is(Number.NaN, Number.NaN),
  'is: another': t => t.is<unknown, unknown>(0, '0'),
  'is: an object like it': t => t.is<unknown, unknown>([], []),
  not: t => t.not<unknown, unknown>(1, 2),
  'not: the same': t => t.not(1, 1),
  deepEqual: t => t.deepEqual({ a: [1, new Set(['x'])] }, { a: [1, new Set(['x'])] }),
  'deepEqual: more': t => t.deepEqual<unknown, unknown>({ a: 1, b: 2 }, { a: 1 }),
  'deepEqual: an absent member': t => t.deepEqual<unknown, unknown>({ a: 1, b: undefined }, { a: 1 }),
  'deepEqual: minus zero': t => t.deepEqual(0, -0),
  like: t => t.like({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { b: 1 }, d: [1, 2] }),
  'like: an instance': t => t.like(new RangeError('x'), { message: 'x' }),
  'like: another value': t => t.like({ a: { b: 1 } }, { a: { b: 2 } }),
  'like: absent': t => t.like({}, { a: 1 }),
  'like: nothing': t => t.like(undefined, { a: 1 }),
  true: t => t.true(true),
  'true: truthy': t => t.true(1 as unknown as boolean),
  false: t => t.false(false),
  'false: falsy': t => t.false(0 as unknown as boolean),
  truthy: t => t.truthy('x'),
  'truthy: empty': t => t.truthy(''),
  regex: t => t.regex('abc', /b/),
  'regex: no match': t => t.regex('abc', /x/),
  notRegex: t => t.notRegex('abc', /x/),
  'notRegex: a match': t => t.notRegex('abc', /b/),
  throws: t => t.throws(() => fail('x'), { message: /x/, instanceOf: RangeError }),
  'throws: another message': t => t.throws(() => fail('x'), { message: 'y' }),
  'throws: another kind': t => t.throws(() => fail('x'), { instanceOf: TypeError }),
  'throws: not': t => t.throws(() => 1),
  throwsAsync: async t => t.throwsAsync(async () => fail('x'), { message: 'x' }),
  'throwsAsync: not': async t => t.throwsAsync(async () => 1),
  notThrows: t => t.notThrows(() => 1),
  'notThrows: throws': t => t.notThrows(() => fail('x')),
  'notThrowsAsync: throws': async t => t.notThrowsAsync(async () => fail('x')),
  pass: t => t.pass(),
  fail: t => t.fail(),
  'throws itself': t => t.pass() && fail('x'),
  nothing: () => 1,
  'an error that is caught': t => {
    try {
      t.is<unknown, unknown>(1, 2);
    } catch {
      // The test fails nevertheless.
    }
  },
};

for (const [title, claim] of Object.entries(CLAIMS)) {
  test(`the runner’s stand-in judges as ava does: ${title}`, async t => {
    const attempt = await t.try(title, claim);
    attempt.discard();
    t.is(await holdsInStandIn(title, claim), attempt.passed);
  });
}

test('changes stand in their places, and joining texts is none', t => {
  const code = 'export const f = (a, b) => { if (!a && b < 2) return "x" + a; g(); return; };';
  const changed = mutantsOf('f.js', code).map(({ start, end, text }) => [code.slice(start, end), text]);
  t.deepEqual(changed, [
    ['!', ''],
    ['!a && b < 2', 'true'],
    ['!a && b < 2', 'false'],
    ['&&', '||'],
    ['<', '<='],
    ['"x" + a', 'undefined'],
    ['g();', ';'],
  ]);
});

async function holdsInStandIn(title: string, claim: Claim): Promise<boolean> {
  found.length = 0;
  standIn(title, claim as (t: unknown) => unknown);
  return found[0]!.run().then(
    () => true,
    () => false,
  );
}

function fail(message: string): never {
  throw new RangeError(message);
}
