/** What keeps nginx from starting. Each line was tried on Debian's nginx 1.22.1. */
import test from 'ava';
import { nginx } from '../src/dialects/nginx/index.js';
import { memoryHost } from '../src/host.js';
import type { Target } from '../src/model/target.js';
import { targetOf } from './helpers/conformance.js';

const DEBIAN = targetOf('debian12-nginx-1.22.1+openssl-3.0.22');

function loads(files: Readonly<Record<string, string>>, target: Target = DEBIAN): boolean {
  const host = memoryHost(new Map(Object.entries(files).map(([name, text]) => [`/etc/nginx/${name}`, text])));
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target };
  return nginx.load('/etc/nginx/nginx.conf', host, settings).loads(target);
}

const CERTIFICATE = 'ssl_certificate cert.pem; ssl_certificate_key key.pem;';
const http = (text: string) => ({ 'nginx.conf': `events {}\nhttp { ${CERTIFICATE} ${text} }` });
const server = (text: string, listen = '127.0.0.1:443 ssl') => http(`server { listen ${listen}; ${text} }`);
const two = (first: string, second: string) => http(`server { listen ${first}; } server { listen ${second}; }`);
const stream = (text: string) => ({ 'nginx.conf': `events {}\nstream { ${CERTIFICATE} ${text} }` });
const mail = (text: string) => ({ 'nginx.conf': `events {}\nmail { auth_http 127.0.0.1:1; ${CERTIFICATE} ${text} }` });

const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a block for a directive': server('ssl_protocols TLSv1.2 { }'),
  'a directive for a block': server('location /;'),
  'a server without a block': http('server;'),
  'an http without a block': { 'nginx.conf': 'events {}\nhttp;' },
  'arguments of events': { 'nginx.conf': 'events x {}' },
  'arguments of a server': http('server x { listen 443; }'),
  'no events': { 'nginx.conf': 'http {}' },
  'a second events': { 'nginx.conf': 'events {} events {}' },
  'a block in a map': http('map $uri $x { default a; b { } }'),
  'a missing file in types': http('types { include nope; }'),
  'letter case of include': http('Include x;'),
  'letter case of http': { 'nginx.conf': 'events {}\nHTTP {}' },
  'protocols in an upstream': http('upstream u { server 127.0.0.1:1; ssl_protocols TLSv1.2; }'),
  'protocols in events': { 'nginx.conf': 'events { ssl_protocols TLSv1.2; }' },
  'a server in a server': server('server { }'),
  'a location in http': http('location / { }'),
  'a location twice': server('location /a { } location ^~ /a { }'),
  'a location twice, glued to its `=`': server('location =/a { } location = /a { }'),
  'a location twice, glued to its `^~`': server('location ^~/a { } location /a { }'),
  'ports from high to low': server('', '127.0.0.1:444-443 ssl'),
  'no IPv6 address': server('', '[zz]:443 ssl'),
  'port 0': server('', '127.0.0.1:0 ssl'),
  'http in http': http('http { }'),
  'suites of an upstream': server('location / { proxy_pass https://127.0.0.1:1; proxy_ssl_ciphers NOPE; }'),
  'a command to an upstream': server('set $x 1; location / { proxy_pass $x; proxy_ssl_conf_command Nope 1; }'),
  'a certificate without a key': { 'nginx.conf': 'events {}\nhttp { server { ssl_certificate a; } }' },
  'two certificates with one key': server('ssl_certificate a; ssl_certificate b; ssl_certificate_key k;'),
  'options twice': two('127.0.0.1:443 ssl backlog=5', '127.0.0.1:443 ssl backlog=6'),
  'an old parameter': server('', '127.0.0.1:443 ssl spdy'),
  'a bad backlog': server('', '127.0.0.1:443 ssl backlog=x'),
  'a bad ipv6only': server('', '[::1]:443 ssl ipv6only=maybe'),
  'a bad so_keepalive': server('', '127.0.0.1:443 ssl so_keepalive=maybe'),
  'a parameter of another system': server('', '127.0.0.1:443 ssl setfib=1'),
  'no IPv4 address': server('', '999.0.0.1:443 ssl'),
  'a socket without a path': server('', 'unix: ssl'),
  'reuseport beside the wildcard': two('443 ssl', '127.0.0.1:443 ssl reuseport'),
  'IPv4 that [::] takes': two('[::]:443 ssl ipv6only=off', '443 ssl'),
  'one IPv4 address that [::] takes': two('[::]:443 ssl ipv6only=off', '127.0.0.1:443 ssl'),
  'no groups': server('ssl_ecdh_curve "";'),
  'a bad session cache': server('ssl_session_cache foo;'),
  'a bad session timeout': server('ssl_session_timeout foo;'),
  'a bad ssl_verify_client': server('ssl_verify_client foo;'),
  'clients without an authority': server('ssl_verify_client on;'),
  'a bad flag': server('ssl_stapling foo;'),
  'TLS over UDP': stream('server { listen 127.0.0.1:443 udp ssl; return x; }'),
  'a stream on an address of http': {
    'nginx.conf': `events {}\nhttp { server { listen 444; } }\nstream { server { listen 444; return x; } }`,
  },
  'starttls and ssl': mail('server { listen 127.0.0.1:143; protocol imap; ssl on; starttls on; }'),
  'a bad starttls': mail('server { listen 127.0.0.1:143; protocol imap; starttls maybe; }'),
  'starttls without a certificate': {
    'nginx.conf': 'events {}\nmail { auth_http 127.0.0.1:1; server { listen 143; protocol imap; starttls on; } }',
  },
};

