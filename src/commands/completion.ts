/** `tlslint completion SHELL`: completions, made from the tables of commands and options. */

import { DIALECT_IDS } from '../model/servers.js';
import { closest } from '../options/closest.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import {
  COMMAND_NAMES,
  COMMANDS,
  type Command,
  meaning,
  meanings,
  type OptionRow,
  optionRows,
} from '../options/table.js';
import { rules } from '../rules/index.js';
import type { ExitCode, Io } from './io.js';

const SHELLS: Readonly<Record<string, () => string>> = { bash, zsh, fish };

export async function completionCommand({ positionals }: CommandLine, io: Io): Promise<ExitCode> {
  const [shell, ...rest] = positionals;
  const names = Object.keys(SHELLS);
  if (shell === undefined || rest.length > 0)
    throw new UsageError('Expected `tlslint completion bash`, `zsh` or `fish`');
  if (!names.includes(shell)) {
    const close = closest(shell, names);
    throw new UsageError(
      `Unexpected shell \`${shell}\`, ${close ? `did you mean \`${close}\`?` : 'expected `bash`, `zsh` or `fish`'}`,
    );
  }
  io.stdout(SHELLS[shell]!());
  return 0;
}

const commands = COMMAND_NAMES;
const rows: ReadonlyArray<readonly [string, OptionRow]> = optionRows();

/** What follows an option or a command; `undefined` where it is a file. */
function valuesOf(name: string, row: OptionRow): readonly string[] | undefined {
  if (row.choices) return row.choices;
  if (row.value?.startsWith('RULE')) return ruleIds();
  return VALUES[name];
}

const VALUES: Readonly<Record<string, readonly string[]>> = {
  policy: ['intermediate', 'modern', 'old', 'rfc8996', 'pci', 'nist', 'cis'],
  server: [...DIALECT_IDS, ...DIALECT_IDS.map(id => `${id}@`)],
  openssl: ['1.1.1', '3.0', '3.5'],
  'security-level': ['0', '1', '2', '3', '4', '5'],
};

/** Words behind a command; files where there are none here. */
const WORDS: Readonly<Partial<Record<Command, () => readonly string[]>>> = {
  explain: ruleIds,
  config: () => ['validate'],
  completion: () => Object.keys(SHELLS),
};

function ruleIds(): string[] {
  return rules.map(({ meta }) => meta.id);
}

function namesOf(command: Command): string[] {
  return rows.filter(([, row]) => meaning(row, command)).flatMap(([name, row]) => spellings(name, row));
}

function spellings(name: string, { alias, short }: OptionRow): string[] {
  return [`--${name}`, ...(alias ? [`--${alias}`] : []), ...(short ? [`-${short}`] : [])];
}

function bash(): string {
  const values = rows.flatMap(([name, row]) => (valuesOf(name, row) ? [bashValues(name, row)] : []));
  const withFile = rows
    .filter(([name, row]) => row.type === 'string' && !valuesOf(name, row))
    .flatMap(([name, row]) => spellings(name, row));
  const options = commands.map(command => `      ${command}) words='${namesOf(command).join(' ')}' ;;`);
  const words = commands.flatMap(command => {
    const own = WORDS[command]?.();
    return own ? [`      ${command}) words='${own.join(' ')}' ;;`] : [];
  });
  return `# tlslint completion bash; load it with: source <(tlslint completion bash)
_tlslint() {
  local cur prev command words=''
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  # bash parts words at "=".
  [[ $cur == = ]] && cur=''
  [[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD-2]}
  command=lint
  case "\${COMP_WORDS[1]}" in ${commands.join('|')}) (( COMP_CWORD > 1 )) && command=\${COMP_WORDS[1]} ;; esac
  case "$prev" in
