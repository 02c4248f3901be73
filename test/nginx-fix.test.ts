/** What becomes of nginx configuration when every finding that can be fixed is fixed. */
import test, { type ExecutionContext } from 'ava';
import { applyFixes } from '../fixers/apply.js';
import { nginx } from '../src/dialects/nginx/index.js';
import { memoryHost } from '../src/host.js';
import { lint } from '../src/lint.js';
import { DEFAULT_POLICY, POLICIES, type Policy } from '../src/model/policies.js';
import { DEPRECATED, NONE, protocolBit } from '../src/model/protocols.js';
import { rules } from '../src/rules/index.js';
import { type TargetChoice, targetRange } from '../src/targets.js';

type Files = Readonly<Record<string, string>>;
interface Options {
  readonly choice?: TargetChoice;
  readonly policy?: Policy;
  readonly root?: string;
}

const MODERN = POLICIES.find(policy => policy.name === 'modern')!;
const OLD: TargetChoice = { server: 'nginx@1.22.1', openssl: '3.0' };

function load(texts: ReadonlyMap<string, string>, { choice = {}, root = 'nginx.conf' }: Options) {
  const range = targetRange('nginx', nginx.steps, choice);
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: range.targets.at(-1)! };
  const host = memoryHost(new Map([...texts].map(([name, text]) => [`/n/${name}`, text])), file => file.slice(3));
  return { range, model: nginx.load(`/n/${root}`, host, settings, !root.endsWith('nginx.conf')) };
}

function fixAll(files: Files, options: Options) {
  let texts = new Map(Object.entries(files));
  const { policy = DEFAULT_POLICY } = options;
  for (let round = 0; ; round++) {
    const { range, model } = load(texts, options);
    const findings = lint(model, { range, policy, rules });
    const { texts: changed } = applyFixes(
      texts,
      findings.flatMap(({ fix }) => fix ?? []),
      'unsafe',
    );
    if (changed.size === 0 || round === 9) return { texts, findings, round };
    texts = new Map([...texts, ...changed]);
  }
}

function becomes(t: ExecutionContext, before: Files, after: Files, options: Options = {}): void {
  const { texts, round } = fixAll(before, options);
  for (const [name, text] of Object.entries(after)) t.is(texts.get(name), text);
  t.true(round < 4);
}

const TLS = 'listen 443 ssl; ssl_certificate c.pem; ssl_certificate_key k.pem;';
const http = (text: string, more = '') => `events {}\nhttp {\n    ${text}\n    server { ${TLS}${more} }\n}\n`;
const level = (...lines: string[]) => http(lines.join('\n    '));

