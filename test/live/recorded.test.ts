/**
 * The proof of the prober: the recorded cases of this machine's builds, run again on this machine's servers, give the
 * recorded answers, cell by cell. The cases lie beside the repository and are not a part of it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { live } from '../helpers/live.js';
import { type Recorded, runCase } from '../helpers/recorded.js';
import { claimPorts, type ServerName, serverVersion } from '../helpers/servers.js';

/** Beside the repository, or beside the folder of its work trees. */
const CASES = [join('..', 'shared'), join('..', '..', 'shared')]
  .map(at => join(process.cwd(), at, 'cases'))
  .find(existsSync);
const BUILDS: Readonly<Record<ServerName, string>> = {
  nginx: 'debian12-nginx-1.22.1+openssl-3.0.22',
  apache: 'debian12-httpd-2.4.71+openssl-3.0.22',
};

for (const server of ['nginx', 'apache'] as const) {
  const here = CASES !== undefined && BUILDS[server].includes(`-${serverVersion(server)}+`);
  const declare = here ? live(server) : test.skip;
  declare(`the prober gives the recorded answers of ${server}`, async t => {
    t.timeout(120_000);
    const base = claimPorts();
    for (const name of readdirSync(join(CASES ?? '', server))) {
      const expected = readExpected(server, name);
      if (expected === undefined) continue;
      const answer = await runCase(server, join(CASES ?? '', server, name), base);
      t.deepEqual(answer, expected, name);
    }
  });
}

function readExpected(server: ServerName, name: string): unknown {
  const builds = JSON.parse(readFileSync(join(CASES ?? '', server, name, 'expected.json'), 'utf8'));
  const build: Recorded | undefined = builds[BUILDS[server]];
  if (build === undefined) return undefined;
  return build.loads ? { loads: true, matrix: build.matrix } : { loads: false };
}