${values.join('\n')}
    ${withFile.join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  if [[ -z $words && $cur == -* ]]; then
    case "$command" in
${options.join('\n')}
    esac
  elif [[ -z $words ]]; then
    case "$command" in
${words.join('\n')}
    esac
    (( COMP_CWORD == 1 )) && words='${commands.join(' ')}'
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
  COMPREPLY+=($(compgen -W "$words" -- "$cur"))
}
complete -o filenames -F _tlslint tlslint
`;
}

/** One that is for other commands has other words there. */
function bashValues(name: string, row: OptionRow): string {
  const [usual, ...others] = meanings(row);
  const cases = others.map(each => `${each.commands?.join('|')}) words='${valuesOf(name, each)?.join(' ') ?? ''}' ;; `);
  const words = `words='${valuesOf(name, usual!)?.join(' ') ?? ''}'`;
  const choice = others.length === 0 ? words : `case "$command" in ${cases.join('')}*) ${words} ;; esac`;
  return `    ${spellings(name, row).join('|')}) ${choice} ;;`;
}

function zsh(): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''");
  const escaped = (text: string) => quoted(text).replace(/[[\]:\\]/g, '\\$&');
  const specs = (command: Command) =>
    rows
      .flatMap(([name, row]) => [{ name, row: meaning(row, command) }])
      .flatMap(({ name, row }) => {
        if (!row) return [];
        const words = valuesOf(name, row);
        const value = row.type === 'boolean' ? '' : `:${row.value ?? ''}:${words ? `(${words.join(' ')})` : '_files'}`;
        const many = row.multiple ? '*' : '';
        return spellings(name, row).map(
          each =>
            `        '${many}${each}${value !== '' && each.startsWith('--') ? '=' : ''}[${escaped(row.help)}]${value.replaceAll("'", '')}'`,
        );
      });
  const cases = commands.map(command => {
    const own = WORDS[command]?.();
    const rest = own ? `'*:word:(${own.join(' ')})'` : "'*:file:_files'";
    return `    ${command})\n      _arguments \\\n${specs(command).join(' \\\n')} \\\n        ${rest} ;;`;
  });
  const described = commands.map(name => `      '${name}:${escaped(COMMANDS[name].help)}'`);
  return `#compdef tlslint
# tlslint completion zsh; write it to a file _tlslint in a directory of $fpath
_tlslint() {
  local command=lint
  local -a known
  known=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command known
    _files
    return
  fi
  if (( \${known[(I)$words[2]:*]} )); then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _tlslint ]]; then _tlslint "$@"; else compdef _tlslint tlslint; fi
`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const used = `__fish_seen_subcommand_from ${commands.join(' ')}`;
  const lines = commands.map(
    name => `complete -c tlslint -n 'not ${used}' -a ${name} -d ${quoted(COMMANDS[name].help)}`,
  );
  for (const [name, row] of rows) {
    for (const each of meanings(row)) {
      lines.push(fishOption(name, each, quoted));
      if (row.alias) lines.push(fishOption(row.alias, each, quoted));
    }
  }
  for (const command of commands) {
    const own = WORDS[command]?.();
    if (own)
      lines.push(`complete -c tlslint -f -n '__fish_seen_subcommand_from ${command}' -a ${quoted(own.join(' '))}`);
  }
  return `# tlslint completion fish; write it to ~/.config/fish/completions/tlslint.fish\n${lines.join('\n')}\n`;
}

function fishOption(name: string, row: OptionRow, quoted: (text: string) => string): string {
  const others = commands.filter(command => command !== 'lint' && !row.commands?.includes(command));
  // Without a word it is `lint`.
  const test = row.commands?.includes('lint')
    ? `not __fish_seen_subcommand_from ${others.join(' ')}`
    : `__fish_seen_subcommand_from ${row.commands?.join(' ')}`;
  const condition = row.commands ? [`-n '${test}'`] : [];
  const words = valuesOf(name, row);
  const value = row.type === 'boolean' ? [] : words ? ['-x', `-a ${quoted(words.join(' '))}`] : ['-r'];
  const short = row.short ? [`-s ${row.short}`] : [];
  return ['complete -c tlslint', ...condition, `-l ${name}`, ...short, ...value, `-d ${quoted(row.help)}`].join(' ');
}
