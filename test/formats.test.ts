/** Every format over every finding of the examples, read back as its own consumer reads it. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import draft04 from 'ajv-draft-04';
import formats from 'ajv-formats';
import test, { type ExecutionContext } from 'ava';
import { SaxesParser } from 'saxes';
import { applyFixes } from '../fixers/apply.js';
import { nginxServer, tlslint, workspace } from './helpers/command.js';
import { allExamples } from './helpers/examples.js';

const NAMES = ['text', 'compact', 'json', 'sarif', 'github', 'gitlab', 'junit', 'checkstyle', 'rdjson'] as const;
type Name = (typeof NAMES)[number];

interface Point {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

interface Edit {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Found {
  readonly path: string;
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly url: string;
  readonly place: { readonly start: Point; readonly end: Point };
  readonly endpoints: readonly object[];
  readonly fix?: { readonly applicability: 'safe' | 'unsafe' | 'manual'; readonly edits: readonly Edit[] };
}

interface Sample {
  readonly reports: Readonly<Record<Name, string>>;
  /** From the JSON report: what the other formats are held against. */
  readonly findings: readonly Found[];
  text(file: string): string;
}

let made: Sample | undefined;

/** The examples of the repository and of all rules, in all formats by one run. */
function sample(t: ExecutionContext): Sample {
  if (made) return made;
  const cwd = workspace(t, {});
  cpSync('examples', path.join(cwd, 'examples'), { recursive: true, verbatimSymlinks: true });
  for (const [index, { path: file, text }] of allExamples().entries()) {
    const name = path.basename(file);
    mkdirSync(path.join(cwd, `rule-${index}`));
    writeFileSync(path.join(cwd, `rule-${index}`, name), text);
  }
  const { status, stderr } = tlslint(cwd, [...NAMES.map(name => `--format=${name}=out.${name}`), 'examples', '.']);
  t.is(status, 2, stderr);
  const reports = Object.fromEntries(NAMES.map(name => [name, readFileSync(path.join(cwd, `out.${name}`), 'utf8')]));
  const json: { files: { path: string; findings: Omit<Found, 'path'>[] }[] } = JSON.parse(reports.json!);
  const findings = json.files.flatMap(file => file.findings.map(each => ({ ...each, path: file.path })));
  const texts = new Map(findings.map(each => [each.path, readFileSync(path.join(cwd, each.path), 'utf8')]));
  made = { reports: reports as Record<Name, string>, findings, text: file => texts.get(file)! };
  return made;
}

function placesOf(findings: readonly Found[]): string[] {
  return findings
    .map(({ path: file, place, rule }) => `${file}:${place.start.line}:${place.start.column} ${rule}`)
    .sort();
}

test.serial('json: what issue-trackers and scripts rely on is there', t => {
  const { reports, findings } = sample(t);
  const whole = JSON.parse(reports.json);
  t.is(whole.schemaVersion, 1);
  t.deepEqual(Object.keys(whole), ['schemaVersion', 'tool', 'policy', 'assumptions', 'files', 'errors', 'summary']);
  t.deepEqual(Object.keys(whole.summary), ['files', 'errors', 'warnings', 'infos', 'fixable', 'fixed']);
  t.true(findings.length > 60);
  t.true(new Set(findings.map(({ rule }) => rule)).size > 10);
  for (const finding of findings) {
    for (const key of ['rule', 'severity', 'message', 'place', 'endpoints', 'url']) t.true(key in finding, key);
    t.true(finding.place.start.offset <= finding.place.end.offset);
  }
  const count = (severity: string) => findings.filter(each => each.severity === severity).length;
  t.like(whole.summary, { errors: count('error'), warnings: count('warning'), infos: count('info') });
});

