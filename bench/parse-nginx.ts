/**
 * Time and memory of the nginx parser on a large file of many servers.
 *
 * ```
 * npx esbuild bench/parse-nginx.ts --bundle --platform=node --format=esm --outfile=build/bench/parse-nginx.js
 * node build/bench/parse-nginx.js [SERVERS]
 * ```
 */
import { parse, walk } from '../parsers/nginx/index.js';

/** 40 lines and some 1,200 bytes, as a control panel writes them. */
function server(index: number): string {
  const host = `host-${index}.example.test`;
  const locations = ['/', '/static/', '~ \\.php$', '= /robots.txt', '/api/'].map(
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
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
    ssl_ciphers "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:!aNULL";
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    access_log /var/log/nginx/${host}.log combined;
${locations.join('')}
}
`;
}

const servers = Number(process.argv[2] ?? 10_000);
const bytes = Buffer.from(Array.from({ length: servers }, (_, index) => server(index)).join(''));
const lines = bytes.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
const rssBefore = process.memoryUsage().rss;
const cpuBefore = process.cpuUsage();
const { tree, problems } = parse(bytes);
const { user, system } = process.cpuUsage(cpuBefore);
const rssAfter = process.memoryUsage().rss;
let count = 0;
for (const _ of walk(tree)) count++;
const mega = (size: number) => (size / 1e6).toFixed(1);
console.log(
  `${servers} servers, ${lines} lines, ${mega(bytes.length)} MB, ${count} directives, ${problems.length} problems`,
);
console.log(`parse: ${((user + system) / 1000).toFixed(0)} ms CPU`);
console.log(`resident: ${mega(rssBefore)} MB before, ${mega(rssAfter)} MB after`);
console.log(`peak: ${mega(process.resourceUsage().maxRSS * 1024)} MB`);
