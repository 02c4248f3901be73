/** Bodies of `*_by_lua_block` (openresty/lua-nginx-module, ngx_http_lua_conf_lua_block_parse and its lexer), as far as braces go. */

const LF = 10;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const DASH = 45;
const EQUALS = 61;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Where a Lua body ends, or what keeps it from ending. */
export interface LuaEnd {
  /** Offset of the `}` that ends the block; the end of the text where there is none. */
  readonly end: number;
  /** The place that the module names: the long bracket that nothing closes, else the last `{` of the body. */
  readonly unclosed?: number;
}

/** Reads the body that starts at `from`, just after its `{`. Braces in strings, long brackets and comments do not count. */
export function readLuaBody(text: string, from: number): LuaEnd {
  let depth = 1;
  let brace = from - 1;
  const strings = { [DOUBLE_QUOTE]: -1, [SINGLE_QUOTE]: -1 };
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE) {
      depth++;
      brace = at;
    } else if (code === CLOSE_BRACE) {
      depth--;
      if (depth === 0) return { end: at };
    } else if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) at = stringEnd(text, at, strings);
    else if (code === OPEN_BRACKET || (code === DASH && text.charCodeAt(at + 1) === DASH)) {
      const start = code === DASH ? at + 2 : at;
      const end = longBracketEnd(text, start);
      if (end === -1) return { end: text.length, unclosed: at };
      if (end !== undefined) at = end;
      else if (code === DASH) at = lineEnd(text, start);
    }
  }
  return { end: text.length, unclosed: brace };
}

/**
 * Of the closing quote. A quote that its line does not close is a character like any other; `unclosed` keeps, by quote, up to
 * where that is known, so that a line of many such quotes is read once.
 */
function stringEnd(text: string, open: number, unclosed: Record<number, number>): number {
  const quote = text.charCodeAt(open);
  if (open < unclosed[quote]!) return open;
  let at = open + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === LF) break;
    // Lua goes on behind a backslash at the end of a line; the module's lexer does not.
    if (code === BACKSLASH && text.charCodeAt(at + 1) !== LF) at++;
  }
  unclosed[quote] = at;
  return open;
}

/** Of the last `]` of `[[ … ]]` or `[=[ … ]=]`: -1 where it is missing, `undefined` where no long bracket opens here. */
function longBracketEnd(text: string, open: number): number | undefined {
  if (text.charCodeAt(open) !== OPEN_BRACKET) return undefined;
  let at = open + 1;
  while (text.charCodeAt(at) === EQUALS) at++;
  if (text.charCodeAt(at) !== OPEN_BRACKET) return undefined;
  const close = `]${'='.repeat(at - open - 1)}]`;
  const found = text.indexOf(close, at + 1);
  return found === -1 ? -1 : found + close.length - 1;
}

function lineEnd(text: string, from: number): number {
  const lf = text.indexOf('\n', from);
  return lf === -1 ? text.length : lf;
}
