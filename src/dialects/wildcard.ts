/** Patterns of file names and addresses: fnmatch(3) as glob(3) calls it, and `apr_fnmatch`, where they agree. */

/**
 * `*`, `?`, `[…]` and `\`; a pattern that starts otherwise does not match a leading dot if `period` is asked for. With
 * `classes` a bracket may name a class (`[[:digit:]]`), which the C library knows and apr does not. Stars are matched
 * greedily with one point to fall back to, so that no pattern takes more than pattern × text steps.
 */
export function wildcard(pattern: string, { period = false, classes = false } = {}): (text: string) => boolean {
  // PATH_MAX: no name that can be opened is as long, and each `[` may look for its end as far as the pattern goes.
  if (pattern.length > LONGEST_PATTERN) return () => false;
  const tokens = tokensOf(pattern, classes);
  const hidden = period && !pattern.startsWith('.');
  return text => !(hidden && text.startsWith('.')) && matches(tokens, text);
}

const LONGEST_PATTERN = 4096;

/** What both servers take for a pattern; anything else is one file that must exist. */
export function isWildcard(text: string): boolean {
  return /[*?[]/.test(text);
}

type Token = '*' | ((character: string) => boolean);

function matches(tokens: readonly Token[], text: string): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    const current = tokens[token];
    if (current === '*') {
      star = token++;
      retry = at;
    } else if (current?.(text.charAt(at))) {
      at++;
      token++;
    } else if (star !== -1) {
      token = star + 1;
      at = ++retry;
    } else return false;
  }
  while (tokens[token] === '*') token++;
  return token === tokens.length;
}

function tokensOf(pattern: string, classes: boolean): Token[] {
  const tokens: Token[] = [];
  const lastClose = pattern.lastIndexOf(']');
  for (let at = 0; at < pattern.length; ) {
    const character = pattern.charAt(at);
    const bracket = character === '[' && at < lastClose ? readBracket(pattern, at, classes) : undefined;
    if (bracket) {
      tokens.push(bracket.token);
      at = bracket.end;
    } else if (character === '*' || character === '?') {
      tokens.push(character === '*' ? '*' : () => true);
      at++;
    } else {
      const { value, end } = readCharacter(pattern, at);
      tokens.push(one => one === value);
      at = end;
    }
  }
  return tokens;
}

/** A `\` protects what follows, unless nothing does. */
function readCharacter(pattern: string, at: number): { value: string; end: number } {
  const escaped = pattern.charAt(at) === '\\' && at + 1 < pattern.length;
  return escaped ? { value: pattern.charAt(at + 1), end: at + 2 } : { value: pattern.charAt(at), end: at + 1 };
}

/** `undefined` where no `]` closes it: the `[` stands for itself then. A `]` right at its start is one of the set. */
function readBracket(pattern: string, open: number, classes: boolean): { token: Token; end: number } | undefined {
  const negated = pattern.charAt(open + 1) === '!' || pattern.charAt(open + 1) === '^';
  const first = open + (negated ? 2 : 1);
  const members: Array<(character: string) => boolean> = [];
  for (let at = first; at < pattern.length; ) {
    if (pattern.charAt(at) === ']' && at > first) {
      return { token: character => members.some(member => member(character)) !== negated, end: at + 1 };
    }
    const named = classes ? readClass(pattern, at) : undefined;
    if (named) {
      members.push(named.member);
      at = named.end;
      continue;
    }
    const low = readCharacter(pattern, at);
    const isRange = pattern.charAt(low.end) === '-' && !['', ']'].includes(pattern.charAt(low.end + 1));
    const high = isRange ? readCharacter(pattern, low.end + 1) : low;
    members.push(character => low.value <= character && character <= high.value);
    at = high.end;
  }
  return undefined;
}

/** The classes of the C locale. */
const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

function readClass(pattern: string, at: number) {
  if (!pattern.startsWith('[:', at)) return undefined;
  const close = pattern.indexOf(':]', at + 2);
  const known = close === -1 ? undefined : CLASSES[pattern.slice(at + 2, close)];
  return known && { member: (character: string) => known.test(character), end: close + 2 };
}
