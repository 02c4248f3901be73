/** `npm run generated -- COUNT [SEED] [nginx|apache]`: as many generated trees of each server as one likes. */
import { describe, explore } from './explore.js';
import type { ServerName } from './servers.js';

const [count = '3000', seed = String(Date.now() % 1_000_000), only] = process.argv.slice(2);
const servers = (['nginx', 'apache'] as const).filter(name => only === undefined || name === only);
let failed = 0;
for (const server of servers) failed += await run(server);
process.exitCode = failed === 0 ? 0 : 1;

async function run(server: ServerName): Promise<number> {
  const explored = await explore(server, Number(count), Number(seed));
  for (const one of explored.failed.slice(0, 20)) console.log(`${describe(one)}\n`);
  for (const note of new Set(explored.open)) console.log(`left open: ${note}`);
  console.log(
    `${server}: seed ${seed}, ${explored.trees} trees, ${explored.cells} cells, ${explored.unknown} left open, ${explored.failed.length} trees differ`,
  );
  return explored.failed.length;
}
