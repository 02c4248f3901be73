import { listProtocols } from '../../model/across.js';
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
      for (const fault of statement.faults) if (fault.kind !== 'overriding') reportFault(statement, fault, context);
    }
  },
);

/** A fault's note means that a part of the range knows the word. */
function reportFault(statement: Statement, fault: TokenFault, { range, policy, report }: RuleContext): void {
  const endpoints = reached(statement, range);
  const remedy = wish(policy, endpoints, statement.origin, statement);
  const meant = protocolBit(fault.suggestion ?? '');
  const allowed = (meant & policy.allow) !== NONE;
  const expected = allowed ? meant : policy.allow & ~DEPRECATED;
  const note = fault.note ?? (meant === NONE || allowed ? undefined : ruledOut(fault.token, meant));
  report({
    at: statement.origin,
    span: fault.span,
    message: `Unexpected ${fault.kind} protocol \`${fault.token}\`, expected ${listProtocols(expected)}`,
    ...(fault.note !== undefined && { severity: 'warning' }),
    ...(note !== undefined && { note }),
    actual: fault.token,
    expected: protocolNames(expected),
    endpoints,
    ...(fault.note === undefined && { remedy: { ...remedy, require: remedy.require | (meant & policy.allow) } }),
    ...(fault.kind === 'unknown' && { caution: { applicability: 'unsafe', reason: 'what was meant is a guess' } }),
  });
}

function ruledOut(token: string, meant: ProtocolSet): string {
  return `\`${token}\` is spelled ${listProtocols(meant)}, which the policy rules out.`;
}
