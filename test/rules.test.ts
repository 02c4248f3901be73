import test from 'ava';
import type { Source } from '../parsers/ast.js';
import { type LintOptions, lint } from '../src/lint.js';
import { DEFAULT_POLICY } from '../src/model/policies.js';
import { type ProtocolSet, TLSv1, TLSv1_2, TLSv1_3 } from '../src/model/protocols.js';
import type { Target, TargetRange } from '../src/model/target.js';
import type { Endpoint, LoadedFile, Model, Offer, Origin, Statement } from '../src/model/types.js';
import { version } from '../src/model/versions.js';
import { rules } from '../src/rules/index.js';

const file: LoadedFile = { path: 'nginx.conf', real: '/nginx.conf', source: {} as Source, dialect: 'nginx' };

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
