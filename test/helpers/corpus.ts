/** `npm run corpus -- DIR`: what the parsers make of real-world files, a count a line. Exit code 1 where one is not met. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse as parseApache, stringify as stringifyApache } from '../../parsers/apache/index.js';
import { parse as parseNginx, stringify as stringifyNginx } from '../../parsers/nginx/index.js';
import { checkApache } from './corpus-apache.js';
import type { Count } from './corpus-count.js';
import { checkFixers } from './corpus-fixers.js';
import { checkNginx } from './corpus-nginx.js';
import { checkVariants, type Tree, treeOf } from './variants.js';

const [directory, wordy] = process.argv.slice(2);
if (directory === undefined) {
  console.error('usage: npm run corpus -- DIRECTORY [--all]');
  process.exit(2);
}
const counts = [
  ...checkNginx(directory),
  ...checkApache(directory),
  roundTrips(directory),
  ...(await checkFixers(directory)),
  ...(await checkVariants(trees(directory))),
];
for (const { what, good, total, bad } of counts) {
  console.log(`${good} of ${total}  ${what}`);
  for (const each of wordy ? bad : bad.slice(0, 10)) console.log(`    ${each}`);
}
process.exitCode = counts.every(({ good, total }) => good === total && total > 0) ? 0 : 1;

/** Each file as a main file of its own. */
function* trees(top: string): Generator<Tree> {
  for (const dialect of ['nginx', 'apache'] as const) {
    for (const file of filesBelow(path.join(top, dialect))) yield treeOf(file, dialect, path.relative(top, file));
  }
}

/** Every file of every kind, read by both parsers. */
function roundTrips(top: string): Count {
  const bad: string[] = [];
  let total = 0;
  for (const file of ['nginx', 'apache', 'template'].flatMap(kind => filesBelow(path.join(top, kind)))) {
    total++;
    const bytes = readFileSync(file);
    const same = [stringifyNginx(parseNginx(bytes).tree), stringifyApache(parseApache(bytes).tree)].every(
      out => Buffer.compare(out, bytes) === 0,
    );
    if (!same) bad.push(path.relative(top, file));
  }
  return { what: 'files of all kinds come back byte for byte', good: total - bad.length, total, bad };
}

function filesBelow(top: string): string[] {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && statSync(path.join(entry.parentPath, entry.name)).isFile())
    .map(entry => path.join(entry.parentPath, entry.name));
}
