import { sayWhen } from '../../model/across.js';
import { templateStatement } from '../../model/templates.js';
import type { LoadedFile, LoadProblem, Model } from '../../model/types.js';
import { defineRule, type RuleContext, type RuleProblem } from '../../rule.js';

export const syntax = defineRule(
  {
    id: 'syntax',
    summary: 'The server refuses to read the configuration.',
    severity: 'error',
    dialects: ['nginx', 'apache', 'windows', 'dotnet'],
    since: '0.1.0',
    references: [
      { title: 'nginx: Configuration file', url: 'https://nginx.org/en/docs/beginners_guide.html#conf_structure' },
      { title: 'httpd: Configuration files', url: 'https://httpd.apache.org/docs/2.4/configuring.html' },
    ],
  },
  context => {
    const { model } = context;
    const known = faultyPlaces(model);
    const broken = new Set(model.problems.filter(({ kind }) => kind === 'syntax').map(({ origin }) => origin.file));
    for (const problem of model.problems) {
      const { file, span } = problem.origin;
      const statement = problem.kind === 'syntax' ? templateStatement(file) : undefined;
      if (statement) {
        // However many problems it has, they are one finding: at one place, in the same words.
        reportTemplate(problem, statement, context);
        continue;
      }
      const certain = !problem.unknown && !broken.has(file) && !known.get(file)?.has(span.start);
      if (problem.kind === 'syntax' || (problem.kind === 'refused' && certain)) reportProblem(problem, context);
    }
  },
);

/** A template that the server could not read as it stands has one problem: that it is not rendered. */
function reportTemplate(
  { origin }: LoadProblem,
  span: NonNullable<RuleProblem['span']>,
  { report }: RuleContext,
): void {
  report({
    at: origin,
    span,
    message: 'Unexpected statement of a template, expected what is rendered from it',
  });
}

/** Where directives and words start of which `unknown-protocol` says the same. */
function faultyPlaces({ statements }: Model): ReadonlyMap<LoadedFile, ReadonlySet<number>> {
  const places = new Map<LoadedFile, Set<number>>();
  for (const { origin, faults } of statements) {
    const refused = faults.filter(({ kind }) => kind !== 'overriding');
    if (refused.length === 0) continue;
    const starts = places.get(origin.file) ?? new Set();
    places.set(origin.file, starts.add(origin.span.start));
    for (const { span } of refused) starts.add(span.start);
  }
  return places;
}

/**
 * A file that can't be read to its end is an error whatever the target, and so is a directive that every target refuses.
 * One that new versions refuse is a warning before the upgrade; one that only old versions refuse shows that none of them
 * is in use.
 */
function reportProblem(problem: LoadProblem, { model, range, report }: RuleContext): void {
  const refused = problem.kind === 'refused';
  const newest = range.targets.at(-1);
  if (refused && newest && !problem.stops(newest)) return;
  const stops = range.targets.map(target => problem.stops(target));
  const partly = refused && stops.includes(false);
  report({
    at: problem.origin,
    message: problem.message,
    ...(partly && { severity: 'warning', note: `The server refuses it ${sayWhen(stops, model.dialect, range)}.` }),
    ...(problem.related && { related: [{ message: problem.related.message, at: problem.related.origin }] }),
  });
}
