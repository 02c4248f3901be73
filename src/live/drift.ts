/** Sets what a running server says beside what its configuration says, and tells why they differ as far as can be known. */
import { realpathSync, statSync } from 'node:fs';
import type { DriftRow, DriftState } from '../model/drift.js';
import type { HeardServer } from '../model/heard.js';
import { type Protocol, type ProtocolSet, protocolBit, protocolNames } from '../model/protocols.js';
import { SERVERS } from '../model/servers.js';
import { OPENSSL_STEPS, type Target, type TargetRange } from '../model/target.js';
import type { Answer, Model } from '../model/types.js';
import { version } from '../model/versions.js';
import type { StarttlsName } from '../probe/starttls.js';
import { type SurveyOptions, survey } from '../probe/survey.js';
import { addressText, type ProbeTarget } from '../probe/target.js';
import { type Listener, listenersOn } from './listeners.js';
import type { LiveQuestion } from './questions.js';

export interface DriftOptions {
  readonly survey: SurveyOptions;
  /** Asks here in place of the listener; its own port where none is named. */
  readonly via?: { readonly host: string; readonly port?: number };
}

/** Never rejects. `listeners` tells who listens on an address of this machine. */
export async function driftOf(
  asked: LiveQuestion,
  range: TargetRange,
  options: DriftOptions,
  listeners = listenersOn,
): Promise<DriftRow> {
  const answers = range.targets.map(target => asked.model.answer(asked.question, target));
  const peer = options.via === undefined ? asked.direct : through(options.via, asked.direct);
  const server = await ask(peer, asked.servername, options.survey);
  const row = {
    root: asked.model.root,
    listen: asked.listen,
    address: addressText(peer),
    servername: asked.servername,
    expected: expectedOf(answers),
    heard: protocolNames(heardOf(server).offered),
  };
  const verdict = await judge({ asked, range, answers, server, peer, options, listeners });
  return { ...row, ...verdict };
}

interface Case {
  readonly asked: LiveQuestion;
  readonly range: TargetRange;
  readonly answers: readonly Answer[];
  readonly server: HeardServer;
  readonly peer: ProbeTarget;
  readonly options: DriftOptions;
  readonly listeners: (address: string) => Listener[];
}

interface Verdict {
  readonly state: DriftState;
  readonly evidence: readonly string[];
}

async function judge(one: Case): Promise<Verdict> {
  const { answers, server, options } = one;
  if (answers.some(answer => answer.negotiable === null || answer.tls === null)) {
    return { state: 'unknown', evidence: [...new Set(answers.flatMap(answer => answer.notes))] };
  }
  const silent = answers.every(({ tls }) => tls === false);
  if (server.state === 'silent')
    return { state: 'no-answer', evidence: [`Unexpected silence where the configuration listens: ${server.trouble}.`] };
  if (silent && server.state === 'not-tls') return { state: 'agrees', evidence: [] };
  const heard = heardOf(server);
  if (agrees(one, heard)) {
    if (heard.open === 0) return { state: 'agrees', evidence: [] };
    return { state: 'unknown', evidence: [`No answer was had to ${versionsText(heard.open)}.`] };
  }
  // A name stands for the address that answered.
  const listeners = one.listeners(server.address);
  return (
    (options.via && (await inFront(one))) ??
    otherProgram(one.asked.model, listeners) ??
    otherFile(one.asked.model, listeners) ??
    olderProcess(one.asked.model, listeners) ??
    otherLibrary(one, heard, listeners) ??
    otherConfig(one, heard, listeners)
  );
}

/** Whether any server of the range on any library of it would answer so: the range holds pairs of few of them. */
function agrees({ asked, range, answers }: Case, heard: Heard): boolean {
  if (answers.some(answer => fits(setOf(answer), heard))) return true;
  const servers = new Map(range.targets.map(target => [target.server.text, target]));
  const libraries = new Map(range.targets.map(({ openssl }) => [openssl.version.text, openssl]));
  return [...servers.values()].some(target =>
    [...libraries.values()].some(openssl => {
      const answer = asked.model.answer(asked.question, { ...target, openssl });
      return answer.negotiable !== null && answer.tls !== null && fits(setOf(answer), heard);
    }),
  );
}

interface Heard {
  readonly offered: ProtocolSet;
  /** What got no answer. */
  readonly open: ProtocolSet;
}

function heardOf(server: HeardServer): Heard {
  let offered = 0;
  let open = 0;
  for (const each of server.versions) {
    if (each.offered === true) offered |= protocolBit(each.version);
    if (each.offered === null) open |= protocolBit(each.version);
  }
  return { offered, open };
}

function fits(expected: ProtocolSet, { offered, open }: Heard): boolean {
  return ((expected ^ offered) & ~open) === 0;
}

function setOf(answer: Answer): ProtocolSet {
  return answer.tls === false ? 0 : (answer.negotiable ?? 0);
}

function expectedOf(answers: readonly Answer[]): Protocol[][] | null {
  if (answers.some(answer => answer.negotiable === null || answer.tls === null)) return null;
  return [...new Set(answers.map(setOf))].map(protocolNames);
}

function through(via: NonNullable<DriftOptions['via']>, direct: ProbeTarget): ProbeTarget {
  return { host: via.host, port: via.port ?? ('path' in direct ? 443 : direct.port) };
}

