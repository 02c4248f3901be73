/** The question as a library: `inspect()` on recorded cases gives what the server gave. */
import test from 'ava';
import { inspect } from '../src/inspect.js';

const CASE = 'test/conformance/nginx/vh-sni-minproto/nginx.conf';

test('whose options count for a name hangs on the server’s version', async t => {
  const asked = { connect: '127.0.0.1:20443', servername: 'b.test' };
  const old = await inspect(CASE, { server: 'nginx@1.29.1', openssl: '3.0.22', securityLevel: 2 });
  const now = await inspect(CASE, { server: 'nginx@1.31.4', openssl: '3.0.22', securityLevel: 2 });
  t.true(old.loads && now.loads);
  t.true(old.offeredTo(asked).negotiable?.includes('TLSv1.2'));
  t.false(now.offeredTo(asked).negotiable?.includes('TLSv1.2'));
  t.deepEqual(now.offeredTo(asked).endpoint?.names, ['b.test']);
});

test('a directive that the version does not have keeps it from loading', async t => {
  t.false((await inspect(CASE, { server: 'nginx@1.18.0', openssl: '3.0.22' })).loads);
});

test('nobody listens there, and nothing is there to read', async t => {
  const it = await inspect(CASE, { server: 'nginx@1.31.4', openssl: '3.0' });
  t.like(it.offeredTo({ connect: '127.0.0.1:1' }), { tls: false, endpoint: null });
  const missing = await inspect('test/conformance/gone.conf');
  t.false(missing.loads && missing.errors.length === 0);
});
