/** Sets the answers of a dialect beside recorded ones of real servers, cell by cell. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect, LoadSettings } from '../../src/dialects/types.js';
import { memoryHost } from '../../src/host.js';
import { newest, type Protocol, type ProtocolSet, protocolNames, protocolSet } from '../../src/model/protocols.js';
import { type DialectId, defaultSecurityLevel, type Target } from '../../src/model/target.js';
import type { Model, Offer } from '../../src/model/types.js';
import { version } from '../../src/model/versions.js';

/** One question and what came of it. A load counts as one cell with the row `loads`. */
export interface Cell {
  readonly test: string;
  readonly build: string;
  readonly row: string;
  readonly expected: boolean;
  /** `null`: the model says that it can't know. */
  readonly said: boolean | null;
  readonly notes: readonly string[];
}

interface CaseFile {
  readonly captures?: ReadonlyArray<{ readonly name: string; readonly listen: number }>;
  readonly env?: Readonly<Record<string, string>>;
  readonly modules?: readonly string[];
  readonly without?: readonly string[];
  readonly define?: readonly string[];
}

type Row = Partial<Record<Protocol, boolean>>;
interface Hello {
  readonly tls: boolean;
  /** `max TLSv1.2` where the client named no list. */
  readonly versions?: readonly string[];
}
interface Expected {
  readonly loads: boolean;
  readonly matrix?: Readonly<Record<string, Readonly<Record<string, Row>> | Hello>>;
}

export const DIALECTS = ['nginx', 'apache'] as const;
const ROOTS: Readonly<Partial<Record<DialectId, string>>> = { nginx: 'nginx.conf', apache: 'httpd.conf' };
/** Where the files of a case are in memory. */
const DIR = '/case';
/** Modules that the recording gave httpd on its command line. */
const HTTPD_LOADED = ['ssl', 'macro', 'alias', 'authz_core', 'version'];

