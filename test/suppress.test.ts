import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { lintText } from '../src/lint-text.js';
import { nginxServer, tlslint, workspace } from './helpers/command.js';
import { cpuMs } from './helpers/cpu.js';
import { runs } from './helpers/properties.js';

const httpd = (body: string) =>
  `Listen 443\n${body}\n<VirtualHost *:443>\n    SSLEngine on\n    SSLCertificateFile a.pem\n</VirtualHost>\n`;

async function rulesOf(text: string, name = 'nginx.conf'): Promise<string[]> {
  const { findings } = await lintText(text, { path: name });
  return findings.map(({ rule, place }) => `${place.start.line} ${rule}`);
}

const WHY = 'deprecated-protocol -- old tills';

const silent: Array<[string, string]> = [
  ['next line', `# tlslint-disable-next-line ${WHY}\nssl_protocols TLSv1 TLSv1.2;`],
  [
    'next line over blank lines and comments',
    `# tlslint-disable-next-line ${WHY}\n\n# why\nssl_protocols TLSv1 TLSv1.2;`,
  ],
  ['a directive of several lines', `# tlslint-disable-next-line ${WHY}\nssl_protocols\n  TLSv1.2\n  TLSv1;`],
  ['trailing', `ssl_protocols TLSv1 TLSv1.2; # tlslint-disable-line ${WHY}`],
  ['trailing, behind several lines', `ssl_protocols TLSv1\n  TLSv1.2; # tlslint-disable-line ${WHY}`],
  ['inside a head', `ssl_protocols # tlslint-disable-line ${WHY}\n  TLSv1 TLSv1.2;`],
  ['inside a head, before a line', `ssl_protocols\n  # tlslint-disable-next-line ${WHY}\n  TLSv1 TLSv1.2;`],
  ['a block', `# tlslint-disable ${WHY}\nssl_protocols TLSv1 TLSv1.2;\n# tlslint-enable deprecated-protocol`],
  ['a block to the end', `# tlslint-disable ${WHY}\nssl_protocols TLSv1 TLSv1.2;`],
  ['a block that ends for all', `# tlslint-disable ${WHY}\nssl_protocols TLSv1 TLSv1.2;\n# tlslint-enable`],
  ['a file, from below', `ssl_protocols TLSv1 TLSv1.2;\n# tlslint-disable-file ${WHY}`],
  ['all rules', '# tlslint-disable-next-line all -- a test server\nssl_protocols TLSv1 TLSv1.2;'],
  ['no blank behind the mark', `#tlslint-disable-next-line ${WHY}\nssl_protocols TLSv1 TLSv1.2;`],
];
for (const [name, body] of silent) {
  test(`silent: ${name}`, async t => {
    for (const eol of ['\n', '\r\n']) {
      const text = nginxServer(body).replaceAll('\n', eol);
      t.deepEqual(await rulesOf(text), [], JSON.stringify(eol));
      // And neither is it fixed.
      t.is((await lintText(text, { path: 'nginx.conf' })).fixed, text);
    }
  });
}

const loud: Array<[string, string, RegExp, string]> = [
  ['no reason', '# tlslint-disable-next-line deprecated-protocol', /without a reason/, 'invalid-suppression'],
  ['no rule', '# tlslint-disable-next-line -- old tills', /without a rule/, 'invalid-suppression'],
  [
    'unknown rule',
    '# tlslint-disable-next-line deprecated-protocl -- x1',
    /did you mean `deprecated-protocol`/,
    'invalid-suppression',
  ],
  [
    'one unknown of two',
    '# tlslint-disable-next-line deprecated-protocol, zzz -- x1',
    /rule `zzz`/,
    'invalid-suppression',
  ],
  [
    'unknown word',
    '# tlslint-disable-nextline deprecated-protocol -- x1',
    /did you mean `tlslint-disable-next-line`/,
    'invalid-suppression',
  ],
  [
    'its own rules',
    '# tlslint-disable-file unused-suppression -- x1',
    /no comment can suppress/,
    'invalid-suppression',
  ],
  [
    'another rule',
    '# tlslint-disable-next-line missing-tls12 -- x1',
    /suppression of `missing-tls12`/,
    'unused-suppression',
  ],
  ['an end alone', '# tlslint-enable', /which nothing disables here/, 'unused-suppression'],
];
for (const [name, comment, message, rule] of loud) {
  test(`still found: ${name}`, async t => {
    const { findings } = await lintText(nginxServer(`${comment}\nssl_protocols TLSv1 TLSv1.2;`), {
      path: 'nginx.conf',
    });
    t.deepEqual(findings.map(each => each.rule).sort(), ['deprecated-protocol', rule].sort());
    t.regex(findings.find(each => each.rule === rule)!.message, message);
  });
}

