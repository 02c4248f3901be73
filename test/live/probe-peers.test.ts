/** The prober beside nmap, sslscan and `openssl s_client`, on servers that differ: same versions, same suites. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import type { HeardServer } from '../../src/model/heard.js';
import {
  installed,
  type Listing,
  nmapListing,
  opensslVersions,
  sslscanListing,
  withOpenssl,
} from '../helpers/peers.js';
import { CLI } from '../helpers/program.js';
import { certificates, claimPorts, type ServerName, serverVersion, withServer } from '../helpers/servers.js';

const run = promisify(execFile);
const NAME = 'a.test';

const RSA = ['-cert', 'cert.pem', '-key', 'key.pem'];
const EC = ['-cert', 'eccert.pem', '-key', 'eckey.pem'];

const OPENSSL: Readonly<Record<string, readonly string[]>> = {
  'every suite, RSA': [...RSA, '-cipher', 'ALL:COMPLEMENTOFALL@SECLEVEL=0'],
  'every suite and both keys, in the server’s order': [
    ...[...RSA, '-dcert', 'eccert.pem', '-dkey', 'eckey.pem', '-serverpref'],
    ...['-cipher', 'ALL@SECLEVEL=0'],
  ],
  'no suite but NULL and anonymous ones': [...RSA, '-no_tls1_3', '-cipher', 'eNULL:aNULL@SECLEVEL=0'],
  'TLSv1 alone': [...RSA, '-tls1', '-cipher', 'ALL@SECLEVEL=0'],
  'TLSv1.1 alone, EC': [...EC, '-tls1_1', '-cipher', 'ALL@SECLEVEL=0'],
  'TLSv1.3 alone, one suite': [...EC, '-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256'],
  'one group': [...RSA, '-groups', 'P-384'],
};

const nginx = (settings: string) =>
  `events {} http { server { listen 127.0.0.1:{{PORT}} ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; ${settings} } }`;
const apache = (settings: string) =>
  `Listen 127.0.0.1:{{PORT}}\nServerName ${NAME}\nSSLEngine on\nSSLCertificateFile cert.pem\nSSLCertificateKeyFile key.pem\n${settings}\n`;

const SERVERS: ReadonlyArray<readonly [string, ServerName, string]> = [
  ['nginx as it comes', 'nginx', nginx('')],
  [
    'nginx with all versions',
    'nginx',
    nginx('ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL@SECLEVEL=0;'),
  ],
  [
    'nginx with an order',
    'nginx',
    nginx('ssl_prefer_server_ciphers on; ssl_ciphers AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA256;'),
  ],
  ['nginx with TLSv1.2 alone', 'nginx', nginx('ssl_protocols TLSv1.2; ssl_ciphers ECDHE+CHACHA20;')],
  ['apache as it comes', 'apache', apache('')],
  [
    'apache with all versions',
    'apache',
    apache('SSLProtocol all\nSSLCipherSuite ALL@SECLEVEL=0\nSSLHonorCipherOrder on'),
  ],
  ['apache without TLSv1.2', 'apache', apache('SSLProtocol TLSv1.1 TLSv1.3\nSSLCipherSuite HIGH@SECLEVEL=0')],
  [
    'apache with three suites of TLSv1.3',
    'apache',
    apache('SSLProtocol TLSv1.3\nSSLCipherSuite TLSv1.3 TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256'),
  ],
];

/** Needs both the server and the programs to compare with; skipped without them, except in CI. */
function peers(server?: ServerName): typeof test.serial | typeof test.serial.skip {
  const all = installed('nmap') && installed('sslscan') && installed('openssl');
  const there = all && (server === undefined || serverVersion(server) !== undefined);
  return there || process.env.CI === 'true' ? test.serial : test.serial.skip;
}

let next = 0;
const base = claimPorts();

for (const [title, args] of Object.entries(OPENSSL)) {
  peers()(`the same as others say: openssl s_server, ${title}`, async t => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'tlslint-peers-'));
    t.teardown(() => rmSync(dir, { recursive: true, force: true }));
    for (const [name, bytes] of Object.entries(certificates())) writeFileSync(path.join(dir, name), bytes);
    const port = base + next++;
    t.deepEqual(await withOpenssl(dir, port, args, () => differences(port)), []);
  });
}

for (const [title, server, text] of SERVERS) {
  peers(server)(`the same as others say: ${title}`, async t => {
    const port = base + next++;
    const root = server === 'nginx' ? 'nginx.conf' : 'httpd.conf';
    const files = { [root]: text.replace('{{PORT}}', String(port)) };
    await withServer({ server, files }, async running => {
      t.true(running.loads, running.messages.join('\n'));
      t.deepEqual(await differences(port), []);
    });
  });
}

async function differences(port: number): Promise<string[]> {
  const args = ['probe', `127.0.0.1:${port}`, '--servername', NAME, '--ciphers', '--format', 'json'];
  const own = await run(process.execPath, [CLI, ...args]).catch((error: { stdout: string }) => error);
  const heard: HeardServer = JSON.parse(own.stdout).servers[0];
  const listing = (by: 'name' | 'iana'): Listing =>
    Object.fromEntries(
      heard.versions
        .filter(each => each.offered)
        .map(each => [each.version, (each.suites ?? []).map(suite => suite[by])]),
    );
  const versions = Object.keys(listing('name')).toSorted();
  const [nmap, sslscan, openssl] = [
    await nmapListing(port, NAME),
    await sslscanListing(port, NAME),
    await opensslVersions(port, NAME),
  ];
  return [
    ...compare('nmap', listing('iana'), nmap),
    ...compare('sslscan', listing('name'), sslscan),
    ...(versions.join() === openssl.toSorted().join() ? [] : [`s_client: ${openssl} for ${versions}`]),
  ];
}

/** In any order: each program asks in one of its own. */
function compare(peer: string, own: Listing, other: Listing): string[] {
  const found: string[] = [];
  for (const version of new Set([...Object.keys(own), ...Object.keys(other)])) {
    const [ours, theirs] = [new Set(own[version]), new Set(other[version])];
    for (const suite of ours) if (!theirs.has(suite)) found.push(`${peer}: ${version} ${suite} is ours alone`);
    for (const suite of theirs) if (!ours.has(suite)) found.push(`${peer}: ${version} ${suite} is its alone`);
    if (ours.size + theirs.size === 0) found.push(`${peer}: ${version} without a suite`);
  }
  return found;
}
