/** Each example in a rule's readme is a test: what the author calls bad is found and mended, what is good is silent. */
import test from 'ava';
import type { DialectId } from '../src/model/target.js';
import { allExamples, runExample, writtenBelow } from './helpers/examples.js';

/** Where the word itself does not stand on each line; keys of the registry have an empty line before them. */
const SPEAKS: Partial<Record<DialectId, RegExp>> = {
  dotnet: /protocol|<httpRuntime|<\/?runtime>|Switch\.System/i,
  windows: /protocol|^"(?:Enabled|DisabledByDefault|SystemDefaultTlsVersions|SchUseStrongCrypto)"|^$/i,
};

for (const example of allExamples()) {
  const { rule, dialect, heading, bad, unfixable, text } = example;

  test(`${rule.meta.id}: ${heading} (${dialect})`, async t => {
    const outcome = runExample(example);
    if (!bad) {
      t.deepEqual(
        outcome.findings.map(({ rule, message }) => `${rule}: ${message}`),
        [],
      );
      return;
    }
    t.true(outcome.findings.some(finding => finding.rule === rule.meta.id));
    t.is(example.written, await writtenBelow(example), 'npm run docs');
    if (unfixable) {
      t.is(outcome.fixed, text);
      return;
    }
    t.not(outcome.fixed, text);
    // A hint has no fix: what is mended may well be one.
    t.deepEqual(
      outcome.after
        .filter(({ rule }) => rule !== 'hard-coded-protocol')
        .map(({ rule, message }) => `${rule}: ${message}`),
      [],
    );
    t.is(outcome.model.problems.filter(({ kind }) => kind === 'syntax').length, 0);
    t.true(keepsOtherLines(text, outcome.fixed, dialect));
  });
}

/** A fix changes lines that speak of protocols, or adds some; every other line stays, in its order. */
function keepsOtherLines(before: string, after: string, dialect: DialectId): boolean {
  const speaks = SPEAKS[dialect] ?? /protocol/i;
  const others = (text: string) => text.split('\n').filter(line => !speaks.test(line));
  return others(before).join('\n') === others(after).join('\n');
}
