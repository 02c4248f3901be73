/** tlslint as a library: one text linted and fixed in memory, and what a tree on disk offers. */
import { inspect, lintText } from 'tlslint';

const config = `events {}
http {
    server {
        listen 443 ssl;
        server_name shop.example;
        ssl_certificate shop.pem;
        ssl_certificate_key shop.key;
        ssl_protocols TLSv1 TLSv1.2;
    }
}
`;

const { findings, fixed, diff } = await lintText(config, { path: 'nginx.conf', server: 'nginx@1.22.1' });
for (const { path, place, rule, message } of findings) {
  console.log(`${path}:${place.start.line}:${place.start.column} ${rule} ${message}`);
}
console.log(diff);
console.log(fixed === config ? 'nothing to fix' : 'fixed');

// With the path of a main file, the same is asked of a tree on disk.
const [file] = process.argv.slice(2);
if (file !== undefined) {
  for (const endpoint of (await inspect(file)).endpoints) {
    console.log(
      endpoint.listen ?? endpoint.upstream,
      endpoint.names.join(' '),
      endpoint.configured?.join(' ') ?? 'unknown',
    );
  }
}
