/** "From the notice to the proof" of README.md, as it is written, against servers that run as Debian starts them. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { blocksOf, commandsOf } from '../helpers/blocks.js';
import { CLI, COUNTED } from '../helpers/program.js';
import { certificates } from '../helpers/servers.js';

const HEADING = 'From the notice to the proof';
const commands = blocksOf(readFileSync('README.md', 'utf8'))
  .filter(({ heading }) => heading === HEADING)
  .flatMap(commandsOf);

/** What each command ends with and says; the first that fits. Every command has to fit one. */
const EXPECTED: ReadonlyArray<readonly [command: RegExp, status: number, says: RegExp]> = [
  [/^tlslint probe shop\.example --ciphers/, 1, /^ {2}TLSv1 +\d+ suites.*^ {4}Unexpected `TLSv1\.1`/ms],
  [/^tlslint \/etc/, 1, /error deprecated-protocol/],
  [/^tlslint --diff/, 1, /^-.*TLSv1 |^-.*SSLProtocol all/m],
  [/^sudo tlslint --write .* && sudo systemctl reload/, 0, /^/],
  [/^tlslint probe shop\.example --expect/, 0, /`tls12\+`: kept/],
  [
    /tlslint probe --config \S+$/,
    0,
    /^ {2}(?:0\.0\.0\.0|\*):443 at 127\.0\.0\.1:443 +shop\.example +agrees: TLSv1\.2 TLSv1\.3$/m,
  ],
  [/tlslint probe --config \S+ --via/, 0, /shop\.example +agrees: TLSv1\.2 TLSv1\.3$/m],
  [/--tls-max 1\.1/, 1, /`TLSv1\.1` at most, expected `TLSv1\.2` or later/],
  [/^tlslint endpoint/, 0, /: agreed$/m],
];

type Name = 'nginx' | 'apache2';

const START: Readonly<Record<Name, string>> = { nginx: 'nginx', apache2: 'apache2ctl start' };

/** As the units of Debian do it, and then until it has come to pass. */
const RELOAD = `#!/bin/sh
[ "$1" = reload ] || exit 1
case "$2" in
nginx) pid=/run/nginx.pid reload='nginx -s reload' ;;
apache2) pid=/run/apache2/apache2.pid reload='apache2ctl graceful' ;;
esac
before=$(pgrep -P "$(cat $pid)" | sort)
$reload || exit 1
for each in $(seq 100); do
  after=$(pgrep -P "$(cat $pid)" | sort)
  [ -n "$after" ] && [ -z "$(printf '%s\\n%s\\n' "$before" "$after" | sort | uniq -d)" ] && exit 0
  sleep 0.1
done
echo 'not reloaded' >&2
exit 1
`;

/** Old clients were once let in: a level of security that lets TLSv1 through. */
const SITES: Readonly<Record<Name, Readonly<Record<string, string>>>> = {
  nginx: {
    'sites-enabled/shop':
      'server {\n\tlisten 443 ssl;\n\tserver_name shop.example;\n\tssl_certificate shop.pem;\n\tssl_certificate_key shop.key;\n\tssl_ciphers HIGH:!aNULL:!MD5:@SECLEVEL=0;\n}\n',
  },
  apache2: {
    'sites-enabled/shop.conf':
      '<VirtualHost *:443>\n\tServerName shop.example\n\tSSLEngine on\n\tSSLCipherSuite HIGH:!aNULL:!MD5:@SECLEVEL=0\n\tSSLCertificateFile /etc/apache2/shop.pem\n\tSSLCertificateKeyFile /etc/apache2/shop.key\n</VirtualHost>\n',
    'mods-enabled/ssl.load': 'LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n',
    'mods-enabled/socache_shmcb.load':
      'LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so\n',
  },
};

function makeMachine(t: ExecutionContext, name: Name): string {
  const top = mkdtempSync(path.join(os.tmpdir(), 'tlslint-round-'));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  chmodSync(top, 0o755);
  cpSync(`/etc/${name}`, path.join(top, 'etc'), { recursive: true, verbatimSymlinks: true });
  if (name === 'apache2') cpSync('/etc/apache2/mods-available/ssl.conf', path.join(top, 'etc/mods-enabled/ssl.conf'));
  const { 'cert.pem': cert, 'key.pem': key } = certificates();
  for (const [file, content] of Object.entries({ ...SITES[name], 'shop.pem': cert!, 'shop.key': key! }))
    writeFileSync(path.join(top, 'etc', file), content);
  mkdirSync(path.join(top, 'bin'));
  const programs = {
    tlslint: `#!/bin/sh\nexec '${process.execPath}' '${path.resolve(CLI)}' "$@"\n`,
    sudo: '#!/bin/sh\nexec "$@"\n',
    systemctl: RELOAD,
  };
  for (const [program, text] of Object.entries(programs))
    writeFileSync(path.join(top, 'bin', program), text, { mode: 0o755 });
  writeFileSync(path.join(top, 'hosts'), '127.0.0.1 localhost shop.example\n');
  return top;
}

/** A network of its own, so that ports are free; places of its own for what the server writes. */
function onMachine(top: string, name: Name, script: string): SpawnSyncReturns<string> {
  const setUp = [
    'ip link set lo up',
    `mount --bind ${top}/etc /etc/${name}`,
    `mount --bind ${top}/hosts /etc/hosts`,
    'mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log',
    `mkdir -p /run/lock /run/apache2 /var/log/nginx /var/log/apache2`,
    START[name],
  ];
  // The server ends with the script: all that is left in this namespace of processes is killed.
  return spawnSync(
    'unshare',
    ['-m', '-n', '-p', '-f', '--mount-proc', 'bash', '-c', `${setUp.join(' && ')} || exit 99\n${script}`],
    {
      encoding: 'utf8',
      timeout: 110_000,
      maxBuffer: 1 << 26,
      cwd: top,
      env: {
        ...COUNTED,
        PATH: `${top}/bin:${process.env.PATH}:/usr/sbin:/sbin`,
        HOME: top,
        TLSLINT_STATE_DIR: `${top}/state`,
      },
    },
  );
}

const canRun =
  spawnSync('unshare', ['-m', '-n', '-p', '-f', '--mount-proc', 'ip', 'link', 'set', 'lo', 'up']).status === 0 &&
  ['curl', 'pgrep'].every(each => spawnSync('which', [each]).status === 0);

for (const name of ['nginx', 'apache2'] as const) {
  const declare = process.env.CI === 'true' || (canRun && existsSync(`/etc/${name}`)) ? test : test.skip;
  declare(`the round of README.md on ${name}`, t => {
    const other = name === 'nginx' ? 'apache2' : 'nginx';
    const round = commands.filter(command => !command.includes(`/etc/${other}`));
    t.true(round.length >= 9);
    const script = round.map(
      (command, index) => `(${command}\n) >${index}.out 2>${index}.err; echo $? >${index}.status`,
    );
    const top = makeMachine(t, name);
    const { status, stderr } = onMachine(top, name, script.join('\n'));
    t.is(status, 0, stderr);
    for (const [index, command] of round.entries()) {
      const [code, out, err] = ['status', 'out', 'err'].map(kind =>
        readFileSync(path.join(top, `${index}.${kind}`), 'utf8'),
      );
      const expected = EXPECTED.find(([each]) => each.test(command.replace(/\s+#.*$/, '')));
      const told = `${command}\n${code}${out}${err}`;
      t.truthy(expected, told);
      t.is(Number(code), expected![1], told);
      t.regex(out!, expected![2], told);
    }
  });
}
