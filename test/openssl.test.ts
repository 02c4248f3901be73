import test from 'ava';
import { evaluateCipherList } from '../src/model/openssl/cipher-list.js';
import { systemDefaults } from '../src/model/openssl/conf.js';
import { suitesOf } from '../src/model/openssl/suites.js';
import {
  type Context,
  clientVersions,
  compiledIn,
  confCommand,
  createContext,
  enabledVersions,
  type KeyType,
  serverVersions,
  setCipherList,
  setCiphersuites,
  setGroups,
} from '../src/model/openssl.js';
import { type ProtocolSet, protocolNames, protocolSet } from '../src/model/protocols.js';
import type { OpensslTarget } from '../src/model/target.js';
import { version } from '../src/model/versions.js';

const ALL = 'SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3';

function target(text: string, securityLevel: number, extra: Partial<OpensslTarget> = {}): OpensslTarget {
  return { version: version(text), securityLevel, with: new Set(), ...extra };
}

const v102 = target('1.0.2u', 0, { with: new Set(['ssl2', 'ssl3'] as const) });
const v111 = target('1.1.1w', 1, { with: new Set(['ssl3'] as const) });
const v30 = target('3.0.22', 2);
const v31 = target('3.1', 1);
const v35 = target('3.5.9', 2);

/** Words of `protocols` as flags; the cipher list set as a server would. */
function context(openssl: OpensslTarget, protocols: string, list = 'DEFAULT', change: Partial<Context> = {}): Context {
  const made = { ...createContext(openssl), flags: set(protocols) };
  const error = setCipherList(openssl, made, list);
  if (error !== undefined) throw new Error(`${list}: ${error}`);
  return { ...made, ...change };
}

function set(words: string): ProtocolSet {
  return protocolSet(words.split(' '));
}

function names(value: ProtocolSet | null): string | null {
  return value === null ? null : protocolNames(value).join(' ');
}

function served(openssl: OpensslTarget, one: Context, keys: readonly KeyType[] = ['rsa']): string | null {
  return names(serverVersions(openssl, one, one, { early: false, keys }).set);
}

