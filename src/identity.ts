/** What makes a finding the same one after lines have moved: its rule, its file and the words of its line. */
import { createHash } from 'node:crypto';

export interface Identified {
  readonly rule: string;
  readonly path: string;
  readonly text: string;
  /** Where it starts in `text`. */
  readonly offset: number;
}

/** 32 hexadecimal digits each; those that are alike are told apart by their order. */
export function identities(findings: readonly Identified[]): string[] {
  const seen = new Map<string, number>();
  return findings.map(({ rule, path, text, offset }) => {
    const base = `${rule}\0${path}\0${lineWords(text, offset)}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return createHash('sha256').update(`${base}\0${count}`).digest('hex').slice(0, 32);
  });
}

/** Without indentation, and with one space between words. */
function lineWords(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const line = text.slice(offset === 0 ? 0 : start, end === -1 ? text.length : end);
  return line.trim().split(/\s+/).join(' ');
}
