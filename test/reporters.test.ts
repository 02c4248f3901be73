/** What reporters write of made-up reports: what a run seldom comes to. */
import test from 'ava';
import { createSource } from '../parsers/source.js';
import type { DriftRow } from '../src/model/drift.js';
import type { HeardVersion, ProbedServer } from '../src/model/heard.js';
import type { EndpointReport, Report, ReportFinding } from '../src/report.js';
import { opensLinks } from '../src/reporters/colors.js';
import { driftText } from '../src/reporters/drift.js';
import { FORMATS, type FormatName } from '../src/reporters/index.js';
import { inspectText } from '../src/reporters/inspect.js';
import { driftChecks, liveJunit, probeChecks } from '../src/reporters/live.js';
import { probeText } from '../src/reporters/probe.js';

const EMPTY: Report = {
  version: '0',
  policy: { name: 'intermediate', version: '6.0' },
  files: [],
  errors: [],
  rules: [],
  assumptions: [],
  summary: { files: 0, errors: 0, warnings: 0, infos: 0, fixable: 0, fixed: 0 },
};

/** How each format tells an error of a file, and one of none. */
const ERRORS: Readonly<Partial<Record<FormatName, readonly [ofFile: string, ofNone: string]>>> = {
  compact: ['a.conf: error: gone\n', 'error: odd\n'],
  github: ['::error file=a.conf,title=tlslint::a.conf: gone\n', '::error title=tlslint::tlslint: odd\n'],
  checkstyle: ['<file name="a.conf">', '<file name="tlslint">'],
  junit: ['<testcase name="a.conf" classname="tlslint">', '<testcase name="tlslint" classname="tlslint">'],
  rdjson: ['"path": "a.conf"', '"path": "."'],
};

for (const [name, [ofFile, ofNone]] of Object.entries(ERRORS)) {
  test(`${name}: an error of a file, and one of none`, async t => {
    const format = await FORMATS[name as FormatName]();
    const told = format({ ...EMPTY, errors: [{ path: 'a.conf', message: 'gone' }, { message: 'odd' }] }, {});
    t.true(told.includes(ofFile), told);
    t.true(told.includes(ofNone), told);
  });
}

test('text: carets stand below what is marked, whatever the width of what is before it', async t => {
  const line = 'é 日本 e\u0301 😀 TLSv1';
  const at = (offset: number) => createSource(line).pointAt(offset);
  const finding: ReportFinding = {
    rule: 'r',
    severity: 'error',
    message: 'm',
    place: { start: at(line.length - 5), end: at(line.length) },
    related: [],
    endpoints: [],
    url: '',
    sourceLine: line,
  };
  const files = [{ path: 'a.conf', dialect: 'nginx', findings: [finding], text: line } as const];
  const shown = (await FORMATS.text())({ ...EMPTY, files }, {}).split('\n');
  const [above, carets] = shown.filter(each => each.includes(' | '));
  t.true(above!.endsWith(line));
  // One, a blank, two of two columns, a blank, one with its accent, a blank, one of two, a blank.
  t.is(carets!.slice(carets!.indexOf('| ') + 2), `${' '.repeat(1 + 1 + 4 + 1 + 1 + 1 + 2 + 1)}^^^^^`);
});

const ROW: DriftRow = {
  root: 'nginx.conf',
  listen: '0.0.0.0:443',
  address: '127.0.0.1:443',
  servername: null,
  state: 'other-config',
  expected: [['TLSv1.2'], []],
  heard: ['TLSv1'],
  evidence: ['It is so.'],
};

test('drift: rows side by side, what is unknown, and nothing at all', t => {
  const rows: DriftRow[] = [
    ROW,
    { ...ROW, listen: '[::1]:443', address: '[::1]:443', servername: 'a.test', state: 'agrees', evidence: [] },
    { ...ROW, state: 'unknown', expected: null, heard: [], evidence: [] },
    { ...ROW, state: 'no-answer', evidence: [] },
  ];
  t.is(
    driftText({ rows, errors: [{ path: 'b.conf', message: 'gone' }] }),
    [
      'b.conf: error: gone',
      'nginx.conf',
      '  0.0.0.0:443 at 127.0.0.1:443  (no name)  another configuration is in charge',
      '    configuration: TLSv1.2, or no TLS',
      '    server: TLSv1',
      '    It is so.',
      '  [::1]:443                     a.test     agrees: TLSv1',
      '  0.0.0.0:443 at 127.0.0.1:443  (no name)  unknown',
      '    configuration: unknown',
      '    server: no TLS',
      '  0.0.0.0:443 at 127.0.0.1:443  (no name)  no answer',
      '    configuration: TLSv1.2, or no TLS',
      '',
    ].join('\n'),
  );
  t.is(driftText({ rows: [], errors: [] }), 'No listener.\n');
  t.is(driftText({ rows: [], errors: [{ path: 'a', message: 'b' }] }), 'a: error: b\n');
  const xml = liveJunit(driftChecks({ rows, errors: [] }));
  t.regex(
    xml,
    /<failure type="broken" message="other-config: Unexpected `TLSv1`, expected `TLSv1\.2` or nothing\. It is so\./,
  );
  t.regex(xml, /<skipped message="unknown:">/);
  t.regex(xml, /<error type="silent" message="no-answer:">/);
});

