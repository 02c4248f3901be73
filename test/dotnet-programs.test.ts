import test from 'ava';
import fc from 'fast-check';
import { applyFixes } from '../fixers/apply.js';
import { dotnet } from '../src/dialects/dotnet/index.js';
import { memoryHost } from '../src/host.js';
import { lint } from '../src/lint.js';
import { DEFAULT_POLICY } from '../src/model/policies.js';
import { protocolNames } from '../src/model/protocols.js';
import type { Model } from '../src/model/types.js';
import { rules } from '../src/rules/index.js';
import { targetRange } from '../src/targets.js';

function load(name: string, text: string, server?: string): { model: Model; range: ReturnType<typeof targetRange> } {
  const path = `/src/${name}`;
  const range = targetRange('dotnet', dotnet.steps, { server });
  const host = memoryHost(new Map([[path, text]]), file => file.slice(5));
  const settings = { prefix: '', define: new Map(), module: [], env: {}, target: range.targets.at(-1)! };
  return { model: dotnet.load(path, host, settings, dotnet.detect(path, text) === 'fragment'), range };
}

/** `role name: versions`, with `?` where they can't be known and `system` where the operating system chooses. */
function offers(name: string, text: string, server?: string): string[] {
  const { model, range } = load(name, text, server);
  const target = range.targets.at(-1)!;
  return model.endpoints.map(endpoint => {
    const { configured, delegated } = model.offer(endpoint, target);
    const set = configured === null ? (delegated ? 'system' : '?') : protocolNames(configured).join(' ');
    return `${endpoint.role} ${endpoint.names[0]}: ${set}`;
  });
}

const SPM = 'client ServicePointManager.SecurityProtocol';

