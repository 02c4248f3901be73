/** The table of options of the README, from the one that the program reads its arguments by. */
import { OPTIONS } from '../../src/options/table.js';

interface Row {
  readonly short?: string;
  readonly alias?: string;
  readonly value?: string;
  readonly optional?: true;
  readonly help: string;
  readonly group: string;
  readonly commands?: readonly string[];
}

export function optionsTable(): string {
  const rows = Object.entries(OPTIONS as Record<string, Row>).map(([name, row]) => {
    const names = [row.short && `-${row.short}`, `--${name}`, row.alias && `--${row.alias}`].filter(Boolean).join(', ');
    const commands = row.commands ? row.commands.join(', ') : 'all';
    return `| \`${names}${row.value ? `${row.optional ? '' : ' '}${row.value}` : ''}\` | ${commands} | ${row.help.replaceAll('|', '\\|')} |`;
  });
  return ['| option | for | what it does |', '|---|---|---|', ...rows].join('\n');
}
