/** One tree of files in other line endings, with a byte order mark, without its last line ending: what may differ. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { applyEdits } from '../../fixers/apply.js';
import { type ChangedFile, unifiedDiff } from '../../fixers/diff.js';
import * as apache from '../../parsers/apache/index.js';
import * as nginx from '../../parsers/nginx/index.js';
import { createSource, encode } from '../../parsers/source.js';
import { memoryHost, overlayHost } from '../../src/host.js';
import { DEFAULT_POLICY } from '../../src/model/policies.js';
import { type Patch, patch } from '../../src/patch.js';
import { prove } from '../../src/prove.js';
import { type Checked, check, checkFiles } from '../../src/run.js';
import { settingsOf } from '../../src/settings.js';
import type { Count } from './corpus-count.js';

export interface Tree {
  readonly name: string;
  readonly dialect: DialectId;
  /** By absolute path, the main file first. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

interface Variant {
  change(text: string): string;
  /** Of the whole tree, or of its main file alone. */
  readonly of: 'all' | 'main';
  /** Neither server skips a byte order mark (NX-L9, AP-G1): it then refuses the file. */
  readonly refused: boolean;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  'as it is': { change: text => text, of: 'all', refused: false },
  CRLF: { change: text => text.replace(/\r?\n/g, '\r\n'), of: 'all', refused: false },
  'no final line ending': { change: text => text.replace(/\r?\n$/, ''), of: 'all', refused: false },
  'a byte order mark': { change: text => `\ufeff${text}`, of: 'main', refused: true },
};

type DialectId = 'nginx' | 'apache';
const ROOTS: Readonly<Record<DialectId, string>> = { nginx: 'nginx.conf', apache: 'httpd.conf' };
const SERVERS: Readonly<Record<DialectId, string>> = { nginx: 'nginx@1.22.1', apache: 'apache@2.4.57' };

/** The tree of a folder with a main file. */
export function treeIn(folder: string, dialect: DialectId): Tree {
  const root = ROOTS[dialect];
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !/\.(?:json|pem|cnf)$/.test(entry.name))
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort((a, b) => Number(b === root) - Number(a === root));
  const text = (name: string) => readFileSync(path.join(folder, name), 'latin1').replaceAll('{{PREFIX}}', '/case');
  const files = names.map(name => [`/case/${name}`, Buffer.from(text(name), 'latin1')] as const);
  return { name: `${dialect}/${path.basename(folder)}`, dialect, files: new Map(files) };
}

/** A single file, taken for a main file. */
export function treeOf(file: string, dialect: DialectId, name: string): Tree {
  return { name, dialect, files: new Map([[`/case/${ROOTS[dialect]}`, readFileSync(file)]]) };
}

export async function checkVariants(trees: Iterable<Tree>): Promise<Count[]> {
  const same = tally('variants that come back byte for byte and have the findings of the files as they are');
  const fixed = tally('variants in which a fix changes what it names alone, and a second one nothing');
  const changed = new Map<string, ChangedFile>();
  for (const tree of trees) {
    let plain: readonly string[] = [];
    for (const [name, variant] of Object.entries(VARIANTS)) {
      const files = new Map([...tree.files].map(([file, bytes], at) => [file, changedBytes(bytes, variant, at)]));
      const where = `${tree.name} (${name})`;
      const { first, run } = await runOf(tree.dialect, files);
      if (name === 'as it is') plain = linesOf(first);
      note(same, where, roundTripFault(tree.dialect, files) ?? difference(plain, first, variant.refused));
      const { fault, patches } = await fix(first, run);
      note(fixed, where, fault);
      for (const { file, edits } of patches) {
        const place = `${where}/${path.posix.relative('/case', file.real)}`.replaceAll(' ', '-');
        changed.set(place, { path: place, source: file.source, edits });
      }
    }
  }
  return [...[same, fixed].map(close), ...(await applied(changed))];
}

interface Tally {
  readonly what: string;
  total: number;
  readonly bad: string[];
}

function tally(what: string): Tally {
  return { what, total: 0, bad: [] };
}

function note(tally: Tally, where: string, fault: string | undefined): void {
  tally.total++;
  if (fault !== undefined) tally.bad.push(`${where}: ${fault}`);
}

function close({ what, total, bad }: Tally): Count {
  return { what, total, good: total - bad.length, bad };
}

function changedBytes(bytes: Uint8Array, { change, of }: Variant, at: number): Uint8Array {
  if (of === 'main' && at > 0) return bytes;
  const { text, encoding } = createSource(bytes);
  // A mark is three bytes in any file.
  const mark = encoding === 'latin1' ? '\u00ef\u00bb\u00bf' : '\ufeff';
  return encode(change(text).replace(/^\ufeff(?!\ufeff)/, mark), encoding);
}

