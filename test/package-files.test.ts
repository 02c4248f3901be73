import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { workspace } from './helpers/command.js';
import { readAction } from './helpers/run-action.js';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

test('no package of the lock file names a registry, and nothing runs on installation', t => {
  t.notRegex(readFileSync('package-lock.json', 'utf8'), /"resolved": "https?:/);
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) t.is(manifest.scripts[name], undefined);
});

test('the action hands its inputs on by environment alone', t => {
  const lines = readFileSync('action.yml', 'utf8').split('\n');
  const uses = lines.filter(line => line.includes('${{'));
  t.true(uses.length > 5);
  for (const line of uses) t.regex(line, /^ {8}TLSLINT_[A-Z_]+: \$\{\{ inputs\.[a-z-]+ \}\}$/);
  t.true(lines.includes(`    default: "${manifest.version}"`));
});

test('each input of the action is explained, and handed to a step', t => {
  const { inputs, runs } = readAction();
  t.is(runs.using, 'composite');
  const used = runs.steps.flatMap(({ env }) => Object.values(env).map(text => /inputs\.([a-z-]+)/.exec(text)?.[1]));
  t.deepEqual(used.toSorted(), Object.keys(inputs).toSorted());
  for (const [name, { description }] of Object.entries(inputs)) t.truthy(description, name);
  for (const { name, shell } of runs.steps) t.is(shell, 'bash', name);
});

test('what the action runs keeps each input one argument', t => {
  const cwd = workspace(t, {});
  mkdirSync(path.join(cwd, 'bin'));
  const shim = path.join(cwd, 'bin/tlslint');
  writeFileSync(shim, `#!/bin/sh\nprintf '%s\\n' "$@"\n`);
  chmodSync(shim, 0o755);
  const env = {
    PATH: `${path.join(cwd, 'bin')}:${process.env.PATH}`,
    TLSLINT_PATHS: 'a b/nginx.conf\n$(touch ran)\n',
    TLSLINT_POLICY: '"; touch ran; "',
    TLSLINT_SARIF: 'out.sarif',
  };
  const { status, stdout } = spawnSync(path.resolve('.ci/action'), { cwd, env, encoding: 'utf8' });
  t.is(status, 0);
  t.deepEqual(stdout.trimEnd().split('\n'), [
    ...['lint', '--format', 'github', '--format', 'sarif=out.sarif', '--policy', '"; touch ran; "'],
    ...['--', 'a b/nginx.conf', '$(touch ran)'],
  ]);
  t.false(existsSync(path.join(cwd, 'ran')));
});

test('the image holds what it starts, and not as root', t => {
  const text = readFileSync('.ci/Dockerfile', 'utf8');
  const [, entry = ''] = /^ENTRYPOINT \["node", "\/opt\/tlslint\/([^"]+)"\]$/m.exec(text) ?? [];
  t.is(entry, manifest.bin.tlslint);
  t.regex(text, /^USER node$/m);
  for (const [, name = ''] of text.matchAll(/^COPY ((?:[\w.-]+\.\w+ )+)\.\/$/gm)) {
    for (const file of name.trim().split(' ')) t.true(existsSync(file), file);
  }
});
