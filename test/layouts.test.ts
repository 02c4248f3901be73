/** What a fix does hangs on what a file says, not on how it is laid out; and no comment is lost on the way. */
import test from 'ava';
import * as apache from '../parsers/apache/index.js';
import * as nginx from '../parsers/nginx/index.js';
import { encode } from '../parsers/source.js';
import { memoryHost, overlayHost } from '../src/host.js';
import { DEFAULT_POLICY } from '../src/model/policies.js';
import { patch } from '../src/patch.js';
import { prove } from '../src/prove.js';
import { type Checked, check, checkFiles } from '../src/run.js';
import { settingsOf } from '../src/settings.js';
import { randomOf } from './fuzz/random.js';
import { casesIn } from './helpers/conformance.js';
import { relaid } from './helpers/layouts.js';
import { runs } from './helpers/properties.js';
import { type Tree, treeIn } from './helpers/variants.js';

const FOLDERS = {
  nginx: [...casesIn('test/conformance/nginx'), 'examples/nginx-legacy'],
  apache: [...casesIn('test/conformance/apache'), 'examples/apache-legacy'],
};
const SERVERS = { nginx: 'nginx@1.22.1', apache: 'apache@2.4.57' };
const PARSERS = { nginx, apache };

type Files = ReadonlyMap<string, Uint8Array>;

for (const dialect of ['nginx', 'apache'] as const) {
  test(`a fix of a file in another layout says the same: ${dialect}`, async t => {
    let mended = 0;
    for (const folder of FOLDERS[dialect]) {
      const tree = treeIn(folder, dialect);
      // In httpd, a last line without an end is lost behind one with `Use`, and not behind a comment.
      if ([...tree.files.values()].some(bytes => bytes.at(-1) !== 10)) continue;
      const plain = await fixed(tree.files, tree);
      if (plain.mended) mended++;
      for (let seed = 0; seed < runs(2); seed++) {
        const random = randomOf(seed);
        const files = new Map(
          [...tree.files].map(([file, bytes], at) => [file, relaid(bytes, dialect, random, `c${at}-`)]),
        );
        const other = await fixed(files, tree);
        const where = `${tree.name}, layout ${seed}`;
        t.deepEqual(other.findings, plain.findings, where);
        t.deepEqual(other.said, plain.said, where);
        t.deepEqual(commentsOf(other.files), commentsOf(files), where);
      }
    }
    t.true(mended > 40, String(mended));
  });
}

interface Fixed {
  readonly findings: readonly string[];
  /** Each directive of each file, as the servers would see it. */
  readonly said: readonly string[];
  readonly files: Files;
  readonly mended: boolean;
}

async function fixed(files: Files, { dialect }: Tree): Promise<Fixed> {
  const host = memoryHost(files);
  const [main = ''] = files.keys();
  const settings = settingsOf({ server: SERVERS[dialect] }, [main], '/case', {}, host);
  const first = await checkFiles(settings, host);
  const { patches } = patch(first, {
    allow: 'unsafe',
    policy: DEFAULT_POLICY,
    recheck: replaced => check(settings, overlayHost(host, replaced)),
  });
  for (const each of patches) {
    const { failure } = await prove(each);
    if (failure !== undefined) throw new Error(failure);
  }
  const written = new Map(patches.map(({ file, after }) => [file.real, encode(after, file.source.encoding)]));
  const after = new Map([...files].map(([file, bytes]) => [file, written.get(file) ?? bytes]));
  return { findings: findingsOf(first), said: saidIn(after, dialect), files: after, mended: written.size > 0 };
}

function findingsOf({ findings }: Checked): string[] {
  return findings.map(({ rule, message, fix }) => `${rule} ${message} (${fix?.applicability ?? 'no fix'})`).sort();
}

function saidIn(files: Files, dialect: Tree['dialect']): string[] {
  const { parse, directives } = PARSERS[dialect] as typeof nginx;
  return [...files].flatMap(([file, bytes]) =>
    [...directives(parse(bytes).tree)].map(
      ({ name, args }) => `${file}: ${[name, ...args].join(' ').replaceAll('\r', '')}`,
    ),
  );
}

/** Those that the layout put there. */
function commentsOf(files: Files): string[] {
  return [...files.values()]
    .flatMap(
      bytes =>
        Buffer.from(bytes)
          .toString('latin1')
          .match(/# c\d+-\d+\./g) ?? [],
    )
    .sort();
}
