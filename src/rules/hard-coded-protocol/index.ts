import { listProtocols } from '../../model/across.js';
import { forbidden, reached } from '../../model/causes.js';
import { NONE, newest, type ProtocolSet, protocolNames } from '../../model/protocols.js';
import type { Statement } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const hardCodedProtocol = defineRule(
  {
    id: 'hard-coded-protocol',
    summary: 'A program fixes the protocol versions, so that the operating system and its updates can not choose them.',
    severity: 'info',
    dialects: ['dotnet'],
    since: '0.1.0',
    references: [
      {
        title: 'Microsoft: TLS best practices with .NET Framework',
        url: 'https://learn.microsoft.com/dotnet/framework/network-programming/tls',
      },
      {
        title: 'Microsoft: CA5386, Avoid hardcoding SecurityProtocolType value',
        url: 'https://learn.microsoft.com/dotnet/fundamentals/code-analysis/quality-rules/ca5386',
      },
      {
        title: 'Microsoft: CA5398, Avoid hardcoded SslProtocols values',
        url: 'https://learn.microsoft.com/dotnet/fundamentals/code-analysis/quality-rules/ca5398',
      },
    ],
  },
  context => {
    for (const statement of context.model.statements) {
      const { pinned, value } = statement;
      if (pinned && value !== null && isRight(value, pinned, context)) reportStatement(statement, value, context);
    }
  },
);

/** Of versions that are wrong today other rules speak. */
function isRight(value: ProtocolSet, pinned: Statement['pinned'], { policy }: RuleContext): boolean {
  if ((value & forbidden(policy)) !== NONE) return false;
  return pinned === 'added' || (policy.require & ~value) === NONE;
}

function reportStatement(statement: Statement, value: ProtocolSet, { range, policy, report }: RuleContext): void {
  const { origin, pinned } = statement;
  const latest = newest(policy.allow);
  const notes: string[] = [];
  if (pinned === 'added') notes.push('Where the operating system chose before, this is all that is left.');
  if ((latest & value) === NONE) notes.push(`${listProtocols(latest)} is never used.`);
  report({
    at: origin,
    message: `Unexpected ${listProtocols(value)} ${pinned === 'added' ? 'added' : 'fixed'} in a program, expected the choice of the operating system`,
    actual: protocolNames(value).join(' '),
    ...(notes.length > 0 && { note: notes.join(' ') }),
    endpoints: reached(statement, range),
  });
}
