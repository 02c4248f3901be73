/** What is small in the model: versions of servers, and what is taken for granted of a certificate that can't be read. */
import test from 'ava';
import { namesEc, withAssumedKey } from '../src/model/assumed-key.js';
import type { KeyType, Negotiated } from '../src/model/openssl.js';
import { TLSv1_2, TLSv1_3 } from '../src/model/protocols.js';
import { atLeast, compareVersions, parseVersion, version } from '../src/model/versions.js';

test('versions have up to three numbers and a letter', t => {
  t.deepEqual(parseVersion('1.22.1')?.parts, [1, 22, 1, 0]);
  t.deepEqual(parseVersion('3')?.parts, [3, 0, 0, 0]);
  t.deepEqual(parseVersion('1.1.1w')?.parts, [1, 1, 1, 23]);
  for (const text of ['', 'x', '1.', '1.2.3.4', '1.2.3ab', '12345', ' 1']) t.is(parseVersion(text), undefined, text);
  t.throws(() => version('x'), { instanceOf: RangeError, message: 'Unexpected version `x`' });
});

test('versions are in order by number, then by letter', t => {
  const texts = ['0.9.8', '1.0.2', '1.0.2g', '1.1.1', '1.1.1e', '1.1.1w', '1.9', '1.10', '3.0'];
  const mixed = texts.toReversed().map(version).sort(compareVersions);
  t.deepEqual(
    mixed.map(({ text }) => text),
    texts,
  );
  t.is(compareVersions(version('3'), version('3.0.0')), 0);
  t.true(atLeast(version('3.0'), '3'));
  t.false(atLeast(version('1.1.1'), '1.1.1a'));
});

test('a key that is not known is taken for RSA where RSA offers all that the other kind would', t => {
  const ask =
    (rsa: number | null, ec: number | null) =>
    (keys: readonly KeyType[]): Negotiated => ({
      set: keys[0] === 'rsa' ? rsa : keys[0] === 'ec' ? ec : null,
      notes: ['n'],
    });
  const both = TLSv1_2 | TLSv1_3;
  const rows: ReadonlyArray<readonly [number | null, number | null, boolean, number | null]> = [
    [both, TLSv1_3, false, both],
    [both, both, false, both],
    [both, TLSv1_3, true, null],
    [TLSv1_3, both, false, null],
    [null, TLSv1_3, false, null],
    [both, null, false, null],
  ];
  for (const [rsa, ec, mayBeEc, expected] of rows) {
    const { set, notes } = withAssumedKey(ask(rsa, ec), [undefined], mayBeEc);
    t.is(set, expected);
    const note = 'The certificate can’t be read here; its key is taken for RSA.';
    t.deepEqual(notes, expected === null ? ['n'] : ['n', note]);
  }
  t.is(withAssumedKey(ask(TLSv1_2, both), ['rsa'], false).set, TLSv1_2);
});

test('names of certificates that speak of an elliptic curve', t => {
  for (const name of ['ec.pem', 'a/site-ec.crt', 'site_ecdsa.pem', 'p-256.crt', 'x.prime256v1.pem', 'wecc.pem'])
    t.true(namesEc(name), name);
  for (const name of ['site.pem', 'ec/site.pem', 'spec.pem', 'rsa.crt']) t.false(namesEc(name), name);
});
