/** The shape of `tlslint.config.json`: JSON Schema, from which `npm run docs` writes `schema.json` beside it for editors. */
import { POLICIES } from '../model/policies.js';
import { PROTOCOLS } from '../model/protocols.js';
import { DIALECT_IDS } from '../model/servers.js';
import { rules } from '../rules/index.js';

/** The part of JSON Schema 2020-12 that is used here; alternatives of `anyOf` differ in their `type`. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Absent: anything. */
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly enum?: readonly string[];
  /** A name of our own, which editors pass over. */
  readonly format?: 'server' | 'openssl';
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
}

const SEVERITY: Schema = { type: 'string', enum: ['off', 'info', 'warning', 'error'] };

const RULE: Schema = {
  anyOf: [
    SEVERITY,
    {
      type: 'object',
      properties: { severity: SEVERITY, options: { type: 'object', description: 'What the rule says it takes.' } },
      additionalProperties: false,
    },
  ],
};

const TEXT: Schema = { type: 'string', minLength: 1 };
const TEXTS: Schema = { type: 'array', items: TEXT };
const PROTOCOL_LIST: Schema = {
  type: 'array',
  minItems: 1,
  items: { type: 'string', enum: PROTOCOLS },
};

const REACH: Readonly<Record<string, Schema>> = {
  server: { type: 'string', format: 'server', description: 'The server and its version: `nginx@1.22.1`.' },
  openssl: { type: 'string', format: 'openssl', description: 'The OpenSSL that it runs with: `3.0`.' },
  opensslConf: { ...TEXT, description: 'The system-wide openssl.cnf of the target.' },
  securityLevel: { type: 'integer', minimum: 0, maximum: 5, description: 'Its default security level.' },
  prefix: { ...TEXT, description: 'Directory that absolute paths of the configuration are looked up below.' },
  define: { ...TEXTS, description: 'Parameters as `httpd -D` has them: `NAME` or `NAME=VALUE`.' },
  module: { ...TEXTS, description: 'Modules of httpd that are loaded, or with `!` are not.' },
};

const ROOT: Schema = {
  anyOf: [
    TEXT,
    {
      type: 'object',
      required: ['path'],
      properties: {
        path: { ...TEXT, description: 'The main configuration file.' },
        dialect: { type: 'string', enum: DIALECT_IDS },
        ...REACH,
      },
      additionalProperties: false,
    },
  ],
};

const POLICY: Schema = {
  description: 'The versions that must and may be offered.',
  anyOf: [
    { type: 'string', enum: POLICIES.map(({ name }) => name) },
    {
      type: 'object',
      required: ['protocols'],
      properties: {
        name: TEXT,
        protocols: { ...PROTOCOL_LIST, description: 'What may be offered.' },
        require: { ...PROTOCOL_LIST, minItems: 0, description: 'What must be offered.' },
      },
      additionalProperties: false,
    },
  ],
};

export const SCHEMA: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Configuration of tlslint (tlslint.config.json)',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    extends: {
      description: 'Configuration files of the same project that this one starts from.',
      anyOf: [TEXT, TEXTS],
    },
    roots: { type: 'array', items: ROOT, description: 'Main configuration files; linted where no path is given.' },
    ...REACH,
    policy: POLICY,
    rules: {
      type: 'object',
      description: 'Severities and options of rules, by id.',
      properties: Object.fromEntries(
        rules.map(({ meta }) => [meta.id, { description: meta.summary, ...RULE }] as const),
      ),
      additionalProperties: RULE,
    },
    baseline: { ...TEXT, description: 'Findings that were there before, as `--write-baseline` records them.' },
    ignores: { ...TEXTS, description: 'What directories are searched without, as .gitignore has it.' },
    paths: {
      type: 'object',
      description: 'Where to look for a path that is missing: `{"sites-enabled": "sites-available"}`.',
      additionalProperties: TEXT,
    },
    plugins: {
      ...TEXTS,
      description: 'Packages or files with rules. Loaded only from a file outside the linted tree, or by `--plugin`.',
    },
  },
  additionalProperties: false,
};
