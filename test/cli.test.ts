import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { VERSION } from '../src/version.js';
import { CLI, COUNTED } from './helpers/program.js';
import { FIXED, tlslint, WEAK, workspace } from './helpers/run-cli.js';

test('clean is 0 and silent', t => {
  const cwd = workspace(t, { 'nginx.conf': FIXED });
  t.like(tlslint(cwd, ['nginx.conf']), { status: 0, stdout: '', stderr: '' });
});

test('findings are 1, with file, place, rule, the line and a caret', t => {
  const { status, stdout } = tlslint(workspace(t, { 'nginx.conf': WEAK }), ['nginx.conf']);
  t.is(status, 1);
  t.regex(stdout, /^nginx\.conf:3:19 error deprecated-protocol\n/);
  t.true(stdout.includes('    ssl_protocols TLSv1 TLSv1.2; # kept\n'));
  t.regex(stdout, / {18}\^\^\^\^\^\n/);
  t.regex(stdout, /1 error in 1 file/);
});

test('a weak file among good ones, and an unreadable one, is 2', t => {
  const cwd = workspace(t, { 'nginx.conf': FIXED });
  const { status, stdout } = tlslint(cwd, ['nginx.conf', 'gone.conf']);
  t.is(status, 2);
  t.regex(stdout, /gone\.conf: error: .*does not exist/);
});

test('what does not parse is 2, with its place', t => {
  const { status, stdout } = tlslint(workspace(t, { 'nginx.conf': 'events {}\nhttp {\n server { listen 1 }\n}\n' }), [
    'nginx.conf',
  ]);
  t.is(status, 2);
  t.regex(stdout, /nginx\.conf:3:20 error syntax/);
});

const usage: Array<[string[], RegExp]> = [
  [['--nope'], /Unexpected option `--nope`/],
  [['--server', 'iis'], /Unexpected `iis` of `--server`/],
  [['--policy', 'moden'], /did you mean `modern`\?/],
  [['--write', '--diff', 'x'], /more than one of/],
  [['explain', 'deprecated-protocols'], /did you mean `deprecated-protocol`\?/],
];
for (const [args, message] of usage) {
  test(`usage: ${args.join(' ')}`, t => {
    const { status, stdout, stderr } = tlslint(workspace(t, {}), args);
    t.like({ status, stdout }, { status: 2, stdout: '' });
    t.regex(stderr, message);
    t.is(stderr.trim().split('\n').length, 1);
  });
}

test('an `nginx -T` dump is reported under the names of its files', t => {
  const main = '# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { include conf.d/*.conf; }\n\n';
  const part =
    '# configuration file /etc/nginx/conf.d/a.conf:\nserver { listen 443 ssl; ssl_certificate a; ssl_certificate_key a; ssl_protocols TLSv1; }\n\n';
  const cwd = workspace(t, {});
  const { status, stdout } = tlslint(cwd, ['-'], main + part);
  t.is(status, 1);
  t.regex(stdout, /^\/etc\/nginx\/conf\.d\/a\.conf:1:82 error deprecated-protocol/m);
  t.is(tlslint(cwd, ['-', '--write'], main + part).status, 2);
});

test('`inspect` counts the files of a directory that make no listener', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK, 'spare.conf': 'ssl_protocols TLSv1.2;\n' });
  const { stdout } = tlslint(cwd, ['inspect', '.']);
  t.regex(stdout, /^nginx\.conf [\s\S]*\n1 other file makes no listener\.\n$/);
  t.notRegex(stdout, /spare|No listener/);
  t.regex(tlslint(cwd, ['inspect', 'spare.conf']).stdout, /^spare\.conf [\s\S]*No listener\./);
});

