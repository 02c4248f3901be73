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
import { defineRule, type RuleContext, type RuleProblem } from '../../rule.js';

/** The server at the other end may know nothing newer, and its configuration is not at hand. */
const CAUTION: NonNullable<RuleProblem['caution']> = {
  applicability: 'unsafe',
  reason: 'the upstream may know no newer version',
};

export const deprecatedUpstreamProtocol = defineRule(
  {
    id: 'deprecated-upstream-protocol',
    summary: 'A directive lets the server, as a client of an upstream, speak versions that the policy rules out.',
    severity: 'error',
    dialects: ['nginx', 'apache'],
    fix: 'unsafe',
    since: '0.1.0',
    references: [
      { title: 'RFC 8996: Deprecating TLS 1.0 and TLS 1.1', url: 'https://www.rfc-editor.org/rfc/rfc8996' },
      {
        title: 'nginx: proxy_ssl_protocols',
        url: 'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_protocols',
      },
      { title: 'httpd: SSLProxyProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslproxyprotocol' },
    ],
  },
  context => {
    const { model, range, policy } = context;
    const unwanted = forbidden(policy);
    for (const cause of causesOf(model, range, 'client', unwanted).values()) reportCause(cause, context);
    const open = isPartlyUnknown(model, range, 'client');
    for (const statement of unusedStatements(model, range, 'client', unwanted)) reportUnused(statement, open, context);
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
    message: `Unexpected ${listAcross(cause.sets, model.dialect, range)} to an upstream, expected only ${listProtocols(policy.allow)}`,
    actual: protocolNames(found).join(' '),
    expected: protocolNames(policy.allow),
    ...(note && { note }),
    endpoints,
    remedy: wish(policy, endpoints, cause.origin, cause.statement),
    caution: CAUTION,
  });
}

function reportUnused(statement: Statement, open: boolean, { model, range, policy, report }: RuleContext): void {
  const found = (statement.value ?? 0) & forbidden(policy);
  const span = spanOfWords(statement, found);
  report({
    at: statement.origin,
    ...(span && { span }),
    message: `Unexpected ${listProtocols(found)} to an upstream, expected only ${listProtocols(policy.allow)}`,
    ...(!model.fragment && {
      severity: 'warning',
      note:
        open && mayBeUsed(statement, range)
          ? 'What else decides is not known, so that this is taken for what it says.'
          : 'No upstream is reached over TLS with it yet.',
    }),
    actual: protocolNames(found).join(' '),
    expected: protocolNames(policy.allow),
    remedy: wish(policy, reached(statement, range), statement.origin, statement),
    caution: CAUTION,
  });
}
