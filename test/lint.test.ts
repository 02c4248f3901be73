import test from 'ava';
import type { Source } from '../parsers/ast.js';
import { type LintOptions, lint } from '../src/lint.js';
import { DEFAULT_POLICY } from '../src/model/policies.js';
import { NONE, type ProtocolSet, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } from '../src/model/protocols.js';
import type { Target, TargetRange } from '../src/model/target.js';
import type { Endpoint, LoadedFile, LoadProblem, Model, Offer, Origin, Statement } from '../src/model/types.js';
import { version } from '../src/model/versions.js';
import { defineRule, type Finding, type Rule } from '../src/rule.js';
import { rules } from '../src/rules/index.js';

const file: LoadedFile = { path: 'nginx.conf', real: '/nginx.conf', source: { text: '' } as Source, dialect: 'nginx' };

test('one directive that many endpoints inherit is one finding that names them all', t => {
  const origin = at(10);
  const offer = set([origin], TLSv1 | TLSv1_2);
  const endpoints = Array.from({ length: 400 }, (_, index) => endpoint(`a${index}.example`));
  const findings = run({
    endpoints,
    statements: [statement(origin, TLSv1 | TLSv1_2, endpoints)],
    offer: () => offer,
  });
  t.is(findings.length, 1);
  t.is(findings[0]?.rule, 'deprecated-protocol');
  t.is(findings[0]?.severity, 'error');
  t.is(findings[0]?.message, 'Unexpected `TLSv1`, expected only `TLSv1.2` and `TLSv1.3`');
  t.is(findings[0]?.endpoints.length, 400);
});

test('a default that only old versions offer is a warning that says which', t => {
  const old: Offer = { ...UNKNOWN, tls: true, state: 'default', configured: TLSv1 | TLSv1_2, negotiable: TLSv1_2 };
  const recent: Offer = { ...old, configured: TLSv1_2 | TLSv1_3 };
  const findings = run({ endpoints: [endpoint('a')], offer: (_, { server }) => (server.text < '1.27' ? old : recent) });
  t.deepEqual(
    findings.map(({ rule, severity, message }) => [rule, severity, message]),
    [
      [
        'implicit-protocol',
        'warning',
        'Unexpected `TLSv1` before nginx 1.27.3 by default, expected a directive that allows only `TLSv1.2` and `TLSv1.3`',
      ],
    ],
  );
});

test('what is not known is not reported', t => {
  const findings = run({
    endpoints: [endpoint('a')],
    statements: [statement(at(3), null, [endpoint('a')])],
    offer: () => UNKNOWN,
  });
  t.deepEqual(findings, []);
});

test('words that are certainly there are reported, though what else decides is not known', t => {
  const origin = at(3);
  for (const role of ['server', 'client'] as const) {
    const open: Statement = { ...statement(origin, TLSv1 | TLSv1_2, [endpoint('a')]), role };
    const findings = run({ endpoints: [{ ...endpoint('a'), role }], statements: [open], offer: () => UNKNOWN });
    t.deepEqual(
      findings.map(({ rule, severity, note }) => [rule, severity, note]),
      [
        [
          role === 'server' ? 'deprecated-protocol' : 'deprecated-upstream-protocol',
          'warning',
          'What else decides is not known, so that this is taken for what it says.',
        ],
      ],
    );
  }
});

test('each directive answers for its own words, and the report points at them', t => {
  const [first, second] = [at(10), at(30)];
  const words = [
    { span: { start: 12, end: 13 }, allows: TLSv1 },
    { span: { start: 14, end: 15 }, allows: TLSv1_2 },
  ];
  const endpoints = [endpoint('a')];
  const offer = set([first, second], TLSv1 | TLSv1_1 | TLSv1_2);
  const findings = run({
    endpoints,
    statements: [{ ...statement(first, TLSv1 | TLSv1_2, endpoints), words }, statement(second, TLSv1_1, endpoints)],
    offer: () => offer,
  });
  t.deepEqual(
    findings.map(({ actual, span }) => [actual, span]),
    [
      ['TLSv1', { start: 12, end: 13 }],
      ['TLSv1.1', { start: 30, end: 35 }],
    ],
  );
});

