/** Random configuration trees, written so that most load and nearly every line can matter. */
import fc from 'fast-check';
import type { Tree } from './compare.js';

/** Ports of two listeners; a run moves them to free ones. */
const PORTS = ['20043', '20044'] as const;
const TOKENS = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const NEW_TOKENS = TOKENS.slice(2);

const SUITE_LISTS = [
  'ALL:@SECLEVEL=0',
  'ALL:@SECLEVEL=0',
  'ALL:@SECLEVEL=0',
  'DEFAULT',
  'HIGH:!aNULL:!MD5',
  'ALL:@SECLEVEL=1',
  'DEFAULT@SECLEVEL=2',
  'ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0',
  'AES128-SHA:@SECLEVEL=0',
  'kRSA:@SECLEVEL=0',
  'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0',
  'ALL:!TLSv1:!SSLv3:@SECLEVEL=0',
  'EECDH+AESGCM:EDH+AESGCM:@SECLEVEL=0',
  'ECDHE+AES:!SHA1:@SECLEVEL=0',
  'AESGCM:CHACHA20',
  'DHE-RSA-AES128-SHA:AES128-GCM-SHA256:@SECLEVEL=0',
  'HIGH:-aRSA:@SECLEVEL=0',
  'ALL:!kRSA:!kDHE:!ECDHE:@SECLEVEL=0',
  'NO-SUCH-SUITE',
  'NO-SUCH-SUITE:AES256-SHA',
] as const;

