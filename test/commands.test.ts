/** What commands say to mistakes on the command line, and what they print: in this process, on files in memory. */
import { Buffer } from 'node:buffer';
import test from 'ava';
import type { Host } from '../src/dialects/types.js';
import { nginxServer } from './helpers/command.js';
import { command } from './helpers/in-memory.js';

const WEAK = nginxServer('    ssl_protocols TLSv1 TLSv1.2;');
const FILES = { 'nginx.conf': WEAK, 'a/tlslint.config.json': '{}', 'a/nginx.conf': WEAK, 'b/nginx.conf': WEAK };

const REFUSED: ReadonlyArray<readonly [args: string, message: string]> = [
  ['--openssl 9 nginx.conf', 'Unexpected `9` of `--openssl`, expected a version such as `3.0` or `1.1.1w`'],
  ['--security-level 6 nginx.conf', 'Unexpected `6` of `--security-level`, expected 0 to 5'],
  ['--openssl-conf gone.cnf nginx.conf', '`/w/gone.cnf` does not exist'],
  [
    '--policy zzzzzzzz nginx.conf',
    'Unexpected `zzzzzzzz` of `--policy`, expected `intermediate`, `modern`, `old`, `rfc8996`, `pci`, `nist`, `cis`',
  ],
  ['--policy modren nginx.conf', 'Unexpected `modren` of `--policy`, did you mean `modern`?'],
  ['--config x --no-config nginx.conf', 'Unexpected `--config` beside `--no-config`'],
  ['--config gone.json nginx.conf', '`/w/gone.json` does not exist'],
  [
    'a/nginx.conf b/nginx.conf',
    'The paths lie below different `tlslint.config.json` (`a/tlslint.config.json`, none); name one with `--config`, or run once for each',
  ],
  ['--stdin-filename x nginx.conf', 'Unexpected `--stdin-filename` without `--stdin`'],
  ['- nginx.conf', 'Unexpected paths beside stdin, expected one or the other'],
  ['--no-config', 'Nothing to read: no path is given and neither nginx nor Apache is installed in its usual places'],
  ['inspect --servername a nginx.conf', 'Unexpected `--servername` without `--connect`'],
  [
    'inspect --connect a:0 nginx.conf',
    'Unexpected address `a:0`, expected `ADDRESS:PORT`, `[IPV6]:PORT` or `unix:PATH`',
  ],
  ['ast', 'Expected files: `tlslint ast FILE…`'],
  ['ast --server iis nginx.conf', 'Unexpected `iis` of `--server`'],
  ['explain', 'Expected one rule: `tlslint explain RULE`'],
  ['explain syntax syntax', 'Expected one rule: `tlslint explain RULE`'],
  ['explain sintax', 'Unexpected rule `sintax`, did you mean `syntax`?'],
  ['explain zzzzzzzzzz', 'Unexpected rule `zzzzzzzzzz`; see `tlslint rules`'],
  ['init here', 'Unexpected words behind `tlslint init`, expected none'],
  ['config', 'Expected `tlslint config validate [FILE]`'],
  ['config validate a b', 'Expected `tlslint config validate [FILE]`'],
  ['config validate', 'Found no `tlslint.config.json` in this directory or above'],
  ['completion', 'Expected `tlslint completion bash`, `zsh` or `fish`'],
  ['completion fis', 'Unexpected shell `fis`, did you mean `fish`?'],
  ['completion powershell', 'Unexpected shell `powershell`, expected `bash`, `zsh` or `fish`'],
  ['probe --via 127.0.0.1 a', 'Unexpected `--via` without `--config`'],
  ['probe --config nginx.conf --expect tls12', 'Unexpected `--expect` beside `--config`'],
  ['probe --config nginx.conf a', 'Unexpected server beside `--config`, expected `--via`'],
  [
    'probe --config nginx.conf --via unix:/x',
    'Unexpected `unix:/x` of `--via`, expected such as `192.0.2.1` or `[::1]:8443`',
  ],
];

for (const [args, message] of REFUSED) {
  test(`refused: tlslint ${args}`, async t => {
    const files = args.startsWith('config ') || args === '--no-config' ? {} : FILES;
    t.deepEqual(await command(args.split(' '), files), { status: 2, stdout: '', stderr: `${message}\n` });
  });
}

