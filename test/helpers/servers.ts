/**
 * Starts Debian's nginx and apache2 on loopback, each in a temporary directory of its own, in the foreground, as one
 * process that is killed at the end. Nothing outside of that directory is read or written.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Target } from '../../src/model/target.js';
import { version } from '../../src/model/versions.js';

export type ServerName = 'nginx' | 'apache';

export interface ServerSetup {
  readonly server: ServerName;
  /** Paths below the server's directory to their contents; `{{PREFIX}}` in a text stands for that directory. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** The root file; `nginx.conf`, `httpd.conf`. */
  readonly root?: string;
  /** `stream`, `mail`, `lua` for nginx; `proxy`, `proxy_http` … for Apache, whose usual few are always loaded. */
  readonly modules?: readonly string[];
  /** Usual modules to leave out. */
  readonly without?: readonly string[];
  /** `{{PREFIX}}` in a value stands for the server's directory. */
  readonly env?: Readonly<Record<string, string>>;
  /** `-D` of Apache. */
  readonly define?: readonly string[];
}

export interface RunningServer {
  readonly loads: boolean;
  /** What it said on the way, warnings included. */
  readonly messages: readonly string[];
  readonly dir: string;
  /** Absolute path of the root file. */
  readonly root: string;
}

const BINARIES: Readonly<Record<ServerName, string>> = { nginx: 'nginx', apache: 'apache2' };
const NGINX_MODULES = '/usr/lib/nginx/modules';
const APACHE_MODULES = '/usr/lib/apache2/modules';
const NGINX_MODULE_FILES: Readonly<Record<string, readonly string[]>> = {
  stream: ['ngx_stream_module.so'],
  mail: ['ngx_mail_module.so'],
  lua: ['ndk_http_module.so', 'ngx_http_lua_module.so'],
};
const APACHE_USUAL: readonly string[] = ['mpm_prefork', 'authz_core', 'ssl', 'macro', 'alias'];

/** Even a test that is killed leaves nothing running longer than this. */
const SAFETY_SECONDS = 100;
const START_TIMEOUT = 10_000;
const STOP_TIMEOUT = 2000;
/** Blocks of ports below the ephemeral range, one for each test process. */
const FIRST_PORT = 20_000;
const BLOCK = 1000;
const BLOCKS = 12;

const running = new Set<ChildProcess>();
const directories = new Set<string>();
const blocks = new Set<string>();
process.once('exit', cleanUp);

/** Starts the server, runs `use` and stops the server again, whatever happens. */
export async function withServer<Result>(
  setup: ServerSetup,
  use: (server: RunningServer) => Promise<Result>,
): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'tlslint-live-'));
  directories.add(dir);
  try {
    writeTree(dir, { ...certificates(), ...setup.files });
    const root = join(dir, setup.root ?? (setup.server === 'nginx' ? 'nginx.conf' : 'httpd.conf'));
    const started = await start(setup, dir, root);
    try {
      return await use({ loads: started.loads, messages: started.messages, dir, root });
    } finally {
      await stop(started.child);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
    directories.delete(dir);
  }
}

/** `2.4.71`; `undefined` where the server is not installed. */
export function serverVersion(server: ServerName): string | undefined {
  return cached(`version ${server}`, () => {
    const [command, args] = server === 'nginx' ? ['nginx', ['-v']] : ['apache2', ['-v']];
    return /(?:nginx|Apache)\/([\d.]+)/.exec(output(command as string, args as string[]))?.[1];
  });
}

/** The true versions of this machine. */
export function localTarget(server: ServerName): Target {
  return cached(`target ${server}`, () => readTarget(server));
}

function readTarget(server: ServerName): Target {
  const about = cached('openssl', () => output('openssl', ['version', '-a']));
  const number = /OpenSSL ([\d.]+[a-z]?)/.exec(about)?.[1] ?? '0';
  const level = /OPENSSL_TLS_SECURITY_LEVEL=(\d)/.exec(about)?.[1];
  const openssl = version(number);
  return {
    server: version(serverVersion(server) ?? '0'),
    openssl: {
      version: openssl,
      securityLevel: level === undefined ? defaultLevel(number) : Number(level),
      with: new Set(),
    },
  };
}

/** The first port of a block of 1000 that this process has for itself. */
export function claimPorts(): number {
  const locks = join(tmpdir(), 'tlslint-ports');
  mkdirSync(locks, { recursive: true });
  for (let round = 0; round < 600; round++) {
    for (let block = 0; block < BLOCKS; block++) {
      // Starting at different places keeps the usual case free of contention.
      const index = (block + process.pid) % BLOCKS;
      const lock = join(locks, String(index));
      if (!claim(lock)) continue;
      blocks.add(lock);
      return FIRST_PORT + index * BLOCK;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  throw new Error('No free block of ports');
}

/** Moves every port from 20000 to 20999 in a text to the block that starts at `base`. */
export function movePorts(text: string, base: number): string {
  return text.replace(/(?<![\d.])20(\d{3})(?![\d.])/g, (_, rest: string) => String(base + Number(rest)));
}

/** `cert.pem`, `key.pem` (RSA 2048), `eccert.pem`, `eckey.pem` (P-256): made once on this machine, valid for 10 years. */
export function certificates(): Record<string, Uint8Array> {
  return cached('certificates', () => {
    const dir = join(tmpdir(), 'tlslint-certificates');
    const names = ['cert.pem', 'key.pem', 'eccert.pem', 'eckey.pem'];
    if (!existsSync(dir)) makeCertificates(dir);
    return Object.fromEntries(names.map(name => [name, new Uint8Array(readFileSync(join(dir, name)))]));
  });
}

interface Started {
  readonly child: ChildProcess | undefined;
  readonly loads: boolean;
  readonly messages: readonly string[];
}

async function start(setup: ServerSetup, dir: string, root: string): Promise<Started> {
  const log = join(dir, 'server.log');
  const descriptor = openSync(log, 'w');
  const [command, args] =
    setup.server === 'nginx' ? nginxCommand(setup, dir, root) : apacheCommand(setup, dir, root, log);
  const child = spawn('timeout', ['-s', 'KILL', String(SAFETY_SECONDS), command, ...args], {
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', ...inDirectory(setup.env ?? {}, dir) },
    stdio: ['ignore', descriptor, descriptor],
    detached: true,
  });
  closeSync(descriptor);
  running.add(child);
  const loads = await ready(child, log, setup.server);
  const said = readFileSync(log, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.includes('[notice]'));
  return { child, loads, messages: said };
}

function inDirectory(env: Readonly<Record<string, string>>, dir: string): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replaceAll('{{PREFIX}}', dir)]));
}

