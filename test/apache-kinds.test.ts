/** What is worked out for one virtual host and taken over for those like it is what each would have got alone. */
import test from 'ava';
import fc from 'fast-check';
import { apache } from '../src/dialects/apache/index.js';
import { memoryHost } from '../src/host.js';
import type { Model, Origin } from '../src/model/types.js';
import { targetRange } from '../src/targets.js';
import { runs } from './helpers/properties.js';

const FILE = '/etc/apache2/apache2.conf';
const { targets } = targetRange('apache', apache.steps, {});

function load(text: string): Model {
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: targets.at(-1)! };
  return apache.load(FILE, memoryHost(new Map([[FILE, text]])), settings);
}

const LINES = [
  'SSLProtocol all -SSLv3',
  'SSLProtocol TLSv1.2',
  'SSLProtocol -all',
  'SSLProtocol ${UNSET}',
  'SSLProtocol TLSv1.4',
  'SSLCipherSuite HIGH',
  'SSLCipherSuite NONSENSE',
  'SSLCipherSuite TLSv1.3 TLS_AES_128_GCM_SHA256',
  'SSLOpenSSLConfCmd MinProtocol TLSv1.2',
  'SSLOpenSSLConfCmd MaxProtocol TLSv1.2',
  'SSLOpenSSLConfCmd Protocol -TLSv1',
  'SSLOpenSSLConfCmd MinProtocol nonsense',
  'SSLEngine off',
  'SSLEngine maybe',
  'SSLCertificateFile other-ec.pem more',
  'ServerName *.example.test',
  'SSLProxyEngine on',
  'SSLProxyProtocol TLSv1',
  'ProxyPass / https://backend.test/',
  '<Proxy https://backend.test/>\nSSLProxyProtocol TLSv1.1\n</Proxy>',
  'IncludeOptional missing/*.conf',
  'Include missing.conf',
];

const body = fc.record({
  address: fc.constantFrom('*:443', '*:443', '127.0.0.1:443', '*:8443'),
  tls: fc.constantFrom(['SSLEngine on', 'SSLCertificateFile c.pem'], ['SSLCertificateFile c.pem'], []),
  lines: fc.array(fc.constantFrom(...LINES), { maxLength: 5 }),
});

const config = fc.record({
  main: fc.array(fc.constantFrom(...LINES), { maxLength: 3 }),
  hosts: fc
    .tuple(fc.array(body, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(2), { minLength: 2, maxLength: 6 }))
    .map(([bodies, picks]) => picks.map(pick => bodies[pick % bodies.length]!)),
});

type Config = typeof config extends fc.Arbitrary<infer Value> ? Value : never;

/** `apart`: each virtual host has a line that no other has and that says nothing of versions. */
function write({ main, hosts }: Config, apart: boolean): string {
  const parts = ['Listen 443', 'Listen 8443', ...main];
  hosts.forEach(({ address, tls, lines }, index) => {
    parts.push(`<VirtualHost ${address}>`, `ServerName host-${index}.test`, ...tls, ...lines);
    parts.push(apart ? `SSLSessionCacheTimeout ${index + 1}` : '# nothing', '</VirtualHost>');
  });
  return `${parts.join('\n')}\n`;
}

/** Its line in the text, counted without the lines that differ. */
function placeOf({ file, span }: Origin): string {
  const { text } = file.source;
  return `${file.source.pointAt(span.start).line}: ${text.slice(span.start, text.indexOf('\n', span.start))}`;
}

function told(model: Model) {
  return {
    problems: model.problems.map(({ kind, message, origin }) => [kind, message, placeOf(origin)]),
    targets: targets.map(target => ({
      loads: model.loads(target),
      stops: model.problems.map(problem => problem.stops(target)),
      offers: model.endpoints.map(endpoint => {
        const { decidedBy, ...offer } = model.offer(endpoint, target);
        return { ...offer, decidedBy: decidedBy.map(placeOf), of: placeOf(endpoint.scope) };
      }),
      statements: model.statements.map(statement => ({
        place: placeOf(statement.origin),
        value: statement.value,
        reaches: statement.reaches(target).map(({ scope }) => placeOf(scope)),
        why: statement.ineffective(target)?.why,
        by: statement.ineffective(target)?.by && placeOf(statement.ineffective(target)!.by!),
      })),
    })),
  };
}

test('virtual hosts that are alike get what each would get alone', t => {
  fc.assert(
    fc.property(config, sample => {
      t.deepEqual(told(load(write(sample, false))), told(load(write(sample, true))));
    }),
    { numRuns: runs(150) },
  );
});

test('offers that are the same are one object, whatever the target', t => {
  const host = '<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile c.pem\nSSLProtocol TLSv1.2\n</VirtualHost>\n';
  const model = load(`Listen 443\n${host.repeat(3)}`);
  const [first, ...others] = model.endpoints.map(endpoint => model.offer(endpoint, targets.at(-1)!));
  t.deepEqual(first!.decidedBy.map(placeOf), ['5: SSLProtocol TLSv1.2']);
  t.deepEqual(
    others.map(offer => placeOf(offer.decidedBy[0]!)),
    ['10: SSLProtocol TLSv1.2', '15: SSLProtocol TLSv1.2'],
  );
  t.is(model.offer(model.endpoints[0]!, targets.at(-2)!), first!);
});