test('--print-config shows all that a run goes by, and no more', async t => {
  const reach = {
    server: 'nginx@1.22.1',
    openssl: '3.0',
    securityLevel: 1,
    opensslConf: 'o.cnf',
    prefix: 'tree',
    define: ['A', 'B=1'],
    module: ['ssl_module'],
  };
  const config = { roots: [{ path: 'nginx.conf', dialect: 'nginx', ...reach }], baseline: 'known.json' };
  const files = {
    'tlslint.config.json': JSON.stringify(config),
    'known.json': '{"schemaVersion":1,"findings":[]}',
    'nginx.conf': WEAK,
    'o.cnf': '',
  };
  const { status, stdout, stderr } = await command(['--print-config', '--root', 'nginx.conf'], files);
  t.deepEqual([status, stderr], [0, '']);
  const shown = JSON.parse(stdout);
  const resolved = { ...reach, opensslConf: '(read)', prefix: '/w/tree' };
  t.deepEqual(shown.roots, [{ path: '/w/nginx.conf', dialect: 'nginx', ...resolved }]);
  t.like(shown, { root: '/w/nginx.conf', files: ['tlslint.config.json'] });
  const { rules: _, ...bare } = JSON.parse(
    (await command(['--print-config', 'nginx.conf'], { 'nginx.conf': WEAK })).stdout,
  );
  t.deepEqual(Object.keys(bare), ['files', 'paths', 'roots', 'policy']);
});

test('ast: rows of several files and of stdin, and what is wrong with them', async t => {
  const several = await command(['ast', 'a.conf', 'b.conf', 'gone.conf'], { 'a.conf': 'a b;\n', 'b.conf': 'c {\n' });
  t.deepEqual(
    several.stdout
      .trimEnd()
      .split('\n')
      .map(row => JSON.parse(row).path),
    ['a.conf', 'b.conf'],
  );
  t.is(several.status, 2);
  t.regex(several.stderr, /^b\.conf:2:1: Unexpected end of file.*\ntlslint: `\/w\/gone\.conf` does not exist\n$/);
  const one = await command(['ast', '--server', 'apache', '-'], {}, { stdin: 'SSLProtocol all\n' });
  t.deepEqual([one.status, one.stderr, 'path' in JSON.parse(one.stdout)], [0, '', false]);
  t.like(JSON.parse(one.stdout), { name: 'SSLProtocol', args: ['all'] });
});

test('inspect: tables, an answer, both as JSON, and files that can’t be read', async t => {
  const hop = nginxServer('    ssl_protocols TLSv1.2;\n    location / { proxy_pass https://b.test; }');
  const plain = 'events {}\nhttp { server { listen 80; } }\n';
  const files = { 'nginx.conf': hop, 'plain/nginx.conf': plain, 'none/nginx.conf': 'events {}\nhttp {}\n' };
  const inspect = (...args: string[]) => command(['inspect', '--openssl', '3.0', ...args], files);
  const table = await inspect('nginx.conf');
  t.is(table.status, 0);
  t.regex(table.stdout, /^ {2}http 0\.0\.0\.0:443 +\(no name\) \* .* nginx\.conf:5$/m);
  t.regex(table.stdout, /^ {2}http to https:\/\/b\.test +· /m);
  t.regex((await inspect('plain/nginx.conf')).stdout, /^ {2}http 0\.0\.0\.0:80 .* no TLS$/m);
  t.regex((await inspect('none/nginx.conf')).stdout, /\n {2}No listener\.\n$/);
  t.regex((await inspect('nginx.conf', 'none/nginx.conf')).stdout, /\n1 other file makes no listener\.\n$/);
  const json = JSON.parse((await inspect('nginx.conf', '--format', 'json')).stdout);
  t.deepEqual(json.roots[0].endpoints[0].configured, ['TLSv1.2']);
  const connect = ['--connect', '127.0.0.1:443'];
  t.regex(
    (await inspect('nginx.conf', ...connect)).stdout,
    /^127\.0\.0\.1:443\n {2}TLS {9}yes\n {2}configured {2}TLSv1\.2 \(set\)/,
  );
  const named = await inspect('nginx.conf', ...connect, '--servername', 'x', '--format', 'json');
  t.like(JSON.parse(named.stdout), { question: { connect: '127.0.0.1:443', servername: 'x' }, tls: true });
  const nobody = await inspect('plain/nginx.conf', '--connect', '127.0.0.1:80', '--servername', 'x');
  t.regex(nobody.stdout, /^127\.0\.0\.1:80 x\n {2}TLS {9}no\n {2}configured {2}nothing /);
  const gone = await inspect('gone.conf', ...connect);
  t.deepEqual([gone.status, gone.stderr], [2, 'tlslint: `/w/gone.conf` does not exist\n']);
  t.regex(gone.stdout, /No configuration was read\./);
});

test('rules: a line each, or as JSON', async t => {
  const lines = (await command(['rules'])).stdout.trimEnd().split('\n');
  const json: Array<{ id: string; url: string }> = JSON.parse((await command(['rules', '--format', 'json'])).stdout);
  t.deepEqual(
    lines.map(line => line.split(' ')[0]),
    json.map(({ id }) => id),
  );
  t.true(json.every(({ id, url }) => url.endsWith(`/${id}/readme.md`)));
});

