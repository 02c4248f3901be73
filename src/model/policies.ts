/** Named policies as data: which protocol versions a server must and may offer. */
import { NONE, type ProtocolSet, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } from './protocols.js';
import type { DialectId } from './target.js';

export interface PolicyLimits {
  /** Must be offered. */
  readonly require: ProtocolSet;
  /** May be offered; all else is reported. Includes `require`. */
  readonly allow: ProtocolSet;
}

export interface Policy extends PolicyLimits {
  readonly name: string;
  readonly version: string;
  /** ISO date of that version; absent where the source gives none. */
  readonly date?: string;
  readonly source: string;
  /** ISO date when these rows were last compared with the source; absent for a policy of the user's own. */
  readonly checked?: string;
  /** Where the source asks another thing of one server. */
  readonly by?: Partial<Readonly<Record<DialectId, PolicyLimits>>>;
}

const CHECKED = '2026-11-20';
const SINCE_12 = TLSv1_2 | TLSv1_3;

/** The first is the default. */
export const POLICIES: readonly Policy[] = [
  {
    name: 'intermediate',
    version: '6.0',
    date: '2026-01-01',
    source: 'https://ssl-config.mozilla.org/guidelines/latest.json',
    checked: CHECKED,
    require: TLSv1_2,
    allow: SINCE_12,
  },
  {
    name: 'modern',
    version: '6.0',
    date: '2026-01-01',
    source: 'https://ssl-config.mozilla.org/guidelines/latest.json',
    checked: CHECKED,
    require: TLSv1_3,
    allow: TLSv1_3,
  },
  {
    // 6.0 has no such level any more.
    name: 'old',
    version: '5.8',
    date: '2025-01-01',
    source: 'https://ssl-config.mozilla.org/guidelines/5.8.json',
    checked: CHECKED,
    require: TLSv1_2,
    allow: TLSv1 | TLSv1_1 | SINCE_12,
  },
  {
    // BCP 195 is RFC 8996 (the old versions must not be used) and RFC 9325 (1.2 must be supported, 1.3 should).
    name: 'rfc8996',
    version: 'BCP 195',
    date: '2022-11-01',
    source: 'https://www.rfc-editor.org/info/bcp195',
    checked: CHECKED,
    require: TLSv1_2,
    allow: SINCE_12,
  },
  {
    // Requirements 2.2.5, 2.2.7 and 4.2.1 with Appendix A2: "SSL and early TLS" are not strong cryptography.
    name: 'pci',
    version: 'PCI DSS 4.0.1',
    date: '2024-06-01',
    source: 'https://www.pcisecuritystandards.org/document_library/',
    checked: CHECKED,
    require: NONE,
    allow: SINCE_12,
  },
  {
    // Section 3.1: since 2024 a server shall support 1.3; one for the government only shall offer 1.2 and newer.
    name: 'nist',
    version: 'SP 800-52 Rev. 2',
    date: '2019-08-01',
    source: 'https://csrc.nist.gov/pubs/sp/800/52/r2/final',
    checked: CHECKED,
    require: TLSv1_3,
    allow: SINCE_12,
  },
  {
    // The benchmark of httpd (2.x, 7.4) allows 1.2 and 1.3; that of nginx (3.0.0, 4.1.4) 1.3 alone.
    name: 'cis',
    version: 'NGINX 3.0.0, Apache HTTP Server 2.4 2.x',
    source: 'https://www.cisecurity.org/cis-benchmarks',
    checked: CHECKED,
    require: NONE,
    allow: SINCE_12,
    by: { nginx: { require: TLSv1_3, allow: TLSv1_3 } },
  },
];

export const DEFAULT_POLICY: Policy = POLICIES[0]!;

/** The policy as one dialect's rules see it. */
export function policyFor(policy: Policy, dialect: DialectId): Policy {
  const own = policy.by?.[dialect];
  return own ? { ...policy, ...own } : policy;
}
