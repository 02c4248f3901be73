import test from 'ava';
import { closest } from '../src/options/closest.js';
import { helpText } from '../src/options/help.js';
import { parseCommandLine, UsageError } from '../src/options/parse.js';
import { COMMAND_NAMES, meanings, OPTIONS, optionRows } from '../src/options/table.js';

test('no command is `lint`, and words are paths', t => {
  const line = parseCommandLine(['--diff', '/etc/nginx', 'b.conf']);
  t.is(line.command, 'lint');
  t.deepEqual(line.positionals, ['/etc/nginx', 'b.conf']);
  t.true(line.flags.diff);
});

test('a first word that is a command is one, unless `--` comes before it', t => {
  t.is(parseCommandLine(['inspect', 'inspect']).command, 'inspect');
  t.deepEqual(parseCommandLine(['inspect', 'inspect']).positionals, ['inspect']);
  t.is(parseCommandLine(['--', 'inspect']).command, 'lint');
});

test('`--fix` is `--write`', t => {
  t.true(parseCommandLine(['--fix']).flags.write);
});

test('a repeatable option gathers its values, another keeps the last', t => {
  t.deepEqual(parseCommandLine(['-D', 'A', '--define=B=1']).flags.define, ['A', 'B=1']);
  t.is(parseCommandLine(['--policy', 'old', '--policy=modern']).flags.policy, 'modern');
});

const refused: Array<[string[], RegExp]> = [
  [['--dif'], /did you mean `--diff`\?/],
  [['--zzzzzzzz'], /tlslint --help/],
  [['--server'], /Missing value of `--server`/],
  [['--write=1'], /expected none/],
  [['--color', 'jsn'], /expected `auto`, `always` or `never`/],
  [['inspect', '--write'], /belongs to `lint`/],
];
for (const [args, message] of refused) {
  test(`refused: ${args.join(' ')}`, t => {
    const error = t.throws(() => parseCommandLine(args), { instanceOf: UsageError });
    t.regex(error.message, message);
  });
}

test('the help of the default command names every option that it takes', t => {
  const help = helpText('lint');
  for (const [name, row] of Object.entries(OPTIONS)) {
    const foreign = 'commands' in row && !(row.commands as readonly string[]).includes('lint');
    t.is(help.includes(`--${name}`), !foreign, name);
  }
});

test('an option that means different things is explained to each command as it takes it', t => {
  t.regex(helpText('lint'), /--config FILE .*tlslint\.config\.json/);
  t.regex(helpText('probe'), /--config ROOT .*main configuration file of a server/);
  t.regex(helpText('lint'), /--format NAME\[=FILE\]\s+text, compact, json, sarif/);
  const formats = { probe: 'text (default), compact, json, github or junit; once per place' };
  for (const command of ['probe', 'inspect', 'rules'] as const) {
    const expected = { inspect: 'text (default) or json', rules: 'text (default) or json', ...formats }[command];
    t.true(helpText(command).includes(expected), command);
    t.notRegex(helpText(command), /sarif/, command);
  }
  for (const [name, row] of optionRows()) {
    const named = meanings(row).flatMap(({ commands }) => commands ?? COMMAND_NAMES);
    t.deepEqual([...new Set(named)].sort(), [...(row.commands ?? COMMAND_NAMES)].sort(), name);
    t.is(new Set(named).size, named.length, name);
  }
});

test('the help of a command says how it is called and what its exit codes mean', t => {
  for (const command of COMMAND_NAMES) t.regex(helpText(command), /^Usage: tlslint(?: \S+)+ \[options\]\n/, command);
  t.regex(helpText('lint'), /Exit codes: 0 clean, 1 findings,/);
  t.regex(helpText('endpoint'), /Exit codes: .* 1 it was refused,/);
  t.notRegex(helpText('rules'), /findings/);
});

test('`closest` finds what was meant and nothing far away', t => {
  t.is(closest('servr', ['server', 'prefix']), 'server');
  t.is(closest('xyz', ['server', 'prefix']), undefined);
});