test.serial('sarif: valid by the schema, and all that GitHub wants', t => {
  const { reports, findings, text } = sample(t);
  const log = JSON.parse(reports.sarif);
  const ajv = new draft04.default({ strict: false, allErrors: true, unicodeRegExp: false });
  formats.default(ajv as never);
  const schema = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as object;
  const valid = ajv.compile(schema);
  t.true(valid(log), JSON.stringify(valid.errors?.slice(0, 5)));
  t.false(valid({ ...log, runs: [{ ...log.runs[0], columnKind: 'bytes' }] }));
  const [run] = log.runs;
  const { rules } = run.tool.driver;
  for (const rule of rules) {
    for (const name of ['shortDescription', 'fullDescription', 'help']) t.regex(rule[name].text, /^.{1,1024}$/);
    t.true(Number(rule.properties['security-severity']) > 0 && Number(rule.properties['security-severity']) <= 10);
  }
  // Beside these there are those that comments suppress.
  const shown = run.results.filter((each: object) => !('suppressions' in each));
  t.true(shown.length < run.results.length);
  t.is(shown.length, findings.length);
  for (const [index, result] of shown.entries()) {
    const finding = findings[index]!;
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    t.is(decodeURIComponent(artifactLocation.uri), finding.path);
    t.is(rules[result.ruleIndex].id, finding.rule);
    t.true(result.message.text.startsWith(finding.message.slice(0, 20)));
    t.regex(result.partialFingerprints.primaryLocationLineHash, /^[0-9a-f]{1,16}:\d+$/);
    const { start, end } = finding.place;
    t.deepEqual(region, { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column });
    for (const { artifactChanges } of result.fixes ?? []) {
      const edits = artifactChanges[0].replacements.map(
        (each: { deletedRegion: { charOffset: number; charLength: number }; insertedContent: { text: string } }) => ({
          path: finding.path,
          start: each.deletedRegion.charOffset,
          end: each.deletedRegion.charOffset + each.deletedRegion.charLength,
          text: each.insertedContent.text,
        }),
      );
      t.deepEqual(edits, finding.fix?.edits);
      t.true(edits.every(({ end: stop }: Edit) => stop <= text(finding.path).length));
    }
  }
  t.true(shown.some((each: object) => 'fixes' in each));
});

test.serial('github: decoded as the runner does, each is one annotation', t => {
  const { reports, findings } = sample(t);
  const lines = reports.github.trimEnd().split('\n');
  const shown = lines.map(decodeCommand).filter(({ properties }) => properties.title !== 'tlslint');
  t.deepEqual(
    shown.map(({ properties }) => `${properties.file}:${properties.line} ${properties.title}`).sort(),
    findings.map(({ path: file, place, rule }) => `${file}:${place.start.line} tlslint ${rule}`).sort(),
  );
  for (const { properties, message } of shown) {
    t.true(message.startsWith(`${properties.file}:${properties.line}:`));
    t.is('col' in properties, properties.line === properties.endLine);
  }
});

/** `ActionCommand.TryParseV2` of actions/runner. */
function decodeCommand(line: string): { name: string; properties: Record<string, string>; message: string } {
  const [, name = '', list = '', message = ''] = /^::(\S+) (.*?)::(.*)$/.exec(line) ?? [];
  const pairs = list.split(',').map(each => {
    const at = each.indexOf('=');
    const value = each
      .slice(at + 1)
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':');
    return [each.slice(0, at), value.replaceAll('%2C', ',').replaceAll('%25', '%')];
  });
  const data = message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  return { name, properties: Object.fromEntries(pairs), message: data };
}

test.serial('gitlab: the fields of a code quality report, each fingerprint once', t => {
  const { reports, findings } = sample(t);
  t.false(reports.gitlab.startsWith('\ufeff'));
  const issues = JSON.parse(reports.gitlab);
  t.is(issues.length, findings.length);
  for (const [index, issue] of issues.entries()) {
    t.deepEqual(Object.keys(issue), ['description', 'check_name', 'fingerprint', 'severity', 'location']);
    t.true(['info', 'minor', 'major', 'critical', 'blocker'].includes(issue.severity));
    t.like(issue.location, { path: findings[index]!.path, lines: { begin: findings[index]!.place.start.line } });
    t.false(issue.location.path.startsWith('./'));
  }
  t.is(new Set(issues.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size, issues.length);
});

test.serial('rdjson: byte columns, and suggestions that make the same text', t => {
  const { reports, findings, text } = sample(t);
  const { source, diagnostics } = JSON.parse(reports.rdjson);
  t.is(source.name, 'tlslint');
  const shown = diagnostics.filter((each: { code?: object }) => each.code);
  t.is(shown.length, findings.length);
  for (const [index, each] of shown.entries()) {
    const { path: file, place, fix } = findings[index]!;
    t.true(['ERROR', 'WARNING', 'INFO'].includes(each.severity));
    t.is(each.location.path, file);
    t.is(offsetOf(text(file), each.location.range.start), place.start.offset);
    t.is(offsetOf(text(file), each.location.range.end), place.end.offset);
    if (!each.suggestions) continue;
    const edits = each.suggestions.map(
      ({ range, text: by }: { range: { start: BytePlace; end: BytePlace }; text: string }) => ({
        path: file,
        start: offsetOf(text(file), range.start),
        end: offsetOf(text(file), range.end),
        text: by,
      }),
    );
    t.is(fixed(text(file), file, edits), fixed(text(file), file, fix!.edits));
  }
});

interface BytePlace {
  readonly line: number;
  readonly column: number;
}

function offsetOf(text: string, { line, column }: BytePlace): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  return (
    before +
    Buffer.from(lines[line - 1]!)
      .subarray(0, column - 1)
      .toString().length
  );
}

