import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { COMMANDS, OPTIONS } from '../src/options/table.js';
import { tlslint, workspace } from './helpers/command.js';

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`${shell}: every command and option is there, and the shell reads it where it is installed`, t => {
    const cwd = workspace(t, {});
    const { status, stdout } = tlslint(cwd, ['completion', shell]);
    t.is(status, 0);
    for (const name of Object.keys(COMMANDS)) t.true(stdout.includes(name), name);
    for (const name of Object.keys(OPTIONS))
      t.true(stdout.includes(shell === 'fish' ? `-l ${name}` : `--${name}`), name);
    writeFileSync(path.join(cwd, 'completion'), stdout);
    const read = spawnSync(shell, ['-n', path.join(cwd, 'completion')], { encoding: 'utf8' });
    if (!read.error) t.deepEqual([read.status, read.stderr], [0, '']);
  });
}

test('bash: what is offered where', t => {
  const cwd = workspace(t, {});
  const { stdout } = tlslint(cwd, ['completion', 'bash']);
  const offered = (...words: string[]) => {
    const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tlslint; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const run = spawnSync('bash', ['-c', `${stdout}\n${ask}`, 'bash', ...words], { cwd, encoding: 'utf8' });
    return run.stdout.split('\n').filter(word => word !== '');
  };
  t.deepEqual(offered('tlslint', 'explain', 'unknown-'), ['unknown-protocol']);
  t.deepEqual(offered('tlslint', 'ins'), ['inspect']);
  t.deepEqual(offered('tlslint', '--color', 'a'), ['auto', 'always']);
  t.deepEqual(offered('tlslint', '--wri'), ['--write', '--write-baseline']);
  t.deepEqual(offered('tlslint', 'inspect', '--wri'), []);
});

test('a shell that there is none of', t => {
  const { status, stderr } = tlslint(workspace(t, {}), ['completion', 'bsh']);
  t.is(status, 2);
  t.regex(stderr, /did you mean `bash`\?/);
});