function roundTripFault(dialect: DialectId, files: ReadonlyMap<string, Uint8Array>): string | undefined {
  for (const [file, bytes] of files) {
    const out =
      dialect === 'nginx' ? nginx.stringify(nginx.parse(bytes).tree) : apache.stringify(apache.parse(bytes).tree);
    if (Buffer.compare(out, bytes) !== 0) return `${file} comes back with other bytes`;
  }
  return undefined;
}

type Run = (replaced?: ReadonlyMap<string, Uint8Array>) => Checked;

/** The dialect is open once the first run is over. */
async function runOf(
  dialect: DialectId,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<{ first: Checked; run: Run }> {
  const host = memoryHost(files);
  const [main = ''] = files.keys();
  const settings = settingsOf({ server: SERVERS[dialect] }, [main], '/case', {}, host);
  const first = await checkFiles(settings, host);
  return { first, run: (replaced = new Map()) => check(settings, overlayHost(host, replaced)) };
}

/** All but the one thing that httpd does differently: a last line without an end is lost after one with `Use`. */
function linesOf({ findings }: Checked): string[] {
  return findings.filter(({ message }) => !message.endsWith(': a line ending is missing')).map(lineOf);
}

/** Lines and columns count, offsets do not. The end of a file is where it is. */
function lineOf({ file, span, rule, severity, message, fix }: Checked['findings'][number]): string {
  const { line, column } = file.source.pointAt(span.start);
  const place = message.startsWith('Unexpected end of file, expected') ? 'end' : `${line}:${column}`;
  return `${file.path}:${place} ${severity} ${rule} ${message} (${fix?.applicability ?? 'no fix'})`;
}

function difference(plain: readonly string[], checked: Checked, refused: boolean): string | undefined {
  const { models, rangeOf } = checked;
  if (refused) {
    const loads = models.some(model => rangeOf(model).targets.some(target => model.loads(target)));
    return loads ? 'the server would load it' : undefined;
  }
  const found = linesOf(checked);
  const at = found.findIndex((each, index) => each !== plain[index]);
  if (at !== -1) return `found ${found[at]}, expected ${plain[at]}`;
  return found.length < plain.length ? `lacks ${plain[found.length]}` : undefined;
}

/** Made, proved and judged again: the second time there is nothing to do. */
async function fix(first: Checked, run: Run): Promise<{ fault?: string; patches: readonly Patch[] }> {
  const { patches } = patch(first, { allow: 'unsafe', policy: DEFAULT_POLICY, recheck: run });
  for (const each of patches) {
    const { failure } = await prove(each);
    if (failure !== undefined) return { fault: failure, patches };
  }
  const written = new Map(patches.map(({ file, after }) => [file.real, encode(after, file.source.encoding)]));
  const recheck = (replaced: ReadonlyMap<string, Uint8Array>) => run(new Map([...written, ...replaced]));
  const second = patch(run(written), { allow: 'unsafe', policy: DEFAULT_POLICY, recheck });
  return second.patches.length > 0 ? { fault: 'a second fix changes more', patches } : { patches };
}

/** One diff of all files, applied with both tools to copies of them. */
async function applied(changed: ReadonlyMap<string, ChangedFile>): Promise<Count[]> {
  const files = [...changed].map(([name, file]) => ({ ...file, path: name }));
  const diff = await unifiedDiff(files);
  return TOOLS.filter(([tool]) => spawnSync(tool, ['--version']).status === 0).map(([tool, ...args]) => {
    const root = mkdtempSync(path.join(tmpdir(), 'tlslint-variants-'));
    try {
      for (const { path: name, source } of files) {
        mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        writeFileSync(path.join(root, name), encode(source.text, source.encoding));
      }
      const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(root) };
      const done = spawnSync(tool, args, { cwd: root, input: diff, env, encoding: 'utf8', maxBuffer: 1 << 28 });
      const bad = files
        .filter(({ path: name, source, edits }) => {
          const expected = encode(applyEdits(source.text, edits), source.encoding);
          return Buffer.compare(readFileSync(path.join(root, name)), expected) !== 0;
        })
        .map(file => file.path);
      if (done.status !== 0) bad.unshift(`${tool}: ${done.stderr}`);
      return {
        what: `diffs of variants that \`${tool}\` applies`,
        good: files.length - bad.length,
        total: files.length,
        bad,
      };
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
}

const TOOLS: ReadonlyArray<readonly [string, ...string[]]> = [
  ['git', 'apply', '--whitespace=nowarn', '-'],
  ['patch', '-p1', '-s', '--binary', '-F0'],
];
