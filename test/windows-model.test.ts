/** What a `.reg` file makes of Windows, release by release. */
import test from 'ava';
import fc from 'fast-check';
import { face } from '../src/dialects/windows/face.js';
import { windows } from '../src/dialects/windows/index.js';
import { memoryHost } from '../src/host.js';
import { PROTOCOLS, type ProtocolSet, protocolNames } from '../src/model/protocols.js';
import { SERVERS } from '../src/model/servers.js';
import type { Model } from '../src/model/types.js';
import { parseServer, targetRange } from '../src/targets.js';
import { runs } from './helpers/properties.js';

const SCHANNEL = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols';
const NET = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\.NETFramework';
const HEADER = 'Windows Registry Editor Version 5.00\n\n';
const WINHTTP = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\WinHttp';

function key(path: string, values: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(values).map(([name, data]) => {
    return `"${name}"=${typeof data === 'number' ? `dword:${data.toString(16)}` : data}\n`;
  });
  return `[${path}]\n${lines.join('')}\n`;
}

function version(name: string, role: string, values: Readonly<Record<string, string | number>>): string {
  return key(`${SCHANNEL}\\${name}\\${role}`, values);
}

function load(body: string): Model {
  const host = memoryHost(new Map([['/a.reg', HEADER + body]]), file => file.slice(1));
  const target = targetRange('windows', [], {}).targets[0]!;
  return windows.load('/a.reg', host, { prefix: '', define: new Map(), module: [], env: {}, target });
}

/** Of each endpoint: its name, and what one release offers there, `?` where that is not known. */
function offers(body: string, release: string): string[] {
  const model = load(body);
  const [target] = targetRange('windows', [], { server: `windows@${release}` }).targets;
  return model.endpoints.map(endpoint => {
    const { configured } = model.offer(endpoint, target!);
    return `${endpoint.names[0]}: ${configured === null ? '?' : shown(configured)}`;
  });
}

function shown(set: ProtocolSet): string {
  return protocolNames(set).join(' ') || 'nothing';
}

/** Any value that says what is so anyway, so that there is an endpoint. */
const NEUTRAL = {
  server: version('SSL 3.0', 'Server', { Enabled: 0 }),
  client: version('SSL 3.0', 'Client', { Enabled: 0 }),
};

