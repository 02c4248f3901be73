/** Each bad example of each rule, fixed and started: it loads, and nothing weak is offered any more. */
import { diskHost } from '../../src/host.js';
import { DEFAULT_POLICY, POLICIES } from '../../src/model/policies.js';
import { type Protocol, protocolSet } from '../../src/model/protocols.js';
import { loadDialect } from '../helpers/compare.js';
import { allExamples, type Example, runExample } from '../helpers/examples.js';
import { live } from '../helpers/live.js';
import { peerOf, probeMatrix } from '../helpers/matrix.js';
import { claimPorts, localTarget, movePorts, type ServerName, withServer } from '../helpers/servers.js';

const VERSIONS: readonly Protocol[] = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** What a comment allows on purpose stays. */
const fixable = allExamples().filter(
  (example): example is Example & { readonly dialect: ServerName } =>
    (example.dialect === 'nginx' || example.dialect === 'apache') &&
    example.bad &&
    !example.unfixable &&
    !example.fragment &&
    !example.text.includes('tlslint-'),
);

live('nginx', 'apache')('every bad example is mended on a running server', async t => {
  t.timeout(180_000);
  const base = claimPorts();
  let asked = 0;
  for (const example of fixable) {
    const title = `${example.rule.meta.id}: ${example.heading} (${example.dialect})`;
    const rows = await offered(example, runnable(example, runExample(example).fixed, base));
    t.truthy(rows, `${title}: does not load`);
    const policy = POLICIES.find(({ name }) => name === example.policy) ?? DEFAULT_POLICY;
    for (const [name, set] of rows ?? []) {
      t.is(set & ~policy.allow, 0, `${title}: ${name} still offers something weak`);
      t.is(policy.require & ~set, 0, `${title}: ${name} lacks what is required`);
      asked++;
    }
  }
  t.true(fixable.length >= 30 && asked >= 40, `${fixable.length} examples, ${asked} answers`);
});

/** Loopback and ports of this test in place of the example's; suites of every age, so that versions alone decide. */
function runnable({ dialect }: Example, text: string, base: number): string {
  const ported = text
    .replace(
      /^(\s*listen +)(?:[\w.*]+:)?(\d+)/gim,
      (_, head: string, port: string) => `${head}127.0.0.1:${20_000 + (Number(port) % 1000)}`,
    )
    .replace(
      /(<VirtualHost +)[\w.*]+:(\d+)/gi,
      (_, head: string, port: string) => `${head}127.0.0.1:${20_000 + (Number(port) % 1000)}`,
    )
    .replace(/[a-z]+\.example(?=[:/;])/g, '127.0.0.1')
    .replace(/(\w*certificate(?:file)? +)[\w.]+/gi, '$1cert.pem')
    .replace(/(\w*certificate_?key(?:file)? +)[\w.]+/gi, '$1key.pem');
  const anyAge = dialect === 'nginx' ? ported.replace(/^http \{$/m, 'http {\n ssl_ciphers ALL:@SECLEVEL=0;') : ported;
  const whole = dialect === 'apache' ? anyAge.replace(/^(Listen .*)$/m, '$1\nSSLCipherSuite ALL:@SECLEVEL=0') : anyAge;
  return movePorts(whole, base);
}

/** Listener and name to what is offered there, of all listeners that speak TLS; `undefined` where it does not load. */
async function offered(
  { dialect: server }: (typeof fixable)[number],
  text: string,
): Promise<Map<string, number> | undefined> {
  const files = { [server === 'nginx' ? 'nginx.conf' : 'httpd.conf']: text };
  const modules = server === 'nginx' ? (/^stream/m.test(text) ? ['stream'] : []) : ['proxy', 'proxy_http'];
  const dialect = await loadDialect(server);
  const target = localTarget(server);
  return withServer({ server, files, modules }, async running => {
    if (!running.loads) return undefined;
    const settings = { prefix: '', define: new Map(), module: ['ssl_module', 'proxy_module'], env: {}, target };
    const model = dialect.load(running.root, diskHost(running.dir), settings);
    const rows = new Map<string, number>();
    for (const endpoint of model.endpoints) {
      if (endpoint.role !== 'server' || model.offer(endpoint, target).tls !== true) continue;
      const names = [...(endpoint.default ? [null] : []), ...endpoint.names.filter(name => /^[a-z.]+$/.test(name))];
      const found = await probeMatrix({ peer: peerOf(endpoint.listen!, running.dir), names, versions: VERSIONS });
      for (const [name, row] of Object.entries(found)) {
        rows.set(`${endpoint.listen} ${name}`, protocolSet(VERSIONS.filter(version => row[version])));
      }
    }
    return rows;
  });
}
