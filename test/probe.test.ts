import { execFileSync } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { PROTOCOLS, type Protocol } from '../src/model/protocols.js';
import { addressesOf } from '../src/probe/addresses.js';
import { ascii, concat, u8, u16, vector } from '../src/probe/bytes.js';
import { readClientHello } from '../src/probe/client-hello.js';
import { enumerateSuites } from '../src/probe/enumerate.js';
import { createHandshake } from '../src/probe/handshake.js';
import { clientHello, WIRE_VERSIONS } from '../src/probe/hello.js';
import { probe, probeVersion } from '../src/probe/probe.js';
import { createRecordReader } from '../src/probe/record.js';
import { createStarttls, STARTTLS, type StarttlsName } from '../src/probe/starttls.js';
import { commonSuitesFor, SUITES, suiteName, suitesFor } from '../src/probe/suites.js';
import { live } from './helpers/live.js';
import { runs } from './helpers/properties.js';
import { claimPorts, withServer } from './helpers/servers.js';

const NEW_VERSIONS = PROTOCOLS.filter(name => name !== 'SSLv2');

test('suites are numbered once and named as OpenSSL and IANA name them', t => {
  t.is(new Set(SUITES.map(suite => suite.id)).size, SUITES.length);
  t.is(new Set(SUITES.map(suite => suite.name)).size, SUITES.length);
  t.true(SUITES.every(suite => /^[A-Z0-9-]+$|^TLS_/.test(suite.name) && suite.iana.startsWith('TLS_')));
  t.is(suiteName(0xc02f), 'ECDHE-RSA-AES128-GCM-SHA256');
  t.is(suiteName(0x1302), 'TLS_AES_256_GCM_SHA384');
  t.is(suiteName(0xabcd), '0xABCD');
});

test('each version gets the suites that it can use', t => {
  t.deepEqual(
    suitesFor('TLSv1.3')
      .map(suiteName)
      .filter(name => !name.startsWith('TLS_')),
    [],
  );
  t.true(suitesFor('TLSv1.2').includes(0xc02f));
  t.false(suitesFor('TLSv1.1').includes(0xc02f));
  t.true(suitesFor('SSLv3').includes(0x000a));
  for (const version of NEW_VERSIONS) t.true(commonSuitesFor(version).every(id => suitesFor(version).includes(id)));
});

for (const version of NEW_VERSIONS) {
  test(`a ClientHello offers ${version} and nothing else`, t => {
    const bytes = clientHello({ version, servername: 'a.example', alpn: ['h2'] });
    const heard = readClientHello(bytes);
    if (heard.kind !== 'hello') return t.fail(heard.kind);
    const { hello } = heard;
    const old = version === 'SSLv3';
    t.is(hello.legacyVersion, version === 'TLSv1.3' ? 'TLSv1.2' : version);
    t.deepEqual(hello.versions, version === 'TLSv1.3' ? ['TLSv1.3'] : undefined);
    t.deepEqual(
      hello.suites.filter(id => id !== 0x00ff),
      suitesFor(version),
    );
    t.is(hello.servername, old ? undefined : 'a.example');
    t.deepEqual(hello.alpn, old ? [] : ['h2']);
    t.is(bytes[1]! * 256 + bytes[2]!, old ? WIRE_VERSIONS.SSLv3 : WIRE_VERSIONS.TLSv1);
    t.false(bytes.length - 5 >= 256 && bytes.length - 5 < 512, 'some load balancers hang on this length');
  });
}

test('an SSLv2 CLIENT-HELLO has a header of two bytes and kinds of three', t => {
  const bytes = clientHello({ version: 'SSLv2' });
  t.is(((bytes[0]! & 0x7f) << 8) | bytes[1]!, bytes.length - 2);
  t.deepEqual([...bytes.subarray(2, 5)], [1, 0, 2]);
  t.is(bytes.length, 11 + suitesFor('SSLv2').length * 3 + 16);
  t.deepEqual(readClientHello(bytes), { kind: 'sslv2-hello', version: 'SSLv2' });
});

