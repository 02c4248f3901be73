/**
 * How long whole runs take, and what they take, beside the servers themselves and other programs that read the same files.
 *
 * ```
 * npm run bench -- [--servers 10000] [--rounds 3] [--large] [--peer NAME=COMMAND]…
 * ```
 *
 * `--large` adds ten times as many servers. A peer is a program on `PATH` or by path; the file comes last. Peers from npm run
 * where `npm install` was run in `bench/`. Times are CPU seconds, user and system, of the median round; GNU time counts.
 * Ratios to servers are of what is over bare node.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Input, type Kind, writeSingle, writeTree } from './generate.js';

interface Row {
  readonly name: string;
  readonly input: string;
  readonly argv: readonly string[];
  readonly bytes: number;
}

interface Measured {
  /** Seconds. */
  readonly wall: number;
  readonly cpu: number;
  /** Megabytes (10^6 bytes) resident at the peak. */
  readonly peak: number;
  readonly status: number | null;
}

const GNU_TIME = '/usr/bin/time';
const LIMIT_SECONDS = 600;
const PROGRAM = path.resolve('dist/cli.cjs');

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    large: { type: 'boolean', default: false },
    peer: { type: 'string', multiple: true, default: [] },
  },
});

if (!existsSync(GNU_TIME)) throw new Error(`Unexpected absence of ${GNU_TIME} (GNU time), which counts CPU and memory`);
const scratch = mkdtempSync(path.join(tmpdir(), 'tlslint-bench-'));
async function run(servers: number, rounds: number): Promise<void> {
  const bare = median(rounds * 7, () => measure([process.execPath, '-e', '0']));
  const rows = await rowsFor(servers);
  const results = inTurns(rows, rounds);
  const reference = new Map(results.map(({ row, measured }) => [row.name, measured.cpu]));
  console.log(
    `node ${process.version}, median of ${rounds}; bare \`node -e 0\`: ${seconds(bare.wall)} s wall, ${seconds(bare.cpu)} s CPU, ${Math.round(bare.peak)} MB\n`,
  );
  console.log('| run | input | CPU s | over bare node | × `nginx -t` | × `apache2 -t` | MB/s | peak MB | exit |');
  console.log('|---|---|--:|--:|--:|--:|--:|--:|--:|');
  for (const { row, measured } of results) console.log(lineOf(row, measured, bare, reference));
  coldStart(rounds);
  if (servers >= 10) growth(results);
}

async function rowsFor(servers: number): Promise<Row[]> {
  const rows: Row[] = [];
  const sizes = [servers / 10, servers, ...(values.large ? [servers * 10] : [])].filter(size => size >= 1);
  for (const kind of ['nginx', 'apache'] as const) {
    for (const size of sizes) {
      const single = await writeSingle(path.join(scratch, `${kind}-${size}`), kind, size);
      rows.push(ours(`${kind}, one file of ${size}`, single, [single.main]));
      if (size === servers) rows.push(...peersOf(kind, single));
    }
    const tree = writeTree(path.join(scratch, `${kind}-tree`), kind, servers);
    rows.push(ours(`${kind}, ${servers} files`, tree, [tree.main]));
    const weak = await writeSingle(path.join(scratch, `${kind}-weak`), kind, servers, 100);
    rows.push(ours(`${kind}, ${servers} weak, --diff`, weak, ['--diff', weak.main]));
  }
  return rows;
}

function ours(input: string, { bytes }: Input, args: readonly string[]): Row {
  return { name: 'tlslint', input, bytes, argv: [process.execPath, PROGRAM, ...args] };
}

/** Scripts for parsers from npm, which have no command of their own. */
const PARSERS: Readonly<Record<string, string>> = {
  'nginx-conf': "import n from 'nginx-conf'; n.NginxConfFile.createFromSource(text, () => process.exit(0));",
  '@webantic/nginx-config-parser':
    "import p from '@webantic/nginx-config-parser'; new (p.default ?? p)().toJSON(text);",
};

function peersOf(kind: Kind, input: Input): Row[] {
  const shown = `${kind}, one file`;
  const rows = (values.peer ?? []).map((given): Row => {
    const [name = '', ...command] = given.split('=');
    return { name, input: shown, bytes: input.bytes, argv: [...command.join('=').split(' '), input.main] };
  });
  rows.push(serverTest(kind, input, shown));
  if (kind !== 'nginx') return rows;
  for (const [name, script] of Object.entries(PARSERS)) {
    if (!existsSync(path.resolve('bench/node_modules', name))) continue;
    const file = path.resolve('bench/node_modules', `.${name.replace(/\W/g, '-')}.mjs`);
    const [load = '', use = ''] = script.split('; ', 2);
    writeFileSync(
      file,
      `${load};\nimport { readFileSync } from 'node:fs';\nconst text = readFileSync(process.argv[2], 'utf8');\n${use}`,
    );
    rows.push({ name, input: shown, bytes: input.bytes, argv: [process.execPath, file, input.main] });
  }
  const linter = path.resolve('bench/node_modules/nginx-linter/bin/nginx-linter.js');
  const argv = [process.execPath, linter, '--no-follow-includes', '--include', input.main];
  if (existsSync(linter)) rows.push({ name: 'nginx-linter', input: shown, bytes: input.bytes, argv });
  return rows;
}

/** The server's own test of the same text without what it would open: certificates, logs, sockets. */
function serverTest(kind: Kind, { main, bytes }: Input, input: string): Row {
  const text = readFileSync(main, 'latin1');
  const file = path.join(scratch, `${kind}-test.conf`);
  writeFileSync(file, FOR_SERVER[kind](text), 'latin1');
  const argv = kind === 'nginx' ? ['nginx', '-p', scratch, '-t', '-q', '-c', file] : ['apache2', '-t', '-f', file];
  return { name: `${argv[0]} -t`, input, bytes, argv };
}

