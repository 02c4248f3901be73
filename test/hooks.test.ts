import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { workspace } from './helpers/command.js';

const SERVER = (inner: string) =>
  `server {\n    listen 443 ssl;\n    ssl_certificate a.pem;\n    ssl_certificate_key a.key;\n    ${inner}\n}\n`;
const WEAK = '# changed\nssl_protocols TLSv1 TLSv1.2;\n';
const FIXED = '# changed\nssl_protocols TLSv1.2;\n';
const TLS = 'nginx/snippets/tls.conf';

/** Runs a command as the author of a commit has it: `tlslint` on PATH, a home of its own. */
type Run = (command: string, ...args: string[]) => { status: number | null; output: string };

interface Repository {
  readonly cwd: string;
  readonly run: Run;
  write(file: string, text: string): void;
  read(file: string): string;
  /** Stages a file and commits. */
  commit(file: string): ReturnType<Run>;
}

/** A repository with a main file and a server that includes a snippet; none of the hooks is there yet. */
function repository(t: ExecutionContext, hook: string): Repository {
  const home = workspace(t, {});
  const cwd = path.join(home, 'repo');
  const run = runner(cwd, home);
  mkdirSync(path.join(home, 'bin'));
  const shim = path.join(home, 'bin/tlslint');
  writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${path.resolve('dist/cli.cjs')}" "$@"\n`);
  chmodSync(shim, 0o755);
  mkdirSync(cwd);
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
    writeFileSync(path.join(cwd, file), text);
  };
  write('nginx/nginx.conf', 'events {}\nhttp {\n    include sites-enabled/*;\n}\n');
  write('nginx/sites-available/shop', SERVER('include snippets/tls.conf;'));
  write(TLS, 'ssl_protocols TLSv1.2;\n');
  mkdirSync(path.join(cwd, 'nginx/sites-enabled'));
  symlinkSync('../sites-available/shop', path.join(cwd, 'nginx/sites-enabled/shop'));
  cpSync(path.join('examples/hooks', hook), cwd, { recursive: true });
  run('git', 'init', '-q');
  run('git', 'add', '-A');
  t.is(run('git', 'commit', '-qm', 'first').status, 0);
  const commit = (file: string) => {
    run('git', 'add', file);
    return run('git', 'commit', '-m', 'change');
  };
  return { cwd, run, write, read: file => readFileSync(path.join(cwd, file), 'utf8'), commit };
}

function runner(cwd: string, home: string): Run {
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const env = {
    ...who,
    PATH: `${path.join(home, 'bin')}:${path.dirname(process.execPath)}:${process.env.PATH}`,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    npm_config_offline: 'true',
  };
  return (command, ...args) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 60_000 });
    return { status, output: `${stdout}${stderr}` };
  };
}

function isThere(command: string): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}

/** What every hook lets through: text that is no configuration, and a good file. */
function letsThrough(t: ExecutionContext, repo: Repository): void {
  repo.write('nginx/notes.txt', 'Remember the certificates.\n');
  const notes = repo.commit('nginx/notes.txt');
  t.is(notes.status, 0, notes.output);
  repo.write('nginx/sites-available/good', SERVER('ssl_protocols TLSv1.2 TLSv1.3;'));
  const good = repo.commit('nginx/sites-available/good');
  t.is(good.status, 0, good.output);
}

function refusesWhatCantBeFixed(t: ExecutionContext, repo: Repository): void {
  repo.write('nginx/sites-available/broken', 'server {\n    listen 443 ssl\n}\n');
  const { status, output } = repo.commit('nginx/sites-available/broken');
  t.not(status, 0);
  t.regex(output, /broken:\d+:\d+/);
  repo.run('git', 'rm', '-qf', '--cached', 'nginx/sites-available/broken');
}

function mendsAndCommits(t: ExecutionContext, repo: Repository): void {
  letsThrough(t, repo);
  refusesWhatCantBeFixed(t, repo);
  repo.write(TLS, WEAK);
  const { status, output } = repo.commit(TLS);
  t.is(status, 0, output);
  t.is(repo.run('git', 'show', `HEAD:${TLS}`).output, FIXED);
  t.is(repo.run('git', 'status', '--short', TLS).output, '');
}

