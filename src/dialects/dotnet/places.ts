/** The parts of the model of one file: what speaks TLS, what decides about it, and what it then offers. */
import type { Span } from '../../../parsers/ast.js';
import { NONE, type ProtocolSet, TLSv1 } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, LoadedFile, Offer, Origin, Statement } from '../../model/types.js';
import type { Binding, Configuration, Framework, Switch } from './configuration.js';
import { defaultFor, switchesOf } from './frameworks.js';
import type { Use } from './programs.js';

/** An endpoint, and how its offer is found. */
export interface Place {
  readonly endpoint: Endpoint;
  offer(target: Target): Offer;
}

/** What a fix needs of a statement. */
export type Subject = { readonly use: Use } | { readonly binding: Binding } | { readonly switched: Switch };

export interface Decision {
  readonly statement: Statement;
  readonly subject: Subject;
}

export interface Parts {
  readonly places: readonly Place[];
  readonly decisions: readonly Decision[];
}

const DELEGATED =
  'The operating system chooses: which versions it allows is set in SCHANNEL, and newer ones come with its updates.';

/** What can't be known of one endpoint. */
function open(note: string, decidedBy: readonly Origin[], delegated = false): Offer {
  const nothing = { tls: true, state: 'unknown', configured: null, negotiable: null } as const;
  return { ...nothing, decidedBy, notes: [note], ...(delegated && { delegated: true as const }) };
}

function certain(
  set: ProtocolSet,
  state: 'set' | 'default',
  decidedBy: readonly Origin[],
  notes: string[] = [],
): Offer {
  return { tls: true, state, configured: set, negotiable: set, decidedBy, notes };
}

export function originOf(file: LoadedFile, { start, end }: Span, directive: string): Origin {
  return { file, span: { start, end }, directive };
}

function endpointOf(role: Endpoint['role'], name: string, scope: Origin): Endpoint {
  // Without an address: a program listens where it is told to when it runs.
  return { role, kind: 'program', default: false, names: [name], scope };
}

/** One endpoint for each use, and one for those that build on each other. */
export function programParts(file: LoadedFile, uses: readonly Use[]): Parts {
  const places: Place[] = [];
  const decisions: Decision[] = [];
  const groups = new Map<Use, { place: Place; members: Use[]; origins: Origin[] }>();
  for (const use of uses) {
    const origin = originOf(file, use.span, use.name);
    let group = groups.get(use.first);
    if (!group) {
      const members: Use[] = [];
      const origins: Origin[] = [];
      const offer = remembered(() => programOffer(members, origins));
      group = { place: { endpoint: endpointOf(use.role, use.name, origin), offer }, members, origins };
      groups.set(use.first, group);
      places.push(group.place);
    }
    group.members.push(use);
    group.origins.push(origin);
    decisions.push({ subject: { use }, statement: programStatement(use, origin, group.place.endpoint) });
  }
  return { places, decisions };
}

/** The same object whenever it is asked for. */
function remembered(make: () => Offer): () => Offer {
  let offer: Offer | undefined;
  return () => (offer ??= make());
}

const UNFOLLOWED = 'What uses the variable is not followed.';
const ADDED = 'It adds to what the process allows already, which is not said here.';
const COMPUTED = 'A part of its value is computed when the program runs.';

function programOffer(members: readonly Use[], origins: readonly Origin[]): Offer {
  const [first] = members as [Use];
  if (members.some(({ value }) => value === undefined)) return open(COMPUTED, origins);
  if (first.kind === 'variable') return open(UNFOLLOWED, origins);
  if (first.adds) return open(ADDED, origins);
  const set = members.reduce((all, { value }) => all | value!.set, NONE);
  return set === NONE ? open(DELEGATED, origins, true) : certain(set, 'set', origins);
}

function programStatement(use: Use, origin: Origin, endpoint: Endpoint): Statement {
  const { value, adds, role } = use;
  // What builds on another in the same block is a part of it.
  const isPinned = use.first === use && value !== undefined && value.set !== NONE;
  return {
    origin,
    role,
    value: value?.set ?? null,
    ...(value && { words: value.terms.map(({ start, end, allows }) => ({ span: { start, end }, allows })) }),
    faults: [],
    ...(isPinned && { pinned: adds ? ('added' as const) : ('alone' as const) }),
    reaches: () => [endpoint],
    ineffective: () => undefined,
  };
}

