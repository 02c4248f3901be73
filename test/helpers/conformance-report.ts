/** `node build/test/helpers/conformance-report.js [CASES]`: cells agreed by build, and each disagreement. */
import { join } from 'node:path';
import { type Cell, casesIn, count, DIALECTS, describeWrong, dialectNamed, runCase } from './conformance.js';

const top = process.argv[2] ?? join(process.cwd(), '..', 'shared', 'cases');
for (const id of DIALECTS) {
  const dialect = await dialectNamed(id);
  if (!dialect) continue;
  const dirs = casesIn(join(top, id));
  const cells = dirs.flatMap(dir => runCase(dialect, dir));
  for (const line of describeWrong(cells)) console.log(line);
  console.log(`\n${id}: ${dirs.length} cases`);
  printTable(cells);
}

function printTable(cells: readonly Cell[]): void {
  const byBuild = new Map<string, Cell[]>();
  for (const cell of cells) {
    const own = byBuild.get(cell.build) ?? [];
    own.push(cell);
    byBuild.set(cell.build, own);
  }
  const rows = [...byBuild].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  for (const [build, own] of [...rows, ['all', cells] as const]) {
    const { agreed, unknown, wrong, cells: total } = count(own);
    console.log(`${build.padEnd(44)} ${agreed}/${total} agreed, ${unknown} unknown, ${wrong} wrong`);
  }
}
