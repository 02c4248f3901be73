import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { nginxServer, tlslint, workspace } from './helpers/command.js';

const WEAK = nginxServer('    ssl_protocols TLSv1 TLSv1.2;');
const CLEAN = nginxServer('    ssl_protocols TLSv1.2;');
/** Nothing says which versions: a warning, since old targets offer TLSv1. */
const IMPLICIT = nginxServer('');
const GITHUB = { GITHUB_ACTIONS: 'true' };

test('several formats at once: one to stdout, the others into files', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const args = ['--format', 'json', '--format', 'sarif=out/a.sarif', '--format=gitlab=b.json', 'nginx.conf'];
  const { status, stdout } = tlslint(cwd, args);
  t.is(status, 1);
  t.is(JSON.parse(stdout).summary.errors, 1);
  t.is(JSON.parse(readFileSync(path.join(cwd, 'out/a.sarif'), 'utf8')).version, '2.1.0');
  t.is(JSON.parse(readFileSync(path.join(cwd, 'b.json'), 'utf8')).length, 1);
  t.deepEqual(readdirSync(path.join(cwd, 'out')), ['a.sarif']);
});

test('a report into a file alone leaves stdout empty and the exit code as it is', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK, 'good.conf': CLEAN });
  t.like(tlslint(cwd, ['--format', 'text=r.txt', 'nginx.conf']), { status: 1, stdout: '', stderr: '' });
  t.regex(readFileSync(path.join(cwd, 'r.txt'), 'utf8'), /^nginx\.conf:5:19 error deprecated-protocol\n/);
  t.like(tlslint(cwd, ['--format', 'junit=r.xml', 'good.conf']), { status: 0, stdout: '' });
  t.true(readFileSync(path.join(cwd, 'r.xml'), 'utf8').includes('No findings'));
});

test('a report replaces what a link points to, and one that cannot be written is told', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK, 'real.json': 'old' });
  symlinkSync('real.json', path.join(cwd, 'link.json'));
  t.is(tlslint(cwd, ['--format', 'json=link.json', 'nginx.conf']).status, 1);
  t.true(lstatSync(path.join(cwd, 'link.json')).isSymbolicLink());
  t.is(JSON.parse(readFileSync(path.join(cwd, 'real.json'), 'utf8')).schemaVersion, 1);
  writeFileSync(path.join(cwd, 'file'), '');
  const { status, stderr } = tlslint(cwd, ['--format', 'json=file/x.json', 'nginx.conf']);
  t.is(status, 2);
  t.regex(stderr, /file\/x\.json: the report could not be written/);
});

const refused: Array<[string[], RegExp]> = [
  [['--format', 'text', '--format', 'json'], /Unexpected second `--format` for stdout/],
  [['--format', 'text=a', '--format', 'json=./a'], /Unexpected second `--format` for .*a, expected one/],
  [['--format', 'nope=x'], /Unexpected `nope` of `--format`/],
  [['--format', 'json='], /Missing file of/],
  [['inspect', '--format', 'sarif'], /expected `text` or `json`/],
  [['--max-warnings', 'x'], /expected a number/],
  [['--fail-on', 'never'], /expected `error`, `warning`, `info` or `none`/],
  [['--only', 'deprecated-protocl'], /did you mean `deprecated-protocol`\?/],
  [['--skip', 'zzz'], /Unexpected rule `zzz` of `--skip`/],
  [['--rule', 'syntax'], /expected `RULE=off`/],
  [['--rule', 'syntax=fatal'], /expected `RULE=off`/],
  [['--rule', 'nope=off'], /Unexpected rule `nope` of `--rule`/],
];
for (const [args, message] of refused) {
  test(`refused: ${args.join(' ')}`, t => {
    const { status, stdout, stderr } = tlslint(workspace(t, { 'nginx.conf': CLEAN }), [...args, 'nginx.conf']);
    t.like({ status, stdout }, { status: 2, stdout: '' });
    t.regex(stderr, message);
  });
}

test('inside GitHub Actions the default is annotations, and text elsewhere', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  t.regex(tlslint(cwd, ['nginx.conf'], { env: GITHUB }).stdout, /^::error file=nginx\.conf,line=5,/);
  t.regex(tlslint(cwd, ['--format', 'text', 'nginx.conf'], { env: GITHUB }).stdout, /^nginx\.conf:5/);
});

test('a diff in a log of GitHub Actions can’t run commands, and is plain where it holds none', t => {
  const cwd = workspace(t, {
    'plain.conf': WEAK,
    'hash.conf': nginxServer('    # ##[error]x\n    ssl_protocols TLSv1 TLSv1.2;'),
    'colons.conf': nginxServer('    add_header X "a\n::error::b";\n    ssl_protocols TLSv1 TLSv1.2;'),
  });
  t.is(tlslint(cwd, ['--diff', 'plain.conf'], { env: GITHUB }).stdout, tlslint(cwd, ['--diff', 'plain.conf']).stdout);
  for (const name of ['hash.conf', 'colons.conf']) {
    const bare = tlslint(cwd, ['--diff', name]).stdout;
    const wrapped = tlslint(cwd, ['--diff', name], { env: GITHUB }).stdout;
    const [, token] = /^::stop-commands::(tlslint-\w+)\n/.exec(wrapped) ?? [];
    t.truthy(token);
    t.is(wrapped, `::stop-commands::${token}\n${bare}::${token}::\n`);
  }
});

