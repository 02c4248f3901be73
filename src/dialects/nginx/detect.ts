/** Whether a file is nginx configuration, by its content and then by its path. */
import { parse, walk } from '../../../parsers/nginx/index.js';

const ROOT_BLOCKS = new Set(['http', 'events', 'stream', 'mail']);
/** Directives that httpd does not have, or not with a `;`. */
const OWN = new Set([
  'server',
  'location',
  'upstream',
  'listen',
  'server_name',
  'proxy_pass',
  'ssl_protocols',
  'ssl_certificate',
  'ssl_ciphers',
  'ssl_conf_command',
  'fastcgi_param',
  'uwsgi_param',
  'scgi_param',
  'proxy_set_header',
  'add_header',
  'try_files',
  'return',
  'rewrite',
  'map',
  'geo',
  'types',
  'charset_map',
  'include',
  'load_module',
  'if',
  'root',
  'access_log',
  'gzip',
  'resolver',
  'allow',
  'deny',
  'set',
  'limit_req_zone',
  'ssl_session_cache',
  'ssl_session_timeout',
  'ssl_prefer_server_ciphers',
  'ssl_dhparam',
  'ssl_certificate_key',
  'proxy_ssl_protocols',
  'proxy_http_version',
  'proxy_cache_path',
  'log_format',
  'fastcgi_pass',
  'proxy_ssl_verify',
]);
/** Of these, words that other languages have as well: alone they tell of nginx only where all of the file can be read. */
const SHARED = new Set(
  'server location return rewrite map geo types include if root allow deny set resolver gzip'.split(' '),
);
/** Files of languages with blocks and semicolons of their own. */
const OTHERS =
  /\.(?:[cm]?[jt]sx?|css|less|scss|json|tf|hcl|pp|rb|py|sh|go|rs|java|kt|php|pl|c|h|cc|cpp|cs|vb|sql|dot|gv|proto|vcl|nft|html?|xml|md)$/i;
const MOST_SNIFFED = 200_000;

export function detect(path: string, text: string): 'root' | 'fragment' | 'none' {
  if (OTHERS.test(path)) return 'none';
  const head = text.length > MOST_SNIFFED ? text.slice(0, MOST_SNIFFED) : text;
  // Every statement ends with one of these, and a file of comments alone says nothing.
  if (!head.includes(';') && !head.includes('{')) return 'none';
  if (/^[ \t]*<\w/m.test(head) && !/[{};][ \t\r]*$/m.test(head)) return 'none';
  const { tree, problems } = parse(head);
  let own = 0;
  let telling = 0;
  let all = 0;
  let root = false;
  for (const child of tree.children) {
    if (child.type !== 'directive') continue;
    if (child.block && ROOT_BLOCKS.has(child.name)) root = true;
  }
  for (const { name } of walk(tree)) {
    all++;
    if (OWN.has(name)) own++;
    if (OWN.has(name) && !SHARED.has(name)) telling++;
    if (all >= 200) break;
  }
  if (root && own + 1 >= all / 10) return 'root';
  if (all === 0 || own === 0) return 'none';
  const pathSays = /(?:^|\/)nginx|\.nginx$|_params$/i.test(path);
  const mostlyOwn = own >= all / 2;
  if (problems.length > (telling > 0 ? all : 0) && !pathSays) return 'none';
  return mostlyOwn || pathSays ? 'fragment' : 'none';
}
