/** How each protocol gets from its greeting to TLS, as a table of what is sent and what must come back. */
import { ascii } from './bytes.js';

/** `undefined` until there is enough to judge; then whether the peer agrees. */
type Judge = (received: string) => boolean | undefined;

interface Exchange {
  /** Sent first, one UTF-16 code unit for each byte; absent where the peer speaks first. */
  readonly send?: string | ((name: string) => string);
  readonly accept: Judge;
}

/** What the prober calls itself (RFC 6761: a name that never resolves). */
const CLIENT = 'tlslint.invalid';

/** ExtendedRequest with the name of StartTLS, message id 1 (RFC 4511, section 4.14). */
const LDAP_REQUEST = `0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037`;

/** SSLRequest: its length and the code 80877103 (PostgreSQL, "Message Formats"). */
const POSTGRES_REQUEST = '\x00\x00\x00\x08\x04\xd2\x16\x2f';

export const STARTTLS = {
  /** RFC 3207 */
  smtp: [
    { accept: reply('220') },
    { send: `EHLO ${CLIENT}\r\n`, accept: reply('250') },
    { send: 'STARTTLS\r\n', accept: reply('220') },
  ],
  /** RFC 3501 */
  imap: [{ accept: line(['* OK', '* PREAUTH'], ['*']) }, { send: 'a1 STARTTLS\r\n', accept: line(['a1 OK'], ['a1']) }],
  /** RFC 2595 */
  pop3: [{ accept: line(['+OK'], ['-ERR']) }, { send: 'STLS\r\n', accept: line(['+OK'], ['-ERR']) }],
  /** RFC 4217 */
  ftp: [{ accept: reply('220') }, { send: 'AUTH TLS\r\n', accept: reply('234') }],
  /** RFC 5804 */
  sieve: [{ accept: line(['OK'], ['NO', 'BYE']) }, { send: 'STARTTLS\r\n', accept: line(['OK'], ['NO', 'BYE']) }],
  /** RFC 6120 */
  xmpp: [
    { send: xmppStream, accept: element(/<\/stream:features\s*>/, '</stream:stream>') },
    {
      send: "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      accept: element(/<proceed[^<>]*>/, '</stream:stream>'),
    },
  ],
  /** RFC 4511 */
  ldap: [{ send: LDAP_REQUEST, accept: ldapResponse }],
  postgres: [{ send: POSTGRES_REQUEST, accept: postgresResponse }],
} as const satisfies Record<string, readonly Exchange[]>;

export type StarttlsName = keyof typeof STARTTLS;

export interface Negotiation {
  /** What to send now, when anything. */
  readonly send?: Uint8Array;
  /** True when TLS may start, false when the peer refuses. */
  readonly done?: boolean;
}

export interface Starttls {
  start(): Negotiation;
  push(chunk: Uint8Array): Negotiation;
}

/** More than any greeting; a peer that says more is not asking for TLS. */
const MAX_DIALOGUE = 64 * 1024;

export function isStarttls(name: string): name is StarttlsName {
  return Object.hasOwn(STARTTLS, name);
}

/** `servername` is whom XMPP addresses. */
export function createStarttls(protocol: StarttlsName, servername: string): Starttls {
  const exchanges: readonly Exchange[] = STARTTLS[protocol];
  let index = 0;
  let received = '';
  const sending = (exchange: Exchange): Negotiation => {
    if (exchange.send === undefined) return {};
    return { send: ascii(typeof exchange.send === 'string' ? exchange.send : exchange.send(servername)) };
  };
  return {
    start: () => sending(exchanges[0]!),
    push(chunk) {
      received += Buffer.from(chunk).toString('latin1');
      if (received.length > MAX_DIALOGUE) return { done: false };
      const agreed = exchanges[index]!.accept(received);
      if (agreed === undefined) return {};
      if (!agreed) return { done: false };
      index++;
      received = '';
      const next = exchanges[index];
      return next === undefined ? { done: true } : sending(next);
    },
  };
}

/** The last line of a reply of SMTP or FTP: `220 text`; `220-text` goes on. */
function reply(code: string): Judge {
  return received => {
    const last = completeLines(received).find(text => /^\d{3}(?: |$)/.test(text));
    if (last !== undefined) return last.startsWith(code);
    return completeLines(received).some(text => !/^\d{3}-| /.test(text)) ? false : undefined;
  };
}

/** The first line that starts with one of these words; other lines are passed over. */
function line(accepted: readonly string[], refused: readonly string[]): Judge {
  return received => {
    for (const text of completeLines(received)) {
      const upper = text.toUpperCase();
      if (accepted.some(word => upper.startsWith(word.toUpperCase()))) return true;
      if (refused.some(word => upper.startsWith(word.toUpperCase()))) return false;
    }
    return undefined;
  };
}

/** The whole tag must be here: what follows it is TLS. */
function element(accepted: RegExp, refused: string): Judge {
  return received => {
    if (accepted.test(received)) return true;
    return received.includes(refused) ? false : undefined;
  };
}

function completeLines(received: string): string[] {
  return received.split('\n').slice(0, -1);
}

/** ExtendedResponse [APPLICATION 24] whose resultCode is success (0), once the whole message is here. */
function ldapResponse(received: string): boolean | undefined {
  const length = berLength(received);
  if (length === undefined || received.length < length) return undefined;
  const tag = received.indexOf('\x78');
  const result = tag === -1 ? -1 : received.indexOf('\x0a\x01', tag);
  return result !== -1 && received.charCodeAt(result + 2) === 0;
}

/** Length of the outermost element with its header, in BER's short or long form. */
function berLength(received: string): number | undefined {
  if (received.length < 2) return undefined;
  const first = received.charCodeAt(1);
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  if (received.length < 2 + size) return undefined;
  const length = Array.from(received.slice(2, 2 + size)).reduce((sum, digit) => sum * 256 + digit.charCodeAt(0), 0);
  return 2 + size + Math.min(length, MAX_DIALOGUE);
}

function postgresResponse(received: string): boolean | undefined {
  return received === '' ? undefined : received[0] === 'S';
}

/** Quotes and markup can't stand in a DNS name, so that they are dropped and not escaped. */
function xmppStream(name: string): string {
  const to = name.replace(/[^\w.:-]/g, '');
  return `<?xml version='1.0'?><stream:stream to='${to}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
}
