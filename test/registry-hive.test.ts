/** Another reader of `.reg` files beside ours: `hivexregedit` imports them into a hive, and writes down what is in it. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { RegistryData } from '../parsers/ast.js';
import { HEADERS, keys, parse } from '../parsers/registry/index.js';
import { lintText } from '../src/lint-text.js';
import { emptyHive } from './helpers/hive.js';
import { runs } from './helpers/properties.js';
import { workspace } from './helpers/run-cli.js';

const found = spawnSync('hivexregedit', ['--help'], { encoding: 'utf8' }).stdout?.includes('--merge') === true;
const ifFound = found ? test : test.skip;
const PREFIX = 'HKEY_LOCAL_MACHINE\\SYSTEM';

/** Path and name to data, of all values that are there in the end. */
type Values = Map<string, string>;

/** As this program reads it. */
function ours(text: string): Values {
  const values: Values = new Map();
  for (const key of keys(parse(text).tree)) {
    const path = key.key.replace(/\\$/, '');
    if (key.removes) {
      for (const place of values.keys()) if (`${place}\\`.startsWith(`${path}\\`)) values.delete(place);
      continue;
    }
    for (const value of key.children) {
      if (value.type !== 'value') continue;
      const place = `${path}\\${value.key}`;
      if (value.data.kind === 'delete') values.delete(place);
      else values.set(place, shown(value.data));
    }
  }
  return values;
}

function shown(data: RegistryData): string {
  if (data.kind === 'dword') {
    const bytes = [0, 8, 16, 24].map(shift => (data.value >>> shift) & 0xff);
    return `4 ${bytes}`;
  }
  if (data.kind === 'hex') return `${data.type} ${data.bytes}`;
  return data.kind === 'string' ? `1 ${[...Buffer.from(`${data.text}\0`, 'utf16le')]}` : '';
}

/** As `hivexregedit` reads it. It makes no keys on the way, so that they are put before; each needs an empty line behind it. */
function theirs(t: ExecutionContext, text: string): Values {
  const cwd = workspace(t, {});
  const hive = path.join(cwd, 'hive');
  writeFileSync(hive, emptyHive());
  const plain = text.replaceAll('\r', '');
  const pieces: string[] = [];
  let from = 0;
  for (const { name, start } of keys(parse(plain).tree)) {
    const parts = name.split('\\');
    const ways = parts.slice(2).map((_, index) => `[${parts.slice(0, index + 3).join('\\')}]\n\n`);
    pieces.push(plain.slice(from, start), ...ways);
    from = start;
  }
  writeFileSync(path.join(cwd, 'in.reg'), `${pieces.join('')}${plain.slice(from)}\n`);
  const merged = spawnSync('hivexregedit', ['--merge', '--prefix', PREFIX, hive, 'in.reg'], { cwd, encoding: 'utf8' });
  t.is(merged.status, 0, `${merged.stderr}${text}`);
  const args = ['--export', '--prefix', PREFIX, hive, '\\'];
  const exported = spawnSync('hivexregedit', args, { cwd, encoding: 'utf8' });
  t.is(exported.status, 0, exported.stderr);
  t.deepEqual(parse(exported.stdout).problems, []);
  return ours(exported.stdout);
}

function sorted(values: Values): Array<[string, string]> {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1));
}

ifFound('what a fix has written is imported by another program as we read it', async t => {
  const text = readFileSync('examples/windows-legacy/schannel.reg', 'utf8');
  const { fixed } = await lintText(text, { path: 'schannel.reg' });
  t.not(fixed, text);
  t.deepEqual(sorted(theirs(t, fixed)), sorted(ours(fixed)));
  t.true(ours(fixed).size > ours(text).size);
});

ifFound('property: another program imports what we read', t => {
  t.timeout(120_000);
  const name = fc.constantFrom('Enabled', 'enabled', 'DisabledByDefault', 'x y', 'x=\\\\y');
  const data = fc.oneof(
    fc.nat(0xff_ff_ff_ff).map(number => `dword:${number.toString(16).padStart(8, '0')}`),
    fc.constantFrom('hex:01,02', 'hex(7):61,00,\\\n  00,00', 'hex(4):01,00,00,00', '"text"', '-'),
  );
  const line = fc.tuple(name, data).map(([each, written]) => `"${each}"=${written}`);
  const key = fc.record({
    path: fc.constantFrom('A', 'A\\b', 'A\\b\\Server', 'C', 'c'),
    removes: fc.constantFrom('', '', '', '-'),
    // Of names that differ in case alone, and stand below one key, it takes any.
    lines: fc.uniqueArray(line, { maxLength: 4, selector: each => each.toLowerCase().split('=')[0] }),
  });
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 6 }), blocks => {
      const written = blocks.map(({ path, removes, lines }) => {
        return `[${removes}${PREFIX}\\${path}]\n${removes ? '' : lines.map(each => `${each}\n`).join('')}\n`;
      });
      const text = `${HEADERS[0]}\n\n${written.join('')}`;
      t.deepEqual(sorted(theirs(t, text)), sorted(ours(text)), text);
    }),
    { numRuns: runs(15) },
  );
});
