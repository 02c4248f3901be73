/** Files from strangers: nothing hangs, nothing is thrown, and what is not read is said. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { inspect, lintText } from '../src/index.js';
import { cpuMs } from './helpers/cpu.js';
import { CLI } from './helpers/program.js';

const LIMIT_MS = 60_000;
const MOST_MEGABYTES = 500;

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly megabytes: number;
  /** What `look` saw when the run was over. */
  readonly after: string | undefined;
}

/** Runs the command in a directory of these files, with its peak memory on the last line of stderr. */
function run(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  prepare?: (top: string) => void,
  cwd = '.',
  look?: (top: string) => string,
): Run {
  const top = mkdtempSync(path.join(tmpdir(), 'tlslint-hostile-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(top, name)), { recursive: true });
      writeFileSync(path.join(top, name), text);
    }
    prepare?.(top);
    const script = `process.on('exit',()=>process._rawDebug(process.resourceUsage().maxRSS))`;
    const preload = `data:text/javascript,${encodeURIComponent(script)}`;
    const result = spawnSync(process.execPath, ['--import', preload, CLI, ...args], {
      cwd: path.join(top, cwd),
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    const lines = result.stderr.trimEnd().split('\n');
    return { ...result, after: look?.(top), megabytes: (Number(lines.at(-1)) * 1024) / 1e6 };
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

const nginx = (inside: string) => `events {}\nhttp {\n${inside}\n}\n`;
const apache = (inside: string) => `Listen 443\nDefaultRuntimeDir run\n${inside}\n`;

const CYCLES: Readonly<Record<string, { readonly files: Record<string, string>; readonly link?: string }>> = {
  'nginx, itself': { files: { 'nginx.conf': nginx('include nginx.conf;') } },
  'nginx, two files': {
    files: { 'nginx.conf': nginx('include a;'), a: 'include b;\n', b: 'include a;\n' },
  },
  'nginx, three files': {
    files: { 'nginx.conf': nginx('include a;'), a: 'include b;\n', b: 'include c;\n', c: 'include a;\n' },
  },
  'nginx, by a pattern': { files: { 'nginx.conf': nginx('include *.conf;') } },
  'nginx, by a link': { files: { 'nginx.conf': nginx('include d/*;'), 'd/x': '' }, link: 'd/y' },
  'apache, itself': { files: { 'apache2.conf': apache('Include apache2.conf') } },
  'apache, two files': {
    files: { 'apache2.conf': apache('Include a'), a: 'Include b\n', b: 'Include a\n' },
  },
  'apache, three files': {
    files: { 'apache2.conf': apache('Include a'), a: 'Include b\n', b: 'Include c\n', c: 'Include a\n' },
  },
  'apache, by a pattern': { files: { 'apache2.conf': apache('Include *.conf') } },
  'apache, by a link': { files: { 'apache2.conf': apache('Include d/*'), 'd/x': '' }, link: 'd/y' },
};

for (const [name, { files, link }] of Object.entries(CYCLES)) {
  test(`a cycle of includes is told: ${name}`, t => {
    const [main = ''] = Object.keys(files);
    const { status, stdout } = run(files, [main], top => {
      if (link !== undefined) symlinkSync(path.join(top, main), path.join(top, link));
    });
    t.is(status, 1, stdout);
    t.regex(stdout, /unresolved-include\n.*(?:leads back to itself|includes itself)/);
  });
}

const PIPES: Readonly<Record<string, (path: string) => Record<string, string>>> = {
  nginx: place => ({ 'nginx.conf': nginx(`include ${place};`) }),
  apache: place => ({ 'apache2.conf': apache(`Include ${place}`) }),
};

for (const [dialect, filesFor] of Object.entries(PIPES)) {
  for (const place of ['/dev/zero', '/dev/stdin', 'fifo']) {
    test(`what is no regular file is not read: ${dialect}, ${place}`, t => {
      const files = filesFor(place);
      const { status, stdout } = run(files, Object.keys(files), top => {
        spawnSync('mkfifo', [path.join(top, 'fifo')]);
      });
      t.true(status === 1 || status === 2, stdout);
      t.regex(stdout, /unresolved-include\n.*is not a regular file/);
    });
  }
}

/** Each with what its report must say; `''` where it is fine. */
const LARGE: Readonly<Record<string, readonly [file: string, text: () => string, says: RegExp]>> = {
  '200,000 nested blocks': [
    'nginx.conf',
    () => nginx(`${'location / {\n'.repeat(200_000)}${'}\n'.repeat(200_000)}`),
    /Unexpected `location` in `http`/,
  ],
  '200,000 nested sections': [
    'apache2.conf',
    () => apache(`${'<IfModule x>\n'.repeat(200_000)}${'</IfModule>\n'.repeat(200_000)}`),
    /^$/,
  ],
  'a line of 10 MB of words (nginx)': [
    'nginx.conf',
    () => nginx(`server { server_name ${'a '.repeat(5_000_000)}; }`),
    /after 100000 others, expected fewer/,
  ],
  'a line of 10 MB of words (apache)': [
    'apache2.conf',
    () => apache(`ServerAlias ${'a '.repeat(5_000_000)}`),
    /more than 100000 words, expected fewer/,
  ],
  'a line of 10 MB with continuations': [
    'apache2.conf',
    () => apache(`ServerAlias ${'a \\\n'.repeat(2_500_000)}`),
    /more than 100000 words, expected fewer/,
  ],
  'a word of 10 MB': [
    'nginx.conf',
    () => nginx(`server_name ${'a'.repeat(10_000_000)};`),
    /word of 4096 bytes or more/,
  ],
  '10 MB of blanks': ['nginx.conf', () => nginx(' '.repeat(10_000_000)), /^$/],
  '100 MB': ['nginx.conf', () => nginx(`    log_format x "${'a'.repeat(81)}";\n`.repeat(1_000_000)), /^$/],
};

for (const [name, [file, text, says]] of Object.entries(LARGE)) {
  test.serial(`${name} within ${MOST_MEGABYTES} MB`, t => {
    const { status, stdout, stderr, megabytes } = run({ [file]: text() }, [file]);
    t.true(status === 0 || status === 1 || status === 2, stderr);
    t.regex(stdout, says);
    t.true(megabytes < MOST_MEGABYTES, `${megabytes} MB`);
  });
}

test('files that include each other ten times over are given up, and it is said', t => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => [`a${level}`, `include a${level + 1};\n`.repeat(10)] as const,
  );
  const { status, stdout } = run(
    { 'nginx.conf': nginx('include a0;'), ...Object.fromEntries(levels), a30: 'gzip on;\n' },
    ['nginx.conf'],
  );
  t.is(status, 1, stdout);
  t.regex(stdout, /include each other too often/);
});

const ELSEWHERE: Readonly<Record<string, Record<string, string>>> = {
  nginx: {
    'a/nginx.conf': nginx('include ../b/x;'),
    'b/x': 'server { listen 443 ssl; ssl_certificate c; ssl_certificate_key k; ssl_protocols TLSv1 TLSv1.2; }\n',
  },
  apache: {
    'a/apache2.conf': 'Listen 443\nDefaultRuntimeDir run\nInclude ../b/x\n',
    'b/x':
      '<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile c\nSSLProtocol +TLSv1 +TLSv1.1 +TLSv1.2\n</VirtualHost>\n',
  },
};

for (const [dialect, files] of Object.entries(ELSEWHERE)) {
  test(`text of a file elsewhere is neither shown nor changed: ${dialect}`, t => {
    const [name = ''] = Object.keys(files);
    const frame = /^ *\d+ \|/m;
    const inside = run(files, [name]);
    t.regex(inside.stdout, /b\/x:\d+:\d+ error deprecated-protocol/);
    t.regex(inside.stdout, frame);
    const read = (top: string) => readFileSync(path.join(top, 'b/x'), 'utf8');
    const outside = run(files, ['--write', path.basename(name)], undefined, 'a', read);
    t.regex(outside.stdout, /b\/x:\d+:\d+ error deprecated-protocol/);
    t.notRegex(outside.stdout, frame);
    t.is(outside.after, files['b/x']);
    const named = run(files, ['--write', '--unsafe-fixes', path.basename(name)], undefined, 'a', read);
    t.not(named.after, files['b/x']);
  });
}

const SECRETS: Readonly<Record<string, Record<string, string>>> = {
  nginx: {
    'a/nginx.conf': nginx('include ../b/x;\nserver { include ../b/x; }'),
    'b/x':
      'ssl_protocols TLSv1 secret1;\n# tlslint-disable-next-line secret2 -- why\nlisten 443 ssl;\nroot:secret4:0 secret5;\n',
  },
  apache: {
    'a/apache2.conf': 'Listen 443\nDefaultRuntimeDir run\nInclude ../b/x\n',
    'b/x': 'SSLProtocol TLSv1 secret1\nroot:secret2:0 secret3\n<secret4 x>\n',
  },
};

for (const [dialect, files] of Object.entries(SECRETS)) {
  test(`no word of a file elsewhere is quoted, by the command or the library: ${dialect}`, async t => {
    const [name = ''] = Object.keys(files);
    for (const format of ['text', 'json', 'sarif']) {
      const { stdout, stderr } = run(files, ['--format', format, path.basename(name)], undefined, 'a');
      t.regex(stdout, /b\/x/);
      t.notRegex(stdout + stderr, /secret\d/);
    }
    const top = mkdtempSync(path.join(tmpdir(), 'tlslint-hostile-'));
    t.teardown(() => rmSync(top, { recursive: true, force: true }));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(top, file)), { recursive: true });
      writeFileSync(path.join(top, file), text);
    }
    const { findings } = await inspect(path.basename(name), { cwd: path.join(top, 'a') });
    t.true(findings.some(each => each.path.endsWith('b/x')));
    t.notRegex(JSON.stringify(findings), /secret\d/);
  });
}

