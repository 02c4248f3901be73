import { Buffer } from 'node:buffer';
import test from 'ava';
import { unified } from 'unified';
import { VFile } from 'vfile';
import { apacheParse, nginxParse, tlslint, tlslintFix } from '../src/index.js';

const NGINX = 'server {\n  listen 443 ssl;\n  ssl_protocols TLSv1 TLSv1.2; # é\n}\n';
const APACHE = '<VirtualHost *:443>\n  SSLEngine on\n  SSLProtocol all -SSLv3\n</VirtualHost>\n';

test('a pipeline reports as messages of the file and writes the fixed text', async t => {
  const file = new VFile({ path: 'site.conf', value: NGINX });
  const processor = unified().use(nginxParse).use(tlslint, { server: 'nginx@1.22.1' }).use(tlslintFix);
  const result = await processor.process(file);
  t.is(String(result), NGINX.replace('TLSv1 ', ''));
  const found = result.messages.find(({ ruleId }) => ruleId === 'deprecated-protocol');
  t.like(found, { line: 3, fatal: true, source: 'tlslint', file: 'site.conf', actual: 'TLSv1' });
  t.true(found?.url?.endsWith('/deprecated-protocol/readme.md'));
});

test('it reads httpd’s syntax as well', async t => {
  const result = await unified().use(apacheParse).use(tlslint).use(tlslintFix).process(APACHE);
  t.is(String(result), APACHE.replace('-SSLv3', '-SSLv3 -TLSv1 -TLSv1.1'));
  t.true(result.messages.some(({ ruleId }) => ruleId === 'deprecated-protocol'));
});

test('bytes come back in their own encoding', async t => {
  const processor = unified().use(nginxParse).use(tlslintFix);
  for (const bytes of [Buffer.from(NGINX, 'latin1'), Buffer.from(NGINX, 'utf8')]) {
    const encoding = bytes.includes(0xe9) ? 'latin1' : 'utf8';
    const { value } = await processor.process(new VFile({ value: bytes }));
    t.deepEqual(Buffer.from(value), Buffer.from(bytes.toString(encoding).replace('TLSv1 ', ''), encoding));
  }
});

test('what the server refuses is a message, and stays as it is', async t => {
  const broken = 'server {\n  ssl_protocols TLSv1;\n';
  const result = await unified().use(nginxParse).use(tlslint).use(tlslintFix).process(broken);
  t.is(String(result), broken);
  t.deepEqual(
    result.messages.filter(({ ruleId }) => ruleId === 'syntax').map(({ fatal }) => fatal),
    [true],
  );
});