test('what no statement names is the doing of an OpenSSL command', t => {
  const [line, command] = [at(10), at(30)];
  const offer = set([line, command], TLSv1 | TLSv1_2);
  const endpoints = [endpoint('a')];
  const findings = run({ endpoints, statements: [statement(line, TLSv1_2, endpoints)], offer: () => offer });
  t.deepEqual(
    findings.map(({ rule, span }) => [rule, span.start]),
    [['deprecated-protocol', 30]],
  );
});

test('of what a command overrides the command answers for the words', t => {
  const [line, command] = [at(10), at(30)];
  const offer = set([line, command], TLSv1 | TLSv1_2);
  const endpoints = [endpoint('a')];
  const overridden: Statement = {
    ...statement(line, TLSv1 | TLSv1_2, endpoints),
    ineffective: () => ({ why: 'overridden-by-command', by: command, note: 'The command decides.' }),
  };
  const findings = run({ endpoints, statements: [overridden], offer: () => offer });
  t.deepEqual(
    findings.map(({ rule, span }) => [rule, span.start]),
    [
      ['ineffective-protocol', 10],
      ['deprecated-protocol', 30],
    ],
  );
});

test('what the library refuses is said and still reported', t => {
  const origin = at(10);
  const weak = set([origin], TLSv1 | TLSv1_2);
  const strong: Offer = { ...weak, negotiable: TLSv1_2 };
  const endpoints = [endpoint('a')];
  const [finding] = run({
    endpoints,
    statements: [statement(origin, TLSv1 | TLSv1_2, endpoints)],
    offer: (_, { openssl }) => (openssl.version.text === '3.0' ? strong : weak),
  });
  t.is(finding?.severity, 'error');
  t.is(finding?.note, 'The TLS library refuses `TLSv1` with OpenSSL 3.0 or newer all the same.');
});

test('a deprecated line that no listener uses is a warning; without a root it is an error', t => {
  const plain: Offer = { ...UNKNOWN, tls: false, state: 'set', configured: TLSv1, negotiable: NONE };
  const endpoints = [endpoint('a')];
  const unused = (why: 'no-tls' | 'repeated'): Statement => ({
    ...statement(at(10), TLSv1, endpoints),
    ineffective: () => ({ why, note: 'No server speaks TLS.' }),
  });
  const parts = { endpoints, offer: () => plain };
  t.deepEqual(brief(run({ ...parts, statements: [unused('no-tls')] })), ['deprecated-protocol warning']);
  t.deepEqual(brief(run({ ...parts, statements: [unused('repeated')] })), ['ineffective-protocol warning']);
  t.deepEqual(brief(run({ fragment: true, statements: [statement(at(10), TLSv1, [])] })), [
    'deprecated-protocol error',
  ]);
});

test('a set without what the policy requires is an error, whatever else is in it', t => {
  const alone = (value: ProtocolSet) => {
    const origin = at(10);
    const offer = set([origin], value);
    const endpoints = [endpoint('a')];
    return run({ endpoints, statements: [statement(origin, value, endpoints)], offer: () => offer });
  };
  t.deepEqual(brief(alone(TLSv1_3)), ['missing-tls12 error']);
  t.is(alone(TLSv1_3)[0]?.fix?.applicability, 'safe');
  t.deepEqual(brief(alone(NONE)), ['missing-tls12 error']);
  t.deepEqual(brief(alone(TLSv1)), ['deprecated-protocol error', 'missing-tls12 error']);
  t.deepEqual(brief(alone(TLSv1_2)), []);
});

test('what a listener can not speak, whatever it is told, is no fault of its directive', t => {
  const origin = at(10);
  const quic = set([origin], TLSv1_3);
  const endpoints = [endpoint('a')];
  const statements = [statement(origin, TLSv1_2 | TLSv1_3, endpoints)];
  t.deepEqual(brief(run({ endpoints, statements, offer: () => quic })), []);
  const cut = set([origin, at(40)], TLSv1_3);
  t.deepEqual(brief(run({ endpoints, statements, offer: () => cut })), ['missing-tls12 error']);
});

test('words are taken for what they say where it hangs on a file that is not known what they decide', t => {
  const endpoints = [endpoint('a')];
  const offer: Offer = { ...UNKNOWN, tls: true, decidedBy: [at(10)] };
  const statements = [statement(at(10), TLSv1, endpoints)];
  t.deepEqual(brief(run({ fragment: true, endpoints, statements, offer: () => offer })), ['deprecated-protocol error']);
  t.deepEqual(brief(run({ endpoints, statements, offer: () => offer })), ['deprecated-protocol warning']);
});

