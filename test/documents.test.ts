/** What the Markdown of the repository points at is there. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
});
const documents = listed.stdout.split('\n').filter(name => name !== '' && existsSync(name));

/** As GitHub makes them: lower case, blanks to dashes, other punctuation gone. */
function anchorsOf(file: string): Set<string> {
  const headings = withoutBlocks(file).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function withoutBlocks(file: string): string {
  return readFileSync(file, 'utf8').replace(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '');
}

test('links within the repository lead somewhere', t => {
  t.true(documents.length > 10);
  let count = 0;
  for (const file of documents) {
    for (const [, target = ''] of withoutBlocks(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [name = '', anchor] = target.split('#', 2);
      const at = name === '' ? file : path.join(path.dirname(file), name);
      t.true(existsSync(at), `${file} points at ${target}`);
      if (anchor !== undefined) t.true(anchorsOf(at).has(anchor), `${file} points at ${target}`);
      count++;
    }
  }
  t.true(count > 15);
});

test('what the program and its files point at in our documents is there', t => {
  const init = readFileSync('src/commands/init.ts', 'utf8');
  for (const [, anchor = ''] of init.matchAll(/github\.com\/tlslint\/tlslint#([\w-]+)/g))
    t.true(anchorsOf('README.md').has(anchor), anchor);
  for (const [, file = ''] of init.matchAll(/tlslint\/tlslint\/main\/([\w./-]+)/g)) t.true(existsSync(file), file);
});
