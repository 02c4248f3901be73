/** What the rules' wishes become in `.reg` files: exact texts in their own encoding, and a second run that is silent. */
import { Buffer } from 'node:buffer';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { applyEdits } from '../fixers/apply.js';
import { insertKeys, insertValues, setNumber } from '../fixers/registry.js';
import type { RegistryKey, RegistryValue } from '../parsers/ast.js';
import { keys, parse } from '../parsers/registry/index.js';
import { windows } from '../src/dialects/windows/index.js';
import { memoryHost } from '../src/host.js';
import { lintText } from '../src/lint-text.js';
import { DEPRECATED, NONE } from '../src/model/protocols.js';
import type { Model, Remedy } from '../src/model/types.js';
import { targetRange } from '../src/targets.js';
import { runs } from './helpers/properties.js';
import { FIXED, tlslint, workspace } from './helpers/run-cli.js';

const HEADER = 'Windows Registry Editor Version 5.00';
const BASE = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols';

function keyOf(text: string, index = 0): RegistryKey {
  return [...keys(parse(text).tree)][index]!;
}

function firstValue(text: string): RegistryValue {
  return keyOf(text).children.find(node => node.type === 'value')!;
}

const NUMBERS: ReadonlyArray<readonly [string, number, string]> = [
  ['"a"=dword:00000001', 0, '"a"=dword:00000000'],
  ['"a"=dword:1 ; why', 0, '"a"=dword:0 ; why'],
  ['"a"=dword:FFFFFFFF', 0x2_0a, '"a"=dword:0000020A'],
  ['"a"=dword: \t0', 0xff, '"a"=dword: \tff'],
  ['"a" = hex(4):01,00,\\\n  00,00', 0, '"a" = dword:00000000'],
  ['"a"="1"', 1, '"a"=dword:00000001'],
];
for (const [line, number, expected] of NUMBERS) {
  test(`a number in place of another: ${line}`, t => {
    const text = `${HEADER}\n[K]\n${line}\n`;
    const edit = setNumber('a.reg', parse(text).tree.source, firstValue(text), number);
    t.is(applyEdits(text, [edit]), `${HEADER}\n[K]\n${expected}\n`);
  });
}

const INSERTED: ReadonlyArray<readonly [string, string, string]> = [
  [
    'behind the last value and its comment',
    '[K]\r\n"a"=dword:1 ; x\r\n\r\n; next\r\n[L]\r\n',
    '[K]\r\n"a"=dword:1 ; x\r\n"n"=dword:00000007\r\n\r\n; next\r\n[L]\r\n',
  ],
  ['behind the head of an empty key', '[K] ; x\n[L]\n', '[K] ; x\n"n"=dword:00000007\n[L]\n'],
  ['at the end of a file without a line ending', '[K]\n"a"=-', '[K]\n"a"=-\n"n"=dword:00000007'],
  ['with the blanks of its neighbour', '[K]\n  "a"=dword:1\n', '[K]\n  "a"=dword:1\n  "n"=dword:00000007\n'],
  ['behind bytes over several lines', '[K]\n"a"=hex:01,\\\n  02\n', '[K]\n"a"=hex:01,\\\n  02\n"n"=dword:00000007\n'],
  ['where CR ends lines', '[K]\r"a"=dword:1\r[L]\r', '[K]\r"a"=dword:1\r"n"=dword:00000007\r[L]\r'],
];
for (const [title, body, expected] of INSERTED) {
  test(`a value is inserted ${title}`, t => {
    const text = `${HEADER}\n${body}`;
    const { source } = parse(text).tree;
    const edit = insertValues('a.reg', source, keyOf(text), [{ name: 'n', number: 7 }]);
    t.is(applyEdits(text, [edit]), `${HEADER}\n${expected}`);
  });
}