test('`inspect` shows each listener, and answers a client’s question', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const { stdout } = tlslint(cwd, [
    'inspect',
    '--format',
    'json',
    '--server',
    'nginx@1.22.1',
    '--openssl',
    '3.0.22',
    'nginx.conf',
  ]);
  const [root] = JSON.parse(stdout).roots;
  t.like(root, { path: 'nginx.conf', dialect: 'nginx', target: { server: '1.22.1', openssl: '3.0.22', assumed: [] } });
  t.like(root.endpoints[0], {
    role: 'server',
    kind: 'http',
    listen: '0.0.0.0:443',
    default: true,
    tls: true,
    state: 'set',
  });
  t.deepEqual(root.endpoints[0].configured, ['TLSv1', 'TLSv1.2']);
  t.deepEqual(root.endpoints[0].negotiable, ['TLSv1.2']);
  t.deepEqual(root.endpoints[0].decidedBy, [{ path: 'nginx.conf', line: 3, column: 5 }]);
  const asked = tlslint(cwd, [
    'inspect',
    'nginx.conf',
    '--connect',
    '127.0.0.1:443',
    '--server',
    'nginx@1.22.1',
    '--openssl',
    '3.0',
  ]);
  t.regex(asked.stdout, /configured {2}TLSv1 TLSv1\.2 \(set\)\n {2}negotiable {2}TLSv1\.2\n/);
});

test('`ast` prints one directive a line', t => {
  const { stdout } = tlslint(workspace(t, { 'nginx.conf': 'a { b "c d"; }\n' }), ['ast', 'nginx.conf']);
  t.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
    [
      { name: 'a', args: [], line: 1, column: 1, endLine: 1, block: true },
      { name: 'b', args: ['c d'], line: 1, column: 5, endLine: 1, block: false },
    ],
  );
});

