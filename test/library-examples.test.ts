import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { build } from 'esbuild';
import { nginxServer, tlslint, workspace } from './helpers/command.js';

/** Compiled as a user would, with this tree's sources as the package; the packages it needs are found from here. */
async function compile(t: ExecutionContext, name: string): Promise<string> {
  mkdirSync('build/examples', { recursive: true });
  const outdir = mkdtempSync(path.resolve('build/examples', `${name}-`));
  t.teardown(() => rmSync(outdir, { recursive: true, force: true }));
  await build({
    entryPoints: [`examples/${name}.ts`],
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    alias: { tlslint: path.resolve('src/index.ts') },
    external: ['unified', 'vfile', 'vfile-message', 'vfile-reporter', 'diff', 'nginx-conf'],
  });
  return path.join(outdir, `${name}.js`);
}

function node(...args: string[]) {
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
}

test('as-library: findings, a diff, and what a tree offers', async t => {
  const cwd = workspace(t, { 'nginx.conf': nginxServer('server_name a.example; ssl_protocols TLSv1.2;') });
  const { status, stdout, stderr } = node(await compile(t, 'as-library'), path.join(cwd, 'nginx.conf'));
  t.deepEqual([status, stderr], [0, '']);
  t.regex(stdout, /^nginx\.conf:8:23 deprecated-protocol /m);
  t.regex(stdout, /^\+ {8}ssl_protocols TLSv1\.2;$/m);
  t.regex(stdout, /^fixed$/m);
  t.regex(stdout, /^0\.0\.0\.0:443 a\.example TLSv1\.2$/m);
});

test('unified: a pipeline whose messages vfile-reporter prints', async t => {
  const { status, stdout, stderr } = node(await compile(t, 'unified'));
  t.is(status, 0);
  t.regex(stderr, /^nginx\.conf$/m);
  t.regex(stderr, /^7:23-7:28 +error +Unexpected .*deprecated-protocol +tlslint$/m);
  t.regex(stdout, /^ {8}ssl_protocols TLSv1\.2;$/m);
});

const OLD = nginxServer('server_name shop.example; ssl_protocols TLSv1.2;');

test('own-rule: named by flag it runs, and its options come from the configuration file', async t => {
  const plugin = await compile(t, 'own-rule');
  const cwd = workspace(t, { 'nginx.conf': OLD });
  const { status, stdout } = tlslint(cwd, ['--plugin', plugin, 'nginx.conf']);
  t.is(status, 1);
  t.regex(stdout, /warning missing-tls13\n {2}Unexpected `shop\.example` without `TLSv1\.3`/);
  const rules = { 'missing-tls13': { severity: 'error', options: { hosts: ['pay.example'] } } };
  writeFileSync(path.join(cwd, 'tlslint.config.json'), JSON.stringify({ rules }));
  t.is(tlslint(cwd, ['--plugin', plugin, 'nginx.conf']).status, 0);
  const unknown = tlslint(cwd, ['nginx.conf']);
  t.is(unknown.status, 2);
  t.regex(unknown.stderr, /Unexpected rule `missing-tls13`/);
});

test('own-rule: code scanning learns of it as of ours', async t => {
  const plugin = await compile(t, 'own-rule');
  const cwd = workspace(t, {
    'nginx.conf': OLD,
    'plain.mjs': `export const plain = { meta: { id: 'plain', summary: 'Plain.', severity: 'info', dialects: ['nginx'], since: '1', references: [] },
      check({ model, report }) { for (const { scope } of model.endpoints) report({ at: scope, message: 'Plain' }); } };\n`,
  });
  const { stdout } = tlslint(cwd, ['--plugin', plugin, '--plugin', './plain.mjs', '--format', 'sarif', 'nginx.conf']);
  const [{ results, tool }] = JSON.parse(stdout).runs;
  const rules: Array<{ id: string; helpUri?: string }> = tool.driver.rules;
  t.deepEqual(
    results.map((each: { ruleId: string; ruleIndex: number }) => [each.ruleId, rules[each.ruleIndex]?.id]),
    ['plain', 'missing-tls13'].map(id => [id, id]),
  );
  t.is(rules.find(({ id }) => id === 'missing-tls13')?.helpUri, 'https://www.rfc-editor.org/rfc/rfc8446');
  t.false('helpUri' in rules.find(({ id }) => id === 'plain')!);
});

test('own-rule: a package, named by a configuration file outside the linted tree alone', async t => {
  const plugin = await compile(t, 'own-rule');
  const marker =
    'import { writeFileSync } from "node:fs"; writeFileSync(new URL("ran", import.meta.url), ""); export * from "./rule.js";';
  const cwd = workspace(t, {
    'tree/nginx.conf': OLD,
    'tree/tlslint.config.json': '{"plugins": ["./evil.js"]}',
    'tree/evil.js': 'import { writeFileSync } from "node:fs";\nwriteFileSync("ran", "");\n',
    'ours/nginx.conf': OLD,
    'ours/tlslint.json': '{"plugins": ["tlslint-plugin-x"]}',
    'ours/node_modules/tlslint-plugin-x/package.json': '{"type": "module", "exports": "./index.js"}',
    'ours/node_modules/tlslint-plugin-x/index.js': marker,
  });
  mkdirSync(path.join(cwd, 'tree/.git'));
  cpSync(plugin, path.join(cwd, 'ours/node_modules/tlslint-plugin-x/rule.js'));
  const tree = path.join(cwd, 'tree');
  for (const args of [
    ['nginx.conf'],
    ['--config', 'tlslint.config.json', 'nginx.conf'],
    ['.'],
    ['--print-config', '.'],
  ]) {
    const { status, stdout, stderr } = tlslint(tree, args);
    t.deepEqual([status, stdout], [2, '']);
    t.regex(stderr, /tlslint\.config\.json:1:13: Unexpected `plugins`.*must not run code/);
  }
  const elsewhere = tlslint(tree, ['../ours/nginx.conf']);
  t.is(elsewhere.status, 2);
  t.regex(elsewhere.stderr, /must not run code/);
  t.false(existsSync(path.join(tree, 'ran')));
  const ours = tlslint(tree, ['--config', '../ours/tlslint.json', 'nginx.conf']);
  t.is(ours.status, 1);
  t.regex(ours.stdout, /missing-tls13/);
});

test('own-rule: what is no plugin, and one that fails, is said and is no bug of ours', t => {
  const cwd = workspace(t, {
    'nginx.conf': OLD,
    'none.mjs': 'export const x = 1;\n',
    'broken.mjs': 'throw new Error("no way");\n',
    'same.mjs': 'export default { meta: { id: "syntax", dialects: ["nginx"] }, check() {} };\n',
    'throws.mjs':
      'export default { meta: { id: "x", severity: "error", dialects: ["nginx"] }, check() { throw new Error("oh"); } };\n',
  });
  for (const [file, message] of [
    ['./none.mjs', /exports no rule/],
    ['./broken.mjs', /could not be loaded: no way/],
    ['./gone.mjs', /could not be loaded/],
    ['tlslint-plugin-gone', /could not be loaded/],
    ['./same.mjs', /is there already/],
    ['./throws.mjs', /Rule `x` of plugin `\.\/throws\.mjs` failed: oh/],
  ] as const) {
    const { status, stderr } = tlslint(cwd, ['--plugin', file, 'nginx.conf']);
    t.is(status, 2, file);
    t.regex(stderr, message);
  }
});
