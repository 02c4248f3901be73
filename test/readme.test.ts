/** Every block of README.md is run as it is written, on a machine made for it. One that nobody knows how to run fails. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { blocksOf, commandsOf } from './helpers/blocks.js';
import { runAction } from './helpers/run-action.js';
import { canStage, makeStage, type Stage } from './helpers/stage.js';

const blocks = blocksOf(readFileSync('README.md', 'utf8'));

interface Setting {
  /** Where its commands are run. */
  readonly where: 'clone' | 'project';
  /** Nothing weak is left when they were. */
  readonly mends?: string;
}

/** By the heading above a block of commands. */
const COMMANDS: Readonly<Record<string, Setting>> = {
  Install: { where: 'clone' },
  nginx: { where: 'project', mends: '/etc/nginx' },
  'Apache httpd': { where: 'project', mends: '/etc/apache2' },
  'Containers, editors, checked-out trees': { where: 'project' },
  'An estate with old findings': { where: 'project' },
};

/** Run by another test: with servers that run, in this order. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'From the notice to the proof': 'test/live/round.test.ts',
};

/** What can't be run as it is written, what is run in its place, and why. */
const INSTEAD: ReadonlyArray<readonly [command: RegExp, instead: string, reason: string]> = [
  [/\bnpm test\b/, 'npm test -- build/test/options.test.js', 'all tests are what this is one of'],
];

type Show = (t: ExecutionContext, stage: Stage, text: string) => void | Promise<void>;

/** By language and heading: every other block. Those of `text` are what `npm run docs` writes. */
const SHOWN: Readonly<Record<string, Show>> = {
  'text tlslint': () => {},
  'yaml pre-commit': preCommit,
  'yaml GitHub Actions': githubActions,
  'yaml GitLab CI': gitlab,
  'yaml Ansible': ansible,
  'nginx An estate with old findings': suppression,
  'powershell .NET programs': suppressionInSource,
  'json Configuration': configuration,
  'js As a library': library,
};

const CI = process.env.CI === 'true';
// Where everything must hold, a machine that can't be made is a mistake.
const ifStaged = CI || canStage() ? test.serial : test.serial.skip;

let made: Stage | undefined;
test.after.always(() => made?.remove());

function stageOf(t: ExecutionContext): Stage {
  t.timeout(600_000);
  made ??= makeStage();
  return made;
}

test('every block of the README has a way to be run', t => {
  t.true(blocks.length > 10);
  for (const { language, heading, line } of blocks) {
    const known = language === 'sh' ? heading in COMMANDS || heading in ELSEWHERE : `${language} ${heading}` in SHOWN;
    t.true(known, `no way known to run this block: line ${line}, ${language} below "${heading}"`);
  }
  for (const key of Object.keys(SHOWN))
    t.true(
      blocks.some(each => `${each.language} ${each.heading}` === key),
      key,
    );
});

ifStaged('the package installs by the command that the README begins with', t => {
  const stage = stageOf(t);
  const { status, stderr } = stage.run(stage.top, 'npm install --global tlslint');
  t.is(status, 0, stderr);
  t.is(
    stage.run(stage.top, 'tlslint --version').stdout,
    `${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`,
  );
});

for (const block of blocks.filter(each => each.language === 'sh' && !(each.heading in ELSEWHERE))) {
  ifStaged(`the commands of line ${block.line}: ${block.heading}`, t => {
    const stage = stageOf(t);
    const setting = COMMANDS[block.heading]!;
    for (const command of commandsOf(block)) runCommand(t, stage, setting, command);
    if (setting.mends === undefined) return;
    t.like(stage.run(stage.project, `tlslint ${setting.mends}`), { status: 0, stdout: '' });
  });
}