const cases: ReadonlyArray<readonly [name: string, before: string, after: string, options?: Options]> = [
  [
    'words go, the comment stays',
    http('ssl_protocols TLSv1 TLSv1.1 TLSv1.2; # Dropping SSLv3'),
    http('ssl_protocols TLSv1.2; # Dropping SSLv3'),
  ],
  [
    'arguments stay where they are lined up',
    level('ssl_protocols       TLSv1 TLSv1.1 TLSv1.2;', 'ssl_ciphers         HIGH;'),
    level('ssl_protocols       TLSv1.2;', 'ssl_ciphers         HIGH;'),
  ],
  [
    'a list down the page loses its lines',
    http('ssl_protocols TLSv1\n                  TLSv1.1\n                  TLSv1.2;'),
    http('ssl_protocols TLSv1.2;'),
  ],
  [
    'a comment in the list stays',
    http('ssl_protocols TLSv1\n        # ticket 4711\n        TLSv1.2;'),
    http('ssl_protocols\n        # ticket 4711\n        TLSv1.2;'),
  ],
  [
    'a line of nothing but old versions is written anew',
    http('ssl_protocols TLSv1 TLSv1.1;'),
    http('ssl_protocols TLSv1.2 TLSv1.3;'),
  ],
  [
    'without TLSv1.3 where a target lacks it',
    http('ssl_protocols TLSv1;'),
    http('ssl_protocols TLSv1.2;'),
    { choice: { server: 'nginx@1.12.2', openssl: '1.0.2' } },
  ],
  [
    'a line that adds old versions goes',
    level('ssl_protocols TLSv1.2;', 'ssl_protocols TLSv1.1;'),
    level('ssl_protocols TLSv1.2;'),
  ],
  [
    'of two lines of old versions one stays',
    level('ssl_protocols TLSv1;', 'ssl_protocols TLSv1.1;'),
    level('ssl_protocols TLSv1.2 TLSv1.3;'),
  ],
  [
    'what is required comes to the line that stays',
    level('ssl_protocols TLSv1.3;', 'ssl_protocols TLSv1.1;'),
    level('ssl_protocols TLSv1.3 TLSv1.2;'),
  ],
  ['what is missing is added', http('ssl_protocols TLSv1.3;'), http('ssl_protocols TLSv1.3 TLSv1.2;')],
  ['a misspelt word is put right', http('ssl_protocols TLSv1_2 TLSv1.3;'), http('ssl_protocols TLSv1.2 TLSv1.3;')],
  [
    'a directive that is missing comes beside its kin',
    http('ssl_ciphers HIGH;\n    gzip on;'),
    http('ssl_ciphers HIGH;\n    ssl_protocols TLSv1.2 TLSv1.3;\n    gzip on;'),
    { choice: OLD },
  ],
  [
    'else after the settings of the block',
    http('gzip on;\n    include mime.types;'),
    http('gzip on;\n    ssl_protocols TLSv1.2 TLSv1.3;\n    include mime.types;'),
    { choice: OLD },
  ],
  [
    'a command that adds is cut',
    http('', ' ssl_protocols TLSv1.2; ssl_conf_command Protocol TLSv1.1,TLSv1.3;'),
    http('', ' ssl_protocols TLSv1.2; ssl_conf_command Protocol TLSv1.3;'),
    { choice: OLD },
  ],
  [
    'a bound that leaves out what is required is moved',
    http('', ' ssl_protocols TLSv1.2 TLSv1.3; ssl_conf_command MinProtocol TLSv1.3;'),
    http('', ' ssl_protocols TLSv1.2 TLSv1.3; ssl_conf_command MinProtocol TLSv1.2;'),
    { choice: OLD },
  ],
  [
    'what is required comes to the last line that stays, whichever is at fault',
    level('ssl_protocols TLSv1 TLSv1.3;', 'ssl_protocols TLSv1.3;'),
    level('ssl_protocols TLSv1.3;', 'ssl_protocols TLSv1.3 TLSv1.2;'),
  ],
  [
    'a missing directive where the name decides',
    http(''),
    http('').replace('{\n    \n', '{\n    ssl_protocols TLSv1.3;\n    \n'),
    { policy: MODERN, choice: { server: 'nginx@1.29.3', openssl: '3.5' } },
  ],
  ['a stricter policy', http('ssl_protocols TLSv1.2 TLSv1.3;'), http('ssl_protocols TLSv1.3;'), { policy: MODERN }],
];

for (const [name, before, after, options] of cases) {
  test(name, t => becomes(t, { 'nginx.conf': before, 'mime.types': '' }, { 'nginx.conf': after }, options));
}

test('CRLF stays', t => {
  const crlf = (text: string) => text.replaceAll('\n', '\r\n');
  const before = crlf(level('ssl_protocols TLSv1;', 'ssl_protocols TLSv1.2;'));
  becomes(t, { 'nginx.conf': before }, { 'nginx.conf': crlf(level('ssl_protocols TLSv1.2;')) });
});

test('a file that two servers include is changed once', t => {
  const root = `events {}\nhttp {\n  server { ${TLS} include tls; }\n  server { ${TLS} include tls; server_name b; }\n}\n`;
  becomes(
    t,
    { 'nginx.conf': root, tls: 'ssl_protocols TLSv1 TLSv1.2;\n' },
    { 'nginx.conf': root, tls: 'ssl_protocols TLSv1.2;\n' },
  );
});

