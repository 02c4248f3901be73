import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { VERSION } from '../src/version.js';
import { tlslint as tlslintWith } from './helpers/command.js';
import { FIXED, tlslint, WEAK, workspace } from './helpers/run-cli.js';

test('--diff prints the diff alone, and git and patch apply it', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const { status, stdout } = tlslint(cwd, ['--diff', 'nginx.conf']);
  t.is(status, 1);
  t.true(stdout.startsWith('--- a/nginx.conf\n+++ b/nginx.conf\n@@ '));
  t.is(readFileSync(path.join(cwd, 'nginx.conf'), 'utf8'), WEAK);
  t.is(spawnSync('git', ['apply', '--check', '-'], { cwd, input: stdout }).status, 0);
  t.is(spawnSync('patch', ['-p1', '-s'], { cwd, input: stdout }).status, 0);
  t.is(readFileSync(path.join(cwd, 'nginx.conf'), 'utf8'), FIXED);
  t.like(tlslint(cwd, ['--diff', 'nginx.conf']), { status: 0, stdout: '', stderr: '' });
});

test('--write changes the file, shows the diff, and a second run is clean and silent', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const { status, stdout } = tlslint(cwd, ['--write', 'nginx.conf']);
  t.is(status, 0);
  t.regex(stdout, /^\+ {4}ssl_protocols TLSv1\.2; # kept$/m);
  t.regex(stdout, /1 finding fixed/);
  t.is(readFileSync(path.join(cwd, 'nginx.conf'), 'utf8'), FIXED);
  t.like(tlslint(cwd, ['--write', 'nginx.conf']), { status: 0, stdout: '', stderr: '' });
});

test('--write goes through a link to its file, once', t => {
  const cwd = workspace(t, {
    'nginx.conf': 'events {}\nhttp { include sites-enabled/*; }\n',
    'sites-available/a':
      'server { listen 443 ssl; ssl_certificate a; ssl_certificate_key a; ssl_protocols TLSv1.1 TLSv1.2; }\n',
  });
  mkdirSync(path.join(cwd, 'sites-enabled'));
  symlinkSync('../sites-available/a', path.join(cwd, 'sites-enabled/a'));
  t.is(tlslint(cwd, ['--write', '.']).status, 0);
  t.true(readFileSync(path.join(cwd, 'sites-available/a'), 'utf8').includes('ssl_protocols TLSv1.2;'));
  t.true(readFileSync(path.join(cwd, 'sites-enabled/a'), 'utf8').includes('ssl_protocols TLSv1.2;'));
});

test('--output-dir leaves the originals and writes copies and one diff', t => {
  const cwd = workspace(t, { 'conf/nginx.conf': WEAK });
  t.is(tlslint(cwd, ['--output-dir', 'out', 'conf']).status, 1);
  t.is(readFileSync(path.join(cwd, 'conf/nginx.conf'), 'utf8'), WEAK);
  t.is(readFileSync(path.join(cwd, 'out/conf/nginx.conf'), 'utf8'), FIXED);
  t.true(readFileSync(path.join(cwd, 'out/tlslint.diff'), 'utf8').startsWith('--- a/conf/nginx.conf'));
});

test('--stdin reports under the given name, and with --write prints the fixed text', t => {
  const cwd = workspace(t, {});
  const reported = tlslint(cwd, ['--stdin', '--stdin-filename', 'etc/nginx.conf'], WEAK);
  t.is(reported.status, 1);
  t.regex(reported.stdout, /^etc\/nginx\.conf:3:19 /);
  const written = tlslint(cwd, ['--stdin', '--stdin-filename', 'etc/nginx.conf', '--write'], WEAK);
  t.is(written.stdout, FIXED);
  t.is(written.status, 0);
});

