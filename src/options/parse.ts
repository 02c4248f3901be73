/** Arguments to a command, its words and its flags. */
import { parseArgs } from 'node:util';
import { closest } from './closest.js';
import { COMMANDS, type Command, meaning, OPTIONS, type OptionName, type OptionRow, optionRows } from './table.js';

/** Values by option; `string[]` where the option may be repeated. */
export interface Flags {
  readonly [name: string]: string | boolean | string[] | undefined;
}

export interface CommandLine {
  readonly command: Command;
  readonly positionals: readonly string[];
  readonly flags: Flags;
}

/** What is wrong with the command line, in one line; exit code 2. */
export class UsageError extends Error {}

/**
 * Reads the arguments after the program's name. A first word that is a command is one, unless `--` comes before it.
 * @throws {UsageError} on an unknown option, a missing value, or a value that is none of the choices.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const flags: Record<string, string | boolean | string[]> = {};
  const words: string[] = [];
  let commandMayFollow = true;
  let command: Command = 'lint';
  for (const token of tokensOf(args)) {
    if (token.kind === 'option-terminator') commandMayFollow = false;
    if (token.kind === 'option') setFlag(flags, token.name, token.rawName, token.value);
    if (token.kind !== 'positional') continue;
    if (commandMayFollow && Object.hasOwn(COMMANDS, token.value)) command = token.value as Command;
    else words.push(token.value);
    commandMayFollow = false;
  }
  refuseForeignFlags(command, flags);
  return { command, positionals: words, flags };
}

function tokensOf(args: readonly string[]) {
  // Words alone need no parser, and Node loads its own when it is first called.
  if (!args.some(each => each.startsWith('-'))) return args.map(value => ({ kind: 'positional' as const, value }));
  const options = parserOptions();
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function parserOptions() {
  const options: Record<string, { type: 'boolean' | 'string'; short?: string; multiple?: boolean }> = {};
  for (const [name, row] of optionRows()) {
    const entry = { type: row.type, multiple: true, ...(row.short && { short: row.short }) };
    options[name] = entry;
    if (row.alias) options[row.alias] = { type: row.type, multiple: true };
  }
  return options;
}

function setFlag(
  flags: Record<string, string | boolean | string[]>,
  given: string,
  rawName: string,
  value: string | undefined,
): void {
  const found = optionRows().find(([name, row]) => name === given || row.alias === given);
  if (!found) throw new UsageError(unknownOption(rawName));
  const [name, row] = found;
  if (row.type === 'boolean') {
    if (value !== undefined && !row.optional) {
      throw new UsageError(`Unexpected value of \`${rawName}\`, expected none`);
    }
    flags[name] = value ?? true;
    return;
  }
  if (value === undefined) throw new UsageError(`Missing value of \`${rawName}\`, expected ${row.value}`);
  if (!row.elsewhere) refuseOtherChoice(row, rawName, value);
  flags[name] = row.multiple ? [...((flags[name] as string[] | undefined) ?? []), value] : value;
}

/** @throws {UsageError} where the value is none of those that the option has. */
function refuseOtherChoice(row: OptionRow, rawName: string, value: string): void {
  const choice = row.file ? value.split('=', 1)[0]! : value;
  if (!row.choices || row.choices.includes(choice)) return;
  throw new UsageError(`Unexpected \`${choice}\` of \`${rawName}\`, expected ${listOr(row.choices)}`);
}

function refuseForeignFlags(command: Command, flags: Flags): void {
  for (const [name, given] of Object.entries(flags)) {
    const row: OptionRow = OPTIONS[name as OptionName];
    if (row.commands && !row.commands.includes(command) && !flags.help) {
      throw new UsageError(
        `Unexpected \`--${name}\`, which belongs to \`${row.commands.join('`, `')}\`, not to \`${command}\``,
      );
    }
    // What an option takes can hang on the command, which may come behind it.
    const own = row.elsewhere && meaning(row, command);
    if (!own || flags.help) continue;
    for (const value of [given].flat()) if (typeof value === 'string') refuseOtherChoice(own, `--${name}`, value);
  }
}

function unknownOption(rawName: string): string {
  const names = optionRows().flatMap(([name, row]) => (row.alias ? [name, row.alias] : [name]));
  const close = closest(rawName.replace(/^-+/, ''), names);
  return `Unexpected option \`${rawName}\`${close ? `, did you mean \`--${close}\`?` : '; see `tlslint --help`'}`;
}

function listOr(words: readonly string[]): string {
  const quoted = words.map(word => `\`${word}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
