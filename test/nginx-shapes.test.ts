/** What is worked out once for servers of one shape, and for targets of one view, is what each would get by itself. */
import test from 'ava';
import fc from 'fast-check';
import { nginx } from '../src/dialects/nginx/index.js';
import { memoryHost } from '../src/host.js';
import { lint } from '../src/lint.js';
import { DEFAULT_POLICY } from '../src/model/policies.js';
import type { Target, TargetRange } from '../src/model/target.js';
import type { Model, Offer, Origin } from '../src/model/types.js';
import { rules } from '../src/rules/index.js';
import { targetRange } from '../src/targets.js';
import { runs } from './helpers/properties.js';

const RANGES: readonly TargetRange[] = [
  targetRange('nginx', nginx.steps, {}),
  targetRange('nginx', nginx.steps, { server: 'nginx@1.14.0', openssl: '1.0.2' }),
];

/** By what they are for: directives that decide, that are refused, or that hang on something else. Mostly there is none. */
const LINES = {
  protocols: [
    'ssl_protocols TLSv1.2;',
    'ssl_protocols TLSv1.3;',
    'ssl_protocols TLSv1 TLSv1.2;',
    'ssl_protocols TLSv1.2 TLSv9;',
    `ssl_protocols ${'$'}{versions};`,
  ],
  again: ['', '', 'ssl_protocols TLSv1.2;', 'ssl_protocols TLSv1.1;'],
  command: [
    '',
    '',
    'ssl_conf_command MinProtocol TLSv1.3;',
    'ssl_conf_command Protocol "-ALL,TLSv1.2";',
    'ssl_conf_command Nothing x;',
  ],
  ciphers: ['', '', 'ssl_ciphers NONE;', 'ssl_ciphers ECDHE+AESGCM;', 'ssl_ciphers ECDSA;'],
  other: [
    ...['', '', '', '', 'ssl_ecdh_curve nocurve;', 'ssl_ecdh_curve prime256v1;', 'ssl_verify_client on;', 'ssl on;'],
    ...['ssl_reject_handshake on;', 'ssl_reject_handshake off;', 'ssl_prefer_server_ciphers maybe;'],
    ...['include missing.conf;', 'Ssl_protocols TLSv1;'],
  ],
} as const;
const CERTIFICATES = [
  '',
  ...['rsa', 'ec'].map(name => `ssl_certificate ${name}.pem; ssl_certificate_key ${name}.key;`),
];
const LISTENS = [
  'listen 443 ssl;',
  'listen 443 ssl; listen [::]:443 ssl;',
  'listen 443 ssl; listen 444 ssl;',
  'listen 443;',
  'listen 80;',
  'listen 443 quic;',
  '',
];
const LOCATIONS = [
  '',
  '',
  'location / { proxy_pass https://a; proxy_ssl_protocols TLSv1; }',
  'location / { } location / { }',
  'location / { ssl_protocols TLSv1; }',
];

const lines = {
  protocols: fc.constantFrom('', ...LINES.protocols),
  again: fc.constantFrom(...LINES.again),
  command: fc.constantFrom(...LINES.command),
  ciphers: fc.constantFrom(...LINES.ciphers),
  other: fc.constantFrom(...LINES.other),
};
const template = fc.record({
  listen: fc.oneof(fc.constantFrom(...LISTENS.slice(0, 2)), fc.constantFrom(...LISTENS)),
  ...lines,
  certificate: fc.constantFrom(...CERTIFICATES, ...CERTIFICATES.slice(1)),
  location: fc.constantFrom(...LOCATIONS),
});
const PARTS = ['listen', 'protocols', 'again', 'command', 'ciphers', 'other', 'certificate', 'location'] as const;
/** Templates that differ in one thing: what is confused with another is seen there alone. */
const templates = fc
  .tuple(
    template,
    fc.array(fc.record({ another: template, part: fc.constantFrom(...PARTS) }), { minLength: 1, maxLength: 2 }),
  )
  .map(([base, others]) => [base, ...others.map(({ another, part }) => ({ ...base, [part]: another[part] }))]);
const configuration = fc.record({
  http: fc.record(lines),
  certificate: fc.constantFrom(...CERTIFICATES),
  templates,
  servers: fc.array(fc.nat(2), { minLength: 4, maxLength: 7 }),
  stream: fc.boolean(),
});

type Configuration = typeof configuration extends fc.Arbitrary<infer Value> ? Value : never;

