/** What a configuration holds is data: no report may let it act on a terminal or on a CI system. */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Report, ReportFinding } from '../src/report.js';
import { display, displayLine } from '../src/reporters/display.js';
import { lineHashes } from '../src/reporters/fingerprints.js';
import { FORMATS, type FormatName } from '../src/reporters/index.js';
import { runs } from './helpers/properties.js';

const HOSTILE: Readonly<Record<string, string>> = {
  NUL: 'a\0b',
  BEL: 'a\u0007b',
  'carriage return': 'good\rbad',
  newline: 'a\nb',
  CSI: 'a\u001b[2Jb',
  'C1 CSI': 'a\u009b2Jb',
  'OSC 8': 'a\u001b]8;;http://x\u001b\\b',
  'OSC 52': 'a\u001b]52;c;eA==\u0007b',
  DEL: 'a\u007fb',
  bidi: 'a\u202eb\u2066c',
  'line separator': 'a\u2028::error::b\u2029c',
  'zero width': 'a\u200bb\ufeffc',
  surrogate: 'a\ud800b',
  tags: 'a\u{e0041}b',
  'workflow command': '::error::x',
  'blank, then a command': ' \t::add-mask::x',
  'a command on a new line': 'a\n::error::b\r\n::warning::c',
  'old workflow command': '##[error]x',
  'old command within': 'x ##[set-env name=a]b',
  'Azure command': '##vso[task.setvariable variable=a]b',
  'Azure command, in capitals': 'x ##VSO[task.complete]',
  TeamCity: "##teamcity[message text='x']",
  'three marks': '###[error]x',
  XML: ']]><!-- & "<b>\'\ufffe\uffff',
  percent: 'a%0A::error::b%25',
};
const RAW =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/u;
/** Where GitHub's runner (`ActionCommand`) and Azure's agent take a command from a line. */
const COMMAND = /^\s*::|##(?:vso|teamcity)?\[/i;

const PLACES = [
  'path',
  'message',
  'line',
  'name',
  'listen',
  'note',
  'related',
  'fix',
  'reason',
  'error',
  'all',
] as const;
type Place = (typeof PLACES)[number];

function reportWith(text: string, place: Place): Report {
  const at = (name: Place) => (place === name || place === 'all' ? text : name);
  const point = { line: 1, column: 1, offset: 0 };
  const finding: ReportFinding = {
    rule: 'deprecated-protocol',
    severity: 'error',
    message: at('message'),
    place: { start: point, end: { line: 1, column: 3, offset: 2 } },
    note: at('note'),
    related: [{ message: at('related'), path: at('path'), line: 1, column: 1 }],
    endpoints: [{ listen: at('listen'), names: [at('name'), at('name')] }],
    fix: { title: at('fix'), applicability: 'manual', reason: at('reason'), edits: [] },
    url: 'https://example.org/rule',
    sourceLine: at('line'),
  };
  const file = { path: at('path'), dialect: 'nginx' as const, text: at('line') };
  const summary = { files: 1, errors: 1, warnings: 0, infos: 0, fixable: 0, fixed: 0 };
  return {
    version: '0.0.0',
    policy: { name: 'intermediate', version: '5.7' },
    files: [{ ...file, findings: [finding] }],
    suppressed: [{ ...file, findings: [{ ...finding, suppressed: at('reason') }] }],
    errors: [{ path: at('path'), message: at('error') }],
    rules: [{ id: 'deprecated-protocol', summary: 'S.', severity: 'error', url: 'https://example.org/rule' }],
    assumptions: [],
    summary,
  };
}

for (const format of Object.keys(FORMATS) as FormatName[]) {
  test(`${format}: nothing hostile gets through, wherever it stands`, async t => {
    const reporter = await FORMATS[format]();
    for (const [name, text] of Object.entries(HOSTILE)) {
      for (const place of PLACES) checkOutput(t, format, reporter(reportWith(text, place), {}), `${name} in ${place}`);
    }
  });
}

