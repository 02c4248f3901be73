/** Configurations of many sites, as a control panel writes them: 40 lines and some 1,200 bytes each, a few of them weak. */

import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';

export type Kind = 'nginx' | 'apache';

export interface Input {
  /** The file to name on a command line. */
  readonly main: string;
  readonly bytes: number;
  readonly files: number;
}

/** Of each hundred sites, how many still offer TLSv1. */
export const WEAK_PERCENT = 1;

/** One file with `count` sites. */
export async function writeSingle(directory: string, kind: Kind, count: number, weak = WEAK_PERCENT): Promise<Input> {
  mkdirSync(directory, { recursive: true });
  const main = path.join(directory, NAMES[kind]);
  const stream = createWriteStream(main);
  const { head, site, tail } = WRITERS[kind];
  stream.write(head);
  for (let index = 0; index < count; index++) {
    if (!stream.write(site(index, isWeak(index, weak)))) await once(stream, 'drain');
  }
  stream.end(tail);
  await finished(stream);
  return { main, bytes: stream.bytesWritten, files: 1 };
}

/** A main file that includes `count` files of one site each. */
export function writeTree(directory: string, kind: Kind, count: number, weak = WEAK_PERCENT): Input {
  const sites = path.join(directory, 'sites');
  mkdirSync(sites, { recursive: true });
  const main = path.join(directory, NAMES[kind]);
  const { head, site, tail, include } = WRITERS[kind];
  const root = `${head}${include(`${sites}/*.conf`)}${tail}`;
  writeFileSync(main, root);
  let bytes = root.length;
  for (let index = 0; index < count; index++) {
    const text = site(index, isWeak(index, weak));
    writeFileSync(path.join(sites, `site-${String(index).padStart(6, '0')}.conf`), text);
    bytes += text.length;
  }
  return { main, bytes, files: count + 1 };
}

/** Evenly spread. */
function isWeak(index: number, percent: number): boolean {
  return Math.floor(((index + 1) * percent) / 100) > Math.floor((index * percent) / 100);
}

const NAMES: Record<Kind, string> = { nginx: 'nginx.conf', apache: 'apache2.conf' };

interface Writer {
  readonly head: string;
  readonly tail: string;
  site(index: number, weak: boolean): string;
  include(pattern: string): string;
}

const WRITERS: Record<Kind, Writer> = {
  nginx: {
    head: 'events {}\nhttp {\n',
    tail: '}\n',
    site: nginxServer,
    include: pattern => `    include ${pattern};\n`,
  },
  apache: {
    head: 'ServerName bench.example.test\nListen 443\nSSLSessionCache none\n',
    tail: '',
    site: apacheHost,
    include: pattern => `IncludeOptional ${pattern}\n`,
  },
};

const LOCATIONS = ['/', '/static/', '~ \\.php$', '= /robots.txt', '/api/'];

function nginxServer(index: number, weak: boolean): string {
  const host = `host-${index}.example.test`;
  const locations = LOCATIONS.map(
    where => `    location ${where} {
        proxy_set_header Host $host;
        proxy_pass http://127.0.0.1:8080;  # upstream
        expires 30d;
    }
`,
  );
  return `server {
    # ${host}
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name ${host} www.${host};

    ssl_certificate     /etc/ssl/${host}/fullchain.pem;
    ssl_certificate_key /etc/ssl/${host}/privkey.pem;
    ssl_protocols ${weak ? 'TLSv1 TLSv1.1 TLSv1.2' : 'TLSv1.2 TLSv1.3'};
    ssl_ciphers "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:!aNULL";
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    access_log /var/log/nginx/${host}.log combined;
${locations.join('')}
}
`;
}

function apacheHost(index: number, weak: boolean): string {
  const host = `host-${index}.example.test`;
  const directories = ['public', 'static', 'media', 'files'].map(
    name => `    <Directory /srv/www/${host}/${name}>
        Options -Indexes +FollowSymLinks
        AllowOverride None
        Require all granted
    </Directory>
`,
  );
  return `<VirtualHost *:443>
    # ${host}
    ServerName ${host}
    ServerAlias www.${host}
    DocumentRoot /srv/www/${host}/public

    SSLEngine on
    SSLCertificateFile    /etc/ssl/${host}/fullchain.pem
    SSLCertificateKeyFile /etc/ssl/${host}/privkey.pem
    SSLProtocol ${weak ? 'all -SSLv3' : '-all +TLSv1.2 +TLSv1.3'}
    SSLCipherSuite "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:!aNULL"
    SSLHonorCipherOrder off
    Header always set Strict-Transport-Security "max-age=63072000; includeSubDomains"
    ErrorLog /var/log/apache2/${host}.error.log
    CustomLog /var/log/apache2/${host}.access.log combined
${directories.join('')}
    <Location /api/>
        ProxyPass http://127.0.0.1:8080/
        ProxyPassReverse http://127.0.0.1:8080/
    </Location>
</VirtualHost>
`;
}
