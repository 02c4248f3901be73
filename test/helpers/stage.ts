/** A machine to run the README on: a clone, the package as it would be published, and the servers' own directories. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { certificates } from './servers.js';

export interface Stage {
  /** Everything is below it. */
  readonly top: string;
  /** A fresh checkout, with nothing installed. */
  readonly clone: string;
  /** A git repository with a weak `etc/nginx`. */
  readonly project: string;
  /** `tlslint` is on PATH, `/etc/nginx` and `/etc/apache2` are weak copies of Debian's, and `docker exec` runs right here. */
  run(cwd: string, command: string, env?: Readonly<Record<string, string>>): SpawnSyncReturns<string>;
  remove(): void;
}

/** Whether directories of our own can stand at `/etc/nginx` for one process. */
export function canStage(): boolean {
  const there = ['/etc/nginx/nginx.conf', '/etc/apache2/apache2.conf'].every(file => existsSync(file));
  return there && spawnSync('unshare', ['-m', 'mount', '--bind', os.tmpdir(), '/etc/nginx']).status === 0;
}

/** @throws where a step fails; nothing is left then. */
export function makeStage(): Stage {
  const top = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'tlslint-readme-')));
  try {
    return furnish(top);
  } catch (error) {
    rmSync(top, { recursive: true, force: true });
    throw error;
  }
}

function furnish(top: string): Stage {
  for (const name of ['bin', 'home', 'prefix', 'etc', 'project', 'clone', 'pack']) mkdirSync(path.join(top, name));
  for (const name of ['clone', 'pack']) checkout(path.join(top, name));
  // What `.ci/setup` has fetched once it need not fetch again.
  if (existsSync('.cache')) cpSync('.cache', path.join(top, 'clone/.cache'), { recursive: true });
  symlinkSync(path.resolve('node_modules'), path.join(top, 'pack/node_modules'));
  checked('npm', ['run', '-s', 'build'], path.join(top, 'pack'));
  checked('npm', ['pack', '--silent', '--pack-destination', top], path.join(top, 'pack'));
  writePrograms(top, path.join(top, readdirSync(top).find(name => name.endsWith('.tgz'))!));
  writeServers(path.join(top, 'etc'));
  const stage: Stage = {
    top,
    clone: path.join(top, 'clone'),
    project: path.join(top, 'project'),
    run: (cwd, command, env = {}) => runOn(top, cwd, command, env),
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
  writeProject(stage);
  return stage;
}

/** The files of this working tree as a clone would have them, with what is not committed yet. */
export function checkout(to: string): void {
  const files = checked('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], '.').split('\0');
  for (const each of files.filter(name => name !== '' && existsSync(name)))
    cpSync(each, path.join(to, each), { verbatimSymlinks: true });
}

function checked(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}

/**
 * Programs that stand before the real ones on PATH. `npm` and `npx` take the packed package where the published one is
 * named, for it may not be there yet; there is no `sudo`, `systemctl` and no container on a machine of tests.
 */
function writePrograms(top: string, tarball: string): void {
  const packed = (name: string) => `for each; do
  shift
  case "$each" in tlslint|tlslint@*) set -- "$@" 'file:${tarball}' ;; *) set -- "$@" "$each" ;; esac
done
exec '${checked('sh', ['-c', `command -v ${name}`], '.').trim()}' "$@"`;
  const programs = {
    npm: packed('npm'),
    npx: packed('npx'),
    sudo: 'exec "$@"',
    systemctl: '[ "$1" = reload ]',
    docker: '[ "$1" = exec ] && shift 2 && exec "$@"',
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(path.join(top, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(top, 'bin', name), 0o755);
  }
}

/** Debian's own trees with TLS switched on: weak as they come. */
function writeServers(etc: string): void {
  for (const name of ['nginx', 'apache2'])
    cpSync(`/etc/${name}`, path.join(etc, name), { recursive: true, verbatimSymlinks: true });
  const links = ['mods/ssl.conf', 'mods/ssl.load', 'mods/socache_shmcb.load', 'sites/shop.conf'];
  const { 'cert.pem': cert, 'key.pem': key } = certificates() as Record<'cert.pem' | 'key.pem', Uint8Array>;
  for (const name of ['nginx', 'apache2']) {
    writeFileSync(path.join(etc, name, 'shop.pem'), cert);
    writeFileSync(path.join(etc, name, 'shop.key'), key);
  }
  writeFileSync(
    path.join(etc, 'apache2/sites-available/shop.conf'),
    '<VirtualHost *:443>\n\tServerName shop.example\n\tSSLEngine on\n\tSSLCertificateFile /etc/apache2/shop.pem\n\tSSLCertificateKeyFile /etc/apache2/shop.key\n</VirtualHost>\n',
  );
  for (const link of links) {
    const [kind, file] = link.split('/') as [string, string];
    const at = path.join(etc, 'apache2', `${kind}-enabled`, file);
    if (!existsSync(at)) symlinkSync(`../${kind}-available/${file}`, at);
  }
  const site =
    'server {\n\tlisten 443 ssl;\n\tserver_name shop.example;\n\tssl_certificate shop.pem;\n\tssl_certificate_key shop.key;\n}\n';
  writeFileSync(path.join(etc, 'nginx/sites-available/shop'), site);
  symlinkSync('../sites-available/shop', path.join(etc, 'nginx/sites-enabled/shop'));
}

/** Its absolute paths begin at the top of the project, as in a tree that is copied to a server. */
function writeProject({ project, run }: Stage): void {
  const etc = path.join(project, 'etc/nginx');
  for (const name of ['sites-available', 'sites-enabled']) mkdirSync(path.join(etc, name), { recursive: true });
  writeFileSync(path.join(etc, 'nginx.conf'), 'events {}\nhttp {\n    include sites-enabled/*;\n}\n');
  writeFileSync(
    path.join(etc, 'sites-available/shop'),
    'server {\n    listen 443 ssl;\n    ssl_certificate a.pem;\n    ssl_certificate_key a.key;\n    ssl_protocols TLSv1 TLSv1.2;\n}\n',
  );
  symlinkSync('../sites-available/shop', path.join(etc, 'sites-enabled/shop'));
  const { status, stderr } = run(project, 'git init -q && git add -A && git commit -qm first');
  if (status !== 0) throw new Error(stderr);
}

function runOn(top: string, cwd: string, command: string, env: Readonly<Record<string, string>>) {
  const mounts = ['nginx', 'apache2'].map(name => `mount --bind ${path.join(top, 'etc', name)} /etc/${name}`);
  const script = `${mounts.join(' && ')} && exec bash -o pipefail -c "$1"`;
  return spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', command], {
    cwd,
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 1 << 26,
    env: {
      PATH: [path.join(top, 'bin'), path.join(top, 'prefix/bin'), process.env.PATH].join(':'),
      HOME: path.join(top, 'home'),
      TLSLINT_STATE_DIR: path.join(top, 'state'),
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
      npm_config_prefix: path.join(top, 'prefix'),
      npm_config_cache: checked('npm', ['config', 'get', 'cache'], '.').trim(),
      npm_config_prefer_offline: 'true',
      npm_config_loglevel: 'error',
      npm_config_update_notifier: 'false',
      ...env,
    },
  });
}
