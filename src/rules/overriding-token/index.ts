import { enumerate, listProtocols } from '../../model/across.js';
import { droppedBy, forbidden, reached, wish } from '../../model/causes.js';
import { NONE, type ProtocolSet, protocolNames } from '../../model/protocols.js';
import type { Statement, TokenFault } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const overridingToken = defineRule(
  {
    id: 'overriding-token',
    summary: 'A word without `+` or `-` throws away the versions that the words before it allow.',
    severity: 'error',
    dialects: ['apache'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      { title: 'httpd: SSLProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol' },
      {
        title: 'httpd: ssl_cmd_protocol_parse',
        url: 'https://github.com/apache/httpd/blob/2.4.62/modules/ssl/ssl_engine_config.c',
      },
    ],
  },
  context => {
    for (const statement of context.model.statements) {
      const faults = statement.faults.filter(fault => fault.kind === 'overriding');
      if (faults.length > 0) reportStatement(statement, faults, context);
    }
  },
);

/** One finding however many words throw something away: they are repaired together. */
function reportStatement(statement: Statement, faults: readonly TokenFault[], context: RuleContext): void {
  const { range, policy, report } = context;
  const value = statement.value ?? NONE;
  const dropped = droppedBy(statement) & ~value;
  const endpoints = reached(statement, range);
  report({
    at: statement.origin,
    span: { start: faults[0]!.span.start, end: faults[faults.length - 1]!.span.end },
    message: `Unexpected ${enumerate(faults.map(fault => `\`${fault.token}\``))} in place of ${listProtocols(dropped) || 'the words before it'}, expected ${enumerate(faults.map(fault => `\`+${fault.token}\``))}`,
    ...(isLucky(value, dropped, context) && { severity: 'warning' }),
    actual: protocolNames(value).join(' '),
    expected: protocolNames((value | dropped | policy.require) & ~forbidden(policy)),
    endpoints,
    remedy: wish(policy, endpoints, statement.origin, statement),
  });
}

/** What is left satisfies the policy and all that was thrown away is ruled out by it: wrong, but by luck no harm. */
function isLucky(value: ProtocolSet, dropped: ProtocolSet, { policy }: RuleContext): boolean {
  return (
    (policy.require & ~value) === NONE && (value & forbidden(policy)) === NONE && (dropped & policy.allow) === NONE
  );
}
