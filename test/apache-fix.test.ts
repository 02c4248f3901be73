/** What the rules' wishes become in httpd configuration: exact texts, and a second run that is silent. */
import test from 'ava';
import { applyFixes } from '../fixers/apply.js';
import { apache } from '../src/dialects/apache/index.js';
import { memoryHost } from '../src/host.js';
import { lint } from '../src/lint.js';
import { DEFAULT_POLICY } from '../src/model/policies.js';
import { rules } from '../src/rules/index.js';
import { targetRange } from '../src/targets.js';

interface Run {
  readonly texts: ReadonlyMap<string, string>;
  readonly found: readonly string[];
  readonly manual: readonly string[];
}

const CERTIFICATE = 'SSLEngine on\nSSLCertificateFile c.pem\n';

function run(files: Record<string, string>, choice: { server?: string; openssl?: string } = {}, fragment = false): Run {
  const range = targetRange('apache', apache.steps, choice);
  const paths = Object.keys(files);
  const texts = new Map(Object.entries(files).map(([path, text]) => [`/c/${path}`, text]));
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: range.targets.at(-1)! };
  const model = apache.load(`/c/${paths[0]}`, memoryHost(texts), settings, fragment);
  const findings = lint(model, { range, policy: DEFAULT_POLICY, rules });
  const fixes = findings.map(finding => finding.fix).filter(fix => fix !== undefined);
  const applied = applyFixes(texts, fixes, 'safe');
  return {
    texts: new Map(paths.map(path => [path, applied.texts.get(`/c/${path}`) ?? files[path]!])),
    found: findings.map(finding => `${finding.rule}: ${finding.message}`),
    manual: fixes.filter(fix => fix.applicability === 'manual').map(fix => fix.reason ?? ''),
  };
}

function vhost(lines: string): string {
  return `Listen 443\n<VirtualHost *:443>\n${CERTIFICATE}${lines}\n</VirtualHost>\n`;
}

/** Arguments of `SSLProtocol` before and after. */
const REWORDED: ReadonlyArray<readonly [string, string]> = [
  ['all -SSLv3', 'all -SSLv3 -TLSv1 -TLSv1.1'],
  ['all', 'all -SSLv3 -TLSv1 -TLSv1.1'],
  ['all -SSLv2 -SSLv3', 'all -SSLv2 -SSLv3 -TLSv1 -TLSv1.1'],
  ['All -SSLv2  -SSLv3', 'All -SSLv2  -SSLv3  -TLSv1  -TLSv1.1'],
  ['all -SSLv3 -TLSv1', 'all -SSLv3 -TLSv1 -TLSv1.1'],
  ['+TLSv1 +TLSv1.1 +TLSv1.2', '+TLSv1.2'],
  ['-all +TLSv1.1 +TLSv1.2 +TLSv1.3', '-all +TLSv1.2 +TLSv1.3'],
  ['-all +TLSv1.1 +TLSv1.2', '-all +TLSv1.2'],
  ['TLSv1', '-all +TLSv1.2 +TLSv1.3'],
  ['TLSv1.1', '-all +TLSv1.2 +TLSv1.3'],
  ['+TLSv1', '+TLSv1.2 +TLSv1.3'],
  ['TLSv1.1 +TLSv1.2', '+TLSv1.2'],
  ['   +TLSv1  +TLSv1.1 +TLSv1.2', '   +TLSv1.2'],
  ['"TLSv1.1"+TLSv1.2', '+TLSv1.2'],
  ['TLSv1.2 +TLSv1.1', 'TLSv1.2'],
  ['TLSv1.2 TLSv1.3', '-all +TLSv1.2 +TLSv1.3'],
  ['TLSv1 TLSv1.1 TLSv1.2', '-all +TLSv1.2 +TLSv1.3'],
  ['-TLSv1 -TLSv1.1 all', 'all -SSLv3 -TLSv1 -TLSv1.1'],
  ['all -SSLv3 +TLSv1', 'all -SSLv3 -TLSv1 -TLSv1.1'],
  ['TLSv1.3', '-all +TLSv1.2 +TLSv1.3'],
];

for (const [before, after] of REWORDED) {
  test(`\`${before}\` becomes \`${after}\``, t => {
    const first = run({ 'httpd.conf': vhost(`SSLProtocol ${before}`) });
    t.is(first.texts.get('httpd.conf'), vhost(`SSLProtocol ${after}`), first.found.join('\n'));
    const again = run({ 'httpd.conf': first.texts.get('httpd.conf')! });
    if (before !== after) t.deepEqual(again.found, []);
  });
}

test('TLSv1.3 is not written where a target does not know it', t => {
  const { texts } = run({ 'httpd.conf': vhost('SSLProtocol TLSv1') }, { server: 'apache@2.4.29', openssl: '1.1.1' });
  t.is(texts.get('httpd.conf'), vhost('SSLProtocol -all +TLSv1.2'));
});

test('white space, continuations and line endings stay', t => {
  const { texts } = run({ 'httpd.conf': vhost('  SSLProtocol\tall \\\r\n     -SSLv3   ') });
  t.is(texts.get('httpd.conf'), vhost('  SSLProtocol\tall \\\r\n     -SSLv3 \\\r\n     -TLSv1 \\\r\n     -TLSv1.1   '));
});