/** With a comment in the head of each server, no two of them are written alike. */
function textOf({ http, certificate, templates, servers, stream }: Configuration, apart: boolean): string {
  const blocks = servers.map((choice, index) => {
    const template = templates[choice % templates.length]!;
    const mark = apart ? `# ${index}` : '';
    return `server ${mark}\n{\nserver_name s${index};\n${Object.values(template).join('\n')}\n}`;
  });
  const passing =
    'stream {\nserver { listen 8443; proxy_pass 127.0.0.1:443; }\nserver { listen 8444; proxy_pass b; }\n}';
  return `events { }\nhttp {\n${[...Object.values(http), certificate, ...blocks].join('\n')}\n}\n${stream ? passing : ''}\n`;
}

function load(text: string, { targets }: TargetRange): Model {
  const files = new Map([
    ['/n/nginx.conf', text],
    ['/n/rsa.pem', ''],
    ['/n/ec.pem', ''],
  ]);
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: targets.at(-1)! };
  return nginx.load('/n/nginx.conf', memoryHost(files), settings, false);
}

/** By lines, which are the same whether or not servers are written apart. */
function lineOf({ file, span }: Origin): number {
  return file.source.pointAt(span.start).line;
}

function shown({ decidedBy, ...offer }: Offer) {
  return { ...offer, decidedBy: decidedBy.map(lineOf) };
}

/** All that a model says, with nothing left of how it is written. */
function all(model: Model, range: TargetRange) {
  const each = <Value>(ask: (target: Target) => Value) => range.targets.map(ask);
  return {
    endpoints: model.endpoints.map(({ role, kind, listen, upstream, names, default: isDefault, scope }) => [
      [role, kind, listen, upstream, names, isDefault, lineOf(scope)],
    ]),
    offers: model.endpoints.map(endpoint => each(target => shown(model.offer(endpoint, target)))),
    loads: each(target => model.loads(target)),
    problems: model.problems.map(problem => [
      problem.message,
      lineOf(problem.origin),
      each(target => problem.stops(target)),
    ]),
    statements: model.statements.map(statement => [
      lineOf(statement.origin),
      each(target => statement.reaches(target).map(endpoint => model.endpoints.indexOf(endpoint))),
      each(target => {
        const result = statement.ineffective(target);
        return result && { ...result, by: result.by && lineOf(result.by) };
      }),
    ]),
    findings: lint(model, { range, policy: DEFAULT_POLICY, rules }).map(finding => [
      finding.rule,
      finding.message,
      finding.severity,
      finding.file.source.pointAt(finding.span.start).line,
      finding.endpoints.map(endpoint => model.endpoints.indexOf(endpoint)),
      finding.fix?.applicability,
      finding.note,
    ]),
  };
}

/** What one target gets and runs. */
function ofTarget(model: Model, target: Target) {
  return {
    offers: model.endpoints.map(endpoint => shown(model.offer(endpoint, target))),
    effects: model.statements.map(statement => {
      const result = statement.ineffective(target);
      const reached = statement.reaches(target).map(endpoint => model.endpoints.indexOf(endpoint));
      return [reached, result && { ...result, by: result.by && lineOf(result.by) }];
    }),
  };
}

test('servers of one shape get what each would get by itself', t => {
  fc.assert(
    fc.property(configuration, fc.constantFrom(...RANGES), (made, range) => {
      const together = all(load(textOf(made, false), range), range);
      t.deepEqual(together, all(load(textOf(made, true), range), range));
    }),
    { numRuns: runs(300) },
  );
});

test('an endpoint gets what the sample of its kind gets', t => {
  fc.assert(
    fc.property(configuration, fc.constantFrom(...RANGES), (made, range) => {
      const model = load(textOf(made, false), range);
      const kinds = model.kinds!(range.targets);
      t.deepEqual(
        kinds.map(({ sample, endpoints }) => endpoints[0] === sample),
        kinds.map(() => true),
      );
      t.is(kinds.flatMap(({ endpoints }) => endpoints).length, model.endpoints.length);
      for (const { sample, endpoints } of kinds) {
        for (const target of range.targets) {
          const { decidedBy: _, ...expected } = model.offer(sample, target);
          for (const endpoint of endpoints) t.like(model.offer(endpoint, target), expected);
        }
      }
    }),
    { numRuns: runs(150) },
  );
});

test('a target gets what it would get if no other had been asked before', t => {
  fc.assert(
    fc.property(configuration, fc.constantFrom(...RANGES), (made, range) => {
      const text = textOf(made, false);
      const shared = load(text, range);
      const together = range.targets.map(target => ofTarget(shared, target));
      t.deepEqual(
        together,
        range.targets.map(target => ofTarget(load(text, range), target)),
      );
    }),
    { numRuns: runs(60) },
  );
});
