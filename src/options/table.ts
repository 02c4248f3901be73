/** The tables of commands and options, from which the parser, the help, completions and the manual page are made. */

export const COMMANDS = {
  lint: { usage: '[paths…]', help: 'Find and fix weak protocol settings (the default command)' },
  inspect: { usage: '[paths…]', help: 'Show what each listener and virtual host really offers' },
  probe: { usage: 'HOST[:PORT]…', help: 'Ask running servers which versions and suites they offer' },
  endpoint: { usage: '', help: 'Listen with TLS 1.2 and later alone, and tell what clients offer' },
  undo: { usage: '[PATH]', help: 'Give the files of the last `--write` below PATH, or here, their old content back' },
  rules: { usage: '', help: 'List the rules' },
  explain: { usage: 'RULE', help: 'Explain one rule, with examples and references' },
  init: { usage: '', help: 'Write a tlslint.config.json for the configurations below this directory' },
  config: { usage: 'validate [FILE]', help: 'Check the configuration file' },
  completion: { usage: 'SHELL', help: 'Print completions for bash, zsh or fish' },
  ast: { usage: 'FILE…', help: 'Print the directives of files as JSON lines' },
} as const;

export type Command = keyof typeof COMMANDS;

const DONE = '0 done, 2 usage or unreadable input, 3 a bug of tlslint';
const FOUND = '0 clean, 1 findings, 2 usage or unreadable or unparsable input, 3 a bug of tlslint';

/** What the exit codes of a command mean. */
export const EXITS: Readonly<Record<Command, string>> = {
  lint: FOUND,
  inspect: '0 shown, 2 usage or unreadable or unparsable input, 3 a bug of tlslint',
  probe:
    '0 all keep the policy, or do what the files say, 1 some do not, 2 usage, or no answer was to be had, 3 a bug of tlslint',
  endpoint: '0 the client of --exec came in, 1 it was refused, 2 usage, or it never came, 3 a bug of tlslint',
  undo: '0 done, 2 a file was not given back, 3 a bug of tlslint',
  rules: DONE,
  explain: DONE,
  init: DONE,
  config: '0 valid, 2 usage, or it is not valid, 3 a bug of tlslint',
  completion: DONE,
  ast: DONE,
};

export const COMMAND_NAMES = Object.keys(COMMANDS) as Command[];

export interface OptionRow {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** Another name for the same option. */
  readonly alias?: string;
  /** How the value is called in the help. */
  readonly value?: string;
  readonly multiple?: true;
  /** The only values it takes. */
  readonly choices?: readonly string[];
  /** A value may follow behind `=`. */
  readonly optional?: true;
  /** `CHOICE=FILE` is taken as well. */
  readonly file?: true;
  readonly help: string;
  readonly group: 'Fixing' | 'Input' | 'Target' | 'Asking' | 'Listening' | 'Judging' | 'Output' | 'Other';
  /** Absent: every command. */
  readonly commands?: readonly Command[];
  /** What it means to some of its commands in place of the above. */
  readonly elsewhere?: readonly OptionVariant[];
}

interface OptionVariant extends Pick<OptionRow, 'value' | 'choices' | 'help'> {
  readonly commands: readonly Command[];
}

const LINT = ['lint'] as const;
const READING = ['lint', 'inspect'] as const;
const MODELLING = ['lint', 'inspect', 'probe'] as const;
const PROBE = ['probe'] as const;
const ENDPOINT = ['endpoint'] as const;
const CONFIGURED = ['lint', 'inspect', 'config'] as const;

