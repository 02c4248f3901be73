/**
 * A process that writes, for tests that kill it, run it as another user or beside another.
 * `once BASE JSON`: writes the changes `[path, before, after][]`, prints the result.
 * `loop BASE NAMES`: changes all files from `a…` to `b…` and back until it is killed.
 * `count BASE NAME TIMES`: adds one to the number in a file, that many times.
 */
import { readFileSync } from 'node:fs';
import { abort, type WriteOptions, writeFiles } from '../../fixers/write.js';
import { change, scratchIn } from './writer.js';

const [, , mode, base = '', first = '', second = ''] = process.argv;
const tree = scratchIn(base);

for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGPIPE: 13 })) {
  process.on(signal, () => {
    abort();
    process.exit(128 + number);
  });
}

const modes: Record<string, () => Promise<void>> = { once, loop, count };
await modes[mode ?? '']!();

async function once(): Promise<void> {
  const rows: [string, string, string][] = JSON.parse(first);
  const settings: Partial<WriteOptions> = second === '' ? {} : JSON.parse(second);
  const changes = rows.map(([name, before, after]) => change(tree.path(name), before, after));
  process.stdout.write(`${JSON.stringify(await writeFiles(changes, { ...tree.options, ...settings }))}\n`);
}

async function loop(): Promise<void> {
  const names = first.split(',');
  process.stdout.write('ready\n');
  for (;;) {
    const now = tree.text(names[0]!);
    const next = now.startsWith('a') ? now.replaceAll('a', 'bb') : now.replaceAll('bb', 'a');
    const result = await writeFiles(
      names.map(name => change(tree.path(name), now, next)),
      tree.options,
    );
    if (result.written.length !== names.length) throw new Error(JSON.stringify(result));
  }
}

async function count(): Promise<void> {
  const path = tree.path(first);
  for (let left = Number(second); left > 0; ) {
    const now = readFileSync(path, 'utf8');
    const result = await writeFiles([change(path, now, `${Number(now) + 1}`)], tree.options);
    if (result.written.length > 0) left--;
    else if (!/changed since/.test(result.refused[0]?.message ?? '')) throw new Error(JSON.stringify(result));
  }
}
