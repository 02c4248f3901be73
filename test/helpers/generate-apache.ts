/** Random Apache configurations, written so that most load and nearly every line can matter. */
import fc from 'fast-check';
import type { Tree } from './compare.js';
import { ASKED, command, connects, NEW_TOKENS, often, PORTS, SUITE_LISTS } from './generate.js';

const apacheTokens = fc.oneof(
  often(
    30,
    fc.array(fc.tuple(fc.constantFrom('', '+', '+', '-', '-'), fc.constantFrom(...NEW_TOKENS, 'all')), {
      minLength: 1,
      maxLength: 4,
    }),
  ),
  often(
    10,
    fc
      .uniqueArray(fc.constantFrom(...NEW_TOKENS), { minLength: 1, maxLength: 4 })
      .map(list => list.map(token => ['+', token] as const)),
  ),
  often(
    10,
    fc
      .uniqueArray(fc.constantFrom(...NEW_TOKENS, 'SSLv3', 'SSLv2'), { maxLength: 3 })
      .map(list => [['', 'all'] as const, ...list.map(token => ['-', token] as const)]),
  ),
  often(1, fc.constantFrom([['', 'TLSv1.0'] as const], [['+', 'SSLv3'] as const], [])),
);

const apacheProtocol = fc
  .tuple(
    apacheTokens,
    fc.constantFrom(' ', ' ', ' \\\n    ', '\t'),
    fc.constantFrom('SSLProtocol', 'SSLProtocol', 'sslprotocol'),
  )
  .map(([tokens, space, name]) => [name, ...tokens.map(([sign, token]) => sign + token)].join(space));

const apacheCommand = command.map(([name, value]) => `SSLOpenSSLConfCmd ${name} "${value}"`);
const apacheSuites = fc
  .tuple(fc.constantFrom('', '', '', '', 'SSL '), fc.constantFrom(...SUITE_LISTS))
  .map(([form, list]) => `SSLCipherSuite ${form}${list}`);

/** Conditions that hold, or do not, around some lines. */
const CONDITIONS: ReadonlyArray<readonly [open: string, close: string]> = [
  ['<IfModule mod_ssl.c>', '</IfModule>'],
  ['<IfModule !ssl_module>', '</IfModule>'],
  ['<IfDefine Modern>', '</IfDefine>'],
  ['<IfDefine !Modern>', '</IfDefine>'],
  ['<IfVersion >= 2.4.40>', '</IfVersion>'],
  ['<IfVersion < 2.4>', '</IfVersion>'],
  ['<IfFile "cert.pem">', '</IfFile>'],
];

function apacheLines(most: number): fc.Arbitrary<string[]> {
  return fc
    .record({
      protocols: fc.array(apacheProtocol, { maxLength: most }),
      commands: fc.array(apacheCommand, { maxLength: 2 }),
      suites: fc.array(apacheSuites, { maxLength: 1 }),
      coins: fc.tuple(fc.boolean(), fc.boolean()),
      condition: fc.option(fc.constantFrom(...CONDITIONS), { nil: undefined, freq: 5 }),
    })
    .map(made => {
      const lines = [...made.protocols, ...(made.coins[0] && made.coins[1] ? made.commands : []), ...made.suites];
      if (made.coins[1]) lines.reverse();
      return made.condition === undefined ? lines : [made.condition[0], ...lines, made.condition[1]];
    });
}

const ADDRESSES = [
  `127.0.0.1:${PORTS[0]}`,
  `127.0.0.1:${PORTS[0]}`,
  `127.0.0.1:${PORTS[0]}`,
  `*:${PORTS[0]}`,
  `_default_:${PORTS[0]}`,
  `127.0.0.1:${PORTS[1]}`,
  `*:${PORTS[1]}`,
  `[::1]:${PORTS[1]}`,
  '127.0.0.1',
  '*',
  '127.0.0.1:*',
  `127.0.0.1:${PORTS[0]} 127.0.0.1:${PORTS[1]}`,
] as const;

const APACHE_CERTIFICATES = {
  rsa: ['SSLCertificateFile cert.pem', 'SSLCertificateKeyFile key.pem'],
  ec: ['SSLCertificateFile eccert.pem', 'SSLCertificateKeyFile eckey.pem'],
} as const;

const apacheHost = fc.record({
  address: fc.constantFrom(...ADDRESSES),
  name: fc.constantFrom('', 'a.test', 'b.test', 'b.test:443', 'A.test', 'www.q'),
  aliases: fc.uniqueArray(fc.constantFrom('b.test', '*.w.test', 'd.test', 'r?.test'), { maxLength: 2 }),
  engine: fc.oneof(
    often(12, fc.constant('SSLEngine on')),
    often(1, fc.constantFrom('', 'SSLEngine off', 'sslengine ON', 'SSLEngine optional')),
  ),
  certificate: fc.oneof(
    often(8, fc.constant<readonly string[]>(APACHE_CERTIFICATES.rsa)),
    often(2, fc.constant<readonly string[]>(APACHE_CERTIFICATES.ec)),
    often(1, fc.constant<readonly string[]>([])),
  ),
  lines: apacheLines(2),
  how: fc.constantFrom<'plain' | 'include' | 'macro' | 'variable'>(
    'plain',
    'plain',
    'plain',
    'include',
    'macro',
    'variable',
  ),
});

