/** `inspect` over a range of versions hides nothing of what differs, and says what it can not read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { inspect } from '../src/inspect.js';

async function notesOf(text: string, connect: string, servername?: string, name = 'nginx.conf') {
  const dir = mkdtempSync(join(tmpdir(), 'tlslint-range-'));
  try {
    writeFileSync(join(dir, name), text);
    const seen = await inspect(join(dir, name), { env: {} });
    return seen.offeredTo({ connect, ...(servername !== undefined && { servername }) });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const CERTIFICATE = 'ssl_certificate c.pem; ssl_certificate_key c.pem;';

test('`ssl on` makes TLS before 1.25.1 alone', async t => {
  const text = `events {}\nhttp { server { listen 443; ssl on; ${CERTIFICATE} } }\n`;
  const { tls, notes } = await notesOf(text, '127.0.0.1:443');
  t.is(tls, null);
  t.true(notes.includes('TLS is on before nginx 1.25.1.'));
});

test('a line that counts from 1.29.2 on, where the default counted before', async t => {
  const server = (name: string, line: string) =>
    `server { listen 443 ssl; server_name ${name}; ${CERTIFICATE} ${line} }\n`;
  const text = `events {}\nhttp {\n${server('a.test', '')}${server('b.test', 'ssl_protocols TLSv1.1;')}}\n`;
  const { state, configured, notes } = await notesOf(text, '127.0.0.1:443', 'b.test');
  t.is(state, 'set');
  t.true(configured?.includes('TLSv1.1'));
  t.true(notes.includes('The version’s own default counts before nginx 1.29.2.'));
});

test('what is known of a part of the versions is not told as if it were of all', async t => {
  const server = (name: string, line: string) =>
    `server { listen 443 ssl; server_name ${name}; ${CERTIFICATE} ${line} }\n`;
  const open = server('b.test', 'include missing.conf;');
  const text = `events {}\nhttp {\n${server('a.test', 'ssl_protocols TLSv1.2;')}${open}}\n`;
  const { configured, notes } = await notesOf(text, '127.0.0.1:443', 'b.test');
  t.is(configured, null);
  t.true(
    notes.some(note => /^Configured: not known from nginx 1\.29\.2/.test(note)),
    notes.join('\n'),
  );
});

test('an address that is none is not answered with "no TLS"', async t => {
  const text = `events {}\nhttp { server { listen 443 ssl; ${CERTIFICATE} } }\n`;
  for (const connect of ['foo', '', '1.2.3.4:99999', '127.0.0.1', ':443', '1.2.3.4:0', '::1:443', 'unix:']) {
    const { tls, state, notes } = await notesOf(text, connect);
    t.is(tls, null, connect);
    t.is(state, 'unknown');
    t.regex(notes.join(), /^Unexpected address/);
  }
  for (const connect of ['127.0.0.1:443', '[::1]:443', 'unix:/run/x', 'a.test:443', 'quic:127.0.0.1:443']) {
    t.notRegex((await notesOf(text, connect)).notes.join(), /^Unexpected address/, connect);
  }
});

test('what is not there does not load', async t => {
  const seen = await inspect('no-such-directory/nginx.conf', { env: {} });
  t.false(seen.loads);
  t.is(seen.errors.length, 1);
  t.deepEqual(seen.endpoints, []);
});
