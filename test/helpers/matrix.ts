/** Asks one listener for each name and each version. */
import { basename, join } from 'node:path';
import type { Protocol } from '../../src/model/protocols.js';
import type { Peer } from '../../src/probe/connect.js';
import { probe } from '../../src/probe/probe.js';
import type { StarttlsName } from '../../src/probe/starttls.js';

export type Row = Partial<Record<Protocol, boolean>>;

export interface MatrixOptions {
  readonly peer: Peer;
  /** `null` for no SNI. */
  readonly names: ReadonlyArray<string | null>;
  readonly versions: readonly Protocol[];
  readonly starttls?: StarttlsName;
}

/** Name, or `(none)`, to version to whether it is offered. Throws where a question got no answer. */
export async function probeMatrix(options: MatrixOptions): Promise<Record<string, Row>> {
  const rows: Record<string, Row> = {};
  for (const name of options.names) {
    const results = await probe({
      peer: options.peer,
      versions: options.versions,
      timeout: 4000,
      retries: 0,
      ...(name === null ? {} : { servername: name }),
      ...(options.starttls === undefined ? {} : { starttls: options.starttls }),
    });
    const row: Row = {};
    for (const result of results) {
      // Nobody listens on a port: nothing is offered there, which is an answer.
      const nobody = result.reason === 'refused' && 'port' in options.peer;
      if (result.offered === null && !nobody) {
        throw new Error(`${JSON.stringify(options.peer)} ${name}: ${result.version} ${result.reason}`);
      }
      row[result.version] = result.offered === true;
    }
    rows[name ?? '(none)'] = row;
  }
  return rows;
}

/** `127.0.0.1:443`, `[::1]:443`, `unix:/path`; the file of a socket is looked for in `dir`. */
export function peerOf(address: string, dir: string): Peer {
  if (address.startsWith('unix:')) return { path: join(dir, basename(address)) };
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
