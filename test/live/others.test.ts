/** What the README says of the servers' own tests, beside what tlslint says of the same files. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { nginxServer, tlslint, workspace } from '../helpers/command.js';
import { live } from '../helpers/live.js';
import { certificates } from '../helpers/servers.js';

function withCertificate(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const cwd = workspace(t, files);
  const { 'cert.pem': cert, 'key.pem': key } = certificates() as Record<'cert.pem' | 'key.pem', Uint8Array>;
  writeFileSync(path.join(cwd, 'a.pem'), cert);
  writeFileSync(path.join(cwd, 'a.key'), key);
  return cwd;
}

live('nginx')('`nginx -t` takes a weak list', t => {
  const cwd = withCertificate(t, { 'nginx.conf': nginxServer('ssl_protocols TLSv1.1 TLSv1.2;') });
  const globals = `pid ${cwd}/pid; error_log stderr;`;
  const args = ['-t', '-p', cwd, '-c', path.join(cwd, 'nginx.conf'), '-g', globals];
  const { status, stderr } = spawnSync('nginx', args, { encoding: 'utf8' });
  t.is(status, 0, stderr);
  t.regex(stderr, /test is successful/);
  t.regex(tlslint(cwd, ['nginx.conf']).stdout, /error deprecated-protocol/);
});

live('apache')('`apache2 -t` takes a list whose last word throws away the others', t => {
  const modules = ['mpm_event', 'authz_core', 'socache_shmcb', 'ssl'].map(
    name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`,
  );
  const cwd = withCertificate(t, {
    'httpd.conf': `${modules.join('')}ServerName a.example
ErrorLog /dev/stderr
Listen 127.0.0.1:20444
<VirtualHost *:20444>
    SSLEngine on
    SSLCertificateFile a.pem
    SSLCertificateKeyFile a.key
    SSLProtocol TLSv1.2 TLSv1.3
</VirtualHost>
`,
  });
  const args = ['-t', '-d', cwd, '-f', path.join(cwd, 'httpd.conf'), '-c', `DefaultRuntimeDir ${cwd}`];
  const { status, stderr } = spawnSync('apache2', args, { encoding: 'utf8' });
  t.is(status, 0, stderr);
  t.is(stderr.trim(), 'Syntax OK');
  t.regex(tlslint(cwd, ['httpd.conf']).stdout, /error overriding-token/);
});