test('an address and an empty name are no server name', t => {
  for (const servername of ['192.0.2.1', '::1', '']) {
    const heard = readClientHello(clientHello({ version: 'TLSv1.2', servername }));
    t.is(heard.kind === 'hello' ? heard.hello.servername : '?', undefined);
  }
});

test('a record reader gives the same however the bytes are cut', t => {
  const stream = concat(flight('TLSv1.2', 0xc02f), record(21, Uint8Array.of(1, 112)), record(23, new Uint8Array(40)));
  const whole = createRecordReader().push(stream);
  t.is(whole.length, 5);
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), cuts => {
      const reader = createRecordReader();
      const points = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const items = points.slice(1).flatMap((end, index) => reader.push(stream.slice(points[index], end)));
      t.deepEqual(items, whole);
    }),
    { numRuns: runs(50) },
  );
});

test('arbitrary bytes never throw and never grow without bound', t => {
  const run = (version: Protocol, chunks: Uint8Array[]): void => {
    const handshake = createHandshake({ version });
    for (const chunk of chunks) handshake.push(chunk);
    handshake.end('closed');
    readClientHello(concat(...chunks));
  };
  const prefixes = [new Uint8Array(0), Uint8Array.of(22, 3, 3), flight('TLSv1.2', 0xc02f).slice(0, 60)];
  const chunk = fc
    .tuple(fc.constantFrom(...prefixes), fc.uint8Array({ maxLength: 300 }))
    .map(parts => concat(...parts));
  fc.assert(fc.property(fc.constantFrom(...PROTOCOLS), fc.array(chunk, { maxLength: 6 }), run), { numRuns: runs(500) });
  const endless = createHandshake({ version: 'TLSv1.2' });
  let done: unknown;
  for (let count = 0; count < 40 && done === undefined; count++) {
    done = endless.push(record(22, concat(Uint8Array.of(2, 255, 255, 255), new Uint8Array(16000)))).done;
  }
  t.like(done, { offered: false, reason: 'malformed' });
});

test('a ServerHello alone is no offer', async t => {
  const hello = serverHello('TLSv1', 0xc013);
  const result = await ask(socket => socket.end(concat(record(22, hello), record(21, Uint8Array.of(2, 80)))), 'TLSv1');
  t.like(result, { offered: false, reason: 'alert', alert: 'internal_error', suite: 'ECDHE-RSA-AES128-SHA' });
});

test('a flight up to ServerHelloDone is one', async t => {
  const result = await ask(socket => socket.write(flight('TLSv1.1', 0x002f)), 'TLSv1.1');
  t.like(result, { offered: true, reason: 'server-hello', agreed: 'TLSv1.1', suite: 'AES128-SHA', compression: false });
});

test('another version than the one asked for is none', async t => {
  const result = await ask(socket => socket.write(flight('TLSv1', 0x002f)), 'TLSv1.2');
  t.like(result, { offered: false, reason: 'other-version', agreed: 'TLSv1' });
});

test('a warning does not end the handshake', async t => {
  const bytes = concat(record(21, Uint8Array.of(1, 112)), flight('TLSv1.2', 0xc02f));
  t.like(await ask(socket => socket.write(bytes), 'TLSv1.2'), { offered: true, warning: 'unrecognized_name' });
});

test('TLSv1.3 needs a protected record that is more than an alert', async t => {
  const hello = record(22, serverHello('TLSv1.3', 0x1301));
  const alert = await ask(socket => socket.write(concat(hello, record(23, new Uint8Array(19)))), 'TLSv1.3');
  t.like(alert, { offered: false, reason: 'alert', alert: 'encrypted', group: 'X25519' });
  const flight13 = await ask(socket => socket.write(concat(hello, record(23, new Uint8Array(60)))), 'TLSv1.3');
  t.like(flight13, { offered: true, agreed: 'TLSv1.3', suite: 'TLS_AES_128_GCM_SHA256', group: 'X25519' });
});