test('--format NAME=- is the terminal', async t => {
  const { stdout } = await command(['--format', 'compact=-', 'nginx.conf'], { 'nginx.conf': WEAK });
  t.regex(stdout, /^nginx\.conf:5:\d+: error/);
});

test('nginx -T: a dump that is cut off is read as one text', async t => {
  const dump = `# configuration file /etc/nginx/nginx.conf:\n${WEAK}\n`;
  const lint = async (stdin: string) => (await command(['--format', 'compact', '-'], {}, { stdin })).stdout;
  t.regex(await lint(dump), /^\/etc\/nginx\/nginx\.conf:5:/);
  t.regex(await lint(`${WEAK}# configuration file`), /^<stdin>:5:/);
  t.regex(await lint(`# configuration file nginx.conf:\n${WEAK}`), /^<stdin>:6:/);
});

const TREE = {
  'nginx.conf': 'events {}\nhttp { include sites/*; }\n',
  'sites/a': 'server { listen 443 ssl; ssl_certificate c; ssl_certificate_key k; ssl_protocols TLSv1 TLSv1.2; }\n',
};

test('a fragment is judged through the root that is named, whatever it is called', async t => {
  const files = { main: TREE['nginx.conf'], 'sites/a': TREE['sites/a'] };
  const { status, stdout } = await command(['--format', 'compact', '--root', 'main', 'sites/a'], files);
  t.is(status, 1);
  t.regex(
    stdout,
    /^sites\/a:1:\d+: error: Unexpected `TLSv1`, expected only `TLSv1\.2` and `TLSv1\.3` \[deprecated-protocol\]\n$/,
  );
});

test('what a walk meets: directories that may not be listed, files that may not be read, and the same one twice', async t => {
  const walk = (seen: (host: Host) => Host, files: Readonly<Record<string, string>> = TREE) =>
    command(['--format', 'compact', '.'], files, { seen });
  const unlisted = await walk(host => ({
    ...host,
    list: place => (place.endsWith('sites') ? undefined : host.list(place)),
  }));
  t.deepEqual([unlisted.status, /^sites: error: `sites` could not be listed$/m.test(unlisted.stdout)], [2, true]);
  const unread = await walk(host => ({
    ...host,
    read: (file, most) =>
      file.endsWith('sites/a')
        ? { failure: 'denied', message: '`sites/a` may not be read by this user' }
        : host.read(file, most),
  }));
  t.is(unread.status, 2);
  t.regex(unread.stdout, /^sites\/a: error: `sites\/a` may not be read by this user$/m);
  // A link to the directory that it is in.
  const round = await walk(host => ({
    ...host,
    kind: file => (/(?:^|\/)loop$/.test(file) ? 'directory' : host.kind(file)),
    list: place => (place.endsWith('loop') || place.endsWith('sites') ? ['a', 'loop'] : host.list(place)),
    realpath: file => host.realpath(file).replace(/\/loop(?=\/|$)/g, ''),
  }));
  t.is(round.status, 1);
  t.is(round.stdout.match(/deprecated-protocol/g)?.length, 1);
});

test('a directory of very many files is named, and what was seen of it is judged', async t => {
  const many = Array.from({ length: 100_001 }, (_, at) => `f${at}`);
  const { status, stdout } = await command(
    ['--format', 'compact', 'd'],
    { 'd/nginx.conf': WEAK },
    {
      seen: host => ({
        ...host,
        list: place => (place.endsWith('/d') ? ['a.conf', ...many] : host.list(place)),
        kind: file => (/\/d\/f/.test(file) ? 'file' : host.kind(file)),
        read: (file, most) => (/\/d\/f/.test(file) ? Buffer.alloc(0) : host.read(file, most)),
      }),
    },
  );
  t.is(status, 2);
  t.regex(stdout, /^d: error: `d` holds more than \d+ files; name the main file instead$/m);
});

test('baseline: what is no longer found, none where none is named, and one that is none', async t => {
  const entry = { rule: 'syntax', path: 'nginx.conf', fingerprint: '0' };
  const run = async (...findings: readonly unknown[]) => {
    const known = JSON.stringify({ schemaVersion: 1, findings });
    return command(['--format', 'compact', '--baseline', 'known.json', 'nginx.conf'], {
      'nginx.conf': WEAK,
      'known.json': known,
    });
  };
  t.regex(
    (await run(entry)).stderr,
    /^tlslint: 1 entry is no longer found in known\.json; `--write-baseline=known\.json` takes them out$/m,
  );
  t.regex((await run(entry, { ...entry, fingerprint: '1' })).stderr, /^tlslint: 2 entries are no longer found/m);
  t.is((await run('x')).stderr, 'Unexpected entry in the baseline `/w/known.json`\n');
  t.is((await run({ rule: 'x' })).stderr, 'Unexpected entry in the baseline `/w/known.json`\n');
});