const ADDED: ReadonlyArray<readonly [string, string, string]> = [
  ['after an empty line', '[K]\n"a"=dword:1\n\n[L]\n', '[K]\n"a"=dword:1\n\n[M]\n"n\\"\\\\"=dword:00000000\n\n[L]\n'],
  [
    'close together where all are',
    '[K]\n"a"=dword:1\n[L]\n',
    '[K]\n"a"=dword:1\n[M]\n"n\\"\\\\"=dword:00000000\n[L]\n',
  ],
  ['after a comment on the same line', '[K]\n"a"="b" ; c', '[K]\n"a"="b" ; c\n\n[M]\n"n\\"\\\\"=dword:00000000'],
];
for (const [title, body, expected] of ADDED) {
  test(`a key is inserted ${title}`, t => {
    const text = `${HEADER}\n${body}`;
    const made = [{ name: 'M', values: [{ name: 'n"\\', number: 0 }] }];
    const edit = insertKeys('a.reg', parse(text).tree.source, keyOf(text), made);
    t.is(applyEdits(text, [edit]), `${HEADER}\n${expected}`);
    t.deepEqual(parse(applyEdits(text, [edit])).problems, []);
  });
}

/** UTF-16 as the registry editor writes it, with what must not change in it. */
const EXPORT = `\ufeff${HEADER}\r\n\r\n; Größe \ud83d\ude00 \ud800\r\n[${BASE}\\TLS 1.0\\Server]\r\n"Enabled"=dword:ffffffff\r\n"Note"="a\\\\b \udc00"\r\n"Bytes"=hex(7):61,00,\\\r\n  00,00\r\n\r\n[${BASE}\\TLS 1.1\\Server]\r\n"DisabledByDefault"=dword:00000001\r\n\r\n`;
const MENDED = EXPORT.replace('ffffffff', '00000000');

test('--write keeps UTF-16, its mark, its line endings and what else is in the file, byte for byte', t => {
  const cwd = workspace(t, {});
  const file = path.join(cwd, 'tls.reg');
  writeFileSync(file, Buffer.from(EXPORT, 'utf16le'));
  const args = ['--server', 'windows@2019'];
  const found = tlslint(cwd, [...args, 'tls.reg']);
  t.is(found.status, 1, found.stderr);
  t.regex(found.stdout, /^tls\.reg:5:1 error deprecated-protocol\n/);
  t.is(tlslint(cwd, ['--write', ...args, 'tls.reg']).status, 0);
  t.deepEqual(readFileSync(file), Buffer.from(MENDED, 'utf16le'));
  t.like(tlslint(cwd, [...args, 'tls.reg']), { status: 0, stdout: '', stderr: '' });
  t.is(tlslint(cwd, ['undo']).status, 0);
  t.deepEqual(readFileSync(file), Buffer.from(EXPORT, 'utf16le'));
});

test('--diff is UTF-8, as git takes it for a file whose encoding it is told', t => {
  const cwd = workspace(t, { '.gitattributes': '*.reg text working-tree-encoding=UTF-16LE-BOM eol=crlf\n' });
  const file = path.join(cwd, 'tls.reg');
  const plain = EXPORT.replace(/[\ud800\udc00](?![\udc00-\udfff])/gu, '').replace('\ud83d\ude00', '');
  writeFileSync(file, Buffer.from(plain, 'utf16le'));
  const { status, stdout } = tlslint(cwd, ['--diff', '--server', 'windows@2019', 'tls.reg']);
  t.is(status, 1);
  t.regex(stdout, /\n-"Enabled"=dword:ffffffff\r?\n\+"Enabled"=dword:00000000\r?\n/);
  t.false(stdout.includes('\0'));
});

test('.reg files are found in directories; those that say nothing of TLS are passed by', t => {
  const cwd = workspace(t, {
    'a/tls.reg': `REGEDIT4\r\n\r\n[${BASE}\\TLS 1.0\\Client]\r\n"Enabled"=dword:00000001\r\n`,
    'a/other.reg': `${HEADER}\r\n\r\n[HKEY_CURRENT_USER\\x]\r\n"a"=dword:1\r\n`,
    'b/nginx.conf': 'events {}\n',
  });
  mkdirSync(path.join(cwd, 'c'));
  writeFileSync(path.join(cwd, 'c/none.reg'), Buffer.from(`\ufeff${HEADER}\r\n`, 'utf16le'));
  const { status, stdout } = tlslint(cwd, ['--list-files', '.']);
  t.is(status, 0);
  t.is(stdout, 'a/tls.reg\nb/nginx.conf\n');
  // One that is named is read, and has nothing to say.
  t.like(tlslint(cwd, ['a/other.reg']), { status: 0, stdout: '', stderr: '' });
  t.is(tlslint(cwd, ['--server', 'windows', 'a/other.reg']).status, 0);
  t.is(tlslint(cwd, ['--force-exclude', 'a/other.reg']).status, 0);
});

