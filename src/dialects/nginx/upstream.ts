/** The client side: hops to an upstream over TLS (NX-U1). */
import { clientVersions } from '../../model/openssl.js';
import type { Target } from '../../model/target.js';
import type { Endpoint, Origin } from '../../model/types.js';
import type { Result } from './offer.js';
import type { Family, Sourced } from './profile.js';
import { inherited, isOn } from './resolve.js';
import { type Item, itemOrigin, type Scope } from './scope.js';
import type { Built } from './tls.js';

export interface Hop {
  /** Among all places of the model, of which hops are the first. */
  readonly index: number;
  readonly scope: Scope;
  readonly family: Family;
  readonly endpoint: Endpoint;
  /** `undefined` where a variable decides whether TLS is spoken. */
  readonly tls: boolean | undefined;
}

const PASSES: ReadonlyArray<{ readonly directive: string; readonly family: Family; readonly scheme: string }> = [
  { directive: 'proxy_pass', family: 'proxy_ssl', scheme: 'https://' },
  { directive: 'grpc_pass', family: 'grpc_ssl', scheme: 'grpcs://' },
  { directive: 'uwsgi_pass', family: 'uwsgi_ssl', scheme: 'suwsgi://' },
];

/** Every `*_pass` that may speak TLS, in reading order. */
export function hopsIn(scopes: readonly Scope[], fragment: boolean): Hop[] {
  const hops: Hop[] = [];
  for (const scope of scopes) {
    if (scope.module === 'stream') {
      const pass = scope.kind === 'server' ? scope.settings.get('proxy_pass')?.at(-1) : undefined;
      if (pass) hops.push({ index: hops.length, ...streamHop(scope, pass, fragment) });
      continue;
    }
    for (const { directive, family, scheme } of PASSES) {
      for (const item of scope.settings.get(directive) ?? []) {
        const tls = speaks(item.node.args[0] ?? '', scheme);
        if (tls !== false) hops.push({ index: hops.length, scope, family, tls, endpoint: endpointOf(item, 'http') });
      }
    }
  }
  return hops;
}

function speaks(target: string, scheme: string): boolean | undefined {
  if (target.toLowerCase().startsWith(scheme)) return true;
  return /^\$|^\{\{|^<%/.test(target) ? undefined : false;
}

/** `proxy_ssl on` decides; without it the hop is plain. */
function streamHop(scope: Scope, pass: Item, fragment: boolean): Omit<Hop, 'index'> {
  const { items, gap } = inherited(scope, 'proxy_ssl', fragment);
  const said = items.at(-1);
  const tls = said ? isOn(said) : gap === undefined ? false : undefined;
  return { scope, family: 'proxy_ssl', tls, endpoint: endpointOf(pass, 'stream') };
}

function endpointOf(item: Item, kind: 'http' | 'stream'): Endpoint {
  const upstream = item.node.args[0] ?? '';
  return { role: 'client', kind, upstream, default: false, names: [], scope: itemOrigin(item) };
}

export function hopResult({ tls }: Hop, sourced: Sourced, built: Built, target: Target): Result {
  if (tls === false) return { tls: false, state: 'default', configured: 0, negotiable: 0, notes: [] };
  const gap = sourced.gap ?? (tls === undefined ? 'whether TLS is spoken hangs on a variable' : undefined);
  if (gap !== undefined) {
    const notes = [`It can’t be known, since ${gap}.`];
    return { tls: tls ?? null, state: 'unknown', configured: null, negotiable: null, notes };
  }
  const { set, notes } = clientVersions(target.openssl, built.context);
  const state = sourced.protocols.length + sourced.commands.length > 0 ? 'set' : 'default';
  return { tls: true, state, configured: built.configured, negotiable: set, notes };
}

export function hopDeciders({ protocols, commands }: Sourced, { tls, state }: Result): readonly Origin[] {
  return tls === false || state === 'unknown' ? [] : [...protocols, ...commands].map(itemOrigin);
}
