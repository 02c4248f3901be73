/** The model of OpenSSL against the library itself, behind nginx: random lists, commands, certificates and curves. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { evaluateCipherList } from '../../src/model/openssl/cipher-list.js';
import { suitesOf } from '../../src/model/openssl/suites.js';
import { confCommand, createContext, type KeyType, serverVersions, setCipherList } from '../../src/model/openssl.js';
import { PROTOCOLS, type Protocol, protocolNames, protocolSet } from '../../src/model/protocols.js';
import { live } from '../helpers/live.js';
import { probeMatrix } from '../helpers/matrix.js';
import { claimPorts, localTarget, withServer } from '../helpers/servers.js';

const VERSIONS: readonly Protocol[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const SEED = 20_260_309;
const SERVERS = 60;
const BATCHES = 5;
/** Each is a process of its own. */
const LISTS = Number(process.env.TLSLINT_LISTS ?? 300);

const WORDS = [
  ...['ALL', 'DEFAULT', 'HIGH', 'MEDIUM', 'LOW', 'COMPLEMENTOFALL', 'COMPLEMENTOFDEFAULT', 'aNULL', 'eNULL', 'NULL'],
  ...['kRSA', 'RSA', 'aRSA', 'kDHE', 'kEDH', 'DHE', 'EDH', 'kECDHE', 'kEECDH', 'ECDHE', 'EECDH', 'ECDH', 'DH', 'ADH'],
  ...['AECDH', 'aECDSA', 'ECDSA', 'aDSS', 'PSK', 'SRP', 'AES', 'AES128', 'AES256', 'AESGCM', 'AESCCM', 'AESCCM8'],
  ...['CHACHA20', 'CAMELLIA', 'ARIA', 'ARIAGCM', '3DES', 'RC4', 'SEED', 'MD5', 'SHA', 'SHA1', 'SHA256', 'SHA384'],
  ...['SSLv3', 'TLSv1', 'TLSv1.0', 'TLSv1.2', 'TLSv1.1', 'CBC', 'FIPS', 'EXP', 'DES', 'NO-SUCH', 'high'],
  ...['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'AES128-SHA', 'AES256-GCM-SHA384', 'AES128-SHA256'],
  ...['ECDHE-RSA-AES256-SHA384', 'DHE-RSA-AES128-SHA', 'ECDHE-RSA-CHACHA20-POLY1305', 'CAMELLIA128-SHA', 'NULL-SHA'],
  ...['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_AES_128_GCM_SHA256', 'DES-CBC3-SHA', 'AECDH-AES128-SHA'],
];

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(...WORDS)).map(pair => pair.join('+')) },
);
const item = fc.tuple(fc.constantFrom('', '', '', '', '!', '!', '-', '+'), word).map(parts => parts.join(''));
const list = fc
  .record({
    items: fc.array(item, { minLength: 1, maxLength: 6 }),
    level: fc.constantFrom('@SECLEVEL=0', '@SECLEVEL=0', '@SECLEVEL=0', '', '@SECLEVEL=1', '@SECLEVEL=3', '@STRENGTH'),
    separator: fc.constantFrom(':', ':', ':', ' ', ','),
  })
  .map(made => [...made.items, ...(made.level === '' ? [] : [made.level])].join(made.separator));

const command: fc.Arbitrary<readonly [name: string, value: string]> = fc.oneof(
  fc.tuple(fc.constantFrom('MinProtocol', 'MaxProtocol'), fc.constantFrom('None', ...VERSIONS)),
  fc.tuple(
    fc.constant('Protocol'),
    fc
      .array(fc.constantFrom('ALL', '-ALL', '+TLSv1', '-TLSv1.2', 'TLSv1.3', '-TLSv1.1', 'tlsv1.2'), { minLength: 1 })
      .map(words => words.join(', ')),
  ),
);

interface Setup {
  readonly protocols: readonly Protocol[];
  readonly list: string;
  readonly keys: readonly KeyType[];
  readonly curve: string;
  readonly commands: ReadonlyArray<readonly [name: string, value: string]>;
}

