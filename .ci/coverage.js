#!/usr/bin/env node
/**
 * `npm run coverage [-- TEST…]`: what the tests run through, and the programs that they start. The command is run as its
 * single files, so that what it runs and what tests import is counted together. Exit code 1 where a limit is not met.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const FOLDERS = ['src', 'parsers', 'fixers'];
const WRITER = ['write', 'replace', 'transaction', 'journal', 'recovery', 'lock', 'filesystem'];
const out = path.resolve('coverage');
const raw = path.join(out, 'raw');
const tests = process.argv.slice(2);

rmSync(out, { recursive: true, force: true });
process.env.TLSLINT_CLI = 'build/src/cli.js';
const tested = c8('--reporter', 'none', 'node_modules/.bin/ava', '--timeout', '10m', ...tests);
c8('report', '--all', ...FOLDERS.flatMap(each => ['--src', each, '--include', `${each}/**`]), '--exclude-after-remap', ...typesAlone(), '--reporter', 'text', '--reporter', 'json', '--reporter', 'json-summary');
const summary = JSON.parse(readFileSync(path.join(out, 'coverage-summary.json'), 'utf8'));
const failures = [
  ...below('everything', summary.total, { lines: 98, branches: 95 }),
  ...WRITER.flatMap(name => below(`fixers/${name}.ts`, summary[path.resolve(`fixers/${name}.ts`)], { lines: 100, branches: 100 })),
];
for (const each of failures) console.error(`coverage: ${each}`);
process.exitCode = tested !== 0 || failures.length > 0 ? 1 : 0;

function c8(...args) {
  return spawnSync('node_modules/.bin/c8', ['--temp-directory', raw, '--reports-dir', out, ...args], { stdio: 'inherit' }).status;
}

function below(what, counts, limits) {
  return Object.entries(limits).flatMap(([kind, least]) => {
    const { pct } = counts?.[kind] ?? { pct: 0 };
    return pct >= least ? [] : [`${pct} % of the ${kind} of ${what}, expected ${least} %`];
  });
}

/** Options that leave out files which hold nothing but types, and so are never run. */
function typesAlone() {
  const files = FOLDERS.flatMap(folder => readdirSync(folder, { recursive: true }).map(name => path.join(folder, name)));
  const isEmpty = file => /^(?:\/\/.*\n)*$/.test(readFileSync(path.join('build', file.replace(/\.ts$/, '.js')), 'utf8'));
  return ['**/*.js', ...files.filter(file => file.endsWith('.ts') && isEmpty(file))].flatMap(file => ['--exclude', file]);
}
