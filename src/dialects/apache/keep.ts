/** Directives that the model is made of: where each may stand, who has it, and what it is kept for. */
import type { LoadProblem } from '../../model/types.js';
import { formatAddress, parseAddress } from './addresses.js';
import { OTHER_DIRECTIVES, SSL_DIRECTIVES, TLS_DIRECTIVES } from './directives.js';
import { ALWAYS, type Context, type Frame, problem, type Reader } from './reader.js';
import { addLine, type Line, type ProxySection } from './scope.js';
import { since } from './since.js';

export function isKept(key: string): boolean {
  const first = key.charCodeAt(0);
  if (first === 0x73 && key.startsWith('ssl')) return SSL_DIRECTIVES.has(key) || isMisspelled(key);
  return OTHER_DIRECTIVES.has(key) || TLS_DIRECTIVES.has(key);
}

/** A name that no server knows, and that can only be meant for one about protocols. */
function isMisspelled(key: string): boolean {
  return /^ssl_?(?:proxy_?)?protocols?$/.test(key);
}

/** Of the core: no section that configures requests may hold them. */
const SERVER_ONLY = new Set(['listen', 'namevirtualhost', 'servername', 'serveralias', 'protocol']);
/** How many they take at most; each takes at least one. */
const CORE_ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ['listen', 2],
  ['namevirtualhost', 1],
  ['protocol', 1],
]);
const PROXY_TARGETS = new Set(['proxypass', 'proxypassmatch', 'balancermember', 'rewriterule']);

export function keep(reader: Reader, line: Line, frame: Frame) {
  const { key } = line;
  const { context } = frame;
  if (PROXY_TARGETS.has(key)) return keepTarget(line, context.proxy);
  if (SERVER_ONLY.has(key) && !isCoreAccepted(reader, line, context)) return;
  if (key === 'listen' || key === 'namevirtualhost') {
    if (key === 'listen') refuseTwice(reader, line);
    reader.listens.push(line);
    return;
  }
  const known = SSL_DIRECTIVES.get(key);
  if (!known) {
    if (isMisspelled(key))
      refuse(reader, line, `Unexpected directive \`${line.origin.directive}\`, expected \`SSLProtocol\``, ALWAYS);
    else if (TLS_DIRECTIVES.has(key) && !reader.modules.has('tls_module')) refuseName(reader, line, ALWAYS);
    else if (context.inside === 'server') addLine(line.scope, line);
    return;
  }
  if (!reader.modules.has('ssl_module')) return refuseWithoutModule(reader, line);
  const { until } = known;
  if (until !== undefined) refuseName(reader, line, target => since(target, until));
  if (known.trunk) refuseName(reader, line, target => target.trunk !== true);
  else if (known.since !== undefined) {
    const release = known.since;
    refuseName(reader, line, target => !since(target, release));
  }
  if (context.inside === 'directory' && known.place !== 'any') return refusePlace(reader, line, context, ALWAYS);
  if (context.inside === 'proxy' && known.place === 'server') return refusePlace(reader, line, context, ALWAYS);
  if (context.inside === 'proxy' && known.place === 'proxy') {
    refusePlace(reader, line, context, target => !since(target, '2.4.30'));
    if (context.proxy) addLine(context.proxy, line);
    return;
  }
  if (context.inside === 'server') addLine(line.scope, line);
}

/** Place and arguments of directives of the core; a problem where the server refuses them. */
function isCoreAccepted(reader: Reader, line: Line, context: Context): boolean {
  const { key, args, scope } = line;
  const wanted = CORE_ARGUMENTS.get(key);
  if (context.inside === 'directory') refusePlace(reader, line, context, ALWAYS);
  else if (key === 'listen' && scope.kind === 'vhost') {
    refusePlace(reader, line, { ...context, section: 'VirtualHost' }, ALWAYS);
  } else if (key === 'serveralias' && scope.kind === 'main' && !reader.fragment) {
    refuse(reader, line, 'Unexpected `ServerAlias` in the main server, expected it in `<VirtualHost>`', ALWAYS);
  } else if (wanted && (args.length < 1 || args.length > wanted)) {
    const message = `Unexpected ${args.length} arguments of \`${line.origin.directive}\`, expected ${wanted === 1 ? '1' : '1 or 2'}`;
    // Options of `Listen` came with the development version.
    refuse(reader, line, message, target => key !== 'listen' || args.length === 0 || target.trunk !== true);
  } else if (key === 'listen' && line.unknown === undefined && !parseAddress(args[0]!.text)?.port) {
    refuse(reader, line, `Unexpected \`${args[0]!.text}\` after \`Listen\`, expected an address with a port`, ALWAYS);
  } else return true;
  return false;
}

/** Two sockets on one address; newer releases say so when they read it, older ones when they bind. */
function refuseTwice(reader: Reader, line: Line): void {
  const wanted = addressOf(line);
  const isTaken =
    wanted !== undefined && reader.listens.some(each => each.key === 'listen' && addressOf(each) === wanted);
  if (isTaken) refuse(reader, line, `Unexpected second \`Listen\` on \`${wanted}\``, ALWAYS);
}

function addressOf({ args, unknown }: Line): string | undefined {
  const address = unknown === undefined ? parseAddress(args[0]?.text ?? '') : undefined;
  return address && formatAddress(address);
}

/** Told once: one cause, however many directives need the module. */
function refuseWithoutModule(reader: Reader, line: Line): void {
  if (reader.withoutSsl) return;
  reader.withoutSsl = true;
  const message = `Unexpected \`${line.origin.directive}\` without mod_ssl, expected a \`LoadModule\` line that loads \`ssl_module\``;
  refuse(reader, line, message, ALWAYS);
}

function refuseName(reader: Reader, line: Line, stops: LoadProblem['stops']): void {
  refuse(
    reader,
    line,
    `Unexpected directive \`${line.origin.directive}\`, which no loaded module of this server has`,
    stops,
  );
}

function refusePlace(reader: Reader, line: Line, { section }: Context, stops: LoadProblem['stops']): void {
  const where = section === '.htaccess' ? '`.htaccess`' : `\`<${section}>\``;
  refuse(
    reader,
    line,
    `Unexpected \`${line.origin.directive}\` in ${where}, expected it in a server or virtual host`,
    stops,
  );
}

/** Only what the judged target refuses is told; what another would is asked of `stops` again. */
function refuse(reader: Reader, line: Line, message: string, stops: LoadProblem['stops']): void {
  problem(reader, 'refused', line.origin, message, stops);
}

const TLS_SCHEME = /^(?:https|wss|h2):\/\//i;
const PROXY_URL = /^(?:https|wss|h2|balancer):\/\//i;

function keepTarget(line: Line, proxy: ProxySection | undefined): void {
  const { key, args } = line;
  if (key === 'rewriterule') {
    const flags = args[2]?.text.toLowerCase() ?? '';
    if (!/[[,]\s*(?:p|proxy)\s*[,\]]/.test(flags)) return;
  }
  const url = (key === 'rewriterule' ? args[1] : args.find(arg => PROXY_URL.test(arg.text)))?.text;
  if (url === undefined) return;
  if (key === 'balancermember' && proxy) {
    if (TLS_SCHEME.test(url)) proxy.members.push({ url, line });
  } else if (PROXY_URL.test(url)) line.scope.targets.push({ url, line });
}