test('httpd: next line, block and file; none behind a directive', async t => {
  const weak = 'SSLProtocol -all +TLSv1.1 +TLSv1.2';
  for (const body of [
    `# tlslint-disable-next-line ${WHY}\n${weak}`,
    `# tlslint-disable-next-line deprecated-protocol \\\n  -- old tills\n${weak}`,
    `# tlslint-disable ${WHY}\n${weak}\n# tlslint-enable deprecated-protocol`,
    `${weak}\n# tlslint-disable-file ${WHY}`,
  ]) {
    t.deepEqual(await rulesOf(httpd(body), 'httpd.conf'), [], body);
  }
  t.deepEqual(await rulesOf(httpd(`${weak}\n# tlslint-disable-line ${WHY}`), 'httpd.conf'), [
    '2 deprecated-protocol',
    '3 invalid-suppression',
  ]);
});

test('strings and Lua hold no comments', async t => {
  const inString = `add_header X "\n# tlslint-disable-file ${WHY}\n";`;
  t.deepEqual(await rulesOf(nginxServer(`${inString}\nssl_protocols TLSv1 TLSv1.2;`)), ['8 deprecated-protocol']);
  const inLua = `access_by_lua_block {\n -- [[ ]]\n local a = "# tlslint-disable-file ${WHY}"\n# tlslint-disable-file x\n}`;
  t.false(
    (await rulesOf(nginxServer(`${inLua}\nssl_protocols TLSv1 TLSv1.2;`))).some(each => each.includes('suppression')),
  );
});

test('a comment speaks of its own file alone', async t => {
  const main = `# tlslint-disable-file ${WHY}\nevents {}\nhttp { include a.conf; }\n`;
  const part = 'server { listen 443 ssl; ssl_certificate a; ssl_certificate_key a; ssl_protocols TLSv1 TLSv1.2; }\n';
  const { findings } = await lintText(main, { path: 'nginx.conf', files: { 'a.conf': part } });
  t.deepEqual(
    findings.map(each => `${each.path} ${each.rule}`),
    ['a.conf deprecated-protocol', 'nginx.conf unused-suppression'],
  );
});

test('unused is said only by rules that knew enough', async t => {
  const unused = `# tlslint-disable-file ${WHY}\n`;
  t.deepEqual(await rulesOf(`${unused}${nginxServer('ssl_protocols TLSv1.2;')}`), ['1 unused-suppression']);
  t.deepEqual(await rulesOf(`${unused}server { listen 443 ssl; }\n`, 'conf.d/a.conf'), []);
  const missing = await rulesOf(`${unused}${nginxServer('include gone.conf;\nssl_protocols TLSv1.2;')}`);
  t.false(
    missing.some(each => each.includes('unused')),
    missing.join(),
  );
  const cwd = workspace(t, { 'nginx.conf': `${unused}${nginxServer('ssl_protocols TLSv1.2;')}` });
  t.is(tlslint(cwd, ['nginx.conf']).status, 1);
  for (const args of [
    ['--skip', 'deprecated-protocol'],
    ['--only', 'missing-tls12'],
    ['--skip', 'unused-suppression'],
  ]) {
    t.like(tlslint(cwd, [...args, 'nginx.conf']), { status: 0, stdout: '' }, args.join(' '));
  }
});

test('what is suppressed already, or stands before nothing, is unused', async t => {
  const again = `# tlslint-disable ${WHY}\n`;
  t.deepEqual(await rulesOf(`${again}${again}${nginxServer('ssl_protocols TLSv1 TLSv1.2;')}`), [
    '2 unused-suppression',
  ]);
  const twice = `# tlslint-disable-file ${WHY}\n`;
  t.deepEqual(await rulesOf(`${twice}${twice}${nginxServer('ssl_protocols TLSv1 TLSv1.2;')}`), [
    '2 unused-suppression',
  ]);
  const last = `# tlslint-disable-next-line ${WHY}\n`;
  t.deepEqual(await rulesOf(`${nginxServer('ssl_protocols TLSv1.2;')}${last}`), ['8 unused-suppression']);
});

