/** Releases at which mod_ssl and the core change. */
import type { Target } from '../../model/target.js';
import { atLeast } from '../../model/versions.js';

/** Whether the target has what came with a release; trunk has all of it. */
export function since(target: Target, release: string): boolean {
  return target.trunk === true || atLeast(target.server, release);
}

/** Releases in the supported range at which the meaning of a configuration changes: AP-V1, AP-V5 and `SSLVHostSNIPolicy`. */
export const STEPS: readonly string[] = ['2.4.42', '2.4.64', '2.4.66'];
