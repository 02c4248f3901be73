/** `ssl_conf_command` and its siblings, as far as their commands speak of protocol versions (SSL_CONF_cmd, OS-7). */
import { newest, oldest, PROTOCOLS, type ProtocolSet, protocolBit, protocolNames } from '../../../model/protocols.js';

/** Commands that decide versions, by their name in lower case: letter case does not count in names. */
export type ProtocolCommand = 'protocol' | 'minprotocol' | 'maxprotocol';

const COMMANDS: ReadonlySet<string> = new Set<ProtocolCommand>(['protocol', 'minprotocol', 'maxprotocol']);

/** The command where it is one about versions. */
export function read(
  args: readonly string[],
): { readonly command: ProtocolCommand; readonly value: string } | undefined {
  const [name = '', value = ''] = args;
  const command = name.toLowerCase();
  return COMMANDS.has(command) ? { command: command as ProtocolCommand, value } : undefined;
}

export interface Wish {
  readonly require: ProtocolSet;
  readonly forbid: ProtocolSet;
  /** What may be brought in beside `require`. */
  readonly add: ProtocolSet;
}

/** The value that no longer stands in the way of the wish; `''` where nothing of it is left, `undefined` where it can't be told. */
export function write(command: ProtocolCommand, value: string, wish: Wish): string | undefined {
  if (command === 'protocol') return writeProtocol(value, wish);
  const bound = protocolBit(value);
  if (command === 'minprotocol') {
    const least = oldest(wish.require);
    return least !== 0 && bound > least ? protocolNames(least)[0] : value;
  }
  const most = newest(wish.require | wish.add);
  return bound !== 0 && bound < newest(wish.require) ? protocolNames(most)[0] : value;
}

/** Words that switch on what is forbidden go, and so do those that switch off what is required. */
function writeProtocol(value: string, { require, forbid, add }: Wish): string | undefined {
  const words: string[] = [];
  for (const word of value.split(',')) {
    const bare = word.trim();
    const off = bare.startsWith('-');
    const name = bare.replace(/^[+-]/, '');
    if (name.toLowerCase() === 'all') {
      // `-ALL` alone starts a list anew; `ALL` in the middle of one is no list to be mended word by word.
      if (!off) words.push(...protocolNames(require | add).filter(each => !words.includes(each)));
      else if (words.length > 0) return undefined;
      else words.push(word);
      continue;
    }
    const bit = protocolBit(name);
    if (bit === 0 && !PROTOCOLS.some(each => each.toLowerCase() === name.toLowerCase())) return undefined;
    if (!(off ? bit & require : bit & forbid)) words.push(word);
  }
  const startsAnew = /^-all$/i.test(words[0]?.trim() ?? '');
  if (startsAnew) {
    const has = words.slice(1).reduce((set, word) => set | protocolBit(word.trim().replace(/^\+/, '')), 0);
    words.push(...protocolNames(has === 0 ? require | add : require & ~has));
  }
  return words.join(',');
}
