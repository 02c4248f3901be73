import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { judge, parseExpectation } from '../src/live/measure.js';
import type { HeardServer } from '../src/model/heard.js';
import { protocolNames } from '../src/model/protocols.js';
import { createGate } from '../src/probe/gate.js';
import { suiteGrade } from '../src/probe/grade.js';
import { SUITES } from '../src/probe/suites.js';
import { addressText, parseTarget } from '../src/probe/target.js';
import { workspace } from './helpers/command.js';
import { CLI } from './helpers/program.js';
import { certificates } from './helpers/servers.js';

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const probe = (...args: readonly string[]) => probeIn(os.tmpdir(), ...args);

function probeIn(cwd: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise(resolve => {
    const options = { cwd, timeout: 30_000 };
    const child = execFile(process.execPath, [CLI, 'probe', ...args], options, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** The port that it listens on, on 127.0.0.1. */
async function listen(t: ExecutionContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

function speaking(t: ExecutionContext, options: TlsOptions): Promise<number> {
  const { 'key.pem': key, 'cert.pem': cert } = certificates();
  const server = createServer({ key: Buffer.from(key!), cert: Buffer.from(cert!), ...options });
  server.on('tlsClientError', () => {});
  return listen(t, server);
}

test('what keeps the policy is 0, and the listing says what is offered', async t => {
  const port = await speaking(t, { minVersion: 'TLSv1.2' });
  const { status, stdout } = await probe(`127.0.0.1:${port}`);
  t.is(status, 0, stdout);
  t.regex(stdout, new RegExp(`^127\\.0\\.0\\.1:${port}\n`));
  t.regex(stdout, /TLSv1\.2 .*X25519/);
  t.regex(stdout, /not offered: SSLv2 SSLv3 TLSv1 TLSv1\.1\n/);
  t.regex(stdout, /certificate key RSA 2048\n/);
  t.regex(stdout, /policy intermediate [\d.]+: kept\n$/);
});

test('what breaks the policy is 1, with the version that does', async t => {
  const port = await speaking(t, { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
  const { status, stdout } = await probe(`127.0.0.1:${port}`, '--format', 'json');
  t.is(status, 1, stdout);
  const { schemaVersion, servers } = JSON.parse(stdout);
  t.is(schemaVersion, 1);
  t.is(servers[0].verdict, 'broken');
  t.deepEqual(
    servers[0].breaches.map((each: { version: string }) => each.version),
    ['TLSv1', 'TLSv1.1'],
  );
  t.is((await probe(`127.0.0.1:${port}`, '--policy', 'old')).status, 0);
});

test('`--expect` measures instead of a policy', async t => {
  const port = await speaking(t, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
  t.is((await probe(`127.0.0.1:${port}`, '--expect', 'tls12+')).status, 0);
  t.is((await probe(`127.0.0.1:${port}`, '--expect', 'tls13+')).status, 1);
  t.is((await probe(`127.0.0.1:${port}`, '--expect', 'tls12,tls13')).status, 1);
});

test('`--expect` that names what must not be there', async t => {
  const port = await speaking(t, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT@SECLEVEL=0' });
  t.is((await probe(`127.0.0.1:${port}`, '--expect', '!tls10')).status, 0);
  const { status, stdout } = await probe(`127.0.0.1:${port}`, '--expect', '!ssl3,!tls10,!tls11');
  t.is(status, 1);
  t.regex(stdout, /Unexpected `TLSv1\.1`, expected/);
});

test('the policy is that of the configuration file, as for lint', async t => {
  const port = await speaking(t, { minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  const own = { name: 'legacy', protocols: ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'] };
  const named = workspace(t, { 'tlslint.config.json': JSON.stringify({ policy: 'old' }) });
  const custom = workspace(t, { 'tlslint.config.json': JSON.stringify({ policy: own }), 'below/x': '' });
  const broken = workspace(t, { 'tlslint.config.json': '{"policy": "olde"}' });
  const told = async (cwd: string, ...args: string[]) => {
    const { status, stdout } = await probeIn(cwd, `127.0.0.1:${port}`, ...args);
    return `${status} ${/^ {2}(policy .*)$/m.exec(stdout)?.[1]}`;
  };
  t.regex(await told(named), /^0 policy old [\d.]+: kept$/);
  t.regex(await told(named, '--policy', 'modern'), /^1 policy modern [\d.]+: broken$/);
  t.regex(await told(named, '--no-config'), /^1 policy intermediate [\d.]+: broken$/);
  t.is(await told(path.join(custom, 'below')), '0 policy legacy: kept');
  t.is(await told(custom, '--policy', 'legacy'), '0 policy legacy: kept');
  const { status, stderr } = await probeIn(broken, `127.0.0.1:${port}`);
  t.is(status, 2);
  t.regex(stderr, /^tlslint: .*olde.*\n$/);
  t.is((await probeIn(broken, `127.0.0.1:${port}`, '--expect', 'tls11+')).status, 0);
});

test('single checks for logs, GitHub Actions and JUnit, also into files', async t => {
  const weak = await speaking(t, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  const good = await speaking(t, { minVersion: 'TLSv1.2' });
  const dir = workspace(t, {});
  const servers = [`127.0.0.1:${weak}`, `127.0.0.1:${good}`, 'no-such-name.invalid'];
  const { status, stdout } = await probeIn(dir, ...servers, '--format', 'compact', '--format', 'junit=out.xml');
  t.is(status, 2);
  t.deepEqual(stdout.split('\n').slice(0, -1), [
    `127.0.0.1:${weak}: error: Unexpected \`TLSv1.1\`, expected \`TLSv1.2\`, and \`TLSv1.3\` if wanted`,
    `127.0.0.1:${weak}: error: Unexpected server without \`TLSv1.2\`, expected it to be offered`,
    'no-such-name.invalid:443: error: No answer in TLS: the name does not resolve',
  ]);
  const counts = [...readFileSync(path.join(dir, 'out.xml'), 'utf8').matchAll(/<testsuite name="([^"]*)" (.*)>/g)];
  t.deepEqual(
    counts.map(([, name, rest]) => `${name} ${rest}`),
    [
      `127.0.0.1:${weak} tests="2" failures="2" errors="0"`,
      `127.0.0.1:${good} tests="1" failures="0" errors="0"`,
      'no-such-name.invalid:443 tests="1" failures="0" errors="1"',
    ],
  );
  const github = await probe(...servers, '--format', 'github');
  t.regex(github.stdout, /^::error title=tlslint policy intermediate [\d.]+::127\.0\.0\.1:\d+: Unexpected `TLSv1\.1`/);
  t.is(github.stdout.split('\n').length, 4);
});

test('suites come in the server’s order with their groups, and a weak one breaks the measure', async t => {
  const port = await speaking(t, {
    maxVersion: 'TLSv1.2',
    ciphers: 'AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA256:NULL-SHA256@SECLEVEL=0',
    honorCipherOrder: true,
  });
  const { status, stdout } = await probe(`127.0.0.1:${port}`, '--ciphers', '--format', 'json', '--expect', 'tls12');
  t.is(status, 1, stdout);
  const tls12 = JSON.parse(stdout).servers[0].versions.find((each: { version: string }) => each.version === 'TLSv1.2');
  t.is(tls12.order, 'server');
  t.deepEqual(
    tls12.suites.map((suite: { name: string; grade: string }) => `${suite.name} ${suite.grade}`),
    ['AES128-SHA legacy', 'ECDHE-RSA-AES256-GCM-SHA384 good', 'AES128-SHA256 legacy', 'NULL-SHA256 weak'],
  );
  t.is(tls12.suites[1].group, 'X25519');
});

test('where no answer can be had is 2: nobody there, another protocol, silence', async t => {
  const talks = await listen(
    t,
    createPlainServer(socket => void socket.end('220 \u001b[31mhi\r\n')),
  );
  const silent = await listen(
    t,
    createPlainServer(() => {}),
  );
  const gone = await listen(t, createPlainServer());
  const [talk, silence, nobody, name] = await Promise.all([
    probe(`127.0.0.1:${talks}`),
    probe(`127.0.0.1:${silent}`, '--timeout', '0.2', '--retries', '0'),
    probe(`127.0.0.1:${gone}`, '-6'),
    probe('no-such-name.invalid'),
  ]);
  for (const { status, stdout } of [talk, silence, nobody, name]) {
    t.is(status, 2);
    t.regex(stdout, /no answer in TLS: /);
  }
  t.false(talk.stdout.includes('\u001b'));
  t.regex(talk.stdout, /220/);
  t.regex(silence.stdout, /no answer in time/);
  t.regex(nobody.stdout, /no IPv6 address/);
  t.regex(name.stdout, /does not resolve/);
});

test('one server that can’t be asked makes the whole run 2', async t => {
  const port = await speaking(t, { minVersion: 'TLSv1.2' });
  t.is((await probe(`127.0.0.1:${port}`, 'no-such-name.invalid')).status, 2);
});

for (const args of [
  [],
  ['a b'],
  ['x:99999'],
  ['x', '--expect', 'tls9+'],
  ['x', '--expect', 'tls12', '--policy', 'old'],
  ['x', '--timeout', '-1'],
  ['x', '--rate', '0'],
  ['x', '-4', '-6'],
  ['x', '--format', 'sarif'],
  ['x', '--format', 'gitlab=out.json'],
  ['x', '--starttls', 'irc'],
]) {
  test(`usage: probe ${args.join(' ')}`, async t => {
    const { status, stdout, stderr } = await probe(...args);
    t.like({ status, stdout }, { status: 2, stdout: '' });
    t.regex(stderr, /^tlslint: (?:Unexpected|Missing) .*\n$/);
  });
}

test('a server is named in the usual ways', t => {
  const text = (word: string) => {
    const target = parseTarget(word);
    return target && addressText(target);
  };
  t.is(text('example.org'), 'example.org:443');
  t.is(text('example.org:8443'), 'example.org:8443');
  t.is(text('https://example.org/a:1'), 'example.org:443');
  t.is(text('::1'), '[::1]:443');
  t.is(text('[::1]:1'), '[::1]:1');
  t.is(text('unix:/run/x'), 'unix:/run/x');
  for (const wrong of ['', ':1', 'a:0', 'a:', '[x]:1', 'a@b', 'unix:']) t.is(text(wrong), undefined, wrong);
  t.deepEqual(parseTarget('mail.example', 'smtp'), { host: 'mail.example', port: 25 });
});

test('expectations', t => {
  const allowed = (text: string) => protocolNames(parseExpectation(text)?.allow ?? 0);
  t.deepEqual(allowed('tls12+'), ['TLSv1.2', 'TLSv1.3']);
  t.deepEqual(allowed('TLSv1.1+'), ['TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
  t.deepEqual(allowed('ssl3, tls1.0'), ['SSLv3', 'TLSv1']);
  t.deepEqual(allowed('!ssl2,!ssl3, !tls10,!tls1.1'), ['TLSv1.2', 'TLSv1.3']);
  for (const wrong of ['', '+', 'tls', 'ssl3.1', 'tls14', 'tls12,', 'tls12++', '!', '!tls10,tls12', '!tls10+']) {
    t.is(parseExpectation(wrong), undefined, wrong);
  }
});

test('what was not answered is not taken as kept, and nothing offered is not kept', t => {
  const server = (offered: boolean | null): HeardServer => ({
    target: 'a:1',
    address: '127.0.0.1:1',
    servername: null,
    state: 'answered',
    versions: [{ version: 'TLSv1.2', offered, reason: 'alert' }],
  });
  const measure = parseExpectation('tls12+')!;
  t.is(judge(server(true), measure).verdict, 'kept');
  t.is(judge(server(null), measure).verdict, 'unknown');
  t.is(judge(server(false), measure).verdict, 'broken');
});

test('grades of suites', t => {
  const graded = (grade: string) => SUITES.filter(suite => suiteGrade(suite.iana) === grade).map(suite => suite.name);
  for (const name of graded('good')) t.regex(name, /^TLS_|DHE-.*(?:GCM|CCM|CHACHA20)/);
  for (const name of graded('legacy')) t.notRegex(name, /NULL|RC4|EXP|ADH|AECDH|MD5/);
  t.deepEqual(
    SUITES.filter(suite => /NULL|RC4|^EXP|^ADH|^AECDH|MD5|^DES-CBC-/.test(suite.name)).filter(
      suite => suiteGrade(suite.iana) !== 'weak',
    ),
    [],
  );
});

test('a gate bounds what runs at one time and what begins in a second', async t => {
  const gate = createGate({ parallel: 2, rate: 30 });
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 70 }, () =>
      gate(async () => {
        begun.push(performance.now());
        most = Math.max(most, ++running);
        await new Promise(resolve => setTimeout(resolve, 1));
        running--;
      }),
    ),
  );
  t.is(most, 2);
  // Not 31 within any second; work may be looked at a little after it was let in, and timers may come early.
  const spans = begun.slice(30).map((time, index) => time - begun[index]!);
  t.true(Math.min(...spans) >= 800, String(Math.min(...spans)));
  await t.throwsAsync(
    gate(() => Promise.reject(new Error('own'))),
    { message: 'own' },
  );
});
