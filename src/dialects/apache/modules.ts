/** Which modules are loaded: by `LoadModule`, built in, said by the user, or assumed. */

/** Modules of httpd 2.4 that are assumed to be loaded where no LoadModule line is in sight: names without `_module`. */
const ASSUMED = new Set(
  `access_compat actions alias allowmethods asis auth_basic auth_digest auth_form authn_anon authn_core authn_dbd authn_dbm
  authn_file authn_socache authnz_fcgi authnz_ldap authz_core authz_dbd authz_dbm authz_groupfile authz_host authz_owner
  authz_user autoindex brotli buffer cache cache_disk cache_socache cern_meta cgi cgid charset_lite core data dav dav_fs
  dav_lock dbd deflate dialup dir dumpio echo env expires ext_filter file_cache filter headers heartbeat heartmonitor http
  http2 ident imagemap include info lbmethod_bybusyness lbmethod_byrequests lbmethod_bytraffic lbmethod_heartbeat ldap
  log_config log_debug log_forensic logio lua macro md mime mime_magic mpm_event negotiation proxy proxy_ajp proxy_balancer
  proxy_connect proxy_express proxy_fcgi proxy_fdpass proxy_ftp proxy_hcheck proxy_html proxy_http proxy_http2 proxy_scgi
  proxy_uwsgi proxy_wstunnel ratelimit reflector remoteip reqtimeout request rewrite sed session session_cookie
  session_crypto session_dbd setenvif slotmem_plain slotmem_shm so socache_dbm socache_memcache socache_redis socache_shmcb
  speling ssl status substitute suexec systemd unique_id unixd userdir usertrack version vhost_alias watchdog xml2enc`.split(
    /\s+/,
  ),
);

/** Built into the usual builds, so that no LoadModule line shows them (`httpd -l`; Debian adds the last four). */
const STATIC = new Set([
  'core',
  'so',
  'http',
  'mpm_event',
  'mpm_worker',
  'mpm_prefork',
  'log_config',
  'logio',
  'version',
  'unixd',
  'watchdog',
]);

/** Source files that are not called `mod_NAME.c`. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['core.c', 'core'],
  ['http_core.c', 'http'],
  ['event.c', 'mpm_event'],
  ['worker.c', 'mpm_worker'],
  ['prefork.c', 'mpm_prefork'],
  ['util_ldap.c', 'ldap'],
]);

export interface Modules {
  /** A LoadModule line was executed. */
  load(identifier: string): void;
  /** Whether a name of `<IfModule>` is loaded; letter case counts. */
  has(name: string): boolean;
  /** Whether the answer for this name rests on the assumption. */
  isAssumed(name: string): boolean;
}

/**
 * `said` holds names as users give them, `!` before those that are not loaded; what is said wins over what is read.
 * `strict`: LoadModule lines show the whole truth.
 */
export function createModules(said: readonly string[], strict: boolean): Modules {
  const yes = new Set<string>();
  const no = new Set<string>();
  for (const name of said) {
    const id = baseName(name.startsWith('!') ? name.slice(1) : name);
    if (id !== undefined) (name.startsWith('!') ? no : yes).add(id);
  }
  const loaded = new Set<string>();
  return {
    load(identifier) {
      const id = baseName(identifier);
      if (id !== undefined) loaded.add(id);
    },
    has(name) {
      const id = baseName(name);
      if (id === undefined || no.has(id)) return false;
      return yes.has(id) || loaded.has(id) || (strict ? STATIC : ASSUMED).has(id);
    },
    isAssumed(name) {
      const id = baseName(name);
      return id !== undefined && !strict && !yes.has(id) && !no.has(id) && !loaded.has(id);
    },
  };
}

/** `ssl` for `ssl_module` and `mod_ssl.c`; `undefined` for what is spelled like neither. */
function baseName(name: string): string | undefined {
  const known = FILES.get(name);
  if (known !== undefined) return known;
  if (name.endsWith('_module')) return name.slice(0, -'_module'.length);
  if (name.startsWith('mod_') && name.endsWith('.c')) return name.slice('mod_'.length, -'.c'.length);
  return undefined;
}
