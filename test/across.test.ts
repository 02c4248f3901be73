import test from 'ava';
import { enumerate, listAcross, sayWhen, survey } from '../src/model/across.js';
import { NONE, TLSv1, TLSv1_1, TLSv1_2 } from '../src/model/protocols.js';
import type { Target, TargetRange } from '../src/model/target.js';
import type { Endpoint, Model, Offer } from '../src/model/types.js';
import { version } from '../src/model/versions.js';

const SERVERS = ['1.18.0', '1.23.4', '1.27.3', '1.29.2'];
const LIBRARIES = ['1.1.1', '3.0', '3.2'];
const RANGE: TargetRange = {
  targets: SERVERS.flatMap(server => LIBRARIES.map(library => target(server, library))),
  assumed: ['server', 'openssl'],
};

/** [which targets are marked, what is said of them] */
const PARTS: ReadonlyArray<readonly [(server: string, library: string) => boolean, string]> = [
  [() => true, ''],
  [server => server < '1.27.3', 'before nginx 1.27.3'],
  [server => server >= '1.29.2', 'from nginx 1.29.2'],
  [server => server === '1.23.4', 'from nginx 1.23.4 to before 1.27.3'],
  [server => server !== '1.23.4', 'before nginx 1.23.4 and from nginx 1.27.3'],
  [(_, library) => library === '1.1.1', 'with OpenSSL 1.1.1 only'],
  [(_, library) => library !== '1.1.1', 'with OpenSSL 3.0 or newer'],
  [(_, library) => library !== '3.2', 'with OpenSSL before 3.2'],
  [(_, library) => library === '3.0', 'with OpenSSL 3.0'],
  [(server, library) => server < '1.27.3' && library === '1.1.1', 'before nginx 1.27.3 with OpenSSL 1.1.1 only'],
  [
    (server, library) => server === '1.23.4' || library === '1.1.1',
    'in some of the versions, such as nginx 1.18.0 with OpenSSL 1.1.1',
  ],
];

test('a part of a range is said in versions', t => {
  for (const [holds, said] of PARTS) {
    const marks = RANGE.targets.map(({ server, openssl }) => holds(server.text, openssl.version.text));
    t.is(sayWhen(marks, 'nginx', RANGE), said);
  }
});

test('a range need not be a full product of its versions', t => {
  const targets = [...SERVERS.map(server => target(server, '1.1.1')), target('1.29.2', '3.0'), target('1.29.2', '3.2')];
  const range: TargetRange = { targets, assumed: ['server', 'openssl'] };
  t.is(sayWhen([true, true, false, false, false, false], 'apache', range), 'before httpd 1.27.3');
  t.is(sayWhen([false, false, false, false, true, true], 'apache', range), 'with OpenSSL 3.0 or newer');
});

test('versions that hold at the same targets are named together', t => {
  const sets = RANGE.targets.map(({ server }) => (server.text < '1.27.3' ? TLSv1 | TLSv1_1 | TLSv1_2 : TLSv1_2));
  t.is(listAcross(sets, 'nginx', RANGE), '`TLSv1.2`, and `TLSv1` and `TLSv1.1` before nginx 1.27.3');
  t.is(
    listAcross(
      sets.map(() => NONE),
      'nginx',
      RANGE,
    ),
    '',
  );
  t.is(enumerate(['a', 'b', 'c']), 'a, b and c');
});

test('ten thousand endpoints of three kinds are three groups, counted once', t => {
  const offers = [offer(), offer(), offer()];
  const endpoints = Array.from({ length: 10_000 }, (_, index) => endpoint(`n${index}`));
  const kindOf = new Map(endpoints.map((each, index) => [each, index % 3]));
  let asked = 0;
  const model = {
    endpoints,
    offer(each: Endpoint) {
      asked++;
      return offers[kindOf.get(each)!]!;
    },
  } as unknown as Model;
  const groups = survey(model, RANGE, () => true);
  t.deepEqual(
    groups.map(group => group.endpoints.length),
    [3334, 3333, 3333],
  );
  t.deepEqual(
    survey(model, RANGE, () => true),
    groups,
  );
  t.is(asked, endpoints.length * RANGE.targets.length);
});

test('a server and a client with the same offer are two groups', t => {
  const shared = offer();
  const endpoints = [endpoint('a'), { ...endpoint('b'), role: 'client' as const }];
  const model = { endpoints, offer: () => shared } as unknown as Model;
  t.deepEqual(
    survey(model, RANGE, () => true).map(({ role }) => role),
    ['server', 'client'],
  );
});

function target(server: string, library: string): Target {
  return { server: version(server), openssl: { version: version(library), securityLevel: 1, with: new Set() } };
}

function endpoint(name: string): Endpoint {
  return { role: 'server', kind: 'http', default: false, names: [name], scope: {} as Endpoint['scope'] };
}

function offer(): Offer {
  return { tls: true, state: 'default', configured: TLSv1_2, negotiable: TLSv1_2, decidedBy: [], notes: [] };
}