function fixed(text: string, file: string, edits: readonly Edit[]): string | undefined {
  const fix = { title: '', applicability: 'safe' as const, edits, directives: [] };
  return applyFixes(new Map([[file, text]]), [fix], 'safe').texts.get(file);
}

test.serial('junit: well-formed, its numbers add up, a failed case for each finding', t => {
  const { reports, findings } = sample(t);
  const elements = parseXml(reports.junit);
  const cases = elements.filter(({ name }) => name === 'testcase');
  const suites = elements.filter(({ name }) => name === 'testsuite');
  t.is(elements.filter(({ name }) => name === 'failure').length, findings.length);
  t.is(
    suites.reduce((sum, { attributes }) => sum + Number(attributes.tests), 0),
    cases.length,
  );
  t.is(
    suites.reduce((sum, { attributes }) => sum + Number(attributes.failures), 0),
    findings.length,
  );
  t.deepEqual(
    cases
      .filter(({ attributes }) => attributes.classname !== 'tlslint')
      .map(({ attributes }) => `${attributes.classname} ${attributes.name}`)
      .sort(),
    findings.map(({ path: file, rule, place }) => `${file} ${rule}:${place.start.line}:${place.start.column}`).sort(),
  );
});

test.serial('checkstyle: well-formed, an error for each finding', t => {
  const { reports, findings } = sample(t);
  const found: string[] = [];
  let file = '';
  for (const { name, attributes } of parseXml(reports.checkstyle)) {
    if (name === 'file') file = attributes.name!;
    if (name !== 'error' || attributes.source === 'tlslint') continue;
    t.true(['error', 'warning', 'info'].includes(attributes.severity!));
    found.push(`${file}:${attributes.line}:${attributes.column} ${attributes.source!.slice('tlslint.'.length)}`);
  }
  t.deepEqual(found.sort(), placesOf(findings));
});

/** Start tags in their order; throws where the text is not well-formed. */
function parseXml(text: string): Array<{ name: string; attributes: Record<string, string> }> {
  const found: Array<{ name: string; attributes: Record<string, string> }> = [];
  const parser = new SaxesParser();
  parser.on('error', error => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => void found.push({ name, attributes }));
  parser.write(text).close();
  return found;
}

test.serial('text and compact: a head line for each finding', t => {
  const { reports, findings } = sample(t);
  const heads = (text: string, shape: RegExp) =>
    [...text.matchAll(shape)].map(([, place, rule]) => `${place} ${rule}`).sort();
  t.deepEqual(heads(reports.text, /^(\S+:\d+:\d+) (?:error|warning|info) (\S+)$/gm), placesOf(findings));
  t.deepEqual(heads(reports.compact, /^(\S+:\d+:\d+): (?:error|warning|info): .* \[(\S+)\]$/gm), placesOf(findings));
});

test('a file behind a link is reported under its real path, as GitHub wants it', t => {
  const cwd = workspace(t, {
    'sites-available/a': nginxServer('ssl_protocols TLSv1 TLSv1.2;').split('\n').slice(2, -2).join('\n'),
  });
  mkdirSync(path.join(cwd, 'sites-enabled'));
  symlinkSync('../sites-available/a', path.join(cwd, 'sites-enabled/a'));
  writeFileSync(path.join(cwd, 'nginx.conf'), 'events {}\nhttp { include sites-enabled/*; }\n');
  const { runs } = JSON.parse(tlslint(cwd, ['--format', 'sarif', 'nginx.conf']).stdout);
  t.is(runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri, 'sites-available/a');
});

test('clean: empty where a format may be, and valid where it may not', t => {
  const cwd = workspace(t, { 'nginx.conf': nginxServer('ssl_protocols TLSv1.2;') });
  tlslint(cwd, [...NAMES.map(name => `--format=${name}=out.${name}`), 'nginx.conf']);
  const out = (name: Name) => readFileSync(path.join(cwd, `out.${name}`), 'utf8');
  for (const name of ['text', 'compact', 'github'] as const) t.is(out(name), '');
  t.deepEqual(JSON.parse(out('gitlab')), []);
  t.deepEqual(JSON.parse(out('sarif')).runs[0].results, []);
  t.deepEqual(JSON.parse(out('rdjson')).diagnostics, []);
  t.is(parseXml(out('junit')).filter(({ name }) => name === 'testcase').length, 1);
  t.is(parseXml(out('checkstyle')).length, 1);
});