test('SSLv2 is offered with at least one kind of cipher in common', async t => {
  const hello = (kinds: Uint8Array) => {
    const body = concat(Uint8Array.of(4, 0, 1), u16(2, 0, kinds.length, 16), kinds, new Uint8Array(16));
    return concat(u16(0x8000 | body.length), body);
  };
  const offered = await ask(socket => socket.write(hello(Uint8Array.of(7, 0, 0xc0, 1, 0, 0x80))), 'SSLv2');
  t.like(offered, { offered: true, agreed: 'SSLv2', suite: 'DES-CBC3-MD5' });
  const none = await ask(socket => socket.write(hello(new Uint8Array(0))), 'SSLv2');
  t.like(none, { offered: false, reason: 'malformed' });
  const error = await ask(socket => socket.write(Uint8Array.of(0x80, 3, 0, 0, 1)), 'SSLv2');
  t.like(error, { offered: false, reason: 'alert', alert: 'error 1' });
});

test('a HelloRetryRequest is answered once', async t => {
  const retry = record(22, serverHello('TLSv1.3', 0x1301, { retry: true, group: 24 }));
  const seen: Array<readonly [number, number]> = [];
  const result = await ask((socket, bytes) => {
    seen.push([bytes[9]!, bytes.length]);
    socket.write(retry);
  }, 'TLSv1.3');
  t.like(result, { offered: false, reason: 'malformed', group: 'P-384' });
  // Two of a first connection, and two of one that begins with the share that was asked for.
  t.is(seen.length, 4);
});

live('nginx')('a name whose suites differ from those of the default server', async t => {
  const base = claimPorts();
  const server = (name: string, suites: string) =>
    `server { listen 127.0.0.1:${base} ssl; server_name ${name}; ssl_conf_command Ciphersuites ${suites}; }`;
  const conf = `events {}
    http { ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.3; ssl_ecdh_curve secp384r1;
      ${server('a.test', 'TLS_AES_128_GCM_SHA256')} ${server('b.test', 'TLS_AES_256_GCM_SHA384')} }`;
  await withServer({ server: 'nginx', files: { 'nginx.conf': conf } }, async () => {
    const peer = { host: '127.0.0.1', port: base };
    const result = await probeVersion({ peer, version: 'TLSv1.3', servername: 'b.test' });
    t.like(result, { offered: true, group: 'P-384' });
  });
});

const ENDS: ReadonlyArray<readonly [string, (socket: Socket) => void, object]> = [
  ['a peer that closes', socket => socket.end(), { offered: false, reason: 'closed' }],
  ['a peer that resets', socket => socket.resetAndDestroy(), { offered: false, reason: 'reset' }],
  ['a peer that says nothing', () => {}, { offered: null, reason: 'timeout' }],
  [
    'a peer that speaks HTTP',
    socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    { offered: false, reason: 'not-tls', banner: 'HTTP/1.1 400 Bad Request' },
  ],
  [
    'an alert',
    socket => socket.end(record(21, Uint8Array.of(2, 70))),
    { offered: false, reason: 'alert', alert: 'protocol_version' },
  ],
];

for (const [title, answer, expected] of ENDS) {
  test(title, async t => {
    for (const version of ['SSLv2', 'SSLv3', 'TLSv1.2', 'TLSv1.3'] as const) {
      t.like(await ask(answer, version, title === 'a peer that says nothing' ? 300 : 10_000), expected, version);
    }
  });
}

