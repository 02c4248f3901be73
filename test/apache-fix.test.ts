/** What the rules' wishes become in httpd configuration: exact texts, and a second run that is silent. */
import test from 'ava';
import { applyFixes } from '../fixers/apply.js';
import { apache } from '../src/dialects/apache/index.js';
import { memoryHost } from '../src/host.js';
import { lint } from '../src/lint.js';
import { DEFAULT_POLICY, POLICIES, type Policy } from '../src/model/policies.js';
import { DEPRECATED, NONE, protocolBit } from '../src/model/protocols.js';
import { rules } from '../src/rules/index.js';
import { targetRange } from '../src/targets.js';

interface Run {
  readonly texts: ReadonlyMap<string, string>;
  readonly found: readonly string[];
  readonly manual: readonly string[];
  /** What the fixes name. */
  readonly directives: readonly string[];
}

const CERTIFICATE = 'SSLEngine on\nSSLCertificateFile c.pem\n';

interface Options {
  readonly choice?: { server?: string; openssl?: string };
  readonly fragment?: boolean;
  readonly policy?: Policy;
  readonly define?: Readonly<Record<string, string>>;
  readonly allow?: 'safe' | 'unsafe';
}

function load(files: Record<string, string>, { choice = {}, fragment = false, define = {} }: Options) {
  const range = targetRange('apache', apache.steps, choice);
  const texts = new Map(Object.entries(files).map(([path, text]) => [`/c/${path}`, text]));
  const defined = new Map(Object.entries(define));
  const settings = { prefix: '', define: defined, module: [], env: {}, target: range.targets.at(-1)! };
  return { range, texts, model: apache.load(`/c/${Object.keys(files)[0]}`, memoryHost(texts), settings, fragment) };
}

function run(files: Record<string, string>, options: Options = {}): Run {
  const { range, texts, model } = load(files, options);
  const findings = lint(model, { range, policy: options.policy ?? DEFAULT_POLICY, rules });
  const fixes = findings.map(finding => finding.fix).filter(fix => fix !== undefined);
  const applied = applyFixes(texts, fixes, options.allow ?? 'safe');
  return {
    texts: new Map(Object.keys(files).map(path => [path, applied.texts.get(`/c/${path}`) ?? files[path]!])),
    found: findings.map(finding => `${finding.rule}: ${finding.message}`),
    directives: [...new Set(fixes.flatMap(fix => fix.directives))],
    manual: fixes.filter(fix => fix.applicability === 'manual').map(fix => fix.reason ?? ''),
  };
}

function vhost(lines: string): string {
  return `Listen 443\n<VirtualHost *:443>\n${CERTIFICATE}${lines}\n</VirtualHost>\n`;
}

/** Knows no TLSv1.3. */
const SECOND = { server: 'apache@2.4.29', openssl: '1.1.1' };
const MODERN = POLICIES.find(policy => policy.name === 'modern')!;

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
  const { texts } = run({ 'httpd.conf': vhost('SSLProtocol TLSv1') }, { choice: SECOND });
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

test('where a variable names the directive, the fix names both', t => {
  const text = `Define directive SSLProtocol\n${vhost('${directive} all -SSLv3')}`;
  const { texts, directives } = run({ 'httpd.conf': text });
  t.is(texts.get('httpd.conf'), text.replace('-SSLv3', '-SSLv3 -TLSv1 -TLSv1.1'));
  t.deepEqual(directives, ['SSLProtocol', '${directive}']);
  t.deepEqual(run({ 'httpd.conf': vhost('sslprotocol \\\n all -SSLv3') }).directives, ['SSLProtocol']);
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
  const continued = run({ 'httpd.conf': use('\\\n    all \\\n    -SSLv3') });
  t.is(continued.texts.get('httpd.conf'), use('\\\n    all -SSLv3 -TLSv1 -TLSv1.1'));
  t.deepEqual(continued.manual, []);
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
  const { texts, found } = run({ 'ssl.conf': 'SSLProtocol all -SSLv3\n' }, { fragment: true });
  t.is(texts.get('ssl.conf'), 'SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n', found.join('\n'));
});

/** What is not written, and why. */
const LEFT: ReadonlyArray<readonly [name: string, text: string, reason: string, options?: Options]> = [
  [
    'a value that `-D` gives',
    vhost('SSLProtocol ${protos}'),
    '`protos` is set outside the configuration',
    { define: { protos: 'TLSv1' } },
  ],
  [
    'a value that another variable makes',
    `Define old TLSv1\nDefine protos "\${old}"\n${vhost('SSLProtocol ${protos}')}`,
    'the value of `protos` is put together from others',
  ],
  [
    'a word beside a variable',
    `Define protos TLSv1\n${vhost('SSLProtocol ${protos} +TLSv1.1 +TLSv1.2')}`,
    'a variable gives a part of it',
  ],
  [
    'a bound that a variable gives',
    `Define least TLSv1.1\n${vhost('SSLProtocol TLSv1.3\nSSLOpenSSLConfCmd MinProtocol ${least}')}`,
    'its value is put together from others',
  ],
  [
    'a command that edits flags',
    vhost('SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\nSSLOpenSSLConfCmd Protocol -TLSv1.2'),
    'what other commands and `SSLProtocol` leave hangs on it',
  ],
  [
    'a version that no target knows',
    vhost('SSLProtocol -all +TLSv1.2'),
    'no list of protocols does it for every version in question',
    { choice: SECOND, policy: MODERN },
  ],
  [
    'a version that no target knows, where no line is',
    vhost('ServerName a'),
    'no list of protocols does it for every version in question',
    { choice: SECOND, policy: MODERN },
  ],
  [
    'a virtual host that a macro makes, where no line is',
    `<Macro site>\n${vhost('ServerName a').slice('Listen 443\n'.length)}</Macro>\nListen 443\nUse site\n`,
    'no place for it is in sight',
  ],
  [
    'a policy of the development version',
    vhost('SSLPolicy old'),
    'a policy decides',
    { choice: { server: 'apache@trunk' } },
  ],
  [
    'a line that is void, and that a variable makes',
    `Define protos TLSv1.2\n${vhost('SSLProtocol ${protos}\nSSLProtocol -all +TLSv1.2')}`,
    'a macro or a variable makes it',
  ],
];

