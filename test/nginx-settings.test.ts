/** Single settings of nginx: what is read, written, meant by default; and the files that a pattern stands for. */
import test from 'ava';
import { keyReader } from '../src/dialects/nginx/certificates.js';
import { createReader, glob } from '../src/dialects/nginx/include.js';
import { nginx } from '../src/dialects/nginx/index.js';
import { createWanted } from '../src/dialects/nginx/scopes.js';
import { write as writeCommand } from '../src/dialects/nginx/settings/ssl-conf-command.js';
import { defaults, suggestionFor } from '../src/dialects/nginx/settings/ssl-protocols.js';
import type { Host } from '../src/dialects/types.js';
import { memoryHost } from '../src/host.js';
import { DEPRECATED, protocolNames, protocolSet } from '../src/model/protocols.js';
import type { LoadProblem } from '../src/model/types.js';
import { targetRange } from '../src/targets.js';
import { certificates } from './helpers/servers.js';

const WISH = { require: protocolSet(['TLSv1.2']), forbid: DEPRECATED, add: protocolSet(['TLSv1.3']) };

const COMMANDS: ReadonlyArray<readonly [command: string, before: string, after: string | undefined]> = [
  ['minprotocol', 'TLSv1.3', 'TLSv1.2'],
  ['minprotocol', 'TLSv1', 'TLSv1'],
  ['maxprotocol', 'TLSv1.1', 'TLSv1.3'],
  ['maxprotocol', 'TLSv1.2', 'TLSv1.2'],
  ['maxprotocol', 'None', 'None'],
  ['protocol', 'TLSv1,TLSv1.3', 'TLSv1.3'],
  ['protocol', '-TLSv1.2', ''],
  ['protocol', '-TLSv1, -tlsv1.2', '-TLSv1'],
  ['protocol', 'ALL', 'TLSv1.2,TLSv1.3'],
  ['protocol', '-ALL', '-ALL,TLSv1.2,TLSv1.3'],
  ['protocol', '-ALL,+TLSv1.3', '-ALL,+TLSv1.3,TLSv1.2'],
  ['protocol', '-ALL,TLSv1.1', '-ALL,TLSv1.2,TLSv1.3'],
  ['protocol', 'TLSv1.3,-ALL', undefined],
  ['protocol', 'DTLSv1', undefined],
];

for (const [command, before, after] of COMMANDS) {
  test(`ssl_conf_command ${command} ${before}`, t => t.is(writeCommand(command as 'protocol', before, WISH), after));
}

const CLOSE: ReadonlyArray<readonly [token: string, close: string | undefined]> = [
  ['TLSv1.0', 'TLSv1'],
  ['tls-1.2', 'TLSv1.2'],
  ['TLSv13', 'TLSv1.3'],
  ['"TLSv1.2",', 'TLSv1.2'],
  ['SSL3', 'SSLv3'],
  ['sslv2', 'SSLv2'],
  ['SSLv1', undefined],
  ['SSLv3.0', undefined],
  ['TLSv2', undefined],
  ['HTTP', undefined],
  [`TLSv1.2${' '.repeat(40)}`, undefined],
];

for (const [token, close] of CLOSE) {
  test(`what is close to ${token.trim()}`, t => t.is(suggestionFor(token), close));
}