const twoNames = (name: string) =>
  http(`server { listen 443 ssl; server_name _; } server { listen 443 ssl; server_name ${name}; }`);

for (const name of ['*', 'a.*.test', '*a.test', '*.a.*', 'a..test', '"~^(a"', '*.', '.', '~'])
  test(`refused: the name ${name}`, t => t.false(loads(twoNames(name))));
for (const name of ['""', '.a.test', '*.test', 'a.*', '"~^a{1,2}$"', '$hostname', 'a#b', '_'])
  test(`loaded: the name ${name}`, t => t.true(loads(twoNames(name))));

const LOADED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'lines of a map': http('map $uri $x { default a; ssl_protocols TLSv1; listen x; }'),
  'a command to an upstream without TLS': server(
    'location / { proxy_pass http://127.0.0.1:1; proxy_ssl_conf_command Nope 1; }',
  ),
  'locations that differ': server(
    'location /a { } location = /a { } location ~ /a { } location ~ /a { } location @a { } location @a { } location /b { location /b/a { } }',
  ),
  'suites that no hop uses': server('proxy_ssl_ciphers NOPE;'),
  'suites of a server without a certificate': { 'nginx.conf': 'events {}\nhttp { server { ssl_ciphers nope; } }' },
  'clients of any authority': server('ssl_verify_client optional_no_ca;'),
  'clients of one authority': server('ssl_verify_client on; ssl_client_certificate cert.pem;'),
  'two sockets with reuseport': two('443 ssl reuseport', '127.0.0.1:443 ssl reuseport'),
  'options of the wildcard': two('443 ssl backlog=5', '127.0.0.1:443 ssl'),
  'a session timeout of parts': server('ssl_session_timeout 1d; ssl_session_cache shared:SSL:10m;'),
  'a deep chain of includes': {
    ...http('include i0;'),
    ...Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`i${at}`, at < 99 ? `include i${at + 1};` : ''])),
  },
  'a file that its neighbour includes': {
    ...http('include conf.d/*.conf;'),
    'conf.d/a.conf': 'include conf.d/b.conf;',
    'conf.d/b.conf': 'ssl_protocols TLSv1.2;',
  },
  'a block of a module that is not known': {
    'nginx.conf': 'events {}\nrtmp { server { listen 1935; ssl_protocols whatever { } } }',
  },
};

for (const [name, files] of Object.entries(REFUSED)) test(`refused: ${name}`, t => t.false(loads(files)));
for (const [name, files] of Object.entries(LOADED)) test(`loaded: ${name}`, t => t.true(loads(files)));

test('a chain of includes that leads back is told from the file it starts with', t => {
  const files = { ...http('include a;'), a: 'include b;', b: 'include a;' };
  const host = memoryHost(new Map(Object.entries(files).map(([name, text]) => [`/etc/nginx/${name}`, text])));
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: DEBIAN };
  const { problems } = nginx.load('/etc/nginx/nginx.conf', host, settings);
  const chain = problems.find(each => each.message.includes('leads back'));
  t.regex(chain?.message ?? '', /`\/etc\/nginx\/a` → `\/etc\/nginx\/b` → `\/etc\/nginx\/a`/);
});

test('clients of one authority: a trusted certificate is enough from 1.27.2 on', t => {
  const files = server('ssl_verify_client on; ssl_trusted_certificate cert.pem;');
  t.false(loads(files));
  t.true(loads(files, targetOf('nginx-1.31.4+openssl-3.0.22')));
});

test('[::] takes IPv4 before 1.3.4', t => {
  const files = two('443 ssl', '[::]:443 ssl');
  t.false(loads(files, targetOf('nginx-1.0.15+openssl-1.0.2u')));
  t.true(loads(files));
});
