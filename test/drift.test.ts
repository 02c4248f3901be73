/** What a running server says beside its configuration, in this process: servers of Node, and processes as they might be. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { createSecureContext, createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { nginx } from '../src/dialects/nginx/index.js';
import type { Host } from '../src/dialects/types.js';
import { diskHost, memoryHost } from '../src/host.js';
import { type DriftOptions, driftOf } from '../src/live/drift.js';
import { type Listener, listenersOn } from '../src/live/listeners.js';
import { questionsOf } from '../src/live/questions.js';
import type { DriftRow } from '../src/model/drift.js';
import { readClientHello } from '../src/probe/client-hello.js';
import { createGate } from '../src/probe/gate.js';
import { targetRange } from '../src/targets.js';
import { certificates } from './helpers/servers.js';

const { 'key.pem': key, 'cert.pem': cert } = certificates();
const CREDENTIALS = { key: Buffer.from(key!), cert: Buffer.from(cert!) };
const range = targetRange('nginx', nginx.steps, { server: 'nginx@1.28.0', openssl: '3.0' });

/** The port that it listens on, or the path of its socket. */
async function listen(t: ExecutionContext, server: Server, where: string | { host: string } = { host: '127.0.0.1' }) {
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket.on('error', () => {})));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const options = typeof where === 'string' ? { path: where } : { ...where, port: 0 };
  await new Promise<void>(resolve => server.listen(options, resolve));
  return typeof where === 'string' ? 0 : (server.address() as { port: number }).port;
}

function speaking(options: TlsOptions): Server {
  return createTlsServer({ ...CREDENTIALS, ...options }).on('tlsClientError', () => {});
}

const only12 = () => speaking({ maxVersion: 'TLSv1.2' });
const http = () => createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));

function config(listen: string, words: string): string {
  return `events {}\nhttp {\n  server { listen ${listen}; ssl_certificate c; ssl_certificate_key k; ssl_protocols ${words}; }\n}\n`;
}

const NOBODY = () => [];
const SURVEY = { ciphers: false, timeout: 4000, retries: 0, gate: createGate({ parallel: 10, rate: 1000 }) };
const HIDDEN = /Which process answers there is not shown to this user here/;

interface Asked {
  readonly options?: Partial<DriftOptions>;
  readonly listeners?: (address: string) => Listener[];
  readonly host?: Host;
}

async function drift(text: string, { options, listeners = NOBODY, host }: Asked = {}): Promise<DriftRow> {
  const from = host ?? memoryHost(new Map([['/nginx.conf', text]]));
  const file = host ? text : '/nginx.conf';
  const [target] = range.targets;
  const model = nginx.load(file, from, { prefix: '', define: new Map(), module: [], env: {}, target: target! });
  return driftOf(questionsOf(model)[0]!, range, { survey: SURVEY, ...options }, listeners);
}

test('a configuration that a template makes is not compared', async t => {
  const port = await listen(t, only12());
  const row = await drift(config(`127.0.0.1:${port} ssl`, '$' + '{PROTOCOLS}'));
  t.like(row, { state: 'unknown', expected: null, heard: ['TLSv1.2'] });
  t.true(row.evidence.length > 0);
});

test('a listener without TLS is one that speaks none', async t => {
  const port = await listen(t, http());
  t.like(await drift(config(`127.0.0.1:${port}`, 'TLSv1.2')), { state: 'agrees', expected: [[]], heard: [] });
});

test('a version to which no answer comes leaves it open, whatever the others say', async t => {
  const inner = await listen(t, only12());
  const server = createServer(socket => {
    socket.once('data', bytes => {
      const heard = readClientHello(bytes);
      if (heard.kind === 'hello' && heard.hello.versions?.includes('TLSv1.3')) return;
      const behind = connect(inner, '127.0.0.1').on('error', () => {});
      behind.write(bytes);
      socket.pipe(behind).pipe(socket);
    });
  });
  const port = await listen(t, server);
  const row = await drift(config(`127.0.0.1:${port} ssl`, 'TLSv1.2 TLSv1.3'), {
    options: { survey: { ...SURVEY, timeout: 700 } },
  });
  t.like(row, { state: 'unknown', heard: ['TLSv1.2'] });
  t.deepEqual(row.evidence, ['No answer was had to `TLSv1.3`.']);
});

