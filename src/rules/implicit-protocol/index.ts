import { type Group, listAcross, listProtocols, survey } from '../../model/across.js';
import { forbidden, unionOf, wish } from '../../model/causes.js';
import type { Policy } from '../../model/policies.js';
import { NONE, type ProtocolSet, protocolNames } from '../../model/protocols.js';
import type { Offer } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const implicitProtocol = defineRule(
  {
    id: 'implicit-protocol',
    summary:
      "No directive names the protocol versions, and the server's default offers some that the policy rules out.",
    severity: 'error',
    dialects: ['nginx', 'apache', 'windows', 'dotnet'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      { title: 'RFC 8996: Deprecating TLS 1.0 and TLS 1.1', url: 'https://www.rfc-editor.org/rfc/rfc8996' },
      { title: 'nginx: CHANGES, 1.27.3', url: 'https://nginx.org/en/CHANGES' },
      { title: 'nginx: ssl_protocols', url: 'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols' },
      { title: 'httpd: SSLProtocol', url: 'https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol' },
      {
        title: 'Windows: Protocols in TLS/SSL (Schannel SSP)',
        url: 'https://learn.microsoft.com/windows/win32/secauthn/protocols-in-tls-ssl--schannel-ssp-',
      },
    ],
  },
  context => {
    // What a file that does not parse leaves out is not known.
    if (context.model.problems.some(({ kind }) => kind === 'syntax')) return;
    const byKind = new Map<string, Group[]>();
    const { model, range, policy } = context;
    for (const group of survey(model, range, offer => offeredByDefault(offer, policy) !== NONE)) {
      if (group.role !== 'server' && !isLockedOut(group, context)) continue;
      const key = `${group.role} ${group.kind}`;
      const groups = byKind.get(key) ?? [];
      byKind.set(key, groups);
      groups.push(group);
    }
    for (const groups of byKind.values()) reportGroups(groups, context);
  },
);

/** A client takes the newest version that both sides know: of a program it counts whether that may be one required. */
function isLockedOut({ offers }: Group, { policy }: RuleContext): boolean {
  return offers.some(
    ({ provisional, state, configured }) =>
      provisional === true && state === 'default' && configured !== null && (policy.require & ~configured) !== NONE,
  );
}

/** One missing directive, one finding: at the endpoint that answers where nobody else does. */
function reportGroups(groups: readonly Group[], context: RuleContext): void {
  const { model, range, policy, report } = context;
  const endpoints = groups.flatMap(group => group.endpoints);
  const sets = range.targets.map(() => NONE);
  for (const group of groups) {
    group.offers.forEach((offer, index) => {
      sets[index]! |= offeredByDefault(offer, policy);
    });
  }
  const provisional = groups.every(group => group.offers.some(offer => offer.provisional));
  const place = endpoints.find(endpoint => endpoint.default) ?? endpoints[0]!;
  report({
    at: place.scope,
    message: `Unexpected ${listAcross(sets, model.dialect, range)} by default, expected a directive that allows only ${listProtocols(policy.allow)}`,
    severity: sets.includes(NONE) || provisional ? 'warning' : 'error',
    ...(provisional && { note: notesOf(groups) }),
    actual: protocolNames(unionOf(sets)).join(' '),
    expected: protocolNames(policy.allow),
    endpoints,
    remedy: wish(policy, endpoints),
  });
}

/** Why it is so, and what could make it otherwise, once each. */
function notesOf(groups: readonly Group[]): string {
  return [...new Set(groups.flatMap(group => group.offers.flatMap(offer => offer.notes)))].join(' ');
}

/** What the version's default offers against the policy. */
function offeredByDefault({ state, tls, configured, implicit }: Offer, policy: Policy): ProtocolSet {
  const unsaid = state === 'default' ? configured : implicit;
  return tls === true ? (unsaid ?? NONE) & forbidden(policy) : NONE;
}
