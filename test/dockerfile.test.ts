/** No engine for images is at hand: what `.ci/Dockerfile` says is done in directories, instruction by instruction. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { nginxServer } from './helpers/command.js';
import { checkout } from './helpers/stage.js';

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** One to a line; a backslash at its end goes on. */
function instructionsOf(text: string): Instruction[] {
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  return lines
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
}

/** What an image holds, in a directory that stands for its `/`. */
interface Image {
  readonly root: string;
  directory: string;
  env: Record<string, string>;
  user: string;
  entrypoint: readonly string[];
}

interface Build {
  readonly top: string;
  readonly context: string;
  readonly images: Map<string, Image>;
  image: Image;
}

const BASES = ['node:24-alpine'];

/** All that the file uses; another one fails, until it is known what it does. */
const DO: Readonly<Record<string, (build: Build, rest: string) => void>> = {
  FROM(build, rest) {
    const [, base = '', name = ''] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
    if (!BASES.includes(base)) throw new Error(`Unexpected base ${base}`);
    const root = path.join(build.top, `image-${build.images.size}`);
    mkdirSync(root);
    build.image = { root, directory: '/', env: {}, user: 'root', entrypoint: [] };
    build.images.set(name || `${build.images.size}`, build.image);
  },
  WORKDIR({ image }, rest) {
    image.directory = path.posix.resolve(image.directory, rest);
    mkdirSync(within(image, image.directory), { recursive: true });
  },
  COPY({ image, images, context }, rest) {
    const [, from, words = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
    const names = words.split(' ');
    const to = names.pop()!;
    for (const name of names) {
      const source = from === undefined ? path.join(context, name) : within(images.get(from)!, name);
      const isDirectory = statSync(source).isDirectory();
      const target = within(image, to.endsWith('/') && !isDirectory ? path.posix.join(to, path.basename(name)) : to);
      cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    }
  },
  RUN({ image }, rest) {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, npm_config_prefer_offline: 'true', ...image.env };
    const cwd = within(image, image.directory);
    const { status, stdout, stderr } = spawnSync('sh', ['-c', rest], { cwd, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${rest}: ${stdout}${stderr}`);
  },
  ENV({ image }, rest) {
    const [name = '', value = ''] = rest.split('=');
    image.env[name] = value;
  },
  USER({ image }, rest) {
    image.user = rest;
  },
  ENTRYPOINT({ image }, rest) {
    image.entrypoint = JSON.parse(rest) as string[];
  },
};

function within({ root, directory }: Image, name: string): string {
  return path.join(root, path.posix.resolve(directory, name));
}

test.serial('the instructions of the Dockerfile make a program that lints and mends, and is not root', t => {
  t.timeout(600_000);
  const top = mkdtempSync(path.join(os.tmpdir(), 'tlslint-image-'));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  const context = path.join(top, 'context');
  mkdirSync(context);
  checkout(context);
  for (const name of readFileSync('.dockerignore', 'utf8').split('\n').filter(Boolean))
    rmSync(path.join(context, name), { recursive: true, force: true });
  const build: Build = { top, context, images: new Map(), image: undefined as unknown as Image };
  for (const { name, rest } of instructionsOf(readFileSync('.ci/Dockerfile', 'utf8'))) {
    t.true(name in DO, `no way known to do ${name}`);
    DO[name]!(build, rest);
  }
  const { image } = build;
  t.is(image.user, 'node');
  chmodSync(top, 0o755);
  const work = within(image, image.directory);
  mkdirSync(path.join(work, 'nginx'));
  writeFileSync(path.join(work, 'nginx/nginx.conf'), nginxServer('ssl_protocols TLSv1 TLSv1.2;'));
  const [program = '', ...words] = image.entrypoint.map(word => (word.startsWith('/') ? within(image, word) : word));
  const run = (...args: string[]) => {
    const env = { PATH: process.env.PATH, ...image.env, TLSLINT_STATE_DIR: path.join(work, '.state') };
    return spawnSync(program, [...words, ...args], { cwd: work, env, encoding: 'utf8' });
  };
  t.truthy(image.env.TLSLINT_STATE_DIR);
  t.regex(run('nginx/nginx.conf').stdout, /^nginx\/nginx\.conf:5:15 error deprecated-protocol$/m);
  t.is(run('--write', 'nginx/nginx.conf').status, 0);
  t.is(run('nginx/nginx.conf').status, 0);
  t.is(run('explain', 'deprecated-protocol').status, 0);
});
