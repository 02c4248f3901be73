/** The endpoint beside real clients: curl, wget, OpenSSL, Node, Python and Java, those that are here. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { selfSigned } from '../../src/endpoint/certificate.js';
import { splitWords } from '../../src/endpoint/exec.js';
import { javaTrustStore } from '../../src/endpoint/truststore.js';
import type { HeardClient } from '../../src/model/client.js';
import { CLI, COUNTED } from '../helpers/program.js';
import { certificates } from '../helpers/servers.js';

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly clients: readonly HeardClient[];
}

function endpoint(...args: readonly string[]): Promise<Ran> {
  return new Promise(resolve => {
    const options = { timeout: 60_000, env: { ...COUNTED, PATH: process.env.PATH, HOME: os.tmpdir() } };
    execFile(process.execPath, [CLI, 'endpoint', '--json', ...args], options, (error, stdout, stderr) => {
      const events = stdout.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line)]));
      const clients = events.filter(({ event }) => event === 'connection');
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr, clients });
    });
  });
}

function clientTest(program: string): typeof test | typeof test.skip {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return test;
  } catch {
    return process.env.CI === 'true' ? test : test.skip;
  }
}

/** Too big to be asked for. */
function optional(program: string): typeof test | typeof test.skip {
  return spawnSync('which', [program]).status === 0 ? test : test.skip;
}

clientTest('curl')('curl connects, and gets what it offered as JSON', async t => {
  const { status, stdout, clients } = await endpoint('--exec', 'curl -sS {url}');
  t.is(status, 0, stdout);
  t.is(clients.length, 1);
  const [client] = clients;
  t.is(client!.outcome, 'agreed');
  t.is(client!.offered?.versions[0], 'TLSv1.3');
  t.true(client!.offered?.versions.includes('TLSv1.2'));
  t.is(client!.agreed?.version, 'TLSv1.3');
  t.is(client!.offered?.library, 'OpenSSL');
  t.true(client!.offered!.suites.includes('ECDHE-RSA-AES128-GCM-SHA256'));
  const { output } = JSON.parse(stdout.split('\n').find(line => line.includes('"client"'))!);
  t.like(JSON.parse(output), { outcome: 'agreed', agreed: { version: 'TLSv1.3' } });
});

clientTest('curl')('a client without TLS 1.2 is refused, and told why', async t => {
  const { status, clients } = await endpoint('--exec', "curl -sS --tls-max 1.1 --ciphers 'DEFAULT@SECLEVEL=0' {url}");
  t.is(status, 1);
  t.is(clients[0]!.outcome, 'refused');
  t.deepEqual(clients[0]!.offered?.versions, ['TLSv1.1']);
  t.is(clients[0]!.reason, 'Unexpected `TLSv1.1` at most, expected `TLSv1.2` or later.');
});

clientTest('openssl')('`openssl s_client -tls1_1` is refused; `--min tls13` refuses TLSv1.2', async t => {
  const old = await endpoint('--exec', 'openssl s_client -connect {host}:{port} -tls1_1 -cipher DEFAULT@SECLEVEL=0');
  t.is(old.status, 1, old.stdout);
  t.regex(old.clients[0]!.reason!, /`TLSv1\.1` at most/);
  const twelve = await endpoint('--min', 'tls13', '--exec', 'openssl s_client -connect {host}:{port} -tls1_2');
  t.is(twelve.status, 1, twelve.stdout);
  t.regex(twelve.clients[0]!.reason!, /`TLSv1\.2` at most, expected `TLSv1\.3`/);
});

clientTest('wget')('wget connects with the CA file', async t => {
  const { status, stdout, clients } = await endpoint('--exec', 'wget -qO- --ca-certificate={ca} {url}');
  t.is(status, 0, stdout);
  t.is(clients[0]!.offered?.library, 'GnuTLS or NSS');
});

