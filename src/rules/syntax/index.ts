import { sayWhen } from '../../model/across.js';
import type { LoadProblem, Model } from '../../model/types.js';
import { defineRule, type RuleContext } from '../../rule.js';

export const syntax = defineRule(
  {
    id: 'syntax',
    summary: 'The server refuses to read the configuration.',
    severity: 'error',
    dialects: ['nginx', 'apache'],
    since: '0.1.0',
    references: [
      { title: 'nginx: Configuration file', url: 'https://nginx.org/en/docs/beginners_guide.html#conf_structure' },
      { title: 'httpd: Configuration files', url: 'https://httpd.apache.org/docs/2.4/configuring.html' },
    ],
  },
  context => {
    const { model } = context;
    for (const problem of model.problems) {
      const refused = problem.kind === 'refused' && !isUnknownProtocol(problem, model);
      if (problem.kind === 'syntax' || refused) reportProblem(problem, context);
    }
  },
);

/** `unknown-protocol` says the same of the word. */
function isUnknownProtocol({ origin }: LoadProblem, model: Model): boolean {
  return model.statements.some(
    statement =>
      statement.origin.file === origin.file &&
      statement.origin.span.start <= origin.span.start &&
      origin.span.end <= statement.origin.span.end &&
      statement.faults.some(fault => fault.kind !== 'overriding'),
  );
}

function reportProblem(problem: LoadProblem, { model, range, report }: RuleContext): void {
  const stops = range.targets.map(target => problem.stops(target));
  const partly = problem.kind === 'refused' && stops.includes(false);
  const when = partly && stops.includes(true) ? sayWhen(stops, model.dialect, range) : '';
  report({
    at: problem.origin,
    message: problem.message,
    ...(partly && { severity: 'warning' }),
    ...(when && { note: `The server refuses it ${when}.` }),
    ...(problem.related && { related: [{ message: problem.related.message, at: problem.related.origin }] }),
  });
}
