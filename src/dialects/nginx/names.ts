/** `server_name`: which server a client's SNI selects (ngx_http_find_virtual_server, src/core/ngx_hash.c). */

export interface Named<Server> {
  readonly server: Server;
  /** As written, in reading order. */
  readonly names: readonly string[];
}

export type Match<Server> = { readonly server: Server } | { readonly unknown: string } | undefined;

/** Names of one listener, ready to be asked. The first server that has a name keeps it. */
export function createNameTable<Server>(servers: ReadonlyArray<Named<Server>>): (name: string) => Match<Server> {
  const exact = new Map<string, Server>();
  const suffixes = new Map<string, Server>();
  const prefixes = new Map<string, Server>();
  const regexes: Array<{ readonly pattern: string; readonly server: Server }> = [];
  const add = (table: Map<string, Server>, name: string, server: Server) => {
    if (!table.has(name)) table.set(name, server);
  };
  for (const { server, names } of servers) {
    for (const written of names) {
      if (written.startsWith('~')) {
        regexes.push({ pattern: written.slice(1), server });
        continue;
      }
      const name = written.toLowerCase();
      if (name.startsWith('*.')) add(suffixes, name.slice(1), server);
      else if (name.endsWith('.*')) add(prefixes, name.slice(0, -1), server);
      else if (name.startsWith('.')) {
        add(exact, name.slice(1), server);
        add(suffixes, name, server);
      } else add(exact, name, server);
    }
  }
  return asked => {
    const name = normalName(asked);
    if (name === '') return undefined;
    const found = exact.get(name) ?? longestSuffix(suffixes, name) ?? longestPrefix(prefixes, name);
    if (found !== undefined) return { server: found };
    return firstRegex(regexes, name);
  };
}

/** Lower case, without a trailing dot; `''` for what is no host (ngx_http_validate_host). */
function normalName(name: string): string {
  if (name.includes('..') || /[/\0]/.test(name)) return '';
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** Why nginx refuses the name (ngx_http_core_server_name); `undefined` where it does not. */
export function nameFault(name: string): string | undefined {
  if (name.startsWith('~')) return regexFault(name.slice(1));
  if (name.startsWith('*') && (name.length < 3 || name.charAt(1) !== '.')) return 'no wildcard';
  return name === '.' ? 'no name' : undefined;
}

/** The same for names that are only looked at where an address has several servers (ngx_hash_add_key). */
export function tableFault(name: string): string | undefined {
  if (name.startsWith('~')) return undefined;
  const stars = name.split('*').length - 1;
  if (stars > 1 || name.includes('..')) return 'no wildcard';
  return stars === 1 && !name.startsWith('*.') && !name.endsWith('.*') ? 'no wildcard' : undefined;
}

function regexFault(pattern: string): string | undefined {
  if (pattern === '') return 'an empty regular expression';
  return isPlain(pattern) && tryCompile(pattern) === undefined ? 'no regular expression' : undefined;
}

function longestSuffix<Server>(suffixes: ReadonlyMap<string, Server>, name: string): Server | undefined {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const found = suffixes.get(name.slice(dot));
    if (found !== undefined) return found;
  }
  return undefined;
}

function longestPrefix<Server>(prefixes: ReadonlyMap<string, Server>, name: string): Server | undefined {
  for (let dot = name.lastIndexOf('.'); dot !== -1; dot = dot === 0 ? -1 : name.lastIndexOf('.', dot - 1)) {
    const found = prefixes.get(name.slice(0, dot + 1));
    if (found !== undefined && dot + 1 < name.length) return found;
  }
  return undefined;
}

function firstRegex<Server>(
  regexes: ReadonlyArray<{ readonly pattern: string; readonly server: Server }>,
  name: string,
): Match<Server> {
  for (const { pattern, server } of regexes) {
    const regex = compile(pattern);
    if (!regex || name.length > LONGEST_NAME)
      return { unknown: `whether \`~${pattern}\` matches \`${name}\` can’t be told here` };
    if (regex.test(name)) return { server };
  }
  return undefined;
}

const compiled = new Map<string, RegExp | undefined>();

/**
 * The pattern as JavaScript reads it, where PCRE reads it the same; nginx compiles one with an upper-case letter caseless.
 * Nested or adjacent repetition is left alone, since it could take for ever.
 */
function compile(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  const regex = isPlain(pattern) ? tryCompile(pattern) : undefined;
  compiled.set(pattern, regex);
  return regex;
}

function tryCompile(pattern: string): RegExp | undefined {
  try {
    const caseless = pattern.startsWith('(?i)') || /[A-Z]/.test(pattern);
    return new RegExp(pattern.replace(/^\(\?i\)/, '').replace(/\(\?P?</g, '(?<'), caseless ? 'i' : '');
  } catch {
    return undefined;
  }
}

/** Without what PCRE and JavaScript differ in, and without a repeated group that repeats inside. */
function isPlain(pattern: string): boolean {
  if (pattern.length > 200 || /\\[^.dwsDWSbB/\-^$*+?()[\]{}|\\]/.test(pattern)) return false;
  if (/(?!^\(\?i\))\(\?(?!:|P?<[A-Za-z_]\w*>)/.test(pattern) || /[+*?}][+]/.test(pattern) || /\[\[:/.test(pattern))
    return false;
  return isQuick(pattern);
}

/** A name is no longer than 255 bytes (RFC 1035), so that this many repetitions beside each other end soon. */
const MOST_ENDLESS = 3;
const MOST_OPTIONAL = 8;
const LONGEST_NAME = 255;

/** Repeats no group but one of plain characters, and few things at all. */
function isQuick(pattern: string): boolean {
  const bare = pattern
    .replace(/\\./g, 'x')
    .replace(/\[[^[\]]*\]/g, 'x')
    .replace(/\(\?(?:i\)|:|P?<\w+>)/g, '(')
    .replace(/\([^()|+*?{}]*\)(?=[+*{])/g, 'x');
  if (/\)[+*{]/.test(bare)) return false;
  const endless = bare.match(/[+*{]/g)?.length ?? 0;
  const optional = bare.match(/\?/g)?.length ?? 0;
  return endless + (pattern.startsWith('^') ? 0 : 1) <= MOST_ENDLESS && optional <= MOST_OPTIONAL;
}