test('JSON has the fields that programs go by', t => {
  const { stdout } = tlslint(workspace(t, { 'nginx.conf': WEAK }), ['--format', 'json', 'nginx.conf']);
  const report = JSON.parse(stdout);
  t.like(report, {
    schemaVersion: 1,
    tool: { name: 'tlslint', version: VERSION },
    policy: { name: 'intermediate' },
    summary: { files: 1, errors: 1, warnings: 0, infos: 0, fixable: 1, fixed: 0 },
  });
  const [finding] = report.files[0].findings;
  t.like(finding, { rule: 'deprecated-protocol', severity: 'error', expected: ['TLSv1.2', 'TLSv1.3'] });
  t.deepEqual(finding.place.start, { line: 3, column: 19, offset: WEAK.indexOf('TLSv1 ') });
  t.is(finding.fix.applicability, 'safe');
  t.is(finding.fix.edits[0].path, 'nginx.conf');
  t.deepEqual(finding.endpoints, [{ listen: '0.0.0.0:443', names: [] }]);
});

test('a copy of the examples is fixed as a whole', t => {
  const cwd = workspace(t, {});
  cpSync('examples', cwd, { recursive: true, verbatimSymlinks: true });
  const roots = ['nginx-legacy', 'apache-legacy', 'windows-legacy', 'dotnet-legacy'];
  t.is(tlslint(cwd, roots).status, 1);
  const written = tlslint(cwd, ['--write', '--unsafe-fixes', ...roots]);
  t.is(written.status, 0, written.stdout + written.stderr);
  t.like(tlslint(cwd, ['--quiet', ...roots]), { status: 0, stdout: '', stderr: '' });
  t.like(tlslint(cwd, ['--diff', '--unsafe-fixes', ...roots]), { status: 0, stdout: '' });
});

test('--verify takes all back where the command fails, and `undo` takes back what was written', t => {
  const cwd = workspace(t, { 'nginx.conf': WEAK });
  const file = path.join(cwd, 'nginx.conf');
  const failed = tlslint(cwd, ['--write', '--verify', 'false', 'nginx.conf']);
  t.is(failed.status, 2);
  t.regex(failed.stdout, /every file has its old content again/);
  t.is(readFileSync(file, 'utf8'), WEAK);
  t.is(tlslint(cwd, ['--write', '--verify', 'true', 'nginx.conf']).status, 0);
  t.is(readFileSync(file, 'utf8'), FIXED);
  t.is(tlslint(cwd, ['undo']).status, 0);
  t.is(readFileSync(file, 'utf8'), WEAK);
  t.is(tlslint(cwd, ['undo']).status, 2);
});

test('`undo` leaves alone what was written elsewhere, and says where that is', t => {
  const cwd = workspace(t, { 'a/nginx.conf': WEAK, 'b/nginx.conf': WEAK, 'ab/other': '' });
  const read = (name: string) => readFileSync(path.join(cwd, name, 'nginx.conf'), 'utf8');
  const undo = (from: string, ...args: string[]) =>
    tlslintWith(path.join(cwd, from), ['undo', ...args], { env: { TLSLINT_STATE_DIR: path.join(cwd, '.state') } });
  t.is(tlslint(cwd, ['--write', 'a/nginx.conf']).status, 0);
  t.is(tlslint(cwd, ['--write', 'b/nginx.conf']).status, 0);
  const elsewhere = undo('ab');
  t.is(elsewhere.status, 2);
  t.regex(elsewhere.stderr, /nothing to undo here; the last files that were written are below `.*\/b`/);
  t.deepEqual([read('a'), read('b')], [FIXED, FIXED]);
  t.is(undo('ab', '../a').status, 0);
  t.deepEqual([read('a'), read('b')], [WEAK, FIXED]);
  t.is(undo('a', '../b/nginx.conf').status, 0);
  t.deepEqual([read('a'), read('b')], [WEAK, WEAK]);
  t.is(undo('.', 'a', 'b').status, 2);
});

test('what stands in files that were not named is counted, never hidden', t => {
  const cwd = workspace(t, {
    'nginx.conf': 'events {}\nhttp { ssl_protocols TLSv1.1 TLSv1.2; include conf.d/*; }\n',
    'conf.d/a': 'server { listen 443 ssl; ssl_certificate a; ssl_certificate_key a; }\n',
  });
  const { status, stdout, stderr } = tlslint(cwd, ['conf.d/a']);
  t.like({ status, stdout }, { status: 0, stdout: '' });
  t.is(stderr, 'tlslint: there is 1 finding in nginx.conf, of the configuration that the given files belong to\n');
});