test('OS-1: what is compiled in', t => {
  t.is(names(compiledIn(v102)), 'SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2');
  t.is(names(compiledIn(target('1.0.2u', 0))), 'TLSv1 TLSv1.1 TLSv1.2');
  t.is(names(compiledIn(v111)), 'SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3');
  t.is(names(compiledIn(target('1.1.0l', 1, { with: new Set(['ssl2'] as const) }))), 'TLSv1 TLSv1.1 TLSv1.2');
  t.is(names(compiledIn(v30)), 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3');
});

test('OS-1: 1.0.2g and newer begin with SSLv2 switched off', t => {
  t.is(names(createContext(v102).flags), 'SSLv3 TLSv1 TLSv1.1 TLSv1.2');
  t.is(names(createContext({ ...v102, version: version('1.0.2f') }).flags), 'SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2');
  t.is(served(v102, context(v102, 'SSLv2 SSLv3', 'ALL')), 'SSLv2 SSLv3');
});

test('OS-2: the level and versions before TLSv1.2, by release', t => {
  const rows: ReadonlyArray<readonly [OpensslTarget, readonly string[]]> = [
    [
      v111,
      ['SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
    ],
    [v30, ['TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'TLSv1.2 TLSv1.3', 'TLSv1.2 TLSv1.3']],
    [v31, ['TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'TLSv1.2 TLSv1.3', 'TLSv1.2 TLSv1.3']],
    [v35, ['TLSv1 TLSv1.1 TLSv1.2 TLSv1.3', 'TLSv1.2 TLSv1.3', 'TLSv1.2 TLSv1.3']],
  ];
  for (const [openssl, byLevel] of rows) {
    byLevel.forEach((expected, level) => {
      t.is(
        served(openssl, context(openssl, ALL, `DEFAULT:@SECLEVEL=${level}`)),
        expected,
        `${openssl.version.text} ${level}`,
      );
    });
  }
  t.is(served(v111, context(v111, ALL, 'DEFAULT:@SECLEVEL=3'), ['ec']), 'TLSv1.2 TLSv1.3');
});

test('OS-2: the note says release, level and versions', t => {
  const old = context(v111, 'SSLv3 TLSv1.2', 'DEFAULT:@SECLEVEL=2');
  t.deepEqual(serverVersions(v111, old, old, { early: false, keys: ['rsa'] }).notes, [
    'OpenSSL 1.1.1w at security level 2 refuses SSLv3.',
  ]);
  for (const openssl of [v30, v35]) {
    const one = context(openssl, 'TLSv1 TLSv1.1 TLSv1.2');
    const { notes } = serverVersions(openssl, one, one, { early: false, keys: ['rsa'] });
    const name = openssl === v30 ? '3.0' : '3.5';
    t.deepEqual(notes, [`OpenSSL ${name} at security level 2 refuses TLSv1 and TLSv1.1.`]);
  }
});

test('OS-2b: 3.0 decides with the level of the selected context, 3.1 and newer with the one at version choice', t => {
  for (const [openssl, expected] of [
    [v30, 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
    [v35, 'TLSv1.2 TLSv1.3'],
  ] as const) {
    const initial = context(openssl, ALL, 'DEFAULT:@SECLEVEL=2');
    const selected = context(openssl, ALL, 'ALL:@SECLEVEL=0');
    t.is(names(serverVersions(openssl, initial, selected, { early: false, keys: ['rsa'] }).set), expected);
    t.is(
      names(serverVersions(openssl, initial, selected, { early: true, keys: ['rsa'] }).set),
      'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3',
    );
    t.is(names(serverVersions(openssl, selected, initial, { early: false, keys: ['rsa'] }).set), 'TLSv1.2 TLSv1.3');
  }
});

test('OS-2d: a list without @SECLEVEL keeps the level', t => {
  const one = context(v30, ALL, 'ALL:@SECLEVEL=0');
  t.is(setCipherList(v30, one, 'DEFAULT'), undefined);
  t.is(one.level, 0);
});

test('OS-3: a version needs a suite', t => {
  t.is(served(v30, context(v30, 'TLSv1 TLSv1.1 TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0')), 'TLSv1.2');
  t.is(served(v30, context(v30, 'TLSv1 TLSv1.1 TLSv1.2', 'ALL:!SSLv3:!TLSv1:@SECLEVEL=0')), 'TLSv1.2');
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'ECDHE-ECDSA-AES128-GCM-SHA256')), 'TLSv1.3');
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'ECDHE-ECDSA-AES128-GCM-SHA256'), ['rsa', 'ec']), 'TLSv1.2 TLSv1.3');
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'ECDHE-RSA-AES128-GCM-SHA256'), ['ec']), 'TLSv1.3');
});

test('OS-3: an unknown key matters only where the list hangs on it', t => {
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'HIGH:!aNULL'), [undefined]), 'TLSv1.2 TLSv1.3');
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'ECDHE-ECDSA-AES128-GCM-SHA256'), [undefined]), null);
  t.is(served(v30, context(v30, 'TLSv1.3', 'ECDHE-ECDSA-AES128-GCM-SHA256'), [undefined]), 'TLSv1.3');
  t.is(served(v30, context(v30, 'TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'), ['ec', undefined]), 'TLSv1.2');
});

test('OS-3: suites with DHE need parameters', t => {
  const dhe = context(v30, 'TLSv1.2 TLSv1.3', 'DHE-RSA-AES128-GCM-SHA256');
  t.is(served(v30, dhe), null);
  t.is(served(v30, { ...dhe, dh: true }), 'TLSv1.2 TLSv1.3');
  t.is(served(v30, { ...dhe, dh: false }), 'TLSv1.3');
});

