/** What the model says of httpd configuration: reading, virtual hosts, statements. */
import test from 'ava';
import { apache } from '../src/dialects/apache/index.js';
import { memoryHost } from '../src/host.js';
import { protocolNames } from '../src/model/protocols.js';
import type { Target } from '../src/model/target.js';
import type { Model } from '../src/model/types.js';
import { targetRange } from '../src/targets.js';

interface Options {
  readonly server?: string;
  readonly prefix?: string;
  readonly module?: readonly string[];
  readonly env?: Record<string, string>;
  readonly define?: Record<string, string>;
  readonly fragment?: boolean;
}

function targetOf(server = 'apache@2.4.62', openssl = '1.1.1'): Target {
  return targetRange('apache', [], { server, openssl }).targets[0]!;
}

function load(files: Record<string, string>, options: Options = {}): Model {
  const paths = Object.keys(files);
  const settings = {
    prefix: options.prefix ?? '',
    define: new Map(Object.entries(options.define ?? {})),
    module: options.module ?? [],
    env: options.env ?? {},
    target: targetOf(options.server),
  };
  return apache.load(paths[0]!, memoryHost(new Map(Object.entries(files))), settings, options.fragment);
}

function asked(model: Model, connect: string, servername?: string, target = targetOf()): string {
  const { configured } = model.answer({ connect, ...(servername !== undefined && { servername }) }, target);
  return configured === null ? 'unknown' : protocolNames(configured).join(' ');
}

const TLS = 'SSLEngine on\nSSLCertificateFile c.pem\n';

function vhost(lines: string, address = '*:443'): string {
  return `<VirtualHost ${address}>\n${TLS}${lines}\n</VirtualHost>\n`;
}

