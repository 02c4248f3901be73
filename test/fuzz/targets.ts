/** What the fuzzer runs: a new one is a line of `TARGETS`. Each throws where what must hold does not. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { unifiedDiff } from '../../fixers/diff.js';
import * as apache from '../../parsers/apache/index.js';
import type { Node, Parsed, Root } from '../../parsers/ast.js';
import * as dotnet from '../../parsers/dotnet/index.js';
import * as nginx from '../../parsers/nginx/index.js';
import * as registry from '../../parsers/registry/index.js';
import { createSource, encode } from '../../parsers/source.js';
import { readConfig } from '../../src/config/read.js';
import { memoryHost, overlayHost } from '../../src/host.js';
import { inspection } from '../../src/inspect.js';
import { policyFor } from '../../src/model/policies.js';
import { patch } from '../../src/patch.js';
import { prove } from '../../src/prove.js';
import { type Checked, check, checkFiles } from '../../src/run.js';
import { type Settings, settingsOf } from '../../src/settings.js';
import { DOTNET_WORDS, HTTPD_WORDS, JSON_WORDS, NGINX_WORDS, OPENSSL_WORDS, REGISTRY_WORDS } from './words.js';

export interface Target {
  /** Throws, or rejects, on what must not be. */
  run(input: Buffer): void | Promise<void>;
  /** What is put into inputs. */
  readonly words: readonly string[];
  /** Where files to begin with are, below the root of the repository. */
  readonly begin: readonly string[];
  /** Of files by name; all where it is absent. */
  readonly named?: RegExp;
}

const NGINX = { words: NGINX_WORDS, begin: ['test/conformance/nginx', 'examples/nginx-legacy'], named: /\.conf$/ };
const HTTPD = { words: HTTPD_WORDS, begin: ['test/conformance/apache', 'examples/apache-legacy'], named: /\.conf$/ };

const REGISTRY = { words: REGISTRY_WORDS, begin: ['examples/windows-legacy'], named: /\.reg$/ };
const DOTNET = { words: DOTNET_WORDS, begin: ['examples/dotnet-legacy'] };

export const TARGETS: Readonly<Record<string, Target>> = {
  'parse-nginx': { ...NGINX, run: input => parses(nginx, input) },
  'parse-apache': { ...HTTPD, run: input => parses(apache, input) },
  'resolve-nginx': { ...NGINX, run: input => resolves('nginx.conf', input) },
  'resolve-apache': { ...HTTPD, run: input => resolves('httpd.conf', input) },
  'fix-nginx': { ...NGINX, run: input => fixes('nginx.conf', input) },
  'fix-apache': { ...HTTPD, run: input => fixes('httpd.conf', input) },
  'fix-windows': { ...REGISTRY, run: input => fixes('tls.reg', input) },
  'openssl-conf': { words: OPENSSL_WORDS, begin: ['test/fixtures/openssl'], named: /\.cnf$/, run: readsOpenssl },
  'parse-registry': { ...REGISTRY, run: input => parses(registry, input) },
  'parse-xml': { ...DOTNET, run: input => parses(reading('xml'), input) },
  'parse-csharp': { ...DOTNET, run: input => parses(reading('cs'), input) },
  'parse-visual-basic': { ...DOTNET, run: input => parses(reading('vb'), input) },
  'parse-powershell': { ...DOTNET, run: input => parses(reading('powershell'), input) },
  'fix-csharp': { ...DOTNET, named: /\.cs$/, run: input => fixes('a.cs', input) },
  'fix-visual-basic': { ...DOTNET, named: /\.vb$/, run: input => fixes('a.vb', input) },
  'fix-powershell': { ...DOTNET, named: /\.ps1$/, run: input => fixes('a.ps1', input) },
  'fix-xml': { ...DOTNET, named: /\.config$/, run: input => fixes('web.config', input) },
  config: { words: JSON_WORDS, begin: [], run: readsConfig },
};

/** Inputs to begin with: whole files, and each found input that is kept. */
export function beginnings({ begin, named }: Target): Buffer[] {
  const files = begin.flatMap(top =>
    readdirSync(top, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && (named?.test(entry.name) ?? true))
      .map(entry => path.join(entry.parentPath, entry.name)),
  );
  return files.map(file => readFileSync(file)).filter(bytes => bytes.length < 2048);
}

interface Dialect {
  parse(input: Uint8Array): Parsed<Root>;
  stringify(tree: never): Uint8Array;
}

function reading(language: dotnet.DotnetLanguage): Dialect {
  return { parse: input => dotnet.parse(input, language), stringify: dotnet.stringify };
}

function parses(dialect: Dialect, input: Buffer) {
  const { tree, problems } = dialect.parse(input);
  must(Buffer.compare(dialect.stringify(tree as never), input) === 0, 'it does not come back byte for byte');
  const { length } = tree.source.text;
  for (const { start, end, line } of problems) {
    must(start >= 0 && start <= end && end <= length && line >= 1, `a problem at ${start} to ${end} of ${length}`);
  }
  nested(tree);
}

