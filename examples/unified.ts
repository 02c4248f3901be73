/** The parts of tlslint as unified plugins: parser, rules and fixer, with vfile-reporter for the messages. */
import { nginxParse, tlslint, tlslintFix } from 'tlslint';
import { unified } from 'unified';
import { VFile } from 'vfile';
import { reporter } from 'vfile-reporter';

const file = new VFile({
  path: 'nginx.conf',
  value: `events {}
http {
    server {
        listen 443 ssl;
        ssl_certificate shop.pem;
        ssl_certificate_key shop.key;
        ssl_protocols TLSv1 TLSv1.2;
    }
}
`,
});

const result = await unified().use(nginxParse).use(tlslint, { policy: 'intermediate' }).use(tlslintFix).process(file);

console.error(reporter(result, { color: false }));
console.log(String(result));
