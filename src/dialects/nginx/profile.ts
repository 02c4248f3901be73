/** A server's TLS settings as one value, with the places they come from. */
import { namesEc } from '../../model/assumed-key.js';
import type { KeyType } from '../../model/openssl.js';
import { type Inherited, inForce } from './resolve.js';
import type { Item, Scope } from './scope.js';
import type { Profile } from './tls.js';

/** Prefix of the directives of one use: `ssl_` of a server, `proxy_ssl_` of a hop to an upstream. */
export type Family = 'ssl' | 'proxy_ssl' | 'grpc_ssl' | 'uwsgi_ssl';

export interface Sourced {
  readonly profile: Profile;
  /** Equal for profiles that mean the same. */
  readonly key: string;
  readonly protocols: readonly Item[];
  readonly commands: readonly Item[];
  /** Why what is read may not be all. */
  readonly gap: string | undefined;
  readonly certificates: readonly Item[];
  /** Of the certificates, where they can be read; read when it is asked for. */
  keys(): readonly KeyType[];
  readonly ciphers: Item | undefined;
  readonly curve: Item | undefined;
}

export type KeyOf = (path: string) => KeyType;

/** What directives say, without where they stand: shared by all that say it in the same words. */
interface Meaning {
  readonly profile: Profile;
  /** Short, since offers are remembered by it. */
  readonly key: string;
  readonly variable: string | undefined;
}

/** The same object for the same scope and family. */
export function createProfiles(fragment: boolean, keyOf: KeyOf): (scope: Scope, family: Family) => Sourced {
  const meanings = new Map<string, Meaning>();
  const known: Record<Family, Map<Scope, Sourced>> = {
    ssl: new Map(),
    proxy_ssl: new Map(),
    grpc_ssl: new Map(),
    uwsgi_ssl: new Map(),
  };
  const create = (scope: Scope, family: Family): Sourced => {
    const found = find(scope, family, fragment);
    const mayBeEc = found.certificates.some(({ node }) => namesEc(node.args[0] ?? ''));
    const text = textOf(found, family, mayBeEc);
    let meaning = meanings.get(text);
    if (!meaning) {
      meaning = meaningOf(found, family, mayBeEc, String(meanings.size));
      meanings.set(text, meaning);
    }
    return new SourcedProfile(meaning, found, keyOf);
  };
  return (scope, family) => {
    const ofFamily = known[family];
    let sourced = ofFamily.get(scope);
    if (!sourced) {
      sourced = create(scope, family);
      ofFamily.set(scope, sourced);
    }
    return sourced;
  };
}

/** A class for its prototype: there is one for each server. */
class SourcedProfile implements Sourced {
  readonly #meaning: Meaning;
  readonly protocols: readonly Item[];
  readonly commands: readonly Item[];
  readonly gap: string | undefined;
  readonly certificates: readonly Item[];
  readonly ciphers: Item | undefined;
  readonly curve: Item | undefined;
  readonly #keyOf: KeyOf;

  constructor(meaning: Meaning, { protocols, commands, ciphers, curves, certificates }: Found, keyOf: KeyOf) {
    this.#meaning = meaning;
    this.protocols = protocols.items;
    this.commands = commands.items;
    this.gap = protocols.gap ?? commands.gap ?? meaning.variable;
    this.certificates = certificates;
    this.ciphers = ciphers.at(-1);
    this.curve = curves.at(-1);
    this.#keyOf = keyOf;
  }

  get profile(): Profile {
    return this.#meaning.profile;
  }

  get key(): string {
    return this.#meaning.key;
  }

  keys(): readonly KeyType[] {
    return this.certificates.map(item => this.#keyOf(item.node.args[0] ?? ''));
  }
}

interface Found {
  readonly protocols: Inherited;
  readonly commands: Inherited;
  readonly ciphers: readonly Item[];
  readonly curves: readonly Item[];
  readonly certificates: readonly Item[];
  readonly dhparam: readonly Item[];
}

function find(scope: Scope, family: Family, fragment: boolean): Found {
  const [protocols, commands, ciphers, curves, certificates, dhparam] = inForce(scope, ROLES[family], fragment);
  return {
    protocols: protocols!,
    commands: commands!,
    ciphers: ciphers!.items,
    curves: curves?.items ?? NO_ITEMS,
    certificates: certificates?.items ?? NO_ITEMS,
    dhparam: dhparam?.items ?? NO_ITEMS,
  };
}

const NO_ITEMS: readonly Item[] = [];

/** All that the profile hangs on, as it is written. */
function textOf({ protocols, commands, ciphers, curves, dhparam }: Found, family: Family, mayBeEc: boolean): string {
  const items = [protocols.items, commands.items, ciphers, curves, dhparam];
  let text = mayBeEc ? `${family} ec ` : family;
  for (const each of items) for (const { node, file } of each) text += file.source.text.slice(node.start, node.headEnd);
  return text;
}

function meaningOf(found: Found, family: Family, mayBeEc: boolean, key: string): Meaning {
  const { protocols, commands, ciphers, curves, dhparam } = found;
  const profile: Profile = {
    directive: ROLES[family][0]!,
    protocols: protocols.items.length > 0 ? protocols.items.flatMap(item => item.node.args) : undefined,
    commands: commands.items.map(item => item.node.args),
    ciphers: ciphers.at(-1)?.node.args[0],
    curve: curves.at(-1)?.node.args[0],
    mayBeEc,
    dh: dhparam.length > 0,
  };
  return { profile, key, variable: variableIn([...protocols.items, ...commands.items]) };
}

/** By family: the directives of `Found`, in its order; those of upstreams have not all. */
const ROLES: Record<Family, readonly string[]> = {
  ssl: ['ssl_protocols', 'ssl_conf_command', 'ssl_ciphers', 'ssl_ecdh_curve', 'ssl_certificate', 'ssl_dhparam'],
  proxy_ssl: ['proxy_ssl_protocols', 'proxy_ssl_conf_command', 'proxy_ssl_ciphers'],
  grpc_ssl: ['grpc_ssl_protocols', 'grpc_ssl_conf_command', 'grpc_ssl_ciphers'],
  uwsgi_ssl: ['uwsgi_ssl_protocols', 'uwsgi_ssl_conf_command', 'uwsgi_ssl_ciphers'],
};

/** envsubst, Jinja and ERB: the words are only there once the file is rendered. */
export function isTemplateWord(word: string): boolean {
  return /\$\{?\w|\{\{|\{%|<%|^(@@?|__|%%)[A-Za-z]\w*?\1$/.test(word);
}

function variableIn(items: readonly Item[]): string | undefined {
  for (const { node } of items) {
    const word = node.args.find(isTemplateWord);
    if (word !== undefined) return `\`${word}\` in \`${node.name}\` is a template that is not rendered yet`;
  }
  return undefined;
}
