/** The table of options of the README, from the one that the program reads its arguments by. */
import { meanings, type OptionRow, optionRows } from '../../src/options/table.js';

export function optionsTable(): string {
  const rows = optionRows().flatMap(([name, row]) => meanings(row).map(each => tableRow(name, each)));
  return ['| option | for | what it does |', '|---|---|---|', ...rows].join('\n');
}

function tableRow(name: string, { short, alias, value, optional, commands, help }: OptionRow): string {
  const names = [short && `-${short}`, `--${name}`, alias && `--${alias}`].filter(Boolean).join(', ');
  const shown = `${names}${value ? `${optional ? '' : ' '}${value}` : ''}`;
  return `| \`${shown}\` | ${commands?.join(', ') ?? 'all'} | ${help.replaceAll('|', '\\|')} |`;
}
