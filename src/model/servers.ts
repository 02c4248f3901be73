/** The servers and systems that configurations are for, as data: what they are called and which versions there are. */
import type { DialectId } from './target.js';
import { compareVersions, parseVersion, type Version, version } from './versions.js';

export interface ServerFacts {
  /** As messages say it before a version: "from httpd 2.4.42". */
  readonly label: string;
  /** As the report's assumptions say it before a range of versions. */
  readonly product: string;
  /** What its files are called where they are looked for. */
  readonly files: string;
  /** What `--server NAME@VERSION` may call it, in lower case. */
  readonly names: readonly string[];
  /** Oldest and newest of the default range. */
  readonly supported: { readonly oldest: Version; readonly newest: Version };
  /** What stands behind the `@`; `undefined` where the text is no version that is known. */
  parse(text: string): Version | undefined;
  /** The development branch, which is called `trunk`. */
  readonly trunk?: Version;
  /** Whether it speaks TLS through OpenSSL, so that its version is one more axis of the range. */
  readonly openssl: boolean;
  /** Whether its files say on which addresses it listens. */
  readonly listens: boolean;
  /** How its processes are called; absent where none can be looked for. */
  readonly programs?: RegExp;
}

/** Releases of Windows that have names and not numbers, by what users call them; parts are those of the NT kernel. */
const WINDOWS: Readonly<Record<string, Version>> = {
  '2008': release('Server 2008', 6, 0, 6003),
  '7': release('7', 6, 1, 7601, 1),
  '2008r2': release('Server 2008 R2', 6, 1, 7601),
  '8': release('8', 6, 2, 9200, 1),
  '2012': release('Server 2012', 6, 2, 9200),
  '8.1': release('8.1', 6, 3, 9600, 1),
  '2012r2': release('Server 2012 R2', 6, 3, 9600),
  '2016': release('Server 2016', 10, 0, 14_393),
  '2019': release('Server 2019', 10, 0, 17_763),
  '10': release('10', 10, 0, 19_045),
  '2022': release('Server 2022', 10, 0, 20_348),
  '11': release('11', 10, 0, 22_631),
  '2025': release('Server 2025', 10, 0, 26_100),
};

export const SERVERS: Readonly<Record<DialectId, ServerFacts>> = {
  nginx: {
    label: 'nginx',
    product: 'nginx',
    files: 'nginx',
    names: ['nginx'],
    supported: { oldest: version('1.18.0'), newest: version('1.31.4') },
    parse: text => numbered(text, '0.2.2', '1.99'),
    openssl: true,
    listens: true,
    programs: /^(?:nginx|openresty|tengine|angie|freenginx)/,
  },
  apache: {
    label: 'httpd',
    product: 'apache',
    files: 'Apache',
    names: ['apache', 'httpd'],
    supported: { oldest: version('2.4.41'), newest: version('2.4.71') },
    parse: text => numbered(text, '2.0', '2.5'),
    trunk: version('2.5.0'),
    openssl: true,
    listens: true,
    programs: /^(?:apache2|httpd)/,
  },
  windows: {
    label: 'Windows',
    product: 'Windows',
    files: 'Windows',
    names: ['windows'],
    // What Server 2025 does by default with TLS 1.0 and 1.1 is not published: it is judged where it is named.
    supported: { oldest: WINDOWS['2012r2']!, newest: WINDOWS['2022']! },
    parse: text => {
      const name = text.toLowerCase().replace(/^server-?/, '');
      return Object.hasOwn(WINDOWS, name) ? WINDOWS[name] : undefined;
    },
    openssl: false,
    listens: false,
  },
  dotnet: {
    label: '.NET Framework',
    product: '.NET Framework',
    files: '.NET',
    names: ['dotnet'],
    supported: { oldest: version('3.5'), newest: version('4.8.1') },
    parse: text => numbered(text, '2.0', '4.99'),
    openssl: false,
    listens: false,
  },
};

export const DIALECT_IDS = Object.keys(SERVERS) as readonly DialectId[];

function numbered(text: string, oldest: string, newest: string): Version | undefined {
  const parsed = parseVersion(text);
  if (!parsed || compareVersions(parsed, version(oldest)) < 0 || compareVersions(parsed, version(newest)) > 0) {
    return undefined;
  }
  return parsed;
}

/** `edition` is 1 for the system of a desktop beside the server of the same kernel. */
function release(text: string, major: number, minor: number, build: number, edition = 0): Version {
  return { text, parts: [major, minor, build, edition] };
}
