/**
 * A local HTTPS server that tells each client what it offered and what came of it. The ClientHello is read from the raw
 * socket and pushed back before TLS begins, so that what the library refuses is seen too.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { ClientOffer, HeardClient } from '../model/client.js';
import { newest, protocolBit, protocolNames, protocolSet } from '../model/protocols.js';
import { type Heard, readClientHello } from '../probe/client-hello.js';
import { suite, suiteName } from '../probe/suites.js';
import type { Credentials } from './certificate.js';
import { guessLibrary } from './library.js';

export interface EndpointOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly min: 'TLSv1.2' | 'TLSv1.3';
  readonly credentials: Credentials;
  /** Called once for each connection, when it is known what came of it. */
  heard(client: HeardClient): void;
  /** What a request is answered with. */
  page(client: HeardClient, wantsHtml: boolean): { readonly type: string; readonly text: string };
}

export interface RunningEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 32;
/** Of one connection, from its opening to its end. */
const DEADLINE = 10_000;
/** No ClientHello is longer, and no request needs to be. */
const MOST_BYTES = 64 * 1024;

/** @throws {Error} of `node:net` where the address can't be listened on, of `node:tls` where the key can't be used. */
export async function openEndpoint(options: EndpointOptions): Promise<RunningEndpoint> {
  const { key, cert } = options.credentials;
  const context = createSecureContext({ key, cert, minVersion: options.min });
  const sockets = new Set<Socket>();
  const clients = new WeakMap<object, HeardClient>();
  const http = createHttpServer({ maxHeaderSize: 16 * 1024 }, (request, response) =>
    answer(options, clients.get(request.socket)!, request, response),
  );
  let count = 0;
  const server = createServer({ pauseOnConnect: true }, socket => {
    socket.on('error', () => {});
    if (sockets.size >= MOST_CONNECTIONS) return void socket.destroy();
    sockets.add(socket);
    const deadline = setTimeout(() => socket.destroy(), DEADLINE);
    socket.once('close', () => {
      clearTimeout(deadline);
      sockets.delete(socket);
    });
    count++;
    serve({ options, context, http, clients, socket, connection: count });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface Connection {
  readonly options: EndpointOptions;
  readonly context: SecureContext;
  readonly http: Server;
  readonly clients: WeakMap<object, HeardClient>;
  readonly socket: Socket;
  readonly connection: number;
}

type Ending = Pick<HeardClient, 'outcome' | 'offered' | 'agreed' | 'reason'>;

function serve(one: Connection): void {
  const { socket } = one;
  let bytes = Buffer.alloc(0);
  const silent = () =>
    tell(one, { outcome: 'silent', offered: null, reason: 'It hung up before it said what it offers.' });
  const read = () => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) bytes = Buffer.concat([bytes, chunk]);
    const heard = readClientHello(bytes);
    if (heard.kind === 'incomplete' && bytes.length < MOST_BYTES) return;
    socket.off('readable', read);
    socket.off('close', silent);
    if (heard.kind === 'hello') {
      socket.unshift(bytes);
      return handshake(one, offerOf(heard));
    }
    tell(one, heard.kind === 'sslv2-hello' ? oldHello(heard) : NOT_TLS);
    socket.destroy();
  };
  socket.on('readable', read);
  socket.once('close', silent);
}

const NOT_TLS: Ending = { outcome: 'not-tls', offered: null, reason: 'It does not speak TLS.' };

function oldHello(heard: Extract<Heard, { kind: 'sslv2-hello' }>): Ending {
  const versions = heard.version === undefined ? [] : [heard.version];
  return {
    outcome: 'refused',
    offered: { versions, upTo: true, suites: [], servername: null, alpn: [] },
    reason: 'It begins with an SSLv2 ClientHello, which no TLS 1.2 server takes (RFC 9325).',
  };
}

function handshake(one: Connection, offered: ClientOffer): void {
  const { options, context, socket } = one;
  const tls = new TLSSocket(socket, { isServer: true, secureContext: context, ALPNProtocols: ['http/1.1'] });
  const failed = (error?: NodeJS.ErrnoException) => {
    tls.off('close', failed);
    tell(one, { outcome: 'refused', offered, reason: refusal(offered, options.min, error?.code) });
  };
  tls.once('error', failed);
  tls.once('close', failed);
  tls.once('secure', () => {
    tls.off('error', failed);
    tls.off('close', failed);
    tls.on('error', () => {});
    const cipher = tls.getCipher();
    const alpn = tls.alpnProtocol;
    const agreed = {
      version: tls.getProtocol() ?? '',
      suite: cipher.name,
      ...(typeof alpn === 'string' && { alpn }),
    };
    one.clients.set(tls, tell(one, { outcome: 'agreed', offered, agreed }));
    one.http.emit('connection', tls);
  });
}

function tell({ options, socket, connection }: Connection, ending: Ending): HeardClient {
  const from = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`;
  const client = { connection, time: new Date().toISOString(), from, ...ending };
  options.heard(client);
  return client;
}

function offerOf({ hello }: Extract<Heard, { kind: 'hello' }>): ClientOffer {
  const library = guessLibrary(hello);
  const versions = hello.versions ?? (hello.legacyVersion === undefined ? [] : [hello.legacyVersion]);
  return {
    versions,
    upTo: hello.versions === undefined,
    suites: hello.suites.filter(id => suite(id) !== undefined).map(suiteName),
    servername: hello.servername ?? null,
    alpn: hello.alpn,
    ...(library !== undefined && { library }),
  };
}

/** OpenSSL's words for what a client is told or tells, as Node spells them. */
const REASONS: ReadonlyArray<readonly [RegExp, string]> = [
  [/NO_SHARED_CIPHER/, 'It offers no suite that this endpoint has.'],
  [/NO_SHARED_GROUP|NO_SUITABLE_KEY_SHARE/, 'It offers no group for the key exchange that this endpoint has.'],
  [/NO_SHARED_SIGNATURE/, 'It takes no signature that this endpoint’s certificate can give.'],
  [/NO_APPLICATION_PROTOCOL/, 'It speaks no HTTP/1.1 by its ALPN.'],
  [
    /UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED/,
    'It does not trust the certificate; give it the CA file.',
  ],
  [/ALERT_PROTOCOL_VERSION/, 'It was offered a version that it does not take.'],
];

function refusal(offered: ClientOffer, min: string, code: string | undefined): string {
  const best = newest(protocolSet(offered.versions));
  if (best < protocolBit(min)) {
    const most = protocolNames(best)[0];
    return `Unexpected ${most === undefined ? 'no known version' : `\`${most}\``} at most, expected \`${min}\` or later.`;
  }
  const known = REASONS.find(([pattern]) => pattern.test(code ?? ''));
  if (known) return known[1];
  return code === undefined || code === 'ECONNRESET'
    ? 'It hung up during the handshake: it may not trust the certificate.'
    : `The handshake failed: ${code}.`;
}

function answer(
  options: EndpointOptions,
  client: HeardClient,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // The body is nobody's business here; the deadline ends one that goes on.
  request.resume();
  response.setHeader('connection', 'close');
  response.setHeader('cache-control', 'no-store');
  if (request.url === '/ca.pem') {
    response.setHeader('content-type', 'application/x-pem-file');
    return void response.end(options.credentials.cert);
  }
  const { type, text } = options.page(client, /\btext\/html\b/.test(request.headers.accept ?? ''));
  response.setHeader('content-type', type);
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
  response.end(text);
}
