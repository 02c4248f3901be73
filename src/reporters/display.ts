/** Text from configuration files is data: nothing of it reaches a terminal or a CI log raw. */

const LONGEST = 200;

/**
 * One line of visible text: C0, DEL and C1 as `\xNN`; bidi controls, invisible format characters, U+2028 and U+2029, lone
 * surrogates and the BOM as `\u{…}`. Commands that the runners of GitHub and Azure take from anywhere in a line
 * (`##[error]`, `##vso[…]`) lose their first `#` in the same way. Cut at `longest` characters with `…`.
 */
export function display(text: string, longest = LONGEST): string {
  const shown = withoutCommands(isPlain(text) ? text : text.replace(UNSAFE, escapeCharacter));
  return shown.length > longest ? `${cut(shown, longest - 1)}…` : shown;
}

const CLASS =
  '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]|[\\u{e0000}-\\u{e0fff}]|\\p{Surrogate}';
const UNSAFE = new RegExp(CLASS, 'gu');
const COMMAND = /#(?=#(?:vso|teamcity)?\[)/gi;

/** Printable ASCII alone, as most lines are: Unicode's classes cost a short run more than the rest of its report. */
export function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** For lines that are put together from parts that are safe one by one. */
export function withoutCommands(text: string): string {
  return text.includes('##') ? text.replace(COMMAND, escapeCharacter) : text;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Never between the halves of a surrogate pair. */
function cut(text: string, length: number): string {
  const end = text.charCodeAt(length - 1) >> 10 === 0x36 ? length - 1 : length;
  return text.slice(0, end);
}

/**
 * `display()` for what stands at the start of a line: where a CI system could take it for a command (`::error::`,
 * `##[error]`, `##vso[`, `##teamcity[`), its first character is escaped.
 */
export function displayLine(text: string, longest = LONGEST): string {
  const shown = display(text, longest);
  return /^\s*(?:::|##)/.test(shown) ? shown.replace(/[:#]/, escapeCharacter) : shown;
}

/** Names a few and counts the rest: `a, b and 398 more`. */
export function listSome(items: readonly string[], most: number): string {
  const shown = items.slice(0, most);
  const rest = items.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
