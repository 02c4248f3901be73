/** `npm run new-rule -- ID`: starts a rule. Its tests fail until the readme's examples and the check agree. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const SHAPE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Makes `src/rules/<id>/` below `root` and lists it. The message where it can't. */
export function newRule(root: string, id: string): string | undefined {
  if (!SHAPE.test(id)) return `Unexpected rule id \`${id}\`, expected lower-case words with \`-\` between them`;
  const folder = path.join(root, 'src/rules', id);
  if (existsSync(folder)) return `Unexpected rule id \`${id}\`, there is one of this name`;
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'index.ts'), codeOf(id, version));
  writeFileSync(path.join(folder, 'readme.md'), readmeOf(id));
  writeFileSync(path.join(root, 'src/rules/index.ts'), listOf(rulesIn(path.join(root, 'src/rules'))));
  return undefined;
}

/** The text of `src/rules/index.ts`. */
export function listOf(ids: readonly string[]): string {
  const imports = ids.map(id => `import { ${nameOf(id)} } from './${id}/index.js';`);
  return `/** All rules, by id. */
import type { Rule } from '../rule.js';
${imports.join('\n')}

export const rules: readonly Rule[] = [
${ids.map(id => `  ${nameOf(id)},`).join('\n')}
];
`;
}

function rulesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
    .sort();
}

function nameOf(id: string): string {
  return id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function codeOf(id: string, version: string): string {
  return `import { defineRule } from '../../rule.js';

export const ${nameOf(id)} = defineRule(
  {
    id: '${id}',
    summary: 'One sentence that says what is found.',
    severity: 'warning',
    dialects: ['nginx', 'apache'],
    since: '${version}',
    references: [],
  },
  ({ model, report }) => {
    for (const { origin } of model.statements) report({ at: origin, message: 'Unexpected \`X\`, expected \`Y\`' });
  },
);
`;
}

function readmeOf(id: string): string {
  return `# ${id}

<!-- meta -->
<!-- /meta -->

## Why

What goes wrong, who is affected, when to allow it.

## Examples

### What is found

\`\`\`nginx bad
events {}
\`\`\`

### What is not

\`\`\`nginx good fragment
ssl_protocols TLSv1.2 TLSv1.3;
\`\`\`
`;
}

function main(id: string | undefined): void {
  const failure = newRule(process.cwd(), id ?? '');
  if (failure === undefined)
    console.log(`src/rules/${id}/ is made; now write its readme, then its check, then \`npm run docs\``);
  else console.error(failure);
  process.exitCode = failure === undefined ? 0 : 2;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv[2]);