test('a comment of C# may end with more stars', async t => {
  const weak = 'ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;\n';
  const found = (await rulesOf(weak, 'a.cs')).map(each => each.split(' ')[1]!);
  t.true(found.includes('deprecated-upstream-protocol'));
  t.deepEqual(await rulesOf(`/* tlslint-disable-file ${found.join(', ')} -- old gateway ***/ ${weak}`, 'a.cs'), []);
});

test('a fix that makes a suppression useless takes it along, and nothing else', t => {
  const text = nginxServer(
    `    # tlslint-disable-next-line deprecated-protocol, missing-tls12 -- old tills\n    ssl_protocols TLSv1 TLSv1.2;\n    # tlslint-disable ${WHY}\n    # kept\n    # tlslint-enable deprecated-protocol`,
  );
  const cwd = workspace(t, { 'nginx.conf': text });
  t.is(tlslint(cwd, ['--write', 'nginx.conf']).status, 0);
  const fixed = nginxServer(
    '    # tlslint-disable-next-line deprecated-protocol -- old tills\n    ssl_protocols TLSv1 TLSv1.2;\n    # kept',
  );
  t.is(readFileSync(path.join(cwd, 'nginx.conf'), 'utf8'), fixed);
  t.like(tlslint(cwd, ['nginx.conf']), { status: 0, stdout: '' });
});

test('suppressed: not in any report but SARIF, no exit code, no diff', t => {
  const cwd = workspace(t, {
    'nginx.conf': nginxServer(`# tlslint-disable-next-line ${WHY}\nssl_protocols TLSv1 TLSv1.2;`),
  });
  for (const format of ['text', 'compact', 'github']) {
    t.like(tlslint(cwd, ['--format', format, 'nginx.conf']), { status: 0, stdout: '' }, format);
  }
  t.like(tlslint(cwd, ['--diff', 'nginx.conf']), { status: 0, stdout: '' });
  t.deepEqual(JSON.parse(tlslint(cwd, ['--format', 'json', 'nginx.conf']).stdout).files, []);
  const [result] = JSON.parse(tlslint(cwd, ['--format', 'sarif', 'nginx.conf']).stdout).runs[0].results;
  t.like(result, { ruleId: 'deprecated-protocol', suppressions: [{ kind: 'inSource', justification: 'old tills' }] });
});

test('what does not parse is not silenced', t => {
  const cwd = workspace(t, { 'nginx.conf': '# tlslint-disable-file all, syntax -- generated\nevents {}\nhttp {\n' });
  const { status, stdout } = tlslint(cwd, ['nginx.conf']);
  t.is(status, 2);
  t.regex(stdout, /error syntax/);
});

test('no comment makes the reader throw, and none hides a finding without a reason', async t => {
  const part = fc.constantFrom(
    '#',
    ' ',
    'tlslint-',
    'disable',
    '-line',
    '-next-line',
    '-file',
    'enable',
    ',',
    '--',
    '-',
    'all',
    'syntax',
    'deprecated-protocol',
    '\t',
    '\\',
    '\r',
    'é',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 12 }), async parts => {
      const comment = `# tlslint-${parts.join('')}`;
      const found = await rulesOf(nginxServer(`${comment}\nssl_protocols TLSv1 TLSv1.2;`));
      if (!/\s--+\s/.test(comment))
        t.true(
          found.some(each => each.endsWith('deprecated-protocol')),
          comment,
        );
    }),
    { numRuns: runs(150) },
  );
});

test.serial('four times the comments and findings take about four times as long', async t => {
  const server = (index: number) =>
    `server { listen ${index + 1} ssl; ssl_certificate a; ssl_certificate_key a;\n# tlslint-disable-next-line ${WHY}\nssl_protocols TLSv1 TLSv1.2; }\n`;
  const took = async (count: number) => {
    const text = `events {}\nhttp {\n${Array.from({ length: count }, (_, index) => server(index)).join('')}}\n`;
    const began = cpuMs();
    t.deepEqual(await rulesOf(text), []);
    return cpuMs() - began;
  };
  await took(500);
  const few = await took(500);
  const many = await took(2000);
  t.true(many < 10 * few, `${few} ms, then ${many} ms`);
});