function checkOutput(t: ExecutionContext, format: FormatName, output: string, what: string): void {
  const json = ['json', 'sarif', 'gitlab', 'rdjson'].includes(format);
  // JSON keeps exact values by its own escapes; U+2028 and the like are legal there, and lines are those of the format.
  if (json) t.notThrows(() => JSON.parse(output), what);
  else t.notRegex(output, RAW, what);
  if (json) t.notRegex(output, /[\u0000-\u0009\u000b-\u001f]/, what);
  if (format === 'github') {
    const lines = output.trimEnd().split('\n');
    t.is(lines.length, 2, what);
    for (const line of lines) t.regex(line, /^::error [^:]*title=tlslint[^:]*::[^\n]*$/, what);
  } else {
    for (const line of output.split('\n')) t.false(/^\s*::/.test(line), what);
    if (!json) for (const line of output.split('\n')) t.notRegex(line, COMMAND, what);
  }
}

test('a part that is safe alone does not make a command with the next one', async t => {
  const reporter = await FORMATS.text();
  const report = reportWith('x', 'note');
  const [file] = report.files;
  const [finding] = file!.findings;
  for (const column of [1, 2, 3]) {
    const place = { start: { line: 1, column, offset: 0 }, end: { line: 1, column: column + 1, offset: 1 } };
    const one = { ...finding!, sourceLine: '##[error]x', place };
    t.notRegex(reporter({ ...report, files: [{ ...file!, findings: [one] }] }, {}), /##\[/);
  }
});

test('display: one line of visible text, whatever comes in', t => {
  const hostile = fc.constantFrom(...Object.values(HOSTILE));
  const text = fc.array(fc.oneof(hostile, fc.string({ unit: 'binary' })), { maxLength: 4 });
  fc.assert(
    fc.property(text, fc.integer({ min: 10, max: 300 }), (parts, longest) => {
      for (const shown of [display(parts.join(''), longest), displayLine(parts.join(''), longest)]) {
        t.notRegex(shown, RAW);
        t.false(shown.includes('\n'));
      }
      t.true(display(parts.join(''), longest).length <= longest);
      t.notRegex(displayLine(parts.join(''), longest), COMMAND);
    }),
    { numRuns: runs(500) },
  );
});

test('display leaves plain text as it is', t => {
  for (const text of ['ssl_protocols TLSv1.2;', 'größe 日本 👍', '# a ## b', 'a::b', '[::]:443'])
    t.is(display(text), text);
});

/** The sum that a rolling hash makes, written out: 100 characters from the start of the line on. */
function plainLineHashes(text: string): string[] {
  const codes = [...text.replace(/\r\n?/g, '\n').replace(/[ \t]/g, '')]
    .join('')
    .split('')
    .map(each => each.charCodeAt(0));
  codes.push(65535);
  const starts = codes.flatMap((_, index) => (index === 0 || codes[index - 1] === 10 ? [index] : []));
  const counts = new Map<string, number>();
  return starts.map(start => {
    let hash = 0n;
    for (let at = 0; at < 100; at++) hash = BigInt.asUintN(64, hash * 37n + BigInt(codes[start + at] ?? 0));
    const value = hash.toString(16);
    counts.set(value, (counts.get(value) ?? 0) + 1);
    return `${value}:${counts.get(value)}`;
  });
}

test('the line hash is GitHub’s, on 1,000 random texts', t => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\r\n', '\r', ' ', '\t', 'a', 'ssl_protocols TLSv1;', '\u00e9', '日', '👍', 'x'.repeat(70)),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
      const text = pieces.join('');
      const expected = plainLineHashes(text);
      const hashes = lineHashes(text, new Set(expected.map((_, index) => index + 1)));
      t.deepEqual([...hashes.values()], expected);
    }),
    { numRuns: runs(1000) },
  );
});
