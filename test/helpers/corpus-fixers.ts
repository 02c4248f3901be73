/** Edits of every kind all over real-world files: nothing else may change, and the diffs must apply. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as apacheFixers from '../../fixers/apache.js';
import { applyEdits, comparePlaces, overlaps } from '../../fixers/apply.js';
import { type ChangedFile, unifiedDiff } from '../../fixers/diff.js';
import type { Edit } from '../../fixers/edit.js';
import * as nginxFixers from '../../fixers/nginx.js';
import { isUntouchedOutside, newProblems, readAgain, unexpectedChanges } from '../../fixers/verify.js';
import * as apache from '../../parsers/apache/index.js';
import type { Parsed, Source } from '../../parsers/ast.js';
import * as nginx from '../../parsers/nginx/index.js';
import { encode } from '../../parsers/source.js';
import type { Count } from './corpus-count.js';

const PATH = 'f';
/** At most so many places in one file. */
const LIMIT = 60;
const VARIANTS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': text => text,
  CRLF: text => text.replace(/\r?\n/g, '\r\n'),
  'no final line ending': text => text.replace(/\r?\n$/, ''),
  BOM: text => `\ufeff${text}`,
};

interface Edited {
  readonly edits: Edit[];
  readonly names: Set<string>;
}

type Plan = (tree: Tree) => Edited;

const PLANS: Readonly<Record<string, Plan>> = {
  'other words': tree => each(tree, 'head', node => wordsOf(tree, node)),
  'directives taken out': tree => each(tree, 'simple', node => removalOf(tree, node)),
  'directives put in': tree => each(tree, 'block', node => insertionsIn(tree, node)),
};

export async function checkFixers(corpus: string): Promise<Count[]> {
  const bad: string[] = [];
  const disagreed: string[] = [];
  const changed = new Map<string, ChangedFile>();
  let total = 0;
  let second = 0;
  for (const kind of ['nginx', 'apache'] as const) {
    for (const file of filesBelow(path.join(corpus, kind))) {
      const bytes = readFileSync(file);
      for (const [variant, make] of Object.entries(VARIANTS)) {
        const before =
          variant === 'as it is' ? parse(kind, bytes) : parse(kind, make(parse(kind, bytes).tree.source.text));
        if (before.problems.length > 0) continue;
        for (const [plan, edit] of Object.entries(PLANS)) {
          const { edits, names } = edit(before.tree);
          const text = applyEdits(before.tree.source.text, edits);
          const after = parse(kind, text);
          total++;
          const fault = faultOf(before, after, edits, names);
          const where = `${path.relative(corpus, file)} (${variant}, ${plan})`;
          if (fault !== undefined) bad.push(`${where}: ${fault}`);
          if (variant !== 'as it is') continue;
          if (plan === 'other words' && edits.length > 0)
            changed.set(path.relative(corpus, file), changedFile(file, before, edits));
          if (before.tree.dialect !== 'nginx' || after.tree.dialect !== 'nginx') continue;
          const reading = await readAgain(before.tree, after.tree, [...names]);
          if (!reading.available) continue;
          second++;
          if (reading.differences.length > 0) disagreed.push(`${where}: ${reading.differences[0]}`);
        }
      }
    }
  }
  return [
    { what: 'edited files in which nothing else changed', good: total - bad.length, total, bad },
    {
      what: 'of them that `nginx-conf` reads the same way',
      good: second - disagreed.length,
      total: second,
      bad: disagreed,
    },
    ...(await applied(corpus, changed)),
  ];
}

function parse(kind: 'nginx' | 'apache', input: string | Uint8Array): Parsed<Tree> {
  return kind === 'nginx' ? nginx.parse(input) : apache.parse(input);
}

function changedFile(file: string, before: Parsed<Tree>, edits: Edit[]): ChangedFile {
  return { path: file, source: before.tree.source, edits };
}

function faultOf(before: Parsed<Tree>, after: Parsed<Tree>, edits: Edit[], names: Set<string>): string | undefined {
  const [problem] = newProblems(before, after);
  if (problem) return problem.message;
  const [change] = unexpectedChanges(before.tree, after.tree, edits, [...names]);
  if (change) return `${change.change} ${change.name}`;
  return isUntouchedOutside(before.tree.source.text, after.tree.source.text, edits) ? undefined : 'other bytes changed';
}

