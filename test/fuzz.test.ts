import { readdirSync } from 'node:fs';
import test from 'ava';
import { mutate } from './fuzz/mutate.js';
import { randomOf } from './fuzz/random.js';
import { seedsOf } from './fuzz/seeds.js';
import { beginnings, TARGETS } from './fuzz/targets.js';

test('each file of found inputs has its target', t => {
  for (const name of readdirSync('test/seeds')) t.true(name.replace(/\.jsonl$/, '') in TARGETS, name);
});

for (const [name, target] of Object.entries(TARGETS)) {
  test(`what the fuzzer found stays mended, and a few new inputs, the same each time, are fine: ${name}`, async t => {
    for (const { input, why } of seedsOf(name)) {
      await t.notThrowsAsync(async () => target.run(Buffer.from(input)), why ?? Buffer.from(input).toString('latin1'));
    }
    const random = randomOf(1);
    const inputs = [...beginnings(target), Buffer.alloc(0)];
    for (let left = 50; left > 0; left--) {
      const input = mutate(random.pick(inputs), random, target.words, random.pick(inputs));
      await t.notThrowsAsync(async () => target.run(input), input.toString('latin1'));
    }
  });
}
