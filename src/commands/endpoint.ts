/** `tlslint endpoint`: a local server that takes TLS 1.2 and later alone, to see whether a client still connects. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Credentials, selfSigned } from '../endpoint/certificate.js';
import { type Ended, runClient, splitWords } from '../endpoint/exec.js';
import { type EndpointOptions, openEndpoint } from '../endpoint/listen.js';
import { javaTrustStore } from '../endpoint/truststore.js';
import type { HeardClient } from '../model/client.js';
import { type CommandLine, type Flags, UsageError } from '../options/parse.js';
import { clientHtml, clientText } from '../reporters/client.js';
import { display, displayLine } from '../reporters/display.js';
import { numberFlag, textFlag } from '../settings.js';
import type { ExitCode, Io } from './io.js';

const MIN = { tls12: 'TLSv1.2', tls13: 'TLSv1.3' } as const;
const DEFAULT_PORT = 20_443;

export async function endpointCommand(line: CommandLine, io: Io): Promise<ExitCode> {
  const { flags } = line;
  if (line.positionals.length > 0)
    throw new UsageError(`Unexpected \`${line.positionals[0]}\`, expected options alone`);
  const words = wordsOf(flags);
  const host = textFlag(flags, 'host') ?? '127.0.0.1';
  const credentials = credentialsOf(flags, host, io);
  const caFile = textFlag(flags, 'ca-file');
  if (caFile !== undefined) writeCa(path.resolve(io.cwd, caFile), credentials.cert);
  const clients: HeardClient[] = [];
  const running = await open({
    host,
    port: numberFlag(flags, 'port', words ? 0 : DEFAULT_PORT, 0, 65_535),
    min: MIN[(textFlag(flags, 'min') ?? 'tls12') as keyof typeof MIN],
    credentials,
    heard(client) {
      // A server that runs for days keeps nothing.
      if (words) clients.push(client);
      io.stdout(flags.json ? `${JSON.stringify({ event: 'connection', ...client })}\n` : clientText(client, io.paint));
    },
    page: (client, wantsHtml) =>
      wantsHtml
        ? { type: 'text/html; charset=utf-8', text: clientHtml(client) }
        : { type: 'application/json', text: `${JSON.stringify(client, null, 2)}\n` },
  });
  const url = `https://${urlHost(host)}:${running.port}/`;
  if (!words) return listening(flags, io, url, caFile);
  try {
    return await testClient({ words, flags, io, url, credentials, clients });
  } finally {
    await running.close();
  }
}

/** Before anything listens. */
function writeCa(file: string, cert: string): void {
  try {
    writeFileSync(file, cert);
  } catch (error) {
    throw new UsageError(`The CA file can’t be written: ${(error as Error).message}`);
  }
}

async function open(options: EndpointOptions): ReturnType<typeof openEndpoint> {
  try {
    return await openEndpoint(options);
  } catch (error) {
    throw new UsageError(`The endpoint can’t be opened: ${(error as Error).message}`);
  }
}

/** A wildcard address is reached on loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (isIP(host) !== 6) return host;
  return host === '::' ? '[::1]' : `[${host}]`;
}

/** Until it is interrupted. */
function listening(flags: Flags, io: Io, url: string, caFile: string | undefined): Promise<never> {
  if (flags.json)
    io.stdout(`${JSON.stringify({ event: 'listening', url, ...(caFile !== undefined && { caFile }) })}\n`);
  else io.stdout(`Listening on ${url} (its certificate to trust: ${url}ca.pem)\n`);
  return new Promise(() => {});
}

interface ClientTest {
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly io: Io;
  readonly url: string;
  readonly credentials: Credentials;
  readonly clients: readonly HeardClient[];
}

/** 0 where all its connections were agreed, 1 where one was not, 2 where none came or it could not be started. */
async function testClient({ words, flags, io, url, credentials, clients }: ClientTest): Promise<ExitCode> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'tlslint-endpoint-'));
  try {
    const ca = path.join(directory, 'ca.pem');
    const truststore = path.join(directory, 'truststore.jks');
    writeFileSync(ca, credentials.cert);
    writeFileSync(truststore, javaTrustStore(credentials.cert));
    const { hostname, port } = new URL(url);
    const places: Readonly<Record<string, string>> = { url, ca, truststore, port, host: hostname };
    const ended = await runClient({
      words: words.map(word => word.replace(/\{(url|ca|truststore|port|host)\}/g, (_, name: string) => places[name]!)),
      env: { ...io.env, ...trusting(ca, truststore, io.env) },
      cwd: io.cwd,
      timeout: numberFlag(flags, 'timeout', 60, 0.05, 600) * 1000,
    });
    report(ended, clients, flags, io);
    if (clients.length === 0)
      io.stderr(`tlslint: The client never connected${ended.failure ? `: ${display(ended.failure)}` : ''}\n`);
    if (clients.length === 0) return 2;
    return clients.every(({ outcome }) => outcome === 'agreed') ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What OpenSSL, curl, Node, Python’s requests, Git and Java look for their trust in. */
function trusting(ca: string, truststore: string, env: Io['env']): Record<string, string> {
  const names = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'GIT_SSL_CAINFO'];
  const java = `-Djavax.net.ssl.trustStore=${truststore}`;
  return {
    ...Object.fromEntries(names.map(name => [name, ca])),
    JAVA_TOOL_OPTIONS: env.JAVA_TOOL_OPTIONS === undefined ? java : `${env.JAVA_TOOL_OPTIONS} ${java}`,
  };
}

/** What a client says that was answered is the answer. */
function report(ended: Ended, clients: readonly HeardClient[], { json }: Flags, io: Io): void {
  if (json) {
    io.stdout(`${JSON.stringify({ event: 'client', ...ended })}\n`);
    return;
  }
  const served = ended.status === 0 && clients.length > 0 && clients.every(({ outcome }) => outcome === 'agreed');
  for (const text of served ? [] : ended.output.split('\n').slice(0, 20)) {
    if (text.trim() !== '') io.stderr(`client: ${displayLine(text)}\n`);
  }
  io.stdout(
    ended.status === null
      ? `The client did not end by itself: ${display(ended.failure ?? '')}.\n`
      : `The client ended with status ${ended.status}.\n`,
  );
}

function wordsOf(flags: Flags): string[] | undefined {
  const text = textFlag(flags, 'exec');
  if (text === undefined) return undefined;
  const words = splitWords(text);
  if (words && words.length > 0) return words;
  throw new UsageError('Unexpected `--exec`, expected a command such as `curl -s {url}`');
}

function credentialsOf(flags: Flags, host: string, io: Io): Credentials {
  const [cert, key] = [textFlag(flags, 'cert'), textFlag(flags, 'key')];
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('Expected both of `--cert` and `--key`');
  if (cert === undefined || key === undefined) return selfSigned([...new Set([host, 'localhost', '127.0.0.1', '::1'])]);
  const read = (file: string): string => {
    const bytes = io.host.read(path.resolve(io.cwd, file));
    if ('failure' in bytes) throw new UsageError(bytes.message);
    return Buffer.from(bytes).toString('latin1');
  };
  return { cert: read(cert), key: read(key) };
}
