/** `openssl.cnf`: the file format (config(5)) as far as the way to `system_default` needs it. */

export type Assignment = readonly [name: string, value: string];

/** The commands of `openssl_conf` → `ssl_conf` → `system_default`, in the file's order. Memoized by text. */
export function systemDefaults(text: string): readonly Assignment[] {
  let found = cache.get(text);
  if (!found) {
    found = findSystemDefaults(readConf(text));
    cache.set(text, found);
  }
  return found;
}

const cache = new Map<string, readonly Assignment[]>();

type Sections = Map<string, Map<string, string>>;

function findSystemDefaults(sections: Sections): readonly Assignment[] {
  const modules = sections.get(lookUp(sections, 'default', 'openssl_conf') ?? '');
  const settings = sections.get(modules?.get('ssl_conf') ?? '');
  const commands = sections.get(settings?.get('system_default') ?? '');
  // "1.Options" and "2.Options" are two commands of one name (SSL_CONF's configuration module).
  return [...(commands ?? [])].map(([name, value]) => [name.slice(name.indexOf('.') + 1), value]);
}

/**
 * `def_load_bio` of crypto/conf/conf_def.c. `.include` and `.pragma` are passed over. One line that cannot be read makes the whole
 * file void, as it does for the library: an empty map.
 */
function readConf(text: string): Sections {
  const sections: Sections = new Map([['default', new Map()]]);
  let section = 'default';
  for (const line of logicalLines(text)) {
    const content = withoutComment(line).trim();
    if (content === '' || /^\.(?:include|pragma)\b/.test(content)) continue;
    if (!content.startsWith('[')) {
      if (!assign(sections, section, content)) return new Map();
      continue;
    }
    const end = content.indexOf(']');
    if (end < 0) return new Map();
    section = content.slice(1, end).trim();
    if (!sections.has(section)) sections.set(section, new Map());
  }
  return sections;
}

/** IS_ALNUM_PUNCT and escapes. */
const LEFT_SIDE = /^[\w!#%&*+,\-./:;?@^~|\\]*$/;

/** False for a line that the library refuses. The value of a later line replaces that of an earlier one. */
function assign(sections: Sections, current: string, content: string): boolean {
  const equals = content.indexOf('=');
  const left = content.slice(0, equals).trim();
  if (equals < 0 || !LEFT_SIDE.test(left)) return false;
  const colons = left.indexOf('::');
  const section = colons < 0 ? current : left.slice(0, colons);
  const name = colons < 0 ? left : left.slice(colons + 2);
  const into = sections.get(section) ?? new Map<string, string>();
  sections.set(section, into);
  const value = expand(sections, section, content.slice(equals + 1).trim());
  if (value === undefined) return false;
  into.delete(name);
  into.set(name, value);
  return true;
}

/** A backslash at the end of a line joins it with the next. */
function* logicalLines(text: string): Generator<string> {
  const parts: string[] = [];
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (line.endsWith('\\') && !line.endsWith('\\\\')) {
      parts.push(line.slice(0, -1));
      continue;
    }
    parts.push(line);
    yield parts.join('');
    parts.length = 0;
  }
  yield parts.join('');
}

/** `clear_comments`: `#` outside quotes, wherever it stands. */
function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    if (char === '\\') at++;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (QUOTES.includes(char)) quote = char;
    else if (char === '#') return line.slice(0, at);
  }
  return line;
}

const QUOTES = `"'\``;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', b: '\b', t: '\t' };

/** `str_copy`: quotes, escapes and `$name`, `${name}`, `$(name)`, `$section::name`. `undefined` for an unknown variable. */
function expand(sections: Sections, section: string, raw: string): string | undefined {
  let out = '';
  let quote = '';
  // With its final NUL; quotes and escapes count as they are written.
  let size = raw.length + 1;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at]!;
    if (char === '\\') {
      const next = raw[++at] ?? '';
      out += ESCAPES[next] ?? next;
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else out += char;
    } else if (QUOTES.includes(char)) quote = char;
    else if (char === '$') {
      const [value, end] = variable(sections, section, raw, at + 1);
      if (value === undefined) return undefined;
      size += value.length - (end - at);
      if (size > LONGEST_VALUE) return undefined;
      out += value;
      at = end - 1;
    } else out += char;
  }
  return out;
}

/** MAX_CONF_VALUE_LENGTH: keeps variables that name variables from growing without bound. */
const LONGEST_VALUE = 65_536;

/** The value and the offset behind the name that begins at `start`. */
function variable(
  sections: Sections,
  section: string,
  raw: string,
  start: number,
): readonly [string | undefined, number] {
  const open = raw[start];
  const close = open === '{' ? '}' : open === '(' ? ')' : '';
  const begin = close === '' ? start : start + 1;
  NAME.lastIndex = begin;
  const name = NAME.exec(raw)?.[0] ?? '';
  const end = begin + name.length;
  const colons = name.indexOf('::');
  const value =
    colons < 0 ? lookUp(sections, section, name) : lookUp(sections, name.slice(0, colons), name.slice(colons + 2));
  if (close === '') return [value, end];
  return raw[end] === close ? [value, end + 1] : [undefined, end];
}

const NAME = /[A-Za-z0-9_]*(?:::[A-Za-z0-9_]+)?/y;

/** `_CONF_get_string`: the section first, then `default`. */
function lookUp(sections: Sections, section: string, name: string): string | undefined {
  return sections.get(section)?.get(name) ?? sections.get('default')?.get(name);
}
