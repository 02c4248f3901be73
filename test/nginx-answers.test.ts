/** Whom a client meets. Each was tried on Debian's nginx 1.22.1. */
import test from 'ava';
import { nginx } from '../src/dialects/nginx/index.js';
import { memoryHost } from '../src/host.js';
import { TLSv1_2, TLSv1_3 } from '../src/model/protocols.js';
import type { Answer } from '../src/model/types.js';
import { targetOf } from './helpers/conformance.js';

const DEBIAN = targetOf('debian12-nginx-1.22.1+openssl-3.0.22');
const NEWEST = targetOf('nginx-1.31.4+openssl-3.0.22');
const CERTIFICATE = 'ssl_certificate cert.pem; ssl_certificate_key key.pem;';

function ask(text: string, connect: string, servername?: string, target = DEBIAN): Answer {
  const host = memoryHost(new Map([['/n/nginx.conf', `events {}\n${text}`]]));
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target };
  const question = servername === undefined ? { connect } : { connect, servername };
  return nginx.load('/n/nginx.conf', host, settings).answer(question, target);
}

const inner = (protocol: string, listen: string, more = '') =>
  `http { ${CERTIFICATE} server { listen ${listen} ssl; ssl_protocols ${protocol}; ${more} } }`;
const stream = (text: string) => `stream { ${text} }`;
const passing = (to: string, more = '') =>
  `server { listen 127.0.0.1:1443; ssl_preread on; proxy_pass ${to}; } ${more}`;

test('through a stream server to a listener of http', t => {
  const text = stream(passing('127.0.0.1:443')) + inner('TLSv1.2', '443');
  t.is(ask(text, '127.0.0.1:1443').negotiable, TLSv1_2);
});

test('through an upstream of one server', t => {
  const text = stream(`upstream u { server 127.0.0.1:443; } ${passing('u')}`) + inner('TLSv1.2', '443');
  t.is(ask(text, '127.0.0.1:1443').negotiable, TLSv1_2);
});

test('through two stream servers', t => {
  const second = 'server { listen 127.0.0.1:1444; proxy_pass 127.0.0.1:443; }';
  t.is(ask(stream(passing('127.0.0.1:1444', second)) + inner('TLSv1.3', '443'), '127.0.0.1:1443').negotiable, TLSv1_3);
});

for (const [to, why] of [
  ['$name', 'at run time'],
  ['u', 'not part of this configuration'],
  ['192.0.2.1:443', 'not part of this configuration'],
] as const) {
  test(`where ${to} leads is not known`, t => {
    const upstream = 'upstream u { server 127.0.0.1:443; server 127.0.0.1:444; }';
    const answer = ask(stream(upstream + passing(to)) + inner('TLSv1.2', '443'), '127.0.0.1:1443');
    t.is(answer.state, 'unknown');
    t.is(answer.negotiable, null);
    t.true(answer.notes.join(' ').includes(why));
  });
}

test('nobody behind a stream server', t => t.is(ask(stream(passing('127.0.0.1:443')), '127.0.0.1:1443').tls, false));

test('stream servers that pass in a circle', t => {
  const back = 'server { listen 127.0.0.1:1444; proxy_pass 127.0.0.1:1443; }';
  t.is(ask(stream(passing('127.0.0.1:1444', back)), '127.0.0.1:1443').state, 'unknown');
});

test('a host name may be any address', t => {
  const text = inner('TLSv1.2', 'host.example:443');
  t.is(ask(text, '127.0.0.1:443').negotiable, null);
  t.is(ask(text, '127.0.0.1:444').tls, false);
});

test('localhost is 127.0.0.1, and ::1 on some systems', t => {
  const text = inner('TLSv1.2', 'localhost:443');
  t.is(ask(text, '127.0.0.1:443').negotiable, TLSv1_2);
  t.is(ask(text, '[::1]:443').negotiable, null);
  t.is(ask(text, '127.0.0.2:443').tls, false);
});

