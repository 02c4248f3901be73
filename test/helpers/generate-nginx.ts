/** Random nginx configurations, written so that most load and nearly every line can matter. */
import fc from 'fast-check';
import type { Tree } from './compare.js';
import { ASKED, command, connects, NEW_TOKENS, often, PORTS, SUITE_LISTS, TOKENS } from './generate.js';

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

export const nginxTree: fc.Arbitrary<Tree> = fc.oneof(often(8, httpTree), often(1, mailTree), often(2, nginxText));
