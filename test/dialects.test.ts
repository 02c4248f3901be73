/** What every dialect promises alike, whatever its files are. */
import test from 'ava';
import { DIALECTS, openAtOnce, syntaxOf } from '../src/dialects/index.js';
import { memoryHost } from '../src/host.js';
import type { DialectId } from '../src/model/target.js';
import type { Model } from '../src/model/types.js';
import { targetRange } from '../src/targets.js';

const SCHANNEL = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols';
const TEXTS: Readonly<Record<DialectId, readonly [name: string, text: string]>> = {
  nginx: ['nginx.conf', 'events {}\nhttp { server { listen 443 ssl; ssl_protocols TLSv1.2; } }\n'],
  apache: [
    'httpd.conf',
    'Listen 443\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile c\nSSLProtocol +TLSv1.2\n</VirtualHost>\n',
  ],
  windows: [
    'tls.reg',
    `Windows Registry Editor Version 5.00\n\n[${SCHANNEL}\\TLS 1.0\\Server]\n"Enabled"=dword:00000000\n`,
  ],
  dotnet: ['a.cs', 'class A { void B() { ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls12; } }\n'],
};

async function load(id: DialectId, there = true): Promise<Model> {
  const dialect = DIALECTS.find(each => each.id === id)!;
  const code = await dialect.open();
  openAtOnce(code);
  const [name, text] = TEXTS[id];
  const host = memoryHost(new Map(there ? [[`/${name}`, text]] : []), file => file.slice(1));
  const target = targetRange(id, dialect.steps, {}).targets[0]!;
  return code.load(`/${name}`, host, { prefix: '', define: new Map(), module: [], env: {}, target });
}

test.serial('the syntax of a dialect that was not opened is our mistake', t => {
  t.throws(() => syntaxOf('nginx'), { instanceOf: RangeError, message: /`nginx`/ });
});

for (const { id, steps } of DIALECTS) {
  test(`${id}: a main file that is not there is said, and loads nowhere`, async t => {
    const model = await load(id, false);
    const [target] = targetRange(id, steps, {}).targets;
    const [problem, ...more] = model.problems;
    t.deepEqual([problem?.kind, more.length, model.endpoints.length, model.statements.length], ['unreadable', 0, 0, 0]);
    t.true(problem!.message.includes(`\`${TEXTS[id][0]}\``) || problem!.message.includes(`\`/${TEXTS[id][0]}\``));
    t.true(problem!.stops(target!));
    t.false(model.loads(target!));
  });

  test(`${id}: an endpoint of another model is our mistake`, async t => {
    const [one, other] = [await load(id), await load(id)];
    const [target] = targetRange(id, steps, {}).targets;
    t.true(one.endpoints.length > 0);
    t.notThrows(() => one.offer(one.endpoints[0]!, target!));
    t.throws(() => one.offer(other.endpoints[0]!, target!), { instanceOf: RangeError });
  });
}
