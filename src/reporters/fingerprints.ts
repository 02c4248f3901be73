/** What services know a finding by after lines have moved. */
import { identities } from '../identity.js';
import type { ReportFile } from '../report.js';

export function fingerprints({ findings, path, text }: ReportFile): string[] {
  return identities(findings.map(({ rule, place }) => ({ rule, path, text, offset: place.start.offset })));
}

const WINDOW = 100;
const BASE = 37n;
const TOP = 37n ** BigInt(WINDOW);
const [TAB, LF, CR, SPACE, EOF] = [9, 10, 13, 32, 65535];

/**
 * GitHub's `primaryLocationLineHash` of each line wanted (1-based): a rolling hash over the 100 characters from the line's
 * start on, blanks skipped, with a count of equal ones (github/codeql-action, `src/fingerprints.ts`).
 */
export function lineHashes(text: string, wanted: ReadonlySet<number>): Map<number, string> {
  const found = new Map<number, string>();
  const window = new Array<number>(WINDOW).fill(0);
  const lines = new Array<number>(WINDOW).fill(-1);
  const counts = new Map<string, number>();
  let hash = 0n;
  let index = 0;
  let line = 0;
  let atStart = true;
  let afterCr = false;

  const output = () => {
    const value = BigInt.asUintN(64, hash).toString(16);
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    const number = lines[index]!;
    if (wanted.has(number)) found.set(number, `${value}:${count}`);
    lines[index] = -1;
  };
  const update = (code: number) => {
    const begin = window[index]!;
    window[index] = code;
    hash = BigInt.asIntN(64, BASE * hash + BigInt(code) - TOP * BigInt(begin));
    index = (index + 1) % WINDOW;
  };
  const read = (given: number) => {
    if (given === SPACE || given === TAB || (afterCr && given === LF)) {
      afterCr = false;
      return;
    }
    afterCr = given === CR;
    const code = afterCr ? LF! : given;
    if (lines[index] !== -1) output();
    if (atStart) {
      atStart = false;
      line++;
      lines[index] = line;
    }
    if (code === LF) atStart = true;
    update(code);
  };
  for (let at = 0; at < text.length; at++) read(text.charCodeAt(at));
  read(EOF!);
  for (let rest = 0; rest < WINDOW; rest++) {
    if (lines[index] !== -1) output();
    update(0);
  }
  return found;
}
