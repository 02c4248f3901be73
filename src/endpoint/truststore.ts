/** A certificate as Java looks for its trust in: a key store in the format of sun.security.provider.JavaKeyStore. */
import { createHash, X509Certificate } from 'node:crypto';

const MAGIC = 0xfe_ed_fe_ed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** Java's own, which nobody has to name: without a password it does not check the digest. */
const PASSWORD = 'changeit';

/** The first certificate of a PEM text. */
export function javaTrustStore(pem: string): Buffer {
  const { raw } = new X509Certificate(pem);
  const body = Buffer.concat([
    u32(MAGIC, VERSION, 1, TRUSTED_CERTIFICATE),
    utf('tlslint'),
    // Its date, in milliseconds.
    u32(0, 0),
    utf('X.509'),
    u32(raw.length),
    raw,
  ]);
  const secret = Buffer.from(PASSWORD, 'utf16le').swap16();
  const digest = createHash('sha1').update(secret).update('Mighty Aphrodite').update(body).digest();
  return Buffer.concat([body, digest]);
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

/** DataOutput.writeUTF. */
function utf(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, 'latin1')]);
}
