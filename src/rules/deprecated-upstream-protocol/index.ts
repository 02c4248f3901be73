import { listProtocols } from '../../model/across.js';
import { excessOf } from '../../model/excess.js';
import { defineRule, type RuleProblem } from '../../rule.js';

/** The server at the other end may know nothing newer, and its configuration is not at hand. */
const CAUTION: NonNullable<RuleProblem['caution']> = {
  applicability: 'unsafe',
  reason: 'the upstream may know no newer version',
};
const CAUTION_OF_CLIENTS = { ...CAUTION, reason: 'a server that is needed may know no newer version' };

/** By how sure it is that no endpoint uses the directive. */
const UNUSED: Record<'surely' | 'open', Pick<RuleProblem, 'severity' | 'note'>> = {
  surely: { severity: 'warning', note: 'No upstream is reached over TLS with it yet.' },
  open: { severity: 'warning', note: 'What else decides is not known, so that this is taken for what it says.' },
};

export const deprecatedUpstreamProtocol = defineRule(
  {
    id: 'deprecated-upstream-protocol',
    summary: 'A directive lets the server, as a client of an upstream, speak versions that the policy rules out.',
    severity: 'error',
    dialects: ['nginx', 'apache', 'windows', 'dotnet'],
    fix: 'unsafe',
    since: '0.1.0',
    references: [
      { title: 'RFC 8996: Deprecating TLS 1.0 and TLS 1.1', url: 'https://www.rfc-editor.org/rfc/rfc8996' },
      {
        title: 'nginx: proxy_ssl_protocols',
        url: 'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_protocols',
      },
      { title: 'httpd: SSLProxyProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslproxyprotocol' },
      {
        title: 'Windows: TLS registry settings',
        url: 'https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings',
      },
      {
        title: 'Windows: Option flags of WinHTTP',
        url: 'https://learn.microsoft.com/windows/win32/winhttp/option-flags',
      },
    ],
  },
  ({ model, range, policy, report }) => {
    for (const { versions, unused, ...problem } of excessOf('client', { model, range, policy })) {
      const reached = problem.endpoints ?? problem.remedy.endpoints;
      const anywhere = reached.length > 0 && reached.every(({ upstream }) => upstream === undefined);
      report({
        ...problem,
        message: `Unexpected ${versions} ${anywhere ? 'of clients' : 'to an upstream'}, expected only ${listProtocols(policy.allow)}`,
        ...(unused && UNUSED[unused]),
        caution: anywhere ? CAUTION_OF_CLIENTS : CAUTION,
      });
    }
  },
);
