/** Whether a file is httpd configuration, by what stands in it and where it stands. */
import path from 'node:path';
import { SSL_DIRECTIVES } from './directives.js';

/** Directives that a main file has and snippets rarely do. */
const OF_ROOTS = new Set([
  'serverroot',
  'listen',
  'loadmodule',
  'pidfile',
  'mutex',
  'user',
  'group',
  'servertokens',
  'accessfilename',
  'defaultruntimedir',
]);
/** Names that say httpd, whatever else. */
const TELLING = new Set(
  'documentroot servername serveralias serveradmin customlog errorlog rewriteengine rewriterule rewritecond proxypass proxypassreverse loadmodule include includeoptional allowoverride directoryindex errordocument header requestheader setenvif alias scriptalias redirect redirectmatch namevirtualhost require sslengine define use listen serverroot options addtype addhandler'.split(
    ' ',
  ),
);
/** Words that other languages have as well: they tell of httpd where they are written as its manual does. */
const SHARED = new Set('include alias header redirect require options define use listen'.split(' '));
/** Directives and sections of ProFTPD and CUPS, which have much of httpd's syntax and words. */
const OF_OTHERS = new Set(
  `servertype defaultserver defaultroot requirevalidshell maxinstances timeoutidle timeoutnotransfer timeoutstalled umask
  passiveports masqueradeaddress modulepath modulecontrolsacls useftpusers delayengine ctrlsengine quotaengine wtmplog systemlog
  identlookups tlsengine tlsprotocol tlslog tlsrsacertificatefile sqlengine sqlbackend sqlauthtypes ldapserver sftpengine
  <global <anonymous <ifsession <policy systemgroup filedevice`.split(/\s+/),
);
const SECTIONS = new Set(
  'virtualhost directory directorymatch location locationmatch files filesmatch ifmodule ifdefine ifversion iffile if macro proxy proxymatch limit limitexcept requireall requireany'.split(
    ' ',
  ),
);
const ROOT_PATHS = /(?:^|\/)(?:apache2|httpd)\.conf$/;
const FRAGMENT_PATHS =
  /(?:^|\/)(?:\.htaccess|ports\.conf)$|\/(?:conf(?:\.modules)?|modules)\.d\/[^/]+$|\/extra\/[^/]+$|(?:^|\/)(?:ssl|vhosts?|httpd-[\w-]+)\.conf[^/]*$/;
/** Debian's directories, which nginx has as well: below one of httpd's. */
const DEBIAN_PATHS = /\/(?:sites|mods|conf)-(?:available|enabled)\/[^/]+$/;
const HTTPD_DIRECTORIES = /\/(?:apache2?|httpd|apache24)\//;
const MOST_LINES = 4000;

function isFragmentPath(file: string): boolean {
  return FRAGMENT_PATHS.test(file) || (DEBIAN_PATHS.test(file) && HTTPD_DIRECTORIES.test(file));
}

interface Seen {
  sections: number;
  /** Directives of mod_ssl: no other language has such words. */
  ssl: number;
  telling: number;
  roots: number;
  serverRoot: boolean;
  /** A word of another server that borrows httpd's syntax. */
  other: boolean;
  includes: number;
  /** Lines that end like statements of nginx or blocks of other languages. */
  foreign: number;
  lines: number;
}

export function detect(file: string, text: string): 'root' | 'fragment' | 'none' {
  if (/\/(?:proftpd|cups)\//.test(file)) return 'none';
  const seen = look(text);
  if (seen.foreign > seen.sections + seen.telling || seen.other) return 'none';
  const likely = ROOT_PATHS.test(file);
  // `Listen` and `LoadModule` stand in many a fragment; `ServerRoot` in none.
  const part = isFragmentPath(file) && !seen.serverRoot;
  if (!part && seen.roots >= 2 && (seen.includes > 0 || seen.sections > 0)) return 'root';
  if (likely && seen.lines > 0 && seen.roots > 0) return 'root';
  if (!part && seen.roots > 0 && seen.sections > 0) return 'root';
  if (seen.sections > 0 || seen.telling >= 2) return likely && seen.telling > 0 ? 'root' : 'fragment';
  if (seen.telling > 0 && (isFragmentPath(file) || file.endsWith('.conf') || seen.ssl > 0)) return 'fragment';
  return path.posix.basename(file) === '.htaccess' ? 'fragment' : 'none';
}

function look(text: string): Seen {
  const seen: Seen = {
    sections: 0,
    ssl: 0,
    telling: 0,
    roots: 0,
    serverRoot: false,
    other: false,
    includes: 0,
    foreign: 0,
    lines: 0,
  };
  let continued = false;
  for (let at = 0; at < text.length && seen.lines < MOST_LINES; ) {
    const lf = text.indexOf('\n', at);
    const end = lf === -1 ? text.length : lf;
    const tail = text.slice(Math.max(at, end - 3), end).trim();
    // What a line goes on with is no directive.
    if (!continued) lookAtLine(text.slice(at, Math.min(end, at + 200)).trim(), tail, seen);
    continued = tail.endsWith('\\');
    at = end + 1;
  }
  return seen;
}

function lookAtLine(line: string, tail: string, seen: Seen): void {
  if (line === '' || line.startsWith('#')) return;
  seen.lines++;
  if (tail.endsWith(';') || tail.endsWith('{') || tail === '}') seen.foreign++;
  const written = /^<?[A-Za-z]+/.exec(line)?.[0];
  if (written === undefined) return;
  const word = written.toLowerCase();
  if (OF_OTHERS.has(word)) seen.other = true;
  // ProFTPD loads its modules by their name alone.
  if (word === 'loadmodule' && /^\w+\s+mod_\w+\.c$/.test(line)) seen.other = true;
  if (word.startsWith('<')) {
    if (SECTIONS.has(word.slice(1)) && !line.startsWith('</')) seen.sections++;
    return;
  }
  // An assignment or a call of some other language, or a word with what no directive of httpd's own has.
  if (/^[A-Za-z]+\s*[=({:]|^(?!php_|mod_)[A-Za-z]+[_-]/.test(line)) {
    seen.foreign++;
    return;
  }
  if (written === word && SHARED.has(word)) return;
  if (OF_ROOTS.has(word)) seen.roots++;
  if (word === 'serverroot') seen.serverRoot = true;
  if (word === 'include' || word === 'includeoptional') seen.includes++;
  const ssl = SSL_DIRECTIVES.has(word);
  if (ssl) seen.ssl++;
  if (ssl || TELLING.has(word)) seen.telling++;
}
