/** Bodies of `*_by_lua_block`, as far as braces go (openresty/lua-nginx-module, ngx_http_lua_lex.rl). */

/**
 * The offset of the `}` that ends the block whose body starts at `from`; -1 where the text ends first. Braces in strings,
 * long brackets and comments do not count.
 */
export function luaBlockEnd(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 123: // {
        depth++;
        break;
      case 125: // }
        depth--;
        if (depth === 0) return at;
        break;
      case 34: // "
      case 39: // '
        at = stringEnd(text, at);
        break;
      case 91: // [
        at = longBracketEnd(text, at) ?? at;
        break;
      case 45: // -
        if (text.charCodeAt(at + 1) === 45) at = commentEnd(text, at + 2);
        break;
    }
  }
  return -1;
}

/** Of the closing quote; a string may not span lines, so that a stray apostrophe spoils its own line alone. */
function stringEnd(text: string, open: number): number {
  const quote = text.charCodeAt(open);
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === quote || code === 10) return at;
  }
  return text.length;
}

/** Of the last `]` of `[[ … ]]` or `[=[ … ]=]`; `undefined` where no long bracket opens here. */
function longBracketEnd(text: string, open: number): number | undefined {
  let at = open + 1;
  while (text.charCodeAt(at) === 61) at++;
  if (text.charCodeAt(at) !== 91) return undefined;
  const close = `]${'='.repeat(at - open - 1)}]`;
  const found = text.indexOf(close, at + 1);
  return found === -1 ? text.length : found + close.length - 1;
}

/** Of the last character of the comment whose text starts at `from`. */
function commentEnd(text: string, from: number): number {
  if (text.charCodeAt(from) === 91) {
    const long = longBracketEnd(text, from);
    if (long !== undefined) return long;
  }
  const lf = text.indexOf('\n', from);
  return lf === -1 ? text.length : lf;
}