test('Node connects by name, and one that does not trust the certificate is told so', async t => {
  const dir = workspace(t);
  const script = path.join(dir, 'client.mjs');
  writeFileSync(
    script,
    "import {get} from 'node:https';\nget({host: 'localhost', port: process.argv[2], headers: {accept: 'text/html'}}, r => r.pipe(process.stdout)).on('error', () => process.exit(7));\n",
  );
  const run = `'${process.execPath}' '${script}' {port}`;
  const good = await endpoint('--exec', run);
  t.is(good.status, 0, good.stdout);
  t.is(good.clients[0]!.offered?.servername, 'localhost');
  t.regex(good.stdout, /<!doctype html>/);
  const bad = await endpoint('--exec', `env -u NODE_EXTRA_CA_CERTS ${run}`);
  t.is(bad.status, 1, bad.stdout);
  t.regex(bad.clients[0]!.reason!, /trust the certificate/);
});

const JAVA =
  'public class Client { public static void main(String[] a) throws Exception { new java.net.URL(a[0]).openStream().transferTo(System.out); } }';

optional('java')('Java connects, is known by its hello, and is told where it does not trust or is too old', async t => {
  const script = path.join(workspace(t), 'Client.java');
  writeFileSync(script, JAVA);
  const trusts = await endpoint('--exec', `java '${script}' {url}`);
  t.is(trusts.status, 0, trusts.stdout);
  t.is(trusts.clients[0]!.outcome, 'agreed');
  t.is(trusts.clients[0]!.offered?.library, 'Java (JSSE)');
  t.is(trusts.clients[0]!.agreed?.version, 'TLSv1.3');
  const doubts = await endpoint('--exec', `env -u JAVA_TOOL_OPTIONS java '${script}' {url}`);
  t.is(doubts.status, 1, doubts.stdout);
  t.regex(doubts.clients[0]!.reason!, /trust the certificate/);
  const own = 'env -u JAVA_TOOL_OPTIONS java -Djavax.net.ssl.trustStore={truststore}';
  const twelve = await endpoint(
    '--min',
    'tls13',
    '--exec',
    `${own} -Djdk.tls.client.protocols=TLSv1.2 '${script}' {url}`,
  );
  t.is(twelve.status, 1, twelve.stdout);
  t.regex(twelve.clients[0]!.reason!, /`TLSv1\.2` at most, expected `TLSv1\.3`/);
});

optional('keytool')('the trust store is one that keytool reads with Java’s own password, and with none', t => {
  const dir = workspace(t);
  const { cert } = selfSigned(['a.test']);
  writeFileSync(path.join(dir, 'trust.jks'), javaTrustStore(cert));
  const list = (...more: readonly string[]) =>
    spawnSync('keytool', ['-J-Duser.language=en', '-list', '-rfc', '-keystore', 'trust.jks', ...more], {
      cwd: dir,
      encoding: 'utf8',
      input: '\n',
    });
  for (const more of [['-storepass', 'changeit'], []]) {
    const { status, stdout } = list(...more);
    t.is(status, 0, stdout);
    t.true(stdout.includes(cert.split('\n')[1]!), stdout);
  }
  t.not(list('-storepass', 'another').status, 0);
});

clientTest('python3')('Python connects, and one held at TLSv1.1 does not', async t => {
  const dir = workspace(t);
  const script = path.join(dir, 'client.py');
  writeFileSync(
    script,
    `import ssl, socket, sys
context = ssl.create_default_context(cafile=sys.argv[2])
if len(sys.argv) > 3:
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers('ALL@SECLEVEL=0')
with socket.create_connection(('127.0.0.1', int(sys.argv[1]))) as plain:
    with context.wrap_socket(plain, server_hostname='localhost') as tls:
        tls.sendall(b'GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n')
        tls.recv(10)
`,
  );
  t.is((await endpoint('--exec', `python3 '${script}' {port} {ca}`)).status, 0);
  const old = await endpoint('--exec', `python3 '${script}' {port} {ca} old`);
  t.is(old.status, 1, old.stdout);
  t.regex(old.clients[0]!.reason!, /`TLSv1\.1` at most/);
});

test('a client that never connects, or does not exist, is 2', async t => {
  const never = await endpoint('--exec', 'true');
  t.is(never.status, 2);
  t.regex(never.stderr, /never connected/);
  const missing = await endpoint('--exec', 'no-such-client {url}');
  t.is(missing.status, 2, JSON.stringify(missing));
});

