/** From a wish to minimal edits of nginx configuration. */
import type { Fix } from '../../../fixers/edit.js';
import type { Target } from '../../model/target.js';
import type { Remedy } from '../../model/types.js';
import type { Facts } from './model.js';
import type { NginxStatement } from './statements.js';

export function createFixer(_facts: Facts, _statements: readonly NginxStatement[]) {
  return (_remedy: Remedy, _targets: readonly Target[]): Fix => ({
    title: '',
    applicability: 'manual',
    edits: [],
    directives: [],
  });
}
