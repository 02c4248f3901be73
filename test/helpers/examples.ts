/**
 * The examples in the rules' readmes: reading them, running them, and writing what the program says below them.
 *
 * A fence of `nginx` or `apache` is an example. The words after it are the author's: `good` (nothing is found), `bad`
 * (the rule finds it and the fix mends it) or `bad unfixable`; `fragment` where it has no root; `server=`, `openssl=`
 * and `policy=` as the command line has them. The `text` and `diff` fences that follow a bad one are the program's.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { applyFixes } from '../../fixers/apply.js';
import { DIALECTS } from '../../src/dialects/index.js';
import { memoryHost } from '../../src/host.js';
import { lint } from '../../src/lint.js';
import { DEFAULT_POLICY, POLICIES } from '../../src/model/policies.js';
import type { DialectId } from '../../src/model/target.js';
import type { Model } from '../../src/model/types.js';
import { reportFinding } from '../../src/report.js';
import { findingText } from '../../src/reporters/text.js';
import type { Finding, Rule } from '../../src/rule.js';
import { rules } from '../../src/rules/index.js';
import { suppress } from '../../src/suppress.js';
import { targetRange } from '../../src/targets.js';

export interface Example {
  readonly rule: Rule;
  readonly heading: string;
  readonly dialect: DialectId;
  readonly path: string;
  readonly bad: boolean;
  readonly unfixable: boolean;
  readonly fragment: boolean;
  readonly server?: string;
  readonly openssl?: string;
  readonly policy?: string;
  readonly text: string;
  /** The generated fences as they stand in the readme, and where: from just after the example to after the last. */
  readonly written: string;
  readonly writtenAt: readonly [number, number];
}

export interface Outcome {
  readonly findings: readonly Finding[];
  /** As the terminal shows them, without a summary. */
  readonly report: string;
  /** The text once no fix is left, and the loaded model and findings of it. */
  readonly fixed: string;
  readonly after: readonly Finding[];
  readonly model: Model;
  readonly applicability: string;
}

const CODES = new Map(await Promise.all(DIALECTS.map(async each => [each.id, await each.open()] as const)));
const FOLDER = '/conf/';
/** By the language of the fence: whose it is, and how a root and a fragment of it are called. */
const LANGUAGES: Readonly<Record<string, readonly [DialectId, string, string]>> = {
  nginx: ['nginx', 'nginx.conf', 'example.conf'],
  apache: ['apache', 'httpd.conf', 'example.conf'],
  reg: ['windows', 'example.reg', 'example.reg'],
  xml: ['dotnet', 'web.config', 'web.config'],
  csharp: ['dotnet', 'Example.cs', 'Example.cs'],
  vb: ['dotnet', 'Example.vb', 'Example.vb'],
  powershell: ['dotnet', 'example.ps1', 'example.ps1'],
};
const MOST_PASSES = 10;

const EXAMPLE =
  /^### (?<heading>.+)\n\n(?:(?!###|```)[^\n]*\n)*?```(?<language>nginx|apache|reg|xml|csharp|vb|powershell) (?<words>.+)\n(?<text>[\s\S]*?)^```\n/gm;
const WRITTEN = /(?:\n```(?:text|diff)[^\n]*\n[\s\S]*?^```\n)*/my;

export function readmePath(rule: Rule): string {
  return `src/rules/${rule.meta.id}/readme.md`;
}

/** Folders of rules, by name. */
export function ruleFolders(): string[] {
  const entries = readdirSync('src/rules', { withFileTypes: true });
  return entries.flatMap(entry => (entry.isDirectory() && !entry.name.startsWith('_') ? [entry.name] : [])).sort();
}

export function allExamples(): Example[] {
  return rules.flatMap(rule => readExamples(rule, readFileSync(readmePath(rule), 'utf8')));
}

export function readExamples(rule: Rule, readme: string): Example[] {
  return [...readme.matchAll(EXAMPLE)].map(match => {
    const { heading = '', language = '', words = '', text = '' } = match.groups!;
    const set = new Map(words.split(' ').map(word => word.split('=', 2) as [string, string | undefined]));
    const [dialect, root, part] = LANGUAGES[language]!;
    WRITTEN.lastIndex = match.index + match[0].length;
    const written = WRITTEN.exec(readme)![0];
    const option = (name: 'server' | 'openssl' | 'policy') => (set.has(name) ? { [name]: set.get(name) } : {});
    return {
      rule,
      heading,
      dialect,
      path: `${FOLDER}${set.has('fragment') ? part : root}`,
      bad: set.has('bad'),
      unfixable: set.has('unfixable'),
      fragment: set.has('fragment'),
      ...option('server'),
      ...option('openssl'),
      ...option('policy'),
      text,
      written,
      writtenAt: [WRITTEN.lastIndex - written.length, WRITTEN.lastIndex],
    };
  });
}

/** Finds, fixes (unsafe ones too) and finds again until nothing is left to fix. */
export function runExample(example: Example): Outcome {
  const first = judge(example, example.text);
  let { findings, model } = first;
  let fixed = example.text;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const fixes = findings.flatMap(({ fix }) => fix ?? []);
    const { path } = model.files[0]!;
    const next = applyFixes(new Map([[path, fixed]]), fixes, 'unsafe').texts.get(path);
    if (next === undefined) break;
    fixed = next;
    ({ findings, model } = judge(example, fixed));
  }
  return {
    findings: first.findings,
    report: first.findings.map(finding => findingText(finding.file.path, reportFinding(finding, true))).join('\n'),
    fixed,
    after: findings,
    model,
    applicability: first.findings.some(({ fix }) => fix?.applicability === 'unsafe') ? 'unsafe' : 'safe',
  };
}

/** What belongs below the example. */
export async function writtenBelow(example: Example): Promise<string> {
  if (!example.bad) return '';
  const { report, fixed, applicability } = runExample(example);
  const shown = `\n\`\`\`text report\n${report}\`\`\`\n`;
  if (fixed === example.text) return shown;
  return `${shown}\n\`\`\`diff ${applicability}\n${await hunks(example.text, fixed)}\`\`\`\n`;
}

function judge(example: Example, text: string): { model: Model; findings: readonly Finding[] } {
  const dialect = CODES.get(example.dialect)!;
  const range = targetRange(example.dialect, dialect.steps, example);
  const host = memoryHost(new Map([[example.path, text]]), file => file.replace(FOLDER, ''));
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: range.targets.at(-1)! };
  const model = dialect.load(example.path, host, settings, example.fragment);
  const policy = POLICIES.find(({ name }) => name === example.policy) ?? DEFAULT_POLICY;
  return { model, findings: suppress(lint(model, { range, policy, rules }), [model], { rules }).findings };
}

/** The changed lines with three around them; the head of a diff says nothing here. */
async function hunks(before: string, after: string): Promise<string> {
  const { createPatch } = await import('diff');
  return createPatch('example', before, after).replace(/^[\s\S]*?(?=^@@)/m, '');
}