test('a peer that drips bytes is left at the deadline', async t => {
  const result = await ask(
    socket => {
      socket.write(Uint8Array.of(22, 3, 3, 64, 0));
      const timer = setInterval(() => socket.write(Uint8Array.of(2)), 20);
      socket.on('close', () => clearInterval(timer));
    },
    'TLSv1.2',
    300,
  );
  t.like(result, { offered: null, reason: 'timeout' });
});

test('no connection is no answer', async t => {
  const { port, close } = await listen(() => {});
  await close();
  const result = await probeVersion({ peer: { host: '127.0.0.1', port }, version: 'TLSv1.2', retries: 0 });
  t.like(result, { offered: null, reason: 'refused' });
  const none = await probeVersion({ peer: { path: '/nonexistent/socket' }, version: 'TLSv1.2', retries: 0 });
  t.like(none, { offered: null, reason: 'refused' });
});

test('addresses of a host', async t => {
  t.deepEqual(await addressesOf('192.0.2.1'), [{ address: '192.0.2.1', family: 4 }]);
  t.deepEqual(await addressesOf('::1'), [{ address: '::1', family: 6 }]);
  t.deepEqual(await addressesOf('no-such-host.invalid'), []);
  t.true((await addressesOf('localhost')).some(({ address }) => address === '127.0.0.1' || address === '::1'));
});

test('a silent end is tried again, with a shorter ClientHello', async t => {
  const lengths: number[] = [];
  const { port, close } = await listen(socket =>
    socket.on('data', bytes => {
      lengths.push(bytes.length);
      if (bytes.length > 500) socket.destroy();
      else socket.write(flight('TLSv1.2', 0xc02f));
    }),
  );
  const result = await probeVersion({ peer: { host: '127.0.0.1', port }, version: 'TLSv1.2', timeout: 2000 });
  await close();
  t.is(lengths.length, 2);
  t.true(lengths[1]! < lengths[0]!);
  t.is(result.reason, lengths[1]! > 500 ? 'closed' : 'server-hello');
});

test('an abort ends all that runs', async t => {
  const { port, close } = await listen(() => {});
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const results = await probe({ peer: { host: '127.0.0.1', port }, timeout: 60_000, signal: controller.signal });
  await close();
  t.is(results.length, PROTOCOLS.length);
  t.true(results.every(result => result.offered === null));
});

test('a server that picks a suite that was not offered does not make the list endless', async t => {
  const { port, close } = await listen(socket => socket.on('data', () => socket.write(flight('TLSv1.2', 0xc02f))));
  const list = await enumerateSuites({ peer: { host: '127.0.0.1', port }, version: 'TLSv1.2', timeout: 2000 });
  await close();
  t.deepEqual(list.names, ['ECDHE-RSA-AES128-GCM-SHA256']);
});

test('suites of a server that goes by the client’s order, each once and in that order', async t => {
  const has = [0xc02f, 0xc030, 0x009c, 0x003c, 0x002f, 0x0005, 0x0018];
  const heard: number[] = [];
  const { port, close } = await listen(socket =>
    socket.on('data', bytes => {
      const chosen = suitesOf(bytes).find(id => has.includes(id));
      heard.push(chosen ?? 0);
      socket.end(chosen === undefined ? record(21, Uint8Array.of(2, 40)) : flight('TLSv1.2', chosen));
    }),
  );
  const list = await enumerateSuites({ peer: { host: '127.0.0.1', port }, version: 'TLSv1.2' });
  await close();
  t.deepEqual(
    list.ids,
    suitesFor('TLSv1.2').filter(id => has.includes(id)),
  );
  t.like(list, { order: 'client', complete: true });
  t.deepEqual(heard.filter(id => id !== 0).toSorted(), has.toSorted());
});

