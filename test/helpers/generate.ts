/** What the generators of both dialects share. */
import fc from 'fast-check';

/** Ports of two listeners; a run moves them to free ones. */
export const PORTS = ['20043', '20044'] as const;
export const TOKENS = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export const NEW_TOKENS = TOKENS.slice(2);

export const SUITE_LISTS = [
  'ALL:@SECLEVEL=0',
  'ALL:@SECLEVEL=0',
  'ALL:@SECLEVEL=0',
  'DEFAULT',
  'HIGH:!aNULL:!MD5',
  'ALL:@SECLEVEL=1',
  'DEFAULT@SECLEVEL=2',
  'ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0',
  'AES128-SHA:@SECLEVEL=0',
  'kRSA:@SECLEVEL=0',
  'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0',
  'ALL:!TLSv1:!SSLv3:@SECLEVEL=0',
  'EECDH+AESGCM:EDH+AESGCM:@SECLEVEL=0',
  'ECDHE+AES:!SHA1:@SECLEVEL=0',
  'AESGCM:CHACHA20',
  'DHE-RSA-AES128-SHA:AES128-GCM-SHA256:@SECLEVEL=0',
  'HIGH:-aRSA:@SECLEVEL=0',
  'ALL:!kRSA:!kDHE:!ECDHE:@SECLEVEL=0',
  'NO-SUCH-SUITE',
  'NO-SUCH-SUITE:AES256-SHA',
] as const;

const VALUES = ['None', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

interface Weighted<Value> {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Value>;
}

export function often<Value>(weight: number, arbitrary: fc.Arbitrary<Value>): Weighted<Value> {
  return { weight, arbitrary };
}

const protocolList = fc
  .array(fc.tuple(fc.constantFrom('', '', '+', '-'), fc.constantFrom(...NEW_TOKENS, 'ALL', 'all')), {
    minLength: 1,
    maxLength: 3,
  })
  .map(words => words.map(([sign, token]) => sign + token).join(','));

/** Names and values of `SSL_CONF_cmd`, a few of them wrong. */
export const command: fc.Arbitrary<readonly [name: string, value: string]> = fc.oneof(
  often(5, fc.tuple(fc.constantFrom('MinProtocol', 'MinProtocol', 'minprotocol'), fc.constantFrom(...VALUES))),
  often(5, fc.tuple(fc.constant('MaxProtocol'), fc.constantFrom(...VALUES))),
  often(5, fc.tuple(fc.constantFrom('Protocol', 'protocol'), protocolList)),
  often(2, fc.tuple(fc.constant('CipherString'), fc.constantFrom(...SUITE_LISTS))),
  often(
    2,
    fc.tuple(fc.constant('Ciphersuites'), fc.constantFrom('TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256')),
  ),
  often(1, fc.tuple(fc.constant('Options'), fc.constantFrom('ServerPreference', '-SessionTicket'))),
  often(
    1,
    fc.constantFrom(['MinProtocol', 'TLSv1.0'] as const, ['Protocol', 'TLSv12'] as const, ['NoSuch', '1'] as const),
  ),
);

/** Names that a run asks for, two of them at a time. */
export const ASKED = ['a.test', 'b.test', 'x.w.test', 'd.test', 'www.q', 'r1.test'] as const;

/** Addresses that reach the listeners of a text, and one more where any address of the machine does. */
export function connects(text: string): string[] {
  const found = new Set<string>();
  for (const port of PORTS) {
    if (text.includes(`127.0.0.1:${port}`)) found.add(`127.0.0.1:${port}`);
    if (text.includes(`127.0.0.2:${port}`)) found.add(`127.0.0.2:${port}`);
    if (text.includes(`[::1]:${port}`) || text.includes(`[::]:${port}`)) found.add(`[::1]:${port}`);
    if (new RegExp(`(?:[* ]|0\\.0\\.0\\.0|_default_|127\\.0\\.0\\.1>):?${port}|[Ll]isten ${port}`).test(text))
      found.add(`127.0.0.1:${port}`);
  }
  return [...found];
}
