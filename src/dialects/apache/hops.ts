/** Where a server connects to through TLS as a proxy; members of a balancer count for who uses it. */
import type { Reading } from './read.js';
import type { Line, ProxyTarget, Scope } from './scope.js';

export interface Hop {
  readonly scope: Scope;
  readonly url: string;
  readonly through?: string;
  readonly line: Line;
}

/** Each once per server, in reading order. */
export function hopsOf({ main, vhosts }: Reading): Hop[] {
  const scopes = [main, ...vhosts];
  const balancers = balancersOf(scopes);
  const hops = scopes.flatMap(scope => unique(scope.targets).flatMap(target => resolve(scope, target, balancers)));
  const used = new Set(hops.map(hop => hop.line));
  const unused = scopes.flatMap(scope =>
    scope.proxies.flatMap(({ members, pattern }) =>
      members.filter(({ line }) => !used.has(line)).map(({ url, line }) => ({ scope, url, through: pattern, line })),
    ),
  );
  return [...hops, ...unused];
}

function unique(targets: readonly ProxyTarget[]): ProxyTarget[] {
  return [...new Map(targets.map(target => [target.url, target])).values()];
}

/** Name of the balancer, without the path behind it, to its members. */
function balancersOf(scopes: readonly Scope[]): Map<string, ProxyTarget[]> {
  const balancers = new Map<string, ProxyTarget[]>();
  for (const scope of scopes) {
    for (const { pattern, members } of scope.proxies) {
      if (members.length > 0)
        balancers.set(balancerName(pattern), [...(balancers.get(balancerName(pattern)) ?? []), ...members]);
    }
  }
  return balancers;
}

function balancerName(url: string): string {
  const scheme = url.indexOf('://');
  const slash = url.indexOf('/', scheme + 3);
  return (slash === -1 ? url : url.slice(0, slash)).toLowerCase();
}

function resolve(
  scope: Scope,
  { url, line }: ProxyTarget,
  balancers: ReadonlyMap<string, readonly ProxyTarget[]>,
): Hop[] {
  if (!/^balancer:/i.test(url)) return [{ scope, url, line }];
  return (balancers.get(balancerName(url)) ?? []).map(member => ({
    scope,
    url: member.url,
    through: url,
    line: member.line,
  }));
}
