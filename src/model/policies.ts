/** Named policies as data: which protocol versions a server must and may offer. */
import { type ProtocolSet, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } from './protocols.js';

export interface Policy {
  readonly name: string;
  readonly version: string;
  /** ISO date of that version. */
  readonly date: string;
  readonly source: string;
  /** Must be offered. */
  readonly require: ProtocolSet;
  /** May be offered; all else is reported. Includes `require`. */
  readonly allow: ProtocolSet;
}

const MOZILLA = 'https://ssl-config.mozilla.org/guidelines/latest.json';

/** The first is the default. */
export const POLICIES: readonly Policy[] = [
  policy('intermediate', '6.0', '2026-01-01', MOZILLA, TLSv1_2, TLSv1_2 | TLSv1_3),
  policy('modern', '6.0', '2026-01-01', MOZILLA, TLSv1_3, TLSv1_3),
  policy(
    'old',
    '5.8',
    '2025-01-01',
    'https://ssl-config.mozilla.org/guidelines/5.8.json',
    TLSv1_2,
    TLSv1 | TLSv1_1 | TLSv1_2 | TLSv1_3,
  ),
];

export const DEFAULT_POLICY: Policy = POLICIES[0]!;

function policy(
  name: string,
  version: string,
  date: string,
  source: string,
  require: ProtocolSet,
  allow: ProtocolSet,
): Policy {
  return { name, version, date, source, require, allow };
}
