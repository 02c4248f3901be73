import test from 'ava';
import fc from 'fast-check';
import { composeEdits, originalOffsets } from '../fixers/compose.js';
import type { Edit } from '../fixers/edit.js';
import { runs } from './helpers/properties.js';

function apply(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** Edits without overlaps, and no two at one place. */
function editsIn(text: string): fc.Arbitrary<Edit[]> {
  const offset = fc.nat({ max: text.length });
  return fc
    .uniqueArray(offset, { maxLength: 8 })
    .chain(offsets => {
      const places = [...offsets].sort((a, b) => a - b);
      const spans = places
        .filter((_, index) => index % 2 === 0)
        .map((start, index) => [start, places[index * 2 + 1] ?? start]);
      return fc.tuple(
        ...spans.map(([start, end]) =>
          fc.string({ maxLength: 4 }).map(put => ({ path: 'a', start: start!, end: end!, text: put })),
        ),
      );
    })
    .map(edits => edits as Edit[]);
}

test('two rounds and their composition make the same text', t => {
  const rounds = fc
    .string({ maxLength: 30 })
    .chain(text => editsIn(text).chain(first => editsIn(apply(text, first)).map(second => ({ text, first, second }))));
  fc.assert(
    fc.property(rounds, ({ text, first, second }) => {
      const composed = composeEdits(first, second);
      const ordered = composed.every((edit, index) => index === 0 || composed[index - 1]!.end < edit.start);
      return ordered && apply(text, composed) === apply(apply(text, first), second);
    }),
    { numRuns: runs(5000) },
  );
  t.pass();
});

test('nothing and nothing is nothing', t => {
  t.deepEqual(composeEdits([], []), []);
});

test('what is kept is found at its place in the original, what is put there at the place of its edit', t => {
  const texts = fc.string({ maxLength: 40 });
  const both = texts.chain(text => fc.tuple(fc.constant(text), editsIn(text)));
  fc.assert(
    fc.property(both, ([text, edits]) => {
      const original = originalOffsets(edits);
      const origins: number[] = [];
      let at = 0;
      for (const { start, end, text: put } of edits) {
        for (; at < start; at++) origins.push(at);
        for (let left = put.length; left > 0; left--) origins.push(start);
        at = end;
      }
      for (; at < text.length; at++) origins.push(at);
      t.deepEqual(
        origins.map((_, offset) => original(offset)),
        origins,
      );
    }),
    { numRuns: runs(1000) },
  );
});
