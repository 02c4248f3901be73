import { listAcross, listProtocols } from '../../model/across.js';
import {
  type Cause,
  causesOf,
  endpointsOf,
  forbidden,
  isPartlyUnknown,
  libraryNote,
  mayBeUsed,
  reached,
  spanOfWords,
  unionOf,
  unusedStatements,
  wish,
} from '../../model/causes.js';
import { protocolNames } from '../../model/protocols.js';
import type { Statement } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const deprecatedProtocol = defineRule(
  {
    id: 'deprecated-protocol',
    summary: 'A directive allows protocol versions that the policy rules out.',
    severity: 'error',
    dialects: ['nginx', 'apache'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      { title: 'RFC 8996: Deprecating TLS 1.0 and TLS 1.1', url: 'https://www.rfc-editor.org/rfc/rfc8996' },
      { title: 'RFC 7568: Deprecating SSL 3.0', url: 'https://www.rfc-editor.org/rfc/rfc7568' },
      { title: 'RFC 6176: Prohibiting SSL 2.0', url: 'https://www.rfc-editor.org/rfc/rfc6176' },
      { title: 'nginx: ssl_protocols', url: 'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols' },
      { title: 'httpd: SSLProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol' },
    ],
  },
  context => {
    const { model, range, policy } = context;
    const unwanted = forbidden(policy);
    for (const cause of causesOf(model, range, 'server', unwanted).values()) reportCause(cause, context);
    const open = isPartlyUnknown(model, range, 'server');
    for (const statement of unusedStatements(model, range, 'server', unwanted)) reportUnused(statement, open, context);
  },
);

function reportCause(cause: Cause, { model, range, policy, report }: RuleContext): void {
  const found = unionOf(cause.sets);
  const span = spanOfWords(cause.statement, found);
  const note = libraryNote(cause, model, range);
  const endpoints = endpointsOf(cause);
  report({
    at: cause.origin,
    ...(span && { span }),
    message: `Unexpected ${listAcross(cause.sets, model.dialect, range)}, expected only ${listProtocols(policy.allow)}`,
    actual: protocolNames(found).join(' '),
    expected: protocolNames(policy.allow),
    ...(note && { note }),
    endpoints,
    remedy: wish(policy, endpoints, cause.origin, cause.statement),
  });
}

/** Without a root nobody knows what uses it, so that its words are taken for what they say. */
function reportUnused(statement: Statement, open: boolean, { model, range, policy, report }: RuleContext): void {
  const found = (statement.value ?? 0) & forbidden(policy);
  const span = spanOfWords(statement, found);
  report({
    at: statement.origin,
    ...(span && { span }),
    message: `Unexpected ${listProtocols(found)}, expected only ${listProtocols(policy.allow)}`,
    ...(!model.fragment && {
      severity: 'warning',
      note:
        open && mayBeUsed(statement, range)
          ? 'What else decides is not known, so that this is taken for what it says.'
          : 'No listener that speaks TLS uses it yet; the next one to be added would.',
    }),
    actual: protocolNames(found).join(' '),
    expected: protocolNames(policy.allow),
    remedy: wish(policy, reached(statement, range), statement.origin, statement),
  });
}
