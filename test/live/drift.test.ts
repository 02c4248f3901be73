/** Configuration beside running server: edited and not reloaded, reloaded, another file, a server in front, an openssl.cnf. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { DriftRow } from '../../src/model/drift.js';
import type { Protocol } from '../../src/model/protocols.js';
import { probeVersion } from '../../src/probe/probe.js';
import { live } from '../helpers/live.js';
import { withOpenssl } from '../helpers/peers.js';
import { CLI } from '../helpers/program.js';
import { certificates, claimPorts, localTarget, type ServerName } from '../helpers/servers.js';

const MODULES = ['mpm_prefork', 'authz_core', 'ssl'];

const CONFIG: Readonly<Record<ServerName, (port: number, versions: readonly string[]) => string>> = {
  nginx: (port, versions) =>
    `events {}\nhttp {\n  ssl_protocols ${versions.join(' ')};\n  ssl_certificate cert.pem;\n  ssl_certificate_key key.pem;\n` +
    `  server { listen 127.0.0.1:${port} ssl; server_name a.test; }\n  server { listen 127.0.0.1:${port} ssl; server_name b.test; }\n}\n`,
  apache: (port, versions) =>
    `${MODULES.map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('')}` +
    `ServerName a.test\nListen 127.0.0.1:${port}\nSSLProtocol ${versions.map(name => `+${name}`).join(' ')}\n` +
    `<VirtualHost 127.0.0.1:${port}>\n  ServerName a.test\n  SSLEngine on\n  SSLCertificateFile cert.pem\n  SSLCertificateKeyFile key.pem\n</VirtualHost>\n`,
};

/** What each lets stand, and what a configuration has without it: nginx clears all that forbids versions by name. */
const FORBIDDING: Readonly<Record<ServerName, { cnf: string; versions: readonly string[]; level?: string }>> = {
  nginx: {
    cnf: 'CipherString = DEFAULT@SECLEVEL=2',
    versions: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    level: '0',
  },
  apache: { cnf: 'Protocol = ALL, -TLSv1.3', versions: ['TLSv1.2', 'TLSv1.3'] },
};

const BOTH = ['TLSv1.2', 'TLSv1.3'];
const base = claimPorts();
let next = 0;

interface Place {
  readonly dir: string;
  readonly port: number;
  readonly root: string;
  write(name: string, text: string): string;
  drift(root?: string, ...args: readonly string[]): Promise<{ status: number; rows: DriftRow[]; states: string }>;
}

function place(t: ExecutionContext, server: ServerName, versions: readonly string[]): Place {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tlslint-drift-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(certificates())) writeFileSync(path.join(dir, name), bytes);
  const port = base + next++;
  const write = (name: string, text: string) => {
    writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
  };
  const root = write('main.conf', CONFIG[server](port, versions));
  const { server: release, openssl } = localTarget(server);
  const drift: Place['drift'] = (file = root, ...args) =>
    new Promise(resolve => {
      const target = ['--server', `${server}@${release.text}`, '--openssl', openssl.version.text];
      const level = ['--security-level', String(openssl.securityLevel)];
      const all = ['probe', '--config', file, '--format', 'json', ...target, ...level, ...args];
      const child = execFile(process.execPath, [CLI, ...all], { cwd: dir }, (_, stdout, stderr) => {
        const rows: DriftRow[] = stdout === '' ? [] : JSON.parse(stdout).rows;
        const states = stderr + [...new Set(rows.map(({ state }) => state))].join();
        resolve({ status: child.exitCode ?? -1, rows, states });
      });
    });
  return { dir, port, root, write, drift };
}

const COMMANDS: Readonly<Record<ServerName, (dir: string, root: string) => [string, string[]]>> = {
  nginx: (dir, root) => [
    'nginx',
    ['-e', 'stderr', '-p', dir, '-c', root, '-g', 'daemon off; pid nginx.pid; error_log stderr;'],
  ],
  apache: (dir, root) => [
    'apache2',
    [
      ...['-D', 'FOREGROUND', '-d', dir, '-f', root, '-C', `DefaultRuntimeDir ${dir}`, '-C', `PidFile ${dir}/pid`],
      ...['-C', `ErrorLog ${dir}/log`, '-C', `ServerRoot ${dir}`],
      ...(process.getuid?.() === 0 ? ['-c', 'User www-data', '-c', 'Group www-data'] : []),
    ],
  ],
};

/** As administrators run it, with a master and workers, so that it can be reloaded. */
async function running(
  server: ServerName,
  { dir, root, port }: Place,
  use: (child: ChildProcess) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [command, args] = COMMANDS[server](dir, root);
  const options = { cwd: dir, detached: true, env: { PATH: process.env.PATH ?? '', ...env } };
  const log = path.join(dir, 'said');
  const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>said', command, ...args], { ...options, stdio: 'ignore' });
  const ended = new Promise(resolve => child.once('exit', resolve));
  try {
    const found = await until(async () => child.exitCode !== null || (await speaks(port, 'TLSv1.3')) !== null);
    if (!found || child.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
    await use(child);
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  }
}

async function speaks(port: number, version: Protocol): Promise<boolean | null> {
  const peer = { host: '127.0.0.1', port };
  return (await probeVersion({ peer, version, servername: 'a.test', retries: 0, timeout: 2000 })).offered;
}

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return true;
    await pause(50);
  }
  return false;
}

