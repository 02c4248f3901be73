/** Symbolic links as the servers and a checked-out tree have them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { inspect } from '../src/inspect.js';

type Tree = Readonly<Record<string, string | { readonly link: string }>>;

/** The real path of a new directory that holds the tree. */
function make(t: ExecutionContext, tree: Tree): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'tlslint-links-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const [name, content] of Object.entries(tree)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    if (typeof content === 'string') writeFileSync(file, content);
    else symlinkSync(content.link, file);
  }
  return directory;
}

const NGINX_SERVER = 'server { listen 443 ssl; ssl_certificate c.pem; ssl_certificate_key k.pem; ssl_protocols';
const includes = (pattern: string) => `events {}\nhttp {\n  include ${pattern};\n  ${NGINX_SERVER} TLSv1.2; }\n}\n`;

for (const pattern of ['sites/*.conf', 's*/x.conf', 'site[s]/x.conf']) {
  test(`nginx opens a link to nothing that \`${pattern}\` matches, and stops`, async t => {
    const directory = make(t, { 'nginx.conf': includes(pattern), 'sites/x.conf': { link: '/nonexistent/x.conf' } });
    const it = await inspect(path.join(directory, 'nginx.conf'));
    t.deepEqual(
      it.findings.map(({ rule, severity }) => [rule, severity]),
      [['unresolved-include', 'error']],
    );
    t.regex(it.findings[0]!.message, /link to `\/nonexistent\/x\.conf`/);
  });
}

test('nginx does not mind a pattern that matches nothing', async t => {
  const directory = make(t, { 'nginx.conf': includes('s*/y.conf'), 'sites/x.conf': { link: '/nonexistent/x.conf' } });
  t.deepEqual((await inspect(path.join(directory, 'nginx.conf'))).findings, []);
});

const APACHE_SITE =
  'Listen 443\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile c\nSSLProtocol -all +TLSv1.2\n</VirtualHost>\n';

for (const [line, stops] of [
  ['Include sites/', true],
  ['IncludeOptional sites/', false],
  ['Include sites/*.conf', true],
  ['IncludeOptional sites/*.conf', false],
] as const) {
  test(`httpd ${stops ? 'stops at' : 'passes by'} a link to nothing that \`${line}\` finds`, async t => {
    const directory = make(t, {
      'httpd.conf': `${line}\n${APACHE_SITE}`,
      'sites/x.conf': { link: '/nonexistent/x.conf' },
    });
    const { findings } = await inspect(path.join(directory, 'httpd.conf'));
    t.deepEqual(
      findings.map(({ rule }) => rule),
      stops ? ['unresolved-include'] : [],
    );
  });
}

test('below a prefix, absolute links lead below the prefix', async t => {
  const directory = make(t, {
    'etc/nginx/nginx.conf': 'events {}\nhttp {\n  include /etc/nginx/sites-enabled/*;\n}\n',
    'etc/nginx/sites-available/a': `${NGINX_SERVER} TLSv1; }\n`,
    'etc/nginx/sites-enabled/a': { link: '/etc/nginx/sites-available/a' },
  });
  const it = await inspect(path.join(directory, 'etc/nginx'), { prefix: directory, cwd: directory });
  t.deepEqual(
    it.findings.map(({ rule, path: file }) => [rule, file]),
    [
      ['missing-tls12', 'etc/nginx/sites-available/a'],
      ['deprecated-protocol', 'etc/nginx/sites-available/a'],
    ],
  );
  const one = path.join(directory, 'etc/nginx/sites-enabled/a');
  t.is((await inspect(one, { prefix: directory, cwd: directory })).endpoints.length, 1);
});

test('below a prefix, links to directories and links to links are followed there too', async t => {
  const directory = make(t, {
    'etc/httpd/conf/httpd.conf': `ServerRoot /etc/httpd\nInclude sites/*.conf\n`,
    'srv/sites/a.conf': APACHE_SITE.replace('-all +TLSv1.2', 'all'),
    'etc/httpd/sites': { link: '/opt/sites' },
    'opt/sites': { link: '../srv/sites' },
  });
  const it = await inspect(path.join(directory, 'etc/httpd/conf/httpd.conf'), { prefix: directory, cwd: directory });
  t.deepEqual(
    it.findings.map(({ rule, path: file }) => [rule, file]),
    [['deprecated-protocol', 'srv/sites/a.conf']],
  );
});

test('below a prefix, a loop of links ends', async t => {
  const directory = make(t, {
    'nginx.conf': includes('/a'),
    a: { link: '/b' },
    b: { link: '/a' },
  });
  const { findings } = await inspect(path.join(directory, 'nginx.conf'), { prefix: directory });
  t.deepEqual(
    findings.map(({ rule }) => rule),
    ['unresolved-include'],
  );
});
