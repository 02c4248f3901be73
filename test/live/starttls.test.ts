/** STARTTLS with the servers that have it: nginx always, the others where they are installed. `s_client` is the judge. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ProbeReport } from '../../src/model/heard.js';
import type { StarttlsName } from '../../src/probe/starttls.js';
import { live } from '../helpers/live.js';
import { accepts, opensslVersions } from '../helpers/peers.js';
import { CLI } from '../helpers/program.js';
import { certificates, claimPorts, withServer } from '../helpers/servers.js';

const NAME = 'a.test';
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const base = claimPorts();
let next = 0;

interface Place {
  readonly dir: string;
  /** The first of three. */
  readonly port: number;
}

interface Daemon {
  readonly program: string;
  /** By protocol, how far its port is from the first one. */
  readonly speaks: Partial<Record<StarttlsName, number>>;
  readonly file: (place: Place) => string;
  readonly args: (place: Place) => readonly string[];
  readonly prepare?: (place: Place) => void;
  /** It refuses to run as root. */
  readonly asNobody?: true;
  /** It can't run as anybody else. */
  readonly needsRoot?: true;
}

const dovecotListener = (service: string, name: string, port: number) =>
  `service ${service}-login {\n inet_listener ${name} {\n  port = ${port}\n }\n}\n`;
const noListener = (service: string, name: string) =>
  `service ${service}-login {\n inet_listener ${name} {\n  port = 0\n }\n}\n`;

const DAEMONS: readonly Daemon[] = [
  {
    program: 'postgres',
    speaks: { postgres: 0 },
    asNobody: true,
    prepare({ dir }) {
      const initdb = path.join(path.dirname(realpathSync(found('postgres')!)), 'initdb');
      const owner = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
      execFileSync(initdb, ['-N', '-D', path.join(dir, 'data')], { stdio: 'ignore', ...owner });
    },
    file: () => '',
    args: ({ dir, port }) => [
      ...['-D', `${dir}/data`, '-p', String(port), '-h', '127.0.0.1', '-k', dir, '-c', 'fsync=off', '-c', 'ssl=on'],
      ...['-c', `ssl_cert_file=${dir}/cert.pem`, '-c', `ssl_key_file=${dir}/key.pem`],
    ],
  },
  {
    program: 'slapd',
    speaks: { ldap: 0 },
    file: ({ dir }) =>
      `pidfile ${dir}/pid\nTLSCertificateFile ${dir}/cert.pem\nTLSCertificateKeyFile ${dir}/key.pem\ndatabase config\n`,
    args: ({ port }) => ['-f', 'conf', '-h', `ldap://127.0.0.1:${port}`, '-d', '0'],
  },
  {
    program: 'vsftpd',
    speaks: { ftp: 0 },
    needsRoot: true,
    file: ({ dir, port }) =>
      `listen=YES\nlisten_address=127.0.0.1\nlisten_port=${port}\nbackground=NO\nssl_enable=YES\nrsa_cert_file=${dir}/cert.pem\nrsa_private_key_file=${dir}/key.pem\nsecure_chroot_dir=${dir}/empty\n`,
    args: ({ dir }) => [`${dir}/conf`],
  },
  {
    program: 'dovecot',
    speaks: { imap: 0, pop3: 1, sieve: 2 },
    needsRoot: true,
    file: ({ dir, port }) =>
      [
        `protocols = imap pop3 sieve\nlisten = 127.0.0.1\nbase_dir = ${dir}/run\nlog_path = ${dir}/log\nssl = yes\n`,
        `ssl_cert = <${dir}/cert.pem\nssl_key = <${dir}/key.pem\n`,
        dovecotListener('imap', 'imap', port) + noListener('imap', 'imaps'),
        dovecotListener('pop3', 'pop3', port + 1) + noListener('pop3', 'pop3s'),
        dovecotListener('managesieve', 'sieve', port + 2),
        'passdb {\n driver = static\n args = password=x\n}\nuserdb {\n driver = static\n args = uid=nobody gid=nogroup home=/\n}\n',
      ].join(''),
    args: () => ['-F', '-c', 'conf'],
  },
  {
    program: 'prosody',
    speaks: { xmpp: 0 },
    file: ({ dir, port }) =>
      `run_as_root = true\ndata_path = "${dir}"\npidfile = "${dir}/pid"\nmodules_enabled = {"tls", "saslauth"}\nc2s_ports = { ${port} }\nc2s_interfaces = { "127.0.0.1" }\ns2s_ports = {}\nhttp_ports = {}\nhttps_ports = {}\nssl = { key = "${dir}/key.pem"; certificate = "${dir}/cert.pem" }\nlog = { info = "${dir}/log" }\nVirtualHost "${NAME}"\n`,
    // It reads nothing else than Lua by its name.
    args: ({ dir }) => ['-F', '--config', `${dir}/conf.cfg.lua`],
  },
];