const FOR_SERVER: Record<Kind, (text: string) => string> = {
  nginx: text =>
    `pid ${scratch}/nginx.pid; error_log stderr;\n${text
      .replaceAll(/ssl_certificate(?:_key)? .*;/g, 'root /srv;')
      .replaceAll('root /srv;\n    root /srv;', 'root /srv;\n    index index.html;')
      .replaceAll(/listen (.*)443 ssl;/g, 'listen $120443;')
      .replaceAll(/access_log .*;/g, 'access_log off;')}`,
  apache: text =>
    `ServerRoot ${scratch}\nErrorLog /dev/null\nPidFile httpd.pid\nDefaultRuntimeDir ${scratch}\n${MODULES.map(loadModule).join('')}${text.replaceAll(/^( *)SSL.*$/gm, '$1TimeOut 60').replaceAll(/^( *(?:ErrorLog|CustomLog)) \S+/gm, '$1 /dev/null')}`,
};

const MODULES = ['mpm_event', 'authz_core', 'headers', 'proxy', 'proxy_http'];

function loadModule(name: string): string {
  return `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`;
}

function measure(argv: readonly string[]): Measured {
  const file = path.join(scratch, 'time');
  const began = process.hrtime.bigint();
  const { status } = spawnSync(GNU_TIME, ['-o', file, '-f', '%U %S %M', ...argv], {
    stdio: 'ignore',
    timeout: LIMIT_SECONDS * 1000,
  });
  const wall = Number(process.hrtime.bigint() - began) / 1e9;
  const [user = 0, system = 0, kilobytes = 0] = (readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  return { wall, cpu: user + system, peak: (kilobytes * 1024) / 1e6, status };
}

/** All rows in each round, since a machine is not equally quick all the time: what is compared meets the same hours. */
function inTurns(rows: readonly Row[], rounds: number): Array<{ readonly row: Row; readonly measured: Measured }> {
  const all = rows.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { argv }] of rows.entries()) all[index]!.push(measure(argv));
  }
  return rows.map((row, index) => ({ row, measured: middleOf(all[index]!) }));
}

function median(rounds: number, once: () => Measured): Measured {
  return middleOf(Array.from({ length: rounds }, once));
}

function middleOf(all: Measured[]): Measured {
  all.sort((a, b) => a.cpu - b.cpu);
  return all[Math.floor(all.length / 2)]!;
}

function lineOf(
  row: Row,
  { cpu, peak, status }: Measured,
  bare: Measured,
  reference: ReadonlyMap<string, number>,
): string {
  // What Node takes to start is no work of what it runs.
  const own = row.argv[0] === process.execPath ? cpu - bare.cpu : cpu;
  const against = (name: string) =>
    ratio(own, row.input.startsWith(name === 'nginx -t' ? 'nginx' : 'apache') ? reference.get(name) : undefined);
  const cells = [
    row.name,
    row.input,
    seconds(cpu),
    seconds(cpu - bare.cpu),
    against('nginx -t'),
    against('apache2 -t'),
    (row.bytes / 1e6 / cpu).toFixed(1),
    String(Math.round(peak)),
    String(status ?? 'killed'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function ratio(cpu: number, other: number | undefined): string {
  return other === undefined || other === 0 ? '' : (cpu / other).toFixed(2);
}

function seconds(value: number): string {
  return value.toFixed(2);
}

/** Wall time, which is what somebody waits for who has one small file. */
function coldStart(rounds: number): void {
  const file = path.join(scratch, 'small.conf');
  writeFileSync(
    file,
    'events {}\nhttp {\n    server {\n        listen 443 ssl;\n        ssl_protocols TLSv1.2 TLSv1.3;\n    }\n}\n',
  );
  const lines = [`\ncold start on one small file: ${startRatio(file, rounds)}`];
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  if (extra !== undefined) {
    // Node reads those certificates at each start, which may take longer than all else that it does.
    delete process.env.NODE_EXTRA_CA_CERTS;
    lines.push(`without NODE_EXTRA_CA_CERTS, which is set here: ${startRatio(file, rounds)}`);
    process.env.NODE_EXTRA_CA_CERTS = extra;
  }
  console.log(lines.join('\n'));
}

/** "1.35 × `node -e 0` (0.05 s; 0.04 s)" */
function startRatio(file: string, rounds: number): string {
  const walls: number[] = [];
  const bares: number[] = [];
  // In turns, since a machine is not equally busy all the time.
  for (let round = 0; round < rounds * 7; round++) {
    walls.push(measure([process.execPath, PROGRAM, file]).wall);
    bares.push(measure([process.execPath, '-e', '0']).wall);
  }
  const middle = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
  const [own, bare] = [middle(walls), middle(bares)];
  return `${(own / bare).toFixed(2)} × \`node -e 0\` (${own.toFixed(3)} s; ${bare.toFixed(3)} s)`;
}

/** Time per byte of each size against the one before it: 1.00 is linear. */
function growth(results: ReadonlyArray<{ readonly row: Row; readonly measured: Measured }>): void {
  const sizes = results.filter(({ row }) => row.name === 'tlslint' && row.input.includes('one file'));
  sizes.forEach(({ row, measured }, index) => {
    const before = sizes[index - 1];
    if (!before || before.row.bytes > row.bytes) return;
    const factor = measured.cpu / row.bytes / (before.measured.cpu / before.row.bytes);
    console.log(`growth to ${row.input}: ${factor.toFixed(2)} × proportional`);
  });
}

try {
  await run(Number(values.servers), Number(values.rounds));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