for (const args of [
  ['x'],
  ['--exec', "'open"],
  ['--exec', ' '],
  ['--min', 'tls11'],
  ['--cert', 'a'],
  ['--ca-file', '/nonexistent/ca.pem', '--exec', 'true'],
  ['--port', 'x'],
]) {
  test(`usage: endpoint ${args.join(' ')}`, async t => {
    const { status, stdout, stderr } = await endpoint(...args);
    t.like({ status, stdout }, { status: 2, stdout: '' });
    t.regex(stderr, /^tlslint: .*(?:xpected|can’t be written).*\n$/);
  });
}

test('it goes on after clients that speak no TLS, stop halfway or flood it', async t => {
  const child = spawn(process.execPath, [CLI, 'endpoint', '--json', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const { url } = await event(child, 'listening');
  const port = Number(new URL(url as string).port);
  const heard = (bytes: Uint8Array | string) => {
    const told = event(child, 'connection');
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {});
    socket.resume();
    return told;
  };
  t.is((await heard('GET / HTTP/1.0\r\n\r\n\u001b[31m')).outcome, 'not-tls');
  t.is((await heard(Buffer.of(22, 3, 1, 2))).outcome, 'silent');
  t.is((await heard('')).outcome, 'silent');
  t.is((await heard(Buffer.from('802e01000200150000001001008002008004008005008', 'hex'))).outcome, 'refused');
  t.is((await heard(Buffer.concat([Buffer.of(22, 3, 1, 0x40, 0), Buffer.alloc(200_000, 1)]))).outcome, 'not-tls');
  t.is(child.exitCode, null);
});

/** The next event of that name. */
function event(child: ChildProcess, name: string): Promise<Record<string, unknown>> {
  return new Promise(resolve => {
    let text = '';
    const hear = (chunk: Buffer) => {
      text += chunk.toString();
      for (const line of text.split('\n').slice(0, -1)) {
        const said = JSON.parse(line);
        if (said.event !== name) continue;
        child.stdout!.off('data', hear);
        return resolve(said);
      }
    };
    child.stdout!.on('data', hear);
  });
}

test('a certificate of the user’s own is served, and the CA file is written', async t => {
  const dir = workspace(t);
  for (const [name, bytes] of Object.entries(certificates())) writeFileSync(path.join(dir, name), bytes);
  const args = ['--cert', path.join(dir, 'cert.pem'), '--key', path.join(dir, 'key.pem')];
  const ca = path.join(dir, 'out.pem');
  const { status, stdout } = await endpoint(...args, '--ca-file', ca, '--exec', 'curl -sSk {url}ca.pem');
  t.is(status, 0, stdout);
  t.is(readFileSync(ca, 'utf8'), readFileSync(path.join(dir, 'cert.pem'), 'utf8'));
  t.true(stdout.includes(readFileSync(ca, 'utf8').slice(30, 90)));
});

test('the certificate is one that Node and OpenSSL read and that signs itself', t => {
  const { cert, key } = selfSigned(['a.test', '127.0.0.1', '::1', '2001:db8::1:2']);
  const read = new X509Certificate(cert);
  t.true(read.verify(read.publicKey));
  t.true(read.ca);
  t.true(read.checkIssued(read));
  t.is(read.checkHost('a.test'), 'a.test');
  for (const address of ['127.0.0.1', '::1', '2001:db8::1:2']) t.is(read.checkIP(address), address);
  t.regex(key, /^-----BEGIN PRIVATE KEY-----/);
  t.true(Date.parse(read.validFrom) < Date.now() && Date.parse(read.validTo) > Date.now());
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: cert, encoding: 'utf8' });
  for (const part of ['ecdsa-with-SHA256', 'CA:TRUE', 'TLS Web Server Authentication'])
    t.true(text.includes(part), part);
});

test('a command line is split without a shell', t => {
  t.deepEqual(splitWords(`a  "b c" 'd "e' f\\ g "" $x;y`), ['a', 'b c', 'd "e', 'f g', '', '$x;y']);
  t.is(splitWords('"a'), undefined);
  t.deepEqual(splitWords(''), []);
});

function workspace(t: ExecutionContext): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tlslint-clients-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
