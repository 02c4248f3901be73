/** Keys that OpenSSL finds too small: whether a server starts with one, and whether the model says so. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { inspect } from '../../src/index.js';
import { live } from '../helpers/live.js';
import { claimPorts, localTarget, type ServerName, withServer } from '../helpers/servers.js';

const KEYS: Readonly<Record<string, readonly string[]>> = {
  rsa1024: ['rsa:1024'],
  rsa2048: ['rsa:2048'],
  rsa3072: ['rsa:3072'],
  p256: ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  p384: ['ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1'],
};

const made = new Map<string, Record<string, string>>();
const dir = mkdtempSync(path.join(os.tmpdir(), 'tlslint-keys-'));
test.after.always(() => rmSync(dir, { recursive: true, force: true }));

function pair(name: string): Record<string, string> {
  const known = made.get(name);
  if (known) return known;
  const file = (kind: string) => path.join(dir, `${name}.${kind}`);
  const args = ['-x509', '-nodes', '-days', '30', '-subj', '/CN=a.test', '-newkey', ...KEYS[name]!];
  execFileSync('openssl', ['req', ...args, '-out', file('pem'), '-keyout', file('key')], { stdio: 'ignore' });
  const files = { 'own.pem': readFileSync(file('pem'), 'utf8'), 'own.key': readFileSync(file('key'), 'utf8') };
  made.set(name, files);
  return files;
}

/** The list of suites, and a command that comes too late to decide. */
const SETTINGS: ReadonlyArray<readonly [level: string, command: string]> = [
  ['', ''],
  ['1', ''],
  ['2', ''],
  ['3', ''],
  ['4', ''],
  ['2', '4'],
];

const port = claimPorts();

const CONFIGS: Readonly<Record<ServerName, (level: string, command: string) => string>> = {
  nginx: (level, command) =>
    `events {} http { server { listen 127.0.0.1:${port} ssl; ssl_certificate own.pem; ssl_certificate_key own.key; ${
      level && `ssl_ciphers DEFAULT@SECLEVEL=${level};`
    } ${command && `ssl_conf_command CipherString DEFAULT@SECLEVEL=${command};`} } }`,
  apache: (level, command) =>
    `Listen 127.0.0.1:${port}\nServerName a.test\nSSLEngine on\nSSLCertificateFile {{PREFIX}}/own.pem\nSSLCertificateKeyFile {{PREFIX}}/own.key\n${
      level && `SSLCipherSuite DEFAULT@SECLEVEL=${level}\n`
    }${command && `SSLOpenSSLConfCmd CipherString DEFAULT@SECLEVEL=${command}\n`}`,
};

for (const server of ['nginx', 'apache'] as const) {
  for (const key of Object.keys(KEYS)) {
    const declare = live(server) === test ? test.serial : test.serial.skip;
    declare(`${server} with ${key}`, async t => {
      const { server: release, openssl } = localTarget(server);
      for (const [level, command] of SETTINGS) {
        const name = server === 'nginx' ? 'nginx.conf' : 'httpd.conf';
        const files = { ...pair(key), [name]: CONFIGS[server](level, command) };
        await withServer({ server, files }, async running => {
          const target = { server: `${server}@${release.text}`, openssl: openssl.version.text };

          const it = await inspect(running.root, { ...target, securityLevel: openssl.securityLevel });
          t.is(
            it.loads,
            running.loads,
            `level ${level || 'by default'}, then ${command || 'none'}: ${running.messages}`,
          );
        });
      }
    });
  }
}
