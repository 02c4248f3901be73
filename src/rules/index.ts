/** All rules, by id. */
import type { Rule } from '../rule.js';
import { deprecatedProtocol } from './deprecated-protocol/index.js';
import { deprecatedUpstreamProtocol } from './deprecated-upstream-protocol/index.js';
import { hardCodedProtocol } from './hard-coded-protocol/index.js';
import { implicitProtocol } from './implicit-protocol/index.js';
import { ineffectiveProtocol } from './ineffective-protocol/index.js';
import { invalidSuppression } from './invalid-suppression/index.js';
import { missingTls12 } from './missing-tls12/index.js';
import { overridingToken } from './overriding-token/index.js';
import { syntax } from './syntax/index.js';
import { unknownProtocol } from './unknown-protocol/index.js';
import { unresolvedInclude } from './unresolved-include/index.js';
import { unusedSuppression } from './unused-suppression/index.js';

export const rules: readonly Rule[] = [
  deprecatedProtocol,
  deprecatedUpstreamProtocol,
  hardCodedProtocol,
  implicitProtocol,
  ineffectiveProtocol,
  invalidSuppression,
  missingTls12,
  overridingToken,
  syntax,
  unknownProtocol,
  unresolvedInclude,
  unusedSuppression,
];