test('a bare word that overrides explains what is missing', t => {
  const origin = at(10);
  const offer = set([origin], TLSv1_3);
  const endpoints = [endpoint('a')];
  const fault = { kind: 'overriding', token: 'TLSv1.3', span: { start: 12, end: 14 }, dropped: TLSv1_2 } as const;
  const statements = [{ ...statement(origin, TLSv1_3, endpoints), faults: [fault] }];
  const [finding, ...others] = run({ dialect: 'apache', endpoints, statements, offer: () => offer });
  t.deepEqual(others, []);
  t.is(finding?.rule, 'overriding-token');
  t.deepEqual(finding?.expected, ['TLSv1.2', 'TLSv1.3']);
  t.is(finding?.remedy?.set === 'protocols' && finding.remedy.require, TLSv1_2);
});

test('a line without effect is reported where it differs from what is in force', t => {
  const [decides, ignored] = [at(10), at(30)];
  const offer = set([decides], TLSv1_2 | TLSv1_3);
  const endpoints = [endpoint('a')];
  const other = (value: ProtocolSet, until: string): Statement => ({
    ...statement(ignored, value, endpoints),
    ineffective: ({ server }) =>
      server.text < until ? { why: 'non-default-server', by: decides, note: 'The default server decides.' } : undefined,
  });
  const withOther = (value: ProtocolSet, until: string) =>
    run({
      endpoints,
      statements: [statement(decides, TLSv1_2 | TLSv1_3, endpoints), other(value, until)],
      offer: () => offer,
    });
  t.deepEqual(brief(withOther(TLSv1_3, '2')), ['ineffective-protocol warning']);
  t.deepEqual(brief(withOther(TLSv1_3, '1.29.2')), ['ineffective-protocol info']);
  t.regex(withOther(TLSv1_3, '1.29.2')[0]?.message ?? '', / before nginx 1\.29\.2, /);
  t.deepEqual(brief(withOther(TLSv1_2 | TLSv1_3, '2')), []);
});

test('a word that the server does not know is reported once', t => {
  const origin = at(10);
  const fault = { kind: 'unknown', token: 'TLSv1.0', span: { start: 11, end: 13 }, suggestion: 'TLSv1' } as const;
  const findings = run({
    statements: [{ ...statement(origin, null, []), faults: [fault] }],
    problems: [problem('refused', origin, true), problem('refused', at(40), true), problem('refused', at(50), false)],
  });
  // The third is refused by versions outside the range alone.
  t.deepEqual(brief(findings), ['unknown-protocol error', 'syntax error']);
  t.is(findings[0]?.message, 'Unexpected `TLSv1.0`, expected `TLSv1.2` and `TLSv1.3`');
  t.is(findings[0]?.note, '`TLSv1.0` is spelled `TLSv1`, which the policy rules out.');
  t.is(findings[0]?.fix?.applicability, 'unsafe');
});

test('what a part of the range refuses is a warning that says which', t => {
  const partly = { ...problem('refused', at(10), true), stops: ({ server }: Target) => server.text >= '1.27.3' };
  const [finding] = run({ problems: [partly] });
  t.is(finding?.severity, 'warning');
  t.is(finding?.note, 'The server refuses it from nginx 1.27.3.');
});

test('an include that is not there is an error where it stops the server', t => {
  const problems = [problem('unresolved-include', at(10), true), problem('unreadable', at(20), false)];
  t.deepEqual(brief(run({ problems })), ['unresolved-include error', 'unresolved-include warning']);
});

test('files that one include names and nobody can read are one finding', t => {
  const origin = at(10);
  const problems = ['a', 'b', 'c'].map(name => ({
    ...problem('unresolved-include', origin, true),
    message: `\`${name}\``,
  }));
  const findings = run({ problems });
  t.deepEqual(brief(findings), ['unresolved-include error']);
  t.is(findings[0]?.note, 'The same holds for 2 more files that it names.');
});

test('a file with a syntax problem is never edited', t => {
  const origin = at(10);
  const findings = run({
    fragment: true,
    statements: [statement(origin, TLSv1, [])],
    problems: [problem('syntax', at(20), true)],
  });
  t.deepEqual(brief(findings), ['deprecated-protocol error', 'syntax error']);
  t.is(findings[0]?.fix?.applicability, 'manual');
  t.regex(findings[0]?.fix?.reason ?? '', /syntax problem/);
});

