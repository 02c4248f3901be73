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
const SECTIONS = new Set(
  'virtualhost directory directorymatch location locationmatch files filesmatch ifmodule ifdefine ifversion iffile if macro proxy proxymatch limit limitexcept requireall requireany'.split(
    ' ',
  ),
);
const ROOT_PATHS = /(?:^|\/)(?:apache2|httpd)\.conf$/;
const FRAGMENT_PATHS =
  /(?:^|\/)(?:\.htaccess|ports\.conf)$|\/(?:apache2?|httpd|apache24)\/(?:.*\/)?(?:sites|mods|conf)-(?:available|enabled)\/[^/]+$|\/(?:conf(?:\.modules)?|modules)\.d\/[^/]+$|\/extra\/[^/]+$|(?:^|\/)(?:ssl|vhosts?|httpd-[\w-]+)\.conf[^/]*$/;
const MOST_LINES = 4000;

interface Seen {
  sections: number;
  /** Directives of mod_ssl: no other language has such words. */
  ssl: number;
  telling: number;
  roots: number;
  serverRoot: boolean;
  /** A section of cupsd.conf, which borrows httpd's syntax. */
  cups: boolean;
  includes: number;
  /** Lines that end like statements of nginx or blocks of other languages. */
  foreign: number;
  lines: number;
}

export function detect(file: string, text: string): 'root' | 'fragment' | 'none' {
  const seen = look(text);
  if (seen.foreign > seen.sections + seen.telling || seen.cups) return 'none';
  const likely = ROOT_PATHS.test(file);
  // `Listen` and `LoadModule` stand in many a fragment; `ServerRoot` in none.
  const part = FRAGMENT_PATHS.test(file) && !seen.serverRoot;
  if (!part && seen.roots >= 2 && (seen.includes > 0 || seen.sections > 0)) return 'root';
  if (likely && seen.lines > 0 && seen.roots > 0) return 'root';
  if (!part && seen.roots > 0 && seen.sections > 0) return 'root';
  if (seen.sections > 0 || seen.telling >= 2) return likely && seen.telling > 0 ? 'root' : 'fragment';
  if (seen.telling > 0 && (FRAGMENT_PATHS.test(file) || file.endsWith('.conf') || seen.ssl > 0)) return 'fragment';
  return path.posix.basename(file) === '.htaccess' ? 'fragment' : 'none';
}

function look(text: string): Seen {
  const seen: Seen = {
    sections: 0,
    ssl: 0,
    telling: 0,
    roots: 0,
    serverRoot: false,
    cups: false,
    includes: 0,
    foreign: 0,
    lines: 0,
  };
  for (let at = 0; at < text.length && seen.lines < MOST_LINES; ) {
    const lf = text.indexOf('\n', at);
    const end = lf === -1 ? text.length : lf;
    lookAtLine(text.slice(at, Math.min(end, at + 200)).trim(), text.slice(Math.max(at, end - 3), end).trim(), seen);
    at = end + 1;
  }
  return seen;
}

function lookAtLine(line: string, tail: string, seen: Seen): void {
  if (line === '' || line.startsWith('#')) return;
  seen.lines++;
  if (tail.endsWith(';') || tail.endsWith('{') || tail === '}') seen.foreign++;
  const word = /^<?[A-Za-z]+/.exec(line)?.[0].toLowerCase();
  if (word === undefined) return;
  if (word.startsWith('<')) {
    if (SECTIONS.has(word.slice(1)) && !line.startsWith('</')) seen.sections++;
    if (word === '<policy') seen.cups = true;
    return;
  }
  // An assignment or a call of some other language.
  if (/^[A-Za-z]+\s*[=({:]/.test(line)) {
    seen.foreign++;
    return;
  }
  if (OF_ROOTS.has(word)) seen.roots++;
  if (word === 'serverroot') seen.serverRoot = true;
  if (word === 'include' || word === 'includeoptional') seen.includes++;
  const ssl = SSL_DIRECTIVES.has(word);
  if (ssl) seen.ssl++;
  if (ssl || TELLING.has(word)) seen.telling++;
}
