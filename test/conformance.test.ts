/** Real servers' recorded answers against the model's, by all recorded builds. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  type Cell,
  casesIn,
  count,
  DIALECTS,
  describeWrong,
  dialectNamed,
  runCase,
  targetOf,
} from './helpers/conformance.js';

/** Of all cells, at most so many may be left open. */
const MOST_UNKNOWN = 0.01;
const OWN = join(process.cwd(), 'test', 'conformance');
const SHARED = join(process.cwd(), '..', 'shared', 'cases');

const dialects = await Promise.all(DIALECTS.map(async id => ({ id, dialect: await dialectNamed(id) })));

// Nothing is awaited from here on: tests are declared in one go.
for (const { id, dialect } of dialects) {
  for (const [where, top] of [
    ['here', join(OWN, id)],
    ['beside the repository', join(SHARED, id)],
  ] as const) {
    if (!dialect || !existsSync(top)) continue;
    test(`${id} answers as recorded servers did (${where})`, t => {
      const cells: Cell[] = [];
      for (const dir of casesIn(top)) cells.push(...runCase(dialect, dir));
      const { cells: total, agreed, unknown, wrong } = count(cells);
      t.log(`${agreed}/${total} agreed, ${unknown} unknown, ${wrong} wrong`);
      t.deepEqual(describeWrong(cells), []);
      t.true(total > 100 && unknown <= total * MOST_UNKNOWN);
    });
  }
}

test('a build’s name gives its target', t => {
  const target = targetOf('httpd-2.4.62+openssl-1.0.2u+ssl2+ssl3');
  t.is(target.server.text, '2.4.62');
  t.deepEqual([...target.openssl.with], ['ssl2', 'ssl3']);
  t.is(target.openssl.securityLevel, 0);
  t.is(targetOf('debian13-nginx-1.26.3+openssl-3.5.9').openssl.securityLevel, 2);
  t.is(targetOf('nginx-1.18.0+openssl-1.1.1w+ssl3').openssl.securityLevel, 1);
  t.true(targetOf('httpd-trunk+openssl-3.0.22').trunk);
});

test('what the table of statements names is there', t => {
  const table = readFileSync(join('test', 'conformance', 'README.md'), 'utf8');
  const live = ['nginx', 'apache'].map(name => readFileSync(join('test', 'live', `${name}.cases`), 'utf8')).join('\n');
  let named = 0;
  for (const row of table.split('\n').filter(line => line.startsWith('| '))) {
    const shown = row.split(' | ').at(-1)!;
    for (const [, name = ''] of shown.matchAll(/`([^`]+)`/g)) {
      named++;
      const isThere =
        existsSync(join('test', 'conformance', name)) ||
        existsSync(join('test', name)) ||
        live.includes(`### ${name}\n`);
      t.true(isThere, name);
    }
  }
  t.true(named > 80);
});
