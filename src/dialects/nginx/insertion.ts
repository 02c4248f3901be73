/** Where a missing `ssl_protocols` goes: once, in the widest block that is right. */
import path from 'node:path';
import type { Edit, Fix } from '../../../fixers/edit.js';
import { insertDirective, type NginxPlace } from '../../../fixers/nginx.js';
import type { NginxContent, NginxDirective } from '../../../parsers/ast.js';
import type { Target } from '../../model/target.js';
import type { ProtocolRemedy } from '../../model/types.js';
import { isHop } from './endpoint.js';
import type { Facts } from './model.js';
import { nameDecides } from './offer.js';
import type { Server } from './resolve.js';
import type { Item, Scope } from './scope.js';
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
    const place = facts.placeOf(endpoint);
    if (!place || isHop(place)) return manual('there is no block that it could stand in');
    for (const server of decidersOf(place.listener.first.server, place.server, targets)) {
      const scope = moduleOf(server);
      if (!scope?.item) return manual('there is no block that it could stand in');
      scopes.add(scope);
    }
  }
  const args = write(wish.require | wish.add);
  const statement = `ssl_protocols ${args.join(' ')};`;
  const edits = [...scopes].flatMap(scope => insertInto(facts, scope, statement));
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

function insertInto(facts: Facts, scope: Scope, statement: string): Edit[] {
  const { node, file } = scope.item!;
  const block = wholeNode(scope.item!);
  const here = siblingIn(scope, item => item.file === file && node.children.includes(item.node));
  if (here) return insertDirective(file.path, file.source, { after: here.node, scope: block }, statement);
  const brought = siblingIn(scope, item => isSettingsFile(facts, scope, item));
  if (!brought) return insertDirective(file.path, file.source, placeIn(block), statement);
  const { path: name, source } = brought.file;
  return insertDirective(name, source, { after: brought.node, scope: brought.file.parsed.tree }, statement);
}

/** The block with all that it holds. */
function wholeNode({ node, file }: Item): NginxDirective {
  let at: readonly NginxContent[] = file.parsed.tree.children;
  for (;;) {
    const around = at.findLast(each => each.start <= node.start);
    if (around?.type !== 'directive') throw new RangeError('Unexpected node of another file');
    if (around.start === node.start) return around;
    at = around.children;
  }
}

function siblingIn(scope: Scope, fits: (item: Item) => boolean): Item | undefined {
  for (const name of SIBLINGS) {
    const sibling = scope.settings.get(name)?.findLast(fits);
    if (sibling) return sibling;
  }
  return undefined;
}

/** A file of the same tree that is included here alone: what is put there holds for this block and no other. */
function isSettingsFile({ scopes }: Facts, scope: Scope, { node, file }: Item): boolean {
  const main = scope.item!.file;
  if (file === main || !file.tree.children.includes(node)) return false;
  if (!file.real.startsWith(`${path.posix.dirname(main.real)}/`)) return false;
  let readings = 0;
  for (const each of scopes) {
    for (const item of each.settings.get(node.name) ?? []) if (item.node === node) readings++;
  }
  return readings === 1;
}

function placeIn(node: NginxDirective): NginxPlace {
  const { children } = node;
  // The settings of a block stand before its servers and before what brings them in.
  const end = children.findIndex(each => each.type === 'directive' && (each.block || each.name === 'include'));
  const before = (end === -1 ? children : children.slice(0, end)).findLast(each => each.type === 'directive');
  return before ? { after: before, scope: node } : { first: node };
}
