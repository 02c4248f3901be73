import test from 'ava';
import { ianaName, suitesOf } from '../src/model/openssl/suites.js';
import { protocolBit } from '../src/model/protocols.js';
import { version } from '../src/model/versions.js';
import { SUITES } from '../src/probe/suites.js';

const MODEL = new Map(
  suitesOf({ version: version('3.0.22'), securityLevel: 1, with: new Set() }).map(suite => [suite.name, suite]),
);
/** Two secrets apart, a prober has all that the model has; see the head of its table. */
const SECRET = /PSK|SRP/;

test('the prober and the model say the same of each suite that both know', t => {
  const shared = SUITES.filter(({ name }) => MODEL.has(name));
  t.true(shared.length > 80, `${shared.length}`);
  for (const { name, iana, since } of shared) {
    const suite = MODEL.get(name)!;
    t.is(protocolBit(since), suite.min, name);
    t.is(iana, ianaName(suite), name);
  }
});

test('the prober offers whatever the model knows', t => {
  const offered = new Set(SUITES.map(({ name }) => name));
  t.deepEqual(
    [...MODEL.keys()].filter(name => !offered.has(name) && !SECRET.test(name)),
    [],
  );
});