for (const [name, text, reason, options] of LEFT) {
  test(`left to the author: ${name}`, t => {
    const { texts, manual, found } = run({ 'httpd.conf': text }, options);
    t.is(texts.get('httpd.conf'), text);
    t.deepEqual([...new Set(manual)], [reason], found.join('\n'));
  });
}

test('where a file is missing, a line that it may hold is written if asked for', t => {
  const known = vhost('ServerName b').replaceAll('443', '444');
  const files = { 'httpd.conf': vhost('ServerName a\nInclude nope.conf') + known };
  t.deepEqual(run(files).texts, new Map(Object.entries(files)));
  const { texts } = run(files, { allow: 'unsafe' });
  const put = known.replace('<V', 'SSLProtocol -all +TLSv1.2 +TLSv1.3\n<V');
  t.is(texts.get('httpd.conf'), files['httpd.conf'].replace(known, put));
});

test('a line that is void in one place that includes it, and decides in another, stays', t => {
  const files = {
    'httpd.conf':
      vhost('ServerName a\nInclude tls.conf\nSSLProtocol -all +TLSv1.3 +TLSv1.2') +
      vhost('ServerName b\nInclude tls.conf').slice(11),
    'tls.conf': 'SSLProtocol -all +TLSv1.2\n',
  };
  const { range, model } = load(files, {});
  const [first] = model.statements;
  const { applicability, reason } = model.fix({ set: 'removal', at: first!.origin }, range.targets);
  t.deepEqual([applicability, reason], ['manual', 'it has an effect where another file includes it']);
});

/** What a rule of others may wish. */
function wished(text: string, role: 'server' | 'client', options: Options = {}) {
  const { range, texts, model } = load({ 'httpd.conf': text }, options);
  const endpoints = model.endpoints.filter(endpoint => endpoint.role === role);
  const require = protocolBit('TLSv1.2');
  const wish = { set: 'protocols', endpoints, require, forbid: DEPRECATED, add: NONE } as const;
  const fix = model.fix(wish, range.targets);
  return { ...fix, text: applyFixes(texts, [fix], 'safe').texts.get('/c/httpd.conf') };
}

test('what hops speak is put beside the `SSLProxyEngine` that they follow, once', t => {
  const hops = 'ProxyPass /a https://a.test/\nProxyPass /b https://b.test/\n';
  const own = `Listen 80\n<VirtualHost *:80>\n  SSLProxyEngine on\n${hops}</VirtualHost>\n`;
  t.is(wished(own, 'client').text, own.replace('on\n', 'on\n  SSLProxyProtocol -all +TLSv1.2\n'));
  const main = `SSLProxyEngine on\nListen 80\n<VirtualHost *:80>\n${hops}</VirtualHost>\n`;
  t.is(wished(main, 'client').text, main.replace('on\n', 'on\nSSLProxyProtocol -all +TLSv1.2\n'));
  t.like(wished(main.replace('SSLProxyEngine on\n', ''), 'client'), {
    applicability: 'manual',
    reason: 'no place for it is in sight',
  });
});

test('in a fragment it is put into each virtual host, beside its siblings', t => {
  const text = vhost('ServerName a').slice(11) + vhost('ServerName b').slice(11);
  const { text: fixed } = wished(text, 'server', { fragment: true });
  t.is(fixed, text.replaceAll('on\n', 'on\nSSLProtocol -all +TLSv1.2\n'));
});

test('what a template makes is left alone', t => {
  const { range, model } = load({ 'httpd.conf': vhost('SSLProtocol {{ protocols }}') }, {});
  const at = model.statements[0]!.origin;
  const wish = {
    set: 'protocols',
    at,
    endpoints: [],
    require: protocolBit('TLSv1.2'),
    forbid: DEPRECATED,
    add: NONE,
  } as const;
  t.is(model.fix(wish, range.targets).reason, 'what it says now is not known');
});

test('a place that is none of protocols is left alone', t => {
  const { range, model } = load({ 'httpd.conf': vhost('SSLProtocol TLSv1.2') }, {});
  const at = model.endpoints[0]!.scope;
  const wish = { set: 'protocols', at, endpoints: [], require: NONE, forbid: DEPRECATED, add: NONE } as const;
  for (const remedy of [{ set: 'removal', at } as const, wish]) {
    const { applicability, edits, reason } = model.fix(remedy, range.targets);
    t.deepEqual([applicability, edits, reason], ['manual', [], 'the directive is not one about protocol versions']);
  }
});