test('Debian’s layout: mods, envvars and sites', t => {
  const model = load({
    '/etc/apache2/apache2.conf':
      'IncludeOptional mods-enabled/*.load\nIncludeOptional mods-enabled/*.conf\nInclude ports.conf\nIncludeOptional sites-enabled/*.conf\n',
    '/etc/apache2/ports.conf':
      'Listen 80\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n<IfModule mod_gnutls.c>\nListen 444\n</IfModule>\n',
    '/etc/apache2/envvars': 'export APACHE_TLS=TLSv1.2\nexport APACHE_BOTH="$APACHE_TLS +TLSv1.3"\n',
    '/etc/apache2/mods-enabled/ssl.load': 'LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n',
    '/etc/apache2/mods-enabled/ssl.conf': '<IfModule mod_ssl.c>\nSSLProtocol all -SSLv3\n</IfModule>\n',
    '/etc/apache2/sites-enabled/a.conf': vhost('ServerName a\nSSLProtocol ${APACHE_BOTH}'),
    '/etc/apache2/sites-enabled/b.conf': vhost('ServerName b'),
  });
  t.deepEqual(model.problems, []);
  t.deepEqual(
    model.endpoints.map(({ listen, names, default: first }) => [listen, names[0], first]),
    [
      ['*:80', undefined, true],
      ['*:443', 'a', true],
      ['*:443', 'b', false],
    ],
  );
  t.is(asked(model, '10.0.0.1:443', 'a'), 'TLSv1.2 TLSv1.3');
  t.is(asked(model, '10.0.0.1:443', 'b'), 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3');
  t.is(model.answer({ connect: '10.0.0.1:444' }, targetOf()).endpoint, null);
});

test('Red Hat’s layout, checked out below another directory', t => {
  const files = {
    '/repo/etc/httpd/conf/httpd.conf':
      'ServerRoot "/etc/httpd"\nListen 443\nInclude conf.modules.d/*.conf\nIncludeOptional conf.d/*.conf\n',
    '/repo/etc/httpd/conf.modules.d/00-ssl.conf': 'LoadModule ssl_module modules/mod_ssl.so\n',
    '/repo/etc/httpd/conf.d/ssl.conf': vhost('SSLCipherSuite PROFILE=SYSTEM\nInclude /etc/httpd/tls.inc'),
    '/repo/etc/httpd/tls.inc': 'SSLProtocol TLSv1.3\n',
  };
  for (const prefix of ['', '/repo']) {
    const model = load(files, { prefix });
    t.deepEqual(model.problems, []);
    t.is(asked(model, '10.0.0.1:443'), 'TLSv1.3');
    const { negotiable, notes } = model.answer({ connect: '10.0.0.1:443' }, targetOf());
    t.is(negotiable, null);
    t.regex(notes.join(' '), /crypto policy/);
  }
});

test('LoadModule lines tell the truth where there are some, and nothing is missing', t => {
  const text = `LoadModule dir_module m/mod_dir.so\nListen 443\n${vhost('SSLProtocol TLSv1.2')}`;
  const model = load({ '/c/httpd.conf': text });
  t.false(model.loads(targetOf()));
  t.is(model.problems.length, 1);
  t.true(load({ '/c/httpd.conf': text }, { module: ['mod_ssl.c'] }).loads(targetOf()));
  t.true(load({ '/c/httpd.conf': `Listen 443\n${vhost('SSLProtocol TLSv1.2')}` }).loads(targetOf()));
  t.false(
    load({ '/c/httpd.conf': `Listen 443\n${vhost('SSLProtocol TLSv1.2')}` }, { module: ['!ssl_module'] }).loads(
      targetOf(),
    ),
  );
});

test('a file that includes itself, and one that is not there', t => {
  const model = load({
    '/c/httpd.conf': 'Listen 443\nInclude httpd.conf\nInclude nope.conf\nIncludeOptional nope/*.conf\n',
  });
  t.deepEqual(
    model.problems.map(problem => problem.kind),
    ['unresolved-include', 'unresolved-include'],
  );
  t.false(model.loads(targetOf()));
});

test('more files side by side than may nest', t => {
  const files: Record<string, string> = { '/c/httpd.conf': 'Listen 443\nInclude sites/*.conf\n' };
  for (let index = 0; index < 600; index++)
    files[`/c/sites/${index}.conf`] = `<IfModule mod_ssl.c>\n${vhost(`ServerName h${index}`)}</IfModule>\n`;
  const model = load(files);
  t.deepEqual(model.problems, []);
  t.is(model.endpoints.length, 600);
});

test('what a missing include may say is not known, what stands behind it is', t => {
  const model = load({
    '/c/httpd.conf': `Listen 443\n${vhost('ServerName a\nSSLProtocol TLSv1.2\nInclude nope')}${vhost('ServerName b\nInclude nope\nSSLProtocol TLSv1.2')}`,
  });
  t.is(asked(model, '10.0.0.1:443', 'a'), 'unknown');
  t.is(asked(model, '10.0.0.1:443', 'b'), 'TLSv1.2');
});

test('templates and variables without a value are not guessed', t => {
  for (const value of ['{{ tls_protocols }}', '<%= @protocols %>', '@PROTOCOLS@']) {
    const model = load({ '/c/httpd.conf': `Listen 443\n${vhost(`SSLProtocol ${value}`)}` });
    t.is(asked(model, '10.0.0.1:443'), 'unknown', value);
    t.true(model.loads(targetOf()), value);
    t.is(model.statements[0]!.value, null);
    t.deepEqual(model.statements[0]!.faults, []);
  }
  const model = load({ '/c/httpd.conf': `Listen 443\n${vhost('SSLProtocol ${NOPE}')}` });
  t.is(asked(model, '10.0.0.1:443'), 'unknown');
  t.false(model.loads(targetOf()));
});

test('a fragment says what it says, and no more', t => {
  const model = load(
    { '/c/site.conf': vhost('ServerName a\nSSLProtocol TLSv1.2') + vhost('ServerName b', '*:444') },
    { fragment: true },
  );
  t.is(asked(model, '10.0.0.1:443', 'a'), 'TLSv1.2');
  t.is(asked(model, '10.0.0.1:444'), 'unknown');
  t.true(model.loads(targetOf()));
});

test('names match in order, aliases and wildcards of one server before the next', t => {
  const text = `Listen 443\n${vhost('ServerName x\nSSLProtocol TLSv1.1')}${vhost('ServerName https://y:443\nServerAlias *.test A\nSSLProtocol TLSv1.2')}${vhost('ServerName b.test\nSSLProtocol TLSv1.3')}`;
  const model = load({ '/c/httpd.conf': text });
  t.is(asked(model, '10.0.0.1:443', 'b.test'), 'TLSv1.2');
  t.is(asked(model, '10.0.0.1:443', 'a'), 'TLSv1.2');
  t.is(asked(model, '10.0.0.1:443', 'y'), 'TLSv1.2');
  t.is(asked(model, '10.0.0.1:443', 'z'), 'TLSv1.1');
  t.deepEqual(model.endpoints[1]!.names, ['y', 'A', '*.test']);
});

test('addresses: exact before any port before wildcards', t => {
  const text = `Listen 443\nListen [::1]:444\n${vhost('SSLProtocol TLSv1', '*:*')}${vhost('SSLProtocol TLSv1.1', '_default_:443')}${vhost('SSLProtocol TLSv1.2', '10.0.0.1')}${vhost('SSLProtocol TLSv1.3', '10.0.0.1:443 [0:0::2]:443')}`;
  const model = load({ '/c/httpd.conf': text });
  t.is(asked(model, '10.0.0.1:443'), 'TLSv1.3');
  t.is(asked(model, '[::2]:443'), 'TLSv1.3');
  t.is(asked(model, '10.0.0.2:443'), 'TLSv1.1');
  t.is(asked(model, '[::1]:444'), 'TLSv1');
  t.deepEqual(
    [...new Set(model.endpoints.map(endpoint => endpoint.listen))],
    ['10.0.0.1:443', '[::2]:443', '*:443', '[::1]:444'],
  );
});

test('why a directive has no effect', t => {
  const old = targetOf('apache@2.4.41');
  const why = (text: string, index: number, target = targetOf()) => {
    const model = load({ '/c/httpd.conf': `Listen 443\nListen 80\n${text}` });
    return model.statements[index]!.ineffective(target)?.why;
  };
  t.is(why(vhost('SSLProtocol TLSv1.2\nSSLProtocol TLSv1.3'), 0), 'repeated');
  t.is(why(vhost('SSLProtocol TLSv1.2\nSSLProtocol TLSv1.3'), 1), undefined);
  t.is(why(vhost('SSLProtocol TLSv1.2') + vhost('SSLProtocol TLSv1.3'), 1, old), 'non-default-server');
  t.is(why(vhost('SSLProtocol TLSv1.2') + vhost('ServerName b\nSSLProtocol TLSv1.3'), 1), undefined);
  t.is(why(`SSLProtocol TLSv1.2\n${vhost('SSLProtocol TLSv1.3')}`, 0), 'scope-not-used');
  t.is(why('SSLProtocol TLSv1.2\n<VirtualHost *:80>\n</VirtualHost>\n', 0), 'no-tls');
  t.is(why('<VirtualHost *:80>\nSSLProtocol TLSv1.2\n</VirtualHost>\n', 0), 'no-tls');
  t.is(
    why(vhost('SSLProtocol TLSv1.2\nSSLOpenSSLConfCmd MinProtocol TLSv1.2\nSSLOpenSSLConfCmd MaxProtocol TLSv1.3'), 0),
    'overridden-by-command',
  );
});

test('faults of words', t => {
  const faults = (value: string) =>
    load({ '/c/httpd.conf': `Listen 443\n${vhost(`SSLProtocol ${value}`)}` }).statements[0]!.faults.map(
      ({ kind, token, suggestion }) => [kind, token, suggestion],
    );
  t.deepEqual(faults('TLSv1.2 TLSv1.3'), [['overriding', 'TLSv1.3', undefined]]);
  t.deepEqual(faults('-all TLSv1.2 +TLSv1.3'), []);
  t.deepEqual(faults('+TLSv1.0 TLSv12'), [
    ['unknown', '+TLSv1.0', '+TLSv1'],
    ['unknown', 'TLSv12', 'TLSv1.2'],
  ]);
  t.deepEqual(faults('all +SSLv2 -SSLv2'), [['unsupported', '+SSLv2', undefined]]);
});

test('a balancer’s members are connected to by who uses it', t => {
  const text =
    'Listen 80\n<Proxy balancer://pool>\nBalancerMember https://10.0.0.1\nBalancerMember http://10.0.0.2\nSSLProxyProtocol TLSv1.3\n</Proxy>\n<VirtualHost *:80>\nSSLProxyEngine on\nSSLProxyProtocol TLSv1.2\nProxyPass / balancer://pool/\nProxyPass /b https://b.test/\nRewriteRule ^/c https://c.test/ [P,L]\nRewriteRule ^/d https://d.test/ [R]\n</VirtualHost>\n';
  const model = load({ '/c/httpd.conf': text });
  const clients = model.endpoints.filter(endpoint => endpoint.role === 'client');
  t.deepEqual(
    clients.map(endpoint => [
      endpoint.upstream,
      protocolNames(model.offer(endpoint, targetOf()).configured ?? 0).join(' '),
    ]),
    [
      ['https://10.0.0.1', 'TLSv1.3'],
      ['https://b.test/', 'TLSv1.2'],
      ['https://c.test/', 'TLSv1.2'],
    ],
  );
});

test('what the server refuses', t => {
  const refused = [
    'SSLProtocol\u00a0TLSv1.2',
    '<Bogus>\n</Bogus>',
    'SSLProtocols all',
    'SSLEngine yes',
    'Use nope',
    'SSLProtocol -TLSv1',
    'SSLOpenSSLConfCmd Nope x',
    'SSLOpenSSLConfCmd MinProtocol tlsv1.2',
    '<Location />\nSSLProtocol TLSv1.2\n</Location>',
    'SSLCipherSuite TLSv1.2 AES128-SHA',
    'TLSProtocol TLSv1.2+',
    'ServerName *.test',
  ];
  for (const line of refused) t.false(load({ '/c/httpd.conf': `Listen 443\n${vhost(line)}` }).loads(targetOf()), line);
  t.true(
    load({ '/c/httpd.conf': 'Listen 443\n<VirtualHost *:443>\nSSLProtocol -TLSv1\n</VirtualHost>\n' }).loads(
      targetOf(),
    ),
  );
  t.false(
    load({ '/c/httpd.conf': 'Listen 443\n<VirtualHost *:443>\nSSLEngine on\n</VirtualHost>\n' }).loads(targetOf()),
  );
});

test('which files are configuration of httpd', t => {
  const site = '<VirtualHost *:443>\n  ServerName a\n</VirtualHost>\n';
  t.is(
    apache.detect(
      '/etc/apache2/apache2.conf',
      'Timeout 300\nUser www\nGroup www\nIncludeOptional sites-enabled/*.conf\n',
    ),
    'root',
  );
  t.is(apache.detect('/x/httpd.conf', `Listen 443\n${site}`), 'root');
  t.is(apache.detect('/etc/apache2/sites-available/a.conf', site), 'fragment');
  t.is(apache.detect('/etc/httpd/conf.d/ssl.conf', `Listen 443 https\n${site}`), 'fragment');
  const listening = `Listen 8443\nLoadModule wsgi_module modules/mod_wsgi.so\n${site}`;
  t.is(apache.detect('/etc/httpd/conf.d/panel.conf', listening), 'fragment');
  t.is(apache.detect('/etc/httpd/conf.d/panel.conf', `ServerRoot /etc/httpd\n${listening}`), 'root');
  const cups = 'Listen 631\nBrowsing On\n<Location />\n  Order allow,deny\n</Location>\n<Policy default>\n</Policy>\n';
  t.is(apache.detect('/etc/cups/cupsd.conf', cups), 'none');
  t.is(apache.detect('/x/.htaccess', 'Require all granted\n'), 'fragment');
  t.is(apache.detect('/x/tls.conf', 'SSLProtocol all -SSLv3\n'), 'fragment');
  t.is(apache.detect('/etc/nginx/nginx.conf', 'http {\n  server {\n    listen 443 ssl;\n  }\n}\n'), 'none');
  t.is(apache.detect('/x/readme', 'Include the following options in your build.\n'), 'none');
  t.is(apache.detect('/x/empty.conf', ''), 'none');
  const long =
    '<IfModule mod_headers.c>\nHeader set Content-Security-Policy "\\\n  default-src x;\\\n  base-uri y;\\\n  "\n</IfModule>\n';
  t.is(apache.detect('/x/policy.conf', long), 'fragment');
});

test('what rests on an assumption says so', t => {
  const text = `Listen 443\n<IfModule mod_ssl.c>\n${vhost('SSLProtocol TLSv1.2')}</IfModule>\n`;
  const notes = (model: Model) => model.answer({ connect: '10.0.0.1:443' }, targetOf()).notes.join(' ');
  t.regex(notes(load({ '/c/httpd.conf': text })), /`mod_ssl.c` is loaded: it is taken as loaded/);
  t.notRegex(notes(load({ '/c/httpd.conf': text }, { module: ['ssl_module'] })), /LoadModule/);
});

test('AP-Y2: mod_tls speaks TLS where TLSEngine says so', t => {
  const text = (protocol: string) =>
    `Listen 443\nListen 80\nTLSEngine 443\n<VirtualHost *:443>\nServerName a.test\n${protocol}\n</VirtualHost>\n`;
  const tls = (protocol: string) => load({ '/etc/h.conf': text(protocol) }, { module: ['tls_module'] });
  t.is(asked(tls(''), '127.0.0.1:443'), 'TLSv1.2 TLSv1.3');
  t.is(asked(tls('TLSProtocol TLSv1.3+'), '127.0.0.1:443'), 'TLSv1.3');
  t.is(asked(tls('TLSProtocol v1.2+'), '127.0.0.1:443', 'a.test'), 'TLSv1.2 TLSv1.3');
  t.is(tls('').answer({ connect: '127.0.0.1:80' }, targetOf()).tls, false);
  t.true(tls('TLSProtocol default').loads(targetOf()));
  t.false(tls('TLSProtocol TLSv1.2').loads(targetOf()));
  t.false(load({ '/etc/h.conf': text('') }).loads(targetOf()));
});

test('AP-Y3: with SSLFIPS, what can be negotiated is not known', t => {
  const model = load({ '/etc/h.conf': `Listen 443\nSSLFIPS on\n${vhost('SSLProtocol TLSv1.2')}` });
  const { configured, negotiable, notes } = model.answer({ connect: '127.0.0.1:443' }, targetOf());
  t.deepEqual(protocolNames(configured!), ['TLSv1.2']);
  t.is(negotiable, null);
  t.regex(notes.join(), /SSLFIPS/);
});

test('an expression of ProxyMatch that is not plain leaves the protocols open', t => {
  const hop = (pattern: string) => {
    const model = load({
      '/etc/h.conf': `SSLProxyEngine on\nProxyPass / https://b.test/x/\n<ProxyMatch ${pattern}>\nSSLProxyProtocol TLSv1\n</ProxyMatch>\n`,
    });
    const client = model.endpoints.find(each => each.role === 'client')!;
    const { configured } = model.offer(client, targetOf());
    return configured === null ? 'unknown' : protocolNames(configured).join(' ');
  };
  const other = 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3';
  t.is(hop('^https://b\\.test/.*'), 'TLSv1');
  t.is(hop('b\\.test'), 'TLSv1');
  t.is(hop('^https://b\\.test/x/$'), 'TLSv1');
  t.is(hop('^https://b\\.test$'), other);
  t.is(hop('^https://c\\.test/.*'), other);
  t.is(hop('^http://c[0-9]+'), other);
  t.is(hop('^https?://[a-c]\\.test/'), 'unknown');
  t.is(hop('^(?:https://b|http://c)'), 'unknown');
});

test('a ServerRoot that is not on this machine is told where something was read below it', t => {
  const model = load({
    '/etc/h.conf': 'ServerRoot /nowhere\nListen 443\nInclude tls.conf\n',
    '/etc/tls.conf': vhost('SSLProtocol TLSv1.2'),
  });
  const { notes } = model.answer({ connect: '127.0.0.1:443' }, targetOf());
  t.regex(notes.join(), /ServerRoot \/nowhere/);
});

test('an empty second word counts as none, and one address is listened on once', t => {
  const loads = (text: string) => load({ '/etc/h.conf': text }).loads(targetOf());
  t.false(loads(`Define P ""\nListen 443\n${vhost('SSLProtocol $' + '{P}TLSv1.2')}`));
  t.false(loads(`Listen 443\n${vhost('SSLCipherSuite TLSv1.3 ""')}`));
  t.false(loads(`Listen 127.0.0.1:443\nListen 127.0.0.1:443\n${vhost('')}`));
  t.true(loads(`Listen 127.0.0.1:443\nListen 443 ""\n${vhost('')}`));
});

test('mod_tls: an address, a missing value and one that is not known', t => {
  const model = (lines: string, vhostLines = '') =>
    load(
      { '/etc/h.conf': `Listen 127.0.0.1:443\n${lines}<VirtualHost 127.0.0.1:443>\n${vhostLines}</VirtualHost>\n` },
      { module: ['tls_module'] },
    );
  const at = '127.0.0.1:443';
  t.is(asked(model('TLSEngine 127.0.0.1:443\n'), at), 'TLSv1.2 TLSv1.3');
  t.is(model('TLSEngine 10.0.0.1:443\n').answer({ connect: at }, targetOf()).tls, false);
  t.is(asked(model('TLSEngine *:443\nTLSProtocol v1.3+\n'), at), 'TLSv1.3');
  const open = model('TLSEngine 443\n', 'TLSProtocol {{ least }}\n');
  t.like(open.answer({ connect: at }, targetOf()), { tls: true, state: 'unknown', configured: null, negotiable: null });
  for (const line of ['TLSEngine', 'TLSEngine 127.0.0.1', 'TLSEngine 1 2', 'TLSProtocol a b', 'TLSProtocol']) {
    t.false(model(`${line}\n`).loads(targetOf()), line);
  }
});

test('a file `.htaccess` is a place for requests, and a main file that is not there is said', t => {
  const model = load({ '/x/.htaccess': 'SSLCipherSuite HIGH\nSSLProtocol all\n' }, { fragment: true });
  t.deepEqual(
    model.problems.map(({ message }) => message),
    ['Unexpected `SSLProtocol` in `.htaccess`, expected it in a server or virtual host'],
  );
  const files = { '/c/httpd.conf': 'Include a.conf\n', '/c/a.conf': 'UnDefine x\n' };
  t.is(load(files, { define: { x: 'TLSv1.2', y: '' } }).problems.length, 0);
});

test('names that are defined on the command line have their values', t => {
  const text = `Listen 443\n<IfDefine only>\n${vhost('SSLProtocol ${protos}')}</IfDefine>\n`;
  const model = load({ '/c/httpd.conf': text }, { define: { protos: 'TLSv1.3', only: '' } });
  t.is(asked(model, '10.0.0.1:443'), 'TLSv1.3');
});

test('a directory is included with all that is below it, in byte order, and what is no directory by its name', t => {
  const last = (name: string, value: string) => [`/c/conf.d/${name}`, `SSLProtocol ${value}\n`] as const;
  const parts = Object.fromEntries([last('b/x.conf', 'TLSv1.1'), last('a.conf', 'TLSv1'), last('c~', 'TLSv1.2')]);
  for (const include of ['conf.d', 'conf.d/', 'conf.?']) {
    const model = load({ '/c/httpd.conf': `Listen 443\nInclude ${include}\n${vhost('')}`, ...parts });
    t.is(asked(model, '10.0.0.1:443'), 'TLSv1.2', include);
    t.is(model.files.length, 4, include);
  }
});

test('a Proxy section by its wildcards, and hops that no section is for', t => {
  const hop = (section: string, key = 'Proxy') => {
    const text = `SSLProxyEngine on\nProxyPass / https://b.test/x/\n<${key} ${section}>\nSSLProxyProtocol TLSv1.3\n</${key}>\n`;
    const model = load({ '/etc/h.conf': text });
    const client = model.endpoints.find(each => each.role === 'client')!;
    return protocolNames(model.offer(client, targetOf()).configured!).join(' ');
  };
  const other = 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3';
  t.is(hop('*'), 'TLSv1.3');
  t.is(hop('https://?.test/*'), 'TLSv1.3');
  t.is(hop('http://?.test/*'), other);
  t.is(hop('https://b.test/'), 'TLSv1.3');
  t.is(hop('~ ^https://b\\.test/'), 'TLSv1.3');
  t.is(hop('b\\.test/x/$', 'ProxyMatch'), 'TLSv1.3');
  t.is(hop('b\\.test$', 'ProxyMatch'), other);
});

test('whether a hop speaks TLS can hang on a section that can’t be told, on a word, or on another file', t => {
  const state = (text: string, fragment = false) => {
    const model = load({ '/etc/h.conf': `ProxyPass / https://b.test/\n${text}` }, { fragment });
    const client = model.endpoints.find(each => each.role === 'client')!;
    return model.offer(client, targetOf()).tls;
  };
  t.is(state('SSLProxyEngine on\n'), true);
  t.is(state(''), false);
  t.is(state('', true), null);
  t.is(state('SSLProxyEngine {{ on }}\n'), null);
  t.is(state('SSLProxyEngine off\n'), false);
  t.is(state('<ProxyMatch ^https?://[ab]>\nSSLProxyEngine on\n</ProxyMatch>\n'), null);
});

test('an SSLv3 hello has no name: before names counted, what the first virtual host has is what it gets', t => {
  const [target] = targetRange('apache', [], { server: 'apache@2.4.10', openssl: '1.0.1' }).targets;
  const old: Target = { ...target!, openssl: { ...target!.openssl, with: new Set(['ssl3']) } };
  const offered = (first: string, second: string) => {
    const text = `Listen 443\n${vhost(`ServerName a\n${first}`)}${vhost(`ServerName b\n${second}`)}`;
    const model = load({ '/c/httpd.conf': text }, { server: 'apache@2.4.10' });
    const { negotiable } = model.answer({ connect: '10.0.0.1:443', servername: 'b' }, old);
    return protocolNames(negotiable!).join(' ');
  };
  t.is(offered('SSLProtocol all', 'SSLProtocol all -SSLv3'), 'SSLv3 TLSv1 TLSv1.1 TLSv1.2');
  t.is(offered('SSLProtocol all -SSLv3', 'SSLProtocol all'), 'TLSv1 TLSv1.1 TLSv1.2');
});

test('words that are close to a version', t => {
  const close = (value: string) =>
    load({ '/c/httpd.conf': `Listen 443\n${vhost(`SSLProtocol ${value}`)}` }).statements[0]!.faults[0]?.suggestion;
  t.is(close('+TLSv1.2,'), '+TLSv1.2');
  t.is(close('All;'), 'all');
  t.is(close('SSL-v3'), 'SSLv3');
  t.is(close('TLS1_0'), 'TLSv1');
  t.is(close('tls-1'), 'TLSv1');
  t.is(close('TLSv2'), undefined);
});
