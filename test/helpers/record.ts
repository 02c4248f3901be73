/**
 * `npm run record -- DIR…`: starts the configuration of each case (`…/nginx/NAME` or `…/apache/NAME`, with its `case.json`)
 * and writes what this machine's server offered into its `expected.json`, beside what other builds did.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runCase } from './recorded.js';
import { claimPorts, localTarget, type ServerName, serverVersion } from './servers.js';

const base = claimPorts();
for (const dir of process.argv.slice(2)) await record(dir);

async function record(dir: string): Promise<void> {
  const server = basename(dirname(dir)) as ServerName;
  const file = join(dir, 'expected.json');
  const recorded = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const { loads, ...rest } = await runCase(server, dir, base);
  recorded[buildName(server)] = { loads, messages: [], ...rest };
  writeFileSync(file, `${JSON.stringify(recorded)}\n`);
}

/** As the recorded cases name a build: distribution, server, OpenSSL. */
function buildName(server: ServerName): string {
  const release = /^VERSION_ID="?(\d+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const software = server === 'nginx' ? 'nginx' : 'httpd';
  const { openssl } = localTarget(server);
  return `debian${release}-${software}-${serverVersion(server)}+openssl-${openssl.version.text}`;
}