/** A mail server greets first; its greeting says how TLS is started. */
const GREETINGS: ReadonlyArray<readonly [RegExp, StarttlsName]> = [
  [/`220[ -]/, 'smtp'],
  [/`\* OK/i, 'imap'],
  [/`\+OK/i, 'pop3'],
];

async function ask(peer: ProbeTarget, servername: string | null, options: SurveyOptions): Promise<HeardServer> {
  const asked = { ...options, servername: servername ?? '' };
  const [server] = await survey(peer, asked);
  const starttls = GREETINGS.find(([greeting]) => server!.state === 'not-tls' && greeting.test(server!.trouble ?? ''));
  if (!starttls || options.starttls) return server!;
  const [again] = await survey(peer, { ...asked, starttls: starttls[1] });
  return again!;
}

/** What the listener itself says decides whether the way there does something else. */
async function inFront(one: Case): Promise<Verdict | undefined> {
  const { asked, options, server, peer } = one;
  const direct = await ask(asked.direct, asked.servername, options.survey);
  if (direct.state !== 'answered' || !agrees(one, heardOf(direct))) return undefined;
  const own = addressText(asked.direct);
  return {
    state: 'in-front',
    evidence: [
      `\`${own}\` itself answers as the configuration says, and \`${addressText(peer)}\` does not${server.state === 'not-tls' ? ` speak TLS` : ''}.`,
    ],
  };
}

function otherProgram({ dialect }: Model, listeners: readonly Listener[]): Verdict | undefined {
  const other = listeners[0];
  const own = SERVERS[dialect].programs;
  if (!other || !own || listeners.some(({ program }) => own.test(program))) return undefined;
  return {
    state: 'in-front',
    evidence: [`\`${other.program}\` (process ${other.pid}) listens there, not ${dialect}.`],
  };
}

function otherFile(model: Model, listeners: readonly Listener[]): Verdict | undefined {
  const own = model.files[0]?.real;
  const named = listeners.filter(({ config }) => config !== undefined);
  if (named.length === 0 || named.some(({ config }) => config === own || realOf(config!) === own)) return undefined;
  const { program, pid, config } = named[0]!;
  return { state: 'other-config', evidence: [`\`${program}\` (process ${pid}) was started with \`${config}\`.`] };
}

function realOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

/**
 * A reload replaces the workers, and those of before listen no more. So where one that listens is older than a file, that
 * file's state is not what runs; that others are younger says nothing, for a server starts workers as it needs them.
 */
function olderProcess(model: Model, listeners: readonly Listener[]): Verdict | undefined {
  const workers = listeners.filter(({ pid }) => !listeners.some(({ parent }) => parent === pid));
  if (workers.length === 0) return undefined;
  const oldest = workers.reduce((a, b) => (b.started < a.started ? b : a));
  const newer = model.files.flatMap(file => {
    const changed = changeOf(file.real);
    return changed !== undefined && changed > oldest.started + CLOCK_ERROR ? [{ path: file.path, changed }] : [];
  });
  if (newer.length === 0) return undefined;
  const latest = newer.reduce((a, b) => (b.changed > a.changed ? b : a));
  return {
    state: 'not-reloaded',
    evidence: [
      `\`${latest.path}\` was changed at ${timeText(latest.changed)} UTC, and process ${oldest.pid}, which answers there, runs since ${timeText(oldest.started)}.`,
    ],
  };
}

/** Of a process's start in milliseconds: one jiffy, and what two clocks differ. */
const CLOCK_ERROR = 100;

function changeOf(file: string): number | undefined {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return undefined;
  }
}

function timeText(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** The files allow what is heard, and the library has the last word. */
function otherLibrary(
  { asked, range, answers }: Case,
  heard: Heard,
  listeners: readonly Listener[],
): Verdict | undefined {
  const within = answers.filter(answer => (heard.offered & ~answer.configured!) === 0 && heard.offered !== 0);
  if (within.length === 0) return undefined;
  const other = otherTargets(range).find(target => fits(setOf(asked.model.answer(asked.question, target)), heard));
  const conf = listeners.find(({ opensslConf }) => opensslConf !== undefined)?.opensslConf;
  const evidence = [
    `The files allow ${versionsText(within[0]!.configured!)}, and the library decides which of them are spoken.`,
  ];
  if (other)
    evidence.push(
      `That is what OpenSSL ${other.openssl.version.text} at security level ${other.openssl.securityLevel} makes of them.`,
    );
  else evidence.push('No OpenSSL by itself makes that of them: an `openssl.cnf` or a policy of the system may.');
  if (listeners.length === 0) evidence.push(NOT_SHOWN);
  if (conf !== undefined)
    evidence.push(`The process runs with \`OPENSSL_CONF=${conf}\`; \`--openssl-conf\` takes it into account.`);
  return { state: 'other-library', evidence };
}

const NOT_SHOWN =
  'Which process answers there is not shown to this user here: an older state of the files, another file or a server in front may be the cause as well.';

function otherTargets({ targets }: TargetRange): Target[] {
  const [server] = targets.slice(-1);
  const assumed = server!.openssl;
  return [assumed.version, ...OPENSSL_STEPS.map(version)].flatMap(each =>
    [0, 1, 2].map(securityLevel => ({ ...server!, openssl: { version: each, securityLevel, with: assumed.with } })),
  );
}

function otherConfig({ server }: Case, heard: Heard, listeners: readonly Listener[]): Verdict {
  const evidence = [
    server.state === 'not-tls'
      ? `It does not speak TLS: ${server.trouble}.`
      : heard.offered === 0
        ? 'It speaks TLS and agrees to no version.'
        : `These files do not come to ${versionsText(heard.offered)}.`,
  ];
  if (listeners.length === 0) evidence.push(NOT_SHOWN);
  return { state: 'other-config', evidence };
}

function versionsText(set: ProtocolSet): string {
  return protocolNames(set)
    .map(name => `\`${name}\``)
    .join(', ');
}