test('OS-3: parameters help suites whose certificate the server has', t => {
  const rsa = context(v30, 'TLSv1.2 TLSv1.3', 'DHE-RSA-AES128-GCM-SHA256');
  const dss = context(v30, 'TLSv1.2 TLSv1.3', 'DHE-DSS-AES128-GCM-SHA256');
  const anonymous = context(v30, 'TLSv1.2 TLSv1.3', 'ADH-AES128-GCM-SHA256:@SECLEVEL=0');
  const rows: ReadonlyArray<readonly [Context, KeyType, boolean | undefined, string | null]> = [
    [rsa, 'ec', undefined, 'TLSv1.3'],
    [rsa, 'ec', true, 'TLSv1.3'],
    [rsa, undefined, undefined, null],
    [rsa, undefined, true, null],
    [rsa, undefined, false, 'TLSv1.3'],
    [dss, 'rsa', undefined, 'TLSv1.3'],
    [dss, 'ec', undefined, 'TLSv1.3'],
    [dss, undefined, undefined, null],
    [dss, undefined, false, 'TLSv1.3'],
    [anonymous, 'ec', undefined, null],
    [anonymous, 'ec', true, 'TLSv1.2 TLSv1.3'],
    [anonymous, 'ec', false, 'TLSv1.3'],
  ];
  for (const [one, key, dh, expected] of rows) {
    t.is(served(v30, dh === undefined ? one : { ...one, dh }, [key]), expected, `${one.ciphers} ${key} ${dh}`);
  }
});

test('OS-3: suites that need a password or a shared key serve nobody', t => {
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'PSK:SRP')), 'TLSv1.3');
});

test('OS-4: a server honours a gap, a client offers the lowest range', t => {
  const gap = context(v30, 'TLSv1.1 TLSv1.3', 'ALL:@SECLEVEL=0');
  t.is(served(v30, gap), 'TLSv1.1 TLSv1.3');
  const { set: offered, notes } = clientVersions(v30, gap);
  t.is(names(offered), 'TLSv1.1');
  t.deepEqual(notes, [
    'A client of OpenSSL offers the lowest range without a gap alone, so that TLSv1.3 is not offered.',
  ]);
});

