/** Terminal colours, or none. */

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'blue' | 'cyan' | 'green' | 'magenta';
export type Paint = (style: Style, text: string) => string;

const CODES: Record<Style, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

export const plain: Paint = (_, text) => text;

/** ECMA-48 SGR. */
export const colored: Paint = (style, text) => {
  const [on, off] = CODES[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
};

/** A link as terminals take it (OSC 8, https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda). */
export function linked(text: string, url: string): string {
  return `\u001b]8;;${url}\u001b\\${text}\u001b]8;;\u001b\\`;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Terminals that open OSC 8 links, by what they set. VTE before 0.50.1 crashed on them. */
const LINKING: ReadonlyArray<(env: Env) => boolean> = [
  ({ TERM_PROGRAM }) =>
    ['iTerm.app', 'WezTerm', 'vscode', 'ghostty', 'Hyper', 'Tabby', 'zed'].includes(TERM_PROGRAM ?? ''),
  ({ VTE_VERSION }) => Number(VTE_VERSION) > 5000,
  ({ TERM }) => ['xterm-kitty', 'xterm-ghostty', 'alacritty', 'foot'].includes(TERM ?? ''),
  ({ WT_SESSION, KONSOLE_VERSION, DOMTERM }) => [WT_SESSION, KONSOLE_VERSION, DOMTERM].some(Boolean),
];

/** `FORCE_HYPERLINK` decides; else a terminal that is known to open links, outside CI and multiplexers. */
export function opensLinks(env: Env, isTerminal: boolean): boolean {
  if (env.FORCE_HYPERLINK !== undefined) return env.FORCE_HYPERLINK !== '0';
  if (!isTerminal || env.CI || env.TERM === 'dumb' || env.TMUX || env.STY) return false;
  return LINKING.some(opens => opens(env));
}
