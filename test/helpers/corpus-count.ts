/** One line of what `npm run corpus` prints. */
export interface Count {
  readonly what: string;
  readonly good: number;
  readonly total: number;
  /** Paths of those that are not good, with the reason. */
  readonly bad: readonly string[];
}

/** Rows of a tab-separated table with a head, keyed by its columns. */
export function tableRows(text: string): Array<Record<string, string>> {
  const [head = '', ...lines] = text.split('\n').filter(line => line !== '');
  const columns = head.split('\t');
  return lines.map(line => {
    const cells = line.split('\t');
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}
