/** The single program, built as CONTRIBUTING says, run where there is no Node. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { nginxServer } from './helpers/command.js';
import { checkout } from './helpers/stage.js';

test.serial('`npm run build:sea` makes one program that lints, mends and explains', t => {
  t.timeout(300_000);
  const top = mkdtempSync(path.join(os.tmpdir(), 'tlslint-sea-'));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  checkout(top);
  symlinkSync(path.resolve('node_modules'), path.join(top, 'node_modules'));
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  const built = spawnSync('npm', ['run', '-s', 'build:sea'], { cwd: top, env, encoding: 'utf8' });
  t.is(built.status, 0, built.stderr);
  t.is(built.stdout.trim(), JSON.parse(readFileSync('package.json', 'utf8')).version);
  const file = path.join(top, 'nginx.conf');
  writeFileSync(file, nginxServer('ssl_protocols TLSv1 TLSv1.2;'));
  const run = (...args: string[]) =>
    spawnSync(path.join(top, 'build/sea/tlslint'), args, {
      cwd: top,
      encoding: 'utf8',
      env: { PATH: '/nonexistent', TLSLINT_STATE_DIR: path.join(top, 'state') },
    });
  t.regex(run('nginx.conf').stdout, /^nginx\.conf:5:15 error deprecated-protocol$/m);
  t.regex(run('--format', 'sarif', 'nginx.conf').stdout, /"ruleId": "deprecated-protocol"/);
  t.is(run('--write', 'nginx.conf').status, 0);
  t.is(readFileSync(file, 'utf8'), nginxServer('ssl_protocols TLSv1.2;'));
  t.regex(run('explain', 'syntax').stdout, /^# syntax\n/);
  t.is(run('completion', 'bash').status, 0);
});