for (const [kind, line, mended] of [
  ['a line of old versions', 'ssl_protocols TLSv1 TLSv1.1;', 'ssl_protocols TLSv1.2 TLSv1.3;'],
  ['a line that leaves out what is required', 'ssl_protocols TLSv1 TLSv1.3;', 'ssl_protocols TLSv1.3 TLSv1.2;'],
]) {
  for (const order of [0, 1]) {
    test(`${kind}, which two servers include, is made right for both (${order})`, t => {
      const servers = [
        `  server { ${TLS} include tls; }\n`,
        `  server { ${TLS} ssl_protocols TLSv1.2; include tls; server_name b; }\n`,
      ];
      const root = `events {}\nhttp {\n${servers[order]}${servers[1 - order]}}\n`;
      becomes(t, { 'nginx.conf': root, tls: `${line}\n` }, { 'nginx.conf': root, tls: `${mended}\n` });
    });
  }
}

test('a file that one server includes twice is changed once', t => {
  const root = `events {}\nhttp {\n  server { ${TLS} include tls; include tls; }\n}\n`;
  becomes(
    t,
    { 'nginx.conf': root, tls: 'ssl_protocols TLSv1;\n' },
    { 'nginx.conf': root, tls: 'ssl_protocols TLSv1.2 TLSv1.3;\n' },
  );
});

test('a missing directive comes beside its kin in a file that is included there alone', t => {
  const root = `events {}\nhttp {\n  include tls;\n  server { ${TLS} }\n}\n`;
  becomes(
    t,
    { 'nginx.conf': root, tls: '# shared\nssl_session_timeout 1d;\nssl_stapling on;\n' },
    {
      'nginx.conf': root,
      tls: '# shared\nssl_session_timeout 1d;\nssl_protocols TLSv1.2 TLSv1.3;\nssl_stapling on;\n',
    },
    { choice: OLD },
  );
});

test('a missing directive does not come into a file that servers include as well', t => {
  const root = `events {}\nhttp {\n  include tls;\n  server { ${TLS} include tls; }\n}\n`;
  becomes(
    t,
    { 'nginx.conf': root, tls: 'ssl_session_timeout 1d;\n' },
    {
      'nginx.conf': root.replace('  include', '  ssl_protocols TLSv1.2 TLSv1.3;\n  include'),
      tls: 'ssl_session_timeout 1d;\n',
    },
    { choice: OLD },
  );
});

test('a missing directive of stream is put into stream', t => {
  const inner = `server { ${TLS} return x; }`;
  const before = `events {}\nhttp {\n  ssl_protocols TLSv1.2;\n}\nstream {\n  ${inner}\n}\n`;
  const after = before.replace(`stream {\n`, `stream {\n  ssl_protocols TLSv1.2 TLSv1.3;\n`);
  becomes(t, { 'nginx.conf': before }, { 'nginx.conf': after }, { choice: { server: 'nginx@1.24.0', openssl: '3.0' } });
});

test('a fragment says what it says', t => {
  becomes(
    t,
    { 'tls.conf': 'ssl_protocols TLSv1.1 TLSv1.2;\n' },
    { 'tls.conf': 'ssl_protocols TLSv1.2;\n' },
    { root: 'tls.conf' },
  );
});

test('the second time there is nothing to do', t => {
  for (const [, before, , options = {}] of cases) {
    const { texts, findings } = fixAll({ 'nginx.conf': before, 'mime.types': '' }, options);
    t.deepEqual(
      findings.filter(({ fix }) => fix && fix.edits.length > 0 && fix.applicability !== 'manual'),
      [],
      texts.get('nginx.conf'),
    );
  }
});

test('beside an include that is not there, old versions go all the same', t => {
  const more = ' include missing.conf;';
  const before = (words: string) => `events {}\nhttp {\n    server { ${TLS} ssl_protocols ${words};${more} }\n}\n`;
  becomes(t, { 'nginx.conf': before('TLSv1 TLSv1.2') }, { 'nginx.conf': before('TLSv1.2') });
});

test('what a template says is changed by hand', t => {
  const before = http('ssl_protocols TLSv1 TLSv1.2;\n    ssl_protocols $' + '{MORE};');
  becomes(t, { 'nginx.conf': before }, { 'nginx.conf': before });
});