test('a file that is included twice gives one finding for both readings', t => {
  const [one, two] = [at(10), at(10)];
  const offers = [set([one], TLSv1 | TLSv1_2), set([two], TLSv1 | TLSv1_2)];
  const endpoints = [endpoint('a'), endpoint('b')];
  const findings = run({
    endpoints,
    statements: [statement(one, TLSv1, [endpoints[0]!]), statement(two, TLSv1, [endpoints[1]!])],
    offer: each => offers[endpoints.indexOf(each)]!,
  });
  t.is(findings.length, 1);
  t.deepEqual(findings[0]?.endpoints, endpoints);
  t.deepEqual(findings[0]?.remedy?.set === 'protocols' && findings[0].remedy.endpoints, endpoints);
});

test('the user decides how severe a rule is', t => {
  const parts = { fragment: true, statements: [statement(at(10), TLSv1, [])] };
  const severities = (value: 'info' | 'off') => ({ severities: new Map([['deprecated-protocol', value]]) });
  t.deepEqual(brief(run(parts, severities('info'))), ['deprecated-protocol info']);
  t.deepEqual(brief(run(parts, severities('off'))), []);
});

test('a fix that is trusted more than its rule declares is our bug', t => {
  const meta = { id: 'x', summary: 'X.', severity: 'error', dialects: ['nginx'], since: '1', references: [] } as const;
  const check: Rule['check'] = ({ report }) =>
    report({ at: at(1), message: 'x', remedy: { set: 'removal', at: at(1) } });
  t.throws(() => run({}, { rules: [defineRule(meta, check)] }), { message: /declares no fix/ });
  t.throws(() => run({}, { rules: [defineRule({ ...meta, fix: 'unsafe' }, check)] }), { message: /declared `unsafe`/ });
  t.notThrows(() => run({}, { rules: [defineRule({ ...meta, fix: 'safe' }, check)] }));
});

test('a line that no server inherits yet is told where the next server would lack what is required', t => {
  const unused = (value: ProtocolSet | null): Statement => ({
    ...statement(at(10), value, []),
    ineffective: () => ({ why: 'scope-not-used', note: 'No server inherits it.' }),
  });
  t.deepEqual(brief(run({ statements: [unused(TLSv1_3)] })), ['ineffective-protocol info']);
  t.deepEqual(brief(run({ statements: [unused(TLSv1_2 | TLSv1_3)] })), []);
  t.deepEqual(brief(run({ statements: [unused(TLSv1 | TLSv1_3)] })), ['deprecated-protocol warning']);
  t.deepEqual(brief(run({ statements: [unused(null)] })), []);
});

test('lines that one other overrides for old versions are one finding that counts them', t => {
  const decides = at(10);
  const ignored = (start: number): Statement => ({
    ...statement(at(start), TLSv1_3, [endpoint('a')]),
    ineffective: ({ server }) =>
      server.text < '1.27'
        ? { why: 'non-default-server', by: decides, note: 'The default server decides.' }
        : undefined,
  });
  const offer = set([decides], TLSv1_2 | TLSv1_3);
  const notes = (...starts: number[]) => {
    const endpoints = [endpoint('a')];
    const statements = [statement(decides, TLSv1_2 | TLSv1_3, endpoints), ...starts.map(ignored)];
    return run({ endpoints, statements, offer: () => offer }).map(({ note, related }) => [
      note,
      related?.[0]?.at.span.start,
    ]);
  };
  t.deepEqual(notes(30), [['The default server decides.', 10]]);
  t.deepEqual(notes(30, 50), [['The default server decides. The same holds for 1 more line like it.', 10]]);
  t.deepEqual(notes(30, 50, 70), [['The default server decides. The same holds for 2 more lines like it.', 10]]);
});

test('a line of a file that is included twice is without effect where it decides in neither place', t => {
  const decides = (start: number) => statement(at(start), TLSv1_2, [endpoint('a')]);
  const repeated = (start: number): Statement => ({
    ...decides(start),
    ineffective: () => ({ why: 'repeated', note: 'The last one counts.' }),
  });
  const told = (...statements: Statement[]) => run({ statements, endpoints: [] }).map(({ span }) => span.start);
  t.deepEqual(told(repeated(10), repeated(10)), [10]);
  t.deepEqual(told(repeated(10), decides(10)), []);
  t.deepEqual(told(decides(10), repeated(10)), []);
  t.deepEqual(told(decides(10), decides(30), repeated(10), repeated(30), repeated(50), repeated(50)), [50]);
  t.deepEqual(told(decides(10), repeated(30)), [30]);
});

