/** What directories hold beside configuration of nginx and httpd: nobody takes it for theirs. */
import test from 'ava';
import { detect as isApache } from '../src/dialects/apache/detect.js';
import { detect as isNginx } from '../src/dialects/nginx/detect.js';

const OTHERS: Readonly<Record<string, string>> = {
  'proftpd.conf':
    'Include /etc/proftpd/modules.conf\nServerName "Debian"\nServerType standalone\nUser proftpd\nGroup nogroup\n<Directory /*>\n  AllowOverwrite on\n</Directory>\nInclude /etc/proftpd/conf.d/\n',
  'modules.conf': 'LoadModule mod_ctrls_admin.c\nLoadModule mod_tls.c\n<IfModule mod_dynmasq.c>\n</IfModule>\n',
  sshd_config: 'Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nListenAddress ::\nSubsystem sftp internal-sftp\n',
  'squid.conf': 'acl all src all\nhttp_port 3128\nhttp_access deny all\ninclude /etc/squid/conf.d/*\n',
  'chrony.conf': 'pool 2.debian.pool.ntp.org iburst\ninclude /etc/chrony/x\nallow 10/8\n',
  'logrotate.conf': 'weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d\n',
  'haproxy.cfg': 'defaults\n  mode http\nlisten stats\n  bind :443\n  redirect scheme https\n',
  'vsftpd.conf': 'listen=YES\nanonymous_enable=NO\nuser_sub_token=$USER\n',
  'cups-files.conf': 'SystemGroup lpadmin\nUser lp\nGroup lp\nServerRoot /etc/cups\n',
  'site.pp': 'include apache\ndefine x::y {\n  include z\n}\n',
  'bird.conf':
    'include "filters/*.conf";\nprotocol device { scan time 60; }\nfilter ours {\n  if net ~ [ 10.0.0.0/8+ ] then accept;\n  else reject;\n}\n',
  'named.conf': 'include "/etc/bind/named.conf.options";\nzone "." { type hint; file "/usr/share/dns/root.hints"; };\n',
  'nftables.conf':
    'include "/etc/nft/*.nft"\ntable inet filter {\n  set allowed { type ipv4_addr; elements = { 10.0.0.1 } }\n  map m { type ipv4_addr : verdict; }\n}\n',
  'varnish.vcl':
    'vcl 4.0;\ninclude "x.vcl";\nsub vcl_recv {\n  if (req.url ~ "x") { return (pass); }\n  set req.http.x = "y";\n}\n',
  Caddyfile: 'example.com {\n\troot * /srv\n\treverse_proxy localhost:1\n}\n',
  'app.js': 'function f() {\n  return 1;\n}\nif (x) {\n  return 2;\n}\n',
  'radiusd.conf':
    'security {\n  allow_core_dumps = no\n}\nlisten {\n  type = auth\n}\nserver default {\n  listen {\n    type = auth\n  }\n}\n',
  'main.tf': 'resource "x" "y" { location = "a" }\n',
  'graph.dot': 'digraph g { a -> b; server; location; root [x=y]; }\n',
  'style.css': '.location { root: 1; } .a { return: 1; include: x; }\n',
};

for (const [name, text] of Object.entries(OTHERS)) {
  test(`${name} is configuration of another program`, t => {
    t.is(isApache(`/etc/${name}`, text), 'none');
    t.is(isNginx(`/etc/${name}`, text), 'none');
  });
}

test('fragments of nginx, in few words and with a mistake, are still its own', t => {
  t.is(isNginx('/x/deny', 'deny all;\n'), 'fragment');
  t.is(isNginx('/x/a.conf', 'server {\n  listen 443 ssl;\n'), 'fragment');
  t.is(isNginx('/etc/nginx/a.conf', 'server {\n  listen 443 ssl;\n'), 'fragment');
  t.is(isNginx('/x/a.conf', 'server {\n  ssl_protocols TLSv1;\n'), 'fragment');
});
