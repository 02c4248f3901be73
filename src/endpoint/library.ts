/** A guess at the TLS library of a client, by what only one of them puts into its ClientHello. */
import type { ReadClientHello } from '../probe/client-hello.js';

const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;
const EXTENSION = {
  statusRequestV2: 17,
  certificateTimestamp: 18,
  encryptThenMac: 22,
  recordSizeLimit: 28,
  delegatedCredentials: 34,
} as const;

/** The first that fits. */
export function guessLibrary({ suites, extensions }: ReadClientHello): string | undefined {
  const has = (name: keyof typeof EXTENSION): boolean => extensions.includes(EXTENSION[name]);
  if (suites.some(isGrease) || extensions.some(isGrease)) return 'BoringSSL (Chrome, Android)';
  if (has('delegatedCredentials')) return 'NSS (Firefox)';
  if (has('recordSizeLimit')) return 'GnuTLS or NSS';
  if (has('encryptThenMac') && suites.includes(EMPTY_RENEGOTIATION_INFO_SCSV)) return 'OpenSSL';
  if (has('encryptThenMac')) return 'OpenSSL or Mbed TLS';
  if (has('statusRequestV2')) return 'Java (JSSE)';
  if (has('certificateTimestamp')) return 'Go';
  return undefined;
}

/** RFC 8701: 0x0a0a, 0x1a1a … 0xfafa. */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}
