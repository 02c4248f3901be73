/** Other programs that ask a server what it offers, and OpenSSL's own server: what a prober is compared with. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** By version, OpenSSL's or IANA's names of suites. */
export type Listing = Record<string, string[]>;

export type PeerName = 'nmap' | 'sslscan' | 'openssl';

export function installed(name: PeerName): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** By IANA's names; nmap calls the suites of TLSv1.3 `TLS_AKE_WITH_…`. */
export async function nmapListing(port: number, name: string): Promise<Listing> {
  const script = ['--script', 'ssl-enum-ciphers', '--script-args', `tls.servername=${name}`];
  const { stdout } = await run('nmap', ['-n', '-Pn', '-p', String(port), ...script, '-oX', '-', '127.0.0.1']);
  const listing: Listing = {};
  let version = '';
  for (const [, table, suite] of stdout.matchAll(
    /<table key="((?:TLS|SSL)v[\d.]+)">|<elem key="name">(\w+)<\/elem>/g,
  )) {
    if (table !== undefined) {
      version = table === 'TLSv1.0' ? 'TLSv1' : table;
      listing[version] = [];
    }
    if (suite !== undefined) listing[version]!.push(suite.replace('TLS_AKE_WITH_', 'TLS_'));
  }
  return listing;
}

/** By OpenSSL's names. */
export async function sslscanListing(port: number, name: string): Promise<Listing> {
  const { stdout } = await run('sslscan', [
    ...['--no-colour', '--no-heartbleed', '--no-groups', '--no-fallback', '--no-renegotiation', '--no-compression'],
    ...['--no-check-certificate', `--sni-name=${name}`, '--xml=-', `127.0.0.1:${port}`],
  ]);
  const listing: Listing = {};
  for (const [, version, suite] of stdout.matchAll(/<cipher [^>]*sslversion="([^"]+)"[^>]*? cipher="([^"]+)"/g)) {
    const own = version === 'TLSv1.0' ? 'TLSv1' : version!;
    listing[own] = [...(listing[own] ?? []), suite!];
  }
  return listing;
}

const CLIENT_FLAGS = { TLSv1: '-tls1', 'TLSv1.1': '-tls1_1', 'TLSv1.2': '-tls1_2', 'TLSv1.3': '-tls1_3' };

/** The versions with which `openssl s_client` gets through its handshake. */
export async function opensslVersions(port: number, name: string, more: readonly string[] = []): Promise<string[]> {
  const asked = Object.entries(CLIENT_FLAGS).map(async ([version, flag]) => {
    const weakest = ['-cipher', 'ALL:COMPLEMENTOFALL@SECLEVEL=0', '-ciphersuites', TLS13_SUITES];
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', name, flag, ...weakest, ...more];
    const child = run('openssl', args, { timeout: 10_000 });
    child.child.stdin?.end();
    const said = await child.then(
      ({ stdout }) => stdout,
      (error: { stdout?: string }) => error.stdout ?? '',
    );
    return /^New, \w[\w.]*, Cipher is (?!\(NONE\))/m.test(said) ? version : undefined;
  });
  return (await Promise.all(asked)).filter(version => version !== undefined);
}

const TLS13_SUITES =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256';

/** Starts `openssl s_server` in a directory with certificates, and ends it afterwards. */
export async function withOpenssl<Result>(
  cwd: string,
  port: number,
  args: readonly string[],
  use: () => Promise<Result>,
): Promise<Result> {
  const child = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-www', '-quiet', ...args], {
    cwd,
    stdio: 'ignore',
  });
  try {
    await listening(port, () => child.exitCode !== null);
    return await use();
  } finally {
    const ended = new Promise(resolve => child.once('exit', resolve));
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await ended;
    }
  }
}

async function listening(port: number, ended: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !ended(); tries++) {
    if (await accepts(port)) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`Nobody listens on ${port}`);
}

/** Whether somebody listens there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
