/**
 * A rule of one's own: some hosts must offer TLSv1.3. Compile it to JavaScript and name it:
 *
 *     tlslint --plugin ./own-rule.js /etc/nginx
 *
 * or under `plugins` in a configuration file outside the linted tree, with the hosts in
 * `"rules": {"missing-tls13": {"options": {"hosts": ["shop.example"]}}}`.
 */
import { defineRule, protocolSet } from 'tlslint';

const TLSv1_3 = protocolSet(['TLSv1.3']);

export const missingTls13 = defineRule(
  {
    id: 'missing-tls13',
    summary: 'A host that must offer TLSv1.3 does not.',
    severity: 'warning',
    dialects: ['nginx', 'apache'],
    since: '0.1.0',
    references: [{ title: 'RFC 8446: TLS 1.3', url: 'https://www.rfc-editor.org/rfc/rfc8446' }],
    options: ['hosts'],
  },
  ({ model, range, options, report }) => {
    const hosts = new Set(Array.isArray(options.hosts) ? options.hosts.map(String) : []);
    for (const endpoint of model.endpoints) {
      const host = endpoint.names.find(name => hosts.size === 0 || hosts.has(name));
      if (endpoint.role !== 'server' || host === undefined) continue;
      const offers = range.targets.map(target => model.offer(endpoint, target));
      // What can't be known is no finding.
      const lacking = offers.find(({ tls, configured }) => tls && configured !== null && (configured & TLSv1_3) === 0);
      if (!lacking) continue;
      report({
        at: lacking.decidedBy[0] ?? endpoint.scope,
        message: `Unexpected \`${host}\` without \`TLSv1.3\`, expected it to be offered`,
        endpoints: [endpoint],
      });
    }
  },
);