test('short and zero-padded addresses', t => {
  t.is(ask(inner('TLSv1.2', '127.1:443'), '127.0.0.1:443').negotiable, TLSv1_2);
  t.is(ask(inner('TLSv1.2', '127.000.000.001:443'), '127.0.0.1:443').negotiable, TLSv1_2);
  // Four numbers are decimal whatever they begin with; of fewer, those that begin with 0 are octal.
  t.is(ask(inner('TLSv1.2', '0177.0.0.1:443'), '177.0.0.1:443').negotiable, TLSv1_2);
  t.is(ask(inner('TLSv1.2', '0177.1:443'), '127.0.0.1:443').negotiable, TLSv1_2);
});

test('[::] takes IPv4 before 1.3.4', t => {
  const text = inner('TLSv1.2', '[::]:443');
  t.is(ask(text, '127.0.0.1:443').tls, false);
  t.is(ask(text, '127.0.0.1:443', undefined, targetOf('nginx-1.0.15+openssl-1.0.2u')).tls, true);
});

test('a flag in capitals is one', t => {
  t.is(ask(`http { ${CERTIFICATE} server { listen 443; ssl ON; } }`, '127.0.0.1:443').tls, true);
});

test('what is no host name gets the default server', t => {
  const text = `http { ${CERTIFICATE} server { listen 443 ssl; ssl_protocols TLSv1.2; }
    server { listen 443 ssl; server_name *.test ~^\\d; ssl_protocols TLSv1.3; } }`;
  t.is(ask(text, '127.0.0.1:443', 'a..test', NEWEST).negotiable, TLSv1_2);
  t.is(ask(text, '127.0.0.1:443', 'a.test.', NEWEST).negotiable, TLSv1_3);
  t.is(ask(text, '127.0.0.1:443', '.test', NEWEST).negotiable, TLSv1_3);
});

test('what is no address, and a configuration that is not all here', t => {
  const text = inner('TLSv1.2', '443');
  const nowhere = ask(text, 'nowhere');
  t.deepEqual([nowhere.tls, nowhere.notes, nowhere.endpoint], [false, ['Nothing listens on nowhere.'], null]);
  for (const more of ['include nope/a;', 'http { include b; }', `http { server { listen \${PORT}; } }`]) {
    const open = ask(`${text} ${more}`, '127.0.0.1:444');
    t.deepEqual([open.tls, open.state, open.endpoint], [null, 'unknown', null], more);
  }
  const hidden = ask(`http { ${CERTIFICATE} server { listen \${PORT} ssl; } }`, '127.0.0.1:444');
  t.deepEqual([hidden.tls, hidden.state], [null, 'unknown']);
});

test('an address of IPv4 in the clothes of IPv6', t => {
  const text = (more: string) => inner('TLSv1.2', `[::ffff:127.0.0.1]:443${more}`);
  t.is(ask(text(''), '127.0.0.1:443').tls, false);
  t.is(ask(text(' ipv6only=off'), '127.0.0.1:443').negotiable, TLSv1_2);
});

test('a listener that passes to itself, and one behind which nobody is', t => {
  const own = stream('server { listen 127.0.0.1:1443; ssl_preread on; proxy_pass 127.0.0.1:1443; }');
  t.is(ask(own, '127.0.0.1:1443').tls, false);
  const second = 'server { listen 127.0.0.1:1444; ssl_preread on; proxy_pass 127.0.0.1:9; }';
  const answer = ask(stream(passing('127.0.0.1:1444', second)), '127.0.0.1:1443');
  t.is(answer.tls, false);
  t.regex(answer.notes.join(), /Nothing listens on 127\.0\.0\.1:9, to which this listener passes\./);
  const bare = stream(`upstream u { zone z 64k; server; } ${passing('u')}`);
  t.is(ask(bare, '127.0.0.1:1443').state, 'unknown');
});

test('a name that an expression may match, which is not tried here', t => {
  const text = `http { ${CERTIFICATE} server { listen 443 ssl; ssl_protocols TLSv1.2; }
    server { listen 443 ssl; server_name ~^(a+)+x; ssl_protocols TLSv1.3; } }`;
  const answer = ask(text, '127.0.0.1:443', 'aaaa', NEWEST);
  t.deepEqual([answer.tls, answer.negotiable], [true, null]);
  t.regex(answer.notes.join(), /whether `~\^\(a\+\)\+x` matches `aaaa` can’t be told here/);
});
