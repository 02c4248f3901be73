/** Words as `ngx_conf_read_token` (src/core/ngx_conf_file.c) takes them. All offsets are UTF-16 code units. */

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const DOLLAR = 36;
const SINGLE_QUOTE = 39;
const SEMICOLON = 59;
const BACKSLASH = 92;
const OPEN_BRACE = 123;

/** No server needs as many; what has more is refused, so that a line of nothing else can't fill the memory. */
export const MOST_WORDS = 100_000;

/** The only white space there is: a form feed or a no-break space is a character of a word. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === CR;
}

/** Past white space and comments. */
export function skipBlank(text: string, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) at++;
    else if (code === HASH) {
      const lf = text.indexOf('\n', at);
      at = lf === -1 ? end : lf + 1;
    } else break;
  }
  return at < end ? at : end;
}

/**
 * The end of the word that starts at `from`, exclusive; a quoted word ends after its closing quote. `end` where the text
 * ends first; whether that is an error the caller tells, by `isOpen`.
 *
 * ```
 *   ssl_protocols "TLSv1.2" ${x}y;
 *   ^~~~~~~~~~~~~ ^~~~~~~~~ ^~~~~
 * ```
 */
export function readWord(text: string, from: number, end: number): number {
  const first = text.charCodeAt(from);
  if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) return readQuoted(text, from + 1, end, first);
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    // Most characters have no meaning, which is told by as few comparisons as it takes.
    if (code > BACKSLASH ? code !== OPEN_BRACE : code > DOLLAR && code !== SEMICOLON && code !== BACKSLASH) continue;
    if (code === BACKSLASH) at++;
    else if (code === DOLLAR) while (text.charCodeAt(at + 1) === OPEN_BRACE) at++;
    else if (at > from && (code === SEMICOLON || code === OPEN_BRACE || isBlank(code))) return at;
  }
  return end;
}

function readQuoted(text: string, from: number, end: number, quote: number): number {
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === quote) return at + 1;
  }
  return end;
}

/** Whether the word `[start, end)` is quoted and its closing quote is missing. */
export function isOpen(text: string, start: number, end: number): boolean {
  const quote = text.charCodeAt(start);
  if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) return false;
  if (end - start < 2 || text.charCodeAt(end - 1) !== quote) return true;
  let slashes = 0;
  while (text.charCodeAt(end - 2 - slashes) === BACKSLASH && end - 2 - slashes > start) slashes++;
  return slashes % 2 === 1;
}
