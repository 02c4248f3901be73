/** The built command, run as its user runs it. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { CLI, COUNTED } from './program.js';

export const WEAK =
  'events {}\nhttp {\n    ssl_protocols TLSv1 TLSv1.2; # kept\n    server {\n        listen 443 ssl;\n        ssl_certificate a.pem;\n        ssl_certificate_key a.key;\n    }\n}\n';
export const FIXED = WEAK.replace('TLSv1 TLSv1.2', 'TLSv1.2');

/** A directory of its own, gone after the test. */
export function workspace(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'tlslint-cli-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }
  return directory;
}

export function tlslint(cwd: string, args: readonly string[], input = ''): SpawnSyncReturns<string> {
  const env = { ...COUNTED, PATH: process.env.PATH, HOME: cwd, TLSLINT_STATE_DIR: path.join(cwd, '.state') };
  return spawnSync(process.execPath, [CLI, ...args], { cwd, input, encoding: 'utf8', env, timeout: 60_000 });
}
