/** What httpd 2.4.71 was seen to refuse or to take while it reads, beyond the recorded cases. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { apache } from '../src/dialects/apache/index.js';
import { memoryHost } from '../src/host.js';
import { protocolNames } from '../src/model/protocols.js';
import type { Target } from '../src/model/target.js';
import type { Model } from '../src/model/types.js';
import { targetRange } from '../src/targets.js';

const CERTIFICATE = readFileSync(path.join(process.cwd(), 'test', 'fixtures', 'certificates', 'cert.pem'));
const MODULES = ['ssl_module', 'macro_module', 'alias_module', 'authz_core_module', 'version_module'];
const LISTEN = 'Listen 127.0.0.1:20443\n';
const CERT = 'SSLCertificateFile cert.pem\nSSLCertificateKeyFile key.pem\n';
const ON = `SSLEngine on\n${CERT}`;

function targetOf(server = 'apache@2.4.71'): Target {
  return targetRange('apache', [], { server, openssl: '3.0' }).targets[0]!;
}

function load(text: string, target = targetOf()): Model {
  const files = new Map<string, string | Uint8Array>([
    ['/case/httpd.conf', text],
    ['/case/cert.pem', CERTIFICATE],
  ]);
  const settings = { prefix: '', define: new Map<string, string>(), module: MODULES, env: {}, target };
  return apache.load('/case/httpd.conf', memoryHost(files), settings);
}

function vhost(body: string, address = '127.0.0.1:20443', name: string | undefined = 'a.test'): string {
  return `<VirtualHost ${address}>\n${name === undefined ? '' : `ServerName ${name}\n`}${body}</VirtualHost>\n`;
}

/** Name, whether the server starts, the configuration. */
const READINGS: ReadonlyArray<readonly [name: string, loads: boolean, text: string]> = [
  ['a condition needs an argument', false, '<IfModule>\n</IfModule>\n'],
  [
    'only the first word of a condition counts',
    true,
    '<IfModule ssl_module mod_foo.c>\nSSLProtocol all\n</IfModule>\n',
  ],
  ['an operator stands alone', false, '<IfVersion >=2.4>\n</IfVersion>\n'],
  ['an operator is known', false, '<IfVersion foo 2.4>\n</IfVersion>\n'],
  ['a version alone', true, '<IfVersion 2.4.71>\n</IfVersion>\n'],
  ['a condition that holds may lack its end', true, '<IfModule ssl_module>\nSSLProtocol all\n'],
  ['and what is open in it as well', true, '<IfModule ssl_module>\n<Directory />\n'],
  ['one that does not hold may not', false, '<IfModule !ssl_module>\nSSLProtocol all\n'],
  ['not even in one that does', false, '<IfModule ssl_module>\n<IfModule !ssl_module>\n'],
  ['nor may what is around it', false, '<VirtualHost *:20443>\n<IfModule ssl_module>\n'],
  ['words after the end of one that does not hold', true, '<IfModule !ssl_module>\n</IfModule> x\n'],
  ['a `!` alone is no operator', false, '<IfVersion ! 2.4.71>\n</IfVersion>\n'],
  ['an operator with `!` before it', true, '<IfVersion !>= 2.4.71>\nError "no"\n</IfVersion>\n'],
  ['an expression', false, '<IfVersion ~ "^2\\.4">\nError "there"\n</IfVersion>\n'],
  ['what the development version alone has', true, '<IfDirective SSLPolicy>\nError "no"\n</IfDirective>\n'],
  ['a directive that is there', false, '<IfDirective SSLProtocol>\nError "there"\n</IfDirective>\n'],
  [
    'a section of a module that is not loaded',
    true,
    'LoadModule ssl_module m.so\n<IfSection Proxy>\nError "no"\n</IfSection>\n',
  ],
  ['a section of a module that is loaded', false, '<IfSection Macro>\nError "there"\n</IfSection>\n'],
  ['a section of the core', false, '<IfSection VirtualHost>\nError "there"\n</IfSection>\n'],
  ['a section that is a condition', false, '<IfSection IfVersion>\nError "there"\n</IfSection>\n'],
  ['a section of requests', false, '<IfSection Directory>\nError "there"\n</IfSection>\n'],
  ['a section that there is not', true, '<IfSection Nope>\nError "no"\n</IfSection>\n'],
  ['Use needs a name', false, 'Use\n'],
  ['Use of a macro that is gone', false, '<Macro m>\nDefine x\n</Macro>\nUndefMacro M\nUse m\n'],
  ['UndefMacro needs a macro', false, 'UndefMacro nope\n'],
  ['UndefMacro needs a name', false, 'UndefMacro\n'],
  ['Macro needs a name', false, '<Macro>\n</Macro>\n'],
  ['a macro that is not closed within', false, '<Macro m>\n<VirtualHost *>\n</Macro>\nUse m\n'],
  ['a colon in the name of a variable', false, 'Define a:b x\n'],
  ['a directive that a variable names', true, 'Define n Define\n${n} X 1\n<IfDefine !X>\nError "no"\n</IfDefine>\n'],
  ['a directive of servers in a Proxy', false, '<Proxy *>\nSSLProtocol all\n</Proxy>\n'],
  ['ServerRoot needs a path', false, 'ServerRoot\n'],
  ['Define needs a name', false, 'Define\n'],
  ['Define takes one value', false, 'Define a b c\n'],
  ['UnDefine needs a name', false, 'UnDefine\n'],
  ['Include needs a path', false, 'Include\n'],
  ['Include takes one path', false, 'Include httpd.conf httpd.conf\n'],
  ['LoadModule takes two words', false, 'LoadModule x\n'],
  ['an optional file may be missing', true, 'IncludeOptional nope.conf\n'],
  ['Error stops', false, 'Error "no"\n'],
  ['Error stops in any section', false, '<Directory />\nError "no"\n</Directory>\n'],
  ['Error that is not read does not', true, '<IfDefine NO>\nError "no"\n</IfDefine>\n'],
  ['Listen needs a port', false, 'Listen foo\n'],
  ['Listen needs a port that there is', false, 'Listen 99999\n'],
  ['Listen takes no third word', false, 'Listen 20444 https options=x\n'],
  ['Listen in a virtual host', false, vhost(`${ON}Listen 20999\n`)],
  ['Listen in a section', false, '<Files x>\nListen 20999\n</Files>\n'],
  ['ServerName takes one word', false, vhost(ON, undefined, 'a b')],
  ['ServerName in a section', false, vhost(`${ON}<Directory />\nServerName x\n</Directory>\n`)],
  ['ServerAlias in the main server', false, 'ServerAlias x\n'],
  ['ServerAlias may be empty', true, vhost(`${ON}ServerAlias\n`)],
  ['Protocol takes one word', false, 'Protocol a b\n'],
  ['CipherString in any letter case is completed', false, vhost(`${ON}SSLOpenSSLConfCmd cipherstring aNULL\n`)],
  ['a bad value of a command is not looked at without TLS', true, vhost('SSLOpenSSLConfCmd MinProtocol zzz\n')],
  ['variables have no letter case', true, `Define Xy TLSv1.2\n${vhost(`${ON}SSLProtocol \${xY}\n`)}`],
  ['a name without a value is no variable', false, `Define X\n${vhost(`${ON}SSLProtocol TLSv1.2\${X}\n`)}`],
];

