/** Configuration that is not rendered yet: silent where nothing can be known, and not edited where lines hang on conditions. */
import test from 'ava';
import { lintText } from '../src/index.js';

const JINJA_VHOST = `<VirtualHost *:{{ port }}>
  SSLEngine on
{% if old %}
  SSLProtocol all -SSLv3
{% else %}
  SSLProtocol {{ protos }}
{% endif %}
</VirtualHost>
`;

test('of the branches of a template none is taken out', async t => {
  const { findings, diff } = await lintText(JINJA_VHOST, { path: 'vhost.conf.j2' });
  t.deepEqual(findings, []);
  t.is(diff, '');
});

test('a line in a branch is told and not edited', async t => {
  const text = JINJA_VHOST.replace('SSLProtocol {{ protos }}', '# as it is');
  const { findings, diff } = await lintText(text, { path: 'vhost.conf.j2' });
  t.deepEqual(
    findings.map(({ rule, fix }) => [rule, fix?.applicability]),
    [['deprecated-protocol', 'manual']],
  );
  t.is(diff, '');
});

for (const [name, text] of [
  [
    'nginx.conf.j2',
    'events {}\nhttp {\n{% for s in sites %}\n  server {\n    ssl_protocols {{ s.p }};\n  }\n{% endfor %}\n}\n',
  ],
  [
    'ssl.conf.erb',
    '<VirtualHost *:443>\n  SSLEngine on\n  <%- if @old -%>\n  SSLProtocol all\n  <%- end -%>\n</VirtualHost>\n',
  ],
] as const) {
  test(`\`${name}\`, which no server could read, has one problem`, async t => {
    const { findings, diff } = await lintText(text, { path: name });
    t.deepEqual(
      findings.map(({ rule, message }) => [rule, message]),
      [['syntax', 'Unexpected statement of a template, expected what is rendered from it']],
    );
    t.is(diff, '');
  });
}

test('a variable of envsubst beside a line does not keep it from being mended', async t => {
  const server = (protocols: string) => `server {\n  listen \${PORT} ssl;\n  ssl_protocols ${protocols};\n}\n`;
  const { fixed } = await lintText(server('TLSv1 TLSv1.2'), { path: 'default.conf.template' });
  t.is(fixed, server('TLSv1.2'));
  t.deepEqual((await lintText(server('${PROTOCOLS}'), { path: 'default.conf.template' })).findings, []);
});