const context: fc.Arbitrary<Setup> = fc
  .record({
    protocols: fc.subarray<Protocol>([...VERSIONS], { minLength: 1 }),
    list,
    keys: fc.constantFrom<readonly KeyType[]>(['rsa'], ['rsa'], ['ec'], ['rsa', 'ec']),
    curve: fc.constantFrom('', '', '', 'X25519', 'secp384r1', 'secp256k1', 'brainpoolP256r1:prime256v1'),
    commands: fc.array(command, { maxLength: 6 }).map(commands => commands.slice(4)),
  })
  // Level 3 takes no RSA key of 2048 bits, so that the server would not load.
  .map(made => (made.list.includes('=3') ? { ...made, keys: ['ec'] } : made));

live('nginx')('cipher lists select what the library selects', t => {
  const { openssl } = localTarget('nginx');
  const suites = suitesOf(openssl);
  const wrong = fc.sample(list, { seed: SEED, numRuns: LISTS }).filter(ciphers => {
    const said = evaluateCipherList(openssl, suites, ciphers);
    const names = said.error === undefined ? said.suites.map(suite => suite.name).sort() : ['(refused)'];
    return names.join(':') !== librarySuites(ciphers).join(':');
  });
  t.deepEqual(wrong, []);
});

live('nginx')('cipher lists, commands, certificates and curves come out as the library has them', async t => {
  t.timeout(120_000);
  const base = claimPorts();
  const setups = fc.sample(context, { seed: SEED, numRuns: SERVERS * BATCHES });
  const { openssl } = localTarget('nginx');
  const wrong: string[] = [];
  const good = setups.filter(setup => setCipherList(openssl, createContext(openssl), setup.list) === undefined);
  for (let at = 0; at < good.length; at += SERVERS) {
    const batch = good.slice(at, at + SERVERS);
    const conf = `events {}\nhttp {\n${batch.map((setup, index) => serverBlock(setup, base + index)).join('\n')}\n}`;
    await withServer({ server: 'nginx', files: { 'nginx.conf': conf } }, async running => {
      t.true(running.loads, running.messages.join('\n'));
      for (const [index, setup] of batch.entries()) wrong.push(...(await compare(setup, base + index)));
    });
  }
  t.log(`${good.length} contexts, ${setups.length - good.length} lists refused`);
  t.deepEqual(wrong, []);
  t.true(good.length > setups.length / 2);
});

async function compare(setup: Setup, port: number): Promise<string[]> {
  const { openssl } = localTarget('nginx');
  const made = createContext(openssl);
  made.flags = protocolSet(setup.protocols);
  made.min = 0;
  made.max = protocolSet(['TLSv1.3']);
  made.dh = false;
  setCipherList(openssl, made, setup.list);
  if (setup.curve !== '') made.groups = setup.curve;
  for (const [name, value] of setup.commands) confCommand(openssl, made, name, value);
  const said = serverVersions(openssl, made, made, { early: false, keys: setup.keys });
  const rows = await probeMatrix({ peer: { host: '127.0.0.1', port }, names: [null], versions: VERSIONS });
  const offered = protocolSet(PROTOCOLS.filter(version => rows['(none)']?.[version] === true));
  if (said.set === offered) return [];
  const model = said.set === null ? 'unknown' : protocolNames(said.set).join(' ');
  return [
    `${JSON.stringify(setup)}: server ${protocolNames(offered).join(' ')}, model ${model}; ${said.notes.join(' ')}`,
  ];
}

function serverBlock(setup: Setup, port: number): string {
  const lines = [
    `listen 127.0.0.1:${port} ssl`,
    `ssl_protocols ${setup.protocols.join(' ')}`,
    `ssl_ciphers "${setup.list}"`,
    ...setup.keys.flatMap(key =>
      key === 'ec'
        ? ['ssl_certificate eccert.pem', 'ssl_certificate_key eckey.pem']
        : ['ssl_certificate cert.pem', 'ssl_certificate_key key.pem'],
    ),
    ...(setup.curve === '' ? [] : [`ssl_ecdh_curve ${setup.curve}`]),
    ...setup.commands.map(([name, value]) => `ssl_conf_command ${name} "${value}"`),
  ];
  return `server {\n  ${lines.join(';\n  ')};\n}`;
}

/** `openssl ciphers` calls the same SSL_CTX_set_cipher_list. */
function librarySuites(ciphers: string): string[] {
  try {
    const names = execFileSync('openssl', ['ciphers', '--', ciphers], {
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
    return names
      .trim()
      .split(':')
      .filter(name => !name.startsWith('TLS_'))
      .sort();
  } catch {
    return ['(refused)'];
  }
}