/** It ends well, or it is a report or a diff of what is weak. */
function runCommand(t: ExecutionContext, stage: Stage, { where }: Setting, command: string): void {
  const changed = INSTEAD.find(([each]) => each.test(command));
  const run = changed ? command.replace(changed[0], changed[1]) : command;
  if (changed) t.log(`${command}: run as \`${run}\`, since ${changed[2]}`);
  const { status, stdout, stderr } = stage.run(stage[where], run);
  const told = `${run}\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`;
  t.notRegex(stderr, /internal error|command not found/, told);
  if (status === 1) t.regex(stdout, /^\S+:\d+:\d+ (?:error|warning) |^--- a\//m, told);
  else t.is(status, 0, told);
}

for (const block of blocks.filter(each => each.language !== 'sh' && each.language !== 'text')) {
  ifStaged(`the ${block.language} of line ${block.line}: ${block.heading}`, async t => {
    await SHOWN[`${block.language} ${block.heading}`]!(t, stageOf(t), block.text);
  });
}

ifStaged('pre-commit installs the package alone, as examples/hooks/readme.md says', t => {
  const stage = stageOf(t);
  const snippets = blocksOf(readFileSync('examples/hooks/readme.md', 'utf8'));
  t.deepEqual(
    snippets.map(({ language }) => language),
    ['yaml'],
  );
  const project = freshProject(stage, 'with-node-hook');
  writeFileSync(path.join(project, '.pre-commit-config.yaml'), snippets[0]!.text);
  const { status, stdout, stderr } = stage.run(project, 'git add -A && pre-commit run --all-files');
  t.is(status, 1, `${stdout}${stderr}`);
  t.regex(stdout, /sites-available\/shop:5:19 error deprecated-protocol/);
  t.is(stage.run(project, 'find "$HOME/.cache/pre-commit" -name esbuild').stdout, '');
  t.regex(stage.run(project, 'find "$HOME/.cache/pre-commit" -path "*node_modules/tlslint/package.json"').stdout, /\S/);
});

/** The hook comes from this checkout, under the address and the tag that the snippet names. */
function preCommit(t: ExecutionContext, stage: Stage, text: string): void {
  const { repos } = parse(text) as { repos: Array<{ repo: string; rev: string }> };
  const hooks = folder(stage, 'hooks');
  cpSync('.pre-commit-hooks.yaml', path.join(hooks, '.pre-commit-hooks.yaml'));
  const tagged = `git init -q && git add -A && git commit -qm hooks && git tag ${repos[0]!.rev}`;
  t.is(stage.run(hooks, tagged).status, 0);
  const project = freshProject(stage, 'with-pre-commit');
  writeFileSync(path.join(project, '.pre-commit-config.yaml'), text);
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${hooks}.insteadOf`,
    GIT_CONFIG_VALUE_0: repos[0]!.repo,
  };
  const { status, stdout, stderr } = stage.run(project, 'git add -A && pre-commit run --all-files', env);
  t.is(status, 1, stderr);
  t.regex(stdout, /sites-available\/shop:5:19 error deprecated-protocol/);
  t.is(stage.run(project, 'tlslint --write etc/nginx && git add -A && pre-commit run --all-files', env).status, 0);
}

function folder({ top }: Stage, name: string): string {
  mkdirSync(path.join(top, name));
  return path.join(top, name);
}

/** A copy of the project as it was at first. */
function freshProject(stage: Stage, name: string): string {
  const project = path.join(stage.top, name);
  const { status, stderr } = stage.run(stage.top, `git clone -q project ${name}`);
  if (status !== 0) throw new Error(stderr);
  return project;
}

/** Steps of actions that are not ours: what they are for is known, and they are passed by. */
const OTHERS = ['actions/checkout', 'github/codeql-action/upload-sarif'];

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

function githubActions(t: ExecutionContext, stage: Stage, text: string): void {
  const { jobs } = parse(text) as { jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>> };
  const project = freshProject(stage, 'with-actions');
  const steps = Object.values(jobs).flatMap(job => job.steps);
  const ours = steps.filter(({ uses = '' }) => uses.startsWith('tlslint/tlslint@'));
  t.is(ours.length, 1);
  for (const { uses = '' } of steps)
    t.true(ours.some(each => each.uses === uses) || OTHERS.includes(uses.split('@')[0]!), uses);
  const run = (command: string, env: Readonly<Record<string, string>>) => stage.run(project, command, env);
  const { status, output } = runAction(run, ours[0]?.with ?? {});
  t.is(status, 1, output);
  t.regex(output, /^::error file=etc\/nginx\/sites-available\/shop,line=5,/m);
  const { sarif = '' } = ours[0]?.with ?? {};
  t.is(JSON.parse(readFileSync(path.join(project, sarif), 'utf8')).runs[0].results.length, 1);
  t.is(steps.at(-1)?.with?.sarif_file, sarif);
}

function gitlab(t: ExecutionContext, stage: Stage, text: string): void {
  const [job] = Object.values(parse(text)) as Array<{
    script: string[];
    artifacts: { reports: { codequality: string } };
  }>;
  const project = freshProject(stage, 'with-gitlab');
  const { status, stdout, stderr } = stage.run(project, job!.script.join('\n'));
  t.is(status, 1, stderr);
  t.regex(stdout, /error deprecated-protocol/);
  const report = JSON.parse(readFileSync(path.join(project, job!.artifacts.reports.codequality), 'utf8'));
  t.is(report[0].location.path, 'etc/nginx/sites-available/shop');
}

/** By ansible itself, on this very machine: a weak text is refused, a sound one installed. */
function ansible(t: ExecutionContext, stage: Stage, text: string): void {
  const there = spawnSync('ansible-playbook', ['--version']).error === undefined;
  t.true(there || !CI, 'run `sh .ci/setup`');
  if (!there) {
    t.log('ansible is not installed');
    return;
  }
  const playbook = folder(stage, 'ansible');
  const target = path.join(stage.top, 'etc/nginx/nginx.conf');
  const before = readFileSync(target, 'utf8');
  const weak = before.replace(/ssl_protocols [^;]+;/, 'ssl_protocols TLSv1 TLSv1.2;');
  writeFileSync(path.join(playbook, 'site.yml'), text.replace('hosts: all', 'hosts: all\n  gather_facts: false'));
  const play = (template: string) => {
    writeFileSync(path.join(playbook, 'nginx.conf.j2'), template);
    return stage.run(playbook, 'ansible-playbook -i localhost, -c local site.yml', { LC_ALL: 'C.UTF-8' });
  };
  const refused = play(weak);
  t.not(refused.status, 0, refused.stdout);
  t.regex(refused.stdout, /failed to validate.*deprecated-protocol/s);
  t.is(readFileSync(target, 'utf8'), before);
  const sound = `# new\n${before.replace(/ssl_protocols [^;]+;/, 'ssl_protocols TLSv1.2 TLSv1.3;')}`;
  const taken = play(sound);
  t.is(taken.status, 0, `${taken.stdout}${taken.stderr}`);
  t.is(readFileSync(target, 'utf8'), sound);
}

function suppression(t: ExecutionContext, stage: Stage, text: string): void {
  const lint = (body: string) => {
    const server = `events {}\nhttp {\nserver {\nlisten 443 ssl;\nssl_certificate a;\nssl_certificate_key a;\n${body}}\n}\n`;
    writeFileSync(path.join(stage.top, 'nginx.conf'), server);
    return stage.run(stage.top, 'tlslint nginx.conf').status;
  };
  t.is(lint(text), 0);
  t.is(lint(text.replace(/^#.*\n/, '')), 1);
}

function suppressionInSource(t: ExecutionContext, stage: Stage, text: string): void {
  const source = folder(stage, 'src');
  const lint = (program: string) => {
    writeFileSync(path.join(source, 'client.ps1'), program);
    return stage.run(stage.top, 'tlslint src').status;
  };
  t.is(lint(text), 0);
  t.is(lint(text.replace(/#.*$/m, '')), 1);
}

function configuration(t: ExecutionContext, stage: Stage, text: string): void {
  const project = freshProject(stage, 'with-configuration');
  writeFileSync(path.join(project, 'tlslint.config.json'), text);
  const valid = stage.run(project, 'tlslint config validate');
  t.is(valid.stderr, '');
  t.is(valid.status, 0);
  t.is(stage.run(project, 'tlslint').status, 1);
  t.is(stage.run(project, 'rm tlslint.config.json && tlslint init && tlslint').status, 1);
  t.true(existsSync(path.join(project, 'tlslint.config.json')));
}

function library(t: ExecutionContext, stage: Stage, text: string): void {
  const app = folder(stage, 'app');
  writeFileSync(path.join(app, 'package.json'), '{"name": "app", "private": true, "type": "module"}\n');
  writeFileSync(
    path.join(app, 'index.js'),
    `${text}\nconsole.log(JSON.stringify([it.loads, findings.map(each => each.rule), diff !== '', fixed !== text]));\n`,
  );
  const { status, stdout, stderr } = stage.run(app, 'npm install --no-audit --no-fund tlslint && node index.js');
  t.is(status, 0, stderr);
  t.deepEqual(JSON.parse(stdout.trim().split('\n').at(-1)!), [true, ['deprecated-protocol'], true, true]);
}