test('defaults: those that Microsoft publishes, by release', t => {
  const table: ReadonlyArray<readonly [string, string, string]> = [
    ['2008', 'SSLv2 TLSv1', 'TLSv1'],
    ['2008r2', 'SSLv2 TLSv1', 'TLSv1'],
    ['7', 'SSLv2 TLSv1', 'TLSv1'],
    ['2012', 'TLSv1 TLSv1.1 TLSv1.2', 'TLSv1 TLSv1.1 TLSv1.2'],
    ['8.1', 'TLSv1 TLSv1.1 TLSv1.2', 'TLSv1 TLSv1.1 TLSv1.2'],
    ['2012r2', 'TLSv1 TLSv1.1 TLSv1.2', 'TLSv1 TLSv1.1 TLSv1.2'],
    ['2016', 'TLSv1 TLSv1.1 TLSv1.2', 'TLSv1 TLSv1.1 TLSv1.2'],
    ['2019', 'TLSv1 TLSv1.1 TLSv1.2', 'TLSv1 TLSv1.1 TLSv1.2'],
    ['10', 'TLSv1 TLSv1.1 TLSv1.2', 'TLSv1 TLSv1.1 TLSv1.2'],
    ['2022', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
    ['11', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
    ['2025', '?', '?'],
  ];
  for (const [release, server, client] of table) {
    t.deepEqual(offers(NEUTRAL.server, release), [`Schannel server: ${server}`], release);
    t.deepEqual(offers(NEUTRAL.client, release), [`Schannel client: ${client}`], release);
  }
  // SSL 3.0 itself, where something else is said.
  const other = version('TLS 1.0', 'Server', { Enabled: 0 });
  t.deepEqual(offers(other, '2012r2'), ['Schannel server: SSLv3 TLSv1.1 TLSv1.2']);
  t.deepEqual(offers(other, '2016'), ['Schannel server: TLSv1.1 TLSv1.2']);
});

test('the two values: either can forbid, and both together are no more than one', t => {
  const tls10 = (values: Readonly<Record<string, string | number>>, release = '2019') =>
    offers(NEUTRAL.server + version('TLS 1.0', 'Server', values), release)[0]!.includes('TLSv1 ');
  t.false(tls10({ Enabled: 0 }));
  t.false(tls10({ Enabled: 0, DisabledByDefault: 0 }));
  t.false(tls10({ DisabledByDefault: 1 }));
  t.false(tls10({ Enabled: 1, DisabledByDefault: 1 }));
  t.false(tls10({ DisabledByDefault: 0xff_ff_ff_ff }));
  t.true(tls10({ Enabled: 1, DisabledByDefault: 0 }));
  t.true(tls10({ Enabled: 0xff_ff_ff_ff }));
  t.true(tls10({ DisabledByDefault: 0 }));
  t.true(tls10({ enabled: 1 }));
  t.true(tls10({ Other: 0 }));
  t.false(tls10({ Enabled: 'hex(4):00,00,00,00' }));
  t.true(tls10({ Enabled: 'hex(4):01,00,00,00' }));
});

test('7 and Server 2008 R2: TLS 1.2 is off by default, and `Enabled` alone leaves it so', t => {
  const client = (values: Readonly<Record<string, number>>) =>
    offers(version('TLS 1.2', 'Client', values), '2008r2')[0]!.includes('TLSv1.2');
  t.false(client({ Enabled: 1 }));
  t.true(client({ Enabled: 1, DisabledByDefault: 0 }));
  t.true(client({ DisabledByDefault: 0 }));
});

test('TLS 1.3 before Server 2022 is not there, whatever the registry says', t => {
  const body = version('TLS 1.3', 'Server', { Enabled: 1, DisabledByDefault: 0 });
  t.deepEqual(offers(body, '2019'), ['Schannel server: TLSv1 TLSv1.1 TLSv1.2']);
  t.deepEqual(offers(body, '2022'), ['Schannel server: TLSv1 TLSv1.1 TLSv1.2 TLSv1.3']);
  const model = load(body);
  const [old] = targetRange('windows', [], { server: 'windows@2019' }).targets;
  t.is(model.statements[0]!.ineffective(old!)?.why, 'no-effect-of-value');
  t.regex(model.offer(model.endpoints[0]!, old!).notes.join(), /Windows Server 2019 has no `TLSv1.3`/);
});

test('the file is read from top to bottom: what comes later counts, and what is taken away is the default', t => {
  const on = version('TLS 1.0', 'Server', { Enabled: 1 });
  const off = version('TLS 1.0', 'Server', { Enabled: 0 });
  const seen = (body: string) => offers(body, '2019')[0]!.includes('TLSv1 ');
  t.false(seen(on + off));
  t.true(seen(off + on));
  t.true(seen(`${off}[-${SCHANNEL}\\TLS 1.0\\Server]\n`));
  t.true(seen(`${off}[-${SCHANNEL}\\TLS 1.0]\n`));
  t.true(seen(`${off}[-${SCHANNEL.toUpperCase()}]\n`));
  t.true(seen(off + version('TLS 1.0', 'Server', { Enabled: '-' })));
  t.false(seen(`${off}[-${SCHANNEL}\\TLS 1.1]\n`));
  t.false(seen(`[-${SCHANNEL}\\TLS 1.0]\n${off}`));
  // A removed key is a new one where it is written to again.
  const again = version('TLS 1.0', 'Server', { DisabledByDefault: 0 });
  t.true(seen(`${off}[-${SCHANNEL}\\TLS 1.0\\Server]\n${again}`));
  // Values below a removed key are not imported.
  t.true(seen(`[-${SCHANNEL}\\TLS 1.0\\Server]\n"Enabled"=dword:0\n`));
});

test('only what the file speaks of is judged', t => {
  const endpoints = (body: string) => load(body).endpoints.map(({ names }) => names[0]);
  t.deepEqual(endpoints(''), []);
  t.deepEqual(endpoints(key(SCHANNEL, {}) + key(`${SCHANNEL}\\TLS 1.0`, {})), []);
  t.deepEqual(endpoints(version('TLS 1.0', 'Server', {})), []);
  t.deepEqual(endpoints(version('PCT 1.0', 'Server', { Enabled: 0 })), []);
  t.deepEqual(endpoints(version('DTLS 1.0', 'Server', { Enabled: 0 })), []);
  t.deepEqual(endpoints(key(`${NET}\\v4.0.30319`, { OnlyUseLatestCLR: 1 })), []);
  t.deepEqual(endpoints(key(`HKEY_CURRENT_USER${SCHANNEL.slice(18)}\\TLS 1.0\\Server`, { Enabled: 1 })), []);
  t.deepEqual(endpoints(`[-${SCHANNEL}\\TLS 1.0]\n`), ['Schannel server', 'Schannel client']);
  t.deepEqual(endpoints(version('TLS 1.0', 'Client', { Enabled: 0 })), ['Schannel client']);
  const other = SCHANNEL.replace('CurrentControlSet', 'ControlSet001');
  t.deepEqual(endpoints(NEUTRAL.server + key(`${other}\\TLS 1.0\\Server`, { Enabled: 1 })), [
    'Schannel server of ControlSet001',
    'Schannel server',
  ]);
});

test('.NET Framework: who chooses the versions', t => {
  const net = (values: Readonly<Record<string, number>>, generation = 'v4.0.30319') =>
    offers(key(`${NET}\\${generation}`, values), '2019')[0]!.replace(/^.*: /, '');
  t.is(net({ SystemDefaultTlsVersions: 1 }), 'TLSv1 TLSv1.1 TLSv1.2');
  t.is(net({ SchUseStrongCrypto: 1 }), 'TLSv1 TLSv1.1 TLSv1.2');
  t.is(net({ SchUseStrongCrypto: 0 }), 'SSLv3 TLSv1');
  t.is(net({ SystemDefaultTlsVersions: 0 }), '?');
  t.is(net({ SystemDefaultTlsVersions: 1 }, 'v2.0.50727'), 'TLSv1 TLSv1.1 TLSv1.2');
  t.is(net({ SchUseStrongCrypto: 1 }, 'v2.0.50727'), 'SSLv3 TLSv1');
  // The choice of Windows is what the same file makes of its clients.
  const body =
    version('TLS 1.0', 'Client', { Enabled: 0 }) + key(`${NET}\\v4.0.30319`, { SystemDefaultTlsVersions: 1 });
  t.deepEqual(offers(body, '2022'), [
    'Schannel client: TLSv1.1 TLSv1.2 TLSv1.3',
    '.NET Framework 4 and newer, 64-bit: TLSv1.1 TLSv1.2 TLSv1.3',
  ]);
  t.deepEqual(offers(key(`${NET}\\v2.0.50727`, { SystemDefaultTlsVersions: 1 }), '2022'), [
    '.NET Framework 2.0 to 3.5, 64-bit: TLSv1 TLSv1.1 TLSv1.2',
  ]);
  const wow = key(`${NET.replace('SOFTWARE', 'SOFTWARE\\Wow6432Node')}\\v4.0.30319`, { SchUseStrongCrypto: 1 });
  t.regex(offers(wow, '2019')[0]!, /^\.NET Framework 4 and newer, 32-bit: /);
});

test('masks of WinHTTP, bit by bit', t => {
  const mask = (value: number) => offers(key(WINHTTP, { DefaultSecureProtocols: value }), '2022')[0];
  t.is(mask(0x8_00), 'WinHTTP, 64-bit: TLSv1.2');
  t.is(mask(0x20_00 | 0x8_00), 'WinHTTP, 64-bit: TLSv1.2 TLSv1.3');
  t.is(mask(0xa8), `WinHTTP, 64-bit: SSLv2 SSLv3 TLSv1`);
  t.is(mask(0), 'WinHTTP, 64-bit: ?');
});

test('a value that is no number leaves open what it decides', t => {
  const at = (body: string, release = '2019') => {
    const model = load(body);
    const [target] = targetRange('windows', [], { server: `windows@${release}` }).targets;
    const { configured, notes } = model.offer(model.endpoints[0]!, target!);
    return [configured, notes.join(' '), model.statements.map(({ value }) => value)];
  };
  const net = `${NET}\\v4.0.30319`;
  const odd = (name: string) => `It can’t be known whether programs use it, since \`${name}\` is no number.`;
  t.deepEqual(at(key(net, { SchUseStrongCrypto: '"1"' })), [null, odd('SchUseStrongCrypto'), [null]]);
  t.deepEqual(at(key(net, { SystemDefaultTlsVersions: '"1"' })), [null, odd('SystemDefaultTlsVersions'), [null]]);
  const unnamed = 'It can’t be known whether versions are on, since it names none.';
  t.deepEqual(at(key(WINHTTP, { DefaultSecureProtocols: '"x"' })), [null, unnamed, [null]]);
});

test('what the file takes away is the default again, and is not known for programs', t => {
  const gone = (path: string, values: Readonly<Record<string, number>>) => {
    const names = Object.keys(values).map(name => [name, '-'] as const);
    const model = load(key(path, values) + key(path, Object.fromEntries(names)));
    const [target] = targetRange('windows', [], { server: 'windows@2019' }).targets;
    return [model.statements.length, ...model.offer(model.endpoints[0]!, target!).notes];
  };
  t.deepEqual(gone(`${NET}\\v4.0.30319`, { SchUseStrongCrypto: 1 }), [
    0,
    'It can’t be known whether old versions are offered: that hangs on the version that each program was built for.',
  ]);
  t.deepEqual(gone(WINHTTP, { DefaultSecureProtocols: 0x8_00 }), [
    0,
    'It can’t be known whether versions are off: the system’s default counts.',
  ]);
});

test('a .reg file is ours where it speaks of TLS, in any encoding', t => {
  const wide = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').toString('latin1');
  const body = NEUTRAL.server;
  t.is(face.detect('/a.reg', HEADER + body), 'root');
  t.is(face.detect('/a.txt', HEADER + body), 'root');
  t.is(face.detect('/a.reg', wide(HEADER + body)), 'root');
  t.is(face.detect('/a.reg', `REGEDIT4\r\n${body}`), 'root');
  t.is(face.detect('/a.REG', body), 'root', 'that its header is missing is to be said');
  t.is(face.detect('/a.reg', HEADER + key(WINHTTP, { DefaultSecureProtocols: 1 })), 'root');
  t.is(face.detect('/a.reg', wide(HEADER + key('HKEY_CURRENT_USER\\x', { Enabled: 1 }))), 'none');
  t.is(face.detect('/a.reg', ''), 'none');
  t.is(face.detect('/a.conf', body), 'none');
  t.is(face.detect('/nginx.conf', 'events {}\nhttp { server { listen 443 ssl; } }\n'), 'none');
  t.is(face.detect('/big.reg', HEADER + '; \n'.repeat(100_000)), 'root', 'the rest was not seen');
});

test('releases by name, and a default range without OpenSSL', t => {
  for (const text of ['windows@2019', 'windows@server2019', 'WINDOWS@2012R2', 'windows@8.1', 'windows@11', 'windows']) {
    t.is(parseServer(text)?.dialect, 'windows', text);
  }
  for (const text of ['windows@2003', 'windows@10.0', 'windows@trunk', 'windows@constructor', 'windows@']) {
    t.is(parseServer(text), undefined, text);
  }
  const { targets, assumed } = targetRange('windows', face.steps, { openssl: '3.0' });
  t.deepEqual(
    targets.map(({ server }) => server.text),
    ['Server 2012 R2', 'Server 2016', 'Server 2022'],
  );
  t.deepEqual(assumed, ['server']);
  t.false(SERVERS.windows.openssl);
});

test('property: one value speaks for one version and one role alone', t => {
  const folders = ['SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'];
  const one = fc.record({
    at: fc.nat(5),
    role: fc.constantFrom('Server', 'Client'),
    name: fc.constantFrom('Enabled', 'DisabledByDefault'),
    value: fc.constantFrom(0, 1),
    release: fc.constantFrom('2008r2', '2012', '2016', '2019', '2022'),
  });
  fc.assert(
    fc.property(one, ({ at, role, name, value, release }) => {
      const after = offers(version(folders[at]!, role, { [name]: value }), release);
      t.is(after.length, 1);
      const forbids = (name === 'Enabled') === (value === 0);
      const offered = after[0]!.replace(/^.*: /, '').split(' ');
      if (forbids) t.false(offered.includes(PROTOCOLS[at]!));
      for (const [index, protocol] of PROTOCOLS.entries()) {
        if (index === at) continue;
        const alone = offers(role === 'Server' ? NEUTRAL.server : NEUTRAL.client, release)[0]!.split(' ');
        if (protocol !== 'SSLv3') t.is(offered.includes(protocol), alone.includes(protocol), protocol);
      }
    }),
    { numRuns: runs(150) },
  );
});