test('a plain hook refuses; the snippet is judged through its root', t => {
  const repo = repository(t, 'git');
  cpSync(path.join(repo.cwd, 'pre-commit'), path.join(repo.cwd, '.git/hooks/pre-commit'));
  chmodSync(path.join(repo.cwd, '.git/hooks/pre-commit'), 0o755);
  letsThrough(t, repo);
  refusesWhatCantBeFixed(t, repo);
  repo.write(TLS, WEAK);
  const { status, output } = repo.commit(TLS);
  t.not(status, 0);
  t.regex(output, /snippets\/tls\.conf:2:15 error deprecated-protocol/);
  t.regex(output, /reaches: 0\.0\.0\.0:443/);
  t.is(repo.read(TLS), WEAK);
  t.is(repo.run('tlslint', '--write', TLS).status, 0);
  t.is(repo.commit(TLS).status, 0);
});

const ifPreCommit = isThere('pre-commit') ? test : test.skip;

ifPreCommit('pre-commit, with the local hook of the example: fixed, refused once, then committed', t => {
  const repo = repository(t, 'pre-commit');
  t.is(repo.run('pre-commit', 'install').status, 0);
  letsThrough(t, repo);
  refusesWhatCantBeFixed(t, repo);
  repo.write(TLS, WEAK);
  const first = repo.commit(TLS);
  t.not(first.status, 0);
  t.regex(first.output, /files were modified by this hook/);
  t.is(repo.read(TLS), FIXED);
  const second = repo.commit(TLS);
  t.is(repo.run('git', 'status', '--short', TLS).output, '', second.output);
});

ifPreCommit('pre-commit, with both hooks of this repository', t => {
  const repo = repository(t, 'git');
  const hooks = path.join(repo.cwd, '../hooks');
  const run = runner(hooks, path.join(repo.cwd, '..'));
  mkdirSync(hooks);
  cpSync('.pre-commit-hooks.yaml', path.join(hooks, '.pre-commit-hooks.yaml'));
  run('git', 'init', '-q');
  run('git', 'add', '-A');
  run('git', 'commit', '-qm', 'hooks');
  const rev = run('git', 'rev-parse', 'HEAD').output.trim();
  for (const id of ['tlslint', 'tlslint-write']) {
    repo.write(
      '.pre-commit-config.yaml',
      `repos:\n  - repo: ${hooks}\n    rev: ${rev}\n    hooks:\n      - id: ${id}\n`,
    );
    repo.run('git', 'add', '.pre-commit-config.yaml');
    t.is(repo.run('pre-commit', 'install').status, 0);
    letsThrough(t, repo);
    repo.write(TLS, WEAK);
    const { status, output } = repo.commit(TLS);
    t.not(status, 0, output);
    t.regex(output, /deprecated-protocol|files were modified/);
    t.is(repo.read(TLS), id === 'tlslint' ? WEAK : FIXED);
    repo.run('git', 'checkout', '-q', 'HEAD', '--', TLS);
    repo.run('git', 'rm', '-q', 'nginx/notes.txt', 'nginx/sites-available/good');
    repo.run('git', 'commit', '-qnm', 'back');
  }
});

/** The hook managers are devDependencies, found as a project has them. */
function withModules(repo: Repository): string {
  symlinkSync(path.resolve('node_modules'), path.join(repo.cwd, 'node_modules'));
  writeFileSync(path.join(repo.cwd, '.git/info/exclude'), 'node_modules\n');
  return path.join(repo.cwd, 'node_modules/.bin');
}

test('husky and lint-staged: fixed, staged, committed', t => {
  const repo = repository(t, 'husky');
  const bin = withModules(repo);
  const { status, output } = repo.run(path.join(bin, 'husky'));
  t.is(status, 0, output);
  mendsAndCommits(t, repo);
});

/** On PATH, or where `.ci/setup` puts it. */
function lefthookProgram(): string | undefined {
  if (isThere('lefthook')) return 'lefthook';
  const kept = existsSync('.cache') ? readdirSync('.cache').find(name => name.startsWith('lefthook-')) : undefined;
  return kept && path.resolve('.cache', kept);
}

const lefthook = lefthookProgram();
// Where everything must hold, one that is missing is a mistake.
const ifLefthook = lefthook === undefined && process.env.CI !== 'true' ? test.skip : test;

ifLefthook('lefthook: fixed, staged, committed', t => {
  const repo = repository(t, 'lefthook');
  t.truthy(lefthook, 'run `sh .ci/setup`');
  if (lefthook !== 'lefthook') symlinkSync(lefthook!, path.join(repo.cwd, '../bin/lefthook'));
  const { status, output } = repo.run('lefthook', 'install');
  t.is(status, 0, output);
  const { output: valid } = repo.run('lefthook', 'validate');
  t.regex(valid, /All good/);
  mendsAndCommits(t, repo);
});
