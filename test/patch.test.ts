/** The proof of a round of fixes: what it refuses, and what becomes of the other fixes then. */
import test from 'ava';
import type { Fix } from '../fixers/edit.js';
import { memoryHost, overlayHost } from '../src/host.js';
import type { Endpoint, Model, Offer } from '../src/model/types.js';
import { type Patch, type Patched, patch } from '../src/patch.js';
import { prove } from '../src/prove.js';
import { type Checked, check, checkFiles } from '../src/run.js';
import { settingsOf } from '../src/settings.js';

const TLS = 'ssl_certificate c.pem; ssl_certificate_key k.pem;';
const OLD = 'ssl_protocols TLSv1 TLSv1.2 TLSv1.3;';
const NEW = 'ssl_protocols TLSv1.2 TLSv1.3;';

/** One server for each line, from port 443 on. */
function config(...lines: readonly string[]): string {
  const servers = lines.map(
    (line, index) => `  server { listen ${443 + index} ssl; server_name s${index}; ${TLS} ${line} }\n`,
  );
  return `events {}\nhttp {\n${servers.join('')}}\n`;
}

interface World {
  /** What is seen of the text that a round came to, in place of what is there. */
  readonly seen?: (after: Checked, text: string) => Checked;
  /** In place of each finding's own fix. */
  readonly fixed?: (fix: Fix) => Fix;
}

async function patched(text: string, { seen = after => after, fixed = fix => fix }: World): Promise<Patched> {
  const host = memoryHost(new Map([['/nginx.conf', text]]), file => file.slice(1));
  const settings = settingsOf({ server: 'nginx@1.28.0', openssl: '3.0' }, ['/nginx.conf'], '/', {}, host);
  const first = await checkFiles(settings, host);
  const findings = first.findings.map(each => (each.fix ? { ...each, fix: fixed(each.fix) } : each));
  return patch(
    { ...first, findings },
    {
      allow: 'safe',
      policy: settings.policy,
      recheck: replaced => {
        const after = check(settings, overlayHost(host, replaced));
        return seen(after, after.files[0]!.source.text);
      },
    },
  );
}

function withModel(change: (model: Model) => Partial<Model>): World {
  return { seen: after => ({ ...after, models: after.models.map(model => ({ ...model, ...change(model) })) }) };
}

function offering(change: (endpoint: Endpoint, offer: Offer) => Partial<Offer>): World {
  return withModel(({ offer }) => ({
    offer: (endpoint, target) => {
      const own = offer(endpoint, target);
      return { ...own, ...change(endpoint, own) };
    },
  }));
}

test('a round that proves right is made', async t => {
  const { patches, refused, fixed } = await patched(config(OLD, NEW), {});
  t.deepEqual([patches.map(({ after }) => after), refused, fixed], [[config(NEW, NEW)], [], 1]);
});

const REFUSED: ReadonlyArray<readonly [reason: string, world: World]> = [
  ['the patched files would be read as other configurations', { seen: after => ({ ...after, models: [] }) }],
  [
    'a patched file could no longer be read',
    { seen: after => ({ ...after, errors: [{ path: 'nginx.conf', message: 'it is gone' }] }) },
  ],
  ['the listeners would no longer be the same', withModel(({ endpoints }) => ({ endpoints: endpoints.slice(1) }))],
  ['the server 1.28.0 would refuse the result', withModel(() => ({ loads: () => false }))],
  [
    'it would change 0.0.0.0:444 s1, which it is not meant for',
    offering(({ listen }) => (listen === '0.0.0.0:444' ? { tls: false } : {})),
  ],
  [
    '0.0.0.0:443 s0 would still not meet the policy',
    offering(({ listen }) => (listen === '0.0.0.0:443' ? { configured: null } : {})),
  ],
  [
    'its edits conflict with those of another fix',
    { fixed: fix => ({ ...fix, edits: [...fix.edits, ...fix.edits.map(edit => ({ ...edit, text: 'x' }))] }) },
  ],
];

for (const [reason, world] of REFUSED) {
  test(`a round is refused: ${reason}`, async t => {
    const { patches, refused, fixed } = await patched(config(OLD, NEW), world);
    t.deepEqual(
      refused.map(each => each.reason),
      [reason],
    );
    t.deepEqual([patches, fixed], [[], 0]);
  });
}

for (const bad of [0, 1]) {
  test(`one bad fix does not cost the others (${bad})`, async t => {
    const lines = [OLD, OLD];
    const kept = lines.map((line, index) => (index === bad ? line : NEW));
    const seen = (after: Checked, text: string): Checked =>
      text.includes(`s${bad}; ${TLS} ${NEW}`)
        ? { ...after, models: after.models.map(model => ({ ...model, loads: () => false })) }
        : after;
    const { patches, refused } = await patched(config(...lines), { seen });
    t.deepEqual(
      patches.map(({ after }) => after),
      [config(...kept)],
    );
    t.is(refused.length, 1);
  });
}

test('a patch is proved by who knows nothing of TLS', async t => {
  const text = config(OLD);
  const { patches } = await patched(text, {});
  const [good] = patches;
  t.deepEqual(await prove(good!), {});
  const said = async (change: Partial<Patch>) =>
    (await prove({ ...good!, result: undefined as never, ...change })).failure;
  t.is(await said({ after: `${good!.after} ` }), 'bytes outside its edits would change');
  const end = text.length;
  const edits = (...more: Patch['edits']) => ({ edits: [...good!.edits, ...more] });
  const at = (start: number, after: string) => ({ path: 'nginx.conf', start, end: start, text: after });
  const broken = await said({ ...edits(at(end, '}\n')), after: `${good!.after}}\n` });
  t.regex(broken ?? '', /^the result would not parse: line 5: /);
  const more = await said({ ...edits(at(end, 'user x;\n')), after: `${good!.after}user x;\n` });
  t.is(more, '`user` would be new, which no fix is meant for');
  const unnamed = await said({ directives: new Set() });
  t.is(unnamed, '`ssl_protocols` would be changed, which no fix is meant for');
});