test('inspect, ast, explain and stdin know .reg files', t => {
  const cwd = workspace(t, { 'tls.reg': `${HEADER}\n\n[${BASE}\\TLS 1.0\\Server]\n"Enabled"=dword:00000000\n` });
  const inspected = tlslint(cwd, ['inspect', '--server', 'windows@2019', 'tls.reg']);
  t.is(inspected.status, 0);
  t.regex(inspected.stdout, /^tls\.reg \(Windows Server 2019\)\n/);
  t.regex(inspected.stdout, /schannel server {2}Schannel server {2}· {6} · {6} ✓ {6} ✓ {6} · {8}tls\.reg:4\n/);
  const json = JSON.parse(tlslint(cwd, ['inspect', '--format', 'json', 'tls.reg']).stdout);
  t.deepEqual(json.roots[0].target, { server: 'Server 2012 R2 to Server 2022', assumed: ['server'] });
  const rows = tlslint(cwd, ['ast', 'tls.reg']).stdout.trimEnd().split('\n');
  t.like(JSON.parse(rows[1]!), { key: `${BASE}\\TLS 1.0\\Server`, name: 'Enabled', data: 0, line: 4 });
  t.regex(tlslint(cwd, ['explain', 'missing-tls12']).stdout, /SystemDefaultTlsVersions/);
  const stdin = tlslint(cwd, ['--server', 'windows@2019', '-'], readFileSync(path.join(cwd, 'tls.reg'), 'utf8'));
  t.is(stdin.status, 1);
  t.regex(stdin.stdout, /^<stdin>:3:1 error implicit-protocol/);
});

test('who asks for an address is answered by what listens on addresses', t => {
  const cwd = workspace(t, {
    'a.reg': `${HEADER}\n\n[${BASE}\\TLS 1.0\\Server]\n"DisabledByDefault"=dword:00000001\n`,
    'nginx.conf': FIXED,
  });
  const asked = (...paths: string[]) => tlslint(cwd, ['inspect', ...paths, '--connect', '127.0.0.1:443']).stdout;
  t.regex(asked('.'), /decided by {2}nginx\.conf:3:/);
  t.regex(asked('a.reg'), /The registry says nothing of addresses/);
  t.regex(tlslint(cwd, ['inspect', 'a.reg']).stdout, /`TLSv1` is off by default; a program that asks for it gets it/);
});

test('a file that the editor would not read whole is said and not written', t => {
  const broken = `${HEADER}\n\n[${BASE}\\TLS 1.0\\Server]\n"Enabled"=dword:00000001\n"x"=dword:\n`;
  const cwd = workspace(t, { 'tls.reg': broken });
  const { status, stdout } = tlslint(cwd, ['--write', 'tls.reg']);
  t.is(status, 2);
  t.regex(stdout, /tls\.reg:5:11 error syntax/);
  t.is(readFileSync(path.join(cwd, 'tls.reg'), 'utf8'), broken);
});

const WINHTTP = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\WinHttp';

test('a mask gets the bits that are required and loses those that are ruled out', async t => {
  const mask = (number: string) => `${HEADER}\n\n[${WINHTTP}]\n"DefaultSecureProtocols"=dword:${number}\n`;
  const options = { path: 'a.reg', server: 'windows@2019', unsafeFixes: true };
  t.is((await lintText(mask('00000080'), options)).fixed, mask('00000800'));
});

/** What is not written, and why. */
const LEFT: ReadonlyArray<readonly [name: string, body: string, options: object, reason: string]> = [
  [
    'a version that a release does not know',
    `[${BASE}\\TLS 1.2\\Server]\n"Enabled"=dword:00000001\n`,
    { server: 'windows@2019', policy: 'modern' },
    '`TLSv1.3` is not known to all targets',
  ],
];

for (const [name, body, options, reason] of LEFT) {
  test(`left to the author: ${name}`, async t => {
    const text = `${HEADER}\n\n${body}`;
    const { fixed, findings } = await lintText(text, { path: 'a.reg', ...options });
    t.is(fixed, text);
    t.true(
      findings.some(({ fix }) => fix?.reason === reason),
      JSON.stringify(findings.map(({ fix }) => fix)),
    );
  });
}