test('what the files allow and the library does not, where nobody is seen', async t => {
  const port = await listen(t, only12());
  const row = await drift(config(`127.0.0.1:${port} ssl`, 'TLSv1.2 TLSv1.3'));
  t.is(row.state, 'other-library');
  t.regex(row.evidence[0]!, /^The files allow `TLSv1\.2`, `TLSv1\.3`, and the library decides/);
  t.regex(row.evidence.at(-1)!, HIDDEN);
});

test('what the files do not allow, where nobody is seen', async t => {
  const port = await listen(t, only12());
  const row = await drift(config(`127.0.0.1:${port} ssl`, 'TLSv1.3'));
  t.is(row.state, 'other-config');
  t.is(row.evidence[0], 'These files do not come to `TLSv1.2`.');
  t.regex(row.evidence[1]!, HIDDEN);
});

test('a server that refuses every version, and one that speaks something else', async t => {
  const alert = Buffer.of(21, 3, 3, 0, 2, 2, 40);
  const refusing = await listen(
    t,
    createServer(socket => socket.once('data', () => socket.end(alert))),
  );
  const none = await drift(config(`127.0.0.1:${refusing} ssl`, 'TLSv1.2'));
  t.like(none, { state: 'other-config', heard: [] });
  t.is(none.evidence[0], 'It speaks TLS and agrees to no version.');
  const plain = await listen(t, http());
  const other = await drift(config(`127.0.0.1:${plain} ssl`, 'TLSv1.2'));
  t.is(other.state, 'other-config');
  t.is(other.evidence[0], 'It does not speak TLS: it says `HTTP/1.1 400 Bad Request`.');
});

test('in front: only where the listener itself answers as it should', async t => {
  const own = await listen(t, only12());
  const front = await listen(t, http());
  const via = (port: number) => ({ options: { via: { host: '127.0.0.1', port } } });
  const before = await drift(config(`127.0.0.1:${own} ssl`, 'TLSv1.2'), via(front));
  t.like(before, { state: 'in-front', address: `127.0.0.1:${front}` });
  t.regex(
    before.evidence[0]!,
    /itself answers as the configuration says, and `127\.0\.0\.1:\d+` does not speak TLS\.$/,
  );
  t.is((await drift(config(`127.0.0.1:${own} ssl`, 'TLSv1.3'), via(front))).state, 'other-config');
});

const process12: Listener = { pid: 10, parent: 1, program: 'nginx', started: Date.now() };

test('who listens there decides: another program, another file, an environment', async t => {
  const port = await listen(t, only12());
  const text = config(`127.0.0.1:${port} ssl`, 'TLSv1.2 TLSv1.3');
  const told = async (listener: Partial<Listener>) => {
    const { state, evidence } = await drift(text, { listeners: () => [{ ...process12, ...listener }] });
    return [state, evidence[0], evidence.at(-1)] as const;
  };
  const haproxy = '`haproxy` (process 10) listens there, not nginx.';
  t.deepEqual(await told({ program: 'haproxy' }), ['in-front', haproxy, haproxy]);
  const other = '`nginx` (process 10) was started with `/gone/nginx.conf`.';
  t.deepEqual(await told({ config: '/gone/nginx.conf' }), ['other-config', other, other]);
  t.is((await told({ config: '/nginx.conf' }))[0], 'other-library');
  t.is(
    (await told({ opensslConf: '/o.cnf' }))[2],
    'The process runs with `OPENSSL_CONF=/o.cnf`; `--openssl-conf` takes it into account.',
  );
});

