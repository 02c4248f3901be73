/** One text, or a few that include each other, linted and fixed in memory. */
import { Buffer } from 'node:buffer';
import path from 'node:path';
import { unifiedDiff } from '../fixers/diff.js';
import { memoryHost, overlayHost } from './host.js';
import { patch } from './patch.js';
import { type ReportFinding, reportFinding } from './report.js';
import type { Rule } from './rule.js';
import { check, checkFiles } from './run.js';
import { settingsOf } from './settings.js';

export interface LintTextOptions {
  /** Name of the text, which decides its dialect where its content does not: `nginx.conf`. */
  readonly path?: string;
  /** Files that it includes, by path relative to the same directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly server?: string;
  readonly openssl?: string;
  readonly policy?: string;
  readonly rules?: readonly Rule[];
  readonly unsafeFixes?: boolean;
}

export interface LintResult {
  readonly findings: ReadonlyArray<ReportFinding & { readonly path: string }>;
  /** The text with its fixes made; of other files, see `diff`. */
  readonly fixed: string;
  /** What the fixes change in all files, as a unified diff. */
  readonly diff: string;
}

/**
 * Never throws on what the text holds.
 * @throws {UsageError} on an option that means nothing.
 */
export async function lintText(text: string, options: LintTextOptions = {}): Promise<LintResult> {
  const name = path.posix.resolve('/', options.path ?? 'stdin.conf');
  const files = new Map<string, string>([[name, text]]);
  for (const [each, content] of Object.entries(options.files ?? {})) files.set(path.posix.resolve('/', each), content);
  const host = memoryHost(files, file => file.slice(1));
  const { server, openssl, policy } = options;
  const settings = settingsOf({ server, openssl, policy }, [name], '/', {}, host);
  const checked = await checkFiles(settings, host, options.rules);
  const patched = patch(checked, {
    allow: options.unsafeFixes ? 'unsafe' : 'safe',
    policy: settings.policy,
    recheck: replaced => check(settings, overlayHost(host, replaced), options.rules),
  });
  const diff = await unifiedDiff(
    patched.patches.map(({ file, edits }) => ({ path: file.path, source: file.source, edits })),
  );
  const own = patched.patches.find(({ file }) => file.real === name);
  return {
    findings: checked.findings.map(finding => ({ path: finding.file.path, ...reportFinding(finding, true) })),
    fixed: own ? own.after : text,
    diff: Buffer.from(diff).toString('utf8'),
  };
}