test('`rules`, `explain`, `--version` and `--help` answer on stdout', t => {
  const cwd = workspace(t, {});
  t.regex(tlslint(cwd, ['rules']).stdout, /deprecated-protocol +error/);
  const { stdout: page } = tlslint(cwd, ['explain', 'deprecated-protocol']);
  t.regex(page, /^# deprecated-protocol\n\n\w/);
  t.notRegex(page, /<!--/);
  t.is(tlslint(cwd, ['--version']).stdout, `${VERSION}\n`);
  t.regex(tlslint(cwd, ['--help']).stdout, /^Usage: tlslint/);
  t.is(VERSION, JSON.parse(readFileSync('package.json', 'utf8')).version);
});

test('a fragment is judged through the root that includes it, and only what stands in it is reported', t => {
  const cwd = workspace(t, {
    'nginx.conf': 'events {}\nhttp { ssl_protocols TLSv1.1 TLSv1.2; include conf.d/*; }\n',
    'conf.d/a': 'server { listen 443 ssl; ssl_certificate a; ssl_certificate_key a; }\n',
    'conf.d/b': 'server { listen 8443 ssl; ssl_certificate a; ssl_certificate_key a; ssl_protocols TLSv1; }\n',
  });
  t.is(tlslint(cwd, ['conf.d/a']).status, 0);
  const { status, stdout } = tlslint(cwd, ['conf.d/b']);
  t.is(status, 1);
  t.regex(stdout, /^conf\.d\/b:1:/);
  t.false(stdout.includes('nginx.conf:'));
});

test('a snippet that is called `nginx.conf` is none the less one', t => {
  const cwd = workspace(t, {
    'nginx.conf': 'server { listen 443 ssl; include tls.conf; ssl_certificate a; ssl_certificate_key a; }\n',
    'tls.conf': 'ssl_protocols TLSv1.2 TLSv1.3;\n',
  });
  for (const name of ['.', 'nginx.conf', 'tls.conf']) t.is(tlslint(cwd, [name]).stdout, '');
});

test('a block in the wrong place is told once, not again for all that it holds', t => {
  const cwd = workspace(t, {
    'nginx.conf': 'events {}\nhttp {}\nserver { listen 80; server_name a; location / { if ($a) { return 1; } } }\n',
  });
  const { stdout } = tlslint(cwd, ['nginx.conf', '--format', 'compact']);
  t.regex(stdout, /^nginx\.conf:3:1: error: Unexpected `server` in the main context/);
  t.is(stdout.trim().split('\n').length, 1);
});

test('what a root includes is no root, whatever it looks like and wherever it is sorted', t => {
  const listener =
    'Listen 8443\nLoadModule wsgi_module w.so\n<VirtualHost *:8443>\nSSLEngine on\nSSLCertificateFile a\n</VirtualHost>\n';
  const cwd = workspace(t, {
    'httpd.conf': 'Listen 443\nLoadModule ssl_module s.so\nSSLProtocol -all +TLSv1.2 +TLSv1.3\nInclude apps/*.conf\n',
    'apps/panel.conf': listener,
  });
  t.is(tlslint(cwd, ['.']).stdout, '');
});

test('a placeholder that a template will fill is unknown', t => {
  const tls = 'listen 443 ssl; ssl_certificate a; ssl_certificate_key a;';
  const cwd = workspace(t, {
    'nginx.conf': `events {}\nhttp { server { ${tls} ssl_protocols __PROTOCOLS__; } }\n`,
    'a.conf': '<VirtualHost *:443>\nSSLEngine on\nSSLProtocol @@PROTOCOLS@@\n</VirtualHost>\n',
  });
  t.is(tlslint(cwd, ['nginx.conf', 'a.conf']).stdout, '');
});

test('a main file that holds an include alone is a root all the same', t => {
  const vhost = '<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile a\nSSLProtocol TLSv1.1\n</VirtualHost>\n';
  const cwd = workspace(t, { 'httpd.conf': 'Include conf\n', 'conf/a.conf': `Listen 443\n${vhost}` });
  const { status, stdout } = tlslint(cwd, ['httpd.conf']);
  t.is(status, 1);
  t.regex(stdout, /^conf\/a\.conf:5:/m);
});

test('text from a file never reaches the terminal raw', t => {
  const name = 'a\u001b]8;;x\u0007';
  const text = `events {}\nhttp { server { listen 443 ssl; ssl_certificate c; ssl_certificate_key c; server_name "${name}\u202e"; ssl_protocols TLSv1; } }\n`;
  const cwd = workspace(t, { 'nginx.conf': text });
  for (const format of ['text', 'compact', 'github']) {
    const { stdout } = tlslint(cwd, ['--format', format, 'nginx.conf']);
    t.notRegex(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, format);
  }
});

const fullDisk = existsSync('/dev/full') ? test : test.skip;

fullDisk('a report that can’t be written is said, with 2 and without a stack trace; one on stderr is lost', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const shell = (redirected: string) => {
    const command = `"$0" "$1" nginx.conf ${redirected}`;
    const env = { ...COUNTED, PATH: process.env.PATH, HOME: cwd };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, CLI], {
      cwd,
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  t.deepEqual(shell('> /dev/full'), {
    status: 2,
    stdout: '',
    stderr: 'tlslint: stdout could not be written (ENOSPC)\n',
  });
  t.like(shell('2> /dev/full'), { status: 1, stderr: '' });
  const lost = shell('gone.conf 2> /dev/full');
  t.deepEqual([lost.status, lost.stderr], [2, '']);
});

test('colours: by the environment where no flag says', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const isColored = (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const all = { ...COUNTED, PATH: process.env.PATH, HOME: cwd, ...env };
    return spawnSync(process.execPath, [CLI, ...args, 'nginx.conf'], {
      cwd,
      env: all,
      encoding: 'utf8',
    }).stdout.includes('\u001b[');
  };
  t.false(isColored({}));
  t.true(isColored({ FORCE_COLOR: '1' }));
  t.false(isColored({ FORCE_COLOR: '0' }));
  t.false(isColored({ FORCE_COLOR: '1', NO_COLOR: '1' }));
  t.true(isColored({ NO_COLOR: '1' }, '--color=always'));
  t.false(isColored({ FORCE_COLOR: '1' }, '--color=never'));
});