for (const [name, loads, text] of READINGS) {
  test(`${loads ? 'loads' : 'refuses'}: ${name}`, t => {
    const model = load(LISTEN + text);
    t.is(model.loads(targetOf()), loads, model.problems.map(problem => problem.message).join('\n'));
  });
}

test('IfDefine minds letter case, variables do not', t => {
  const text = `Define x TLSv1.2\nDefine X TLSv1.3\n<IfDefine x>\nUnDefine x\n</IfDefine>\n${LISTEN}`;
  const model = load(`${text}${vhost(`${ON}<IfDefine X>\nSSLProtocol TLSv1.3\n</IfDefine>\n`)}`);
  t.is(offered(model, '127.0.0.1:20443'), 'TLSv1.3');
  t.false(load(`${text}${vhost(`${ON}SSLProtocol \${X}\n`)}`).loads(targetOf()));
});

function offered(model: Model, connect: string, servername?: string, target = targetOf()): string {
  const { tls, configured } = model.answer({ connect, ...(servername !== undefined && { servername }) }, target);
  return tls === false ? 'plain' : protocolNames(configured ?? 0).join(' ');
}

/** Listen, then the address of a virtual host with a certificate and without `SSLEngine`: whether TLS is on (AP-V7). */
const IMPLICIT: ReadonlyArray<readonly [listen: string, address: string, on: boolean]> = [
  ['20443 https', '*:20443', true],
  ['20443 https', '_default_:20443', true],
  ['20443 https', '[::]:20443', true],
  ['20443 https', '0.0.0.0:20443', false],
  ['20443 https', '*', false],
  ['20443 https', '127.0.0.1:20443', false],
  ['0.0.0.0:20443 https', '*:20443', true],
  ['0.0.0.0:20443 https', '0.0.0.0:20443', true],
  ['[::]:20443 https', '*:20443', true],
  ['127.0.0.1:20443 https', '127.0.0.1:20443', true],
  ['127.0.0.1:20443 https', '*:20443', false],
];

