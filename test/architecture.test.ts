import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

/** What dialects share and none of them owns. */
const ANY_DIALECT = ['types', 'certificate', 'ipv6', 'wildcard'].map(name => `src/dialects/${name}.ts`);

/** By the longest prefix that fits: what a file may import, as prefixes of paths or names of packages. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  parsers: ['parsers', 'unist', 'node:buffer'],
  fixers: ['fixers', 'parsers', 'diff', 'nginx-conf', 'node:'],
  'src/rule.ts': ['fixers/edit.ts', 'parsers/ast.ts', 'src/model'],
  'src/model': ['fixers/edit.ts', 'parsers/ast.ts', 'src/model'],
  'src/rules': ['src/rule.ts', 'src/model'],
  'src/rules/index.ts': ['src/rule.ts', 'src/rules'],
  'src/dialects': ['src/dialects', 'src/model', 'parsers/ast.ts', 'fixers/verify.ts'],
  ...Object.fromEntries(
    ['nginx', 'apache', 'windows', 'dotnet'].map(id => [
      `src/dialects/${id}`,
      ['parsers', 'fixers', 'src/model', ...ANY_DIALECT, `src/dialects/${id}`, 'node:path'],
    ]),
  ),
  'src/reporters': [
    'src/reporters',
    'src/report.ts',
    'src/identity.ts',
    'src/rule.ts',
    'src/model',
    'fixers/edit.ts',
    'node:',
  ],
  'src/probe': ['src/probe', 'src/model', 'node:'],
  'src/live': ['src/live', 'src/probe', 'src/model', 'node:'],
};

/** Files of more than 400 lines, each with its reason. */
const LONG: Readonly<Record<string, string>> = { 'src/options/table.ts': 'one row for each flag' };

/** Files that a tool looks for at the top level and nowhere else. */
const FOR_OTHERS = ['action.yml', 'Dockerfile'];

/** Never, whatever the table allows. */
const FORBIDDEN: ReadonlyArray<readonly [string, RegExp]> = [
  ['parsers/nginx', /^parsers\/apache/],
  ['parsers/apache', /^parsers\/nginx/],
  ['src/cli.ts', /^(?:parsers|fixers|src\/rules|src\/dialects)\//],
  ['src/cli', /^(?:parsers|fixers|src\/rules|src\/dialects)\//],
  ['src', /^test\//],
];

const files = ['parsers', 'fixers', 'src'].flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => path.posix.join(folder, name)),
);
const sources = files.filter(file => file.endsWith('.ts'));

test('each folder imports only what the design lets it', t => {
  t.true(sources.length > 20);
  for (const file of sources) {
    const allowed = MAY_IMPORT[longestPrefix(file)];
    for (const target of importsOf(file)) {
      if (allowed) t.true(isBelow(target, allowed), `${file} imports ${target}`);
      for (const [prefix, never] of FORBIDDEN) if (isBelow(file, [prefix])) t.notRegex(target, never, file);
    }
  }
});

test('no rule imports another, and none names a dialect outside its meta', t => {
  for (const file of sources.filter(each => /^src\/rules\/[^/]+\//.test(each))) {
    const folder = path.posix.dirname(file);
    for (const target of importsOf(file)) t.false(target.startsWith('src/rules/') && !target.startsWith(folder), file);
    const code = readFileSync(file, 'utf8')
      .replace(/dialects: \[.*?\],/, '')
      .replace(/references: \[.*?\n {4}\],/s, '');
    t.notRegex(code, /nginx|apache|httpd|['"]ssl_|SSLProtocol/i, file);
  }
});

test('nobody but a dialect asks which dialect it is', t => {
  for (const file of sources.filter(each => !each.startsWith('src/dialects/'))) {
    const code = readFileSync(file, 'utf8');
    t.notRegex(code, /[!=]==? *'(?:nginx|apache|windows|dotnet)'|'(?:nginx|apache|windows|dotnet)' *[!=]==?/, file);
  }
});

test('process and console appear in the CLI and nowhere else', t => {
  for (const file of sources.filter(each => !/^src\/cli(?:\.ts|\/)/.test(each))) {
    t.notRegex(withoutText(readFileSync(file, 'utf8')), /(?<![\w.$-])(?:process|console)\s*[.[?]/, file);
    t.false(importsOf(file).includes('node:process'), file);
  }
});

test('the command line decides nothing, and nothing is too long to be read', t => {
  t.true(readFileSync('src/cli.ts', 'utf8').split('\n').length <= 80);
  for (const file of sources) {
    const lines = readFileSync(file, 'utf8').split('\n');
    t.true(lines.length <= 400 || file in LONG, `${file} has ${lines.length} lines`);
    for (const { name, length } of functionsOf(lines)) t.true(length <= 60, `${name} of ${file} has ${length} lines`);
  }
});

test('what the library imports comes with the package', t => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  const reached = new Set(['src/index.ts', 'parsers/nginx/index.ts', 'parsers/apache/index.ts']);
  for (const file of reached) {
    for (const target of importsOf(file)) {
      if (sources.includes(target)) reached.add(target);
      else t.true(target.startsWith('node:') || packageOf(target) in dependencies, `${file} imports ${target}`);
    }
  }
  t.true(reached.size > 50);

  /** \`unist\` is nothing but types. */
  function packageOf(target: string): string {
    return target === 'unist' ? '@types/unist' : target.split('/', target.startsWith('@') ? 2 : 1).join('/');
  }
});

/** What stands at the top of a repository is what a newcomer sees of it first. */
test('the top level holds what it should and nothing else', t => {
  const kept = readFileSync('.gitignore', 'utf8').split('\n');
  const shown = readdirSync('.').filter(
    name => !name.startsWith('.') && !kept.includes(name) && !kept.includes(`${name}/`),
  );
  const folders = ['bench', 'examples', 'fixers', 'parsers', 'src', 'test'];
  const files = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package-lock.json', 'package.json', 'tsconfig.json'];
  t.deepEqual(
    shown.filter(name => ![...folders, ...files, ...FOR_OTHERS, 'shared'].includes(name) && !name.endsWith('.tgz')),
    [],
  );
});

test('no folder is a drawer for odds and ends', t => {
  t.deepEqual(
    files.filter(file => /(?:^|\/)(?:utils?|libs?|helpers?|commons?|shared|misc)(?:\/|\.ts$)/.test(file)),
    [],
  );
});

/** Functions at the top level of a file, which end at the first `}` at the start of a line. */
function functionsOf(lines: readonly string[]): Array<{ name: string; length: number }> {
  return lines.flatMap((line, start) => {
    const name = /^(?:export )?(?:async )?function\*? (\w+)/.exec(line)?.[1];
    if (name === undefined) return [];
    const end = lines.findIndex(
      (each, at) => at > start && each.startsWith('}') && !each.startsWith('})') && !each.startsWith('}:'),
    );
    return [{ name, length: end - start + 1 }];
  });
}

function longestPrefix(file: string): string {
  const fitting = Object.keys(MAY_IMPORT).filter(prefix => isBelow(file, [prefix]));
  return fitting.reduce((a, b) => (b.length > a.length ? b : a), '');
}

/** Types count as well: an import of a type is knowledge too. */
function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g);
  return [...found].map(([, name = '']) =>
    name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name).replace(/\.js$/, '.ts') : name,
  );
}

function isBelow(file: string, prefixes: readonly string[]): boolean {
  return prefixes.some(prefix => file === prefix || file.startsWith(prefix.endsWith(':') ? prefix : `${prefix}/`));
}

function withoutText(code: string): string {
  return code
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'/g, '');
}
