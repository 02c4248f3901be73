/** The question that tlslint exists for: what does a client get that connects here with this name? */
import { diskHost } from './host.js';
import { listAcross, sayWhen } from './model/across.js';
import { type Protocol, type ProtocolSet, protocolNames } from './model/protocols.js';
import { SERVERS } from './model/servers.js';
import type { DialectId, TargetRange } from './model/target.js';
import type { Endpoint, Model, Offer, Origin, Question } from './model/types.js';
import {
  type AnswerReport,
  type EndpointReport,
  type OfferReport,
  type Place,
  type ReportFinding,
  type RootReport,
  reportFinding,
} from './report.js';
import { type Checked, checkFiles } from './run.js';
import type { Settings } from './settings.js';
import { settingsOf } from './settings.js';
import { targetText } from './targets.js';

/** How to judge; all of it may be left out. */
export interface InspectOptions {
  readonly server?: string;
  readonly openssl?: string;
  readonly securityLevel?: number;
  /** Old versions that the OpenSSL was built with: `ssl2`, `ssl3`. */
  readonly opensslWith?: readonly string[];
  /** Path of the system's `openssl.cnf`. */
  readonly opensslConf?: string;
  /** `NAME` or `NAME=VALUE`. */
  readonly define?: readonly string[];
  readonly module?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly root?: string;
  readonly prefix?: string;
  readonly policy?: string;
  readonly cwd?: string;
}

export interface Inspection {
  readonly roots: readonly RootReport[];
  /** Of all roots, in order. */
  readonly endpoints: readonly EndpointReport[];
  readonly findings: ReadonlyArray<ReportFinding & { readonly path: string }>;
  /** False where syntax or a TLS directive would stop the server; files that merely are not here do not count. */
  readonly loads: boolean;
  readonly errors: ReadonlyArray<{ readonly path: string; readonly message: string }>;
  offeredTo(question: Question): AnswerReport;
}

/**
 * Reads a root, a fragment or a directory and tells what it offers. Never throws on what the files hold.
 * @throws {UsageError} on an option that means nothing.
 */
export async function inspect(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const cwd = options.cwd ?? '.';
  const host = diskHost(cwd);
  const flags = {
    server: options.server,
    openssl: options.openssl,
    'openssl-conf': options.opensslConf,
    ...(options.securityLevel !== undefined && { 'security-level': String(options.securityLevel) }),
    define: [...(options.define ?? [])],
    module: [...(options.module ?? [])],
    root: options.root,
    prefix: options.prefix,
    policy: options.policy,
  };
  const settings = settingsOf(flags, [path], cwd, options.env ?? {}, host);
  const opensslWith = options.opensslWith;
  return inspection({ ...settings, choice: { ...settings.choice, opensslWith } }, host);
}

/** The same for settings that are there already. */
export async function inspection(settings: Settings, host: ReturnType<typeof diskHost>): Promise<Inspection> {
  const checked = await checkFiles(settings, host);
  const roots = checked.models.map(model => rootReport(model, checked.rangeOf(model)));
  return {
    roots,
    endpoints: roots.flatMap(root => root.endpoints),
    findings: checked.findings.map(finding => ({
      path: finding.file.path,
      ...reportFinding(finding, !checked.outside.has(finding.file.path)),
    })),
    // Of what could not be read at all, nothing would start.
    loads:
      checked.models.length > 0 &&
      checked.models.every(model => checked.rangeOf(model).targets.every(target => model.loads(target))),
    errors: checked.errors,
    offeredTo: question => answerAll(checked, question),
  };
}

function rootReport(model: Model, range: TargetRange): RootReport {
  const combine = combiner(model.dialect, range);
  const endpoints = model.endpoints.map(endpoint => ({
    ...identity(endpoint),
    ...(endpoint.upstream !== undefined && { upstream: endpoint.upstream }),
    ...combine(range.targets.map(target => model.offer(endpoint, target))),
  }));
  return { path: model.root, dialect: model.dialect, target: targetText(range), endpoints };
}

function identity({ role, kind, listen, names, ...endpoint }: Endpoint) {
  return { role, kind, ...(listen !== undefined && { listen }), default: endpoint.default, names };
}

/** Why a text is no address that a client could connect to. */
export function connectFault(connect: string): string | undefined {
  const address = connect.replace(/^(?:quic|udp|imap|pop3|smtp):/, '');
  if (/^unix:./.test(address)) return undefined;
  const [, port] = /^(?:\[[^[\]]+\]|[^:[\]\s]+):(\d{1,5})$/.exec(address) ?? [];
  if (port !== undefined && Number(port) > 0 && Number(port) < 65_536) return undefined;
  return `Unexpected address \`${connect}\`, expected \`ADDRESS:PORT\`, \`[IPV6]:PORT\` or \`unix:PATH\``;
}

