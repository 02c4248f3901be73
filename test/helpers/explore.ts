/** Compares many generated trees with the running server, a few at a time. */
import fc from 'fast-check';
import { type Compared, compareTree, loadDialect, type Tree } from './compare.js';
import { apacheTree } from './generate-apache.js';
import { nginxTree } from './generate-nginx.js';
import { claimPorts, type ServerName } from './servers.js';

export interface Explored {
  readonly trees: number;
  readonly cells: number;
  readonly unknown: number;
  readonly open: readonly string[];
  /** Trees that the server and the model see differently. */
  readonly failed: ReadonlyArray<{ readonly tree: Tree; readonly disagreements: readonly string[] }>;
}

const TREES: Readonly<Record<ServerName, fc.Arbitrary<Tree>>> = { nginx: nginxTree, apache: apacheTree };
const WORKERS = 3;
/** A worker's ports lie this far from those of the next. */
const PORT_STEP = 100;

export async function explore(server: ServerName, count: number, seed: number): Promise<Explored> {
  const dialect = await loadDialect(server);
  const trees = fc.sample(TREES[server], { seed, numRuns: count });
  const base = claimPorts();
  const compared: Compared[] = [];
  let next = 0;
  const worker = async (_: unknown, index: number): Promise<void> => {
    while (next < trees.length) {
      const at = next++;
      compared[at] = await compareTree(dialect, trees[at]!, base + index * PORT_STEP);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return {
    trees: trees.length,
    cells: compared.reduce((sum, one) => sum + one.cells, 0),
    unknown: compared.reduce((sum, one) => sum + one.unknown, 0),
    open: compared.flatMap(one => one.open),
    failed: compared.flatMap(({ disagreements }, at) =>
      disagreements.length === 0 ? [] : [{ tree: trees[at]!, disagreements }],
    ),
  };
}

/** The tree and what differs, for a person. */
export function describe({ tree, disagreements }: Explored['failed'][number]): string {
  const files = Object.entries(tree.files).map(([path, text]) => `>>> ${path}\n${text.trimEnd()}`);
  const options = [`connect ${tree.connect.join(' ')}`, `names ${tree.names.join(' ')}`];
  if (tree.define !== undefined && tree.define.length > 0) options.push(`define ${tree.define.join(' ')}`);
  return [...options, ...files, ...disagreements].join('\n');
}