test('baseline: old findings neither fail nor are fixed, new ones do; lines may move', t => {
  const cwd = workspace(t, { 'nginx.conf': nginxServer('    ssl_protocols TLSv1 TLSv1.2;') });
  const write = (text: string) => writeFileSync(path.join(cwd, 'nginx.conf'), text);
  t.like(tlslint(cwd, ['--write-baseline', 'nginx.conf']), {
    status: 0,
    stdout: 'tlslint-baseline.json: 1 finding recorded.\n',
  });
  const held = ['--baseline', 'tlslint-baseline.json'];
  t.like(tlslint(cwd, [...held, 'nginx.conf']), { status: 0, stdout: '', stderr: '' });
  write(`# new\n\n${nginxServer('\tssl_protocols   TLSv1 TLSv1.2;')}`);
  t.like(tlslint(cwd, [...held, 'nginx.conf']), { status: 0, stdout: '', stderr: '' });
  t.like(tlslint(path.dirname(cwd), ['--baseline', `${cwd}/tlslint-baseline.json`, `${cwd}/nginx.conf`]), {
    status: 0,
    stderr: '',
  });
  t.like(tlslint(cwd, [...held, '--diff', 'nginx.conf']), { status: 0, stdout: '' });
  t.is(tlslint(cwd, ['--diff', 'nginx.conf']).status, 1);
  const second =
    '  server { listen 8443 ssl; ssl_certificate a; ssl_certificate_key a;\n    ssl_protocols TLSv1.1 TLSv1.2; }\n}\n';
  write(nginxServer('    ssl_protocols TLSv1 TLSv1.2;').replace(/}\n$/, second));
  const { status, stdout } = tlslint(cwd, [...held, 'nginx.conf']);
  t.is(status, 1);
  t.regex(stdout, /^nginx\.conf:8:19 error deprecated-protocol\n/);
  t.regex(stdout, /\n1 error in 1 file/);
  t.is(tlslint(cwd, [...held, '--write', 'nginx.conf']).status, 0);
  t.true(readFileSync(path.join(cwd, 'nginx.conf'), 'utf8').includes('ssl_protocols TLSv1 TLSv1.2;'));
});

test('baseline: named by the configuration file, beside it, and switched off for once', t => {
  const weak = nginxServer('    ssl_protocols TLSv1 TLSv1.2;');
  const cwd = workspace(t, {
    'repo/conf/nginx.conf': weak,
    'repo/tlslint.config.json': '{"baseline": "ci/known.json"}',
    'repo/ci/readme': '',
  });
  const config = ['--config', 'repo/tlslint.config.json'];
  const missing = tlslint(cwd, [...config, 'repo/conf/nginx.conf']);
  t.is(missing.status, 2);
  t.regex(missing.stderr, /`--write-baseline=repo\/ci\/known\.json` makes it/);
  t.is(tlslint(cwd, ['config', 'validate', 'repo/tlslint.config.json']).status, 2);
  t.like(tlslint(cwd, ['--write-baseline', 'repo/conf/nginx.conf']), {
    status: 0,
    stdout: 'repo/ci/known.json: 1 finding recorded.\n',
  });
  t.is(tlslint(cwd, ['config', 'validate', 'repo/tlslint.config.json']).status, 0);
  t.like(tlslint(cwd, ['repo/conf/nginx.conf']), { status: 0, stdout: '' });
  t.like(tlslint(path.join(cwd, 'repo/conf'), ['--write', 'nginx.conf']), { status: 0, stdout: '' });
  t.is(readFileSync(path.join(cwd, 'repo/conf/nginx.conf'), 'utf8'), weak);
  t.is(tlslint(cwd, ['--no-baseline', 'repo/conf/nginx.conf']).status, 1);
  t.is(tlslint(cwd, ['--no-config', 'repo/conf/nginx.conf']).status, 1);
  t.is(tlslint(cwd, ['--no-baseline', '--baseline', 'b.json', 'repo/conf/nginx.conf']).status, 2);
  const printed = JSON.parse(tlslint(cwd, ['--print-config', 'repo/conf/nginx.conf']).stdout);
  t.is(path.relative(printed.baseline, path.join(realpathSync(cwd), 'repo/ci/known.json')), '');
  writeFileSync(path.join(cwd, 'repo/other.json'), '{"schemaVersion": 1, "findings": []}');
  t.is(tlslint(cwd, ['--baseline', 'repo/other.json', 'repo/conf/nginx.conf']).status, 1);
});

