/**
 * How long it takes to learn the versions and suites of a server, beside other programs that ask for the same.
 *
 * ```
 * npm run bench:probe -- [--rounds 5] [--round-trip 30] [--testssl PATH]
 * ```
 *
 * Real nginx servers on loopback, as they are and behind a relay that adds a round-trip time. Wall time of the median round;
 * programs take turns. That the answers are the same is checked, and a difference is an error.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { installed, type Listing, nmapListing, sslscanListing } from '../test/helpers/peers.js';
import { claimPorts, withServer } from '../test/helpers/servers.js';
import { openRelay } from './relay.js';

const run = promisify(execFile);
const PROGRAM = path.resolve('dist/cli.cjs');
const NAME = 'a.test';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    'round-trip': { type: 'string', default: '30' },
    testssl: { type: 'string' },
  },
});

const MOZILLA =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384';

const SERVERS: Readonly<Record<string, string>> = {
  'nginx as it comes': '',
  'Mozilla intermediate': `ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ${MOZILLA}; ssl_prefer_server_ciphers off;`,
  'every suite, the server’s order':
    'ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL@SECLEVEL=0; ssl_prefer_server_ciphers on;',
};

interface Program {
  readonly name: string;
  list(port: number): Promise<Listing>;
}

/** By IANA's names where nmap is compared, by OpenSSL's for the others. */
const COMPARED: Readonly<Record<string, 'iana' | 'name'>> = { nmap: 'iana', sslscan: 'name' };

async function ownListing(port: number, by: 'iana' | 'name'): Promise<Listing> {
  const args = ['probe', `127.0.0.1:${port}`, '--servername', NAME, '--ciphers', '--format', 'json'];
  const { stdout } = await run(process.execPath, [PROGRAM, ...args]).catch((error: { stdout: string }) => error);
  const [server] = JSON.parse(stdout).servers;
  const offered = server.versions.filter((each: { offered: boolean | null }) => each.offered);
  return Object.fromEntries(
    offered.map((each: { version: string; suites: Array<Record<'iana' | 'name', string>> }) => [
      each.version,
      each.suites.map(suite => suite[by]),
    ]),
  );
}

/** What it says is not compared: it tells suites in a table for people. */
async function runTestssl(program: string, port: number): Promise<Listing> {
  const asked = ['--protocols', '--cipher-per-proto', '--server-preference'];
  const quiet = ['--quiet', '--color', '0', '--warnings', 'batch', '--ip', 'one'];
  await run(program, [...quiet, ...asked, `127.0.0.1:${port}`]).catch(() => undefined);
  return {};
}

const programs: Program[] = [
  { name: 'tlslint', list: port => ownListing(port, 'name') },
  ...(installed('nmap') ? [{ name: 'nmap', list: (port: number) => nmapListing(port, NAME) }] : []),
  ...(installed('sslscan') ? [{ name: 'sslscan', list: (port: number) => sslscanListing(port, NAME) }] : []),
  ...(values.testssl === undefined
    ? []
    : [{ name: 'testssl.sh', list: (port: number) => runTestssl(values.testssl!, port) }]),
];

async function measure(server: string, roundTrip: number, port: number): Promise<void> {
  const relay = roundTrip > 0 ? await openRelay(port, roundTrip) : undefined;
  try {
    await compareAnswers(relay?.port ?? port);
    relay?.connections();
    const times = new Map(programs.map(({ name }) => [name, [] as number[]]));
    const counts = new Map<string, number>();
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const program of programs) {
        times.get(program.name)!.push(await timed(program, relay?.port ?? port));
        if (relay) counts.set(program.name, relay.connections());
      }
    }
    report(server, roundTrip, times, counts);
  } finally {
    await relay?.close();
  }
}

async function compareAnswers(port: number): Promise<void> {
  for (const { name, list } of programs) {
    const by = COMPARED[name];
    if (by === undefined) continue;
    const [own, other] = [sorted(await ownListing(port, by)), sorted(await list(port))];
    if (own !== other) throw new Error(`Unexpected answer of ${name}:\n${other}\nexpected\n${own}`);
  }
}

function sorted(listing: Listing): string {
  return Object.keys(listing)
    .toSorted()
    .map(version => `${version}: ${listing[version]!.toSorted().join(' ')}`)
    .join('\n');
}

async function timed({ list }: Program, port: number): Promise<number> {
  const began = performance.now();
  await list(port);
  return performance.now() - began;
}

function report(
  server: string,
  roundTrip: number,
  times: ReadonlyMap<string, number[]>,
  counts: ReadonlyMap<string, number>,
): void {
  const own = median(times.get('tlslint')!);
  for (const [name, list] of times) {
    const time = median(list);
    const cells = [server, `${roundTrip} ms`, name, time.toFixed(0), (time / own).toFixed(2), counts.get(name) ?? ''];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;
}

console.log(`node ${process.version}, median of ${values.rounds}\n`);
console.log('| server | round trip | program | ms | × tlslint | connections |');
console.log('|---|--:|---|--:|--:|--:|');
const base = claimPorts();
for (const [index, [title, settings]] of Object.entries(SERVERS).entries()) {
  const port = base + index;
  const server = `server { listen 127.0.0.1:${port} ssl; server_name ${NAME}; access_log off; ${settings} }`;
  const conf = `events {} http { ssl_certificate cert.pem; ssl_certificate_key key.pem; ${server} }`;
  await withServer({ server: 'nginx', files: { 'nginx.conf': conf } }, async running => {
    if (!running.loads) throw new Error(running.messages.join('\n'));
    for (const roundTrip of [0, Number(values['round-trip'])]) await measure(title, roundTrip, port);
  });
}