/** More than two clocks may differ by. */
function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

live('nginx')('nginx: with no version named, each server of the range may run on each library of it', async t => {
  // The defaults of nginx before 1.23.4, on a library that refuses the old ones.
  const here = place(t, 'nginx', BOTH);
  here.write('main.conf', CONFIG.nginx(here.port, BOTH).replace(/ *ssl_protocols.*;\n/, ''));
  await running('nginx', here, async () => {
    const child = execFile(process.execPath, [CLI, 'probe', '--config', here.root, '--format', 'json']);
    let said = '';
    child.stdout!.on('data', chunk => {
      said += chunk;
    });
    const status = await new Promise(resolve => child.once('close', resolve));
    const states = JSON.parse(said).rows.map(({ state }: DriftRow) => state);
    t.deepEqual([status, ...new Set(states)], [0, 'agrees'], said);
  });
});

for (const server of ['nginx', 'apache'] as const) {
  live(server)(`${server}: what runs agrees; edited, it is not reloaded; reloaded, it agrees`, async t => {
    const here = place(t, server, BOTH);
    await running(server, here, async child => {
      const before = await here.drift();
      t.deepEqual([before.status, before.states], [0, 'agrees']);
      t.true(before.rows.length >= 2);
      await pause(500);
      here.write('main.conf', CONFIG[server](here.port, ['TLSv1.2']));
      const edited = await here.drift();
      t.deepEqual([edited.status, edited.states], [1, 'not-reloaded'], JSON.stringify(edited.rows));
      t.regex(edited.rows[0]!.evidence.join(' '), /main\.conf` was changed at /);
      child.kill('SIGHUP');
      t.true(await until(async () => (await speaks(here.port, 'TLSv1.3')) === false));
      const reloaded = await here.drift();
      t.deepEqual([reloaded.status, reloaded.states], [0, 'agrees']);
    });
  });

  live(server)(`${server}: another file is in charge`, async t => {
    const here = place(t, server, BOTH);
    const other = here.write('other.conf', CONFIG[server](here.port, ['TLSv1.2']));
    await running(server, here, async () => {
      const { status, states, rows } = await here.drift(other);
      t.deepEqual([status, states], [1, 'other-config']);
      t.true(rows[0]!.evidence.join(' ').includes(`was started with \`${here.root}\``), rows[0]!.evidence.join(' '));
    });
  });

  live(server)(`${server}: a server in front answers otherwise`, async t => {
    const here = place(t, server, BOTH);
    const front = base + next++;
    const args = ['-cert', 'cert.pem', '-key', 'key.pem', '-tls1_2'];
    await running(server, here, async () => {
      await withOpenssl(here.dir, front, args, async () => {
        const { status, states, rows } = await here.drift(here.root, '--via', `127.0.0.1:${front}`);
        t.deepEqual([status, states], [1, 'in-front']);
        t.deepEqual(rows[0]!.heard, ['TLSv1.2']);
        t.regex(rows[0]!.evidence.join(' '), /itself answers as the configuration says/);
      });
    });
    await withOpenssl(here.dir, here.port, args, async () => {
      const { status, states, rows } = await here.drift();
      t.deepEqual([status, states], [1, 'in-front']);
      t.regex(rows[0]!.evidence.join(' '), /`openssl` \(process \d+\) listens there/);
    });
    t.deepEqual(await here.drift().then(({ status, states }) => [status, states]), [2, 'no-answer']);
  });

  live(server)(`${server}: an openssl.cnf forbids`, async t => {
    const { cnf, versions, level } = FORBIDDING[server];
    const assumed = level === undefined ? [] : ['--security-level', level];
    const here = place(t, server, versions);
    const conf = here.write(
      'openssl.cnf',
      `openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n${cnf}\n`,
    );
    const openssl = localTarget(server).openssl.version.text;
    const use = async () => {
      const { status, states, rows } = await here.drift(here.root, ...assumed);
      t.deepEqual([status, states], [1, 'other-library'], JSON.stringify(rows));
      // nginx writes its title over its environment.
      const hint = server === 'apache' ? `OPENSSL_CONF=${conf}` : `OpenSSL ${openssl} at security level `;
      t.true(rows[0]!.evidence.join(' ').includes(hint), rows[0]!.evidence.join(' '));
      const told = await here.drift(here.root, ...assumed, '--openssl-conf', conf);
      t.deepEqual([told.status, told.states], [0, 'agrees'], JSON.stringify(told.rows));
    };
    await running(server, here, use, { OPENSSL_CONF: conf });
  });
}