const VALUES = ['None', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

interface Weighted<Value> {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Value>;
}

function often<Value>(weight: number, arbitrary: fc.Arbitrary<Value>): Weighted<Value> {
  return { weight, arbitrary };
}

const protocolList = fc
  .array(fc.tuple(fc.constantFrom('', '', '+', '-'), fc.constantFrom(...NEW_TOKENS, 'ALL', 'all')), {
    minLength: 1,
    maxLength: 3,
  })
  .map(words => words.map(([sign, token]) => sign + token).join(','));

/** Names and values of `SSL_CONF_cmd`, a few of them wrong. */
const command: fc.Arbitrary<readonly [name: string, value: string]> = fc.oneof(
  often(5, fc.tuple(fc.constantFrom('MinProtocol', 'MinProtocol', 'minprotocol'), fc.constantFrom(...VALUES))),
  often(5, fc.tuple(fc.constant('MaxProtocol'), fc.constantFrom(...VALUES))),
  often(5, fc.tuple(fc.constantFrom('Protocol', 'protocol'), protocolList)),
  often(2, fc.tuple(fc.constant('CipherString'), fc.constantFrom(...SUITE_LISTS))),
  often(
    2,
    fc.tuple(fc.constant('Ciphersuites'), fc.constantFrom('TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256')),
  ),
  often(1, fc.tuple(fc.constant('Options'), fc.constantFrom('ServerPreference', '-SessionTicket'))),
  often(
    1,
    fc.constantFrom(['MinProtocol', 'TLSv1.0'] as const, ['Protocol', 'TLSv12'] as const, ['NoSuch', '1'] as const),
  ),
);

const nginxTokens = fc.oneof(
  often(30, fc.uniqueArray(fc.constantFrom(...NEW_TOKENS), { minLength: 1, maxLength: 4 })),
  often(6, fc.uniqueArray(fc.constantFrom(...TOKENS), { minLength: 1, maxLength: 6 })),
  often(2, fc.constantFrom(['"TLSv1.2"', "'TLSv1.3'"], ['tlsv1.2'], ['TLSv1.1', '# old', '\n      TLSv1.2'])),
  often(1, fc.constantFrom(['TLSv1.0'], ['all'], [], ['TLSv1.2,', 'TLSv1.3'], ['"TLSv1.2 TLSv1.3"'])),
);

const nginxProtocols = nginxTokens.map(tokens => `ssl_protocols ${tokens.join(' ')};`);
const nginxCommand = command.map(([name, value]) => `ssl_conf_command ${name} ${quoteNginx(value)};`);
const nginxSuites = fc.constantFrom(...SUITE_LISTS).map(list => `ssl_ciphers ${list};`);
const nginxCurve = fc.constantFrom(
  'auto',
  'X25519',
  'secp384r1',
  'prime256v1:secp521r1',
  'secp256k1',
  'brainpoolP256r1',
);

function quoteNginx(value: string): string {
  return /[\s,]/.test(value) ? `"${value}"` : value;
}

/** Lines of one scope; a directive that may stand once stands once. */
function nginxLines(most: number): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      fc.array(nginxProtocols, { maxLength: most }),
      fc.array(nginxCommand, { maxLength: 2 }),
      fc.option(nginxSuites, { nil: undefined, freq: 2 }),
      fc.option(nginxCurve, { nil: undefined, freq: 8 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
    )
    .map(([protocols, commands, suites, curve, coins]) => {
      const lines = [
        ...protocols,
        // Commands are rarer than protocols: one line of them drops all that the scope outside has.
        ...(coins.every(Boolean) ? commands : []),
        ...(suites === undefined ? [] : [suites]),
        ...(curve === undefined ? [] : [`ssl_ecdh_curve ${curve};`]),
      ];
      return coins[0] ? lines : lines.reverse();
    });
}

const nginxListen = fc
  .record({
    address: fc.oneof(
      often(6, fc.constantFrom(`127.0.0.1:${PORTS[0]}`)),
      often(2, fc.constantFrom(`127.0.0.1:${PORTS[1]}`, `*:${PORTS[1]}`, `[::1]:${PORTS[0]}`)),
      often(1, fc.constantFrom(PORTS[1], `0.0.0.0:${PORTS[1]}`, `[::]:${PORTS[1]}`, `127.0.0.2:${PORTS[1]}`)),
    ),
    ssl: fc.oneof(often(6, fc.constant(' ssl')), often(1, fc.constant(''))),
    isDefault: fc.oneof(often(8, fc.constant('')), often(1, fc.constant(' default_server'))),
    more: fc.oneof(often(6, fc.constant('')), often(1, fc.constant(' http2'))),
  })
  .map(listen => `listen ${listen.address}${listen.isDefault}${listen.ssl}${listen.more};`);

const SERVER_NAMES = [
  'a.test',
  'b.test',
  'A.test',
  '*.w.test',
  '.d.test',
  'www.*',
  '~^r[0-9]\\.test$',
  '""',
  'x.w.test',
];
const ASKED = ['a.test', 'b.test', 'x.w.test', 'd.test', 'www.q', 'r1.test'] as const;

const CERTIFICATES = {
  rsa: ['ssl_certificate cert.pem;', 'ssl_certificate_key key.pem;'],
  ec: ['ssl_certificate eccert.pem;', 'ssl_certificate_key eckey.pem;'],
} as const;

const nginxCertificate = fc.oneof(
  often(10, fc.constant<string[]>([])),
  often(2, fc.constant([...CERTIFICATES.ec])),
  often(1, fc.constant([...CERTIFICATES.rsa, ...CERTIFICATES.ec])),
);

const nginxServer = fc.record({
  listens: fc.uniqueArray(nginxListen, { minLength: 1, maxLength: 2, selector: line => line.split(/[ ;]/)[1] }),
  names: fc.uniqueArray(fc.constantFrom(...SERVER_NAMES), { maxLength: 2 }),
  lines: nginxLines(2),
  certificate: nginxCertificate,
  extra: fc.oneof(
    often(16, fc.constant('')),
    often(1, fc.constantFrom('ssl_reject_handshake on;', 'ssl on;', 'ssl off;', 'ssl_prefer_server_ciphers on;')),
  ),
  included: fc.boolean(),
});

const mailServer = fc.record({
  port: fc.constantFrom(...PORTS),
  protocol: fc.constantFrom('imap', 'pop3'),
  ssl: fc.constantFrom('', '', ' ssl'),
  starttls: fc.constantFrom('', '', 'starttls on;', 'starttls only;', 'starttls off;', 'ssl on;'),
  lines: nginxLines(2),
  certificate: nginxCertificate,
});

/** `mail`, where TLS may begin at once or by STARTTLS. */
const mailTree: fc.Arbitrary<Tree> = fc
  .record({
    lines: nginxLines(2),
    starttls: fc.constantFrom('', '', 'starttls on;'),
    certificates: fc.oneof(often(8, fc.constant(true)), often(1, fc.constant(false))),
    servers: fc.uniqueArray(mailServer, { minLength: 1, maxLength: 2, selector: server => server.port }),
  })
  .map(made => {
    const servers = made.servers.map(server =>
      block('server', [
        `listen 127.0.0.1:${server.port}${server.ssl};`,
        `protocol ${server.protocol};`,
        server.starttls,
        ...server.certificate,
        ...server.lines,
      ]),
    );
    const head = ['auth_http 127.0.0.1:1;', made.starttls, ...(made.certificates ? CERTIFICATES.rsa : [])];
    const conf = `events {}\n${block('mail', [...head, ...made.lines, ...servers])}\n`;
    const first = made.servers[0]!;
    // One dialogue fits one protocol, so that the others are not asked.
    const said = first.starttls === '' ? made.starttls : first.starttls;
    const asked = first.ssl === '' && /^starttls o(?:n|nly);$/.test(said);
    return {
      name: 'generated mail',
      server: 'nginx' as const,
      files: { 'nginx.conf': conf },
      connect: [`127.0.0.1:${first.port}`],
      names: ['a.test'],
      modules: ['mail'],
      starttls: asked ? (first.protocol as 'imap' | 'pop3') : undefined,
    };
  });

const SPACES = [' ', ' ', '\t', '\n', '\r\n', '  ', ' # note\n', ' #"\n', '\n\n'] as const;
/** Writings of a word; most mean the word itself. */
const WRITINGS: ReadonlyArray<(word: string) => string> = [
  word => word,
  word => word,
  word => word,
  word => `"${word}"`,
  word => `'${word}'`,
  word => `"${word}" `,
  word => `\\${word}`,
  word => word.replace('.', '\\.'),
  word => `"${word.replace('1', '\\1')}"`,
  word => `${word}#`,
  word => word.toLowerCase(),
  word => `${word}"`,
  word => `"${word}`,
  word => `\u00a0${word}`,
  word => `\f${word}`,
];

const oddWord = fc
  .tuple(fc.constantFrom(...NEW_TOKENS), fc.constantFrom(...WRITINGS), fc.constantFrom(...SPACES))
  .map(([word, write, space]) => `${space}${write(word)}`);

const oddStatement = fc.oneof(
  often(
    8,
    fc.array(oddWord, { minLength: 1, maxLength: 3 }).map(words => `ssl_protocols${words.join('')};`),
  ),
  often(2, fc.constantFrom('add_header X y};', 'set $x "${host}";', "return 200 'a;b{c}';", 'add_header X "#";')),
  often(
    1,
    fc.constantFrom(
      '# ssl_protocols TLSv1;\n',
      '# \\\n',
      ';',
      '};',
      '{}',
      '"ssl_protocols" TLSv1.2;',
      "'ssl_protocols' TLSv1.1;",
    ),
  ),
  often(1, fc.constantFrom('location / { return 200; }', 'location /x{return 200;}', 'if ($host = a) { return 200; }')),
);

/** One server with statements in every writing: quotes, escapes, comments, no blanks, and what is none of them. */
const nginxText: fc.Arbitrary<Tree> = fc
  .record({
    statements: fc.array(oddStatement, { minLength: 1, maxLength: 3 }),
    joints: fc.array(fc.constantFrom('', '', ' ', '\n', '\r\n', ' # c\n'), { minLength: 4, maxLength: 4 }),
    bom: fc.oneof(often(30, fc.constant('')), often(1, fc.constant('\ufeff'))),
    end: fc.oneof(often(12, fc.constant('}')), often(1, fc.constantFrom('', '}}', '# }'))),
  })
  .map(made => {
    const [a, b, c, d] = made.joints as [string, string, string, string];
    const text = `${made.bom}events${a}{}${b}http{ssl_certificate cert.pem;ssl_certificate_key key.pem;${a}
      ssl_ciphers "ALL:@SECLEVEL=0";${c}server{${d}listen 127.0.0.1:20043 ssl;${made.statements.join(d)}}${c}${made.end}`;
    return {
      name: 'generated text',
      server: 'nginx' as const,
      files: { 'nginx.conf': text },
      connect: ['127.0.0.1:20043'],
      names: [],
    };
  });

/** An `http` block, sometimes with the lines and the servers in files of their own. */
const httpTree: fc.Arbitrary<Tree> = fc
  .record({
    lines: nginxLines(2),
    late: fc.option(nginxProtocols, { nil: undefined, freq: 6 }),
    servers: fc.array(nginxServer, { minLength: 1, maxLength: 4 }),
    certificates: fc.oneof(often(12, fc.constant(true)), often(1, fc.constant(false))),
    layout: fc.constantFrom<'one' | 'snippet' | 'sites'>('one', 'one', 'snippet', 'sites'),
    block: fc.oneof(
      often(6, fc.constant<'http' | 'stream'>('http')),
      often(1, fc.constant<'http' | 'stream'>('stream')),
    ),
    names: fc.uniqueArray(fc.constantFrom(...ASKED), { minLength: 2, maxLength: 2 }),
  })
  .map(made => {
    const files: Record<string, string> = {};
    const stream = made.block === 'stream';
    const servers = (stream ? apart(made.servers) : made.servers).map((server, index) => {
      const lines = [
        ...server.listens.map(line => (stream ? line.replace(/ default_server| http2/g, '') : line)),
        ...(server.names.length > 0 && !stream ? [`server_name ${server.names.join(' ')};`] : []),
        ...server.certificate,
        ...(stream ? ['return ok;'] : [server.extra]),
        ...inFile(files, `snippets/${index}.conf`, server.lines, server.included),
      ];
      return block('server', lines);
    });
    const body = [
      ...(made.certificates ? CERTIFICATES.rsa : []),
      ...inFile(files, 'conf.d/tls.conf', made.lines, made.layout === 'snippet', 'conf.d/*.conf'),
      ...sites(files, servers, made.layout === 'sites'),
      ...(made.late === undefined ? [] : [made.late]),
    ];
    files['nginx.conf'] = `events {}\n${block(made.block, body)}\n`;
    return {
      name: 'generated',
      server: 'nginx',
      files,
      connect: connects(Object.values(files).join('\n')),
      names: stream ? ['a.test'] : made.names,
      modules: stream ? ['stream'] : [],
    };
  });

/** Two servers of `stream` on one address are an error before nginx 1.25.5, which most trees should not have. */
function apart<Server extends { readonly listens: readonly string[] }>(servers: readonly Server[]): Server[] {
  const taken = new Set<string>();
  return servers.filter((server, index) => {
    const addresses = server.listens.map(line => line.split(/[ ;]/)[1] ?? '');
    if (index < 3 && addresses.some(address => taken.has(address))) return false;
    for (const address of addresses) taken.add(address);
    return true;
  });
}

function inFile(
  files: Record<string, string>,
  path: string,
  lines: readonly string[],
  included: boolean,
  spelling = path,
): string[] {
  if (!included || lines.length === 0) return [...lines];
  files[path] = `${lines.join('\n')}\n`;
  return [`include ${spelling};`];
}

/** Named so that the order of reading is another than the order of writing. */
function sites(files: Record<string, string>, servers: readonly string[], apart: boolean): string[] {
  if (!apart) return [...servers];
  servers.forEach((server, index) => {
    files[`sites/${9 - index}-site.conf`] = `${server}\n`;
  });
  return ['include sites/*.conf;'];
}

function block(name: string, lines: readonly string[]): string {
  const body = lines.filter(line => line !== '').map(line => `  ${line.replaceAll('\n', '\n  ')}`);
  return `${name} {\n${body.join('\n')}\n}`;
}

/** Addresses that reach the listeners of a text, and one more where any address of the machine does. */
function connects(text: string): string[] {
  const found = new Set<string>();
  for (const port of PORTS) {
    if (text.includes(`127.0.0.1:${port}`)) found.add(`127.0.0.1:${port}`);
    if (text.includes(`127.0.0.2:${port}`)) found.add(`127.0.0.2:${port}`);
    if (text.includes(`[::1]:${port}`) || text.includes(`[::]:${port}`)) found.add(`[::1]:${port}`);
    if (new RegExp(`(?:[* ]|0\\.0\\.0\\.0|_default_|127\\.0\\.0\\.1>):?${port}|[Ll]isten ${port}`).test(text))
      found.add(`127.0.0.1:${port}`);
  }
  return [...found];
}

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

export const nginxTree: fc.Arbitrary<Tree> = fc.oneof(often(8, httpTree), often(1, mailTree), often(2, nginxText));

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
