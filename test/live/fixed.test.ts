/** Fixes proved on running servers: what was weak is gone, what is required is there, who answered before still does. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lintCommand } from '../../src/commands/lint.js';
import { diskHost } from '../../src/host.js';
import type { Protocol } from '../../src/model/protocols.js';
import { parseCommandLine } from '../../src/options/parse.js';
import { plain } from '../../src/reporters/colors.js';
import { type LiveCase, readCases } from '../helpers/cases.js';
import { live } from '../helpers/live.js';
import { peerOf, probeMatrix, type Row } from '../helpers/matrix.js';
import { claimPorts, localTarget, movePorts, type ServerName, withServer } from '../helpers/servers.js';

const VERSIONS: readonly Protocol[] = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const WEAK: readonly Protocol[] = ['SSLv3', 'TLSv1', 'TLSv1.1'];
/** Of each server's whole trees, at least so many must have something to mend and be mended. */
const LEAST_MENDED = 20;

type Files = Readonly<Record<string, string>>;
type Answers = Record<string, Row>;

for (const server of ['nginx', 'apache'] as const) {
  live(server)(`what --write makes of a tree is what ${server} then offers`, async t => {
    t.timeout(240_000);
    const base = claimPorts();
    let mended = 0;
    for (const tree of readCases(server)) {
      const files = moved(tree, base);
      const before = await answersOf(tree, files, base);
      if (!before || !isWeak(before)) continue;
      const { files: fixed, code, second, rules } = await writeFixes(server, tree, files);
      const after = await answersOf(tree, fixed, base);
      t.truthy(after, `${tree.name}: the result does not load`);
      t.deepEqual(lost(before, after!), [], `${tree.name}: names no longer answered`);
      if (code !== 0) continue;
      const changed = Object.entries(files).some(([path, text]) => fixed[path] !== text);
      // Where no rule says that TLSv1.2 is missing, suites keep it away, which is not a matter of protocols.
      const missing = ['missing-tls12', 'overriding-token', 'implicit-protocol'].some(rule => rules.includes(rule));
      t.deepEqual(weakNames(after!, missing ? undefined : before), [], `${tree.name}: still weak`);
      t.is(second, '', `${tree.name}: a second run has more to say`);
      if (changed) mended++;
    }
    t.log(`${mended} trees mended and proved`);
    t.true(mended >= LEAST_MENDED, String(mended));
  });
}

function moved(tree: LiveCase, base: number): Files {
  return Object.fromEntries(Object.entries(tree.files).map(([path, text]) => [path, movePorts(text, base)]));
}

/** By listener and name; `undefined` where the server does not start. */
async function answersOf(tree: LiveCase, files: Files, base: number): Promise<Answers | undefined> {
  const { server, modules, define, env } = tree;
  return withServer({ server, files, modules, define, env }, async running => {
    if (!running.loads) return undefined;
    const answers: Answers = {};
    for (const listener of tree.connect) {
      const connect = movePorts(listener, base).replaceAll('{{PREFIX}}', running.dir);
      const rows = await probeMatrix({
        peer: peerOf(connect, running.dir),
        names: [null, ...tree.names],
        versions: VERSIONS,
        ...(tree.starttls !== undefined && { starttls: tree.starttls }),
      });
      for (const [name, row] of Object.entries(rows)) answers[`${listener} ${name}`] = row;
    }
    return answers;
  });
}

function isWeak(answers: Answers): boolean {
  return weakNames(answers).length > 0;
}

/** Names that are offered something weak, or TLS without TLSv1.2; with `before`, only where it was there then. */
function weakNames(answers: Answers, before?: Answers): string[] {
  return Object.keys(answers).filter(name => {
    const row = answers[name]!;
    return (
      WEAK.some(version => row[version]) || (answered(row) && !row['TLSv1.2'] && before?.[name]?.['TLSv1.2'] !== false)
    );
  });
}

function answered(row: Row): boolean {
  return VERSIONS.some(version => row[version]);
}

function lost(before: Answers, after: Answers): string[] {
  return Object.keys(before).filter(name => answered(before[name]!) && !answered(after[name]!));
}

/** `tlslint --write` on the tree, and what `--diff` says of the result. */
async function writeFixes(server: ServerName, tree: LiveCase, files: Files) {
  const directory = mkdtempSync(join(tmpdir(), 'tlslint-fixed-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const found = await lint(server, tree, directory, ['--format', 'json']);
    const code = await lint(server, tree, directory, ['--write']);
    const second = await lint(server, tree, directory, ['--diff']);
    const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(each => each.isFile());
    const fixed = names.map(each => {
      const path = join(each.parentPath, each.name);
      return [path.slice(directory.length + 1), readFileSync(path, 'utf8')] as const;
    });
    return { files: Object.fromEntries(fixed), code: code.code, second: second.stdout, rules: found.stdout };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function lint(server: ServerName, tree: LiveCase, directory: string, flags: readonly string[]) {
  const target = localTarget(server);
  const root = server === 'nginx' ? 'nginx.conf' : 'httpd.conf';
  const modules = server === 'apache' ? ['ssl', 'macro', 'alias', 'authz_core', 'mpm_prefork', ...tree.modules] : [];
  const args = [
    ...flags,
    ...['--server', `${server}@${target.server.text}`, '--openssl', target.openssl.version.text],
    ...modules.flatMap(name => ['--module', `${name}_module`]),
    ...tree.define.flatMap(name => ['--define', name]),
    join(directory, root),
  ];
  let stdout = '';
  const code = await lintCommand(parseCommandLine(args), {
    cwd: directory,
    env: { ...tree.env, TLSLINT_STATE_DIR: join(directory, '.state') },
    host: diskHost(directory),
    paint: plain,
    version: '0.0.0',
    self: {
      pid: process.pid,
      host: 'localhost',
      isAlive: () => true,
      random: () => Math.random().toString(36).slice(2),
    },
    atSignal: () => {},
    stdin: async () => new Uint8Array(),
    stdout: chunk => {
      stdout += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    },
    stderr: () => {},
  });
  return { code, stdout };
}
