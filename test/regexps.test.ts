import { readFileSync } from 'node:fs';
import test from 'ava';
import { memoryHost } from '../src/host.js';
import { inspection } from '../src/inspect.js';
import { settingsOf } from '../src/settings.js';
import { ask, attacksOn, RECORD, regexps } from './helpers/regexps.js';

const LENGTH = 100_000;
const MOST_MS = 100;
const TRIES = 5;

/** Made of what a file says, each behind a check of its own. */
const MADE = ['src/dialects/apache/conditions.ts', 'src/dialects/nginx/names.ts', 'src/reporters/display.ts'];

const { literals, made } = regexps();
const recorded = JSON.parse(readFileSync(RECORD, 'utf8')) as Readonly<Record<string, string>>;

/** What `recheck` may say, beside that the time is linear. */
const BOUNDED: Readonly<Record<string, string>> = {
  '/^(?=\\d)(?:\\d+y)?(?: *\\d+M)?(?: *\\d+w)?(?: *\\d+d)?(?: *\\d+h)?(?: *\\d+m(?!s))?(?: *\\d+s?)?$/':
    'on each digit there are seven parts to try, and none of them starts before another that it shares digits with has given up',
};

test('each regular expression that repeats without end is known to take no more than linear time', async t => {
  t.true(literals.size > 200);
  for (const [literal, { pattern, flags, places, repeats }] of literals) {
    if (!repeats || literal in BOUNDED) continue;
    // One that is not recorded is asked about here, which takes a second.
    const told = recorded[literal] ?? (await ask(pattern, flags));
    // `unknown`: it gave up after a minute, and the attacks below are what is known.
    t.regex(told, /^(?:linear|unknown)$/, `${literal} of ${places}: \`npm run regexps\` asks`);
  }
});

test('regular expressions are made at few places', t => {
  t.deepEqual([...new Set(made)].sort(), MADE);
});

for (const [literal, { pattern, flags, places }] of literals) {
  test.serial(`100 kB do not stop ${literal} of ${places[0]}`, t => {
    const regexp = new RegExp(pattern, flags);
    for (const attack of attacksOn(pattern, LENGTH)) {
      const took = shortest(() => {
        regexp.lastIndex = 0;
        regexp.test(attack);
      });
      t.true(took < MOST_MS, `${Math.round(took)} ms on ${JSON.stringify(attack.slice(0, 40))}… of ${places}`);
    }
  });
}

/** Of several runs: this machine has other work. */
function shortest(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let left = TRIES; left > 0 && least >= MOST_MS; left--) {
    const began = performance.now();
    run();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

/** Each would take ages on the name beside it. */
const ENDLESS = [
  '(a|a)*$',
  '((a+))+$',
  '(?:(?:a*)b?)*$',
  `${'a?'.repeat(40)}${'a'.repeat(40)}$`,
  `${'a*'.repeat(30)}b$`,
  '(a{1,50}){1,50}$',
];

for (const expression of ENDLESS) {
  test(`an expression of the configuration does not run for ever: ${expression.slice(0, 20)}`, async t => {
    const server = `server { listen 443 ssl; ssl_certificate a; ssl_certificate_key a; server_name`;
    const host = memoryHost(
      new Map([['/nginx.conf', `events {}\nhttp { ${server} other; }\n${server} "~^${expression}"; } }\n`]]),
    );
    const { offeredTo } = await inspection(settingsOf({}, ['/nginx.conf'], '/', {}, host), host);
    const { tls } = offeredTo({ connect: '127.0.0.1:443', servername: `${'a'.repeat(200)}b.example` });
    t.true(tls);
  });
}
