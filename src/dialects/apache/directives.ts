/** The directives that the model looks at, and what the server says of them before their values count. */

/** Where a directive may stand: `server` is RSRC_CONF, `proxy` adds `<Proxy>` from 2.4.30 on, `any` more than that. */
type Place = 'server' | 'proxy' | 'any';

export interface Known {
  /** As the manual spells it. */
  readonly name: string;
  readonly place: Place;
  /** First release; absent where every release since 2.2 has it. */
  readonly since?: string;
  /** First release without it. */
  readonly until?: string;
  /** Trunk alone. */
  readonly trunk?: boolean;
}

const KEPT_SERVER = 'SSLProtocol SSLEngine SSLCertificateFile SSLOpenSSLConfCmd';
const KEPT_PROXY = 'SSLProxyProtocol SSLProxyCipherSuite SSLProxyEngine';
const SERVER = `SSLCACertificateFile SSLCACertificatePath SSLCADNRequestFile SSLCADNRequestPath SSLCARevocationFile
SSLCARevocationPath SSLCertificateChainFile SSLCertificateKeyFile SSLCryptoDevice SSLFIPS SSLHonorCipherOrder
SSLInsecureRenegotiation SSLPassPhraseDialog SSLRandomSeed SSLSessionCache SSLSessionCacheTimeout SSLStrictSNIVHostCheck`;
const PROXY = `SSLProxyCACertificateFile SSLProxyCACertificatePath SSLProxyCARevocationFile SSLProxyCARevocationPath
SSLProxyCheckPeerCN SSLProxyCheckPeerExpire SSLProxyMachineCertificateFile SSLProxyMachineCertificatePath SSLProxyVerify
SSLProxyVerifyDepth`;
const ANY = 'SSLOptions SSLRenegBufferSize SSLRequire SSLRequireSSL SSLUserName SSLVerifyClient SSLVerifyDepth';

/** Compatibility lines of the mod_ssl manual. */
const NEWER: ReadonlyArray<readonly [release: string, place: Place, names: string]> = [
  ['2.3.3', 'server', 'SSLOCSPEnable SSLOCSPDefaultResponder SSLOCSPOverrideResponder SSLUseStapling SSLStaplingCache'],
  [
    '2.3.3',
    'server',
    'SSLStaplingErrorCacheTimeout SSLStaplingFakeTryLater SSLStaplingForceURL SSLStaplingResponderTimeout SSLStaplingResponseMaxAge SSLStaplingResponseTimeSkew SSLStaplingReturnResponderErrors SSLStaplingStandardCacheTimeout',
  ],
  ['2.3.15', 'server', 'SSLCARevocationCheck'],
  ['2.3.15', 'proxy', 'SSLProxyCARevocationCheck'],
  ['2.4.0', 'server', 'SSLSessionTicketKeyFile'],
  ['2.4.4', 'server', 'SSLSRPVerifierFile SSLSRPUnknownUserSeed'],
  ['2.4.5', 'proxy', 'SSLProxyCheckPeerName'],
  ['2.4.7', 'proxy', 'SSLProxyMachineCertificateChainFile'],
  ['2.4.11', 'server', 'SSLSessionTickets'],
  ['2.4.66', 'server', 'SSLVHostSNIPolicy'],
];

/** Lower case to what is known, for the directives of mod_ssl. Put together when the first is asked for: most files are nginx's. */
export const SSL_DIRECTIVES: Pick<ReadonlyMap<string, Known>, 'get' | 'has'> = {
  get: name => sslDirectives().get(name),
  has: name => sslDirectives().has(name),
};

let known: ReadonlyMap<string, Known> | undefined;

function sslDirectives(): ReadonlyMap<string, Known> {
  known ??= new Map([
    ...rows(KEPT_SERVER, 'server', {}),
    ...rows(KEPT_PROXY, 'proxy', {}),
    ...rows('SSLCipherSuite', 'any', {}),
    ...rows(SERVER, 'server', {}),
    ...rows('SSLCompression', 'server', {}),
    // `Mutex` took its place.
    ...rows('SSLMutex', 'server', { until: '2.3.4' }),
    ...rows(PROXY, 'proxy', {}),
    ...rows(ANY, 'any', {}),
    ...NEWER.flatMap(([release, place, names]) => rows(names, place, { since: release })),
    ...rows('SSLOpenSSLConfCmd', 'server', { since: '2.4.8' }),
    ...rows('SSLPolicy SSLProxyPolicy', 'proxy', { trunk: true }),
  ]);
  return known;
}

/** Of the core and other modules: what the model keeps. */
export const OTHER_DIRECTIVES: ReadonlyMap<string, string> = new Map(
  'ServerName ServerAlias Listen NameVirtualHost Protocol ProxyPass ProxyPassMatch BalancerMember RewriteRule MDomain MDomainSet TLSEngine TLSProtocol'
    .split(' ')
    .map(name => [name.toLowerCase(), name]),
);

/** mod_tls; a module that few have, so that it must be seen to be loaded. */
export const TLS_DIRECTIVES: ReadonlySet<string> = new Set(
  'tlsengine tlsprotocol tlscertificate tlsciphersprefer tlscipherssuppress tlshonorclientorder tlsoptions tlsproxyengine tlsproxyprotocol tlsproxyca tlsproxymachinecertificate tlsproxyciphersprefer tlsproxycipherssuppress tlssessioncache tlsstrictsni'.split(
    ' ',
  ),
);

/** Sections whose directives configure requests, not servers. */
export const DIRECTORY_SECTIONS: ReadonlySet<string> = new Set(
  'directory directorymatch location locationmatch files filesmatch if elseif else limit limitexcept requireall requireany requirenone authnprovideralias authzprovideralias'.split(
    ' ',
  ),
);

function rows(names: string, place: Place, more: Partial<Known>): Array<[string, Known]> {
  return names.split(/\s+/).map(name => [name.toLowerCase(), { name, place, ...more }]);
}
