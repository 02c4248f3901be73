/** What the program says of each example: its report, its diff, and the sample on the front page. */
import { lintCommand } from '../../src/commands/lint.js';
import { diskHost } from '../../src/host.js';
import { parseCommandLine } from '../../src/options/parse.js';
import { plain } from '../../src/reporters/colors.js';

const EXAMPLES = ['nginx-legacy', 'apache-legacy', 'windows-legacy', 'dotnet-legacy'];

/** Path to text of `report.txt` and `fixed.diff` beside each example. */
export async function exampleReports(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of EXAMPLES) {
    found.set(`examples/${name}.report.txt`, await run([`examples/${name}`]));
    // Programs are compiled again: no fix of theirs is safe.
    const unsafe = name === 'dotnet-legacy' ? ['--unsafe-fixes'] : [];
    found.set(`examples/${name}.fixed.diff`, await run(['--diff', ...unsafe, `examples/${name}`]));
  }
  return found;
}

/** The first finding of the nginx example with its frame, and what `--diff` makes of that file. */
export async function sample(): Promise<string> {
  const report = await run(['examples/nginx-legacy']);
  const diff = await run(['--diff', 'examples/nginx-legacy']);
  const [first = ''] = report.split('\n\n');
  const hunk = diff.split('\n@@ ')[1] ?? '';
  const head = diff.split('\n').slice(0, 2).join('\n');
  return [
    '```text',
    '$ tlslint examples/nginx-legacy',
    first,
    '',
    '$ tlslint --diff examples/nginx-legacy',
    `${head}\n@@ ${hunk.trimEnd()}`,
    '…',
    '```',
  ].join('\n');
}

async function run(args: readonly string[]): Promise<string> {
  const chunks: Buffer[] = [];
  const cwd = process.cwd();
  await lintCommand(parseCommandLine(args), {
    cwd,
    env: {},
    host: diskHost(cwd),
    paint: plain,
    version: '0.0.0',
    self: { pid: process.pid, host: 'localhost', isAlive: () => true, random: () => 'x' },
    atSignal: () => {},
    stdin: async () => new Uint8Array(),
    stdout: chunk => void chunks.push(Buffer.from(chunk)),
    stderr: () => {},
  });
  return Buffer.concat(chunks).toString('utf8');
}
