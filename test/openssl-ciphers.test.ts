import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { evaluateCipherList } from '../src/model/openssl/cipher-list.js';
import { allowsSuite } from '../src/model/openssl/levels.js';
import { cipherListOf, libraryOf } from '../src/model/openssl/library.js';
import { ianaName } from '../src/model/openssl/suites.js';
import { clientVersions, createContext, serverVersions, setCipherList, setCiphersuites } from '../src/model/openssl.js';
import type { OpensslTarget } from '../src/model/target.js';
import { version } from '../src/model/versions.js';
import { runs } from './helpers/properties.js';

const run = promisify(execFile);

function target(text: string, securityLevel = 2, ...extra: Array<'ssl2' | 'ssl3'>): OpensslTarget {
  return { version: version(text), securityLevel, with: new Set(extra) };
}

const v30 = target('3.0.22');
const LIST_FILE = join('test', 'fixtures', 'openssl', 'cipher-lists.txt');

// What the installed `openssl ciphers` of 3.0 says is the truth; other releases have other suites.
test('the cipher language agrees with openssl ciphers', async t => {
  const lists = [...new Set([...readFileSync(LIST_FILE, 'utf8').split('\n'), ...sharedLists()])];
  await compare(t, lists, async list => {
    const mine = cipherListOf(libraryOf(v30), list);
    const real = await ciphers(list);
    t.is(mine.error ?? spell(mine.suites), real, `\`${list}\``);
  });
});

test('security levels agree with openssl ciphers -s', async t => {
  const lists = ['ALL:COMPLEMENTOFALL', 'DEFAULT', 'HIGH:!kRSA', 'AESCCM8:kRSA', 'NULL-MD5:AES128-SHA:ADH-AES256-SHA'];
  const cases = lists.flatMap(list => [0, 1, 2, 3, 4, 5].map(level => ({ list, level })));
  await compare(t, cases, async ({ list, level }) => {
    const { suites } = cipherListOf(libraryOf(v30), list);
    const mine = suites.filter(suite => allowsSuite(v30, suite, level) && !/PSK|SRP/.test(suite.kx));
    t.is(spell(mine), await ciphers('-s', '-tls1_2', `${list}:@SECLEVEL=${level}`), `\`${list}\` ${level}`);
  });
});

test('IANA names and oldest versions agree with openssl ciphers -V', async t => {
  await compare(t, ['ALL:COMPLEMENTOFALL'], async list => {
    const { stdout } = await run('openssl', ['ciphers', '-V', '-stdname', list]);
    const real = stdout.split('\n').flatMap(line => {
      const [, , iana, , name, oldest] = line.trim().split(/\s+/);
      return oldest === undefined || oldest === 'TLSv1.3' ? [] : [`${name} ${iana} ${oldest}`];
    });
    const mine = libraryOf(v30).suites.map(suite => `${suite.name} ${ianaName(suite)} ${MIN.get(suite.min)}`);
    t.deepEqual(mine.sort(), real.sort());
  });
});

const MIN = new Map([
  [2, 'SSLv3'],
  [4, 'TLSv1'],
  [16, 'TLSv1.2'],
]);

