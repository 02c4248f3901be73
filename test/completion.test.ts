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

/** What a shell offers at the end of a line, by its own machinery. */
const ASK: Readonly<Record<string, (script: string, line: string) => readonly string[]>> = {
  bash: (script, line) => [
    '--norc',
    '-c',
    `source "$1"; COMP_LINE=$2; read -ra COMP_WORDS <<<"$(sed 's/=/ = /g' <<<"$2")"; [[ $2 == *[=\\ ] ]] && COMP_WORDS+=('');
     COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _tlslint; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ...['bash', script, line],
  ],
  zsh: (script, line) => ['-f', path.resolve('test/fixtures/complete.zsh'), script, line],
  fish: (script, line) => ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line],
};

const offers: ReadonlyArray<readonly [line: string, offered: readonly string[]]> = [
  ['tlslint explain unknown-', ['unknown-protocol']],
  ['tlslint ins', ['inspect']],
  ['tlslint --color a', ['always', 'auto']],
  ['tlslint --color=a', ['always', 'auto']],
  ['tlslint --wri', ['--write', '--write-baseline']],
  ['tlslint inspect --wri', []],
  ['tlslint --ca-', []],
  ['tlslint endpoint --ca-', ['--ca-file']],
  ['tlslint --format sa', ['sarif']],
  ['tlslint probe --format sa', []],
  ['tlslint inspect --format j', ['json']],
  ['tlslint probe --format j', ['json', 'junit']],
  ['tlslint nginx', ['nginx.conf']],
  ['tlslint inspect nginx', ['nginx.conf']],
];

for (const [shell, ask] of Object.entries(ASK)) {
  const ifThere = spawnSync(shell, ['-c', 'true']).error === undefined ? test : test.skip;
  ifThere(`${shell}: what is offered where`, t => {
    const cwd = workspace(t, { 'nginx.conf': '' });
    const script = path.join(cwd, '_tlslint');
    writeFileSync(script, tlslint(cwd, ['completion', shell]).stdout);
    const env = { PATH: process.env.PATH, HOME: cwd, TERM: 'dumb' };
    for (const [line, offered] of offers) {
      const { stdout, stderr } = spawnSync(shell, ask(script, line), { cwd, env, encoding: 'utf8', timeout: 60_000 });
      const words = stdout.split('\n').map(each => each.split('\t', 1)[0]!.replace(/^--color=/, ''));
      t.deepEqual([...new Set(words.filter(word => word !== ''))].sort(), [...offered], `${line}: ${stdout}${stderr}`);
    }
  });
}

test('a shell that there is none of', t => {
  const { status, stderr } = tlslint(workspace(t, {}), ['completion', 'bsh']);
  t.is(status, 2);
  t.regex(stderr, /did you mean `bash`\?/);
});
