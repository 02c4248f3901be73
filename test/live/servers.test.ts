/** Configurations written for this, started on this machine's servers: each answer of the model is the server's own. */

import { readCases } from '../helpers/cases.js';
import { compareTree, loadDialect, sum } from '../helpers/compare.js';
import { live } from '../helpers/live.js';
import { claimPorts } from '../helpers/servers.js';

for (const server of ['nginx', 'apache'] as const) {
  live(server)(`the model agrees with a running ${server}`, async t => {
    t.timeout(120_000);
    const dialect = await loadDialect(server);
    const base = claimPorts();
    const compared = [];
    for (const tree of readCases(server)) compared.push(await compareTree(dialect, tree, base));
    const { cells, unknown, disagreements } = sum(compared);
    t.log(`${compared.length} configurations, ${cells} cells, ${unknown} left open`);
    t.deepEqual(disagreements, []);
    t.true(unknown * 100 <= cells);
    t.true(compared.length >= 60);
  });
}
