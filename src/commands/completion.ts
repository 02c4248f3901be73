/** `tlslint completion SHELL`: completions, made from the tables of commands and options. */

import { DIALECT_IDS } from '../model/servers.js';
import { closest } from '../options/closest.js';
import { type CommandLine, UsageError } from '../options/parse.js';
import { COMMANDS, type Command, OPTIONS, type OptionRow } from '../options/table.js';
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

const commands = Object.keys(COMMANDS) as Command[];
const rows = Object.entries(OPTIONS) as Array<[string, OptionRow]>;

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
  return rows
    .filter(([, row]) => !row.commands || row.commands.includes(command))
    .flatMap(([name, row]) => [
      `--${name}`,
      ...(row.alias ? [`--${row.alias}`] : []),
      ...(row.short ? [`-${row.short}`] : []),
    ]);
}

function bash(): string {
  const values = rows.flatMap(([name, row]) => {
    const words = valuesOf(name, row);
    return words ? [`    --${name}) words='${words.join(' ')}' ;;`] : [];
  });
  const withFile = rows
    .filter(([name, row]) => row.type === 'string' && !valuesOf(name, row))
    .map(([name]) => `--${name}`);
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

function zsh(): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''");
  const escaped = (text: string) => quoted(text).replace(/[[\]:\\]/g, '\\$&');
  const specs = (command: Command) =>
    rows
      .filter(([, row]) => !row.commands || row.commands.includes(command))
      .flatMap(([name, row]) => {
        const words = valuesOf(name, row);
        const value = row.type === 'boolean' ? '' : `:${row.value ?? ''}:${words ? `(${words.join(' ')})` : '_files'}`;
        const many = row.multiple ? '*' : '';
        const names = [`--${name}`, ...(row.alias ? [`--${row.alias}`] : []), ...(row.short ? [`-${row.short}`] : [])];
        return names.map(each => `        '${many}${each}[${escaped(row.help)}]${value.replaceAll("'", '')}'`);
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
    lines.push(fishOption(name, row, quoted));
    if (row.alias) lines.push(fishOption(row.alias, row, quoted));
  }
  for (const command of commands) {
    const own = WORDS[command]?.();
    if (own)
      lines.push(`complete -c tlslint -f -n '__fish_seen_subcommand_from ${command}' -a ${quoted(own.join(' '))}`);
  }
  return `# tlslint completion fish; write it to ~/.config/fish/completions/tlslint.fish\n${lines.join('\n')}\n`;
}

function fishOption(name: string, row: OptionRow, quoted: (text: string) => string): string {
  const own = row.commands?.filter(command => command !== 'lint') ?? [];
  const others = commands.filter(command => command !== 'lint' && !own.includes(command));
  const condition = row.commands ? [`-n 'not __fish_seen_subcommand_from ${others.join(' ')}'`] : [];
  const words = valuesOf(name, row);
  const value = row.type === 'boolean' ? [] : words ? ['-x', `-a ${quoted(words.join(' '))}`] : ['-r'];
  const short = row.short ? [`-s ${row.short}`] : [];
  return ['complete -c tlslint', ...condition, `-l ${name}`, ...short, ...value, `-d ${quoted(row.help)}`].join(' ');
}
