/**
 * Processes that are killed or told to end while they write. `KILL_ROUNDS=200` and `SIGNAL_ROUNDS=20` for the full count.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { writeFiles } from '../fixers/write.js';
import { change, type Scratch, scratch, unfinished } from './helpers/writer.js';

const CHILD = 'build/test/helpers/write-child.js';
const NAMES = ['one.conf', 'two.conf', 'three.conf'];
const OLD = `${'a'.repeat(40_000)}\n`;
const NEW = OLD.replaceAll('a', 'bb');

function rounds(name: string, usual: number): number {
  return Number(process.env[name] ?? usual);
}

function base(tree: Scratch): string {
  return tree.root.slice(0, -'/root'.length);
}

async function writing(tree: Scratch): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CHILD, 'loop', base(tree), NAMES.join()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

/** Ends the child at a random moment of its writing; how it ended. */
async function end(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; signal: string | null }> {
  await sleep(Math.random() * 100);
  child.kill(signal);
  await once(child, 'exit');
  return { code: child.exitCode, signal: child.signalCode };
}

function texts(tree: Scratch): string[] {
  return NAMES.map(tree.text);
}

function mustBeWhole(t: ExecutionContext, tree: Scratch, when: string): void {
  for (const text of texts(tree))
    if (text !== OLD && text !== NEW) t.fail(`a torn file ${when}: ${text.length} characters`);
}

test.serial('kill -9: no torn file, nothing a server would load, and the next run puts all in order', async t => {
  const tree = scratch(t);
  for (const name of NAMES) tree.put(name, OLD);
  let recovered = 0;
  let leftovers = 0;
  const total = rounds('KILL_ROUNDS', 40);
  for (let round = 0; round < total; round++) {
    const how = await end(await writing(tree), 'SIGKILL');
    t.is(how.signal, 'SIGKILL');
    mustBeWhole(t, tree, `in round ${round}`);
    const strangers = tree.strangers('probe', ...NAMES);
    leftovers += strangers.length;
    t.true(
      strangers.every(name => name.startsWith('.')),
      strangers.join(),
    );
    const probe = tree.put('probe', '1');
    const result = await writeFiles([change(probe, '1', '2')], tree.options);
    t.deepEqual(result.written, [probe], JSON.stringify(result));
    recovered += result.recovered.length;
    t.is(new Set(texts(tree)).size, 1, 'all old or all new');
    t.deepEqual(tree.strangers('probe', ...NAMES), []);
  }
  t.log(`${total} kills, ${recovered} transactions taken back, ${leftovers} temporary files removed`);
  t.true(recovered > 0, 'no kill has hit a transaction');
});

for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGPIPE: 13 })) {
  test.serial(`${signal} while writing leaves nothing behind`, async t => {
    const tree = scratch(t);
    for (const name of NAMES) tree.put(name, OLD);
    for (let round = rounds('SIGNAL_ROUNDS', 3); round > 0; round--) {
      const how = await end(await writing(tree), signal as NodeJS.Signals);
      t.deepEqual(how, { code: 128 + number, signal: null });
      t.is(new Set(texts(tree)).size, 1);
      mustBeWhole(t, tree, signal);
      t.deepEqual(tree.strangers(...NAMES), []);
      t.deepEqual(unfinished(tree.stateDir), []);
    }
  });
}

test.serial('two writers on one file lose no update', async t => {
  const times = rounds('WRITER_ROUNDS', 10);
  const tree = scratch(t);
  tree.put('number', '0');
  const children = [0, 1].map(() =>
    spawn(process.execPath, [CHILD, 'count', base(tree), 'number', `${times}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  const codes = await Promise.all(children.map(async child => (await once(child, 'exit'))[0]));
  t.deepEqual(codes, [0, 0]);
  t.is(tree.text('number'), `${2 * times}`);
  t.deepEqual(tree.strangers('number'), []);
  t.deepEqual(
    readdirSync(tree.stateDir).filter(name => name.startsWith('lock')),
    [],
  );
});
