/** Endpoints of nginx, and the places that they are: a server on its listeners, or a hop to an upstream. */
import type { Endpoint } from '../../model/types.js';
import type { Situation } from './offer.js';
import { type Resolved, type Server, showListener } from './resolve.js';
import type { Item } from './scope.js';
import type { Hop } from './upstream.js';

/** What decides what a client meets. Endpoints that share one get the same. */
export type Place = Situation | Hop;

export function isHop(place: Place): place is Hop {
  return 'endpoint' in place;
}

/** A class for its prototype, and so that its place is found without a table of all: there may be tens of thousands. */
class ServerEndpoint implements Endpoint {
  readonly role = 'server';
  readonly kind: Server['module'];
  readonly listen: string;
  readonly default: boolean;
  readonly names: readonly string[];
  readonly scope: Item;
  readonly #place: Situation;

  constructor(listen: string, isDefault: boolean, { module, names, scope }: Server, place: Situation) {
    this.kind = module;
    this.listen = listen;
    this.default = isDefault;
    this.names = names;
    this.scope = scope.item!;
    this.#place = place;
  }

  static placeOf(endpoint: ServerEndpoint): Situation {
    return endpoint.#place;
  }
}

/** One endpoint per listener and server, then one per hop to an upstream. */
export interface Endpoints {
  readonly endpoints: readonly Endpoint[];
  /** Each once, by its index less that of the first. */
  readonly situations: readonly Situation[];
  /** `undefined` for an endpoint of another model. */
  placeOf(endpoint: Endpoint): Place | undefined;
}

export function createEndpoints(
  { listeners }: Resolved,
  hops: readonly Hop[],
  situation: (listener: Resolved['listeners'][number], server: Server) => Situation,
): Endpoints {
  const endpoints: Endpoint[] = [];
  const situations: Situation[] = [];
  for (const listener of listeners) {
    const first = listener.first.server;
    const listen = showListener(listener);
    for (const server of listener.servers) {
      const place = situation(listener, server);
      situations[place.index - hops.length] = place;
      endpoints.push(new ServerEndpoint(listen, server === first, server, place));
    }
  }
  const byHop = new Map(hops.map(hop => [hop.endpoint, hop]));
  for (const { endpoint } of hops) endpoints.push(endpoint);
  const placeOf = (endpoint: Endpoint): Place | undefined => {
    if (!(endpoint instanceof ServerEndpoint)) return byHop.get(endpoint);
    const place = ServerEndpoint.placeOf(endpoint);
    return situations[place.index - hops.length] === place ? place : undefined;
  };
  return { endpoints, situations, placeOf };
}