/** Comments of .NET may stand within statements, and keys of a registry end with their line. */
const PARTED: ReadonlySet<string> = new Set(['dotnet', 'windows']);

/** Children lie in their parents, one after another; words in their directives. */
function nested(root: Root): void {
  const open: Node[] = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    const {
      start,
      end,
      children = [],
      words = [],
    } = node as unknown as Root & { words?: apache.ApacheDirective['words'] };
    let after = start;
    for (const word of words) {
      must(word.start >= after && word.end >= word.start && word.end <= end, `a word at ${word.start} of ${start}`);
      must(root.source.text.slice(word.start, word.end) === word.raw, `other text at ${word.start}`);
      after = word.end;
    }
    after = start;
    for (const child of children) {
      open.push(child);
      if (PARTED.has(root.dialect)) continue;
      must(
        child.start >= after && child.end >= child.start && child.end <= end,
        `a node at ${child.start} of ${start}`,
      );
      after = child.end;
    }
  }
}

const SEPARATOR = /^>>> (\S{1,40})\n/m;

/** `>>> NAME` on a line begins another file, for what includes name. */
function filesOf(name: string, input: Buffer): Map<string, Uint8Array> {
  const [main = '', ...parts] = input.toString('latin1').split(SEPARATOR);
  const files = new Map([[`/c/${name}`, Buffer.from(main, 'latin1')]]);
  for (let index = 0; index + 1 < parts.length; index += 2) {
    files.set(path.posix.resolve('/c', parts[index]!), Buffer.from(parts[index + 1]!, 'latin1'));
  }
  return files;
}

const SERVERS: Readonly<Record<string, string>> = {
  'nginx.conf': 'nginx@1.22.1',
  'httpd.conf': 'apache@2.4.57',
  'tls.reg': 'windows@2019',
};

function settingsFor(name: string, files: ReadonlyMap<string, Uint8Array>): [Settings, ReturnType<typeof memoryHost>] {
  const host = memoryHost(files, file => path.posix.relative('/c', file));
  return [settingsOf({ server: SERVERS[name] }, [`/c/${name}`], '/c', {}, host), host];
}

async function resolves(name: string, input: Buffer): Promise<void> {
  const [settings, host] = settingsFor(name, filesOf(name, input));
  const { roots, endpoints, findings, offeredTo } = await inspection(settings, host);
  must(roots.length === 1, 'the file named is no root');
  for (const { place, message } of findings) {
    const { start, end } = place;
    must(start.line >= 1 && start.offset <= end.offset && message !== '', `a finding at ${start.offset}`);
  }
  for (const { listen, names } of endpoints.slice(0, 20)) {
    if (listen === undefined) continue;
    offeredTo({ connect: listen.replace('*', '127.0.0.1') });
    for (const servername of names.slice(0, 3)) offeredTo({ connect: listen.replace('*', '127.0.0.1'), servername });
  }
}

async function fixes(name: string, input: Buffer): Promise<void> {
  const files = filesOf(name, input);
  const [settings, host] = settingsFor(name, files);
  const first = await checkFiles(settings, host);
  const again = (replaced: ReadonlyMap<string, Uint8Array>) => check(settings, overlayHost(host, replaced));
  const fixed = (checked: Checked, recheck: typeof again) =>
    patch(checked, { allow: 'unsafe', policy: settings.policy, recheck });
  const { patches, checked } = fixed(first, again);
  for (const each of patches) {
    const { failure } = await prove(each);
    must(failure === undefined, failure ?? '');
  }
  await unifiedDiff(patches.map(({ file, edits }) => ({ path: file.path, source: file.source, edits })));
  if (patches.length === 0) return;
  const written = new Map(patches.map(({ file, after }) => [file.real, encode(after, file.source.encoding)]));
  const second = again(written);
  must(second.findings.length === checked.findings.length, 'what was written is judged in another way');
  const more = fixed(second, replaced => again(new Map([...written, ...replaced])));
  must(more.patches.length === 0, 'what is fixed is fixed again');
  must(policyFor(settings.policy, first.models[0]!.dialect).allow > 0, 'no policy');
}

async function readsOpenssl(input: Buffer): Promise<void> {
  const conf = { 'openssl-conf': '/c/openssl.cnf', server: 'nginx@1.22.1' };
  const main = 'events {}\nhttp { server { listen 443 ssl; ssl_certificate a; ssl_certificate_key a; } }\n';
  const files = new Map<string, Uint8Array>([
    ['/c/openssl.cnf', input],
    ['/c/nginx.conf', Buffer.from(main)],
  ]);
  const host = memoryHost(files);
  const { endpoints } = await inspection(settingsOf(conf, ['/c/nginx.conf'], '/c', {}, host), host);
  must(endpoints.length === 1, 'there is no listener');
}

function readsConfig(input: Buffer): void {
  try {
    readConfig('/c/tlslint.config.json', memoryHost(new Map([['/c/tlslint.config.json', input]])));
  } catch (error) {
    must(error instanceof Error && error.constructor.name === 'UsageError', String(error));
  }
  must(Buffer.compare(encode(createSource(input).text, createSource(input).encoding), input) === 0, 'bytes are lost');
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
