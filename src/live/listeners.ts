/** Who listens on a port of this machine, where Linux tells (proc(5)): the programs, their files, since when they run. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';

export interface Listener {
  readonly pid: number;
  readonly parent: number;
  /** `nginx`; the name of the executable. */
  readonly program: string;
  /** The file that `-c` or `-f` names, absolute; absent where the command line names none. */
  readonly config?: string;
  /** `OPENSSL_CONF` of its environment. */
  readonly opensslConf?: string;
  /** Milliseconds since the epoch, to about 20 ms. */
  readonly started: number;
}

/** Jiffies of `starttime` in a second: USER_HZ, 100 on every architecture that Node runs on. */
const USER_HZ = 100;
const LISTEN = '0A';

/** Empty where nobody does, where it is not Linux, or where others' processes are not shown to us. */
export function listenersOn(address: string): Listener[] {
  try {
    const inodes = listeningInodes(address);
    return inodes.size === 0 ? [] : processIds().flatMap(pid => (holds(pid, inodes) ? (read(pid) ?? []) : []));
  } catch {
    return [];
  }
}

/** Sockets that listen on the address itself, else, where it is one of this machine, those of the wildcard address. */
function listeningInodes(address: string): Set<string> {
  if (address.startsWith('unix:')) return unixInodes(address.slice(5));
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1))
    .toString(16)
    .toUpperCase()
    .padStart(4, '0');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const rows = [...tableRows('tcp'), ...tableRows('tcp6')].filter(row => row[1]!.endsWith(`:${port}`));
  const listening = rows.filter(row => row[3] === LISTEN);
  const own = listening.filter(row => row[1] === `${hexAddress(host)}:${port}`);
  if (own.length === 0 && !isOwn(host)) return new Set();
  const chosen = own.length > 0 ? own : listening.filter(row => /^0+:/.test(row[1]!));
  return new Set(chosen.map(row => row[9]!));
}

/** What listens here on every address does not answer at another machine's. */
function isOwn(host: string): boolean {
  if (host.startsWith('127.') || host === '::1') return true;
  return Object.values(networkInterfaces()).some(each => each?.some(({ address }) => address === host));
}

function tableRows(table: string): string[][] {
  try {
    const lines = readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1);
    return lines.map(line => line.trim().split(/\s+/)).filter(row => row.length >= 10);
  } catch {
    return [];
  }
}

/** IPv4 alone, in host byte order; the loopback of IPv6 by its own spelling. */
function hexAddress(host: string): string {
  if (host === '::1') return '00000000000000000000000001000000';
  return host
    .split('.')
    .toReversed()
    .map(part => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

function unixInodes(file: string): Set<string> {
  const rows = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/));
  return new Set(rows.filter(row => row[7] === file).map(row => row[6]!));
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number);
}

function holds(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(descriptor => inodes.has(socketOf(pid, descriptor)));
  } catch {
    return false;
  }
}

function socketOf(pid: number, descriptor: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1] ?? '';
  } catch {
    return '';
  }
}

function read(pid: number): Listener | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const program = path.basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
    const config = configOf(pid, line);
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const conf = environment.find(each => each.startsWith('OPENSSL_CONF='))?.slice('OPENSSL_CONF='.length);
    return {
      pid,
      program,
      ...birthOf(pid),
      ...(config !== undefined && { config }),
      ...(conf !== undefined && { opensslConf: conf }),
    };
  } catch {
    return undefined;
  }
}

/** nginx titles its processes `nginx: master process nginx -c …`; its workers name no file. */
function configOf(pid: number, line: string): string | undefined {
  const words = line.split(line.startsWith('nginx: ') ? ' ' : '\0');
  const after = (...options: readonly string[]): string | undefined => {
    const at = words.findIndex(word => options.includes(word));
    return at === -1 ? undefined : words[at + 1];
  };
  const named = after('-c', '-f');
  if (named === undefined || named === '') return undefined;
  return path.resolve(readlinkSync(`/proc/${pid}/cwd`), after('-p', '-d') ?? '', named);
}

/** Fields 4 and 22 of `stat`, which counts from the boot; the name in field 2 may hold blanks and parentheses. */
function birthOf(pid: number): Pick<Listener, 'parent' | 'started'> {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return { parent: Number(fields[1]), started: Date.now() - uptime * 1000 + (Number(fields[19]) * 1000) / USER_HZ };
}
