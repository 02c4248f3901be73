/** The manual page, from the tables of commands and options. */
import { COMMANDS, meanings, type OptionRow, optionRows } from '../../src/options/table.js';
import { VERSION } from '../../src/version.js';

export function manPage(): string {
  const commands = Object.entries(COMMANDS).map(
    ([name, { usage, help }]) => `.TP\n.B ${roff(`${name} ${usage}`.trim())}\n${roff(help)}.`,
  );
  const groups = new Map<string, string[]>();
  for (const [name, row] of optionRows()) {
    const texts = meanings(row).map(each => optionText(name, each));
    groups.set(row.group, [...(groups.get(row.group) ?? []), ...texts]);
  }
  const options = [...groups].map(([group, rows]) => `.SS ${group}\n${rows.join('\n')}`);
  return `${[
    `.TH TLSLINT 1 "" "tlslint ${VERSION}" "User Commands"`,
    '.SH NAME\ntlslint \\- find and fix weak TLS settings in nginx and Apache httpd configuration',
    '.SH SYNOPSIS\n.B tlslint\n[\\fIpaths\\fR...] [\\fIoptions\\fR]\n.br\n.B tlslint\n\\fIcommand\\fR [\\fIoptions\\fR]',
    '.SH DESCRIPTION\nLoads the configuration with all that it includes, works out what each listener and virtual host\nreally offers, and reports and fixes what the policy rules out.\nWithout a path, the roots of the configuration file are read, else the servers installed on this machine.',
    `.SH COMMANDS\n${commands.join('\n')}`,
    `.SH OPTIONS\n${options.join('\n')}`,
    '.SH EXIT STATUS\n.TP\n.B 0\nClean.\n.TP\n.B 1\nFindings.\n.TP\n.B 2\nWrong usage, or input that can not be read or parsed.\n.TP\n.B 3\nA bug of tlslint.',
    '.SH FILES\n.TP\n.I tlslint.config.json\nThe configuration file, looked for upwards from the linted paths to the root of the git repository.\n.TP\n.I .tlslintignore\nWhat directories are searched without, in the syntax of .gitignore.',
    '.SH SEE ALSO\n.BR nginx (8),\n.BR apache2 (8),\n.BR openssl (1)',
  ].join('\n')}\n`;
}

function optionText(name: string, row: OptionRow): string {
  const names = [...(row.short ? [`-${row.short}`] : []), `--${name}`, ...(row.alias ? [`--${row.alias}`] : [])];
  const value = row.value ? `${row.optional ? '' : ' '}\\fI${roff(row.value)}\\fR` : '';
  const only = row.commands ? ` (${row.commands.join(', ')})` : '';
  return `.TP\n${names.map(each => `\\fB${roff(each)}\\fR`).join(', ')}${value}\n${roff(row.help + only)}.`;
}

/** Backslashes, and what groff would make typographic, escaped; a line must not begin as a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('`', '')
    .replaceAll('’', "'")
    .replaceAll('…', '...')
    .replace(/^[.']/gm, '\\&$&');
}
