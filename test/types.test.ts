import { readFileSync } from 'node:fs';
import test from 'ava';
import { nodesOf, SOURCES } from './helpers/sources.js';

/** In place of `type-coverage`, which needs the compiler's library: TypeScript 7 has none. `strict` leaves no `any` but these. */
test('nothing is of any type, and no complaint of the compiler is silenced', t => {
  t.true(SOURCES.length > 150);
  for (const file of SOURCES) {
    const code = readFileSync(file, 'utf8');
    t.notRegex(code, /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/, file);
    for (const { type, loc } of nodesOf(code)) t.not(type, 'TSAnyKeyword', `${file}:${loc?.start.line}`);
  }
});