type Node = nginx.NginxDirective | apache.ApacheDirective | apache.ApacheSection;
type Tree = nginx.NginxRoot | apache.ApacheRoot;

function each(
  tree: Tree,
  which: 'head' | 'simple' | 'block',
  edit: (node: Node) => { edits: Edit[]; names: string[] },
): Edited {
  const edits: Edit[] = [];
  const names = new Set<string>();
  let left = LIMIT;
  for (const node of tree.dialect === 'nginx' ? nginx.walk(tree) : apache.walk(tree)) {
    const isBlock = node.type === 'section' || (node.type === 'directive' && 'block' in node && node.block);
    if (which !== 'head' && isBlock !== (which === 'block')) continue;
    if (left-- === 0) break;
    const own = edit(node);
    for (const name of own.names) names.add(name);
    edits.push(...own.edits);
  }
  return { edits: disjoint(edits.sort(comparePlaces)), names };
}

function disjoint(edits: Edit[]): Edit[] {
  const kept: Edit[] = [];
  for (const edit of edits) if (!kept.at(-1) || !overlaps(kept.at(-1)!, edit)) kept.push(edit);
  return kept;
}

function wordsOf(tree: Tree, node: Node): { edits: Edit[]; names: string[] } {
  const source: Source = tree.source;
  const values = [...node.args.slice(1), 'NEW'];
  const edits =
    node.dialect === 'nginx'
      ? nginxFixers.replaceArgs(PATH, source, node, values)
      : apacheFixers.replaceArgs(PATH, source, node, values);
  return { edits, names: [node.name] };
}

function removalOf(tree: Tree, node: Node): { edits: Edit[]; names: string[] } {
  const edits =
    node.dialect === 'nginx'
      ? nginxFixers.removeDirective(PATH, tree.source, node)
      : apacheFixers.removeDirective(PATH, tree.source, node);
  return { edits, names: [node.name] };
}

function insertionsIn(tree: Tree, node: Node): { edits: Edit[]; names: string[] } {
  const { source } = tree;
  if (node.dialect === 'apache') {
    if (node.type !== 'section') return { edits: [], names: [] };
    const places = [{ first: node }, { last: node }, { before: node }];
    return {
      edits: places.flatMap(place => apacheFixers.insertDirective(PATH, source, place, 'New x')),
      names: ['New'],
    };
  }
  const places = [{ first: node }, { last: node }, { before: node }];
  return { edits: places.flatMap(place => nginxFixers.insertDirective(PATH, source, place, 'new x;')), names: ['new'] };
}

/** One diff of all files, applied with both tools to a copy of them. */
async function applied(corpus: string, changed: ReadonlyMap<string, ChangedFile>): Promise<Count[]> {
  const files = [...changed].map(([name, file]) => ({ ...file, path: name }));
  const diff = await unifiedDiff(files);
  const counts: Count[] = [];
  for (const [tool, ...args] of [
    ['git', 'apply', '--whitespace=nowarn', '-'],
    ['patch', '-p1', '-s', '--binary', '-F0'],
  ]) {
    const root = mkdtempSync(path.join(tmpdir(), 'corpus-diff-'));
    for (const { path: name } of files) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), readFileSync(path.join(corpus, name)));
    }
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(root) };
    const done = spawnSync(tool!, args, { cwd: root, input: diff, env, encoding: 'utf8', maxBuffer: 1 << 28 });
    const bad = files
      .filter(({ path: name, source, edits }) => {
        const expected = encode(applyEdits(source.text, edits), source.encoding);
        return !readFileSync(path.join(root, name)).equals(expected);
      })
      .map(file => file.path);
    if (done.status !== 0) bad.unshift(`${tool}: ${done.stderr}`);
    rmSync(root, { recursive: true, force: true });
    counts.push({ what: `diffs that \`${tool}\` applies`, good: files.length - bad.length, total: files.length, bad });
  }
  return counts;
}

function filesBelow(top: string): string[] {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && statSync(path.join(entry.parentPath, entry.name)).isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort();
}
