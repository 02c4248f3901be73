import test from 'ava';
import { type ServerName, serverVersion } from './servers.js';

/** The declarator for tests that need a server: skipped where it is not installed, except in CI, where that is an error. */
export function live(...servers: readonly ServerName[]): typeof test | typeof test.skip {
  const missing = servers.filter(name => serverVersion(name) === undefined);
  if (missing.length === 0 || process.env.CI === 'true') return test;
  return test.skip;
}