/** `undefined` where the dialect is not there. */
export async function dialectNamed(id: DialectId): Promise<Dialect | undefined> {
  try {
    const module: Record<string, Dialect> = await import(`../../src/dialects/${id}/index.js`);
    return module[id];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Folders of cases below `top`, in order; empty where `top` is not there. */
export function casesIn(top: string): string[] {
  try {
    return readdirSync(top)
      .sort()
      .map(name => join(top, name));
  } catch {
    return [];
  }
}

/** Every cell of one case. */
export function runCase(dialect: Dialect, dir: string): Cell[] {
  const about: CaseFile = JSON.parse(readFileSync(join(dir, 'case.json'), 'utf8'));
  const expected: Record<string, Expected> = JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8'));
  const files = readFiles(dir);
  const test = dir.split('/').at(-1)!;
  return Object.entries(expected).flatMap(([build, result]) => {
    const target = targetOf(build, opensslConf(about, files));
    const model = dialect.load(`${DIR}/${ROOTS[dialect.id]}`, memoryHost(files), settings(dialect.id, about, target));
    return cellsOf(model, target, about, result).map(cell => ({ ...cell, test, build }));
  });
}

/** `debian12-nginx-1.22.1+openssl-3.0.22`, `httpd-trunk+openssl-1.0.2u+ssl2+ssl3`. */
export function targetOf(build: string, conf?: string): Target {
  const match = /^(?:\w+-)?(?:nginx|httpd)-([\d.]+|trunk)\+openssl-([\d.]+[a-z]?)((?:\+ssl\d)*)$/.exec(build);
  if (!match) throw new RangeError(`Unexpected build ${build}`);
  const [, server = '', library = '', old = ''] = match;
  const openssl = {
    version: version(library),
    securityLevel: defaultSecurityLevel(version(library)),
    with: new Set(old.split('+').filter(name => name === 'ssl2' || name === 'ssl3')),
    ...(conf !== undefined && { conf }),
  };
  return server === 'trunk' ? { server: version('2.5.0'), trunk: true, openssl } : { server: version(server), openssl };
}

function readFiles(dir: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const certificates = join(process.cwd(), 'test', 'fixtures', 'certificates');
  for (const name of ['cert.pem', 'eccert.pem']) files.set(`${DIR}/${name}`, readFileSync(join(certificates, name)));
  // Keys are never read, only looked for.
  for (const name of ['key.pem', 'eckey.pem']) files.set(`${DIR}/${name}`, new Uint8Array());
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    if (entry === 'case.json' || entry === 'expected.json' || statSync(join(dir, entry)).isDirectory()) continue;
    const text = readFileSync(join(dir, entry), 'latin1').replaceAll('{{PREFIX}}', DIR);
    files.set(`${DIR}/${entry}`, Buffer.from(text, 'latin1'));
  }
  return files;
}

function opensslConf({ env }: CaseFile, files: ReadonlyMap<string, Uint8Array>): string | undefined {
  const path = env?.OPENSSL_CONF?.replaceAll('{{PREFIX}}', DIR);
  const bytes = path === undefined ? undefined : files.get(path);
  return bytes && Buffer.from(bytes).toString('utf8');
}

function settings(dialect: DialectId, about: CaseFile, target: Target): LoadSettings {
  const loaded = dialect === 'apache' ? [...HTTPD_LOADED, ...(about.modules ?? [])] : [];
  const without = about.without ?? [];
  return {
    prefix: '',
    define: new Map((about.define ?? []).map(name => [name, ''])),
    module: [
      ...loaded.filter(name => !without.includes(name)).map(name => `${name}_module`),
      ...without.map(name => `!${name}_module`),
    ],
    env: about.env ?? {},
    target,
  };
}

type PlainCell = Omit<Cell, 'test' | 'build'>;

function cellsOf(model: Model, target: Target, about: CaseFile, expected: Expected): PlainCell[] {
  const notes = model.problems.filter(problem => problem.stops(target)).map(problem => problem.message);
  const cells: PlainCell[] = [{ row: 'loads', expected: expected.loads, said: model.loads(target), notes }];
  if (!expected.loads) return cells;
  for (const [listener, rows] of Object.entries(expected.matrix ?? {})) {
    if (listener.startsWith('upstream:')) cells.push(...upstreamCells(model, target, about, listener, rows as Hello));
    else cells.push(...listenerCells(model, target, listener, rows as Readonly<Record<string, Row>>));
  }
  return cells;
}

function listenerCells(
  model: Model,
  target: Target,
  listener: string,
  rows: Readonly<Record<string, Row>>,
): PlainCell[] {
  const connect = listener.replace(/^(?:imap|pop3|smtp):/, '');
  return Object.entries(rows).flatMap(([name, row]) => {
    const answer = model.answer(name === '(none)' ? { connect } : { connect, servername: name }, target);
    const set = offered(answer);
    return Object.entries(row).map(([protocol, expected]) => ({
      row: `${listener} ${name} ${protocol}`,
      expected,
      said: set === null ? null : (set & protocolSet([protocol])) !== 0,
      notes: answer.notes,
    }));
  });
}

function upstreamCells(model: Model, target: Target, about: CaseFile, listener: string, hello: Hello): PlainCell[] {
  const port = about.captures?.find(capture => listener === `upstream:${capture.name}`)?.listen;
  const endpoint = model.endpoints.find(each => each.role === 'client' && each.upstream?.includes(`:${port}`));
  const offer = endpoint && model.offer(endpoint, target);
  const set = offer ? offered(offer) : 0;
  const notes = offer?.notes ?? ['no such endpoint'];
  const cells: PlainCell[] = [
    { row: `${listener} tls`, expected: hello.tls, said: set === null ? null : set !== 0, notes },
  ];
  if (!hello.tls || !hello.versions) return cells;
  const want = heard(hello.versions);
  const said = set !== null && (want.exact ? set === want.set : newest(set) === want.set);
  const row = `${listener} ${hello.versions.join(' ')}, said ${set === null ? 'unknown' : protocolNames(set).join(' ')}`;
  cells.push({ row, expected: true, said: set === null ? null : said, notes });
  return cells;
}

/** A client of TLSv1.2 and older names its newest version alone. */
function heard(versions: readonly string[]): { exact: boolean; set: ProtocolSet } {
  const [first = ''] = versions;
  if (first.startsWith('max ')) return { exact: false, set: protocolSet([first.slice(4)]) };
  return { exact: true, set: protocolSet(versions) };
}

function offered({ tls, negotiable }: Offer): ProtocolSet | null {
  return tls === false ? 0 : negotiable;
}

export interface Count {
  cells: number;
  agreed: number;
  unknown: number;
  wrong: number;
}

export function count(cells: Iterable<Cell>): Count {
  const sum: Count = { cells: 0, agreed: 0, unknown: 0, wrong: 0 };
  for (const { said, expected } of cells) {
    sum.cells++;
    if (said === null) sum.unknown++;
    else if (said === expected) sum.agreed++;
    else sum.wrong++;
  }
  return sum;
}

/** One line for each row that is wrong, with the builds it is wrong on. */
export function describeWrong(cells: readonly Cell[]): string[] {
  const lines = new Map<string, string[]>();
  for (const { test, build, row, expected, said, notes } of cells) {
    if (said === null || said === expected) continue;
    const line = `${test}: ${row}: server ${expected}, model ${said}${notes.map(note => `\n      ${note}`).join('')}`;
    lines.set(line, [...(lines.get(line) ?? []), build]);
  }
  return [...lines].map(([line, builds]) => `${line}\n    ${builds.join(' ')}`);
}