for (const [listen, address, on] of IMPLICIT) {
  test(`TLS without SSLEngine: Listen ${listen}, <VirtualHost ${address}>`, t => {
    const model = load(`Listen ${listen}\n${vhost(`${CERT}SSLProtocol TLSv1.2\n`, address)}`);
    t.is(offered(model, '127.0.0.1:20443'), on ? 'TLSv1.2' : 'plain');
  });
}

test('TLS without SSLEngine needs a name, unless the protocol is said', t => {
  const nameless = (more: string) => `<VirtualHost *:20443>\n${more}${CERT}SSLProtocol TLSv1.2\n</VirtualHost>\n`;
  t.is(offered(load(`Listen 20443 https\n${nameless('')}`), '127.0.0.1:20443'), 'plain');
  t.is(offered(load(`Listen 20443\n${nameless('Protocol https\n')}`), '127.0.0.1:20443'), 'TLSv1.2');
  t.is(offered(load(`Listen 20443\nProtocol https\n${CERT}${nameless('')}`), '127.0.0.1:20443'), 'TLSv1.2');
});

test('a socket on [::] takes IPv4 as well', t => {
  const model = load(`Listen [::]:20443\n${vhost(`${ON}SSLProtocol TLSv1.2\n`, '*:20443')}`);
  t.is(offered(model, '127.0.0.1:20443'), 'TLSv1.2');
  t.is(offered(model, '[::1]:20443'), 'TLSv1.2');
});

test('a virtual host without a name on a wildcard address has the main server’s', t => {
  const nameless = `<VirtualHost *:20443>\n${ON}SSLProtocol TLSv1.2\n</VirtualHost>\n`;
  const model = load(`ServerName b.test\nListen 20443\n${vhost(`${ON}SSLProtocol TLSv1.3\n`, '*:20443')}${nameless}`);
  t.is(offered(model, '127.0.0.1:20443', 'b.test'), 'TLSv1.2');
  t.is(offered(model, '127.0.0.1:20443', 'x.test'), 'TLSv1.3');
  t.deepEqual(model.endpoints.at(-1)?.names, ['b.test']);
});

test('the name of a later `SSLEngine optional` has a context of its own up to 2.4.63', t => {
  const optional = vhost(`SSLEngine optional\n${CERT}SSLProtocol TLSv1.3\n`, undefined, 'b.test');
  const text = `${LISTEN}${vhost(`${ON}SSLProtocol TLSv1.2\n`)}${optional}`;
  t.is(offered(load(text), '127.0.0.1:20443', 'b.test'), 'TLSv1.2');
  const older = targetOf('apache@2.4.62');
  t.is(offered(load(text, older), '127.0.0.1:20443', 'b.test', older), 'TLSv1.3');
});

test('SSLMutex went with 2.4', t => {
  const model = load(`${LISTEN}SSLMutex default\n${vhost(ON)}`);
  t.false(model.loads(targetOf()));
  t.true(model.loads(targetOf('apache@2.2.29')));
});

test('a file that only a module asks for that is not loaded may be missing', t => {
  const text = `LoadModule ssl_module mod_ssl.so\n<IfModule proxy_html_module>\nInclude nope.conf\n</IfModule>\n${LISTEN}`;
  const files = new Map([['/case/httpd.conf', `${text}${vhost(`${ON}SSLProtocol TLSv1.2\n`)}`]]);
  const settings = { prefix: '', define: new Map<string, string>(), module: [], env: {}, target: targetOf() };
  const model = apache.load('/case/httpd.conf', memoryHost(files), settings);
  t.true(model.loads(targetOf()));
  t.deepEqual(model.problems, []);
});

test('what a missing file may hold is not called closed', t => {
  const model = load('Listen 443\nInclude sites/*.conf\n');
  t.is(model.answer({ connect: '127.0.0.1:443' }, targetOf()).state, 'unknown');
  t.is(model.answer({ connect: '127.0.0.1:444' }, targetOf()).tls, null);
});
