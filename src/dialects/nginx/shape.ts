/** Servers that say the same, so that what is worked out for one holds for all of them. */
import { namesEc } from '../../model/assumed-key.js';
import type { Item, Scope } from './scope.js';

/**
 * What servers have in common that stand in one block and hold the same directives in the same words and order, but for the
 * names and the certificates that are written. A control panel writes ten thousand of one shape.
 */
export interface Shape {
  /** The first of them. */
  readonly sample: Scope;
}

/** The same object for scopes of one shape. */
export function createShapes(): (scope: Scope) => Shape {
  const byParent = new Map<Scope | undefined, Map<string, Shape>>();
  return scope => {
    // Something is not seen there, or is refused: it is looked at by itself.
    if (scope.gaps.length > 0 || scope.odd.length > 0) return { sample: scope };
    let shapes = byParent.get(scope.parent);
    if (!shapes) {
      shapes = new Map();
      byParent.set(scope.parent, shapes);
    }
    const text = textOf(scope);
    let shape = shapes.get(text);
    if (!shape) {
      shape = { sample: scope };
      shapes.set(text, shape);
    }
    return shape;
  };
}

function textOf({ item, settings }: Scope): string {
  let text = item ? wordsOf(item) : '';
  for (const each of settings.items()) text += OWN.has(each.node.name) ? outlineOf(each) : wordsOf(each);
  return text;
}

/** What each site has its own of. */
const OWN = new Set(['server_name', 'ssl_certificate', 'ssl_certificate_key']);

/** What of such a directive matters beside what it names. */
function outlineOf({ node }: Item): string {
  const ec = node.name === 'ssl_certificate' && namesEc(node.args[0] ?? '');
  return `${node.name} ${node.argCount}${ec ? ' ec' : ''};`;
}

/** A block and a simple directive with the same words end differently. */
function wordsOf({ node, file }: Item): string {
  return file.source.text.slice(node.start, node.headEnd);
}
