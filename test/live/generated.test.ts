/** Random configurations with a fixed seed: the model and the running server agree on every cell. */
import { describe, explore } from '../helpers/explore.js';
import { GENERATED, SEED } from '../helpers/generate-counts.js';
import { live } from '../helpers/live.js';

for (const server of ['nginx', 'apache'] as const) {
  live(server)(`the model agrees with ${server} on generated configurations`, async t => {
    t.timeout(180_000);
    const { trees, cells, unknown, failed } = await explore(server, GENERATED, SEED);
    t.log(`${trees} configurations, ${cells} cells, ${unknown} left open`);
    t.is(failed.map(describe).join('\n\n'), '');
    t.is(trees, GENERATED);
    t.true(unknown * 100 <= cells);
  });
}