test('suites of a server that reads no more than 60 of them', async t => {
  const has = [0x002f, 0xc02f, 0x003c];
  const { port, close } = await listen(socket =>
    socket.on('data', bytes => {
      const offered = suitesOf(bytes);
      const chosen = has.find(id => offered.includes(id));
      if (offered.length > 60) socket.destroy();
      else socket.end(chosen === undefined ? record(21, Uint8Array.of(2, 40)) : flight('TLSv1.2', chosen));
    }),
  );
  const peer = { host: '127.0.0.1', port };
  const known = await probeVersion({ peer, version: 'TLSv1.2' });
  const list = await enumerateSuites({ peer, version: 'TLSv1.2', known });
  await close();
  t.like(known, { offered: true, shortened: true });
  t.deepEqual(list.ids, has);
  t.like(list, { order: 'server', complete: true });
});

test('a suite that the server chooses and can’t go on with hides none', async t => {
  const { port, close } = await listen(socket =>
    socket.on('data', bytes => {
      const chosen = [0xc02b, 0xc02f, 0x009c].find(id => suitesOf(bytes).includes(id));
      if (chosen === undefined) return socket.end(record(21, Uint8Array.of(2, 40)));
      const broken = concat(record(22, serverHello('TLSv1.2', chosen)), record(21, Uint8Array.of(2, 80)));
      socket.end(chosen === 0xc02b ? broken : flight('TLSv1.2', chosen));
    }),
  );
  const list = await enumerateSuites({ peer: { host: '127.0.0.1', port }, version: 'TLSv1.2' });
  await close();
  t.deepEqual(list.ids, [0xc02f, 0x009c]);
});

test('a server that hangs up at a key exchange without saying why hides no others', async t => {
  const order = [0xc030, 0x009f, 0xc02f, 0x009c];
  const { port, close } = await listen(socket =>
    socket.on('data', bytes => {
      const offered = suitesOf(bytes);
      const chosen = order.find(id => offered.includes(id));
      if (chosen === undefined || chosen === 0x009f) socket.destroy();
      else socket.end(flight('TLSv1.2', chosen));
    }),
  );
  const list = await enumerateSuites({ peer: { host: '127.0.0.1', port }, version: 'TLSv1.2' });
  await close();
  t.deepEqual(list.ids, [0xc030, 0xc02f, 0x009c]);
  t.like(list, { order: 'server', complete: true });
});

/** Of a whole ClientHello. */
function suitesOf(bytes: Uint8Array): readonly number[] {
  const heard = readClientHello(bytes);
  return heard.kind === 'hello' ? heard.hello.suites.filter(id => id !== 0x00ff) : [];
}

/** What a server says at each turn, the first one before anything is sent to it where that is the custom. */
const DIALOGUES: Readonly<Record<StarttlsName, { agree: string[]; refuse: string[]; sent: RegExp[] }>> = {
  smtp: {
    agree: ['220-a.test hello\r\n220 ready\r\n', '250-a.test\r\n250-SIZE\r\n250 STARTTLS\r\n', '220 go\r\n'],
    refuse: ['220 ready\r\n', '250 a.test\r\n', '502 no\r\n'],
    sent: [/^$/, /^EHLO /, /^STARTTLS\r\n$/],
  },
  imap: {
    agree: ['* OK ready\r\n', '* CAPABILITY IMAP4\r\na1 OK begin\r\n'],
    refuse: ['* OK ready\r\n', 'a1 BAD no\r\n'],
    sent: [/^$/, /^a1 STARTTLS\r\n$/],
  },
  pop3: { agree: ['+OK\r\n', '+OK begin\r\n'], refuse: ['+OK\r\n', '-ERR no\r\n'], sent: [/^$/, /^STLS\r\n$/] },
  ftp: { agree: ['220 hi\r\n', '234 go\r\n'], refuse: ['220 hi\r\n', '534 no\r\n'], sent: [/^$/, /^AUTH TLS\r\n$/] },
  sieve: {
    agree: ['"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK "ready"\r\n', 'OK "begin"\r\n'],
    refuse: ['OK\r\n', 'NO "no"\r\n'],
    sent: [/^$/, /^STARTTLS\r\n$/],
  },
  xmpp: {
    agree: ['<stream:stream><stream:features><starttls/></stream:features>', "<proceed xmlns='x'/>"],
    refuse: ['<stream:stream><stream:features></stream:features>', '<failure/></stream:stream>'],
    sent: [/to='a\.test'/, /^<starttls /],
  },
  ldap: {
    agree: ['0\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00'],
    refuse: ['0\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00'],
    sent: [/1\.3\.6\.1\.4\.1\.1466\.20037$/],
  },
  postgres: { agree: ['S'], refuse: ['N'], sent: [/^\x00\x00\x00\x08\x04\xd2\x16\x2f$/] },
};

