import type { LoadProblem } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const unresolvedInclude = defineRule(
  {
    id: 'unresolved-include',
    summary: 'An included file is not there, can not be read, or includes itself.',
    severity: 'error',
    dialects: ['nginx', 'apache'],
    since: '0.1.0',
    references: [
      { title: 'nginx: include', url: 'https://nginx.org/en/docs/ngx_core_module.html#include' },
      { title: 'httpd: Include', url: 'https://httpd.apache.org/docs/2.4/mod/core.html#include' },
    ],
  },
  context => {
    for (const problem of context.model.problems) {
      if (problem.kind === 'unresolved-include' || problem.kind === 'unreadable') reportProblem(problem, context);
    }
  },
);

function reportProblem(problem: LoadProblem, { range, report }: RuleContext): void {
  const stops = range.targets.some(target => problem.stops(target));
  report({
    at: problem.origin,
    message: problem.message,
    severity: problem.minor ? 'info' : stops ? 'error' : 'warning',
    ...(problem.related && { related: [{ message: problem.related.message, at: problem.related.origin }] }),
  });
}
