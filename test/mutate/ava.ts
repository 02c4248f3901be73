/**
 * What tests import as `ava` while the program is changed: the same tests and assertions, without the second that ava takes to
 * start. A test whose assertion fails fails, even if it catches that; so does one that asserts nothing, as in ava.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

export interface Test {
  readonly title: string;
  /** Rejects where the test fails. */
  run(): Promise<void>;
}

type Body = (t: unknown, ...args: unknown[]) => unknown;
interface Expected {
  readonly instanceOf?: new (...args: never[]) => unknown;
  readonly message?: string | RegExp;
  readonly code?: unknown;
}

/** The tests of what was imported so far, in their order. */
export const tests: Test[] = [];
/** What runs after all of them. */
export const afterwards: (() => unknown)[] = [];

function test(title: string, body: Body, ...args: unknown[]): void {
  tests.push({ title, run: () => runOne(title, body, args) });
}
function skip(): void {}
test.skip = skip;
test.serial = Object.assign((...all: Parameters<typeof test>) => test(...all), { skip });
test.after = { always: (body: () => unknown) => void afterwards.push(body) };
export default test;

async function runOne(title: string, body: Body, args: readonly unknown[]): Promise<void> {
  const torn: (() => unknown)[] = [];
  const failures: unknown[] = [];
  let asserted = 0;
  const counted = Object.entries(ASSERTIONS).map(([name, claim]) => [
    name,
    (...all: never[]) => {
      asserted++;
      return kept(() => claim(...all), failures);
    },
  ]);
  const t = { title, log() {}, timeout() {}, teardown: (each: () => unknown) => void torn.push(each) };
  try {
    await body({ ...t, ...Object.fromEntries(counted) }, ...args);
  } finally {
    for (const each of torn.reverse()) await each();
  }
  if (failures.length > 0) throw failures[0];
  assert.ok(asserted > 0, 'the test asserts nothing');
}

/** What a claim gives, or throws after it is noted. */
function kept(claim: () => unknown, failures: unknown[]): unknown {
  const note = (error: unknown): never => {
    failures.push(error);
    throw error;
  };
  try {
    const given = claim();
    return given instanceof Promise ? given.catch(note) : given;
  } catch (error) {
    return note(error);
  }
}

const ASSERTIONS: Readonly<Record<string, (...all: never[]) => unknown>> = {
  is: (actual: unknown, expected: unknown) => holds(Object.is(actual, expected), actual),
  not: (actual: unknown, expected: unknown) => holds(!Object.is(actual, expected), actual),
  deepEqual: (actual: unknown, expected: unknown) => holds(isDeepStrictEqual(actual, expected), actual),
  like: (actual: unknown, expected: unknown) => holds(isLike(actual, expected), actual),
  true: (actual: unknown) => holds(actual === true, actual),
  false: (actual: unknown) => holds(actual === false, actual),
  truthy: (actual: unknown) => holds(Boolean(actual), actual),
  regex: (actual: string, expected: RegExp) => holds(isMatch(actual, expected), actual),
  notRegex: (actual: string, expected: RegExp) => holds(!isMatch(actual, expected), actual),
  pass: () => true,
  fail: (message: unknown) => holds(false, message),
  throws(run: () => unknown, expected?: Expected) {
    try {
      run();
    } catch (error) {
      return isExpected(error, expected);
    }
    return holds(false, 'nothing thrown');
  },
  async throwsAsync(run: Promise<unknown> | (() => Promise<unknown>), expected?: Expected) {
    try {
      await (typeof run === 'function' ? run() : run);
    } catch (error) {
      return isExpected(error, expected);
    }
    return holds(false, 'nothing thrown');
  },
  notThrows: (run: () => unknown) => void run(),
  async notThrowsAsync(run: Promise<unknown> | (() => Promise<unknown>)) {
    await (typeof run === 'function' ? run() : run);
  },
};

function holds(is: boolean, shown: unknown): true {
  assert.ok(is, String(shown));
  return true;
}

function isMatch(text: string, expected: RegExp): boolean {
  expected.lastIndex = 0;
  return expected.test(text);
}

function isExpected(error: unknown, { instanceOf, message, code }: Expected = {}): unknown {
  const { message: said, code: given } = error as { message: string; code?: unknown };
  holds(instanceOf === undefined || error instanceof instanceOf, error);
  holds(message === undefined || (typeof message === 'string' ? said === message : isMatch(said, message)), said);
  holds(code === undefined || Object.is(given, code), given);
  return error;
}

/** Whether all that `expected` names is so in `actual`, which may hold more; an array's items are named by their index. */
function isLike(actual: unknown, expected: unknown): boolean {
  const isPart =
    Array.isArray(expected) || (isObject(expected) && Object.getPrototypeOf(expected) === Object.prototype);
  if (!isPart || !isObject(actual)) return isDeepStrictEqual(actual, expected);
  return Object.entries(expected).every(([key, value]) => isLike(actual[key], value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
