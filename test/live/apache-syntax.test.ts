/** The httpd parser against `apache2 -t`: what the server calls a matter of sections is a problem, and nothing else is. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse } from '../../parsers/apache/index.js';
import { live } from '../helpers/live.js';

const RUNS = Number(process.env.TLSLINT_SYNTAX_RUNS ?? 120);
const MODULES = ['mpm_prefork', 'authz_core', 'alias', 'macro'];
const SYNTAX =
  /was not closed|without matching|Expected <\/|missing closing '>'|Line too long|expected token not found|Invalid command '\ufeff/;

/** Lines that the server takes anywhere, so that sections alone decide; `<IfModule none>` and `</IfModule> x` depend on a module. */
const LINES = [
  ...[
    'Define a b',
    '# c',
    '',
    ' ',
    '"" x',
    '"Define" a b',
    'Def\\\nine a "b c"',
    'Define> a b',
    '# c \\',
    'Define a b\\',
    '\\',
  ],
  ...['<Directory /a>', '<Files a>', '<Files a', '<Files> a', '<directory "/a>b"> c', '"<Files" a>', "'<Files' \\\na>"],
  ...['<If "true">', '<IfModule mod_alias.c>', '<Location /a></Location>', '<Macro m$x>', '<Fi\\\nles a>\r'],
  ...[
    '</Directory>',
    '</Files>',
    '</FILES> c',
    '</Files >',
    '</Files',
    '</Files>#',
    '"</Files>"',
    '</If>',
    '</IfModule>',
    '</Macro>',
  ],
  ...['</Directory> \\', '</\\\nFiles>', '</>', 'Define a b\0 \\', '\0', '</Files>\0', '<Files a>\0>'],
];
const texts = fc
  .tuple(
    fc.array(fc.constantFrom(...LINES), { maxLength: 8 }),
    fc.constantFrom('', '\n'),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.boolean(),
  )
  .map(([lines, end, lineEnding, wrapped]) => {
    const all = wrapped ? ['<Files x>', ...lines, '</Files>'] : lines;
    return all.map(line => `${line}${lineEnding}`).join('') + end;
  });

live('apache')('the parser refuses what the server refuses', t => {
  const dir = mkdtempSync(path.join(tmpdir(), 'tlslint-syntax-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  let refused = 0;
  let told = 0;
  fc.assert(
    fc.property(texts, text => {
      const output = serverSays(dir, text);
      const bySyntax = SYNTAX.test(output);
      // Another error stands first where the server meets it while it reads.
      if (!bySyntax && !output.includes('Syntax OK')) return true;
      const { problems } = parse(text);
      // httpd does not ask for the end of a conditional section that holds, nor of what is open in it; one that does not hold needs it.
      const lenient =
        text.includes('IfModule') && problems.every(each => each.message.startsWith('Unexpected end of file'));
      if (!bySyntax && lenient) return true;
      told++;
      if (bySyntax) refused++;
      if (problems.length > 0 === bySyntax) return true;
      throw new Error(`${JSON.stringify(text)}: ${output} but ${JSON.stringify(problems)}`);
    }),
    { numRuns: RUNS, seed: 20_261_124 },
  );
  t.log(`${told} texts judged, ${refused} refused`);
  t.true(refused > RUNS / 20 && told - refused > RUNS / 40);
});

function serverSays(dir: string, text: string): string {
  const root = path.join(dir, 'httpd.conf');
  const part = path.join(dir, 'part.conf');
  writeFileSync(part, text);
  const modules = MODULES.map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('');
  writeFileSync(root, `${modules}ServerName a\nPidFile "${dir}/p"\nErrorLog "${dir}/e"\nInclude "${part}"\n`);
  const { stdout, stderr } = spawnSync('apache2', ['-t', '-d', dir, '-f', root], { encoding: 'utf8', timeout: 20_000 });
  return stdout + stderr;
}
