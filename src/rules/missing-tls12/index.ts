import { listAcross, listProtocols } from '../../model/across.js';
import { type Cause, causesOfLack, droppedBy, endpointsOf, unionOf, wish } from '../../model/causes.js';
import { DEPRECATED, NONE, newest, protocolNames } from '../../model/protocols.js';
import type { Endpoint } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const missingTls12 = defineRule(
  {
    id: 'missing-tls12',
    summary: 'A directive leaves out a protocol version that the policy requires, so that clients are locked out.',
    severity: 'error',
    dialects: ['nginx', 'apache', 'windows', 'dotnet'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      { title: 'RFC 9325: Recommendations for Secure Use of TLS', url: 'https://www.rfc-editor.org/rfc/rfc9325' },
      { title: 'Mozilla: Server Side TLS', url: 'https://ssl-config.mozilla.org/guidelines/latest.json' },
      { title: 'nginx: ssl_protocols', url: 'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols' },
      { title: 'httpd: SSLProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol' },
      {
        title: 'Windows: TLS registry settings',
        url: 'https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings',
      },
      {
        title: 'Windows: TLS best practices with .NET Framework',
        url: 'https://learn.microsoft.com/dotnet/framework/network-programming/tls',
      },
    ],
  },
  context => {
    const { model, range, policy } = context;
    for (const role of ['server', 'client'] as const) {
      for (const cause of causesOfLack(model, range, role, policy.require).values()) {
        // What a server speaks to its upstreams is its own business; a client of all servers is locked out.
        const endpoints = endpointsOf(cause).filter(each => role === 'server' || each.upstream === undefined);
        if (endpoints.length > 0 && !isExplained(cause)) reportCause(cause, endpoints, context);
      }
    }
  },
);

/** A word that throws the version away, or one that is misspelled, is what is wrong then: other rules speak of it. */
function isExplained({ statement, sets }: Cause): boolean {
  if ((droppedBy(statement) & unionOf(sets)) !== NONE) return true;
  return statement?.faults.some(({ kind }) => kind === 'unknown') ?? false;
}

function reportCause(cause: Cause, endpoints: readonly Endpoint[], context: RuleContext): void {
  const { policy, report } = context;
  const missing = unionOf(cause.sets);
  const stricter = cause.sets.every(
    (set, index) => set === NONE || newest(cause.configured[index]! & policy.allow) > newest(set),
  );
  report({
    at: cause.origin,
    message: messageOf(cause, context),
    actual: protocolNames(unionOf(cause.configured)).join(' '),
    expected: protocolNames(policy.allow),
    endpoints,
    remedy: wish(policy, endpoints, cause.origin, cause.statement),
    ...(stricter && {
      note: `${endpoints[0]?.role === 'client' ? 'Servers' : 'Clients'} that know nothing newer than ${listProtocols(missing)} are refused. Where that is meant, a stricter policy says so.`,
    }),
  });
}

function messageOf(cause: Cause, { model, range, policy }: RuleContext): string {
  const missing = listAcross(cause.sets, model.dialect, range);
  const found = listProtocols(unionOf(cause.configured));
  const unexpected = found === '' ? `empty set of protocols, without ${missing}` : `${found} without ${missing}`;
  return `Unexpected ${unexpected}, expected ${listProtocols(policy.allow & ~DEPRECATED)}`;
}
