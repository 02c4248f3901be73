/** One connection: an optional STARTTLS dialogue, then one handshake, under one deadline. */
import { connect as openSocket, type Socket } from 'node:net';
import type { Handshake, Outcome, Reason } from './handshake.js';
import { createStarttls, type StarttlsName } from './starttls.js';

/** Where to connect: a host and a port, or the path of a unix socket. */
export type Peer = { readonly host: string; readonly port: number } | { readonly path: string };

export interface Connection {
  readonly peer: Peer;
  readonly starttls?: StarttlsName;
  readonly servername?: string;
  /** For connecting and everything after it, in milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

const CONNECT_FAILURES: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  ETIMEDOUT: 'timeout',
  // Who accepts and resets at once may have done both before this process has looked; nothing was asked by then.
  ECONNRESET: 'reset',
};

/** Never rejects and never hangs: it settles at the latest when the deadline has passed. */
export function exchange(connection: Connection, handshake: Handshake): Promise<Outcome> {
  return new Promise(resolve => {
    const socket = openSocket({ ...connection.peer, noDelay: true });
    const timer = setTimeout(() => settle(handshake.end('timeout')), connection.timeout);
    const abort = () => settle({ offered: null, reason: 'timeout' });
    let connected = false;
    function settle(outcome: Outcome): void {
      clearTimeout(timer);
      connection.signal?.removeEventListener('abort', abort);
      // Nothing that comes late may throw.
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve(outcome);
    }
    if (connection.signal?.aborted) return abort();
    connection.signal?.addEventListener('abort', abort);
    const receive = createDialogue(connection, handshake, socket, settle);
    socket.once('connect', () => {
      connected = true;
      receive(undefined);
    });
    socket.on('data', receive);
    socket.once('end', () => settle(handshake.end('closed')));
    socket.once('close', () => settle(handshake.end('closed')));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(failure(error, connected, handshake)));
  });
}

/** Hands what comes in to the dialogue that starts TLS, and after it to the handshake. */
function createDialogue(
  connection: Connection,
  handshake: Handshake,
  socket: Socket,
  settle: (outcome: Outcome) => void,
): (chunk: Uint8Array | undefined) => void {
  const name = connection.servername ?? ('host' in connection.peer ? connection.peer.host : 'localhost');
  const starttls = connection.starttls === undefined ? undefined : createStarttls(connection.starttls, name);
  let inTls = false;
  const startTls = (): void => {
    inTls = true;
    socket.write(handshake.hello);
  };
  return chunk => {
    if (inTls) {
      const step = handshake.push(chunk ?? new Uint8Array(0));
      if (step.send !== undefined) socket.write(step.send);
      if (step.done !== undefined) settle(step.done);
      return;
    }
    if (starttls === undefined) return startTls();
    const step = chunk === undefined ? starttls.start() : starttls.push(chunk);
    if (step.send !== undefined) socket.write(step.send);
    if (step.done === false) settle({ offered: false, reason: 'no-starttls' });
    if (step.done === true) startTls();
  };
}

function failure(error: NodeJS.ErrnoException, connected: boolean, handshake: Handshake): Outcome {
  if (connected) return handshake.end('reset');
  return { offered: null, reason: CONNECT_FAILURES[error.code ?? ''] ?? 'unreachable' };
}
