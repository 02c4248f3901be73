import test from 'ava';
import { lintText } from '../src/index.js';
import { POLICIES, policyFor } from '../src/model/policies.js';

/** A year and a half: shorter breaks builds of old releases, longer lets a new version of a source go unseen. */
const MOST_DAYS = 550;
const DAY = 86_400_000;

test('every policy has a version, a source, and was compared with it not long ago', t => {
  for (const { name, version, date, source, checked } of POLICIES) {
    t.not(version, '', name);
    t.is(new URL(source).protocol, 'https:', name);
    if (date !== undefined) t.regex(date, /^\d{4}-\d\d-\d\d$/, name);
    const age = (Date.now() - Date.parse(checked ?? '')) / DAY;
    t.true(
      age < MOST_DAYS,
      `${name} was compared with ${source} ${age} days ago: compare again, then move \`checked\``,
    );
  }
});

test('what a policy requires it allows, for each server', t => {
  for (const policy of POLICIES) {
    for (const dialect of ['nginx', 'apache'] as const) {
      const { require, allow } = policyFor(policy, dialect);
      t.is(require & ~allow, 0, policy.name);
      t.not(allow, 0);
    }
  }
});

const NGINX = (words: string) =>
  `events {}\nhttp {\n    ssl_protocols ${words};\n    server {\n        listen 443 ssl;\n        ssl_certificate a.pem;\n        ssl_certificate_key a.key;\n    }\n}\n`;
const APACHE = (words: string) =>
  `LoadModule ssl_module modules/mod_ssl.so\nListen 443\n<VirtualHost *:443>\n    SSLEngine on\n    SSLCertificateFile a.pem\n    SSLProtocol ${words}\n</VirtualHost>\n`;

/** Policy, what is configured, and what a plain fix makes of it. */
const mended: Array<[string, string, string, string]> = [
  ['pci', 'nginx.conf', 'TLSv1', 'TLSv1.2 TLSv1.3'],
  ['pci', 'nginx.conf', 'TLSv1.3', 'TLSv1.3'],
  ['pci', 'nginx.conf', 'TLSv1.1 TLSv1.2', 'TLSv1.2'],
  ['rfc8996', 'nginx.conf', 'TLSv1 TLSv1.2', 'TLSv1.2'],
  ['nist', 'nginx.conf', 'TLSv1.2', 'TLSv1.2 TLSv1.3'],
  ['cis', 'nginx.conf', 'TLSv1.2 TLSv1.3', 'TLSv1.3'],
  ['cis', 'httpd.conf', '-all +TLSv1.2 +TLSv1.3', '-all +TLSv1.2 +TLSv1.3'],
  ['cis', 'httpd.conf', '-all +TLSv1 +TLSv1.1 +TLSv1.2', '-all +TLSv1.2'],
];
for (const [policy, path, words, expected] of mended) {
  test(`${policy}: ${path} with ${words}`, async t => {
    const write = path === 'nginx.conf' ? NGINX : APACHE;
    const { fixed, findings } = await lintText(write(words), { path, policy, openssl: '3.0' });
    t.is(fixed, write(expected));
    t.is(findings.filter(each => each.severity === 'error').length > 0, words !== expected);
  });
}
