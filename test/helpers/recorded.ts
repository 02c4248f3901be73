/** Runs one case in the format of recorded cases (`case.json` beside a configuration) on this machine's server. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Protocol } from '../../src/model/protocols.js';
import { readClientHello } from '../../src/probe/client-hello.js';
import { isStarttls } from '../../src/probe/starttls.js';
import { peerOf, probeMatrix } from './matrix.js';
import { movePorts, type ServerName, withServer } from './servers.js';

interface Case {
  readonly probes: ReadonlyArray<{
    readonly addr: string;
    readonly sni: ReadonlyArray<string | null>;
    readonly versions?: readonly Protocol[];
    readonly starttls?: string;
    readonly quic?: boolean;
  }>;
  readonly captures?: readonly Capture[];
  readonly env?: Readonly<Record<string, string>>;
  readonly modules?: readonly string[];
  readonly without?: readonly string[];
  readonly define?: readonly string[];
}

interface Capture {
  readonly name: string;
  readonly listen: number;
  readonly trigger: string;
  readonly host?: string;
}

export interface Recorded {
  readonly loads: boolean;
  readonly matrix?: Readonly<Record<string, unknown>>;
}

const DEFAULT_VERSIONS: readonly Protocol[] = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** `base` is the first port of the block to use. */
export async function runCase(server: ServerName, dir: string, base: number): Promise<Recorded> {
  const about: Case = JSON.parse(readFileSync(join(dir, 'case.json'), 'utf8'));
  const setup = {
    server,
    files: readTree(dir, base),
    modules: about.modules ?? [],
    without: about.without ?? [],
    define: about.define ?? [],
  };
  return withServer({ ...setup, env: about.env ?? {} }, async running => {
    if (!running.loads) return { loads: false };
    const matrix: Record<string, unknown> = {};
    for (const probed of about.probes) {
      const { starttls } = probed;
      const rows = await probeMatrix({
        peer: peerOf(movePorts(probed.addr, base), running.dir),
        names: probed.sni,
        versions: probed.versions ?? DEFAULT_VERSIONS,
        ...(starttls !== undefined && isStarttls(starttls) ? { starttls } : {}),
      });
      matrix[starttls === undefined ? probed.addr : `${starttls}:${probed.addr}`] = rows;
    }
    for (const capture of about.captures ?? []) matrix[`upstream:${capture.name}`] = await captureHello(capture, base);
    return { loads: true, matrix };
  });
}

function readTree(dir: string, base: number): Record<string, string | Uint8Array> {
  const files: Record<string, string | Uint8Array> = {};
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    if (entry === 'case.json' || entry === 'expected.json' || statSync(join(dir, entry)).isDirectory()) continue;
    const text = readFileSync(join(dir, entry), 'latin1');
    files[entry] = Buffer.from(movePorts(text, base).replaceAll('unix:/tmp/', 'unix:'), 'latin1');
  }
  return files;
}

/** Listens where the proxy connects to, asks the proxy for a page and reads what it says first. */
function captureHello(capture: Capture, base: number): Promise<unknown> {
  const port = (number: number) => Number(movePorts(String(number), base));
  return new Promise((resolve, reject) => {
    let client: Socket | undefined;
    const timer = setTimeout(() => {
      client?.destroy();
      listener.close();
      reject(new Error(`${capture.name} never connected`));
    }, 10_000);
    const listener = createServer(socket => {
      let bytes: Uint8Array = new Uint8Array(0);
      socket.on('error', () => {});
      socket.on('data', chunk => {
        bytes = Buffer.concat([bytes, chunk]);
        const heard = readClientHello(bytes);
        if (heard.kind === 'incomplete') return;
        clearTimeout(timer);
        socket.destroy();
        client?.destroy();
        listener.close(() => resolve(heard.kind === 'hello' ? describe(heard.hello) : { tls: false }));
      });
    });
    const [host, at] = capture.trigger.split(':') as [string, string];
    listener.listen(port(capture.listen), '127.0.0.1', () => {
      // Not before: the proxy of a stream connects as soon as it is connected to.
      client = connect({ host, port: port(Number(at)) });
      client.on('error', () => {});
      client.write(`GET / HTTP/1.1\r\nHost: ${capture.host ?? 'a.test'}\r\n\r\n`);
    });
  });
}

function describe(hello: { legacyVersion: Protocol | undefined; versions: readonly Protocol[] | undefined }): unknown {
  return {
    tls: true,
    legacy: hello.legacyVersion,
    versions: hello.versions ?? [`max ${hello.legacyVersion}`],
  };
}
