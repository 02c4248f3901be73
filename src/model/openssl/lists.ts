/** The calls that set a context's lists of suites and of groups. */
import type { Context } from '../openssl.js';
import type { OpensslTarget } from '../target.js';
import { atLeast } from '../versions.js';
import { isSuiteB } from './cipher-list.js';
import { groupsError } from './groups.js';
import { cipherListOf, libraryOf } from './library.js';
import { ciphersuitesError } from './tls13.js';

/**
 * SSL_CTX_set_cipher_list. A list without `@SECLEVEL` leaves the level as it is (OS-2d). Suite B, once set, replaces every later
 * list that is not Suite B itself (`check_suiteb_cipher_list`).
 */
export function setCipherList(openssl: OpensslTarget, context: Context, list: string): string | undefined {
  const library = libraryOf(openssl);
  const { error, level, suiteB } = cipherListOf(library, list);
  if (!suiteB && isSuiteB(openssl, context.ciphers)) return undefined;
  if (error !== undefined) return error;
  context.ciphers = list;
  if (level !== undefined) context.level = level;
  return undefined;
}

/** SSL_CTX_set_ciphersuites, which 1.1.1 brought; before, nothing happens. */
export function setCiphersuites(openssl: OpensslTarget, context: Context, list: string): string | undefined {
  if (!atLeast(openssl.version, '1.1.1')) return undefined;
  const error = ciphersuitesError(openssl, list);
  if (error === undefined) context.ciphersuites = list;
  return error;
}

/** SSL_CTX_set1_groups_list, also by its older name SSL_CTX_set1_curves_list. */
export function setGroups(openssl: OpensslTarget, context: Context, list: string): string | undefined {
  const error = groupsError(openssl, list);
  if (error === undefined) context.groups = list;
  return error;
}
