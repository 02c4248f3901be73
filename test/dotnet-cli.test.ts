import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { tlslint, workspace } from './helpers/run-cli.js';

const OLD = 'ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;\r\n';
const NEW = 'ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls12;\r\n';
const CONFIGURATION =
  '<configuration>\r\n  <system.web>\r\n    <compilation targetFramework="4.8" />\r\n  </system.web>\r\n</configuration>\r\n';

test('a walk passes by what says nothing of versions; a file that is named is read', t => {
  const cwd = workspace(t, {
    'src/A.cs': OLD,
    'src/B.cs': 'class B { /* protocols */ }',
    'src/broken.cs': 'class C { /* ',
    'packages.config': '<packages><package id="x" targetFramework="net45" /></packages>',
    'src/a.txt': OLD,
  });
  const walked = tlslint(cwd, ['--format', 'compact', '.']);
  t.is(walked.status, 1);
  t.deepEqual([...new Set(walked.stdout.split('\n').map(line => line.split(':')[0]))].filter(Boolean), ['src/A.cs']);
  t.like(tlslint(cwd, ['src/B.cs', 'packages.config']), { status: 0, stdout: '', stderr: '' });
  t.regex(tlslint(cwd, ['src/broken.cs']).stdout, /error syntax/);
});

test('a hint alone is no reason to fail', t => {
  const cwd = workspace(t, { 'A.cs': NEW });
  const { status, stdout } = tlslint(cwd, ['A.cs']);
  t.is(status, 0);
  t.regex(stdout, /info hard-coded-protocol/);
});

test('the version of the framework may be named', t => {
  const cwd = workspace(t, {
    'a.config':
      '<configuration><runtime><AppContextSwitchOverrides value="Switch.System.Net.DontEnableSchUseStrongCrypto=true"/></runtime></configuration>',
  });
  t.is(tlslint(cwd, ['--server', 'dotnet@4.5', 'a.config']).status, 1);
  t.is(tlslint(cwd, ['--server', 'dotnet@4.8', 'a.config']).status, 0);
});

const encodings: Array<[string, (text: string) => Buffer]> = [
  ['UTF-8', text => Buffer.from(text)],
  ['UTF-8 with a BOM', text => Buffer.from(`\ufeff${text}`)],
  ['UTF-16', text => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['Windows-1252', text => Buffer.from(text, 'latin1')],
];
for (const [title, bytes] of encodings) {
  test(`fixes keep ${title}, line endings and all else`, t => {
    const cwd = workspace(t, {});
    const around = (line: string) => `// Grüße an Zoë\r\n${line}// naïve\n`;
    const web = (line: string) =>
      CONFIGURATION.replace('\r\n', `\r\n  <!-- Grüße -->\r\n`).replace('  </system', `${line}  </system`);
    writeFileSync(path.join(cwd, 'A.cs'), bytes(around(OLD)));
    writeFileSync(path.join(cwd, 'Web.config'), bytes(web('')));
    const { status, stderr } = tlslint(cwd, ['--write', '--unsafe-fixes', '.']);
    t.is(stderr, '');
    t.is(status, 0);
    t.deepEqual(readFileSync(path.join(cwd, 'A.cs')), bytes(around(NEW)));
    t.deepEqual(
      readFileSync(path.join(cwd, 'Web.config')),
      bytes(web('    <httpRuntime targetFramework="4.8" />\r\n')),
    );
  });
}

test('inspect and ast know the files', t => {
  const cwd = workspace(t, { 'A.cs': OLD, 'Web.config': CONFIGURATION });
  const { stdout } = tlslint(cwd, ['inspect', '--format', 'json', 'A.cs', 'Web.config']);
  const { roots } = JSON.parse(stdout) as { roots: Array<{ endpoints: Array<{ configured: string[] }> }> };
  t.deepEqual(
    roots.map(({ endpoints }) => endpoints.map(({ configured }) => configured)),
    [[['TLSv1']], [['SSLv3', 'TLSv1']]],
  );
  const rows = tlslint(cwd, ['ast', 'A.cs'])
    .stdout.trim()
    .split('\n')
    .map(line => JSON.parse(line) as { name: string });
  t.deepEqual(
    rows.map(({ name }) => name),
    ['ServicePointManager.SecurityProtocol'],
  );
});

test('a comment in UTF-16 is heard', t => {
  const cwd = workspace(t, {});
  const text = `\ufeff// tlslint-disable-file deprecated-upstream-protocol, missing-tls12 -- the scale in hall 3\r\n${OLD}`;
  writeFileSync(path.join(cwd, 'A.cs'), Buffer.from(text, 'utf16le'));
  t.like(tlslint(cwd, ['A.cs']), { status: 0, stdout: '' });
});

const PROGRAM = (lines: readonly string[]) => `using System;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
class Program
{
    const SslProtocols Old = SslProtocols.Tls | SslProtocols.Tls12;
    static void Main()
    {
        SslStream stream = null;
${lines.map(line => `        ${line}\n`).join('')}    }
}
`;
const LINES = [
  'ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;',
  'ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls11 | SecurityProtocolType.Tls12;',
  'System.Net.ServicePointManager.SecurityProtocol = System.Net.SecurityProtocolType.Ssl3 | (SecurityProtocolType)192;',
  'ServicePointManager.SecurityProtocol = (SecurityProtocolType)(48 | 768 | 3072);',
  'ServicePointManager.SecurityProtocol = (SecurityProtocolType)Enum.Parse(typeof(SecurityProtocolType), "Tls, Tls11");',
  'stream.AuthenticateAsServer(null, false, SslProtocols.Tls, true);',
  'stream.AuthenticateAsClient("h", null, SslProtocols.Default, true);',
];

test('a program that compiled compiles with its fixes', t => {
  const cwd = workspace(t, { 'A.cs': PROGRAM(LINES) });
  const compile = () => spawnSync('mcs', ['-out:a.exe', 'A.cs'], { cwd, encoding: 'utf8' });
  const before = compile();
  if (before.error) {
    t.log('skipped: mcs is not installed');
    t.pass();
    return;
  }
  t.is(before.status, 0, before.stderr);
  for (const server of ['dotnet@3.5', 'dotnet@4.8']) {
    writeFileSync(path.join(cwd, 'A.cs'), PROGRAM(LINES));
    t.is(tlslint(cwd, ['--server', server, '--write', '--unsafe-fixes', 'A.cs']).status, 0);
    const text = readFileSync(path.join(cwd, 'A.cs'), 'utf8');
    t.notRegex(text, /\bTls11\b|\bSsl3\b|\bTls\b|192|768/);
    const after = compile();
    t.is(after.status, 0, after.stderr + text);
  }
});

test('a hook passes by programs that say nothing of versions', t => {
  const cwd = workspace(t, { 'A.cs': OLD, 'B.cs': 'class B { /* ' });
  t.like(tlslint(cwd, ['--force-exclude', 'B.cs']), { status: 0, stdout: '', stderr: '' });
  t.is(tlslint(cwd, ['--force-exclude', 'A.cs', 'B.cs']).status, 1);
});