function nginxCommand(setup: ServerSetup, dir: string, root: string): [string, string[]] {
  const modules = (setup.modules ?? []).flatMap(name => NGINX_MODULE_FILES[name] ?? []);
  const globals = [
    ...modules.map(file => `load_module ${NGINX_MODULES}/${file};`),
    'daemon off; master_process off; pid nginx.pid; error_log stderr notice;',
  ];
  return [BINARIES.nginx, ['-e', 'stderr', '-p', dir, '-c', root, '-g', globals.join(' ')]];
}

function apacheCommand(setup: ServerSetup, dir: string, root: string, log: string): [string, string[]] {
  const modules = [...APACHE_USUAL, ...(setup.modules ?? [])].filter(name => !setup.without?.includes(name));
  const before = [
    `ServerRoot "${dir}"`,
    `DefaultRuntimeDir "${dir}"`,
    ...modules.map(name => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`),
    `PidFile "${dir}/httpd.pid"`,
    `ErrorLog "${log}"`,
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
  ];
  const defines = (setup.define ?? []).flatMap(name => ['-D', name]);
  return [BINARIES.apache, ['-X', '-d', dir, '-f', root, ...defines, ...before.flatMap(line => ['-C', line])]];
}

/** Whether its sockets listen: nginx says so in its log, Apache writes its pid after that, and in one process says nothing. */
const LISTENS: Readonly<Record<ServerName, (log: string) => boolean>> = {
  nginx: log => readFileSync(log, 'utf8').includes('event method'),
  apache: log => existsSync(join(dirname(log), 'httpd.pid')),
};

/** True when it listens, false when it ended instead. */
async function ready(child: ChildProcess, log: string, server: ServerName): Promise<boolean> {
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    if (ended) return false;
    if (LISTENS[server](log)) return true;
    await new Promise(resolve => setTimeout(resolve, 2));
  }
  await stop(child);
  throw new Error(`${server} neither started nor ended: ${readFileSync(log, 'utf8')}`);
}

/**
 * `timeout` hands the signal on and waits for the server, so that its ports are free again when `timeout` itself has ended.
 * A killed group would leave that to whoever reaps orphans.
 */
async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined) return;
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = new Promise(resolve => child.once('exit', resolve));
    const timer = setTimeout(() => killGroup(child), STOP_TIMEOUT);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  }
  running.delete(child);
}

/** `detached` made the child the leader of a group of its own. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function cleanUp(): void {
  for (const child of running) killGroup(child);
  for (const dir of directories) rmSync(dir, { recursive: true, force: true });
  for (const lock of blocks) rmSync(lock, { force: true });
}

function writeTree(dir: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content.replaceAll('{{PREFIX}}', dir) : content);
  }
}

/** Takes a lock file, also one whose owner is gone. */
function claim(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (alive(Number(readOr(lock, '0')))) return false;
    try {
      unlinkSync(lock);
    } catch {
      // Somebody else was faster.
    }
    return false;
  }
}

function alive(pid: number): boolean {
  // A lock that is being written is empty.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8') || fallback;
  } catch {
    return fallback;
  }
}

function makeCertificates(dir: string): void {
  // Several test processes may be here at once: each makes its own set and one of them stays.
  const own = mkdtempSync(join(tmpdir(), 'tlslint-certificates-'));
  const make = (kind: readonly string[], certificate: string, key: string) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-nodes', '-days', '3650', '-subj', '/CN=a.test', '-newkey', ...kind],
        ...['-out', join(own, certificate), '-keyout', join(own, key)],
      ],
      { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } },
    );
  make(['rsa:2048'], 'cert.pem', 'key.pem');
  make(['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], 'eccert.pem', 'eckey.pem');
  try {
    renameSync(own, dir);
  } catch {
    // Another process was faster, and its set is as good.
  }
  rmSync(own, { recursive: true, force: true });
}

function defaultLevel(openssl: string): number {
  const [major = 0, minor = 0] = openssl.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 2) ? 2 : 1;
}

function output(command: string, args: readonly string[]): string {
  try {
    return execFileSync('sh', ['-c', '"$0" "$@" 2>&1', command, ...args], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

const cache = new Map<string, unknown>();

function cached<Value>(key: string, make: () => Value): Value {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key) as Value;
}