const SERVER: ProbedServer = {
  target: 'a.test:443',
  address: '192.0.2.1:443',
  servername: 'b.test',
  state: 'answered',
  versions: [],
  verdict: 'kept',
  breaches: [],
};

test('probe: versions, suites and what went missing', t => {
  const suite = { id: 1, name: 'AES128-SHA', iana: 'TLS_RSA_WITH_AES_128_CBC_SHA', grade: 'legacy' } as const;
  const versions: HeardVersion[] = [
    { version: 'TLSv1', offered: null, reason: 'timeout' },
    { version: 'TLSv1.1', offered: null, reason: 'odd' },
    { version: 'TLSv1.2', offered: true, reason: '', suite: 'AES128-SHA', group: 'X25519', compression: true },
    { version: 'TLSv1.3', offered: true, reason: '', suites: [suite], complete: false },
  ];
  const text = probeText({ measure: 'm', servers: [{ ...SERVER, versions, verdict: 'unknown' }] });
  t.is(
    text,
    [
      'a.test:443 at 192.0.2.1:443 as b.test',
      '  TLSv1    unknown: there is no answer in time',
      '  TLSv1.1  unknown: odd',
      '  TLSv1.2  AES128-SHA, X25519, compression',
      '  TLSv1.3  1 suite',
      '    AES128-SHA            legacy',
      '    an answer went missing, there may be more',
      '  m: unknown',
      '',
    ].join('\n'),
  );
  const ordered: HeardVersion[] = [{ ...versions[3]!, suites: [suite, suite], order: 'server', complete: true }];
  t.regex(
    probeText({ measure: 'm', servers: [{ ...SERVER, versions: ordered }] }),
    /TLSv1\.3 {2}2 suites in the server’s order/,
  );
  const silent: ProbedServer = {
    ...SERVER,
    servername: 'a.test',
    state: 'silent',
    trouble: 'nobody',
    verdict: 'unknown',
  };
  t.is(probeText({ measure: 'm', servers: [silent] }), 'a.test:443 at 192.0.2.1:443\n  no answer in TLS: nobody\n');
  t.deepEqual(
    probeChecks({ measure: 'm', servers: [silent, { ...SERVER, versions, verdict: 'unknown' }] }).map(
      each => each.messages,
    ),
    [['No answer in TLS: nobody'], ['No answer was had to all that was asked of `TLSv1`, `TLSv1.1`, `TLSv1.3`']],
  );
});

test('inspect: what is not known, what is by default, what the library refuses', t => {
  const offer: EndpointReport = {
    ...{ role: 'server', kind: 'http', listen: '0.0.0.0:443', default: true, names: [], tls: true, state: 'set' },
    ...{ configured: ['TLSv1', 'TLSv1.2'], negotiable: ['TLSv1.2'], decidedBy: [], notes: [] },
  };
  const unknown = { state: 'unknown', configured: null, negotiable: null } as const;
  const endpoints: EndpointReport[] = [
    offer,
    { ...offer, ...unknown, tls: null },
    { ...offer, state: 'default', negotiable: null },
    { ...offer, tls: false },
  ];
  const target = { server: '1.28.0', openssl: '3.0', assumed: [] };
  const rows = inspectText({ path: 'a', dialect: 'nginx', target, endpoints }).split('\n').slice(2, 6);
  t.deepEqual(
    rows.map(row => row.slice('  http 0.0.0.0:443  (no name) *  '.length).split(/ +/).join(' ')),
    ['· (✓) · ✓ · ', '? ? ? ? ? unknown', '· ✓ · ✓ · the version’s default', ' no TLS'].map(each => each.trimEnd()),
  );
});

const LINKS: ReadonlyArray<readonly [boolean, Readonly<Record<string, string>>, isTerminal?: boolean]> = [
  [true, { TERM_PROGRAM: 'WezTerm' }],
  [false, { TERM_PROGRAM: 'WezTerm' }, false],
  [true, { FORCE_HYPERLINK: '1' }, false],
  [false, { FORCE_HYPERLINK: '0', TERM_PROGRAM: 'WezTerm' }],
  [true, { VTE_VERSION: '6003' }],
  [false, { VTE_VERSION: '4900' }],
  [true, { TERM: 'xterm-kitty' }],
  [true, { WT_SESSION: 'x' }],
  [false, { TERM: 'xterm' }],
  ...['CI', 'TMUX', 'STY'].map(name => [false, { TERM: 'xterm-kitty', [name]: '1' }] as const),
  [false, { TERM: 'dumb', TERM_PROGRAM: 'WezTerm' }],
];

for (const [expected, env, isTerminal = true] of LINKS) {
  test(`links: ${JSON.stringify(env)}${isTerminal ? '' : ', not a terminal'}`, t =>
    t.is(opensLinks(env, isTerminal), expected));
}