for (const protocol of Object.keys(STARTTLS) as StarttlsName[]) {
  test(`STARTTLS of ${protocol}`, t => {
    const { agree, refuse, sent } = DIALOGUES[protocol];
    for (const [turns, outcome] of [[agree, true] as const, [refuse, false] as const]) {
      const dialogue = createStarttls(protocol, "a.test'/>");
      let step = dialogue.start();
      turns.forEach((turn, index) => {
        t.regex(Buffer.from(step.send ?? []).toString('latin1'), sent[index]!);
        // Byte by byte, as a slow network may bring it; nothing is decided before the last one.
        for (const byte of ascii(turn)) {
          t.is(step.done, undefined);
          const next = dialogue.push(u8(byte));
          if (next.send !== undefined || next.done !== undefined) step = next;
        }
      });
      t.is(step.done, outcome);
    }
  });
}

test('a peer that talks without end is no STARTTLS', t => {
  const dialogue = createStarttls('imap', 'a.test');
  dialogue.start();
  let done: boolean | undefined;
  for (let count = 0; count < 200 && done === undefined; count++) done = dialogue.push(ascii('x'.repeat(1000))).done;
  t.is(done, false);
});

live('nginx')('suites in the server’s order and in the client’s, group and key of a real server', async t => {
  const base = claimPorts();
  const server = (port: number, prefer: string, certificate: string) => `
    server { listen 127.0.0.1:${base + port} ssl; ssl_prefer_server_ciphers ${prefer}; ssl_protocols TLSv1.2;
      ssl_certificate ${certificate}cert.pem; ssl_certificate_key ${certificate}key.pem; ssl_ecdh_curve secp384r1;
      ssl_ciphers AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256; }`;
  const conf = `events {}\nhttp {${server(1, 'on', '')}${server(2, 'off', '')}${server(3, 'on', 'ec')}}`;
  await withServer({ server: 'nginx', files: { 'nginx.conf': conf } }, async running => {
    t.true(running.loads, running.messages.join('\n'));
    const list = (port: number) =>
      enumerateSuites({ peer: { host: '127.0.0.1', port: base + port }, version: 'TLSv1.2' });
    const rsa = ['AES128-SHA', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256'];
    t.like(await list(1), { names: rsa, order: 'server', complete: true });
    const client = await list(2);
    t.deepEqual([...client.names].sort(), [...rsa].sort());
    t.is(client.order, 'client');
    t.like(await list(3), { names: ['ECDHE-ECDSA-AES128-SHA'], order: undefined });
    const ask = (port: number) => probeVersion({ peer: { host: '127.0.0.1', port: base + port }, version: 'TLSv1.2' });
    t.deepEqual((await ask(1)).key, { type: 'rsa', bits: 2048 });
    t.deepEqual((await ask(3)).key, { type: 'ec', curve: 'prime256v1' });
    t.is((await ask(3)).group, 'P-384');
  });
});

live('nginx')('the suites of every version, as the library lists them', async t => {
  const base = claimPorts();
  const everything = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';
  const parameters = ['genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048'];
  const conf = `events {}
    http { server { listen 127.0.0.1:${base} ssl; ssl_prefer_server_ciphers on; ssl_dhparam dh.pem;
      ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_certificate eccert.pem; ssl_certificate_key eckey.pem;
      ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ${everything}; } }`;
  const dh = execFileSync('openssl', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  await withServer({ server: 'nginx', files: { 'nginx.conf': conf, 'dh.pem': dh } }, async running => {
    t.true(running.loads, running.messages.join('\n'));
    for (const [version, option] of [
      ['TLSv1', '-tls1'],
      ['TLSv1.1', '-tls1_1'],
      ['TLSv1.2', '-tls1_2'],
      ['TLSv1.3', '-tls1_3'],
    ] as const) {
      const list = await enumerateSuites({ peer: { host: '127.0.0.1', port: base }, version });
      const library = execFileSync('openssl', ['ciphers', '-s', option, everything], { encoding: 'utf8' });
      // A DSS certificate is what this server has not.
      const expected = library
        .trim()
        .split(':')
        .filter(name => !name.includes('DSS') && name.startsWith('TLS_') === (version === 'TLSv1.3'));
      t.deepEqual(list.names, expected, version);
      t.like(list, { order: 'server', complete: true });
    }
  });
});

live('nginx')('a group that no share was sent for is asked for and sent', async t => {
  const base = claimPorts();
  const groups = ['X25519', 'prime256v1', 'secp384r1', 'secp521r1', 'X448', 'ffdhe2048', 'ffdhe3072', 'ffdhe8192'];
  const servers = groups.map(
    (group, index) => `server { listen 127.0.0.1:${base + index} ssl; ssl_ecdh_curve ${group}; }`,
  );
  const conf = `events {}
    http { ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.3; ${servers.join('\n')} }`;
  await withServer({ server: 'nginx', files: { 'nginx.conf': conf } }, async running => {
    t.true(running.loads, running.messages.join('\n'));
    const used: unknown[] = [];
    for (const index of groups.keys()) {
      const result = await probeVersion({ peer: { host: '127.0.0.1', port: base + index }, version: 'TLSv1.3' });
      used.push(result.offered && result.group);
    }
    t.deepEqual(used, ['X25519', 'P-256', 'P-384', 'P-521', 'X448', 'ffdhe2048', 'ffdhe3072', 'ffdhe8192']);
  });
});

/** One connection to a server that answers each ClientHello with `answer`. */
async function ask(answer: (socket: Socket, bytes: Uint8Array) => void, version: Protocol, timeout = 10_000) {
  const { port, close } = await listen(socket => socket.on('data', bytes => answer(socket, bytes)));
  try {
    return await probeVersion({ peer: { host: '127.0.0.1', port }, version, timeout, retries: 0 });
  } finally {
    await close();
  }
}

async function listen(accept: (socket: Socket) => void): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    accept(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function record(type: number, payload: Uint8Array): Uint8Array {
  return concat(u8(type), u16(0x0303), vector(2, payload));
}

function serverHello(version: Protocol, suite: number, options: { retry?: boolean; group?: number } = {}): Uint8Array {
  const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
  const tls13 = version === 'TLSv1.3';
  const share = options.retry ? u16(options.group ?? 29) : concat(u16(29), vector(2, new Uint8Array(32)));
  const extensions = concat(u16(43), vector(2, u16(0x0304)), u16(51), vector(2, share));
  const body = concat(
    u16(Math.min(WIRE_VERSIONS[version], 0x0303)),
    options.retry ? retryRandom : new Uint8Array(32),
    u8(0),
    u16(suite),
    u8(0),
    tls13 ? vector(2, extensions) : new Uint8Array(0),
  );
  return concat(u8(2), vector(3, body));
}

/** ServerHello, an empty certificate list and ServerHelloDone. */
function flight(version: Protocol, suite: number): Uint8Array {
  const certificate = concat(u8(11), vector(3, vector(3)));
  return record(22, concat(serverHello(version, suite), certificate, u8(14), vector(3)));
}
