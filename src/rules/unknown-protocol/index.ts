import { enumerate, listProtocols } from '../../model/across.js';
import { reached, wish } from '../../model/causes.js';
import { DEPRECATED, NONE, type ProtocolSet, protocolBit, protocolNames } from '../../model/protocols.js';
import type { Statement, TokenFault } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const unknownProtocol = defineRule(
  {
    id: 'unknown-protocol',
    summary: 'A directive names a protocol version that the server does not know, so that it refuses to start.',
    severity: 'error',
    dialects: ['nginx', 'apache'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      { title: 'nginx: ssl_protocols', url: 'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols' },
      { title: 'httpd: SSLProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol' },
    ],
  },
  context => {
    for (const statement of context.model.statements) {
      for (const kind of ['unknown', 'unsupported'] as const) {
        const faults = statement.faults.filter(fault => fault.kind === kind);
        if (faults.length > 0) reportFaults(statement, kind, faults, context);
      }
    }
  },
);

/** The words of one directive together: the server stops at the first. A fault's note means that a part knows the word. */
function reportFaults(
  statement: Statement,
  kind: TokenFault['kind'],
  faults: readonly TokenFault[],
  { range, policy, report }: RuleContext,
): void {
  const endpoints = reached(statement, range);
  const remedy = wish(policy, endpoints, statement.origin, statement);
  const { words, meant, ruledOut } = suggested(faults, policy.allow);
  const recent = policy.allow & ~DEPRECATED;
  const certain = faults.every(fault => fault.note === undefined);
  const note = faults.find(fault => fault.note !== undefined)?.note ?? ruledOut[0];
  report({
    at: statement.origin,
    span: { start: faults[0]!.span.start, end: faults[faults.length - 1]!.span.end },
    message: `Unexpected ${kind === 'unsupported' ? 'unsupported ' : ''}${enumerate(faults.map(({ token }) => `\`${token}\``))}, expected ${enumerate(words) || listProtocols(recent)}`,
    ...(!certain && { severity: 'warning' }),
    ...(note !== undefined && { note }),
    actual: faults.map(({ token }) => token).join(' '),
    expected: protocolNames(meant || recent),
    endpoints,
    ...(certain && { remedy: { ...remedy, require: remedy.require | meant } }),
    ...(kind === 'unknown' && { caution: { applicability: 'unsafe', reason: 'what was meant is a guess' } }),
  });
}

/** Spellings that are close and allowed, the versions among them that are not taken away, and why others are left out. */
function suggested(faults: readonly TokenFault[], allow: ProtocolSet) {
  const words: string[] = [];
  const ruledOut: string[] = [];
  let meant = NONE;
  for (const { token, suggestion } of faults) {
    if (suggestion === undefined) continue;
    const version = protocolBit(suggestion.replace(/^[+-]/, ''));
    const added = !suggestion.startsWith('-');
    if (added && (version & allow) === NONE) {
      ruledOut.push(`\`${token}\` is spelled ${listProtocols(version)}, which the policy rules out.`);
      continue;
    }
    words.push(`\`${suggestion}\``);
    if (added) meant |= version;
  }
  return { words, meant, ruledOut };
}