for (const daemon of DAEMONS) {
  const can = found(daemon.program) !== undefined && (isRoot || !daemon.needsRoot);
  (can ? test.serial : test.serial.skip)(`${Object.keys(daemon.speaks).join(', ')} of ${daemon.program}`, async t => {
    await running(t, daemon, async ({ port }) => {
      for (const [protocol, offset] of Object.entries(daemon.speaks)) {
        t.deepEqual(await differences(port + offset, protocol as StarttlsName), [], protocol);
      }
    });
  });
}

live('nginx')('smtp, imap and pop3 of nginx', async t => {
  const port = base + 900;
  const protocols = ['smtp', 'imap', 'pop3'] as const;
  const servers = protocols.map(
    (protocol, index) => `server { listen 127.0.0.1:${port + index}; protocol ${protocol}; starttls on; }`,
  );
  const conf = `events {}
    mail { server_name ${NAME}; auth_http 127.0.0.1:1/; ssl_certificate cert.pem; ssl_certificate_key key.pem;
      ssl_protocols TLSv1.1 TLSv1.2; ssl_ciphers AES128-SHA:ECDHE+AESGCM@SECLEVEL=0;
      ${servers.join('\n')} server { listen 127.0.0.1:${port + 3}; protocol imap; } }`;
  await withServer({ server: 'nginx', modules: ['mail'], files: { 'nginx.conf': conf } }, async server => {
    t.true(server.loads, server.messages.join('\n'));
    for (const [index, protocol] of protocols.entries()) {
      t.deepEqual(await differences(port + index, protocol), [], protocol);
    }
    const report = await probe(port, 'smtp', '--ciphers');
    const tls12 = report.servers[0]!.versions.find(({ version }) => version === 'TLSv1.2');
    t.deepEqual(tls12?.suites?.map(({ name }) => name).toSorted(), [
      'AES128-SHA',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES256-GCM-SHA384',
    ]);
    const without = await probe(port + 3, 'imap');
    t.like(without.servers[0], { state: 'silent', trouble: 'it does not start TLS when asked to', verdict: 'unknown' });
  });
});

async function differences(port: number, protocol: StarttlsName): Promise<string[]> {
  const name = protocol === 'xmpp' ? ['-xmpphost', NAME] : [];
  const theirs = await opensslVersions(port, NAME, ['-starttls', protocol, ...name]);
  const [server] = (await probe(port, protocol)).servers;
  const ours = server!.versions.filter(({ offered }) => offered !== false).map(({ version }) => version);
  if (theirs.length === 0) return [`s_client gets no version`];
  return theirs.join() === ours.join() ? [] : [`${ours} where s_client gets ${theirs}`];
}

function probe(port: number, protocol: StarttlsName, ...more: readonly string[]): Promise<ProbeReport> {
  const args = ['probe', `127.0.0.1:${port}`, '--starttls', protocol, '--servername', NAME, '--format', 'json'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, ...args, ...more], { cwd: os.tmpdir() }, (error, stdout) =>
      stdout === '' ? reject(error) : resolve(JSON.parse(stdout)),
    );
  });
}

async function running(t: ExecutionContext, daemon: Daemon, use: (place: Place) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tlslint-starttls-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const place = { dir, port: base + 10 * next++ };
  mkdirSync(path.join(dir, 'empty'));
  const text = daemon.file(place);
  const owned = [dir];
  for (const [name, bytes] of Object.entries({ ...certificates(), conf: text, 'conf.cfg.lua': text })) {
    writeFileSync(path.join(dir, name), bytes, { mode: name.endsWith('key.pem') ? 0o600 : 0o644 });
    owned.push(path.join(dir, name));
  }
  const nobody = isRoot && daemon.asNobody ? { uid: NOBODY, gid: NOBODY } : {};
  if (nobody.uid !== undefined) for (const each of owned) chownSync(each, NOBODY, NOBODY);
  daemon.prepare?.(place);
  const options = { cwd: dir, detached: true, stdio: 'ignore', ...nobody } as const;
  const child = spawn('timeout', ['90', found(daemon.program)!, ...daemon.args(place)], options);
  try {
    await listening(place.port + Math.max(...Object.values(daemon.speaks)), child);
    await use(place);
  } finally {
    const ended = new Promise(resolve => child.once('exit', resolve));
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await ended;
    }
  }
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    if (await accepts(port)) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`Nobody listens on ${port}`);
}

/** Where a program is; daemons are not always on a user's path. */
function found(program: string): string | undefined {
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };
  return spawnSync('which', [program], { env, encoding: 'utf8' }).stdout.trim() || undefined;
}