test('OS-4: a client of 3.0 offers TLSv1 at level 2, one of 3.1 does not', t => {
  t.is(names(clientVersions(v30, context(v30, 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3')).set), 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3');
  t.is(names(clientVersions(v31, context(v31, 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3')).set), 'TLSv1.2 TLSv1.3');
});

test('OS-5: the self-check on the initial context ends every handshake', t => {
  const gcm = 'ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0';
  const bad = context(v30, 'TLSv1.1 TLSv1.3', gcm);
  const good = context(v30, 'TLSv1.2 TLSv1.3', gcm);
  t.is(served(v30, bad), '');
  t.is(names(serverVersions(v30, bad, good, { early: true, keys: ['rsa'] }).set), '');
  t.is(names(serverVersions(v30, good, bad, { early: true, keys: ['rsa'] }).set), 'TLSv1.3');
  const { notes } = serverVersions(v30, bad, good, { early: true, keys: ['rsa'] });
  t.deepEqual(notes, [
    'No cipher suite is set for TLSv1.1, the newest version below the first gap, so that OpenSSL 3.0 refuses every handshake.',
  ]);
  t.is(served(v30, context(v30, 'SSLv2')), '');
  const empty = context(v30, 'TLSv1.2 TLSv1.3');
  t.is(setCiphersuites(v30, empty, ''), undefined);
  t.is(served(v30, empty), '');
});

test('OS-6: system_default is applied to a new context', t => {
  const conf = [
    '# the usual way',
    'level = 1',
    'openssl_conf = openssl_init # start',
    '.include /etc/other.cnf',
    '[openssl_init]',
    'ssl_conf = ssl_sect',
    '[ ssl_sect ]',
    'system_default = sys',
    '[sys]',
    'MinProtocol = TLSv1.1',
    'MaxProtocol="TLSv1.2"',
    'CipherString = DEFAULT:\\',
    '@SECLEVEL=$level',
    '1.Protocol = -TLSv1.3',
    'Ciphersuites = TLS_AES_128_GCM_SHA256',
  ].join('\r\n');
  const made = createContext({ ...v30, conf });
  t.is(names(enabledVersions(made)), 'TLSv1.1 TLSv1.2');
  t.is(made.level, 1);
  t.is(made.ciphers, 'DEFAULT:@SECLEVEL=1');
  t.is(made.ciphersuites, 'TLS_AES_128_GCM_SHA256');
  t.is(names(made.flags), 'TLSv1 TLSv1.1 TLSv1.2');
  t.is(createContext({ ...v102, conf }).min, 0);
});

test('OS-6: a refused command ends the section in 1.1.1 and not in 3.0', t => {
  const conf = 'openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nNope=1\nMinProtocol=TLSv1.2\n';
  t.is(createContext({ ...v111, conf }).min, 0);
  t.is(names(createContext({ ...v30, conf }).min), 'TLSv1.2');
});

test('OS-6: one line that cannot be read makes the whole file void', t => {
  const good = 'openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nMinProtocol=TLSv1.2\n';
  t.is(names(createContext({ ...v30, conf: good }).min), 'TLSv1.2');
  for (const line of ['junk', '[c', 'x=$nope', 'x=${c::MinProtocol', '$x=1']) {
    t.is(createContext({ ...v30, conf: `${good}${line}\n` }).min, 0, line);
  }
});

test('OS-6: values have escapes, quotes and variables of the section or the default one', t => {
  const rows: ReadonlyArray<readonly [string, string]> = [
    ['HIGH:\\!aNULL', 'HIGH:!aNULL'],
    ['HIGH\\t', 'HIGH\t'],
    ['"HIGH:$level"', 'HIGH:$level'],
    ['"HIGH"\'#\'`:ALL` # kept apart', 'HIGH#:ALL'],
    ['HIGH:@SECLEVEL=${level}', 'HIGH:@SECLEVEL=1'],
    ['HIGH:@SECLEVEL=$(level):ALL', 'HIGH:@SECLEVEL=1:ALL'],
    ['$first::list:ALL', 'HIGH:ALL'],
    ['${first::list}:ALL', 'HIGH:ALL'],
    ['$MinProtocol', 'TLSv1.2'],
    ['$list$list', 'MEDIUMMEDIUM'],
  ];
  for (const [value, expected] of rows) {
    const sections =
      'level=1\nlist=MEDIUM\nopenssl_conf=a\n[first]\nlist=HIGH\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\n';
    const conf = `${sections}MinProtocol=TLSv1.2\nCipherString=${value}\n`;
    t.deepEqual(systemDefaults(conf), [
      ['MinProtocol', 'TLSv1.2'],
      ['CipherString', expected],
    ]);
  }
});

test('OS-6: variables do not grow beyond what the library takes', t => {
  const sections = (value: string) =>
    `openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nx=${value}\ny=$x$x\n`;
  t.is(systemDefaults(sections('h'.repeat(32_767))).length, 2);
  t.is(systemDefaults(sections('h'.repeat(32_768))).length, 0);
});

test('OS-6: a line that goes on at the end of the file is a line, and the later of two values counts', t => {
  const sections = 'openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\n';
  t.deepEqual(systemDefaults(`\uFEFF${sections}Options=a\\`), [['Options', 'a']]);
  t.deepEqual(systemDefaults(`${sections}Options=a\nX=1\nc::Options=b`), [
    ['X', '1'],
    ['Options', 'b'],
  ]);
  t.deepEqual(systemDefaults(`${sections}=a\n::X=1\nOptions=b`), [
    ['', 'a'],
    ['Options', 'b'],
  ]);
});

test('OS-7: names ignore case, bounds do not', t => {
  const one = createContext(v30);
  t.is(confCommand(v30, one, 'minprotocol', 'TLSv1.2'), undefined);
  t.is(names(enabledVersions(one)), 'TLSv1.2 TLSv1.3');
  t.is(confCommand(v30, one, 'MinProtocol', 'tlsv1.2'), 'value');
  t.is(confCommand(v30, one, 'MinProtocol', 'TLSv1.0'), 'value');
  t.is(confCommand(v30, one, 'MaxProtocol', 'TLSv1.1'), undefined);
  t.is(enabledVersions(one), 0);
  t.is(confCommand(v30, one, 'MinProtocol', 'None'), undefined);
  t.is(names(enabledVersions(one)), 'TLSv1 TLSv1.1');
  t.is(confCommand(v30, one, 'Nope', '1'), 'unknown');
  t.is(confCommand(v102, createContext(v102), 'MinProtocol', 'TLSv1.2'), 'unknown');
});

test('OS-7: Protocol is read from left to right', t => {
  const rows: ReadonlyArray<readonly [string, string | undefined]> = [
    ['TLSv1.3', 'TLSv1.2 TLSv1.3'],
    ['-tlsv1.2', ''],
    ['-ALL, TLSv1.3', 'TLSv1.3'],
    ['TLSv1.2,-ALL', ''],
    ['ALL', 'SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
    ['TLSv1.2,', undefined],
    ['TLSv1.2 TLSv1.3', undefined],
    ['', undefined],
  ];
  for (const [value, expected] of rows) {
    const one = context(v30, 'TLSv1.2');
    t.is(confCommand(v30, one, 'Protocol', value), expected === undefined ? 'value' : undefined, value);
    t.is(names(one.flags), expected ?? 'TLSv1.2', value);
  }
});

test('OS-7: other commands', t => {
  const rows: ReadonlyArray<readonly [OpensslTarget, string, string, 'unknown' | 'value' | undefined]> = [
    [v30, 'Options', '-SessionTicket,PrioritizeChaCha', undefined],
    [v30, 'Options', 'NoTLSv1', 'value'],
    [v30, 'CipherString', 'NOSUCH', 'value'],
    [v30, 'Ciphersuites', 'NOSUCH', 'value'],
    [v30, 'Ciphersuites', 'NOSUCH:TLS_AES_128_GCM_SHA256', undefined],
    [v111, 'Ciphersuites', 'NOSUCH:TLS_AES_128_GCM_SHA256', 'value'],
    [v102, 'Ciphersuites', 'TLS_AES_128_GCM_SHA256', 'unknown'],
    [v30, 'VerifyMode', 'Peer', undefined],
    [v30, 'Groups', 'X25519:P-256', undefined],
    [v102, 'Groups', 'P-256', 'unknown'],
    [v102, 'Curves', 'P-256', undefined],
    [v30, 'Protocol', 'DTLSv1, -DTLSv1.2', undefined],
    [v102, 'Protocol', 'DTLSv1', 'value'],
    [v102, 'Protocol', 'TLSv1.3', 'value'],
    [v30, 'MinProtocol', 'DTLSv1.2', undefined],
    [v111, 'MinProtocol', 'DTLSv1', 'value'],
    [target('1.1.0l', 1), 'MaxProtocol', 'TLSv1.3', 'value'],
    [v30, 'NumTickets', ' -1', 'value'],
    [v30, 'NumTickets', '2', undefined],
    [v30, 'ECDHParameters', '+Automatic', undefined],
    [v30, 'ECDHParameters', 'P-256', undefined],
    [v30, 'ECDHParameters', 'P-256:P-384', 'value'],
    [v30, 'DHParameters', 'dh.pem', undefined],
  ];
  for (const [openssl, name, value, expected] of rows) {
    t.is(
      confCommand(openssl, createContext(openssl), name, value),
      expected,
      `${openssl.version.text} ${name} ${value}`,
    );
  }
});

test('NX-E1: groups that TLSv1.3 does not have', t => {
  const groups = 'brainpoolP256r1';
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'ALL:@SECLEVEL=0', { groups })), 'TLSv1.2');
  t.is(served(v111, context(v111, 'TLSv1.2 TLSv1.3', 'ALL:@SECLEVEL=0', { groups })), 'TLSv1.2 TLSv1.3');
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3', 'ALL', { groups: `${groups}:secp384r1` })), 'TLSv1.2 TLSv1.3');
  const one = context(v30, 'TLSv1.2 TLSv1.3', 'DEFAULT', { groups });
  t.deepEqual(serverVersions(v30, one, one, { early: false, keys: ['rsa'] }).notes, [
    'None of the groups `brainpoolP256r1` can be used in TLSv1.3, so that OpenSSL 3.0 does not offer it.',
  ]);
});

test('groups that only TLSv1.3 has leave ECDHE none in TLSv1.2', t => {
  const groups = 'X25519MLKEM768';
  const list = 'ECDHE-RSA-AES128-GCM-SHA256';
  t.is(served(v35, context(v35, 'TLSv1.2 TLSv1.3', list, { groups })), 'TLSv1.3');
  t.is(served(v35, context(v35, 'TLSv1.2 TLSv1.3', list, { groups: `${groups}:X25519` })), 'TLSv1.2 TLSv1.3');
});

test('groups that a release does not know are refused, those of known providers from 3.0 on are not', t => {
  const rows: ReadonlyArray<readonly [OpensslTarget, string, boolean]> = [
    [v30, 'X25519MLKEM768:X25519', false],
    [v35, 'X25519MLKEM768:X25519', true],
    [v35, '?X25519MLKEM768:?new:X25519', true],
    [v30, 'nope', false],
    [v35, 'X25519:nope:P-256', false],
    [v30, 'p256_kyber512', true],
    [v111, 'p256_kyber512', false],
    [v30, 'secp256r1:x25519', true],
    [v111, 'secp256r1', false],
    [v30, 'PRIME256V1', false],
    [v30, 'P-256:prime256v1', false],
    [v30, 'P-256::P-384', false],
    [v35, 'P-256:P-256', true],
    [v35, 'DEFAULT', true],
    [v111, 'X25519:prime256v1:secp384r1:brainpoolP256r1:sect283k1', true],
    [v102, 'X25519:prime256v1', false],
    [v102, 'prime256v1', true],
    [v30, '', false],
  ];
  for (const [openssl, list, accepted] of rows) {
    const one = createContext(openssl);
    t.is(setGroups(openssl, one, list) === undefined, accepted, `${openssl.version.text} ${list}`);
    t.is(one.groups, accepted ? list : undefined);
  }
});

test('signature algorithms that a release does not know are refused', t => {
  const rows: ReadonlyArray<readonly [OpensslTarget, string, boolean]> = [
    [v30, 'RSA+SHA256:rsa_pss_rsae_sha256:ECDSA+SHA384', true],
    [v30, 'RSA+sha256: ed25519', true],
    [v30, 'rsa+SHA256', false],
    [v30, 'RSA+SHA256:nope', false],
    [v30, 'RSA+SHA256:', false],
    [v30, 'RSA+SHA256:rsa_pkcs1_sha256', false],
    [v30, 'RSA+MD5', false],
    [v102, 'RSA+MD5', true],
    [v102, 'rsa_pss_rsae_sha256', false],
    [v35, '?nope:mldsa44', true],
    [v35, 'nope', false],
    [v30, '', false],
  ];
  for (const [openssl, list, accepted] of rows) {
    for (const command of ['SignatureAlgorithms', 'ClientSignatureAlgorithms']) {
      const fault = confCommand(openssl, createContext(openssl), command, list);
      t.is(fault, accepted ? undefined : 'value', `${openssl.version.text} ${list}`);
    }
  }
});

test('signature algorithms can leave TLSv1.3 none', t => {
  const made = (signatures: string) => context(v30, 'TLSv1 TLSv1.2 TLSv1.3', 'ALL:@SECLEVEL=0', { signatures });
  t.is(served(v30, made('RSA+SHA256')), 'TLSv1 TLSv1.2');
  t.is(served(v30, made('RSA+SHA256:PSS+SHA256')), 'TLSv1 TLSv1.2 TLSv1.3');
  t.is(served(v30, made('ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512'), ['ec']), 'TLSv1 TLSv1.2 TLSv1.3');
  t.is(served(v30, made('ECDSA+SHA1'), ['ec']), 'TLSv1 TLSv1.2');
  t.is(served(v30, made('ECDSA+SHA256'), ['ec']), null);
  t.is(served(v30, { ...made('ECDSA+SHA256'), flags: set('TLSv1.3') }, ['ec']), null);
  t.is(served(v30, { ...made('ECDSA+SHA1'), flags: set('TLSv1.3') }, ['ec']), '');
  t.is(served(v30, made('RSA+SHA256'), ['rsa', 'ec']), null);
  t.is(served(v30, made('ECDSA+SHA256')), null);
});

test('without a certificate only anonymous suites are left', t => {
  const one = context(v30, 'TLSv1.2 TLSv1.3', 'ALL:@SECLEVEL=0');
  t.is(served(v30, one, []), 'TLSv1.2');
  t.is(served(v30, context(v30, 'TLSv1.2 TLSv1.3'), []), '');
});

test('Suite B wants an EC certificate in TLSv1.3 as well', t => {
  const one = context(v30, 'TLSv1.2 TLSv1.3', 'SUITEB128');
  t.is(served(v30, one, ['rsa']), '');
  t.is(served(v30, one, ['rsa', 'ec']), 'TLSv1.2 TLSv1.3');
  t.is(served(v30, one, [undefined]), null);
});

test('Suite B rules out old versions, groups and later lists', t => {
  const one = context(v30, 'TLSv1 TLSv1.2 TLSv1.3', 'SUITEB128', { groups: 'ffdhe2048' });
  t.is(served(v30, one, ['ec']), 'TLSv1.2 TLSv1.3');
  t.is(setCipherList(v30, one, 'ECDHE-RSA-AES256-SHA'), undefined);
  t.is(one.ciphers, 'SUITEB128');
});

test('a level rules out suites of TLSv1.3, and a list may name none of the release', t => {
  const rows: ReadonlyArray<readonly [OpensslTarget, string, number, string]> = [
    [v30, 'TLS_AES_128_CCM_8_SHA256', 0, 'TLSv1.3'],
    [v30, 'TLS_AES_128_CCM_8_SHA256', 1, ''],
    [v30, 'TLS_AES_128_CCM_SHA256', 3, 'TLSv1.3'],
    [v30, 'TLS_AES_128_CCM_SHA256', 4, ''],
    [v30, 'TLS_AES_128_CCM_SHA256:TLS_AES_256_GCM_SHA384', 5, 'TLSv1.3'],
    [target('3.4', 0), 'TLS_SHA256_SHA256', 0, 'TLSv1.3'],
    [target('3.4', 0), 'TLS_SHA256_SHA256', 1, ''],
  ];
  for (const [openssl, ciphersuites, level, expected] of rows) {
    const one = context(openssl, 'TLSv1.3', 'ALL', { ciphersuites, level });
    t.is(served(openssl, one), expected, `${openssl.version.text} ${ciphersuites} ${level}`);
    t.is(names(clientVersions(openssl, one).set), expected);
  }
  const none = context(v30, 'TLSv1.2 TLSv1.3', 'ALL', { ciphersuites: 'TLS_AES_128_CCM_8_SHA256' });
  const { notes } = serverVersions(v30, none, none, { early: false, keys: ['rsa'] });
  t.deepEqual(notes, ['No TLSv1.3 cipher suite is left, so that TLSv1.3 cannot be used.']);
});

test('1.1.0 and older take any list for TLSv1.3 and do nothing with it', t => {
  const one = createContext(v102);
  t.is(setCiphersuites(v102, one, 'NOSUCH'), undefined);
  t.is(one.ciphersuites, undefined);
});

test('a suite is as strong, and of the versions, as its release says', t => {
  const rows: ReadonlyArray<readonly [OpensslTarget, string, string]> = [
    [v31, 'ECDHE-RSA-AES128-GCM-SHA256:AES128-CCM8:@SECLEVEL=1', 'TLSv1.2'],
    [v31, 'AES128-CCM8:@SECLEVEL=1', 'TLSv1.2'],
    [v35, 'AES128-CCM8:@SECLEVEL=1', ''],
    [v35, 'AES128-CCM8:@SECLEVEL=0', 'TLSv1.2'],
    [target('1.1.0l', 0), 'IDEA-CBC-SHA', 'TLSv1.1'],
    [v102, 'IDEA-CBC-SHA', 'TLSv1.1 TLSv1.2'],
    [v111, 'AES128-SHA:@SECLEVEL=3', ''],
    [v30, 'NULL-SHA256:@SECLEVEL=1', ''],
  ];
  for (const [openssl, list, expected] of rows) {
    t.is(served(openssl, context(openssl, 'TLSv1.1 TLSv1.2', list)), expected, `${openssl.version.text} ${list}`);
  }
});

test('classes of strength are what their names say', t => {
  const old = target('1.0.2f', 0);
  const classes = { EXPORT40: ['EXP40'], EXPORT: ['EXP40', 'EXP56'], LOW: ['LOW'], MEDIUM: ['MEDIUM'], HIGH: ['HIGH'] };
  for (const [word, expected] of Object.entries(classes)) {
    const { suites } = evaluateCipherList(old, suitesOf(old), word);
    t.deepEqual(
      [...new Set(suites.map(({ strength }) => strength))].filter(each => !expected.includes(each)),
      [],
      word,
    );
    t.true(suites.length > 0, word);
  }
});

test('aliases of two properties mean suites with both', t => {
  const both = {
    EDH: 'DHE DSS, DHE RSA',
    ECDHE: 'ECDHE ECDSA, ECDHE RSA',
    RSA: 'RSA RSA',
    ADH: 'DHE None',
    AECDH: 'ECDHE None',
  };
  for (const [word, expected] of Object.entries(both)) {
    const found = evaluateCipherList(v30, suitesOf(v30), word).suites.map(({ kx, auth }) => `${kx} ${auth}`);
    t.is([...new Set(found)].sort().join(', '), expected, word);
  }
});

test('a level is one digit from 0 to 5', t => {
  for (const [list, level] of [
    ['ALL:@SECLEVEL=5', 5],
    ['ALL:@SECLEVEL=0', 0],
    ['ALL:@SECLEVEL=6', undefined],
    ['ALL:@SECLEVEL=x', undefined],
    ['ALL:@SECLEVEL=22', undefined],
    ['ALL:@SECLEVEL:2', undefined],
    ['ALL:@SECLEVEL-2', undefined],
    ['ALL:@SECLEVEL', undefined],
  ] as const) {
    const { error, level: found } = evaluateCipherList(v30, suitesOf(v30), list);
    t.deepEqual([error, found], [level === undefined ? 'invalid command' : undefined, level], list);
  }
});

test('a level rules out groups', t => {
  const groups = 'ffdhe2048';
  t.is(served(v30, context(v30, 'TLSv1.3', 'DEFAULT:@SECLEVEL=2', { groups })), 'TLSv1.3');
  t.is(served(v30, context(v30, 'TLSv1.3', 'DEFAULT:@SECLEVEL=3', { groups })), '');
});

test('notes tell why a version has no suite', t => {
  const rows: ReadonlyArray<readonly [string, readonly string[]]> = [
    ['AES128-SHA:!TLSv1.2:@SECLEVEL=0', []],
    ['ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0', ['The cipher list has no suite for TLSv1.1.']],
    ['NULL-SHA256:AES128-SHA:@SECLEVEL=3', ['None of the cipher suites for TLSv1.2 can be used at security level 3.']],
    [
      'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0',
      ['None of the cipher suites for TLSv1.1 and TLSv1.2 works with an RSA certificate.'],
    ],
  ];
  for (const [list, expected] of rows) {
    const one = context(v30, 'TLSv1.1 TLSv1.2', list);
    const { notes } = serverVersions(v30, one, one, { early: false, keys: ['rsa'] });
    t.deepEqual(
      notes.filter(note => !note.startsWith('OpenSSL 3.0 at security level')),
      expected,
      list,
    );
  }
});

test('OS-2: before 1.1.1e nothing checks the signature of TLSv1.1', t => {
  const list = 'DEFAULT:@SECLEVEL=2';
  const v111d = { ...v111, version: version('1.1.1d') };
  t.is(served(v111, context(v111, 'TLSv1.1 TLSv1.2', list), ['ec']), 'TLSv1.2');
  t.is(served(v111d, context(v111d, 'TLSv1.1 TLSv1.2', list), ['ec']), 'TLSv1.1 TLSv1.2');
});

test('the same question gets the same object', t => {
  const ask = () => {
    const one = context(v30, 'TLSv1.2 TLSv1.3', 'HIGH:!aNULL');
    return serverVersions(v30, one, one, { early: false, keys: ['rsa'] });
  };
  t.is(ask(), ask());
});

test('words that speak of strength share one word of bits, with its oddities', t => {
  const names = (list: string) =>
    evaluateCipherList(v30, suitesOf(v30), list)
      .suites.map(suite => suite.name)
      .join(' ');
  t.is(names('ALL:!COMPLEMENTOFDEFAULT+HIGH'), names('ALL:!HIGH'));
  t.not(names('ALL:!HIGH+COMPLEMENTOFDEFAULT'), names('ALL:!HIGH'));
  t.is(names('COMPLEMENTOFDEFAULT+AES128-SHA'), 'AES128-SHA');
  t.is(names('FIPS+HIGH'), '');
});
