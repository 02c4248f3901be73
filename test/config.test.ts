import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SCHEMA } from '../src/config/schema.js';
import { nginxServer, tlslint, workspace } from './helpers/command.js';

const ROOT = 'events {}\nhttp { include sites-enabled/*; }\n';
const SHOP =
  'server {\n    listen 443 ssl;\n    ssl_certificate a; ssl_certificate_key a;\n    ssl_protocols TLSv1 TLSv1.2;\n}\n';
const WEAK = nginxServer('ssl_protocols TLSv1 TLSv1.2;');

/** A git repository, as far as the search for its root looks. */
function repository(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const cwd = workspace(t, files);
  mkdirSync(path.join(cwd, '.git'));
  return cwd;
}

function config(value: unknown): string {
  return `// why\n${JSON.stringify(value)}\n`;
}

test('roots, a map for links that are not in the tree, and a policy of one’s own', t => {
  const cwd = repository(t, {
    'nginx/nginx.conf': ROOT,
    'nginx/sites-available/shop': SHOP,
    'tlslint.config.json': config({
      roots: [{ path: 'nginx/nginx.conf', server: 'nginx@1.22.1', openssl: '3.0' }],
      paths: { 'sites-enabled': 'sites-available' },
      policy: { protocols: ['TLSv1.3'] },
    }),
  });
  const { status, stdout } = tlslint(cwd, ['--diff']);
  t.is(status, 1);
  t.regex(stdout, /^\+\+\+ b\/nginx\/sites-available\/shop$/m);
  t.regex(stdout, /^\+ {4}ssl_protocols TLSv1\.3;$/m);
  const fragment = tlslint(cwd, ['nginx/sites-available/shop', '--format', 'json']);
  t.is(JSON.parse(fragment.stdout).policy.name, 'custom');
});

test('each root is judged for its own target', t => {
  const plain = nginxServer('');
  const cwd = repository(t, {
    'old/nginx.conf': plain,
    'new/nginx.conf': plain,
    'tlslint.config.json': config({
      roots: [
        { path: 'old/nginx.conf', server: 'nginx@1.18.0', openssl: '1.1.1', securityLevel: 1 },
        { path: 'new/nginx.conf', server: 'nginx@1.28.0', openssl: '3.5' },
      ],
    }),
  });
  const { status, stdout } = tlslint(cwd, ['--format', 'json']);
  const paths = JSON.parse(stdout).files.map((file: { path: string }) => file.path);
  t.deepEqual({ status, paths }, { status: 1, paths: ['old/nginx.conf'] });
  t.is(tlslint(cwd, ['--server', 'nginx@1.28.0']).status, 0);
  const { stdout: seen } = tlslint(cwd, ['inspect', '--format', 'json']);
  const targets = JSON.parse(seen).roots.map((root: { target: { server: string } }) => root.target.server);
  t.deepEqual(targets, ['1.18.0', '1.28.0']);
});

test('severities, `off`, and what a flag says over them', t => {
  const cwd = repository(t, {
    'nginx.conf': WEAK,
    'tlslint.config.json': config({ rules: { 'deprecated-protocol': 'off' }, policy: 'modern' }),
  });
  t.notRegex(tlslint(cwd, ['nginx.conf']).stdout, /deprecated-protocol/);
  t.regex(tlslint(cwd, ['nginx.conf']).stdout, /missing-tls12/);
  t.is(tlslint(cwd, ['nginx.conf', '--policy', 'intermediate']).status, 0);
  t.regex(tlslint(cwd, ['nginx.conf', '--no-config']).stdout, /deprecated-protocol/);
});

test('found from the linted file upwards, and not beyond the repository', t => {
  const cwd = workspace(t, {
    'tlslint.config.json': config({ rules: { 'deprecated-protocol': 'off' } }),
    'repo/conf/nginx.conf': WEAK,
    'plain/conf/nginx.conf': WEAK,
    'elsewhere/x': '',
  });
  mkdirSync(path.join(cwd, 'repo/.git'));
  const from = path.join(cwd, 'elsewhere');
  t.is(tlslint(from, ['../plain/conf/nginx.conf']).status, 0);
  t.is(tlslint(path.join(cwd, 'repo'), ['conf/nginx.conf']).status, 1);
  writeFileSync(path.join(cwd, 'repo/tlslint.config.json'), '{}');
  const both = tlslint(from, ['../plain/conf/nginx.conf', '../repo/conf/nginx.conf']);
  t.is(both.status, 2);
  t.regex(both.stderr, /different `tlslint\.config\.json`/);
});

test('extends within the project and no further; no cycle', t => {
  const cwd = workspace(t, {
    'outside.json': '{}',
    'repo/nginx.conf': WEAK,
    'repo/base/tls.json': config({ policy: 'modern', rules: { 'missing-tls12': 'warning' } }),
    'repo/tlslint.config.json': config({ extends: './base/tls.json', rules: { 'deprecated-protocol': 'off' } }),
    'repo/out.json': config({ extends: '../outside.json' }),
    'repo/loop.json': config({ extends: ['./loop.json'] }),
  });
  mkdirSync(path.join(cwd, 'repo/.git'));
  const repo = path.join(cwd, 'repo');
  symlinkSync('../outside.json', path.join(repo, 'link.json'));
  writeFileSync(path.join(repo, 'linked.json'), config({ extends: './link.json' }));
  const printed = JSON.parse(tlslint(repo, ['--print-config', 'nginx.conf']).stdout);
  t.deepEqual(printed.files, ['base/tls.json', 'tlslint.config.json']);
  t.is(printed.policy.name, 'modern');
  t.is(printed.rules['deprecated-protocol'].severity, 'off');
  t.is(printed.rules['missing-tls12'].severity, 'warning');
  for (const [name, message] of [
    ['out.json', /out\.json:2:12: Unexpected `\.\.\/outside\.json` outside the project/],
    ['linked.json', /outside the project/],
    ['loop.json', /extends itself/],
  ] as const) {
    const { status, stderr } = tlslint(repo, ['--config', name, 'nginx.conf']);
    t.is(status, 2, name);
    t.regex(stderr, message);
  }
});