/** The program as a client by what it is made for and its switches, and each binding of WCF. */
export function configurationParts(file: LoadedFile, configuration: Configuration, fragment: boolean): Parts {
  const { framework, bindings } = configuration;
  const switches = configuration.switches.filter(({ sets }) => sets !== 'wcf');
  const places: Place[] = [];
  const decisions: Decision[] = [];
  const at = framework?.attribute ?? switches[0]?.element;
  if (switches.length > 0 || (framework && !fragment)) {
    const span = framework ? (at ?? headOf(framework)) : headOf(switches[0]!);
    const directive = framework?.element.name ?? switches[0]!.element.name;
    const endpoint = endpointOf('client', 'ServicePointManager', originOf(file, span, directive));
    const origins = new Map(switches.map(each => [each, originOf(file, each.span, each.name)]));
    const offers = new Map<string, Offer>();
    const offer = (target: Target): Offer => {
      const key = JSON.stringify(switchesOf(framework?.version ?? target.server));
      const known =
        offers.get(key) ?? (fragment ? open(TRANSFORM, []) : processOffer(framework, switches, origins, target));
      offers.set(key, known);
      return known;
    };
    places.push({ endpoint, offer });
    for (const switched of switches) {
      const origin = origins.get(switched)!;
      const reaches = (target: Target) => (fragment || offer(target).decidedBy.includes(origin) ? [endpoint] : []);
      decisions.push({ subject: { switched }, statement: switchStatement(switched, origin, reaches) });
    }
  }
  for (const switched of configuration.switches.filter(({ sets, value }) => sets === 'wcf' && value)) {
    const origin = originOf(file, switched.span, switched.name);
    const endpoint = endpointOf('client', 'System.ServiceModel', origin);
    places.push({ endpoint, offer: remembered(() => certain(TLSv1, 'set', [origin])) });
    decisions.push({ subject: { switched }, statement: switchStatement(switched, origin, () => [endpoint]) });
  }
  for (const binding of bindings) {
    const origin = originOf(file, binding.attribute, 'sslProtocols');
    const endpoint = endpointOf(binding.role, 'netTcpBinding', origin);
    const offer = remembered(() => bindingOffer(binding, origin));
    places.push({ endpoint, offer });
    decisions.push({ subject: { binding }, statement: bindingStatement(binding, origin, endpoint) });
  }
  return { places, decisions };
}

function headOf({ element }: Framework | Switch): Span {
  return { start: element.start, end: element.headEnd };
}

const TRANSFORM = 'It changes a file that is not here.';
const UNSEEN =
  'The program (`ServicePointManager.SecurityProtocol`) and the registry (`SchUseStrongCrypto`) may say otherwise.';

/** A later switch of the same name counts. */
function processOffer(
  framework: Framework | undefined,
  switches: readonly Switch[],
  origins: ReadonlyMap<Switch, Origin>,
  target: Target,
): Offer {
  const base = switchesOf(framework?.version ?? target.server);
  const own = switches.findLast(({ sets }) => sets === 'own');
  const weak = switches.findLast(({ sets }) => sets === 'weak');
  const set = defaultFor({ own: own?.value ?? base.own, weak: weak?.value ?? base.weak });
  const said = [own, set === null ? undefined : weak].filter(each => each !== undefined);
  const decidedBy = said.map(each => origins.get(each)!);
  if (set === null) return open(DELEGATED, decidedBy, true);
  const notes = [UNSEEN];
  if (framework && !framework.attribute)
    notes.unshift('Without `targetFramework` of `httpRuntime`, ASP.NET runs a program as one made for 4.0.');
  return { ...certain(set, said.length > 0 ? 'set' : 'default', decidedBy, notes), provisional: true };
}

function switchStatement(switched: Switch, origin: Origin, reaches: Statement['reaches']): Statement {
  const { sets, value, span } = switched;
  // What it makes of the other one's default is the framework's doing.
  const alone = sets === 'wcf' ? TLSv1 : (defaultFor({ own: true, weak: sets === 'weak' }) ?? NONE);
  const allows = value ? alone : NONE;
  return {
    origin,
    role: 'client',
    value: allows,
    words: [{ span, allows }],
    faults: [],
    reaches,
    ineffective: target =>
      reaches(target).length > 0
        ? undefined
        : { why: 'overridden-by-command', note: 'The operating system chooses all the same.' },
  };
}

function bindingOffer({ set }: Binding, origin: Origin): Offer {
  if (set === null) return open('A word of it is no version.', [origin]);
  return set === NONE ? open(DELEGATED, [origin], true) : certain(set, 'set', [origin]);
}

function bindingStatement({ set, words, role }: Binding, origin: Origin, endpoint: Endpoint): Statement {
  return {
    origin,
    role,
    value: set,
    words: words.map(({ start, end, allows }) => ({ span: { start, end }, allows })),
    faults: [],
    reaches: () => [endpoint],
    ineffective: () => undefined,
  };
}