test('a template that no server could read has one problem, and what is refused in it is told for itself', t => {
  const rendered: LoadedFile = { ...file, source: { text: '{% if x %}\na\n{% endif %}\n' } as Source };
  const inside = (kind: LoadProblem['kind'], start: number) => problem(kind, { ...at(start), file: rendered }, true);
  const messages = (...problems: LoadProblem[]) => run({ files: [rendered], problems }).map(({ message }) => message);
  const unrendered = 'Unexpected statement of a template, expected what is rendered from it';
  t.deepEqual(messages(inside('syntax', 10), inside('syntax', 20)), [unrendered]);
  t.deepEqual(messages(inside('refused', 10)), ['Unexpected thing, expected another']);
});

test('what is refused at a word that is not known is told once', t => {
  const fault = { kind: 'unknown', token: 'x', span: { start: 25, end: 26 } } as const;
  const statements = [{ ...statement(at(10), null, []), faults: [fault] }];
  t.deepEqual(brief(run({ statements, problems: [problem('refused', at(25), true)] })), ['unknown-protocol error']);
  t.deepEqual(brief(run({ statements, problems: [problem('refused', at(26), true)] })), [
    'unknown-protocol error',
    'syntax error',
  ]);
});

test('of words that are not known it is said what is close, and what would be right', t => {
  const told = (faults: readonly Partial<Statement['faults'][number]>[], policy = DEFAULT_POLICY) => {
    const full = faults.map((fault, index) => ({
      kind: 'unknown' as const,
      token: 'x',
      span: { start: 11 + index, end: 12 + index },
      ...fault,
    }));
    const [finding, ...others] = run({ statements: [{ ...statement(at(10), null, []), faults: full }] }, { policy });
    t.deepEqual(others, []);
    const { message, severity, note, expected, remedy, fix, span } = finding!;
    t.deepEqual(span, { start: 11, end: 11 + faults.length });
    const require = remedy?.set === 'protocols' ? remedy.require : undefined;
    return [message, severity, note, expected, require, fix?.applicability];
  };
  const recent = ['TLSv1.2', 'TLSv1.3'];
  t.deepEqual(told([{ token: 'TLSv13', suggestion: 'TLSv1.3' }]), [
    'Unexpected `TLSv13`, expected `TLSv1.3`',
    'error',
    undefined,
    ['TLSv1.3'],
    TLSv1_2 | TLSv1_3,
    'unsafe',
  ]);
  t.deepEqual(told([{ token: '-TLSv13', suggestion: '-TLSv1.3' }, { token: '+y' }]), [
    'Unexpected `-TLSv13` and `+y`, expected `-TLSv1.3`',
    'error',
    undefined,
    recent,
    TLSv1_2,
    'unsafe',
  ]);
  t.deepEqual(told([{ kind: 'unsupported', token: 'SSLv2' }]), [
    'Unexpected unsupported `SSLv2`, expected `TLSv1.2` and `TLSv1.3`',
    'error',
    undefined,
    recent,
    TLSv1_2,
    'safe',
  ]);
  t.deepEqual(told([{ token: 'z', note: 'A fork knows it.' }]), [
    'Unexpected `z`, expected `TLSv1.2` and `TLSv1.3`',
    'warning',
    'A fork knows it.',
    recent,
    undefined,
    undefined,
  ]);
  const old = { ...DEFAULT_POLICY, allow: TLSv1 | TLSv1_1 | TLSv1_2 | TLSv1_3 };
  t.deepEqual(told([{}], old).slice(0, 4), [
    'Unexpected `x`, expected `TLSv1.2` and `TLSv1.3`',
    'error',
    undefined,
    recent,
  ]);
  t.deepEqual(told([{ suggestion: '+TLSv1' }], old).slice(0, 4), [
    'Unexpected `x`, expected `+TLSv1`',
    'error',
    undefined,
    ['TLSv1'],
  ]);
});

