/** What a server is measured by: a policy, or what `--expect` says. */
import type { Breach, HeardServer, HeardVersion, ProbedServer } from '../model/heard.js';
import type { Policy } from '../model/policies.js';
import { NONE, PROTOCOLS, type Protocol, type ProtocolSet, protocolBit, protocolNames } from '../model/protocols.js';

export interface Measure {
  /** For reports: `policy intermediate 6.0`. */
  readonly text: string;
  readonly require: ProtocolSet;
  readonly allow: ProtocolSet;
}

export function policyMeasure({ name, version, require, allow }: Policy): Measure {
  return { text: `policy ${name} ${version}`.trimEnd(), require, allow };
}

const EVERY: ProtocolSet = (1 << PROTOCOLS.length) - 1;

/**
 * `tls12+`: nothing older, and one of the rest. `tls12`, `tls12,tls13`: these and no others. `!tls10,!tls11`: none of these,
 * and one of the rest. `undefined` where the text is nothing of that. Names as people write them: `tls12`, `TLSv1.2`, `tls1.2`,
 * `tls10`, `ssl3`.
 */
export function parseExpectation(text: string): Measure | undefined {
  const measure = (require: ProtocolSet, allow: ProtocolSet) => ({ text: `\`${text}\``, require, allow });
  if (text.endsWith('+')) {
    const bit = protocolOf(text.slice(0, -1));
    // Every version from the bit on.
    return bit === NONE ? undefined : measure(NONE, EVERY & ~(bit - 1));
  }
  const words = text.split(',').map(word => word.trim());
  const without = words.every(word => word.startsWith('!'));
  const bits = words.map(word => protocolOf(without ? word.slice(1) : word));
  if (bits.includes(NONE)) return undefined;
  const set = bits.reduce((all, bit) => all | bit, NONE);
  return without ? measure(NONE, EVERY & ~set) : measure(set, set);
}

function protocolOf(word: string): ProtocolSet {
  const found = /^(ssl|tls)v?([1-3])(?:\.?([0-3]))?$/i.exec(word);
  if (!found) return NONE;
  const minor = found[3] === undefined || found[3] === '0' ? '' : `.${found[3]}`;
  return protocolBit(`${found[1]}v${found[2]}${minor}`);
}

/** Weak suites break every measure, where suites were asked for. What was not answered is never taken as kept. */
export function judge(server: HeardServer, measure: Measure): ProbedServer {
  if (server.state !== 'answered') return { ...server, verdict: 'unknown', breaches: [] };
  const breaches = server.versions.flatMap(each => [...versionBreach(each, measure), ...suiteBreach(each)]);
  const offered = server.versions.some(each => each.offered === true);
  const open = server.versions.some(each => each.offered === null || each.complete === false);
  if (!offered && !open && breaches.length === 0) {
    breaches.push({ message: `Unexpected no version, expected ${protocolNames(measure.allow).join(' or ')}` });
  }
  const verdict = breaches.length > 0 ? 'broken' : open ? 'unknown' : 'kept';
  return { ...server, verdict, breaches };
}

function versionBreach({ version, offered }: HeardVersion, measure: Measure): Breach[] {
  const bit = protocolBit(version);
  if (offered === true && (measure.allow & bit) === 0) {
    return [{ version, message: `Unexpected \`${version}\`, expected ${expectedText(measure)}` }];
  }
  if (offered === false && (measure.require & bit) !== 0) {
    return [{ version, message: `Unexpected server without \`${version}\`, expected it to be offered` }];
  }
  return [];
}

function expectedText({ require, allow }: Measure): string {
  const names = (set: ProtocolSet): string[] => protocolNames(set).map((name: Protocol) => `\`${name}\``);
  const needed = names(require);
  const more = names(allow & ~require);
  if (needed.length === 0) return more.join(' or ');
  return `${needed.join(' and ')}${more.length > 0 ? `, and ${more.join(' or ')} if wanted` : ''}`;
}

function suiteBreach({ version, suites }: HeardVersion): Breach[] {
  return (suites ?? [])
    .filter(({ grade }) => grade === 'weak')
    .map(({ name }) => ({ version, message: `Unexpected weak suite \`${name}\` with \`${version}\`, expected none` }));
}
