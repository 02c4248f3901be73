/** The fenced blocks of a Markdown text, each under the heading that it stands below. */
export interface Block {
  /** The nearest heading above, without its marks. */
  readonly heading: string;
  readonly language: string;
  readonly text: string;
  /** 1-based, of the fence that opens it. */
  readonly line: number;
}

/** Throws where a fence is never closed. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line)?.[1];
    if (open && fence === '') {
      blocks.push({ heading, language: open.language, text: `${open.lines.join('\n')}\n`, line: open.line });
      open = undefined;
    } else if (open) {
      open.lines.push(line);
    } else if (fence !== undefined) {
      open = { language: fence.trim(), line: index + 1, lines: [] };
    } else {
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    }
  }
  if (open) throw new Error(`The block of line ${open.line} is not closed`);
  return blocks;
}

/** The commands of a `sh` block: what is not blank or a comment alone. */
export function commandsOf({ text }: Block): string[] {
  return text.split('\n').filter(line => line.trim() !== '' && !line.trimStart().startsWith('#'));
}