test('a bare word that overrides is a warning where what is left is right and nothing allowed is lost', t => {
  const told = (value: ProtocolSet | null, dropped: ProtocolSet | undefined) => {
    const fault = { kind: 'overriding', token: 'W', span: { start: 12, end: 14 } } as const;
    const faults = [dropped === undefined ? fault : { ...fault, dropped }];
    const findings = run({ dialect: 'apache', statements: [{ ...statement(at(10), value, []), faults }] });
    const finding = findings.find(({ rule }) => rule === 'overriding-token');
    return [finding?.message, finding?.severity, finding?.actual, finding?.expected];
  };
  const both = ['TLSv1.2', 'TLSv1.3'];
  const place = (words: string) => `Unexpected \`W\` in place of ${words}, expected \`+W\``;
  t.deepEqual(told(TLSv1_2, TLSv1), [place('`TLSv1`'), 'warning', 'TLSv1.2', ['TLSv1.2']]);
  t.deepEqual(told(TLSv1_2, TLSv1_2), [place('the words before it'), 'warning', 'TLSv1.2', ['TLSv1.2']]);
  t.deepEqual(told(TLSv1_2, TLSv1 | TLSv1_3), [place('`TLSv1` and `TLSv1.3`'), 'error', 'TLSv1.2', both]);
  t.deepEqual(told(TLSv1_3, TLSv1), [place('`TLSv1`'), 'error', 'TLSv1.3', both]);
  t.deepEqual(told(TLSv1 | TLSv1_2, TLSv1_1), [place('`TLSv1.1`'), 'error', 'TLSv1 TLSv1.2', ['TLSv1.2']]);
  t.deepEqual(told(null, undefined), [place('the words before it'), 'error', '', ['TLSv1.2']]);
  t.deepEqual(told(null, TLSv1_3), [place('`TLSv1.3`'), 'error', '', both]);
});

test('an include that names one more file that is not there says so, and what it has to do with another', t => {
  const problems = ['a', 'b'].map(message => ({ ...problem('unresolved-include', at(10), true), message }));
  const [finding] = run({ problems });
  t.is(finding?.note, 'The same holds for 1 more file that it names.');
  t.deepEqual(finding?.related, []);
  const related = { message: 'it is included here', origin: at(40) };
  const [cycle] = run({ problems: [{ ...problem('unresolved-include', at(10), true), related }] });
  t.deepEqual(
    cycle?.related?.map(({ message, at: { span } }) => [message, span.start]),
    [['it is included here', 40]],
  );
});

test('a default is told of what speaks TLS, and of clients only where they lack what is required', t => {
  const told = (offer: Partial<Offer>, role: Endpoint['role'] = 'server') => {
    const full: Offer = { ...UNKNOWN, tls: true, state: 'default', configured: TLSv1, negotiable: TLSv1, ...offer };
    return brief(run({ endpoints: [{ ...endpoint('a'), role }], offer: () => full }));
  };
  t.deepEqual(told({}), ['implicit-protocol error']);
  t.deepEqual(told({ provisional: true }), ['implicit-protocol warning']);
  t.deepEqual(told({ tls: null }), []);
  t.deepEqual(told({ tls: false }), []);
  t.deepEqual(told({ configured: null }), []);
  t.deepEqual(told({ configured: TLSv1_2 }), []);
  t.deepEqual(told({}, 'client'), []);
  t.deepEqual(told({ provisional: true }, 'client'), ['implicit-protocol warning']);
  t.deepEqual(told({ provisional: true, configured: TLSv1 | TLSv1_2 }, 'client'), []);
});

test('of a client it is said whom it speaks to, as far as that is known', t => {
  const told = (...upstreams: (string | undefined)[]) => {
    const endpoints = upstreams.map(upstream => ({
      ...endpoint('a'),
      role: 'client' as const,
      ...(upstream !== undefined && { upstream }),
    }));
    const offer = set([at(10)], TLSv1 | TLSv1_2);
    const statements = [{ ...statement(at(10), TLSv1 | TLSv1_2, endpoints), role: 'client' as const }];
    const [finding] = run({ endpoints, statements, offer: () => offer });
    return [finding?.message.split(',')[0], finding?.fix?.reason];
  };
  const [, upstreamReason] = told('u');
  const [, clientsReason] = told(undefined);
  t.not(upstreamReason, clientsReason);
  t.deepEqual(told('u', undefined), ['Unexpected `TLSv1` to an upstream', upstreamReason]);
  t.deepEqual(told(), ['Unexpected `TLSv1` to an upstream', upstreamReason]);
  t.deepEqual(told(undefined, undefined), ['Unexpected `TLSv1` of clients', clientsReason]);
});

