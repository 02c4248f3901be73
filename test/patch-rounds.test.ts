/** Fixes that are right only after others, and the one bad fix among many. */
import test from 'ava';
import { memoryHost, overlayHost } from '../src/host.js';
import { DEFAULT_POLICY } from '../src/model/policies.js';
import { type Patched, patch } from '../src/patch.js';
import { check, checkFiles } from '../src/run.js';
import { settingsOf } from '../src/settings.js';

/** `isBad` stands for what the proof of a fix may find, by the new text. */
async function fixed(
  text: string,
  isBad = (_: string) => false,
): Promise<Patched & { readonly text: string; readonly checks: number }> {
  const host = memoryHost(new Map([['/c/nginx.conf', Buffer.from(text)]]));
  const settings = settingsOf({ server: 'nginx@1.22.1' }, ['/c/nginx.conf'], '/c', {}, host);
  let checks = 0;
  const patched = patch(await checkFiles(settings, host), {
    allow: 'safe',
    policy: DEFAULT_POLICY,
    recheck(replaced) {
      checks++;
      const checked = check(settings, overlayHost(host, replaced));
      const bad = [...replaced.values()].some(bytes => isBad(Buffer.from(bytes).toString()));
      return bad ? { ...checked, errors: [{ path: 'nginx.conf', message: 'bad' }] } : checked;
    },
  });
  return { ...patched, checks, text: patched.patches[0]?.after ?? text };
}

const CERTIFICATE = 'ssl_certificate c; ssl_certificate_key k;';

test('a fix that was refused is tried again after others', async t => {
  const text = `events {}
http {
  ${CERTIFICATE}
  ssl_protocols SSLv3 SSLv2;
  ssl_conf_command MaxProtocol TLSv1.1;
  server { listen 443 ssl; }
  ssl_protocols TLSv1 TLSv1.3;
}
`;
  const first = await fixed(text);
  t.deepEqual(first.refused, []);
  t.false(first.text.includes('SSLv3'));
  t.deepEqual((await fixed(first.text)).patches, []);
});

test('bad fixes cost the others nothing, however many there are and whatever they look like', async t => {
  const count = 64;
  for (const bad of [[63], [0, 40], [3, 17, 18, 40, 41, 42, 62, 63]]) {
    const server = (index: number, protocols: string) =>
      `  server { listen ${1000 + index} ssl; ssl_protocols ${protocols}; } # ${index}\n`;
    const all = Array.from({ length: count }, (_, index) => index);
    const weak = (index: number) => server(index, 'TLSv1 TLSv1.2');
    const text = `events {}\nhttp {\n  ${CERTIFICATE}\n${all.map(weak).join('')}}\n`;
    const {
      refused,
      text: after,
      checks,
    } = await fixed(text, changed => bad.some(each => !changed.includes(weak(each))));
    const left = all.filter(index => after.includes(weak(index)));
    t.deepEqual(left, bad);
    t.deepEqual(
      all.filter(index => after.includes(server(index, 'TLSv1.2'))),
      all.filter(index => !bad.includes(index)),
    );
    t.true(refused.length > 0);
    t.true(checks <= 4 * bad.length * Math.ceil(Math.log2(count)), String(checks));
  }
});
