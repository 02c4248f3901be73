/** Certificates whose keys OpenSSL refuses at the security level that is in force when nginx loads them. */
import { createContext, keyWords, refusesKey, setCipherList } from '../../model/openssl.js';
import type { Target } from '../../model/target.js';
import type { LoadProblem } from '../../model/types.js';
import { type CertificateKey, readKey } from '../certificate.js';
import type { Host } from '../types.js';
import { refused } from './placement.js';
import { inherited, type Server } from './resolve.js';
import { type Item, itemOrigin } from './scope.js';
import { buildsContext } from './stops.js';

/** Beyond, only where a list names a level: to read thousands of certificates takes longer than all the rest. */
const MOST_READ = 100;

/** ngx_http_ssl_merge_srv_conf: behind `ssl_ciphers`, and before `ssl_conf_command`. */
export function keySizeProblems(
  servers: readonly Server[],
  fragment: boolean,
  host: Host,
  pathOf: (written: string) => string,
): LoadProblem[] {
  const known = new Map<string, CertificateKey>();
  const told = new Map<Item, Set<string>>();
  const problems: LoadProblem[] = [];
  for (const server of servers) {
    const { items } = inherited(server.scope, 'ssl_certificate', fragment);
    if (items.length === 0) continue;
    const ciphers = inherited(server.scope, 'ssl_ciphers', fragment);
    const list = ciphers.items.at(-1)?.node.args[0];
    if (ciphers.gap !== undefined || list?.includes('$')) continue;
    for (const item of items) {
      const written = item.node.args[0] ?? '';
      if (told.get(item)?.has(list ?? '') || !isFile(written)) continue;
      if (known.size >= MOST_READ && !known.has(written) && !list?.includes('@SECLEVEL')) continue;
      const key = known.get(written) ?? readKey(host, pathOf(written));
      known.set(written, key);
      const { size } = key;
      if (!size || size.bits >= LARGE[size.type]) continue;
      told.set(item, (told.get(item) ?? new Set()).add(list ?? ''));
      const message = `Unexpected ${keyWords(size)}, smaller than OpenSSL allows at the security level in force`;
      const stops = (target: Target) =>
        buildsContext(server, target, fragment) && refusesKey(levelAt(target, list), size);
      problems.push(refused(itemOrigin(item), message, stops));
    }
  }
  return problems;
}

/** Such keys pass at every level that anybody uses. */
const LARGE = { rsa: 15_360, ec: 512 } as const;

function isFile(written: string): boolean {
  return written !== '' && !/^(?:data|engine|store):/.test(written) && !written.includes('$');
}

function levelAt({ openssl }: Target, list: string | undefined): number {
  const context = createContext(openssl);
  if (list !== undefined) setCipherList(openssl, context, list);
  return context.level;
}
