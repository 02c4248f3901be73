/** A server's TLS settings as one value, with the places they come from. */
import { namesEc } from '../../model/assumed-key.js';
import type { KeyType } from '../../model/openssl.js';
import { inherited } from './resolve.js';
import type { Item, Scope } from './scopes.js';
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

export function sourcedProfile(scope: Scope, family: Family, fragment: boolean, keyOf: KeyOf): Sourced {
  const names = NAMES[family];
  const of = (name: string) => inherited(scope, name, fragment);
  const protocols = of(names.protocols);
  const commands = of(names.commands);
  const ciphers = of(names.ciphers).items.at(-1);
  const curve = family === 'ssl' ? of('ssl_ecdh_curve').items.at(-1) : undefined;
  const certificates = family === 'ssl' ? of('ssl_certificate').items : [];
  const profile: Profile = {
    directive: names.protocols,
    protocols: protocols.items.length > 0 ? protocols.items.flatMap(item => item.node.args) : undefined,
    commands: commands.items.map(item => item.node.args),
    ciphers: ciphers?.node.args[0],
    curve: curve?.node.args[0],
    mayBeEc: certificates.some(item => namesEc(item.node.args[0] ?? '')),
    dh: family === 'ssl' && of('ssl_dhparam').items.length > 0,
  };
  const gap = protocols.gap ?? commands.gap ?? variableIn([...protocols.items, ...commands.items]);
  return {
    profile,
    key: JSON.stringify(profile),
    protocols: protocols.items,
    commands: commands.items,
    gap,
    certificates,
    keys: () => certificates.map(item => keyOf(item.node.args[0] ?? '')),
    ciphers,
    curve,
  };
}

/** Whole names, since one that is put together for each look-up has to be hashed each time. */
const NAMES: Record<Family, { readonly protocols: string; readonly commands: string; readonly ciphers: string }> = {
  ssl: namesOf('ssl'),
  proxy_ssl: namesOf('proxy_ssl'),
  grpc_ssl: namesOf('grpc_ssl'),
  uwsgi_ssl: namesOf('uwsgi_ssl'),
};

function namesOf(family: Family) {
  return { protocols: `${family}_protocols`, commands: `${family}_conf_command`, ciphers: `${family}_ciphers` };
}

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