test('processes older than a file run what was before; a name asks for who listens on its address', async t => {
  const port = await listen(t, only12());
  const dir = mkdtempSync(path.join(tmpdir(), 'tlslint-drift-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const file = path.join(dir, 'nginx.conf');
  writeFileSync(file, config(`127.0.0.1:${port} ssl`, 'TLSv1.2 TLSv1.3'));
  const asked: string[] = [];
  const old = Date.UTC(2020, 0, 1);
  const worker = (pid: number, started: number) => ({ ...process12, pid, parent: 10, started });
  const row = await drift(file, {
    host: diskHost(dir),
    options: { via: { host: 'localhost' } },
    listeners: address => {
      asked.push(address);
      return [{ ...process12, started: 0 }, worker(11, Date.now()), worker(12, old)];
    },
  });
  t.is(row.state, 'not-reloaded', row.evidence.join());
  t.regex(
    row.evidence[0]!,
    /^`nginx\.conf` was changed at .* UTC, and process 12, which answers there, runs since 2020-01-01 00:00:00\.$/,
  );
  t.regex(asked[0]!, new RegExp(`^(?:127\\.0\\.0\\.1|\\[::1\\]):${port}$`));
});

test('a mail server that greets is asked to start TLS', async t => {
  const secureContext = createSecureContext({ ...CREDENTIALS, maxVersion: 'TLSv1.2' });
  const server = createServer(socket => {
    socket.write('220 a.test ESMTP\r\n');
    socket.on('data', function hear(bytes) {
      const said = bytes.toString('latin1');
      if (said.startsWith('EHLO')) socket.write('250-a.test\r\n250 STARTTLS\r\n');
      else if (!said.startsWith('STARTTLS')) socket.end('500 what\r\n');
      else {
        socket.off('data', hear).write('220 go\r\n');
        new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {});
      }
    });
  });
  const port = await listen(t, server);
  const mail = `events {}\nmail {\n  auth_http x;\n  server { listen 127.0.0.1:${port}; protocol smtp; starttls on; ssl_certificate c; ssl_certificate_key k; ssl_protocols TLSv1.2; }\n}\n`;
  t.like(await drift(mail), { state: 'agrees', heard: ['TLSv1.2'] });
  // Who names another protocol is not second-guessed.
  t.like(await drift(mail, { options: { survey: { ...SURVEY, starttls: 'imap' } } }), { heard: [] });
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('who listens: on the address itself, on every address of this machine, on a socket', async t => {
  const dir = mkdtempSync(path.join(tmpdir(), 'tlslint-drift-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const pids = (address: string) => listenersOn(address).map(({ pid }) => pid);
  const port = await listen(t, http());
  t.deepEqual(pids(`127.0.0.1:${port}`), [process.pid]);
  t.deepEqual(pids(`127.0.0.2:${port}`), []);
  const everywhere = await listen(t, http(), { host: '0.0.0.0' });
  t.deepEqual(pids(`127.0.0.2:${everywhere}`), [process.pid]);
  t.deepEqual(pids(`192.0.2.1:${everywhere}`), [], 'another machine');
  const own = Object.values(networkInterfaces())
    .flatMap(each => each ?? [])
    .find(each => each.family === 'IPv4' && !each.internal);
  if (own) t.deepEqual(pids(`${own.address}:${everywhere}`), [process.pid]);
  const socket = path.join(dir, 's');
  await listen(t, http(), socket);
  t.deepEqual(pids(`unix:${socket}`), [process.pid]);
  t.deepEqual(pids(`unix:${path.join(dir, 'none')}`), []);
});

onLinux('who listens on the loopback of IPv6', async t => {
  if (!Object.values(networkInterfaces()).some(each => each?.some(({ address }) => address === '::1'))) return t.pass();
  const port = await listen(t, http(), { host: '::1' });
  t.deepEqual(
    listenersOn(`[::1]:${port}`).map(({ pid }) => pid),
    [process.pid],
  );
});

test('what is asked: wildcards on loopback, names that a client can send, no hops', t => {
  const text =
    'events {}\nhttp {\n  server { listen 443 ssl; server_name .a.test *.b.test www.c.* ~^d _; ssl_certificate c; ssl_certificate_key k;\n' +
    '    location / { proxy_pass https://up.test; } }\n  server { listen unix:/run/s ssl; ssl_certificate c; ssl_certificate_key k; }\n  server { listen [::]:444 ssl; ssl_certificate c; ssl_certificate_key k; }\n}\n';
  const [target] = range.targets;
  const host = memoryHost(new Map([['/nginx.conf', text]]));
  const model = nginx.load('/nginx.conf', host, {
    prefix: '',
    define: new Map(),
    module: [],
    env: {},
    target: target!,
  });
  t.deepEqual(
    questionsOf(model).map(({ question, servername }) => [question.connect, servername]),
    [
      ['127.0.0.1:443', null],
      ['127.0.0.1:443', 'a.test'],
      ['127.0.0.1:443', 'tlslint.b.test'],
      ['127.0.0.1:443', 'www.c.test'],
      ['unix:/run/s', null],
      ['[::1]:444', null],
    ],
  );
});