/** In the order of the help. */
export const OPTIONS = {
  write: { type: 'boolean', alias: 'fix', group: 'Fixing', commands: LINT, help: 'Write safe fixes into the files' },
  diff: {
    type: 'boolean',
    group: 'Fixing',
    commands: LINT,
    help: 'Print the fixes as a unified diff on stdout and write nothing',
  },
  'output-dir': {
    type: 'string',
    value: 'DIR',
    group: 'Fixing',
    commands: LINT,
    help: 'Write patched copies and one .diff below DIR; the originals stay',
  },
  'unsafe-fixes': {
    type: 'boolean',
    group: 'Fixing',
    commands: LINT,
    help: 'Apply also fixes that may lock a client out or rest on files not seen',
  },
  'in-place': {
    type: 'boolean',
    group: 'Fixing',
    commands: LINT,
    help: 'Overwrite files that can’t be replaced atomically (hard links, bind mounts), with a backup',
  },
  verify: {
    type: 'string',
    value: 'COMMAND',
    group: 'Fixing',
    commands: LINT,
    help: 'Run this after writing, such as `nginx -t`, without a shell; where it fails, take all back',
  },
  root: {
    type: 'string',
    value: 'FILE',
    group: 'Input',
    commands: READING,
    help: 'The main configuration file that the given fragments belong to',
  },
  prefix: {
    type: 'string',
    value: 'DIR',
    group: 'Input',
    commands: MODELLING,
    help: 'Look up absolute paths of the configuration below DIR (a checked-out tree)',
  },
  stdin: {
    type: 'boolean',
    group: 'Input',
    commands: READING,
    help: 'Read one file, or an `nginx -T` dump, from stdin (also: -)',
  },
  'stdin-filename': {
    type: 'string',
    value: 'F',
    group: 'Input',
    commands: READING,
    help: 'The path that the text on stdin is judged as',
  },
  define: {
    type: 'string',
    short: 'D',
    value: 'NAME[=VALUE]',
    multiple: true,
    group: 'Input',
    commands: MODELLING,
    help: 'Define a parameter as `httpd -D` does',
  },
  module: {
    type: 'string',
    value: '[!]NAME',
    multiple: true,
    group: 'Input',
    commands: MODELLING,
    help: 'An httpd module that is loaded, or with ! is not (`ssl_module`, `!mod_ssl.c`)',
  },
  'force-exclude': {
    type: 'boolean',
    group: 'Input',
    commands: READING,
    help: 'Pass by named files that are ignored or no nginx or Apache configuration (for git hooks)',
  },
  config: {
    type: 'string',
    value: 'FILE',
    group: 'Input',
    commands: [...CONFIGURED, 'probe'],
    help: 'Use this configuration of tlslint instead of the tlslint.config.json found upwards',
    elsewhere: [
      {
        commands: PROBE,
        value: 'ROOT',
        help: 'Compare what runs with this main configuration file of a server (not one of tlslint)',
      },
    ],
  },
  'no-config': { type: 'boolean', group: 'Input', commands: MODELLING, help: 'Use no configuration file' },
  'print-config': {
    type: 'boolean',
    group: 'Input',
    commands: LINT,
    help: 'Print what flags and files come to, and stop',
  },
  plugin: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    group: 'Input',
    commands: LINT,
    help: 'Load rules from this package or file',
  },
  server: {
    type: 'string',
    value: 'NAME[@VERSION]',
    group: 'Target',
    commands: ['lint', 'inspect', 'probe', 'ast'],
    help: 'Judge for this server: `nginx@1.22.1`, `apache@2.4.57`, `windows@2019`, `dotnet@4.8`',
  },
  openssl: {
    type: 'string',
    value: 'VERSION',
    group: 'Target',
    commands: MODELLING,
    help: 'Judge for this OpenSSL: `3.0`',
  },
  'openssl-conf': {
    type: 'string',
    value: 'FILE',
    group: 'Target',
    commands: MODELLING,
    help: 'The system-wide openssl.cnf of the target',
  },
  'security-level': {
    type: 'string',
    value: 'N',
    group: 'Target',
    commands: MODELLING,
    help: 'The default security level of the target’s OpenSSL (0 to 5)',
  },
  connect: {
    type: 'string',
    value: 'ADDR:PORT',
    group: 'Target',
    commands: ['inspect'],
    help: 'Ask what a client gets that connects here',
  },
  servername: {
    type: 'string',
    value: 'NAME',
    group: 'Target',
    commands: ['inspect', 'probe'],
    help: 'The name that the client sends (SNI)',
  },
  via: {
    type: 'string',
    value: 'ADDR[:PORT]',
    group: 'Asking',
    commands: PROBE,
    help: 'With --config: connect here instead of to the listeners',
  },
  starttls: {
    type: 'string',
    value: 'PROTOCOL',
    choices: ['smtp', 'imap', 'pop3', 'ftp', 'ldap', 'postgres', 'xmpp', 'sieve'],
    group: 'Asking',
    commands: PROBE,
    help: 'Start TLS within smtp, imap, pop3, ftp, ldap, postgres, xmpp or sieve',
  },
  ciphers: {
    type: 'boolean',
    group: 'Asking',
    commands: PROBE,
    help: 'List the suites of each version in the server’s order',
  },
  min: {
    type: 'string',
    value: 'VERSION',
    choices: ['tls12', 'tls13'],
    group: 'Listening',
    commands: ENDPOINT,
    help: 'The oldest version that is taken: tls12 (default) or tls13',
  },
  host: {
    type: 'string',
    value: 'ADDR',
    group: 'Listening',
    commands: ENDPOINT,
    help: 'The address to listen on (127.0.0.1)',
  },
  port: {
    type: 'string',
    value: 'N',
    group: 'Listening',
    commands: ENDPOINT,
    help: 'The port to listen on (20443; with --exec any that is free)',
  },
  cert: {
    type: 'string',
    value: 'FILE',
    group: 'Listening',
    commands: ENDPOINT,
    help: 'A certificate chain in PEM instead of one that is made on start',
  },
  key: { type: 'string', value: 'FILE', group: 'Listening', commands: ENDPOINT, help: 'Its private key in PEM' },
  'ca-file': {
    type: 'string',
    value: 'FILE',
    group: 'Listening',
    commands: ENDPOINT,
    help: 'Write the certificate that a client has to trust into FILE',
  },
  exec: {
    type: 'string',
    value: 'COMMAND',
    group: 'Listening',
    commands: ENDPOINT,
    help: 'Start a client (`curl -s {url}`; {host}, {port}, {ca} and Java’s {truststore} too), report on it and stop',
  },
  json: { type: 'boolean', group: 'Output', commands: ENDPOINT, help: 'Report as JSON lines' },
  ipv4: { type: 'boolean', short: '4', group: 'Asking', commands: PROBE, help: 'Ask IPv4 addresses alone' },
  ipv6: { type: 'boolean', short: '6', group: 'Asking', commands: PROBE, help: 'Ask IPv6 addresses alone' },
  timeout: {
    type: 'string',
    value: 'SECONDS',
    group: 'Asking',
    commands: ['probe', 'endpoint'],
    help: 'How long one connection may take (5)',
    elsewhere: [{ commands: ENDPOINT, value: 'SECONDS', help: 'How long to wait for the client of --exec (60)' }],
  },
  retries: {
    type: 'string',
    value: 'N',
    group: 'Asking',
    commands: PROBE,
    help: 'How often a question without an answer is asked again (1)',
  },
  rate: {
    type: 'string',
    value: 'N',
    group: 'Asking',
    commands: PROBE,
    help: 'Connections in one second, over all servers (100)',
  },
  expect: {
    type: 'string',
    value: 'VERSIONS',
    group: 'Judging',
    commands: PROBE,
    help: 'Instead of a policy: `tls12+` (nothing older), `tls12,tls13` (exactly these), `!tls10,!tls11` (none of these)',
  },
  policy: {
    type: 'string',
    value: 'NAME',
    group: 'Judging',
    commands: ['lint', 'probe'],
    help: 'intermediate (default), modern, old, rfc8996, pci, nist, cis, or one of the configuration file',
  },
  only: {
    type: 'string',
    value: 'RULE',
    multiple: true,
    group: 'Judging',
    commands: LINT,
    help: 'Run this rule alone (may be repeated)',
  },
  skip: {
    type: 'string',
    value: 'RULE',
    multiple: true,
    group: 'Judging',
    commands: LINT,
    help: 'Leave this rule out (may be repeated)',
  },
  rule: {
    type: 'string',
    value: 'RULE=SEVERITY',
    multiple: true,
    group: 'Judging',
    commands: LINT,
    help: 'Report a rule as off, info, warning or error (may be repeated)',
  },
  'fail-on': {
    type: 'string',
    value: 'SEVERITY',
    choices: ['error', 'warning', 'info', 'none'],
    group: 'Judging',
    commands: LINT,
    help: 'Exit with 1 from this severity on: error, warning (default), info or none',
  },
  'max-warnings': {
    type: 'string',
    value: 'N',
    group: 'Judging',
    commands: LINT,
    help: 'Exit with 1 for warnings only when there are more than N',
  },
  'list-files': {
    type: 'boolean',
    group: 'Output',
    commands: LINT,
    help: 'Print the files that would be judged and stop',
  },
  baseline: {
    type: 'string',
    value: 'FILE',
    group: 'Judging',
    commands: LINT,
    help: 'Neither report nor fix the findings that FILE records',
  },
  'no-baseline': {
    type: 'boolean',
    group: 'Judging',
    commands: LINT,
    help: 'Report and fix all, also where the configuration file names a baseline',
  },
  'write-baseline': {
    type: 'boolean',
    value: '[=FILE]',
    optional: true,
    group: 'Judging',
    commands: LINT,
    help: 'Record all findings in FILE (else the baseline that is in use, else tlslint-baseline.json)',
  },
  quiet: { type: 'boolean', short: 'q', group: 'Output', commands: LINT, help: 'Report errors only' },
  'exit-zero': { type: 'boolean', group: 'Output', commands: LINT, help: 'Exit with 0 although there are findings' },
  format: {
    type: 'string',
    value: 'NAME[=FILE]',
    multiple: true,
    file: true,
    group: 'Output',
    choices: ['text', 'compact', 'json', 'sarif', 'github', 'gitlab', 'junit', 'checkstyle', 'rdjson'],
    commands: ['lint', 'inspect', 'probe', 'rules'],
    help: 'text, compact, json, sarif, github, gitlab, junit, checkstyle or rdjson; once per place',
    elsewhere: [
      {
        commands: ['inspect', 'rules'],
        value: 'NAME',
        choices: ['text', 'json'],
        help: 'text (default) or json',
      },
      {
        // The others tell of places in files.
        commands: PROBE,
        value: 'NAME[=FILE]',
        choices: ['text', 'compact', 'json', 'github', 'junit'],
        help: 'text (default), compact, json, github or junit; once per place',
      },
    ],
  },
  color: {
    type: 'string',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    group: 'Output',
    help: 'auto (default), always or never',
  },
  help: { type: 'boolean', short: 'h', group: 'Other', help: 'Show this help' },
  version: { type: 'boolean', short: 'V', group: 'Other', help: 'Show the version' },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof OPTIONS;

/** A row for each meaning of an option; no command is in two. */
export function meanings(row: OptionRow): OptionRow[] {
  const { elsewhere = [], ...usual } = row;
  const taken = elsewhere.flatMap(({ commands }) => commands);
  const commands = (row.commands ?? COMMAND_NAMES).filter(command => !taken.includes(command));
  return [row.elsewhere ? { ...usual, commands } : usual, ...elsewhere.map(each => ({ ...usual, ...each }))];
}

/** What an option means to one command; `undefined` where it does not take it. */
export function meaning(row: OptionRow, command: Command): OptionRow | undefined {
  return meanings(row).find(({ commands }) => !commands || commands.includes(command));
}

/** In the order of the help. */
export function optionRows(): Array<[OptionName, OptionRow]> {
  return Object.entries(OPTIONS) as Array<[OptionName, OptionRow]>;
}
