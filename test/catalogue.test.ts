import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ruleUrl } from '../src/lint.js';
import { rules } from '../src/rules/index.js';
import { generatedDocs } from './helpers/docs.js';
import { allExamples, readmePath, ruleFolders } from './helpers/examples.js';
import { listOf, newRule } from './helpers/new-rule.js';

const examples = allExamples();

test('every folder is a rule, and the list is what `npm run new-rule` writes', t => {
  t.deepEqual(
    rules.map(({ meta }) => meta.id),
    ruleFolders(),
  );
  t.is(readFileSync('src/rules/index.ts', 'utf8'), listOf(ruleFolders()));
});

for (const rule of rules) {
  const { meta } = rule;
  const own = examples.filter(example => example.rule === rule);

  test(`${meta.id}: meta and readme are complete`, t => {
    const readme = readFileSync(readmePath(rule), 'utf8');
    t.true(readme.startsWith(`# ${meta.id}\n\n<!-- meta -->\n`));
    t.regex(readme, /\n## Why\n\n.{40}/);
    t.is(/\n## Why this fix is safe\n\n.{40}/.test(readme), meta.fix === 'safe');
    t.regex(meta.summary, /^[A-Z].*\.$/);
    t.true(meta.dialects.length > 0 && meta.references.length > 0);
    for (const { url } of meta.references) t.is(new URL(url).protocol, 'https:');
    t.true(ruleUrl(meta.id).endsWith(`/${readmePath(rule)}`));
  });

  for (const dialect of meta.dialects) {
    test(`${meta.id}: has examples for ${dialect}`, t => {
      const bad = own.filter(example => example.dialect === dialect && example.bad);
      const good = own.filter(example => example.dialect === dialect && !example.bad);
      t.true(bad.length >= 3 && good.length >= 2);
      // A `.reg` file has no variables.
      const noVariable = meta.id === 'syntax' || meta.id === 'unresolved-include' || dialect === 'windows';
      t.true(noVariable || good.some(({ text }) => text.includes('$')));
      if (meta.fix) t.true(own.some(example => example.bad && !example.unfixable));
    });
  }
}

test('what the program writes into the docs is up to date', async t => {
  for (const [file, text] of await generatedDocs()) t.is(readFileSync(file, 'utf8'), text, file);
});

test('new-rule starts a rule that is listed, and refuses a name that is taken or is none', t => {
  const root = mkdtempSync(path.join(tmpdir(), 'tlslint-rule-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  cpSync('src/rules', path.join(root, 'src/rules'), { recursive: true });
  cpSync('package.json', path.join(root, 'package.json'));
  t.is(newRule(root, 'weak-cipher'), undefined);
  t.regex(readFileSync(path.join(root, 'src/rules/index.ts'), 'utf8'), /\n {2}unusedSuppression,\n {2}weakCipher,\n/);
  t.regex(readFileSync(path.join(root, 'src/rules/weak-cipher/readme.md'), 'utf8'), /^# weak-cipher\n/);
  t.regex(newRule(root, 'weak-cipher') ?? '', /there is one/);
  t.regex(newRule(root, '../x') ?? '', /Unexpected rule id/);
});