/** The first root that has something at that address answers; where none has, the first root's refusal stands. */
function answerAll({ models, rangeOf }: Checked, question: Question): AnswerReport {
  const fault = connectFault(question.connect);
  if (fault !== undefined) {
    const open = { tls: null, state: 'unknown', configured: null, negotiable: null, decidedBy: [] } as const;
    return { ...open, endpoint: null, notes: [`${fault}.`] };
  }
  let refusal: AnswerReport | undefined;
  const listening = models.filter(({ dialect }) => SERVERS[dialect].listens);
  for (const model of listening.length > 0 ? listening : models) {
    const range = rangeOf(model);
    const answers = range.targets.map(target => model.answer(question, target));
    const endpoint = answers.find(answer => answer.endpoint)?.endpoint ?? null;
    const report = {
      ...combiner(model.dialect, range)(answers),
      endpoint: endpoint && identity(endpoint),
    };
    if (endpoint || report.state === 'unknown') return report;
    refusal ??= report;
  }
  const nothing = { tls: false, state: 'default', configured: [], negotiable: [], decidedBy: [] } as const;
  return refusal ?? { ...nothing, endpoint: null, notes: ['No configuration was read.'] };
}

/**
 * One report for the offers of all targets, one offer each: what any of them allows, with a note where they differ.
 * Offers are shared objects, so the same offers give the same report without new work.
 */
function combiner(dialect: DialectId, range: TargetRange): (offers: readonly Offer[]) => OfferReport {
  const known = new Map<Offer, OfferReport>();
  return offers => {
    const [first] = offers;
    if (first && offers.every(offer => offer === first)) {
      const found = known.get(first) ?? combine(offers, dialect, range);
      known.set(first, found);
      return found;
    }
    return combine(offers, dialect, range);
  };
}

function combine(offers: readonly Offer[], dialect: DialectId, range: TargetRange): OfferReport {
  const notes = new Set(offers.flatMap(offer => (differsOnlyInPart(offers, offer) ? [] : offer.notes)));
  for (const note of notesOfParts(offers, dialect, range)) notes.add(note);
  const unknown = offers.some(offer => offer.state === 'unknown');
  return {
    tls: offers.every(offer => offer.tls === offers[0]!.tls) ? offers[0]!.tls : null,
    state: unknown ? 'unknown' : (offers.find(offer => offer.state === 'set')?.state ?? offers[0]!.state),
    configured: unknown ? null : union(offers.map(offer => offer.configured)),
    negotiable: unknown ? null : union(offers.map(offer => offer.negotiable)),
    decidedBy: [...new Set(offers.flatMap(offer => offer.decidedBy))].map(placeOf),
    notes: [...notes],
  };
}

/** Notes that every target gives need no words about versions. */
function differsOnlyInPart(offers: readonly Offer[], offer: Offer): boolean {
  return !offer.notes.every(note => offers.every(other => other.notes.includes(note)));
}

function notesOfParts(offers: readonly Offer[], dialect: DialectId, range: TargetRange): string[] {
  const notes: string[] = [];
  for (const [what, holds] of PARTS) {
    const marks = offers.map(holds);
    if (marks.includes(true) && marks.includes(false)) notes.push(`${what} ${sayWhen(marks, dialect, range)}.`);
  }
  for (const [what, of] of [
    ['Configured', (offer: Offer) => offer.configured],
    ['Negotiable', (offer: Offer) => offer.negotiable],
  ] as const) {
    const sets = offers.map(offer => of(offer) ?? 0);
    const open = offers.map(offer => of(offer) === null);
    const differs = sets.some(set => set !== sets[0]);
    if (differs && sets.some(set => set !== 0)) notes.push(`${what}: ${listAcross(sets, dialect, range)}.`);
    if (open.includes(true) && open.includes(false)) notes.push(`${what}: not known ${sayWhen(open, dialect, range)}.`);
  }
  const saysSets = notes.length > 0;
  const all = new Set(offers.flatMap(offer => offer.notes));
  for (const note of all) {
    const marks = offers.map(offer => offer.notes.includes(note));
    // What one library refuses is told already, for all of them at once.
    const ofLibrary = range.targets.every(({ openssl }, index) => !marks[index] || note.includes(openssl.version.text));
    if (saysSets && ofLibrary) continue;
    if (marks.includes(false)) notes.push(`${capital(sayWhen(marks, dialect, range))}: ${note}`);
  }
  return notes;
}

/** What else can hold for a part of the versions. */
const PARTS: ReadonlyArray<readonly [string, (offer: Offer) => boolean]> = [
  ['TLS is on', offer => offer.tls === true],
  ['Whether TLS is on is not known', offer => offer.tls === null],
  ['The version’s own default counts', offer => offer.tls !== false && offer.state === 'default'],
];

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function union(sets: ReadonlyArray<ProtocolSet | null>): readonly Protocol[] | null {
  let all = 0;
  for (const set of sets) {
    if (set === null) return null;
    all |= set;
  }
  return protocolNames(all);
}

function placeOf(origin: Origin): Place {
  const { line, column } = origin.file.source.pointAt(origin.span.start);
  return { path: origin.file.path, line, column };
}
