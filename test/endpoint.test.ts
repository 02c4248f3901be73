/** The endpoint for clients, in this process: what it tells of hellos that no library of this machine would send. */
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { selfSigned } from '../src/endpoint/certificate.js';
import { splitWords } from '../src/endpoint/exec.js';
import { guessLibrary } from '../src/endpoint/library.js';
import { openEndpoint } from '../src/endpoint/listen.js';
import type { HeardClient } from '../src/model/client.js';
import { concat, u16, vector } from '../src/probe/bytes.js';
import { clientHello } from '../src/probe/hello.js';

/** An endpoint, what it has heard, and a way to speak to it. */
async function endpoint(t: ExecutionContext) {
  const waiting: Array<(client: HeardClient) => void> = [];
  const running = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    min: 'TLSv1.2',
    credentials: selfSigned(['localhost']),
    heard: client => waiting.shift()?.(client),
    page: () => ({ type: 'text/plain', text: '' }),
  });
  t.teardown(() => running.close());
  const open = (): Socket => {
    const socket = connect(running.port, '127.0.0.1').on('error', () => {});
    t.teardown(() => socket.destroy());
    return socket;
  };
  const said = (bytes: Uint8Array | string) =>
    new Promise<HeardClient>(resolve => {
      waiting.push(resolve);
      const socket = open();
      socket.resume();
      socket.on('connect', () => socket.end(bytes));
    });
  return { open, said };
}

/** Nothing but the parts that every ClientHello has, and `supported_versions`. */
function helloOf(versions: readonly number[]): Uint8Array {
  const list = concat(u16(43), vector(2, vector(1, u16(...versions))));
  const body = concat(u16(0x0303), new Uint8Array(32), vector(1), vector(2, u16(0x1301)), vector(1, Uint8Array.of(0)));
  const message = concat(body, vector(2, list));
  return concat(Uint8Array.of(22, 3, 1), vector(2, concat(Uint8Array.of(1, 0), vector(2, message))));
}

test('what comes of each client that does not get TLS', async t => {
  const { said } = await endpoint(t);
  const old = (await said(clientHello({ version: 'TLSv1' }))) as HeardClient;
  t.like(old, { outcome: 'refused', reason: 'Unexpected `TLSv1` at most, expected `TLSv1.2` or later.' });
  t.like(old.offered, { versions: ['TLSv1'], upTo: true });
  const strange = await said(helloOf([0x7f1c]));
  t.like(strange, { outcome: 'refused', reason: 'Unexpected no known version at most, expected `TLSv1.2` or later.' });
  t.like(strange.offered, { versions: [], upTo: false });
  t.like(await said(clientHello({ version: 'SSLv2' })), { outcome: 'refused' });
  t.is((await said('GET / HTTP/1.0\r\n\r\n')).outcome, 'not-tls');
  t.is((await said(Uint8Array.of(22, 3, 1))).outcome, 'silent');
  const flood = concat(Uint8Array.of(22, 3, 1, 0x40, 0, 1, 255, 255, 255), new Uint8Array(100_000));
  t.is((await said(flood)).outcome, 'not-tls');
  t.like(await said(clientHello({ version: 'TLSv1.2' })), {
    outcome: 'refused',
    reason: 'It hung up during the handshake: it may not trust the certificate.',
  });
});

test('more connections than it holds are closed, and it goes on', async t => {
  const { open, said } = await endpoint(t);
  const held = Array.from({ length: 32 }, open);
  await Promise.all(held.map(socket => new Promise(resolve => socket.once('connect', resolve))));
  const more = open();
  await new Promise(resolve => more.once('close', resolve));
  t.true(held.every(socket => !socket.destroyed));
  for (const socket of held) socket.destroy();
  await new Promise(resolve => setTimeout(resolve, 50));
  t.is((await said('x\r\n\r\n')).outcome, 'not-tls');
});

const HELLO = { legacyVersion: 'TLSv1.2', versions: undefined, groups: [], servername: undefined, alpn: [] } as const;
const LIBRARIES: ReadonlyArray<readonly [string | undefined, suites: number[], extensions: number[]]> = [
  ['BoringSSL (Chrome, Android)', [0x3a3a, 0x1301], [0]],
  ['BoringSSL (Chrome, Android)', [0x1301], [0, 0xfafa]],
  ['NSS (Firefox)', [0x1301], [28, 34]],
  ['GnuTLS or NSS', [0x1301], [28]],
  ['OpenSSL', [0x1301, 0x00ff], [22]],
  ['OpenSSL or Mbed TLS', [0x1301], [22]],
  ['Java (JSSE)', [0x1301], [17]],
  ['Go', [0x1301], [18]],
  [undefined, [0x0a1a, 0x0a2a], [0]],
];

for (const [library, suites, extensions] of LIBRARIES) {
  test(`a library by its hello: ${library} (${suites}, ${extensions})`, t => {
    t.is(guessLibrary({ ...HELLO, suites, extensions }), library);
  });
}

test('a backslash begins a word', t => {
  t.deepEqual(splitWords('\\a b'), ['a', 'b']);
});
