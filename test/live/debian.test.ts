/** Debian's own trees, as the packages ship them: found, mended, clean, and loaded by the servers. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { live } from '../helpers/live.js';
import { CLI, COUNTED } from '../helpers/program.js';
import { certificates } from '../helpers/servers.js';

const ENABLED = [
  'mods-enabled/ssl.conf',
  'mods-enabled/ssl.load',
  'mods-enabled/socache_shmcb.load',
  'sites-enabled/default-ssl.conf',
];

/** `/etc/nginx` and `/etc/apache2` with TLS enabled, below a directory of their own, whose name stands for `/etc`. */
function stockTree(t: ExecutionContext): string {
  const top = mkdtempSync(join(tmpdir(), 'tlslint-debian-'));
  t.teardown(() => rmSync(top, { recursive: true }));
  for (const name of ['nginx', 'apache2'])
    cpSync(`/etc/${name}`, join(top, name), { recursive: true, verbatimSymlinks: true });
  for (const link of ENABLED) {
    const [kind = '', file = ''] = link.split('/');
    const path = join(top, 'apache2', link);
    if (!existsSync(path)) symlinkSync(`../${kind.replace('enabled', 'available')}/${file}`, path);
  }
  for (const [name, bytes] of Object.entries(certificates())) writeFileSync(join(top, name), bytes);
  for (const entry of readdirSync(top, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith('.pem')) relocate(join(entry.parentPath, entry.name), top);
  }
  return top;
}

/** Absolute paths of the packages become paths of the copy; the snake-oil certificate is ours. */
function relocate(file: string, top: string): void {
  const text = readFileSync(file, 'latin1');
  const moved = text
    .replaceAll(/\/etc\/(?=nginx|apache2)/g, `${top}/`)
    .replaceAll('/etc/ssl/certs/ssl-cert-snakeoil.pem', join(top, 'cert.pem'))
    .replaceAll('/etc/ssl/private/ssl-cert-snakeoil.key', join(top, 'key.pem'));
  if (moved !== text) writeFileSync(file, moved, 'latin1');
}

function tlslint(cwd: string, ...args: string[]) {
  const env = { ...COUNTED, PATH: process.env.PATH, TLSLINT_STATE_DIR: join(cwd, '.state') };
  return spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: 'utf8', env });
}

live('nginx', 'apache')('the stock trees of Debian are found weak, mended, clean and loaded', t => {
  const top = stockTree(t);
  const first = tlslint(top, 'nginx', 'apache2');
  t.is(first.status, 1, first.stderr);
  t.regex(first.stdout, /^nginx\/nginx\.conf:\d+:\d+ \w+ deprecated-protocol$/m);
  t.regex(first.stdout, /^apache2\/mods-available\/ssl\.conf:\d+:\d+ error deprecated-protocol$/m);

  const copy = mkdtempSync(join(tmpdir(), 'tlslint-patch-'));
  t.teardown(() => rmSync(copy, { recursive: true }));
  cpSync(top, copy, { recursive: true, verbatimSymlinks: true });
  const { stdout: diff } = tlslint(top, '--diff', 'nginx', 'apache2');
  const patched = spawnSync('patch', ['-p1', '-s'], { cwd: copy, input: diff, encoding: 'utf8' });
  t.is(patched.status, 0, patched.stdout);

  t.is(tlslint(top, '--write', 'nginx', 'apache2').status, 0);
  const second = tlslint(top, 'nginx', 'apache2');
  t.is(second.status, 0);
  t.is(second.stdout + second.stderr, '');
  const same = spawnSync('diff', ['-r', '--exclude=.state', 'nginx', join(copy, 'nginx')], {
    cwd: top,
    encoding: 'utf8',
  });
  t.is(same.stdout, '');
  t.true(
    readFileSync(join(top, 'apache2/mods-enabled/ssl.conf'), 'latin1').includes(
      'SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1',
    ),
  );

  const nginx = spawnSync('nginx', ['-t', '-c', join(top, 'nginx/nginx.conf'), '-g', `error_log ${top}/error.log;`], {
    encoding: 'utf8',
  });
  t.regex(nginx.stderr, /test is successful/);
  const env = { ...COUNTED, PATH: process.env.PATH, APACHE_CONFDIR: join(top, 'apache2') };
  const apache = spawnSync('apache2ctl', ['-t'], { encoding: 'utf8', env });
  t.regex(apache.stdout + apache.stderr, /Syntax OK/);
});
