/** From a wish to edits. */
import type { Fix } from '../../../fixers/edit.js';
import type { Target } from '../../model/target.js';
import type { Remedy } from '../../model/types.js';

export function createFixer(_world: unknown): (remedy: Remedy, targets: readonly Target[]) => Fix {
  return () => ({
    title: 'change it by hand',
    applicability: 'manual',
    edits: [],
    directives: [],
    reason: 'it can not be written',
  });
}
