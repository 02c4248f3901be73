import { listProtocols } from '../../model/across.js';
import { excessOf } from '../../model/excess.js';
import { defineRule, type RuleProblem } from '../../rule.js';

/** By how sure it is that no endpoint uses the directive. */
const UNUSED: Record<'surely' | 'open', Pick<RuleProblem, 'severity' | 'note'>> = {
  surely: { severity: 'warning', note: 'No listener that speaks TLS uses it yet; the next one to be added would.' },
  open: { severity: 'warning', note: 'What else decides is not known, so that this is taken for what it says.' },
};

export const deprecatedProtocol = defineRule(
  {
    id: 'deprecated-protocol',
    summary: 'A directive allows protocol versions that the policy rules out.',
    severity: 'error',
    dialects: ['nginx', 'apache', 'windows', 'dotnet'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      { title: 'RFC 8996: Deprecating TLS 1.0 and TLS 1.1', url: 'https://www.rfc-editor.org/rfc/rfc8996' },
      { title: 'RFC 7568: Deprecating SSL 3.0', url: 'https://www.rfc-editor.org/rfc/rfc7568' },
      { title: 'RFC 6176: Prohibiting SSL 2.0', url: 'https://www.rfc-editor.org/rfc/rfc6176' },
      { title: 'nginx: ssl_protocols', url: 'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols' },
      { title: 'httpd: SSLProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol' },
      {
        title: 'Windows: TLS registry settings',
        url: 'https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings',
      },
    ],
  },
  ({ model, range, policy, report }) => {
    for (const { versions, unused, ...problem } of excessOf('server', { model, range, policy })) {
      report({
        ...problem,
        message: `Unexpected ${versions}, expected only ${listProtocols(policy.allow)}`,
        ...(unused && UNUSED[unused]),
      });
    }
  },
);