const mistakes: Array<[string, RegExp]> = [
  ['{"rots": []}', /:1:2: Unexpected key `rots`, did you mean `roots`\?/],
  ['{\n  "policy": "moden"}', /:2:13: Unexpected `"moden"`, did you mean `modern`\?/],
  ['{"roots": [{"server": "nginx"}]}', /:1:12: Missing `path`/],
  ['{"server": "iis"}', /:1:12: Unexpected `"iis"`, expected such as `nginx@1\.22\.1`/],
  ['{"securityLevel": 6}', /expected 0 to 5/],
  ['{"securityLevel": 1.5}', /expected a whole number/],
  ['{"policy": {"protocols": ["TLSv1.3"], "require": ["TLSv1.2"]}}', /`TLSv1\.2` in `require`/],
  ['{"policy": {"protocols": []}}', /Unexpected empty array/],
  ['{"policy": {"protocols": ["TLS1.3"]}}', /did you mean `TLSv1\.3`\?/],
  ['{"rules": {"deprecated-protocols": "off"}}', /:1:36: Unexpected rule .*did you mean `deprecated-protocol`\?/],
  ['{"rules": {"deprecated-protocol": {"options": {"x": 1}}}}', /Unexpected option `x`/],
  ['{"__proto__": {"policy": "old"}}', /:1:2: Unexpected key `__proto__`/],
  ['{"paths": {"__proto__": "x"}}', /Unexpected key `__proto__`/],
  ['{"policy": "old", "policy": "modern"}', /:1:19: Unexpected second `policy`/],
  ['{"policy" "old"}', /:1:11: Unexpected text, expected JSON/],
  ['', /Unexpected empty file|Unexpected text/],
  ['[]', /expected an object/],
  ['['.repeat(50_000), /nesting of more than/],
  ['{"roots": ["gone.conf"]}', /root `gone\.conf` does not exist/],
];
for (const [text, message] of mistakes) {
  test(`refused: ${text.slice(0, 60)}`, t => {
    const cwd = workspace(t, { 'tlslint.config.json': text });
    const { status, stdout, stderr } = tlslint(cwd, ['config', 'validate']);
    t.deepEqual([status, stdout], [2, '']);
    t.regex(stderr, message);
    t.notRegex(stderr, /internal error|\n {4}at /);
  });
}

test('a mistake in the file found stops a run as well', t => {
  const cwd = repository(t, { 'nginx.conf': WEAK, 'tlslint.config.json': '{"polcy": "old"}' });
  t.like(tlslint(cwd, ['nginx.conf']), { status: 2, stdout: '' });
});

test('`init` names the roots, once, and what it writes is valid', t => {
  const cwd = repository(t, { 'a/nginx.conf': WEAK, 'b/nginx.conf': WEAK, '.gitignore': '/b/\n' });
  t.is(tlslint(cwd, ['init']).status, 0);
  t.deepEqual(JSON.parse(tlslint(cwd, ['--print-config']).stdout).paths, [path.join(cwd, 'a/nginx.conf')]);
  t.is(tlslint(cwd, ['config', 'validate']).stdout, 'tlslint.config.json: valid\n');
  t.like(tlslint(cwd, ['init']), { status: 2, stdout: '' });
});

test('directories are searched without what is ignored; what is named is linted, unless `--force-exclude`', t => {
  const cwd = repository(t, {
    'a/nginx.conf': WEAK,
    'vendor/nginx.conf': WEAK,
    'old/nginx.conf': WEAK,
    'own/nginx.conf': WEAK,
    'own/deep/nginx.conf': WEAK,
    '.gitignore': 'vendor/\n',
    '.tlslintignore': 'old\n',
    'own/.gitignore': '*.conf\n!deep/nginx.conf\n',
    'tlslint.config.json': config({ ignores: ['/b'] }),
    'b/nginx.conf': WEAK,
    'notes.txt': 'No configuration.\n',
  });
  const found = (args: string[]) =>
    JSON.parse(tlslint(cwd, ['--format', 'json', ...args]).stdout || '{"files":[]}').files.map(
      (file: { path: string }) => file.path,
    );
  t.deepEqual(found(['.']), ['a/nginx.conf', 'own/deep/nginx.conf']);
  t.deepEqual(found(['vendor/nginx.conf']), ['vendor/nginx.conf']);
  t.deepEqual(found(['vendor']), ['vendor/nginx.conf']);
  t.deepEqual(found(['--force-exclude', 'vendor/nginx.conf', 'b/nginx.conf', 'a/nginx.conf']), ['a/nginx.conf']);
  t.like(tlslint(cwd, ['--force-exclude', 'vendor/nginx.conf', 'notes.txt']), { status: 0, stdout: '', stderr: '' });
  t.is(tlslint(cwd, ['notes.txt']).status, 2);
  t.is(tlslint(cwd, ['--force-exclude', 'gone.conf']).status, 2);
});

test('the schema in the package is the one that files are checked with', t => {
  t.deepEqual(JSON.parse(readFileSync('src/config/schema.json', 'utf8')), JSON.parse(JSON.stringify(SCHEMA)));
});