test('lists by release', t => {
  const v102 = target('1.0.2u', 0, 'ssl2', 'ssl3');
  const v111 = target('1.1.1w', 1, 'ssl3');
  const v32 = target('3.2.0');
  const rows: ReadonlyArray<readonly [OpensslTarget, string, string]> = [
    [v102, 'RC4-SHA', 'RC4-SHA'],
    [v111, 'RC4-SHA', 'no cipher match'],
    [v102, 'DES-CBC3-SHA', 'DES-CBC3-SHA'],
    [v30, 'DES-CBC3-SHA', 'no cipher match'],
    [v102, 'DHE-RSA-DES-CBC3-SHA', 'EDH-RSA-DES-CBC3-SHA'],
    [v102, 'HIGH+3DES+kRSA', 'no cipher match'],
    [target('1.0.2h', 0), 'HIGH+3DES+kRSA', 'DES-CBC3-SHA'],
    [target('1.0.2f', 0), 'EXP+RC4+kRSA', 'EXP-RC4-MD5'],
    [v102, 'EXP', 'no cipher match'],
    [v102, 'SSLv2', 'DES-CBC3-MD5:IDEA-CBC-MD5:RC2-CBC-MD5:RC4-MD5'],
    [target('1.0.2u', 0), 'SSLv2', 'no cipher match'],
    [v102, 'SUITEB128ONLY', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    [v102, 'CHACHA20', 'no cipher match'],
    [v111, 'SEED+kRSA', 'SEED-SHA'],
    [v30, 'SEED', 'no cipher match'],
    [v30, 'TLS_RSA_WITH_AES_128_CBC_SHA', 'no cipher match'],
    [v32, 'TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
    [v32, 'TLS_AES_128_GCM_SHA256', 'no cipher match'],
    [v111, 'ECDH-RSA-AES128-SHA', 'no cipher match'],
    [v102, 'ECDH-RSA-AES128-SHA', 'ECDH-RSA-AES128-SHA'],
  ];
  for (const [openssl, list, expected] of rows) {
    const found = cipherListOf(libraryOf(openssl), list);
    t.is(found.error ?? spell(found.suites), expected, `${openssl.version.text} \`${list}\``);
  }
});

test('SSLv3 in the cipher language is everything before TLSv1.2 up to 1.0.2', t => {
  const old = cipherListOf(libraryOf(target('1.0.2u', 0, 'ssl3')), 'SSLv3').suites;
  t.true(old.some(suite => suite.name === 'ECDHE-RSA-AES128-SHA'));
  const since = cipherListOf(libraryOf(target('1.1.1w', 1, 'ssl3')), 'SSLv3').suites;
  t.false(since.some(suite => suite.name === 'ECDHE-RSA-AES128-SHA'));
});

const WORDS = [
  'ALL',
  'DEFAULT',
  'HIGH',
  'kRSA',
  'AES128-SHA',
  'ECDHE',
  'NOSUCH',
  'SUITEB128',
  'STRENGTH',
  'SECLEVEL=2',
];
const anyList = fc
  .array(fc.oneof(fc.constantFrom(...WORDS, ...':+-!@, =/_'), fc.string({ maxLength: 6 })), { maxLength: 24 })
  .map(parts => parts.join(''));
const anyTarget = fc
  .constantFrom('1.0.1e', '1.0.2u', '1.1.0l', '1.1.1w', '3.0.22', '3.1', '3.2', '3.5')
  .map(text => target(text));

test('any text is evaluated without a throw, and always alike', t => {
  const property = fc.property(anyTarget, anyList, (openssl, list) => {
    const { suites } = libraryOf(openssl);
    const first = evaluateCipherList(openssl, suites, list);
    t.deepEqual(evaluateCipherList(openssl, suites, list), first);
    t.is(first.error === undefined, first.suites.length > 0);
    const context = createContext(openssl);
    setCipherList(openssl, context, list);
    setCiphersuites(openssl, context, list);
    serverVersions(openssl, context, context, { early: true, keys: [undefined] });
    clientVersions(openssl, context);
  });
  t.notThrows(() => fc.assert(property, { numRuns: runs(300) }));
});

test('openssl.cnf may be any text', t => {
  const line = fc.oneof(
    fc.constantFrom(
      '[a]',
      'openssl_conf=a',
      'ssl_conf=a',
      'system_default=a',
      'MinProtocol=TLSv1.2',
      'x=$x${x',
      '\\',
      '"',
      '#',
    ),
    fc.string({ maxLength: 12 }),
  );
  const property = fc.property(fc.array(line, { maxLength: 20 }), lines => {
    createContext({ ...v30, conf: lines.join('\n') });
  });
  t.notThrows(() => fc.assert(property, { numRuns: runs(300) }));
});

/** Runs `check` for each case, a few at a time; passes at once where no OpenSSL 3.0 is installed. */
async function compare<Case>(t: ExecutionContext, cases: readonly Case[], check: (one: Case) => Promise<void>) {
  const installed = await run('openssl', ['version']).then(
    ({ stdout }) => stdout,
    () => '',
  );
  if (!installed.startsWith('OpenSSL 3.0.')) {
    t.log(`not compared: ${installed.trim() || 'no openssl command'}`);
    t.pass();
    return;
  }
  const left = [...cases];
  const worker = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await check(one);
  };
  await Promise.all([worker(), worker()]);
}

/** The names that `openssl ciphers` prints but for TLSv1.3's, sorted, or its error's words. */
async function ciphers(...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('openssl', ['ciphers', ...args]);
    return spell(
      stdout
        .trim()
        .split(':')
        .filter(name => name !== '' && !name.startsWith('TLS_'))
        .map(name => ({ name })),
    );
  } catch (error) {
    const text = String((error as { stderr?: unknown }).stderr);
    return /invalid command|no cipher match/.exec(text)?.[0] ?? text;
  }
}

function spell(suites: ReadonlyArray<{ readonly name: string }>): string {
  return suites
    .map(suite => suite.name)
    .sort()
    .join(':');
}

/** Every list that the recorded cases write, where they are at hand. */
function sharedLists(): string[] {
  const root = join('..', 'shared', 'cases');
  if (!existsSync(root)) return [];
  const files = ['nginx', 'apache'].flatMap(kind =>
    readdirSync(join(root, kind)).map(name => join(root, kind, name, kind === 'nginx' ? 'nginx.conf' : 'httpd.conf')),
  );
  return files.filter(existsSync).flatMap(file => {
    const text = readFileSync(file, 'latin1');
    return [...text.matchAll(/(?:ssl_ciphers|SSLCipherSuite|CipherString)\s+["']?([^;"'\n]+)/g)].map(([, list]) =>
      list!.trim(),
    );
  });
}

/** What some release reads otherwise than another. */
const DIFFERING = [
  'CBC',
  'DH',
  'TLSv1',
  'AESCCM8',
  'COMPLEMENTOFDEFAULT',
  'EXPORT',
  'DHE-RSA-DES-CBC-SHA',
  'IDEA',
  'SECLEVEL=1',
];
const IANA = ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_DHE_RSA_WITH_AES_256_CCM_8'];

test('what builds share of their lists is what each reads by itself', t => {
  const word = fc.constantFrom('ALL', 'SUITEB128', ...DIFFERING, ...IANA);
  const list = fc.array(fc.tuple(fc.constantFrom('', ':', '!', '+', '@', '-'), word), { maxLength: 4 });
  const property = fc.property(anyTarget, list, (openssl, parts) => {
    const library = libraryOf(openssl);
    const text = parts.map(([operator, each]) => `${operator}${each}`).join(':');
    // A copy of the suites is shared with nobody.
    t.deepEqual(cipherListOf(library, text), evaluateCipherList(openssl, [...library.suites], text));
  });
  t.notThrows(() => fc.assert(property, { numRuns: runs(300) }));
});