test('macros that use each other ten times over are given up, and it is said', t => {
  const macros = Array.from(
    { length: 30 },
    (_, level) => `<Macro m${level}>\n${`Use m${level + 1}\n`.repeat(10)}</Macro>\n`,
  );
  const { status, stdout } = run(
    { 'apache2.conf': apache(`${macros.join('')}<Macro m30>\nServerName x\n</Macro>\nUse m0`) },
    ['apache2.conf'],
  );
  t.is(status, 1, stdout);
  t.regex(stdout, /after too many others/);
});

/** 100 kB each, of what a backtracking expression would stumble over: no road through the whole program may be slow. */
const ADVERSARIAL = [
  '\n',
  ' ',
  '\t',
  ';',
  '<',
  '<a',
  '$',
  '{{',
  '${',
  '~(',
  '1',
  '1d ',
  '.',
  '*.',
  '-',
  ':',
  '/',
  '"',
  '\\',
  '#',
  '@',
  'a=',
  '[',
  '\r',
];
const PLACES: Readonly<Record<string, (text: string) => string>> = {
  bare: text => text,
  'nginx, top': text => `events {}\nhttp { ${text} }\n`,
  'nginx, listen': text => nginx(`server { listen "${text}"; }`),
  'nginx, names': text =>
    nginx(`server { listen 443 ssl; server_name "${text}"; }\nserver { listen 443 ssl; server_name b; }`),
  'nginx, protocols': text =>
    nginx(`server { listen 443 ssl; ssl_protocols "${text}"; ssl_session_timeout "${text}"; }`),
  'nginx, ciphers': text => nginx(`server { listen 443 ssl; ssl_ciphers "${text}"; ssl_ecdh_curve "${text}"; }`),
  'nginx, location': text => nginx(`server { location "${text}" { proxy_pass "${text}"; } }`),
  'nginx, include': text => nginx(`include "${text}";`),
  'apache, protocol': text => `Listen 443\n<VirtualHost *:443>\nSSLEngine on\nSSLProtocol "${text}"\n</VirtualHost>\n`,
  'apache, listen': text => `Listen "${text}"\n<VirtualHost "${text}">\nSSLEngine on\n</VirtualHost>\n`,
  'apache, ciphers': text =>
    `Listen 443\n<VirtualHost *:443>\nSSLEngine on\nSSLCipherSuite "${text}"\n</VirtualHost>\n`,
  'apache, include': text => `Listen 443\nServerRoot /x\nInclude "${text}"\nDefine X "${text}"\nServerName "${text}"\n`,
  'apache, condition': text =>
    `Listen 443\nServerRoot /x\n<IfVersion "${text}">\n</IfVersion>\n<If "${text}">\n</If>\n`,
};
const SLOWEST_MS = 3000;

for (const [place, write] of Object.entries(PLACES)) {
  test.serial(`100 kB of one thing takes no time: ${place}`, async t => {
    for (const piece of ADVERSARIAL) {
      const text = piece.repeat(Math.ceil(100_000 / piece.length)).slice(0, 100_000);
      const began = cpuMs();
      const name = place.startsWith('apache') ? 'apache2.conf' : 'nginx.conf';
      await lintText(write(`${text}x`), { path: name });
      const took = cpuMs() - began;
      t.true(took < SLOWEST_MS, `${JSON.stringify(piece)} at ${place}: ${Math.round(took)} ms`);
    }
  });
}
