/** The built command in a directory of its own. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { CLI, COUNTED } from './program.js';

/** Gone after the test. */
export function workspace(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'tlslint-cli-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }
  return directory;
}

export function tlslint(
  cwd: string,
  args: readonly string[],
  more: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): SpawnSyncReturns<string> {
  const env = {
    ...COUNTED,
    PATH: process.env.PATH,
    HOME: cwd,
    TLSLINT_STATE_DIR: path.join(cwd, '.state'),
    ...more.env,
  };
  const input = more.input ?? '';
  return spawnSync(process.execPath, [CLI, ...args], { cwd, input, encoding: 'utf8', env, timeout: 60_000 });
}

const TLS = 'ssl_certificate a.pem; ssl_certificate_key a.key;';

/** A whole nginx configuration around the directives of one TLS server. */
export function nginxServer(body: string): string {
  return `events {}\nhttp {\n  server {\n    listen 443 ssl; ${TLS}\n${body}\n  }\n}\n`;
}
