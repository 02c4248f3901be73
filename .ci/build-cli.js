#!/usr/bin/env node
/**
 * Builds the command: `dist/cli.cjs` with all that a plain run needs, and beside it, as `dist/cli-*.cjs`, what other
 * runs load. CommonJS, since starting Node's loader of ES modules takes a tenth of the time that Node takes to start.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, transform } from 'esbuild';

/** What `tlslint nginx.conf` goes through. */
const PLAIN = ['src/commands/lint.ts', 'src/dialects/nginx/index.ts', 'src/reporters/text.ts'];

const OPTIONS = { platform: 'node', target: 'node20.19', legalComments: 'eof', logLevel: 'warning' };

/** Chunks that are files of their own are functions, so that they are given what they share with `cli.cjs`. */
const LOADER = `
export const shared = { __proto__: null };
export const loadChunk = async name => chunk(name);
function chunk(name) {
  if (shared[name] || !name.startsWith('./cli')) return shared[name] ?? require(name);
  const module = { exports: {} };
  require(name.replace(/js$/, 'cjs'))(module, chunk, loadChunk);
  return (shared[name] = module.exports);
}`;

/** esbuild parts ES modules alone, so it does that first; then the parts are joined and turned into CommonJS. */
const { outputFiles, metafile } = await build({
  ...OPTIONS,
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  chunkNames: 'cli-[hash]',
  external: ['nginx-conf'],
  mainFields: ['module', 'main'],
  metafile: true,
  write: false,
});
const texts = new Map(outputFiles.map(file => [path.basename(file.path), file.text]));
const plain = reached(['cli.js', ...PLAIN.map(chunkOf)]);

mkdirSync('dist', { recursive: true });
for (const name of readdirSync('dist')) if (/^cli(?:-\w+)?\.c?js$/.test(name)) rmSync(path.join('dist', name));
for (const name of texts.keys()) if (!plain.has(name)) writeFileSync(fileOf(name), await lazy(name));
writeFileSync(fileOf('cli.js'), await joined());
chmodSync(fileOf('cli.js'), 0o755);
/** The name of older notes and scripts: the same, by the loader of ES modules. */
writeFileSync('dist/cli.js', "#!/usr/bin/env node\nimport './cli.cjs';\n", { mode: 0o755 });
mkdirSync('build', { recursive: true });
writeFileSync('build/cli.json', JSON.stringify(sourcesByFile(), null, 2));

/** The chunk that holds a source file as what a dynamic import leads to. */
function chunkOf(source) {
  const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === source);
  if (!found) throw new Error(`build-cli: nothing imports ${source} dynamically`);
  return path.basename(found[0]);
}

/** These chunks and all that they import statically. */
function reached(names) {
  const found = new Set(names);
  for (const name of found) {
    for (const { path: file, kind } of metafile.outputs[`dist/${name}`].imports) {
      if (kind === 'import-statement' && texts.has(path.basename(file))) found.add(path.basename(file));
    }
  }
  return found;
}

function fileOf(name) {
  return `dist/${name.replace(/js$/, 'cjs')}`;
}

/** For tests: the sources of each file. */
function sourcesByFile() {
  const found = {};
  for (const name of texts.keys()) {
    const file = plain.has(name) ? fileOf('cli.js') : fileOf(name);
    found[file] = [...(found[file] ?? []), ...Object.keys(metafile.outputs[`dist/${name}`].inputs)];
  }
  return found;
}

/** One file; what the other chunks share with it they get by the name of the chunk it was in. */
async function joined() {
  const names = [...plain].filter(name => name !== 'cli.js');
  const imports = names.map((name, index) => `import * as c${index} from './${name}';`);
  const table = names.map((name, index) => `'./${name}': c${index}`);
  const contents = [`import { shared } from 'loader';`, ...imports, `Object.assign(shared, { ${table} });`].join('\n');
  const result = await build({
    ...OPTIONS,
    stdin: { contents: `import 'shared';\nimport './cli.js';`, resolveDir: '.' },
    bundle: true,
    format: 'cjs',
    minify: true,
    external: ['nginx-conf'],
    banner: { js: '#!/usr/bin/env node' },
    plugins: [{ name: 'chunks', setup: build => serveChunks(build, contents) }],
    write: false,
  });
  return result.outputFiles[0].text;
}

function serveChunks({ onResolve, onLoad }, sharing) {
  onResolve({ filter: /^(?:\.\/cli[\w-]*\.js|loader|shared)$/ }, ({ path: name }) => ({ path: name, namespace: 'chunk' }));
  onLoad({ filter: /^loader$/, namespace: 'chunk' }, () => ({ contents: LOADER }));
  onLoad({ filter: /^shared$/, namespace: 'chunk' }, () => ({ contents: sharing, resolveDir: '.' }));
  onLoad({ filter: /^\./, namespace: 'chunk' }, ({ path: name }) => ({
    contents: `import { loadChunk } from 'loader';\n${withLoader(texts.get(name.slice(2)).replace(/^#!.*/, ''))}`,
    resolveDir: '.',
  }));
}

async function lazy(name) {
  const { code } = await transform(withLoader(texts.get(name)), { ...OPTIONS, format: 'cjs', minify: true });
  const here = code.includes('import_meta') ? `const import_meta={url:require('node:url').pathToFileURL(__filename).href};` : '';
  return `module.exports=function(module,require,loadChunk){${here}${code}};\n`;
}

/** A dynamic import of a chunk would start the loader of ES modules. */
function withLoader(text) {
  return text.replace(/\bimport\((?="\.\/cli)/g, 'loadChunk(').replaceAll('import.meta.url', 'import_meta.url');
}
