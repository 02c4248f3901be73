import type { LoadProblem } from '../../model/types.js';
import { defineRule, type RuleContext, type Severity } from '../../rule.js';

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
    const byPlace = new Map<string, LoadProblem[]>();
    for (const problem of context.model.problems) {
      if (problem.kind !== 'unresolved-include' && problem.kind !== 'unreadable') continue;
      const { file, span } = problem.origin;
      const key = `${file.path}\0${span.start}\0${severityOf(problem, context)}`;
      const group = byPlace.get(key);
      if (group) group.push(problem);
      else byPlace.set(key, [problem]);
    }
    for (const group of byPlace.values()) reportGroup(group, context);
  },
);

function severityOf(problem: LoadProblem, { range }: RuleContext): Severity {
  if (problem.minor) return 'info';
  return range.targets.some(target => problem.stops(target)) ? 'error' : 'warning';
}

/** A pattern that leads to several files that can't be read is one cause. */
function reportGroup(group: readonly LoadProblem[], context: RuleContext): void {
  const [problem] = group as [LoadProblem];
  const others = new Set(group.map(({ message }) => message)).size - 1;
  context.report({
    at: problem.origin,
    message: problem.message,
    severity: severityOf(problem, context),
    ...(others > 0 && { note: `The same holds for ${others} more ${others === 1 ? 'file' : 'files'} that it names.` }),
    ...(problem.related && { related: [{ message: problem.related.message, at: problem.related.origin }] }),
  });
}
