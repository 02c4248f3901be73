#!/usr/bin/env node
/**
 * Builds the command: `dist/cli.cjs`, which starts it, `dist/main.cjs` with all that a plain run needs, and beside them, as
 * `dist/cli-*.cjs`, what other runs load. CommonJS, since starting Node's loader of ES modules takes a tenth of the time
 * that Node takes to start.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from '@babel/parser';
import { build, transform } from 'esbuild';

/** What `tlslint nginx.conf` goes through. */
const PLAIN = ['src/commands/lint.ts', 'src/dialects/nginx/index.ts', 'src/reporters/text.ts'];

/** Runs whose functions are compiled at once: with and without findings. */
const SAMPLES = [
  'server { listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key a.key; ssl_protocols TLSv1 TLSv1.2; }',
  'server { ssl_protocols TLSv1.2 TLSv1.3; }',
];

const MAIN = 'dist/main.cjs';
const HEAD = '(function(require,__filename){';

const OPTIONS = { platform: 'node', target: 'node20.19', legalComments: 'eof', logLevel: 'warning' };

/** Chunks that are files of their own are functions, so that they are given what they share with `main.cjs`. */
const LOADER = `
export const own = { __proto__: null };
const loaded = { __proto__: null };
export const loadChunk = async name => chunk(name);
function chunk(name) {
  if (!name.startsWith('./cli')) return require(name);
  return (loaded[name] ??= own[name]?.() ?? fetched(name));
}
function fetched(name) {
  const module = { exports: {} };
  require(name.replace(/js$/, 'cjs'))(module, chunk, loadChunk);
  return module.exports;
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
for (const name of readdirSync('dist')) if (/^(?:cli|main)(?:-.*)?\.(?:c?js|v8)/.test(name)) rmSync(path.join('dist', name));
for (const name of texts.keys()) if (!plain.has(name)) writeFileSync(fileOf(name), await lazy(name));
const text = await joined();
await writeCommand(text);
await writeCommand(compiledAtOnce(text, calledByPlainRuns()));
/** The name of older notes and scripts: the same, by the loader of ES modules. */
writeFileSync('dist/cli.js', "#!/usr/bin/env node\nimport './cli.cjs';\n", { mode: 0o755 });
mkdirSync('build', { recursive: true });
writeFileSync('build/cli.json', JSON.stringify(sourcesByFile(), null, 2));

/** The text as what V8 reads, a function that is given what a module is, and the program that hands it over. */
async function writeCommand(text) {
  const main = `${HEAD}${text}})\n`;
  const digest = createHash('sha256').update(main).digest('hex').slice(0, 16);
  writeFileSync(MAIN, main);
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: ['src/cli/start.ts'],
    outfile: 'dist/cli.cjs',
    bundle: true,
    format: 'cjs',
    minify: true,
    define: { TEXT: JSON.stringify(digest) },
    banner: { js: '#!/usr/bin/env node' },
    write: false,
  });
  writeFileSync('dist/cli.cjs', outputFiles[0].text, { mode: 0o755 });
}

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

/** For tests: the sources of each file that Node loads, and with `cli.cjs` those of what it starts. */
function sourcesByFile() {
  const found = {};
  for (const name of texts.keys()) {
    const file = plain.has(name) ? fileOf('cli.js') : fileOf(name);
    found[file] = [...(found[file] ?? []), ...Object.keys(metafile.outputs[`dist/${name}`].inputs)];
  }
  return found;
}

/** One file; what the other chunks share with it they get by the name of the chunk it was in, put together when it is asked for. */
async function joined() {
  const names = [...plain].filter(name => name !== 'cli.js');
  const imports = names.map((name, index) => `import { ${exportsOf(name).map(each => `${each} as c${index}${each}`).join()} } from './${name}';`);
  const table = names.map((name, index) => {
    const members = exportsOf(name).map(each => `get ${each}() { return c${index}${each}; }`);
    return `'./${name}': () => ({ ${members.join()} })`;
  });
  const contents = [`import { own } from 'loader';`, ...imports, `Object.assign(own, { ${table} });`].join('\n');
  const result = await build({
    ...OPTIONS,
    stdin: { contents: `import 'shared';\nimport './cli.js';`, resolveDir: '.' },
    bundle: true,
    format: 'cjs',
    minify: true,
    external: ['nginx-conf'],
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

function exportsOf(name) {
  return metafile.outputs[`dist/${name}`].exports;
}

/** A dynamic import of a chunk would start the loader of ES modules. */
function withLoader(text) {
  return withRequire(text).replace(/\bimport\((?="\.\/cli)/g, 'loadChunk(').replaceAll('import.meta.url', 'import_meta.url');
}

/** esbuild would copy what a module of Node's own holds, once for each file that imports the whole of it. */
function withRequire(text) {
  return text.replace(/^import (\w+) from ("node:[\w/]+");$/gm, 'const $1 = require($2);');
}

/** Where in the text the functions begin that plain runs call. */
function calledByPlainRuns() {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tlslint-build-'));
  const called = new Set();
  for (const [index, sample] of SAMPLES.entries()) {
    const config = path.join(scratch, 'nginx.conf');
    const counted = path.join(scratch, `${index}`);
    writeFileSync(config, `events {}\nhttp { ${sample} }\n`);
    const { status, stderr } = spawnSync(process.execPath, ['dist/cli.cjs', config], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: counted },
    });
    if (status !== 0 && status !== 1) throw new Error(`build-cli: a plain run failed\n${stderr}`);
    for (const name of readdirSync(counted)) {
      const { result } = JSON.parse(readFileSync(path.join(counted, name), 'utf8'));
      const { functions } = result.find(({ url }) => url.endsWith(`/${MAIN}`));
      for (const { ranges } of functions) if (ranges[0].count > 0) called.add(ranges[0].startOffset - HEAD.length);
    }
  }
  rmSync(scratch, { recursive: true });
  return called;
}

/**
 * V8 compiles a function in parentheses along with what is around it. Any other it skips, and reads again when it is called,
 * which is dear where that is so for nearly all that a plain run goes through.
 */
function compiledAtOnce(text, called) {
  const { program } = parse(text, { sourceType: 'script', attachComment: false });
  const write = writer(text, called);
  const first = [];
  let rest = '';
  let at = 0;
  for (const each of program.body) {
    const isCalled = each.type === 'FunctionDeclaration' && called.has(each.start);
    if (isCalled) first.push(`${each.id.name}=(${write(each).replace(/^((?:async )?function\*? ?)[\w$]+/, '$1')})`);
    rest += `${text.slice(at, each.start)}${isCalled ? '' : write(each)}`;
    at = each.end;
  }
  return `var ${first.join(',\n')};${rest}${text.slice(at)}`;
}

/** Arrow functions are never compiled at once, so that those that are called become functions where that is the same. */
function writer(text, called) {
  const write = node => {
    let written = '';
    let at = node.start;
    for (const child of childrenOf(node)) {
      // Of `{ a }`, key and value are at one place.
      if (child.start < at) continue;
      written += text.slice(at, child.start) + writeAny(child);
      at = child.end;
    }
    return written + text.slice(at, node.end);
  };
  const writeAny = node => {
    if (node.type !== 'ArrowFunctionExpression' || !called.has(node.start) || usesThis(node)) return write(node);
    const body = node.body.type === 'BlockStatement' ? writeAny(node.body) : `{return(${writeAny(node.body)})}`;
    return `(${node.async ? 'async ' : ''}function(${node.params.map(writeAny).join()})${body})`;
  };
  return write;
}

/** In the order of the text. */
function childrenOf(node) {
  const values = Object.entries(node).flatMap(([key, value]) => (key === 'extra' ? [] : value));
  return values.filter(each => typeof each?.type === 'string').sort((a, b) => a.start - b.start);
}

/** Whether a function means something of what is around it that a function with its own `this` and `arguments` would not. */
function usesThis(node) {
  const { type } = node;
  if (['ThisExpression', 'Super', 'MetaProperty'].includes(type) || (type === 'Identifier' && node.name === 'arguments')) return true;
  if (['FunctionExpression', 'FunctionDeclaration', 'ObjectMethod', 'ClassMethod'].includes(type)) return false;
  return childrenOf(node).some(usesThis);
}
