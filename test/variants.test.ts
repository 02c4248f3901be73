import test from 'ava';
import { casesIn } from './helpers/conformance.js';
import { checkVariants, treeIn } from './helpers/variants.js';

const FOLDERS = {
  nginx: [...casesIn('test/conformance/nginx'), 'examples/nginx-legacy'],
  apache: [...casesIn('test/conformance/apache'), 'examples/apache-legacy'],
};

for (const dialect of ['nginx', 'apache'] as const) {
  test(`line endings, a byte order mark, a last line without an end: ${dialect}`, async t => {
    const trees = FOLDERS[dialect].map(folder => treeIn(folder, dialect));
    t.true(trees.length > 50);
    for (const { what, good, total, bad } of await checkVariants(trees)) {
      t.true(total > 20, what);
      t.is(good, total, `${what}:\n${bad.slice(0, 20).join('\n')}`);
    }
  });
}