test('what a version does where nothing is said', t => {
  const said = (directive: string, server: string, openssl = '3.0') => {
    const [target] = targetRange('nginx', [], { server: `nginx@${server}`, openssl }).targets;
    return protocolNames(defaults(directive, target!)).join(' ');
  };
  t.is(said('ssl_protocols', '1.28.0'), 'TLSv1.2 TLSv1.3');
  t.is(said('ssl_protocols', '1.28.0', '1.0.0'), 'TLSv1 TLSv1.1', 'a library without them');
  t.is(said('ssl_protocols', '1.22.1'), 'TLSv1 TLSv1.1 TLSv1.2');
  t.is(said('ssl_protocols', '0.7.65'), 'SSLv3 TLSv1', 'a branch that got the change as well');
  t.is(said('ssl_protocols', '0.7.64'), 'SSLv2 SSLv3 TLSv1');
  t.is(said('proxy_ssl_protocols', '1.5.5'), 'SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'before there was one');
  t.is(said('grpc_ssl_protocols', '1.13.10'), 'TLSv1 TLSv1.1 TLSv1.2');
});

test('a pattern stands for files in the order of their bytes', t => {
  const names = ['\u{1f600}', '\ufffd', 'é', 'b', 'ab', 'a', '.hidden'];
  const host = memoryHost(new Map(names.map(name => [`/c/${name}`, ''])));
  t.deepEqual(
    glob(host, '/c/*'),
    ['a', 'ab', 'b', 'é', '\ufffd', '\u{1f600}'].map(name => `/c/${name}`),
  );
  t.deepEqual(glob(host, '/c/.h*'), ['/c/.hidden']);
  t.deepEqual(glob(host, '/[bc]/a'), ['/c/a']);
  t.deepEqual(glob(host, '/[bc]/none'), []);
  t.deepEqual(glob(host, '/none/*'), []);
  // A link to nothing is listed, and is not there.
  const dangling: Host = {
    ...host,
    list: place => (place === '/' ? ['c'] : ['gone']),
    kind: file => (file === '/c' ? 'directory' : 'missing'),
  };
  t.deepEqual(glob(dangling, '/[c]/gone'), ['/c/gone']);
});

test('an absolute path of the configuration lies below the prefix, unless it does so already', t => {
  const { locate } = createReader(memoryHost(new Map()), '/tree', createWanted());
  t.is(locate('/etc/nginx/a'), '/tree/etc/nginx/a');
  t.is(locate('/tree/etc/nginx/a'), '/tree/etc/nginx/a');
});

test('the key of a certificate that a path names', t => {
  const { 'cert.pem': rsa, 'eccert.pem': ec } = certificates();
  const files = new Map([
    ['/etc/nginx/rsa.pem', rsa!],
    ['/tree/ec.pem', ec!],
  ]);
  const kind = keyReader(memoryHost(files), '/etc/nginx', absolute => `/tree${absolute}`);
  t.deepEqual([kind('rsa.pem'), kind('/ec.pem'), kind('gone.pem')], ['rsa', 'ec', undefined]);
  for (const path of ['', '$cert', 'data:$cert', 'engine:x:y']) t.is(kind(path), undefined, path);
});

function problemsOf(files: Readonly<Record<string, string>>, denied: readonly string[] = []): readonly LoadProblem[] {
  const memory = memoryHost(new Map(Object.entries(files).map(([name, text]) => [`/n/${name}`, text])));
  const read: Host['read'] = file =>
    denied.includes(file)
      ? { failure: 'denied', message: `\`${file}\` may not be read by this user` }
      : memory.read(file);
  const [target] = targetRange('nginx', [], {}).targets;
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: target! };
  return nginx.load('/n/nginx.conf', { ...memory, read }, settings).problems;
}

test('includes: one that may not be read, one that hides nothing, one that is broken and read twice', t => {
  const files = {
    'nginx.conf': 'events {}\nhttp {\n include secret;\n include mime.types;\n include bad;\n include bad;\n}\n',
    secret: '',
    bad: 'a',
  };
  t.deepEqual(
    problemsOf(files, ['/n/secret']).map(({ kind, minor }) => [kind, minor === true]),
    [
      ['unreadable', false],
      ['unresolved-include', true],
      ['syntax', false],
    ],
  );
});

test('includes nest no deeper than they are followed', t => {
  const chain = Array.from({ length: 600 }, (_, at) => [`i${at}`, `include i${at + 1};`] as const);
  const files = { 'nginx.conf': 'events {}\nhttp { include i0; }\n', ...Object.fromEntries(chain), i600: '' };
  const [problem, ...more] = problemsOf(files);
  t.regex(problem!.message, /^Unexpected `include` at depth \d+, expected fewer levels$/);
  t.is(more.length, 0);
});