test('exit codes follow `--fail-on`, `--max-warnings`, `--quiet` and `--exit-zero`', t => {
  const cwd = workspace(t, { 'e.conf': WEAK, 'w.conf': IMPLICIT, 'c.conf': CLEAN });
  const status = (...args: string[]) => tlslint(cwd, args).status;
  t.like(JSON.parse(tlslint(cwd, ['--format', 'json', 'w.conf']).stdout).summary, { errors: 0, warnings: 1 });
  t.is(status('w.conf'), 1);
  t.is(status('--fail-on', 'error', 'w.conf'), 0);
  t.is(status('--fail-on', 'error', 'e.conf'), 1);
  t.is(status('--fail-on', 'none', 'e.conf'), 0);
  t.is(status('--rule', 'implicit-protocol=info', 'w.conf'), 0);
  t.is(status('--rule', 'implicit-protocol=info', '--fail-on', 'info', 'w.conf'), 1);
  t.is(status('--quiet', 'w.conf'), 0);
  t.is(status('--max-warnings', '1', 'w.conf'), 0);
  t.is(status('--max-warnings', '1', 'e.conf'), 1);
  t.is(status('--exit-zero', 'e.conf'), 0);
  t.is(status('--fail-on', 'none', 'gone.conf'), 2);
  const tooMany = tlslint(cwd, ['--max-warnings', '0', '--quiet', 'w.conf']);
  t.like(tooMany, { status: 1, stdout: '' });
  t.regex(tooMany.stderr, /1 warnings, expected no more than 0/);
});

test('`--only`, `--skip` and `--rule` choose rules and their severities', t => {
  const cwd = workspace(t, { 'nginx.conf': nginxServer('    ssl_protocols TLSv1 TLSv1.2 TLSv9;') });
  const seen = (...args: string[]) =>
    JSON.parse(tlslint(cwd, [...args, '--format', 'json', 'nginx.conf']).stdout)
      .files.flatMap((file: { findings: { rule: string; severity: string }[] }) => file.findings)
      .map(({ rule, severity }: { rule: string; severity: string }) => `${rule} ${severity}`);
  t.deepEqual(seen(), ['deprecated-protocol error', 'unknown-protocol error']);
  t.deepEqual(seen('--only', 'unknown-protocol'), ['unknown-protocol error']);
  t.deepEqual(seen('--skip', 'unknown-protocol'), ['deprecated-protocol error']);
  t.deepEqual(seen('--rule', 'deprecated-protocol=info', '--rule', 'unknown-protocol=off'), [
    'deprecated-protocol info',
  ]);
  t.deepEqual(seen('--only', 'unknown-protocol', '--skip', 'unknown-protocol'), []);
});

test('what does not parse is 2 and said, also without the rule', t => {
  const cwd = workspace(t, { 'nginx.conf': 'events {}\nhttp { server { listen 443 ssl }\n}\n' });
  const { status, stdout } = tlslint(cwd, ['--only', 'deprecated-protocol', 'nginx.conf']);
  t.is(status, 2);
  t.regex(stdout, /^nginx\.conf: error: line 2: Unexpected `}`, expected `;`\n/);
});

test('`--list-files` prints what would be judged', t => {
  const cwd = workspace(t, {
    'nginx.conf': 'events {}\nhttp { include conf.d/*; }\n',
    'conf.d/a\u001b': 'server { listen 80; }\n',
  });
  t.like(tlslint(cwd, ['--list-files', '.']), { status: 0, stdout: 'nginx.conf\nconf.d/a\\x1b\n' });
  mkdirSync(path.join(cwd, 'empty'));
  t.is(tlslint(cwd, ['--list-files', 'empty']).status, 2);
});

test('the rule’s name is a link where links are wanted', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const env = { FORCE_HYPERLINK: '1' };
  const link = /\u001b\]8;;https:\/\/[^\u001b]*\/deprecated-protocol\/readme\.md\u001b\\/;
  t.regex(tlslint(cwd, ['--color', 'always', 'nginx.conf'], { env }).stdout, link);
  t.notRegex(tlslint(cwd, ['--color', 'always', 'nginx.conf']).stdout, /\u001b\]8/);
  t.notRegex(tlslint(cwd, ['nginx.conf'], { env }).stdout, /\u001b/);
});

test('flags stand over the severities of the configuration file', t => {
  const config = JSON.stringify({ rules: { 'implicit-protocol': 'off', 'deprecated-protocol': 'info' } });
  const cwd = workspace(t, { 'nginx.conf': IMPLICIT, 'e/nginx.conf': WEAK, 'tlslint.config.json': config });
  t.is(tlslint(cwd, ['nginx.conf']).status, 0);
  t.is(tlslint(cwd, ['--rule', 'implicit-protocol=error', 'nginx.conf']).status, 1);
  t.is(tlslint(cwd, ['e/nginx.conf']).status, 0);
  t.is(tlslint(cwd, ['--only', 'deprecated-protocol', '--fail-on', 'info', 'e/nginx.conf']).status, 1);
  t.is(tlslint(cwd, ['--skip', 'deprecated-protocol', '--fail-on', 'info', 'e/nginx.conf']).status, 0);
});