/** Main server, virtual hosts, and everything that can stand between a line and its meaning. */
const hostsTree: fc.Arbitrary<Tree> = fc
  .record({
    listen: fc.constantFrom(
      [`Listen 127.0.0.1:${PORTS[0]}`, `Listen 127.0.0.1:${PORTS[1]}`],
      [`Listen ${PORTS[0]}`, `Listen ${PORTS[1]}`],
      [`Listen ${PORTS[0]} https`, `Listen 127.0.0.1:${PORTS[1]} http`],
      [`Listen 127.0.0.1:${PORTS[0]}`, `Listen [::1]:${PORTS[1]}`],
    ),
    lines: apacheLines(2),
    inherited: fc.oneof(
      often(8, fc.constant<readonly string[]>([])),
      often(
        1,
        fc.constantFrom<readonly string[]>(['SSLEngine on', ...APACHE_CERTIFICATES.rsa], APACHE_CERTIFICATES.rsa),
      ),
    ),
    hosts: fc.array(apacheHost, { minLength: 1, maxLength: 4 }),
    late: fc.boolean(),
    open: fc.boolean(),
    layout: fc.constantFrom<'one' | 'sites'>('one', 'one', 'sites'),
    modern: fc.boolean(),
    names: fc.uniqueArray(fc.constantFrom(...ASKED), { minLength: 2, maxLength: 2 }),
  })
  .map(made => {
    const files: Record<string, string> = {};
    const hosts = made.hosts.map((host, index) => apacheHostText(files, host, index));
    const global = [...(made.open ? ['SSLCipherSuite ALL:@SECLEVEL=0'] : []), ...made.inherited, ...made.lines];
    const sitesOrHosts = apacheSites(files, hosts, made.layout === 'sites');
    const body = made.late ? [...sitesOrHosts, ...global] : [...global, ...sitesOrHosts];
    files['httpd.conf'] = `${[...made.listen, ...body].join('\n')}\n`;
    return {
      name: 'generated',
      server: 'apache',
      files,
      connect: connects(made.listen.join('\n')),
      names: made.names,
      define: made.modern ? ['Modern'] : [],
    };
  });

function apacheHostText(
  files: Record<string, string>,
  host: {
    address: string;
    name: string;
    aliases: readonly string[];
    engine: string;
    certificate: readonly string[];
    lines: readonly string[];
    how: 'plain' | 'include' | 'macro' | 'variable';
  },
  index: number,
): string {
  const before: string[] = [];
  const lines = indirect(files, before, host.lines, host.how, index);
  const body = [
    ...(host.name === '' ? [] : [`ServerName ${host.name}`]),
    ...(host.aliases.length === 0 ? [] : [`ServerAlias ${host.aliases.join(' ')}`]),
    ...(host.engine === '' ? [] : [host.engine]),
    ...host.certificate,
    ...lines,
  ];
  return [...before, `<VirtualHost ${host.address}>`, ...body.map(line => `  ${line}`), '</VirtualHost>'].join('\n');
}

/** The lines themselves, or what stands for them; what has to come first goes to `before`. */
function indirect(
  files: Record<string, string>,
  before: string[],
  lines: readonly string[],
  how: 'plain' | 'include' | 'macro' | 'variable',
  index: number,
): readonly string[] {
  if (lines.length === 0 || how === 'plain') return lines;
  if (how === 'include') {
    files[`snippets/${index}.conf`] = `${lines.join('\n')}\n`;
    return [`Include snippets/${index}.conf`];
  }
  if (how === 'macro') {
    before.push(`<Macro Lines${index} $word>`, ...lines.map(line => line.replace('TLSv1.2', '$word')), '</Macro>');
    return [`Use lines${index} TLSv1.2`];
  }
  before.push(`Define Version${index} TLSv1.2`);
  return lines.map(line => line.replace('TLSv1.2', `\${Version${index}}`));
}

function apacheSites(files: Record<string, string>, hosts: readonly string[], apart: boolean): string[] {
  if (!apart) return [...hosts];
  hosts.forEach((host, index) => {
    files[`sites/${9 - index}-site.conf`] = `${host}\n`;
  });
  return ['IncludeOptional sites/*.conf'];
}

