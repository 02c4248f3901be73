import { type StandIns, sayWhen, standInsOf } from '../../model/across.js';
import { forbidden, statementsByOrigin } from '../../model/causes.js';
import { NONE } from '../../model/protocols.js';
import type { Target } from '../../model/target.js';
import { templateStatement } from '../../model/templates.js';
import type { Ineffective, Origin, Statement } from '../../model/types.js';
import { defineRule, type RuleContext, type RuleProblem, type Severity } from '../../rule.js';

/** What would be right in place of it. `no-tls` is not here: what no listener uses yet does no harm. */
const EXPECTED: Partial<Record<Ineffective, string>> = {
  'non-default-server': 'expected it in the default server of the address',
  repeated: 'expected it once',
  'overridden-by-command': 'expected it to agree with the OpenSSL command that overrides it',
  'no-effect-of-value': 'expected versions that the server can offer',
  'scope-not-used': 'expected a server that inherits it',
};

type Result = NonNullable<ReturnType<Statement['ineffective']>>;

export const ineffectiveProtocol = defineRule(
  {
    id: 'ineffective-protocol',
    summary: 'A directive about protocol versions changes nothing on the wire.',
    severity: 'warning',
    dialects: ['nginx', 'apache'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      { title: 'nginx: CHANGES, 1.29.2', url: 'https://nginx.org/en/CHANGES' },
      { title: 'nginx: Server names', url: 'https://nginx.org/en/docs/http/server_names.html' },
      { title: 'httpd: SSLProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol' },
      { title: 'OpenSSL: SSL_CONF_cmd', url: 'https://docs.openssl.org/3.0/man3/SSL_CONF_cmd/' },
    ],
  },
  context => {
    const shared = new Map<Origin | undefined, Ignored[]>();
    const standIns = standInsOf(context.model, context.range);
    const used = usedPlaces(context, standIns);
    for (const statement of context.model.statements) {
      // Of two lines in the branches of a template only one is rendered.
      if (templateStatement(statement.origin.file)) continue;
      if (hasPlace(used, statement)) continue;
      const results = standIns.targets.map(target => statement.ineffective(target));
      const first = results.find(result => result !== undefined);
      if (!first || !matters(statement, results, context, standIns)) continue;
      const ignored = { statement, result: first, results };
      if (severityOf(results) === 'warning') reportIgnored([ignored], context);
      else addTo(shared, first.by, ignored);
    }
    for (const group of shared.values()) reportIgnored(group, context);
  },
);

/** By the files' real paths: where statements start. */
type Places = Map<string, Set<number>>;

/** A line of a file that is included more than once may be without effect in one place and decide in another. */
function usedPlaces({ model }: RuleContext, { targets }: StandIns): Places {
  const seen: Places = new Map();
  const often: Places = new Map();
  for (const statement of model.statements) addPlace(hasPlace(seen, statement) ? often : seen, statement);
  const used: Places = new Map();
  if (often.size === 0) return used;
  for (const statement of model.statements) {
    const decides = hasPlace(often, statement) && targets.every(target => !statement.ineffective(target));
    if (decides) addPlace(used, statement);
  }
  return used;
}

function hasPlace(places: Places, { origin: { file, span } }: Statement): boolean {
  return places.get(file.real)?.has(span.start) ?? false;
}

function addPlace(places: Places, { origin: { file, span } }: Statement): void {
  const starts = places.get(file.real);
  if (starts) starts.add(span.start);
  else places.set(file.real, new Set([span.start]));
}

/** Whether anybody would be surprised: not by a line that says what is in force anyway. */
function matters(
  statement: Statement,
  results: ReadonlyArray<Result | undefined>,
  context: RuleContext,
  { targets }: StandIns,
): boolean {
  if (results.some(result => result && !(result.why in EXPECTED))) return false;
  if (statement.value === null && !results.every(result => result?.why === 'repeated')) return false;
  if (results.every(result => result?.why === 'scope-not-used')) return !conforms(statement, context);
  return results.some((result, index) => result && differs(statement, result, targets[index]!, context));
}

/** `deprecated-protocol` speaks of what nothing uses yet but the next server would. */
function conforms({ value }: Statement, { policy }: RuleContext): boolean {
  if (value === null || (value & forbidden(policy)) !== NONE) return true;
  return (policy.require & ~value) === NONE;
}

function differs(statement: Statement, result: Result, target: Target, { model, range }: RuleContext): boolean {
  if (result.why !== 'non-default-server') return true;
  const inForce = result.by && statementsByOrigin(model).get(result.by);
  if (inForce) return inForce.value !== statement.value;
  const served = new Set(range.targets.flatMap(target => [...statement.reaches(target)]));
  return (
    served.size === 0 || [...served].some(endpoint => model.offer(endpoint, target).configured !== statement.value)
  );
}

function addTo(groups: Map<Origin | undefined, Ignored[]>, by: Origin | undefined, ignored: Ignored): void {
  const group = groups.get(by);
  if (group) group.push(ignored);
  else groups.set(by, [ignored]);
}

interface Ignored {
  readonly statement: Statement;
  readonly result: Result;
  /** One per stand-in. */
  readonly results: ReadonlyArray<Result | undefined>;
}

/** Lines that one other overrides, in a part of the range alone, have one cause: they are one finding, at the first. */
function reportIgnored(group: readonly Ignored[], { model, range, report }: RuleContext): void {
  const [{ statement, result, results }] = group as [Ignored];
  const { origin } = statement;
  const marks = standInsOf(model, range).indices.map(index => results[index] !== undefined);
  const when = sayWhen(marks, model.dialect, range);
  const others = group.length - 1;
  const more = others === 0 ? '' : ` The same holds for ${others} more ${others === 1 ? 'line' : 'lines'} like it.`;
  report({
    at: origin,
    message: `Unexpected \`${origin.directive}\` without effect${when && ` ${when}`}, ${EXPECTED[result.why]}`,
    severity: severityOf(results),
    note: `${result.note}${more}`,
    ...(result.by && { related: [{ message: 'this one decides', at: result.by }] }),
    ...removal(origin, results),
  });
}

function severityOf(results: ReadonlyArray<Result | undefined>): Severity {
  return results.every(result => result && result.why !== 'scope-not-used') ? 'warning' : 'info';
}

/** Only a line that a later one in the same scope replaces, whatever the version, is certainly dead. */
function removal(at: Origin, results: ReadonlyArray<Result | undefined>): Pick<RuleProblem, 'remedy'> {
  if (!results.every(result => result?.why === 'repeated')) return {};
  return { remedy: { set: 'removal', at } };
}