const read: Array<[string, string, string, string[]]> = [
  ['a member', 'a.cs', 'ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;', [`${SPM}: TLSv1`]],
  [
    'a qualified one',
    'a.cs',
    'System.Net.ServicePointManager.SecurityProtocol=System.Net.SecurityProtocolType.Tls11;',
    [`${SPM}: TLSv1.1`],
  ],
  [
    'several',
    'a.cs',
    'ServicePointManager.SecurityProtocol = SecurityProtocolType.Ssl3 | SecurityProtocolType.Tls13;',
    [`${SPM}: SSLv3 TLSv1.3`],
  ],
  [
    'across lines and comments',
    'a.cs',
    'ServicePointManager.SecurityProtocol = // x\n SecurityProtocolType.Tls11 /* y */\n | SecurityProtocolType.Tls12;',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  [
    'numbers',
    'a.cs',
    'ServicePointManager.SecurityProtocol = (SecurityProtocolType)3072 | (SecurityProtocolType)0x300;',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  [
    'the old numbers',
    'a.cs',
    'ServicePointManager.SecurityProtocol = (SecurityProtocolType)(48 | 192 | 768);',
    [`${SPM}: SSLv3 TLSv1 TLSv1.1`],
  ],
  ['a number that is none', 'a.cs', 'ServicePointManager.SecurityProtocol = (SecurityProtocolType)1;', [`${SPM}: ?`]],
  ['a number without a cast', 'a.cs', 'ServicePointManager.SecurityProtocol = 3072;', [`${SPM}: ?`]],
  ['0', 'a.cs', 'ServicePointManager.SecurityProtocol = (SecurityProtocolType)0;', [`${SPM}: system`]],
  [
    'the system',
    'a.cs',
    'ServicePointManager.SecurityProtocol = SecurityProtocolType.SystemDefault;',
    [`${SPM}: system`],
  ],
  ['a variable', 'a.cs', 'ServicePointManager.SecurityProtocol = protocols;', [`${SPM}: ?`]],
  [
    'a choice',
    'a.cs',
    'ServicePointManager.SecurityProtocol = old ? SecurityProtocolType.Tls : SecurityProtocolType.Tls12;',
    [`${SPM}: ?`],
  ],
  ['what is added', 'a.cs', 'ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12;', [`${SPM}: ?`]],
  [
    'what is added to what was set',
    'a.cs',
    '{ ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls11; x(); ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12; }',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  [
    'but not in another block',
    'a.cs',
    'f() { ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls11; } g() { ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12; }',
    [`${SPM}: TLSv1.1`, `${SPM}: ?`],
  ],
  ['what is taken away', 'a.cs', 'ServicePointManager.SecurityProtocol &= ~SecurityProtocolType.Ssl3;', [`${SPM}: ?`]],
  [
    'itself',
    'a.cs',
    'ServicePointManager.SecurityProtocol = ServicePointManager.SecurityProtocol | SecurityProtocolType.Tls12;',
    [`${SPM}: ?`],
  ],
  [
    'a line for the compiler inside',
    'a.cs',
    'ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls12\n#if X\n| SecurityProtocolType.Tls\n#endif\n;',
    [`${SPM}: ?`],
  ],
  [
    'Enum.Parse',
    'a.cs',
    'ServicePointManager.SecurityProtocol = (SecurityProtocolType)Enum.Parse(typeof(SecurityProtocolType), "Tls12, Tls11");',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  [
    'Enum.ToObject',
    'a.cs',
    'ServicePointManager.SecurityProtocol = (SecurityProtocolType)Enum.ToObject(typeof(SecurityProtocolType), 192);',
    [`${SPM}: TLSv1`],
  ],
  [
    'a condition before it',
    'a.cs',
    'if (x) ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;',
    [`${SPM}: TLSv1`],
  ],
  ['a comparison', 'a.cs', 'if (ServicePointManager.SecurityProtocol == SecurityProtocolType.Tls) { }', []],
  ['another property of that name', 'a.cs', 'settings.SecurityProtocol = other;', []],
  [
    'comments and strings',
    'a.cs',
    '// ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;\nx = "ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;" + $"{ServicePointManager.SecurityProtocol}" + @"\\";',
    [],
  ],
  [
    'a server',
    'a.cs',
    's.AuthenticateAsServer(c, false, SslProtocols.Tls12 | SslProtocols.Tls11, false);',
    ['server AuthenticateAsServer: TLSv1.1 TLSv1.2'],
  ],
  [
    'a client',
    'a.cs',
    'await s.AuthenticateAsClientAsync("h", null, SslProtocols.Default, true);',
    ['client AuthenticateAsClient: SSLv3 TLSv1'],
  ],
  [
    'calls that say nothing',
    'a.cs',
    's.AuthenticateAsServer(c); s.AuthenticateAsClient("h", null, protocols, true);',
    [],
  ],
  [
    'an initializer of a client',
    'a.cs',
    'var h = new HttpClientHandler { SslProtocols = SslProtocols.Tls, A = b };',
    ['client SslProtocols: TLSv1'],
  ],
  [
    'options of a server',
    'a.cs',
    'var o = new SslServerAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls };',
    ['server EnabledSslProtocols: TLSv1'],
  ],
  [
    'Kestrel',
    'a.cs',
    'builder.ConfigureKestrel(k => k.ConfigureHttpsDefaults(o => { o.SslProtocols = SslProtocols.Tls11; }));',
    ['server SslProtocols: TLSv1.1'],
  ],
  [
    'a handler',
    'a.cs',
    'handler.SslOptions.EnabledSslProtocols = SslProtocols.None;',
    ['client EnabledSslProtocols: system'],
  ],
  ['a declaration', 'a.cs', 'private const SslProtocols Old = SslProtocols.Tls;', ['client Old: ?']],
  ['a property', 'a.cs', 'SslProtocols Old { get; set; } = SslProtocols.Tls;', ['client Old: ?']],
  ['a parameter', 'a.cs', 'void F(SslProtocols old = SslProtocols.Tls, bool b = true) { }', ['client old: ?']],
  [
    'a named argument',
    'a.cs',
    's.AuthenticateAsServer(c, enabledSslProtocols: SslProtocols.Tls);',
    ['server AuthenticateAsServer: TLSv1'],
  ],
  ['0 without a cast', 'a.cs', 'ServicePointManager.SecurityProtocol = 0;', [`${SPM}: system`]],
  [
    'comparisons and tables',
    'a.cs',
    'if ((p & SslProtocols.Tls) == SslProtocols.Tls) { } switch (p) { case SslProtocols.Tls: break; } var d = new D { [SslProtocols.Tls] = "x" }; f(SslProtocols.Tls);',
    [],
  ],
  ['a declaration of a property', 'a.cs', 'SslProtocols SslProtocols = Get();', []],
  [
    'VB.NET',
    'a.vb',
    'ServicePointManager.SecurityProtocol = SecurityProtocolType.tls Or _\r\n SecurityProtocolType.Tls12',
    [`${SPM}: TLSv1 TLSv1.2`],
  ],
  [
    'VB.NET, numbers',
    'a.vb',
    'ServicePointManager.SecurityProtocol = CType(&HC00, SecurityProtocolType) Or DirectCast(768, Net.SecurityProtocolType)',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  [
    'VB.NET, after Then',
    'a.vb',
    'If x Then ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls',
    [`${SPM}: TLSv1`],
  ],
  ['VB.NET, a comparison', 'a.vb', 'If ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls Then', []],
  [
    'VB.NET, [Enum].Parse',
    'a.vb',
    'ServicePointManager.SecurityProtocol = CType([Enum].Parse(GetType(SecurityProtocolType), "Tls12"), SecurityProtocolType)',
    [`${SPM}: TLSv1.2`],
  ],
  [
    'VB.NET, methods apart',
    'a.vb',
    'Sub A\nServicePointManager.SecurityProtocol = SecurityProtocolType.Tls\nEnd Sub\nSub B\nServicePointManager.SecurityProtocol += SecurityProtocolType.Tls12\nEnd Sub',
    [`${SPM}: TLSv1`, `${SPM}: ?`],
  ],
  [
    'VB.NET, a comment',
    'a.vb',
    "' ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls\nRem ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls",
    [],
  ],
  [
    'VB.NET, With',
    'a.vb',
    'Dim h = New HttpClientHandler With {.SslProtocols = SslProtocols.Tls}',
    ['client SslProtocols: TLSv1'],
  ],
  [
    'PowerShell',
    'a.ps1',
    '[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.SecurityProtocolType]::Tls11 -bor [Net.SecurityProtocolType]::tls12',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  [
    'PowerShell, a string',
    'a.ps1',
    "[Net.ServicePointManager]::SecurityProtocol = 'tls12, tls11'",
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  [
    'PowerShell, a list',
    'a.ps1',
    '[Net.ServicePointManager]::SecurityProtocol = @(\n "Tls12"\n, "Tls11")',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  ['PowerShell, a number', 'a.ps1', '[Net.ServicePointManager]::SecurityProtocol = 3072', [`${SPM}: TLSv1.2`]],
  [
    'PowerShell, a cast',
    'a.ps1',
    "[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]'Tls'",
    [`${SPM}: TLSv1`],
  ],
  [
    'PowerShell, ToObject',
    'a.ps1',
    '[Net.ServicePointManager]::SecurityProtocol = [Enum]::ToObject([Net.SecurityProtocolType], 3072)',
    [`${SPM}: TLSv1.2`],
  ],
  [
    'PowerShell, itself',
    'a.ps1',
    '[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12',
    [`${SPM}: ?`],
  ],
  ['PowerShell, a variable', 'a.ps1', '[Net.ServicePointManager]::SecurityProtocol = "$p"', [`${SPM}: ?`]],
  [
    'PowerShell, backticks',
    'a.ps1',
    '[Net.ServicePointManager]::SecurityProtocol = `\n [Net.SecurityProtocolType]::Tls',
    [`${SPM}: TLSv1`],
  ],
  [
    'PowerShell, comments',
    'a.ps1',
    "# [Net.ServicePointManager]::SecurityProtocol = 'Tls'\n<# [Net.ServicePointManager]::SecurityProtocol = 'Tls' #>",
    [],
  ],
  ['PowerShell, here-strings', 'a.ps1', "$x = @'\n[Net.ServicePointManager]::SecurityProtocol = 'Tls'\n'@", []],
  [
    'PowerShell, a parameter',
    'a.psm1',
    'Invoke-RestMethod $u -SslProtocol Tls, Tls12 -Verbose',
    ['client SslProtocol: TLSv1 TLSv1.2'],
  ],
  ['PowerShell, a variable as parameter', 'a.ps1', 'Invoke-RestMethod $u -SslProtocol $p', ['client SslProtocol: ?']],
  [
    'a call that is closed twice',
    'a.cs',
    'f(ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls));',
    [`${SPM}: TLSv1`],
  ],
  ['a number with a point', 'a.cs', 'ServicePointManager.SecurityProtocol = (SecurityProtocolType)3e3;', [`${SPM}: ?`]],
  [
    'Enum.Parse of a type that is not named, of another one, and of one without a name',
    'a.cs',
    'ServicePointManager.SecurityProtocol = (SecurityProtocolType)Enum.Parse(type, "Tls"); a(); ServicePointManager.SecurityProtocol = (SecurityProtocolType)Enum.Parse(typeof(Other), "Tls"); a(); ServicePointManager.SecurityProtocol = (SecurityProtocolType)Enum.Parse(typeof(SecurityProtocolType));',
    [`${SPM}: ?`, `${SPM}: ?`, `${SPM}: ?`],
  ],
  [
    'Enum.Parse of escaped words',
    'a.cs',
    'ServicePointManager.SecurityProtocol = (SecurityProtocolType)Enum.Parse(typeof(SecurityProtocolType), "Tls1\\u0032, Tls\\x31\\x31");',
    [`${SPM}: TLSv1.1 TLSv1.2`],
  ],
  ['nothing behind the sign', 'a.cs', 'ServicePointManager.SecurityProtocol =', [`${SPM}: ?`]],
  ['a comparison with an option', 'a.cs', 'if (h.SslProtocols == SslProtocols.Tls) { }', []],
  ['a call that is named alone', 'a.cs', 'Func<X> f = s.AuthenticateAsServer;', []],
  ['VB.NET, a comparison with an option', 'a.vb', 'If h.SslProtocols = SslProtocols.Tls Then', []],
  [
    'PowerShell, numbers and nothing as a string',
    'a.ps1',
    "[Net.ServicePointManager]::SecurityProtocol = '3072'\n[Net.ServicePointManager]::SecurityProtocol = ''",
    [`${SPM}: TLSv1.2`, `${SPM}: ?`],
  ],
  [
    'PowerShell, half a member',
    'a.ps1',
    '[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::\n',
    [`${SPM}: ?`],
  ],
  [
    'PowerShell, a member within its brackets',
    'a.ps1',
    '[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType::Tls]',
    [`${SPM}: ?`],
  ],
  [
    'PowerShell, members as parameters',
    'a.ps1',
    'Invoke-RestMethod $u -SslProtocol ([Net.SecurityProtocolType]::Tls)\nInvoke-RestMethod $u -SslProtocol [Net.SecurityProtocolType]::Tls12\nInvoke-RestMethod $u -SslProtocol',
    ['client SslProtocol: TLSv1', 'client SslProtocol: TLSv1.2'],
  ],
];
for (const [title, name, text, expected] of read)
  test(`${title}: ${name}`, t => t.deepEqual(offers(name, text), expected));

const WEB = (inner: string) => `<configuration><system.web>${inner}</system.web></configuration>`;
const APP = (sku: string) => `<configuration><startup><supportedRuntime ${sku}/></startup></configuration>`;
const OVERRIDES = (value: string) => `<runtime><AppContextSwitchOverrides value="${value}"/></runtime>`;
const WEAK = 'Switch.System.Net.DontEnableSchUseStrongCrypto';
const OWN = 'Switch.System.Net.DontEnableSystemDefaultTlsVersions';
const WCF = 'Switch.System.ServiceModel.DisableUsingServicePointManagerSecurityProtocols';
const PROCESS = 'client ServicePointManager';

const configured: Array<[string, string, string[], server?: string]> = [
  ['httpRuntime 4.5', WEB('<httpRuntime targetFramework="4.5.2"/>'), [`${PROCESS}: SSLv3 TLSv1`]],
  ['httpRuntime 4.6', WEB('<httpRuntime targetFramework="4.6.2"/>'), [`${PROCESS}: TLSv1 TLSv1.1 TLSv1.2`]],
  ['httpRuntime 4.7', WEB('<httpRuntime targetFramework="4.7"/>'), [`${PROCESS}: system`]],
  ['compilation alone', WEB('<compilation targetFramework="4.8"/>'), [`${PROCESS}: SSLv3 TLSv1`]],
  ['httpRuntime that says nothing', WEB('<httpRuntime maxRequestLength="1"/>'), []],
  [
    'a location',
    `<configuration><location path=".">${WEB('<httpRuntime targetFramework="4.5"/>').slice(15, -16)}</location></configuration>`,
    [`${PROCESS}: SSLv3 TLSv1`],
  ],
  ['.NET 2.0', APP('version="v2.0.50727"'), [`${PROCESS}: SSLv3 TLSv1`]],
  ['v4.0 without a sku', APP('version="v4.0"'), []],
  ['a sku', APP('version="v4.0" sku=".NETFramework,Version=v4.6.1"'), [`${PROCESS}: TLSv1 TLSv1.1 TLSv1.2`]],
  [
    'a client profile',
    APP('version="v4.0" sku=".NETFramework,Version=v4.0,Profile=Client"'),
    [`${PROCESS}: SSLv3 TLSv1`],
  ],
  [
    'a switch, old framework',
    `<configuration>${OVERRIDES(`${WEAK}=false`)}</configuration>`,
    [`${PROCESS}: TLSv1 TLSv1.1 TLSv1.2`],
    'dotnet@4.5',
  ],
  [
    'a switch, newest framework',
    `<configuration>${OVERRIDES(`${WEAK}=true`)}</configuration>`,
    [`${PROCESS}: system`],
    'dotnet@4.8',
  ],
  [
    'both switches',
    `<configuration>${OVERRIDES(`${WEAK}=true; ${OWN}=true`)}</configuration>`,
    [`${PROCESS}: SSLv3 TLSv1`],
    'dotnet@4.8',
  ],
  [
    'a switch of appSettings',
    `<configuration><appSettings><add key="AppContext.SetSwitch:${OWN}" value="true"/></appSettings></configuration>`,
    [`${PROCESS}: TLSv1 TLSv1.1 TLSv1.2`],
    'dotnet@4.8',
  ],
  [
    'a transform',
    '<configuration xmlns:xdt="x"><system.web><httpRuntime targetFramework="4.5" xdt:Transform="Replace"/></system.web></configuration>',
    [],
  ],
  [
    'a switch of WCF',
    `<configuration>${OVERRIDES(`${WCF}=true;${WCF}x=true`)}</configuration>`,
    ['client System.ServiceModel: TLSv1'],
  ],
  ['a comment', `<configuration><!-- ${OVERRIDES(`${WEAK}=true`)} --></configuration>`, []],
  [
    'a binding',
    '<configuration><x><transport sslProtocols="Tls11, Tls12"/></x></configuration>',
    ['client netTcpBinding: TLSv1.1 TLSv1.2'],
  ],
  [
    'a binding with a token',
    '<configuration><x><transport sslProtocols="#{Protocols}"/></x></configuration>',
    ['client netTcpBinding: ?'],
  ],
];
for (const [title, text, expected, server] of configured) {
  test(`configuration: ${title}`, t => t.deepEqual(offers('web.config', text, server), expected));
}

test('a switch in a transform is taken for what it says, and left alone', t => {
  const text = `<configuration xmlns:xdt="x">${OVERRIDES(`${WEAK}=true`)}</configuration>`;
  t.deepEqual(offers('Web.Release.config', text), [`${PROCESS}: ?`]);
  const { model, range } = load('Web.Release.config', text);
  const findings = lint(model, { range, policy: DEFAULT_POLICY, rules });
  t.deepEqual(
    findings.map(({ rule, fix }) => [rule, fix?.applicability]),
    [['deprecated-upstream-protocol', 'manual']],
  );
});

/** The text with all fixes of all rules made, again until none is left. */
function fixed(name: string, text: string, server?: string): string {
  let after = text;
  for (let round = 0; round < 5; round++) {
    const { model, range } = load(name, after, server);
    const fixes = lint(model, { range, policy: DEFAULT_POLICY, rules }).flatMap(({ fix }) => fix ?? []);
    const next = applyFixes(new Map([[name, after]]), fixes, 'unsafe').texts.get(name);
    if (next === undefined) break;
    after = next;
  }
  return after;
}

const S = 'ServicePointManager.SecurityProtocol';
const T = 'SecurityProtocolType';
const fixes: Array<[string, string, string, string, server?: string]> = [
  ['one', 'a.cs', `${S} = ${T}.Tls;`, `${S} = ${T}.Tls12;`],
  ['the first of several', 'a.cs', `${S} = ${T}.Tls | ${T}.Tls12;`, `${S} = ${T}.Tls12;`],
  ['the last of several', 'a.cs', `${S} = ${T}.Tls12 | ${T}.Tls;`, `${S} = ${T}.Tls12;`],
  ['those around', 'a.cs', `${S} = ${T}.Ssl3\r\n\t| ${T}.Tls12\r\n\t| ${T}.Tls11;\r\n`, `${S} = ${T}.Tls12;\r\n`],
  ['what is added', 'a.cs', `${S} |= ${T}.Tls11;`, `${S} |= ${T}.Tls12;`],
  ['a number', 'a.cs', `${S} = (${T})192;`, `${S} = (${T})3072;`],
  ['a number of several', 'a.cs', `${S} = (${T})0xFC0;`, `${S} = (${T})0xC00;`],
  ['by number before 4.5', 'a.cs', `${S} = Net.${T}.Tls;`, `${S} = (Net.${T})3072;`, 'dotnet@3.5'],
  [
    'nothing where a comment stands between',
    'a.cs',
    `${S} = ${T}.Tls /* gateway */ | ${T}.Tls12;`,
    `${S} = ${T}.Tls /* gateway */ | ${T}.Tls12;`,
  ],
  ['nothing where it is computed', 'a.cs', `${S} = x | ${T}.Tls;`, `${S} = x | ${T}.Tls;`],
  ['a group under a cast', 'a.cs', `${S} = (${T})(48 | 768 | 3072);`, `${S} = (${T})(3072);`],
  ['a call with several', 'a.vb', `${S} = CType(48 Or 192 Or 768 Or 3072, ${T})`, `${S} = CType(3072, ${T})`],
  [
    'a string of Enum.Parse',
    'a.cs',
    `${S} = (${T})Enum.Parse(typeof(${T}), "Tls, Tls11");`,
    `${S} = (${T})Enum.Parse(typeof(${T}), "Tls12");`,
  ],
  ['VB.NET', 'a.vb', `${S} = ${T}.Tls Or ${T}.Tls11`, `${S} = ${T}.Tls12`],
  ['VB.NET, a cast', 'a.vb', `${S} = CType(192, ${T}) Or CType(3072, ${T})`, `${S} = CType(3072, ${T})`],
  ['VB.NET by number before 4.5', 'a.vb', `${S} = ${T}.Tls`, `${S} = CType(3072, ${T})`, 'dotnet@4.0'],
  [
    'PowerShell',
    'a.ps1',
    `[Net.ServicePointManager]::SecurityProtocol = [Net.${T}]::Ssl3 -bor [Net.${T}]::Tls`,
    `[Net.ServicePointManager]::SecurityProtocol = [Net.${T}]::Tls12`,
  ],
  [
    'PowerShell, a string',
    'a.ps1',
    `[Net.ServicePointManager]::SecurityProtocol = "ssl3,tls,tls12"`,
    `[Net.ServicePointManager]::SecurityProtocol = "tls12"`,
  ],
  [
    'PowerShell, strings',
    'a.ps1',
    `[Net.ServicePointManager]::SecurityProtocol = 'Tls','Tls12'`,
    `[Net.ServicePointManager]::SecurityProtocol = 'Tls12'`,
  ],
  [
    'PowerShell by number before 4.5',
    'a.ps1',
    `[Net.ServicePointManager]::SecurityProtocol = [Net.${T}]::Tls`,
    `[Net.ServicePointManager]::SecurityProtocol = [Net.${T}]3072`,
    'dotnet@4.0',
  ],
  [
    'a framework',
    'web.config',
    WEB('<compilation targetFramework="4.8"/><httpRuntime targetFramework=\'4.5\'/>'),
    WEB('<compilation targetFramework="4.8"/><httpRuntime targetFramework=\'4.8\'/>'),
  ],
  [
    'no framework that is not compiled for',
    'web.config',
    WEB('<compilation targetFramework="4.5"/><httpRuntime targetFramework="4.5"/>'),
    WEB('<compilation targetFramework="4.5"/><httpRuntime targetFramework="4.5"/>'),
  ],
  [
    'an attribute that is missing',
    'web.config',
    WEB('<compilation targetFramework="4.8"/><httpRuntime a="b" />'),
    WEB('<compilation targetFramework="4.8"/><httpRuntime a="b" targetFramework="4.8" />'),
  ],
  [
    'switches',
    'app.config',
    `<configuration>\r\n\t${OVERRIDES(`${WEAK}=true;${OWN}=true`)}\r\n</configuration>\r\n`,
    `<configuration>\r\n\t${OVERRIDES(`${WEAK}=false;${OWN}=false`)}\r\n</configuration>\r\n`,
  ],
  [
    'the switch of WCF',
    'app.config',
    `<configuration>${OVERRIDES(`${WCF}=true`)}</configuration>`,
    `<configuration>${OVERRIDES(`${WCF}=false`)}</configuration>`,
  ],
  [
    'a switch beside a framework that has it on',
    'app.config',
    `<configuration>\n  <startup>\n    <supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5" />\n  </startup>\n</configuration>\n`,
    `<configuration>\n  <startup>\n    <supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5" />\n  </startup>\n  <runtime>\n    <AppContextSwitchOverrides value="${OWN}=false" />\n  </runtime>\n</configuration>\n`,
  ],
  [
    'a switch into a `<runtime>` that is there',
    'app.config',
    `<configuration><startup><supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5"/></startup>\n<runtime>\n  <gcServer/>\n</runtime></configuration>`,
    `<configuration><startup><supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5"/></startup>\n<runtime>\n  <gcServer/>\n  <AppContextSwitchOverrides value="${OWN}=false" />\n</runtime></configuration>`,
  ],
  [
    'a switch behind others',
    'app.config',
    `<configuration><startup><supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5"/></startup>${OVERRIDES('Switch.A=true;')}</configuration>`,
    `<configuration><startup><supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5"/></startup>${OVERRIDES(`Switch.A=true;${OWN}=false`)}</configuration>`,
  ],
  [
    'no switch where there is no place for one',
    'app.config',
    `<configuration><startup><supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5"/></startup><runtime/></configuration>`,
    `<configuration><startup><supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5"/></startup><runtime/></configuration>`,
  ],
  [
    'a framework that nothing names',
    'web.config',
    '<configuration>\n  <system.web>\n    <compilation targetFramework="4.8"/>\n  </system.web>\n</configuration>\n',
    '<configuration>\n  <system.web>\n    <compilation targetFramework="4.8"/>\n    <httpRuntime targetFramework="4.8" />\n  </system.web>\n</configuration>\n',
  ],
  [
    'a switch with an escaped sign, whose place is not told',
    'app.config',
    `<configuration>${OVERRIDES(`${WEAK}=true;${OWN}&#61;true`)}</configuration>`,
    `<configuration>${OVERRIDES(`${WEAK}=true;${OWN}&#61;true`)}</configuration>`,
  ],
  [
    'a binding of old versions alone',
    'app.config',
    '<configuration><x><transport sslProtocols="Tls, Tls11"/></x></configuration>',
    '<configuration><x><transport sslProtocols="Tls12"/></x></configuration>',
  ],
  [
    'nothing of a binding with an escaped sign',
    'app.config',
    '<configuration><x><transport sslProtocols="Tls&#44;Tls12"/></x></configuration>',
    '<configuration><x><transport sslProtocols="Tls&#44;Tls12"/></x></configuration>',
  ],
  ['no switch for .NET 3.5', 'app.config', APP('version="v2.0.50727"'), APP('version="v2.0.50727"')],
];
for (const [title, name, text, expected, server] of fixes) {
  test(`fixes ${title}: ${name}`, t => t.is(fixed(name, text, server), expected));
}

test('what no fix is for says why', t => {
  const reasons = (text: string, name = 'app.config') => {
    const { model, range } = load(name, text);
    const fixes = lint(model, { range, policy: DEFAULT_POLICY, rules }).flatMap(({ fix }) => fix ?? []);
    t.true(fixes.length > 0 && fixes.every(({ edits }) => edits.length === 0), JSON.stringify(fixes));
    return [...new Set(fixes.map(({ reason }) => reason))];
  };
  const references = 'the attribute that says it is written with references, such as `&#61;`';
  t.deepEqual(reasons(`<configuration>${OVERRIDES(`${WEAK}=true;${OWN}&#61;true`)}</configuration>`), [references]);
  t.deepEqual(reasons(`<configuration>${OVERRIDES(`${WCF}&#61;true`)}</configuration>`), [references]);
  const runtime = '<startup><supportedRuntime version="v4.0" sku=".NETFramework,Version=v4.5"/></startup><runtime/>';
  t.deepEqual(reasons(`<configuration>${runtime}</configuration>`), ['there is no place for the switch']);
  t.deepEqual(reasons(APP('version="v2.0.50727"')), [
    '.NET 3.5 has no such switch; the registry has `SystemDefaultTlsVersions`',
  ]);
  const { model, range } = load('a.cs', `${S} = ${T}.Tls;`);
  const removal = model.fix({ set: 'removal', at: model.statements[0]!.origin }, range.targets);
  t.is(removal.reason, 'a statement of a program may do more than it says');
});

const MEMBERS = ['Ssl3', 'Tls', 'Tls11', 'Tls12', 'Tls13', 'SystemDefault'];
const NUMBERS = [48, 192, 768, 3072, 12288, 960, 4080, 0];
const OPERATORS: Record<string, string[]> = {
  cs: [' | ', '|', '\n  | ', ' /* x */ | '],
  vb: [' Or ', ' Or _\n  ', ' Or\n  '],
  ps1: [' -bor ', ' -bor `\n  ', ' -bor\n'],
};
const OPERANDS: Record<string, (member: string, number: number) => string[]> = {
  cs: (member, number) => [
    `${T}.${member}`,
    `System.Net.${T}.${member}`,
    `(${T})${number}`,
    `(${T})0x${number.toString(16)}`,
  ],
  vb: (member, number) => [`${T}.${member}`, `CType(${number}, ${T})`, `DirectCast(&H${number.toString(16)}, ${T})`],
  ps1: (member, number) => [`[Net.${T}]::${member}`, `[Net.${T}]${number}`, `[Net.${T}]'${member}'`],
};

test('whatever is combined, a fix leaves what the policy allows, or nothing is changed', t => {
  const language = fc.constantFrom('cs', 'vb', 'ps1');
  const operand = fc.tuple(fc.constantFrom(...MEMBERS), fc.constantFrom(...NUMBERS), fc.nat(3), fc.nat(3));
  fc.assert(
    fc.property(language, fc.array(operand, { minLength: 1, maxLength: 5 }), (ending, parts) => {
      const pick = (list: readonly string[], index: number) => list[index % list.length]!;
      const value = parts
        .map(
          ([member, number, form, glue], index) =>
            (index === 0 ? '' : pick(OPERATORS[ending]!, glue)) + pick(OPERANDS[ending]!(member, number), form),
        )
        .join('');
      const left = ending === 'ps1' ? '[Net.ServicePointManager]::SecurityProtocol' : S;
      const text = `x\n${left} = ${value}${ending === 'cs' ? ';' : ''}\ny`;
      const name = `a.${ending}`;
      const after = fixed(name, text);
      t.true(after.startsWith(`x\n${left} = `) && after.endsWith(ending === 'cs' ? ';\ny' : '\ny'), after);
      const { model, range } = load(name, after);
      const { configured, delegated } = model.offer(model.endpoints[0]!, range.targets.at(-1)!);
      if (after === text || delegated) return;
      t.not(configured, null, after);
      t.is(configured! & ~DEFAULT_POLICY.allow, 0, after);
      t.is(DEFAULT_POLICY.require & ~configured!, 0, after);
    }),
    { numRuns: 300 },
  );
});

test('large: many assignments in one statement, or one after the other', t => {
  const one = `${S} = ${T}.Tls`;
  for (const text of [`${one} + `.repeat(50_000), `${one};\n`.repeat(20_000), `f(${one}, `.repeat(50_000)]) {
    const { model, range } = load('a.cs', text);
    const findings = lint(model, { range, policy: DEFAULT_POLICY, rules });
    t.true(model.endpoints.length > 500);
    // What a sum of assignments comes to is not known.
    t.is(findings.length > 0, !text.includes('+'));
  }
});
