/** The prober on bad networks: silence, tarpits, resets, limits; names with several addresses; STARTTLS with TLS behind it. */
import { execFile } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import type { HeardServer, ProbedServer } from '../src/model/heard.js';
import { PROTOCOLS } from '../src/model/protocols.js';
import { exchange } from '../src/probe/connect.js';
import { createHandshake } from '../src/probe/handshake.js';
import type { StarttlsName } from '../src/probe/starttls.js';
import { workspace } from './helpers/command.js';
import { CLI, COUNTED } from './helpers/program.js';
import { certificates } from './helpers/servers.js';

interface Ran {
  readonly status: number;
  readonly stderr: string;
  readonly servers: readonly ProbedServer[];
}

function probe(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise(resolve => {
    const options = { timeout: 60_000, env: { ...COUNTED, PATH: process.env.PATH, ...env } };
    const all = [CLI, 'probe', '--no-config', '--format', 'json', ...args];
    const child = execFile(process.execPath, all, options, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stderr, servers: stdout === '' ? [] : JSON.parse(stdout).servers }),
    );
  });
}

interface Listening {
  readonly port: number;
  /** Connections so far. */
  count(): number;
}

async function listen(t: ExecutionContext, server: Server, host = '127.0.0.1', port = 0): Promise<Listening> {
  const sockets = new Set<Socket>();
  let count = 0;
  server.on('connection', socket => {
    count++;
    sockets.add(socket.on('error', () => {}));
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return { port: (server.address() as { port: number }).port, count: () => count };
}

const heard = ({ versions }: HeardServer, offered: boolean | null) =>
  versions.filter(each => each.offered === offered).map(({ version }) => version);

function speaking(options: TlsOptions): Server {
  const { 'key.pem': key, 'cert.pem': cert } = certificates();
  const server = createTlsServer({ key: Buffer.from(key!), cert: Buffer.from(cert!), ...options });
  return server.on('tlsClientError', () => {});
}

/** Until no more come: a busy process may accept connections after the client has gone. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await new Promise(resolve => setTimeout(resolve, 300));
  }
}

test('a silent server is asked as often as `--retries` says, and left at its time', async t => {
  const silent = createServer(() => {});
  const { port, count } = await listen(t, silent);
  const once = await probe([`127.0.0.1:${port}`, '--timeout', '0.2', '--retries', '0']);
  t.like(once, { status: 2 });
  t.like(once.servers[0], { state: 'silent', trouble: 'there is no answer in time' });
  await settled(count);
  t.is(count(), 6);
  await probe([`127.0.0.1:${port}`, '--timeout', '0.2', '--retries', '2']);
  await settled(count);
  t.is(count(), 6 + 18);
});

test('a tarpit that drips is left at its time', async t => {
  const server = createServer(socket => {
    socket.write(Uint8Array.of(22, 3, 3, 64, 0));
    const timer = setInterval(() => socket.write(Uint8Array.of(2)), 20);
    socket.on('close', () => clearInterval(timer));
  });
  const { port } = await listen(t, server);
  const { status, servers } = await probe([`127.0.0.1:${port}`, '--timeout', '0.3', '--ciphers']);
  t.is(status, 2);
  t.deepEqual(heard(servers[0]!, null), PROTOCOLS);
});

test('a server that resets everything is no server', async t => {
  const { port } = await listen(
    t,
    createServer(socket => socket.resetAndDestroy()),
  );
  const { status, servers } = await probe([`127.0.0.1:${port}`]);
  t.is(status, 2);
  t.like(servers[0], { state: 'silent', trouble: 'it resets each connection' });
});

test('a reset that came before this process looked at its connection is one all the same', async t => {
  const worker = new Worker(RESETTING, { eval: true });
  t.teardown(() => worker.terminate());
  const port = await new Promise<number>(resolve => worker.once('message', resolve));
  const handshake = createHandshake({ version: 'TLSv1.2' });
  const outcome = exchange({ peer: { host: '127.0.0.1', port }, timeout: 5000 }, handshake);
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300));
  t.like(await outcome, { offered: null, reason: 'reset' });
});

const RESETTING = `
const server = require('node:net').createServer(socket => socket.resetAndDestroy());
server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port));
`;

/** TLSv1.2 alone; where `ends` says so of the first bytes, the connection is reset without a word. */
function curt(ends: (bytes: Uint8Array) => boolean): Server {
  const tls = speaking({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
  return createServer(socket => {
    socket.once('data', bytes => {
      if (ends(bytes)) return socket.resetAndDestroy();
      socket.pause();
      socket.unshift(bytes);
      tls.emit('connection', socket);
    });
  });
}

/** By the version of the ClientHello, which TLSv1.3 has as well. */
function isTls12(bytes: Uint8Array): boolean {
  return bytes[9] === 3 && bytes[10] === 3;
}

test('a version at which a server hangs up while it speaks others is not offered', async t => {
  // As Windows does: a reset, and no alert, for what is off.
  const server = curt(bytes => !isTls12(bytes));
  const { port } = await listen(t, server);
  const { status, servers } = await probe([`127.0.0.1:${port}`, '--expect', 'tls12']);
  t.is(status, 0);
  t.deepEqual(heard(servers[0]!, true), ['TLSv1.2']);
  t.deepEqual(heard(servers[0]!, null), []);
});

test('a server that hangs up on everybody after some connections says nothing of versions any more', async t => {
  let served = 0;
  const server = curt(bytes => !isTls12(bytes) || ++served > 3);
  const { port } = await listen(t, server);
  const args = [`127.0.0.1:${port}`, '--expect', '!tls10', '--ciphers'];
  const { status, servers } = await probe(args);
  t.is(status, 2);
  t.is(servers[0]!.verdict, 'unknown');
  const tls12 = servers[0]!.versions.find(({ version }) => version === 'TLSv1.2');
  t.like(tls12, { offered: true, complete: false });
});

/** Makes names resolve without a resolver. */
const RESOLVER = `const dns = require('node:dns/promises');
const names = JSON.parse(process.env.TEST_NAMES);
dns.lookup = async name => {
  if (!names[name]) throw new Error('not found');
  return names[name].map(address => ({ address, family: address.includes(':') ? 6 : 4 }));
};
require('node:module').syncBuiltinESMExports();
`;

test('each address of a name is a server, of IPv4 and of IPv6', async t => {
  const dir = workspace(t, { 'resolver.cjs': RESOLVER });
  const newest = await listen(t, speaking({ minVersion: 'TLSv1.3' }), '::1');
  await listen(t, speaking({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }), '127.0.0.1', newest.port);
  const env = {
    NODE_OPTIONS: `--require ${path.join(dir, 'resolver.cjs')}`,
    TEST_NAMES: JSON.stringify({ 'two.test': ['::1', '127.0.0.1', '::1'], 'four.test': ['127.0.0.1'] }),
  };
  const told = async (...args: readonly string[]) => {
    const { status, servers } = await probe(args, env);
    const shown = servers.map(server => `${server.address} ${heard(server, true)}${server.trouble ?? ''}`);
    return [status, ...shown];
  };
  const six = `[::1]:${newest.port} TLSv1.3`;
  const four = `127.0.0.1:${newest.port} TLSv1.2`;
  const name = `two.test:${newest.port}`;
  t.deepEqual(await told(name, '--expect', 'tls12+'), [0, six, four]);
  t.deepEqual(await told(name), [1, six, four]);
  t.deepEqual(await told(name, '-4'), [0, four]);
  t.deepEqual(await told(name, '--ipv6', '--policy', 'modern'), [0, six]);
  t.deepEqual(await told(`four.test:${newest.port}`, '-6'), [2, ' it has no IPv6 address']);
  const { servers } = await probe([name], env);
  t.true(servers.every(({ target, servername }) => target === name && servername === 'two.test'));
});

interface Script {
  /** Said on connection. */
  readonly greeting?: string;
  /** What must come, and what is said to it; after the last, TLS. */
  readonly turns: ReadonlyArray<readonly [RegExp, string]>;
}

/** By the protocols' specifications; each answer that agrees, with what a server may say around it. */
const SCRIPTS: Readonly<Record<StarttlsName, Script>> = {
  // RFC 3207, section 5
  smtp: {
    greeting: '220-mail.test\r\n220 ESMTP service ready\r\n',
    turns: [
      [/^EHLO \S+\r\n$/, '250-mail.test offers a warm hug of welcome\r\n250 STARTTLS\r\n'],
      [/^STARTTLS\r\n$/, '220 Go ahead\r\n'],
    ],
  },
  // RFC 9051, section 6.2.1
  imap: {
    greeting: '* OK [CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED] ready\r\n',
    turns: [[/^(\S+) STARTTLS\r\n$/, '$1 OK Begin TLS negotiation now\r\n']],
  },
  // RFC 2595, section 4
  pop3: { greeting: '+OK POP3 ready\r\n', turns: [[/^STLS\r\n$/, '+OK Begin TLS negotiation\r\n']] },
  // RFC 4217, section 17
  ftp: { greeting: '220 ready\r\n', turns: [[/^AUTH TLS\r\n$/, '234 AUTH TLS successful\r\n']] },
  // RFC 4511, section 4.14: an ExtendedRequest by its BER, and the ExtendedResponse with the name that it may have
  ldap: {
    turns: [
      [
        /^0\x1d\x02\x01\x01w\x18\x80\x161\.3\.6\.1\.4\.1\.1466\.20037$/,
        '0\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037',
      ],
    ],
  },
  // PostgreSQL, "Message Flow", SSL Session Encryption
  postgres: { turns: [[/^\x00\x00\x00\x08\x04\xd2\x16\x2f$/, 'S']] },
  // RFC 6120, section 9.1
  xmpp: {
    turns: [
      [
        /^<\?xml version='1\.0'\?><stream:stream [^>]*to='im\.test'[^>]*>$/,
        "<?xml version='1.0'?><stream:stream from='im.test' id='a' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
      ],
      [/^<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'\/>$/, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
    ],
  },
  // RFC 5804, section 2.2
  sieve: {
    greeting: '"IMPLEMENTATION" "Example1"\r\n"SASL" ""\r\n"SIEVE" "fileinto"\r\n"STARTTLS"\r\nOK "ready"\r\n',
    turns: [[/^STARTTLS\r\n$/, 'OK "Begin TLS negotiation now"\r\n']],
  },
};

/** How each says no. */
const REFUSALS: Readonly<Record<StarttlsName, string>> = {
  smtp: '454 TLS not available\r\n',
  imap: 'a1 BAD unknown\r\n',
  pop3: '-ERR unknown\r\n',
  ftp: '502 not implemented\r\n',
  ldap: '0\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00',
  postgres: 'N',
  xmpp: "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>",
  sieve: 'NO "not here"\r\n',
};

/** Answers the last turn with `last` where that is given. */
function scripted({ greeting, turns }: Script, wrong: string[], last?: string): Server {
  const tls = speaking({ minVersion: 'TLSv1.2' });
  return createServer(socket => {
    if (greeting !== undefined) socket.write(greeting);
    let turn = 0;
    const hear = (bytes: Buffer) => {
      const said = bytes.toString('latin1');
      const [expected, answer] = turns[turn]!;
      if (!expected.test(said)) wrong.push(said);
      const isLast = ++turn === turns.length;
      socket.write(Buffer.from(isLast && last !== undefined ? last : said.replace(expected, answer), 'latin1'));
      if (!isLast || last !== undefined) return;
      socket.off('data', hear).pause();
      tls.emit('connection', socket);
    };
    socket.on('data', hear);
  });
}

for (const [protocol, script] of Object.entries(SCRIPTS) as Array<[StarttlsName, Script]>) {
  test(`--starttls ${protocol}: TLS behind the dialogue of its specification, and none where it says no`, async t => {
    const wrong: string[] = [];
    const agrees = await listen(t, scripted(script, wrong));
    const more = ['--starttls', protocol, '--servername', 'im.test'];
    const { status, servers, stderr } = await probe([`127.0.0.1:${agrees.port}`, ...more]);
    t.deepEqual(wrong, []);
    t.is(status, 0, stderr);
    t.deepEqual(heard(servers[0]!, true), ['TLSv1.2', 'TLSv1.3']);
    const refuses = await listen(t, scripted(script, wrong, REFUSALS[protocol]));
    const refused = await probe([`127.0.0.1:${refuses.port}`, ...more]);
    t.is(refused.status, 2);
    t.like(refused.servers[0], { state: 'silent', trouble: 'it does not start TLS when asked to' });
  });
}