/** What is not written, and why. */
const LEFT: ReadonlyArray<readonly [name: string, text: string, reason: string, options?: Options]> = [
  [
    'a version that a target does not know',
    http('ssl_protocols TLSv1.2;'),
    '`TLSv1.3` is not known to all targets',
    { policy: MODERN, choice: { server: 'nginx@1.12.2', openssl: '1.0.2' } },
  ],
  [
    'a command without which those of the block around would count',
    http(
      'ssl_conf_command Options PrioritizeChaCha;',
      ' ssl_protocols TLSv1.2 TLSv1.3; ssl_conf_command Protocol TLSv1.1;',
    ),
    'without it the `ssl_conf_command` of the block around it would count',
    { choice: OLD },
  ],
];

for (const [name, text, reason, options = {}] of LEFT) {
  test(`left to the author: ${name}`, t => {
    const { texts, findings } = fixAll({ 'nginx.conf': text }, options);
    t.is(texts.get('nginx.conf'), text);
    t.deepEqual([...new Set(findings.map(({ fix }) => fix?.reason))], [reason]);
  });
}

/** What a rule of others may wish, at the place of a statement where `at` is its index. */
function wished(files: Files, { at, role = 'server', ...options }: Options & { at?: number; role?: string } = {}) {
  const { range, model } = load(new Map(Object.entries(files)), options);
  const endpoints = model.endpoints.filter(endpoint => endpoint.role === role);
  const place = at === undefined ? {} : { at: model.statements[at]!.origin };
  const require = protocolBit('TLSv1.2');
  const remedy = { set: 'protocols', endpoints, require, forbid: DEPRECATED, add: NONE, ...place } as const;
  return { range, model, fix: model.fix(remedy, range.targets) };
}

test('a fix that no place is right for is left to the author', t => {
  const template = http('ssl_protocols TLSv1 $' + '{MORE};');
  t.is(wished({ 'nginx.conf': template }, { at: 0 }).fix.reason, 'its value is a template');
  const hop = http('', ' location / { proxy_pass https://b.test; }');
  const none = 'there is no block that it could stand in';
  t.is(wished({ 'nginx.conf': hop }, { role: 'client' }).fix.reason, none);
  const part = { 'site.conf': `server { ${TLS} }\n` };
  const unseen = 'the file that it would be inherited from is not known';
  t.is(wished(part, { root: 'site.conf' }).fix.reason, unseen);
});

test('a place that is none of protocols is left alone', t => {
  const { range, model } = wished({ 'nginx.conf': http('') });
  const at = model.endpoints[0]!.scope;
  const wish = { set: 'protocols', at, endpoints: [], require: NONE, forbid: DEPRECATED, add: NONE } as const;
  t.like(model.fix({ set: 'removal', at }, range.targets), {
    applicability: 'manual',
    edits: [],
    reason: 'the directive is not one that can be taken out',
  });
  t.like(model.fix(wish, range.targets), {
    applicability: 'manual',
    edits: [],
    reason: 'the directive that decides is not one that can be edited',
  });
});

test('a line that is void in one place that includes it, and decides in another, stays', t => {
  const root = `events {}\nhttp {\n  server { ${TLS} include tls; ssl_protocols TLSv1.2; }\n  server { ${TLS} include tls; server_name b; }\n}\n`;
  const { range, model } = wished({ 'nginx.conf': root, tls: 'ssl_protocols TLSv1.2;\n' });
  t.is(
    model.fix({ set: 'removal', at: model.statements[0]!.origin }, range.targets).reason,
    'the file is included more than once, and the directive has an effect in one place',
  );
});

test('a missing directive does not come into a file of another directory', t => {
  const root = `events {}\nhttp {\n  include ../tls;\n  server { ${TLS} }\n}\n`;
  const tls = 'ssl_session_timeout 1d;\n';
  const put = root.replace('  include', '  ssl_protocols TLSv1.2 TLSv1.3;\n  include');
  const options = { choice: OLD, root: 'conf/nginx.conf' };
  becomes(t, { 'conf/nginx.conf': root, tls }, { 'conf/nginx.conf': put, tls }, options);
});
