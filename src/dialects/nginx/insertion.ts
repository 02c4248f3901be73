/** Where a missing `ssl_protocols` goes: once, in the widest block that is right. */
import type { Fix } from '../../../fixers/edit.js';
import { insertDirective, type NginxPlace } from '../../../fixers/nginx.js';
import type { NginxContent } from '../../../parsers/ast.js';
import type { Target } from '../../model/target.js';
import type { ProtocolRemedy } from '../../model/types.js';
import type { Facts } from './model.js';
import { nameDecides } from './offer.js';
import type { Server } from './resolve.js';
import type { Item, Scope } from './scopes.js';
import type { Wish } from './settings/ssl-conf-command.js';
import { write } from './settings/ssl-protocols.js';

/** A fix that is shown and never written. */
export function manual(reason: string): Fix {
  return { title: 'change it by hand', applicability: 'manual', edits: [], directives: [], reason };
}

/** In `http`, `stream` or `mail`, whose servers inherit it where they have none of their own (NX-M1). */
export function insertMissing(facts: Facts, remedy: ProtocolRemedy, wish: Wish, targets: readonly Target[]): Fix {
  if (facts.fragment) return manual('the file that it would be inherited from is not known');
  const scopes = new Set<Scope>();
  for (const endpoint of remedy.endpoints) {
    const place = facts.places.get(endpoint);
    if (!place || 'hop' in place) return manual('there is no block that it could stand in');
    for (const server of decidersOf(place.listener.first.server, place.server, targets)) {
      const scope = moduleOf(server);
      if (!scope?.item) return manual('there is no block that it could stand in');
      scopes.add(scope);
    }
  }
  const args = write(wish.require | wish.add);
  const statement = `ssl_protocols ${args.join(' ')};`;
  const edits = [...scopes].flatMap(scope => {
    const { node, file } = scope.item!;
    return insertDirective(file.path, file.source, placeIn(scope, node.children), statement);
  });
  return { title: `insert \`${statement.slice(0, -1)}\``, applicability: 'safe', edits, directives: ['ssl_protocols'] };
}

function decidersOf(first: Server, own: Server, targets: readonly Target[]): readonly Server[] {
  const names = targets.filter(nameDecides).length;
  if (names === 0) return [first];
  return names === targets.length ? [own] : [first, own];
}

function moduleOf({ scope }: Server): Scope | undefined {
  const parent = scope.parent;
  return parent && (parent.kind === 'http' || parent.kind === 'stream' || parent.kind === 'mail') ? parent : undefined;
}

/** Its nearest of kin; the first that is there counts. */
const SIBLINGS = [
  'ssl_prefer_server_ciphers',
  'ssl_ciphers',
  'ssl_session_cache',
  'ssl_session_timeout',
  'ssl_session_tickets',
  'ssl_ecdh_curve',
  'ssl_dhparam',
  'ssl_certificate_key',
  'ssl_certificate',
  'ssl_conf_command',
];

function placeIn(scope: Scope, children: readonly NginxContent[]): NginxPlace {
  const { node, file } = scope.item!;
  const here = (item: Item) => item.file === file && children.includes(item.node);
  for (const name of SIBLINGS) {
    const sibling = scope.settings.get(name)?.findLast(here);
    if (sibling) return { after: sibling.node, scope: node };
  }
  // The settings of a block stand before its servers and before what brings them in.
  const end = children.findIndex(each => each.type === 'directive' && (each.block || each.name === 'include'));
  const before = (end === -1 ? children : children.slice(0, end)).findLast(each => each.type === 'directive');
  return before ? { after: before, scope: node } : { first: node };
}