test('a missing directive is put once, beside its siblings in the main server', t => {
  const main = '<IfModule mod_ssl.c>\n    SSLCipherSuite HIGH:!aNULL\n    SSLHonorCipherOrder on\n</IfModule>\n';
  const { texts } = run({
    'apache2.conf': main + vhost('ServerName a') + vhost('ServerName b').slice('Listen 443\n'.length),
  });
  const put = main.replace('!aNULL\n', '!aNULL\n    SSLProtocol -all +TLSv1.2 +TLSv1.3\n');
  t.is(texts.get('apache2.conf')!.slice(0, put.length), put);
  t.is(texts.get('apache2.conf')!.split('SSLProtocol').length, 2);
});

test('it is put behind a pair of siblings, not between them', t => {
  const main = 'SSLSessionCache shmcb:x(512000)\nSSLSessionCacheTimeout 300\nSSLCryptoDevice builtin\n';
  const { texts } = run({ 'httpd.conf': main + vhost('ServerName a') });
  t.is(
    texts.get('httpd.conf'),
    main.replace('300\n', '300\nSSLProtocol -all +TLSv1.2 +TLSv1.3\n') + vhost('ServerName a'),
  );
});

test('without siblings it is put before the first virtual host that needs it', t => {
  const text =
    'Listen 443\n<IfModule mod_ssl.c>\n  <VirtualHost *:443>\n    SSLEngine on\n    SSLCertificateFile c\n  </VirtualHost>\n</IfModule>\n';
  const { texts } = run({ 'httpd.conf': text });
  t.is(texts.get('httpd.conf'), text.replace('  <V', '  SSLProtocol -all +TLSv1.2 +TLSv1.3\n  <V'));
  t.deepEqual(run({ 'httpd.conf': texts.get('httpd.conf')! }).found, []);
});

test('through a variable it is changed where that is defined', t => {
  const { texts } = run({ 'httpd.conf': `Define protos "all -SSLv3"\n${vhost('SSLProtocol ${protos}')}` });
  t.is(texts.get('httpd.conf'), `Define protos "all -SSLv3 -TLSv1 -TLSv1.1"\n${vhost('SSLProtocol ${protos}')}`);
});

test('one word that becomes several is quoted', t => {
  const { texts } = run({ 'httpd.conf': `Define protos TLSv1\n${vhost('SSLProtocol ${protos}')}` });
  t.is(texts.get('httpd.conf'), `Define protos "-all +TLSv1.2 +TLSv1.3"\n${vhost('SSLProtocol ${protos}')}`);
});

test('a value that is used for other things is left', t => {
  const text = `Define protos TLSv1\n${vhost('SSLProtocol ${protos}\nSSLCipherSuite ${protos}')}`;
  const { texts, manual } = run({ 'httpd.conf': text });
  t.is(texts.get('httpd.conf'), text);
  t.true(manual.some(reason => reason.includes('other things')));
});

test('in the body of a macro it is changed once', t => {
  const use = (body: string) =>
    `<Macro tls $n>\n  SSLProtocol ${body}\n  ServerName $n\n</Macro>\n${vhost('Use tls a')}${vhost('Use tls b').slice('Listen 443\n'.length)}`;
  const { texts } = run({ 'httpd.conf': use('all -SSLv3') });
  t.is(texts.get('httpd.conf'), use('all -SSLv3 -TLSv1 -TLSv1.1'));
});

test('what a macro’s parameter gives is left to the author', t => {
  const text = `<Macro tls $p>\nSSLProtocol $p\n</Macro>\n${vhost('Use tls TLSv1')}`;
  const { texts, manual } = run({ 'httpd.conf': text });
  t.is(texts.get('httpd.conf'), text);
  t.true(manual.length > 0 && manual.every(reason => reason === 'a parameter of a macro gives it'));
});

test('an included file is changed once', t => {
  const files = {
    'httpd.conf': vhost('ServerName a\nInclude tls.conf') + vhost('ServerName b\nInclude tls.conf').slice(11),
    'tls.conf': 'SSLProtocol all -SSLv3\n',
  };
  const { texts } = run(files);
  t.is(texts.get('tls.conf'), 'SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n');
});

test('a line that decides in one place that includes it is not called ineffective for another', t => {
  const own = vhost('ServerName b\nInclude tls.conf\nSSLProtocol -all +TLSv1.2').replaceAll('443', '444');
  const { found } = run({
    'httpd.conf': vhost('ServerName a\nInclude tls.conf') + own,
    'tls.conf': 'SSLProtocol -all +TLSv1.2 +TLSv1.3\n',
  });
  t.deepEqual(found, []);
});

test('a bound is raised', t => {
  const { texts } = run({ 'httpd.conf': vhost('SSLProtocol TLSv1.3\nSSLOpenSSLConfCmd MinProtocol TLSv1.1') });
  t.is(texts.get('httpd.conf'), vhost('SSLProtocol TLSv1.3\nSSLOpenSSLConfCmd MinProtocol TLSv1.2'));
});

test('a fragment is judged by what it says', t => {
  const { texts, found } = run({ 'ssl.conf': 'SSLProtocol all -SSLv3\n' }, {}, true);
  t.is(texts.get('ssl.conf'), 'SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n', found.join('\n'));
});