test('what no fix is for is left alone', t => {
  const text = `${HEADER}\n\n[${BASE}\\TLS 1.0\\Server]\n"Enabled"=dword:00000001\n`;
  const { targets } = targetRange('windows', [], {});
  const model = load(text);
  const at = { ...model.statements[0]!.origin };
  const reason = (remedy: Remedy) => {
    const { applicability, edits, reason: why } = model.fix(remedy, targets);
    t.deepEqual([applicability, edits], ['manual', []]);
    return why;
  };
  const wish = { set: 'protocols', endpoints: [], require: NONE, forbid: DEPRECATED, add: NONE } as const;
  t.is(reason({ set: 'removal', at }), 'a value is not taken out of a `.reg` file');
  t.is(reason({ ...wish, at }), 'what decides is not in this file');
  t.is(reason({ ...wish, endpoints: load(text).endpoints }), 'what decides is not in this file');
  const odd = load(`${HEADER}\n\n[${WINHTTP}]\n"DefaultSecureProtocols"="x"\n`);
  t.is(odd.fix({ ...wish, endpoints: odd.endpoints }, targets).reason, 'its data is no number');
});

function load(text: string): Model {
  const [target] = targetRange('windows', [], {}).targets;
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: target! };
  return windows.load('/a.reg', memoryHost(new Map([['/a.reg', text]])), settings);
}

const VERSIONS = ['SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'];
const OTHER_KEYS: ReadonlyArray<readonly [string, string]> = [
  ['HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319', 'SchUseStrongCrypto'],
  ['HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\.NETFramework\\v2.0.50727', 'SystemDefaultTlsVersions'],
  [
    'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\WinHttp',
    'DefaultSecureProtocols',
  ],
  ['HKEY_CURRENT_USER\\Control Panel', 'Enabled'],
];

/** A key of any of these with one or two values. */
const block = fc.oneof(
  fc
    .record({
      version: fc.constantFrom(...VERSIONS),
      role: fc.constantFrom('Server', 'Client', 'server'),
      enabled: fc.constantFrom('', '00000000', '00000001', 'ffffffff'),
      disabled: fc.constantFrom('', '00000000', '00000001'),
      removes: fc.constantFrom('', '', '', '-'),
    })
    .map(({ version, role, enabled, disabled, removes }) => {
      const lines = [`[${removes}${BASE}\\${version}\\${role}]`];
      if (enabled) lines.push(`"Enabled"=dword:${enabled}`);
      if (disabled) lines.push(`"DisabledByDefault"=dword:${disabled} ; kept`);
      return lines;
    }),
  fc
    .record({
      at: fc.nat(OTHER_KEYS.length - 1),
      data: fc.constantFrom('00000000', '00000001', '00000a80', '00000800'),
    })
    .map(({ at, data }) => [`[${OTHER_KEYS[at]![0]}]`, `"${OTHER_KEYS[at]![1]}"=dword:${data}`]),
);

test('property: every fix that is offered is made, leaves the rest alone, and the second run is silent', async t => {
  const files = fc.record({
    blocks: fc.array(block, { minLength: 1, maxLength: 6 }),
    server: fc.constantFrom('windows', 'windows@2008r2', 'windows@2016', 'windows@2022', 'windows@2025'),
    eol: fc.constantFrom('\n', '\r\n'),
    apart: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(files, async ({ blocks, server, eol, apart }) => {
      const text = [HEADER, '', ...blocks.flatMap(lines => (apart ? [...lines, ''] : lines))].join(eol);
      const options = { path: 'a.reg', server, unsafeFixes: true };
      const first = await lintText(text, options);
      const second = await lintText(first.fixed, options);
      const fixable = second.findings.filter(({ fix }) => fix !== undefined && fix.applicability !== 'manual');
      t.deepEqual(fixable, [], `${server}\n${text}\n---\n${first.fixed}`);
      t.true(keepsOrder(untouched(text), untouched(first.fixed)), first.fixed);
      t.deepEqual(parse(first.fixed).problems, []);
    }),
    { numRuns: runs(120) },
  );
});

/** Lines that no fix changes. */
function untouched(text: string): string[] {
  return text.split(/\r?\n/).filter(line => !/^"(?:Enabled|DisabledByDefault|Sch|System|Default)/.test(line));
}

function keepsOrder(before: readonly string[], after: readonly string[]): boolean {
  let at = 0;
  for (const line of after) if (line === before[at]) at++;
  return at === before.length;
}