test('baseline: as many of a kind as were recorded, no more', t => {
  const server = (port: number) =>
    `server { listen ${port} ssl; ssl_certificate a; ssl_certificate_key a;\nssl_protocols TLSv1 TLSv1.2;\n}\n`;
  const tree = (...ports: number[]) => `events {}\nhttp {\n${ports.map(server).join('')}}\n`;
  const cwd = workspace(t, { 'nginx.conf': tree(1, 2) });
  const held = ['--baseline', 'b.json', 'nginx.conf'];
  t.is(tlslint(cwd, ['--write-baseline=b.json', 'nginx.conf']).status, 0);
  writeFileSync(path.join(cwd, 'nginx.conf'), tree(1, 2, 3));
  t.is(tlslint(cwd, held).status, 1);
  writeFileSync(path.join(cwd, 'nginx.conf'), tree(1));
  const { status, stderr } = tlslint(cwd, held);
  t.is(status, 0);
  t.regex(stderr, /1 entry is no longer found in b\.json; `--write-baseline=b\.json` takes them out/);
  t.is(tlslint(cwd, ['--skip', 'deprecated-protocol', ...held]).stderr, '');
  t.is(tlslint(cwd, ['--write-baseline', ...held]).status, 0);
  t.is(JSON.parse(readFileSync(path.join(cwd, 'b.json'), 'utf8')).findings.length, 1);
  t.like(tlslint(cwd, held), { status: 0, stderr: '' });
});

test('baseline: a rewrite keeps what it was not asked about, and drops files that are gone', t => {
  const weak = nginxServer('ssl_protocols TLSv1 TLSv1.2;');
  const cwd = workspace(t, { 'a/nginx.conf': weak, 'b/nginx.conf': weak });
  const paths = () =>
    JSON.parse(readFileSync(path.join(cwd, 'tlslint-baseline.json'), 'utf8')).findings.map(
      (each: { path: string }) => each.path,
    );
  tlslint(cwd, ['--write-baseline', '.']);
  t.deepEqual(paths(), ['a/nginx.conf', 'b/nginx.conf']);
  tlslint(cwd, ['--write-baseline', 'a']);
  tlslint(cwd, ['--write-baseline', '--skip', 'deprecated-protocol', 'b']);
  t.deepEqual(paths(), ['a/nginx.conf', 'b/nginx.conf']);
  writeFileSync(path.join(cwd, 'a/nginx.conf'), nginxServer('ssl_protocols TLSv1.2;'));
  tlslint(cwd, ['--write-baseline', '.']);
  t.deepEqual(paths(), ['b/nginx.conf']);
});

const wrong: Array<[string, string, RegExp]> = [
  ['no JSON', '{', /Unexpected content in the baseline/],
  ['another file', '[]', /Unexpected content/],
  ['another version', '{"schemaVersion":9,"findings":[]}', /Unexpected `schemaVersion`/],
  ['a wrong entry', '{"schemaVersion":1,"findings":[{"rule":1}]}', /Unexpected entry/],
];
for (const [name, text, message] of wrong) {
  test(`baseline that is none: ${name}`, t => {
    const cwd = workspace(t, { 'nginx.conf': nginxServer('ssl_protocols TLSv1.2;'), 'b.json': text });
    for (const args of [['--baseline', 'b.json'], ['--write-baseline=b.json']]) {
      const { status, stderr } = tlslint(cwd, [...args, 'nginx.conf']);
      t.is(status, 2);
      t.regex(stderr, message);
    }
    t.is(readFileSync(path.join(cwd, 'b.json'), 'utf8'), text);
  });
}

test('a baseline that is missing is 2 and says how to make it; it is not written beside fixes', t => {
  const cwd = workspace(t, { 'nginx.conf': nginxServer('ssl_protocols TLSv1.2;') });
  const { status, stderr } = tlslint(cwd, ['--baseline', 'gone.json', 'nginx.conf']);
  t.is(status, 2);
  t.regex(stderr, /`--write-baseline=gone\.json` makes it/);
  t.is(tlslint(cwd, ['--write-baseline', '--diff', 'nginx.conf']).status, 2);
});
