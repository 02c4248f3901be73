/** SSL_CTX_new. */
import type { Context } from '../openssl.js';
import { NONE, SSLv2 } from '../protocols.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { confCommand } from './commands.js';
import { systemDefaults } from './conf.js';
import { libraryOf } from './library.js';

/** SSL_CTX_new with `system_default` of `openssl.conf` applied (OS-6). A new object each time. */
export function createContext(openssl: OpensslTarget): Context {
  let fresh = made.get(openssl);
  if (!fresh) {
    fresh = bareContext(openssl);
    applySystemDefaults(openssl, fresh);
    made.set(openssl, fresh);
  }
  return { ...fresh };
}

const made = new WeakMap<OpensslTarget, Context>();

function bareContext(openssl: OpensslTarget): Context {
  const { compiledIn } = libraryOf(openssl);
  return {
    // SSL_CTX_new of 1.0.2g and newer sets SSL_OP_NO_SSLv2 (OS-1).
    flags: atLeast(openssl.version, '1.0.2g') ? compiledIn & ~SSLv2 : compiledIn,
    min: NONE,
    max: NONE,
    level: atLeast(openssl.version, '1.1.0') ? openssl.securityLevel : 0,
    ciphers: 'DEFAULT',
    ciphersuites: undefined,
    groups: undefined,
  };
}

/** `ssl_ctx_system_config`, from 1.1.1 on. A refused command ends it in 1.1.1 and is passed over from 3.0 on; neither is told. */
function applySystemDefaults(openssl: OpensslTarget, context: Context): void {
  if (openssl.conf === undefined || !atLeast(openssl.version, '1.1.1')) return;
  const goesOn = atLeast(openssl.version, '3.0.0');
  for (const [name, value] of systemDefaults(openssl.conf)) {
    if (confCommand(openssl, context, name, value) !== undefined && !goesOn) return;
  }
}
