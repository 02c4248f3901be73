/** `--help`. */
import { COMMANDS, type Command, EXITS, meaning, type OptionRow, optionRows } from './table.js';

/** `--help`, for the whole or for one command. */
export function helpText(command: Command): string {
  const words = ['tlslint', command === 'lint' ? '' : command, COMMANDS[command].usage, '[options]'];
  const parts = [`Usage: ${words.filter(Boolean).join(' ')}`, '', `${COMMANDS[command].help}.`];
  if (command === 'lint') parts.push('', 'Commands:', ...commandLines());
  const groups = new Map<string, string[]>();
  for (const [name, each] of optionRows()) {
    const row = meaning(each, command);
    if (row) groups.set(row.group, [...(groups.get(row.group) ?? []), optionLine(name, row)]);
  }
  for (const [group, lines] of groups) parts.push('', `${group}:`, ...lines);
  parts.push('', `Exit codes: ${EXITS[command]}.`, '');
  return parts.join('\n');
}

function commandLines(): string[] {
  return Object.entries(COMMANDS).map(([name, { usage, help }]) => `  ${`${name} ${usage}`.padEnd(24)} ${help}`);
}

function optionLine(name: string, row: OptionRow): string {
  const long = `--${name}${row.alias ? `, --${row.alias}` : ''}${row.value ? `${row.optional ? '' : ' '}${row.value}` : ''}`;
  const left = `  ${row.short ? `-${row.short}, ` : ''}${long}`;
  return left.length <= 26 ? `${left.padEnd(27)}${row.help}` : `${left}\n${' '.repeat(27)}${row.help}`;
}
