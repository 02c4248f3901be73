/** What makes a finding the same one after lines have moved. */
import { createHash } from 'node:crypto';
import type { ReportFile, ReportFinding } from '../report.js';

/** Rule, path and the words of the line, without its number; equal ones are told apart by their order. */
export function fingerprints(file: ReportFile): string[] {
  const seen = new Map<string, number>();
  return file.findings.map(finding => {
    const base = `${finding.rule}\0${file.path}\0${lineWords(file.text, finding)}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return createHash('sha256').update(`${base}\0${count}`).digest('hex').slice(0, 32);
  });
}

function lineWords(text: string, { place }: ReportFinding): string {
  const start = text.lastIndexOf('\n', place.start.offset - 1) + 1;
  const end = text.indexOf('\n', place.start.offset);
  return text
    .slice(start, end === -1 ? text.length : end)
    .trim()
    .split(/\s+/)
    .join(' ');
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
