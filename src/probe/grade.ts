/** How good a cipher suite is, from its IANA name: what RFC 9325, section 4.2, says of its parts. */
import type { SuiteGrade } from '../model/heard.js';

/** "MUST NOT negotiate": NULL, RC4 (RFC 7465 as well), less than 112 bits, no authentication, MD5. */
const WEAK = /_NULL_|_WITH_NULL|_RC4_|_RC2_|_DES_CBC_|_DES40_|_DES_64_|EXPORT|_anon_|_MD5$|^SSL_CK_/;
/** Forward secrecy and authenticated encryption. */
const GOOD = /^TLS_(?:ECDHE|DHE)_.*(?:_GCM_|_CCM|CHACHA20)|^TLS_(?:AES|CHACHA20|SHA)/;

export function suiteGrade(iana: string): SuiteGrade {
  if (WEAK.test(iana)) return 'weak';
  return GOOD.test(iana) ? 'good' : 'legacy';
}
