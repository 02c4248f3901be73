/** Sets what a running server offers beside what the model says of its configuration. */
import type { Dialect, LoadSettings } from '../../src/dialects/types.js';
import { diskHost } from '../../src/host.js';
import { type Protocol, protocolNames, protocolSet } from '../../src/model/protocols.js';
import type { Answer, Model } from '../../src/model/types.js';
import type { StarttlsName } from '../../src/probe/starttls.js';
import { peerOf, probeMatrix } from './matrix.js';
import { localTarget, movePorts, type ServerName, withServer } from './servers.js';

export interface Compared {
  /** Name and version pairs asked for, a refused load counting as one. */
  readonly cells: number;
  /** Cells that the model leaves open. */
  readonly unknown: number;
  /** Why it does, in its words. */
  readonly open: readonly string[];
  /** Each in words, with everything that is needed to look at it. */
  readonly disagreements: readonly string[];
}

export interface Tree {
  readonly name: string;
  readonly server: ServerName;
  readonly files: Readonly<Record<string, string>>;
  readonly connect: readonly string[];
  readonly names: readonly string[];
  readonly modules?: readonly string[];
  readonly define?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly starttls?: StarttlsName | undefined;
}

const VERSIONS: readonly Protocol[] = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** A name that no configuration has. */
const NOBODY = 'nobody.invalid';

export async function loadDialect(server: ServerName): Promise<Dialect> {
  const module: Record<string, Dialect> = await import(`../../src/dialects/${server}/index.js`);
  return module[server]!;
}

/** Starts the server with the tree and compares every cell. `base` is the first port of the block to use. */
export function compareTree(dialect: Dialect, tree: Tree, base: number): Promise<Compared> {
  const files = Object.fromEntries(Object.entries(tree.files).map(([path, text]) => [path, movePorts(text, base)]));
  const setup = {
    server: tree.server,
    files,
    modules: tree.modules ?? [],
    define: tree.define ?? [],
    env: tree.env ?? {},
  };
  return withServer(setup, async running => {
    const model = dialect.load(running.root, diskHost(running.dir), settings(tree));
    const loads = model.loads(localTarget(tree.server));
    if (loads !== running.loads) {
      const said = [
        ...running.messages,
        ...model.problems.filter(one => one.stops(localTarget(tree.server))).map(one => `model: ${one.message}`),
      ].join('\n  ');
      return {
        cells: 1,
        unknown: 0,
        open: [],
        disagreements: [`${tree.name}: server loads ${running.loads}, model ${loads}\n  ${said}`],
      };
    }
    if (!running.loads) return { cells: 1, unknown: 0, open: [], disagreements: [] };
    const compared = [];
    for (const connect of tree.connect) compared.push(await compareListener(tree, model, connect, running.dir, base));
    return sum(compared);
  });
}

export function sum(list: readonly Compared[]): Compared {
  return {
    cells: list.reduce((count, one) => count + one.cells, 0),
    unknown: list.reduce((count, one) => count + one.unknown, 0),
    open: list.flatMap(one => one.open),
    disagreements: list.flatMap(one => one.disagreements),
  };
}

async function compareListener(
  tree: Tree,
  model: Model,
  listener: string,
  dir: string,
  base: number,
): Promise<Compared> {
  const connect = movePorts(listener, base).replaceAll('{{PREFIX}}', dir);
  const rows = await probeMatrix({
    peer: peerOf(connect, dir),
    names: [null, ...tree.names, NOBODY],
    versions: VERSIONS,
    ...(tree.starttls === undefined ? {} : { starttls: tree.starttls }),
  });
  const compared = Object.entries(rows).map(([name, row]): Compared => {
    const answer = model.answer(
      name === '(none)' ? { connect } : { connect, servername: name },
      localTarget(tree.server),
    );
    const said = answeredSet(answer);
    if (said === null)
      return { cells: VERSIONS.length, unknown: VERSIONS.length, open: answer.notes, disagreements: [] };
    const offered = protocolSet(VERSIONS.filter(version => row[version] === true));
    if (offered === said) return { cells: VERSIONS.length, unknown: 0, open: [], disagreements: [] };
    const words = `server ${protocolNames(offered).join(' ') || 'nothing'}, model ${protocolNames(said).join(' ') || 'nothing'}`;
    const notes = answer.notes.map(note => `\n  ${note}`).join('');
    return {
      cells: VERSIONS.length,
      unknown: 0,
      open: [],
      disagreements: [`${tree.name}: ${listener} ${name}: ${words}${notes}`],
    };
  });
  return sum(compared);
}

/** `null` where the model can't know. */
function answeredSet(answer: Answer): number | null {
  if (answer.tls === false) return 0;
  return answer.negotiable;
}

function settings(tree: Tree): LoadSettings {
  return {
    prefix: '',
    define: new Map((tree.define ?? []).map(name => [name, ''])),
    // What the harness gives the server on its command line, where the files don't show it.
    module: tree.server === 'apache' ? [...APACHE_LOADED, ...(tree.modules ?? []).map(name => `${name}_module`)] : [],
    env: tree.env ?? {},
    target: localTarget(tree.server),
  };
}

const APACHE_LOADED = ['ssl_module', 'macro_module', 'alias_module', 'authz_core_module', 'version_module'];
