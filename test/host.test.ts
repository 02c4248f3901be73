import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { cachingHost, diskHost, displayPath, memoryHost, overlayHost, prefixedHost } from '../src/host.js';

const directory = mkdtempSync(path.join(os.tmpdir(), 'tlslint-host-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const at = (name: string) => path.join(directory, name);

test('the disk gives bytes as they are, or why not', t => {
  const host = diskHost(directory);
  writeFileSync(at('a.conf'), Buffer.from([0xff, 0x0a]));
  t.deepEqual(host.read(at('a.conf')), Buffer.from([0xff, 0x0a]));
  t.like(host.read(at('gone')), { failure: 'missing' });
  t.like(host.read(directory), { failure: 'not-a-file' });
  t.like(host.read(at('a.conf'), 1), { failure: 'too-large' });
  t.like(host.read('/dev/zero'), { failure: 'not-a-file' });
  t.is(host.kind('a\0b'), 'missing');
});

test('a FIFO is refused without waiting for a writer', t => {
  execFileSync('mkfifo', [at('fifo')]);
  t.like(diskHost(directory).read(at('fifo')), { failure: 'not-a-file' });
});

test('a loop of links is no file and no crash', t => {
  symlinkSync(at('y'), at('x'));
  symlinkSync(at('x'), at('y'));
  const host = diskHost(directory);
  t.is(host.kind(at('x')), 'missing');
  t.true('failure' in host.read(at('x')));
});

test('paths are shown relative where they are below', t => {
  t.is(displayPath('/a', '/a/b/c'), 'b/c');
  t.is(displayPath('/a', '/ab'), '/ab');
  t.is(displayPath('/a', '/a'), '.');
});

test('a memory host has the directories that its files name', t => {
  const host = memoryHost(
    new Map([
      ['/etc/nginx/nginx.conf', 'x'],
      ['/etc/nginx/d/a', 'y'],
    ]),
  );
  t.deepEqual([...(host.list('/etc/nginx/') ?? [])].sort(), ['d', 'nginx.conf']);
  t.is(host.kind('/etc/nginx/d'), 'directory');
  t.is(host.kind('/etc/nginx/d/a'), 'file');
  t.is(host.kind('/etc/x'), 'missing');
  t.deepEqual(host.read('/etc/nginx/d/../d/a'), Buffer.from('y'));
});

test('an overlay replaces bytes, a cache reads once', t => {
  let reads = 0;
  const below = memoryHost(
    new Map([
      ['/a', 'old'],
      ['/b', 'b'],
    ]),
  );
  const read = (file: string) => {
    reads++;
    return below.read(file);
  };
  const host = overlayHost(cachingHost({ ...below, read }), new Map([['/a', Buffer.from('new')]]));
  t.deepEqual(host.read('/a'), Buffer.from('new'));
  host.read('/b');
  host.read('/b');
  t.is(reads, 1);
});

test('what a directory says of its entries saves a look at each, and nothing of it is wrong', t => {
  const top = at('tree');
  mkdirSync(path.join(top, 'sub'), { recursive: true });
  writeFileSync(path.join(top, 'sub', 'a.conf'), 'a;');
  for (const [name, to] of [
    ['link.conf', 'sub/a.conf'],
    ['dir', 'sub'],
    ['dangling', 'gone'],
    ['here', '.'],
  ] as const)
    symlinkSync(to, path.join(top, name));
  const disk = diskHost(top);
  let looks = 0;
  const counted = (file: string) => {
    looks++;
    return disk.kind(file);
  };
  const cached = cachingHost({ ...disk, kind: counted });
  const directories = [top, `${top}/sub`, `${top}/dir`, `${top}/here/sub`];
  for (const each of directories) t.deepEqual([...cached.list(each)!].sort(), [...disk.list(each)!].sort());
  for (const each of directories) {
    for (const name of [...disk.list(each)!, '..', '.', 'gone']) {
      t.is(cached.kind(`${each}/${name}`), disk.kind(`${each}/${name}`), name);
      t.is(cached.realpath(`${each}/${name}`), disk.realpath(`${each}/${name}`), name);
    }
  }
  looks = 0;
  t.is(cached.kind(`${top}/sub/a.conf`), 'file');
  t.is(looks, 0);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a file that claims to be empty is read to its end, and no further than asked', t => {
  const status = diskHost(directory).read('/proc/self/status');
  t.true(!('failure' in status) && status.length > 200);
  t.like(diskHost(directory).read('/proc/self/status', 10), { failure: 'too-large' });
});

test('what the system says of a file, in words', t => {
  const said = (file: string) => {
    const found = diskHost(directory).read(file);
    return 'failure' in found ? found.message.replace(file, 'F') : 'read';
  };
  writeFileSync(at('plain'), '');
  t.is(said(at('plain/x')), '`F` does not exist');
  t.is(said(at('n'.repeat(300))), '`F` could not be read (ENAMETOOLONG)');
  symlinkSync(at('nowhere'), at('dangling'));
  t.is(said(at('dangling')), `\`F\` is a symbolic link to \`${at('nowhere')}\`, which does not exist`);
});

test('links of a tree that is meant to be a whole file system stay in it', t => {
  const tree = at('tree');
  mkdirSync(path.join(tree, 'etc/real'), { recursive: true });
  writeFileSync(path.join(tree, 'etc/real/a'), 'in');
  writeFileSync(at('outside'), 'out');
  symlinkSync('/etc/real', path.join(tree, 'etc/absolute'));
  symlinkSync(`${tree}/etc/real`, path.join(tree, 'etc/whole'));
  symlinkSync('./real/../real', path.join(tree, 'etc/dotted'));
  symlinkSync('loop', path.join(tree, 'etc/loop'));
  const host = prefixedHost(diskHost(tree), tree);
  const text = (file: string) => {
    const found = host.read(file);
    return 'failure' in found ? found.failure : Buffer.from(found).toString();
  };
  for (const name of ['real', 'absolute', 'whole', 'dotted']) t.is(text(path.join(tree, 'etc', name, 'a')), 'in', name);
  t.deepEqual(host.list(path.join(tree, 'etc/absolute')), ['a']);
  t.is(host.realpath(path.join(tree, 'etc/absolute/a')), path.join(tree, 'etc/real/a'));
  t.is(text(`${tree}/etc/./real//a`), 'in');
  t.is(text(at('outside')), 'out');
  t.is(text(`${tree}/../outside`), 'out');
  t.is(text(`${tree}/etc/real/a/b`), 'missing');
  t.is(text(`${tree}/etc/gone/b`), 'missing');
  t.is(text(`${tree}/etc/loop`), 'failed');
});