const APACHE_WRITINGS: ReadonlyArray<(word: string) => string> = [
  word => word,
  word => word,
  word => word,
  word => `"${word}"`,
  word => `'${word}'`,
  word => word.toUpperCase(),
  word => `${word}\\\n`,
  word => word.replace('v', '\\\nv'),
  word => word.replace('v', '\\\r\nv'),
  word => `"${word.replace('v', '\\v')}"`,
  word => `"${word}\\"`,
  word => `"${word}`,
  word => `\u00a0${word}`,
  word => `\f${word}`,
  word => `${word}#`,
  word => `\${ONE}${word}`,
  word => word.replace('TLSv1.2', '${TWO}'),
  word => word.replace('TLSv1.2', '${NONE}'),
];

const apacheWord = fc
  .tuple(
    fc.constantFrom('', '', '+', '-'),
    fc.constantFrom(...NEW_TOKENS, 'all'),
    fc.oneof(
      often(
        3,
        fc.constant((word: string) => word),
      ),
      often(1, fc.constantFrom(...APACHE_WRITINGS)),
    ),
    fc.constantFrom(' ', ' ', '\t', '  ', ' \\\n', ' \\\r\n', '\f'),
  )
  .map(([sign, token, write, space]) => `${space}${write(sign + token)}`);

const apacheStatement = fc.oneof(
  often(
    8,
    fc
      .tuple(
        fc.constantFrom('SSLProtocol', 'SSLProtocol', 'sslPROTOCOL', '"SSLProtocol"', '\tSSLProtocol', '${DIRECTIVE}'),
        fc.array(apacheWord, { minLength: 1, maxLength: 3 }),
      )
      .map(([name, words]) => name + words.join('')),
  ),
  often(
    4,
    fc.constantFrom(
      '# SSLProtocol TLSv1',
      '  # note \\\nSSLProtocol TLSv1.1',
      'SSLProtocol all # note',
      'Define TWO TLSv1.3',
      'UnDefine TWO',
      'Define ONE -',
      'Use Two TLSv1.2',
      'Use TWO "all -TLSv1"',
      'Use Two',
      'Include one.conf',
      'Include "*.inc"',
      'Include n?ne/*.conf',
      'IncludeOptional n?ne/*.conf',
      'Include d[ab]r/*.conf',
      'Include dir/sub*/*.conf',
      'Include dir',
      'SSLProtocol TLSv1.2 \\',
      'SSLProtocol TLSv1.2 \\ ',
    ),
  ),
  often(
    3,
    fc
      .tuple(
        fc.constantFrom(
          ...CONDITIONS,
          ['<ifmodule SSL_module>', '</IFMODULE>'] as const,
          ['<IfDefine TWO>', '</IfDefine> text'] as const,
          ['<IfDefine !TWO >', '</IfDefine>'] as const,
          ['<IfModule "mod_ssl.c">', '</IfModule>'] as const,
          ['<IfVersion ~ "^2\\.4">', '</IfVersion>'] as const,
          ['<IfVersion = /2.4.[0-9]+/>', '</IfVersion>'] as const,
          ['<IfModule nosuch>', '</IfModule'] as const,
          ['<Location />', '</Location>'] as const,
          ['<If true>', '</If>'] as const,
        ),
        apacheWord,
      )
      .map(([[open, close], word]) => `${open}\nSSLProtocol${word}\n${close}`),
  ),
);

const INCLUDED: Readonly<Record<string, string>> = {
  'one.conf': 'SSLProtocol TLSv1.1\n',
  'x.inc': 'SSLProtocol +TLSv1.2 +TLSv1.3',
  'B.inc': 'SSLProtocol TLSv1.1',
  'dir/b.conf': 'SSLProtocol TLSv1.2',
  'dir/sub/a.conf': 'SSLProtocol TLSv1.3\n',
  'dbr/.hidden.conf': 'Nonsense',
};

/** One host with statements in every writing: quotes, continuations, comments, conditions, variables, includes. */
const apacheText: fc.Arbitrary<Tree> = fc
  .record({
    statements: fc.array(apacheStatement, { minLength: 1, maxLength: 3 }),
    before: fc.array(apacheStatement, { maxLength: 1 }),
    ending: fc.constantFrom('\n', '\n', '\r\n', '\n\n', '\n \n'),
  })
  .map(made => {
    const lines = [
      'Define TWO TLSv1.2',
      'Define ONE +',
      'Define DIRECTIVE SSLProtocol',
      '<Macro Two $p>\nSSLProtocol $p\n</Macro>',
      ...made.before,
      'Listen 127.0.0.1:20043',
      '<VirtualHost 127.0.0.1:20043>',
      'ServerName a.test',
      'SSLEngine on',
      ...APACHE_CERTIFICATES.rsa,
      'SSLCipherSuite ALL:@SECLEVEL=0',
      ...made.statements,
      '</VirtualHost>',
    ];
    return {
      name: 'generated text',
      server: 'apache' as const,
      files: { 'httpd.conf': lines.join(made.ending), ...INCLUDED },
      connect: ['127.0.0.1:20043'],
      names: [],
    };
  });

export const apacheTree: fc.Arbitrary<Tree> = fc.oneof(often(3, hostsTree), often(1, apacheText));
