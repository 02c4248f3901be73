/** A TCP relay that makes a path of a given round-trip time out of loopback, which has none. */
import { connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** Connections that it carried since it was asked last. */
  connections(): number;
  close(): Promise<void>;
}

/** The kernel accepts at once, so that the round trip of the connection's opening is made up for by what is sent first. */
export async function openRelay(target: number, roundTrip: number): Promise<Relay> {
  let carried = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    carried++;
    keep(client);
    const upstream = keep(connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }));
    carry(client, upstream, roundTrip / 2, Date.now() + roundTrip);
    carry(upstream, client, roundTrip / 2, 0);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    connections() {
      const count = carried;
      carried = 0;
      return count;
    },
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Each chunk and the end come `delay` milliseconds later, and not before `opened`; timers of one length keep their order. */
function carry(from: Socket, to: Socket, delay: number, opened: number): void {
  let free = 0;
  const later = (work: () => void) => {
    // Never before what came first.
    free = Math.max(free, Date.now() + delay, opened === 0 ? 0 : opened + delay);
    setTimeout(work, free - Date.now());
  };
  from.on('data', chunk => later(() => to.write(chunk)));
  from.once('end', () => later(() => to.end()));
  from.once('close', () => later(() => to.destroy()));
}