function brief(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, severity }) => `${rule} ${severity}`);
}

function problem(kind: LoadProblem['kind'], origin: Origin, stops: boolean): LoadProblem {
  return { kind, origin, message: 'Unexpected thing, expected another', stops: () => stops };
}

const UNKNOWN: Offer = {
  tls: null,
  state: 'unknown',
  configured: null,
  negotiable: null,
  decidedBy: [],
  notes: ['The value is a variable.'],
};

function run(parts: Partial<Model>, options: Partial<LintOptions> = {}) {
  return lint(model(parts), { range: RANGE, policy: DEFAULT_POLICY, rules, ...options });
}

function model(parts: Partial<Model>): Model {
  return {
    dialect: 'nginx',
    root: 'nginx.conf',
    fragment: false,
    files: [file],
    endpoints: [],
    statements: [],
    problems: [],
    offer: () => UNKNOWN,
    answer: () => ({ ...UNKNOWN, endpoint: null }),
    loads: () => true,
    fix: () => ({ title: 'remove it', applicability: 'safe', edits: [EDIT], directives: ['ssl_protocols'] }),
    ...parts,
  };
}

const EDIT = { path: 'nginx.conf', start: 0, end: 1, text: '' };

test('a rule whose name or summary can’t be shown is refused when it is made', t => {
  const meta = { severity: 'error', dialects: ['nginx'], since: '1', references: [] } as const;
  for (const id of ['', 'Upper', 'a_b', '-a', 'a-', '1a']) {
    t.throws(() => defineRule({ ...meta, id, summary: 's' }, () => {}), { instanceOf: TypeError, message: /rule id/ });
  }
  t.throws(() => defineRule({ ...meta, id: 'a-b', summary: '' }, () => {}), { message: /empty summary of rule `a-b`/ });
  t.is(defineRule({ ...meta, id: 'a-b2', summary: 's' }, () => {}).meta.id, 'a-b2');
});

test('of one other file that an include can’t read it says so, and what hides nothing is no more than told', t => {
  const unread = (message: string): LoadProblem => ({ ...problem('unreadable', at(10), true), message });
  t.is(run({ problems: [unread('a'), unread('b')] })[0]?.note, 'The same holds for 1 more file that it names.');
  t.is(run({ problems: [{ ...unread('a'), minor: true }] })[0]?.severity, 'info');
});

test('of readings of one place the gravest counts', t => {
  const rule = (severities: ReadonlyArray<'error' | 'warning' | 'info' | undefined>): Rule =>
    defineRule(
      { id: 'own', summary: 's', severity: 'warning', dialects: ['nginx'], since: '1', references: [] },
      ({ report }) => {
        for (const severity of severities) report({ at: at(10), message: 'm', ...(severity && { severity }) });
      },
    );
  const said = (...severities: Parameters<typeof rule>[0]) =>
    run({}, { rules: [rule(severities)] }).map(({ severity }) => severity);
  t.deepEqual(said('info', 'error', 'warning'), ['error']);
  t.deepEqual(said('info', 'info'), ['info']);
  t.deepEqual(said(undefined, undefined), ['warning']);
});

const RANGE: TargetRange = {
  targets: ['1.18.0', '1.23.4', '1.27.3', '1.29.2'].flatMap(server => [target(server, '1.1.1'), target(server, '3.0')]),
  assumed: ['server', 'openssl'],
};

function target(server: string, openssl: string): Target {
  return { server: version(server), openssl: { version: version(openssl), securityLevel: 1, with: new Set() } };
}

function at(start: number): Origin {
  return { file, span: { start, end: start + 5 }, directive: 'ssl_protocols' };
}

function endpoint(name: string): Endpoint {
  return { role: 'server', kind: 'http', listen: '*:443', default: false, names: [name], scope: at(0) };
}

function set(decidedBy: readonly Origin[], configured: ProtocolSet): Offer {
  return { tls: true, state: 'set', configured, negotiable: configured, decidedBy, notes: [] };
}

function statement(origin: Origin, value: ProtocolSet | null, endpoints: readonly Endpoint[]): Statement {
  return { origin, role: 'server', value, faults: [], reaches: () => endpoints, ineffective: () => undefined };
}
