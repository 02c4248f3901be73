/** Which files a run may show and change: an `include` may name any file of the machine. */
import path from 'node:path';
import type { Host } from './dialects/types.js';
import type { Model } from './model/types.js';
import type { Finding } from './rule.js';
import type { Settings } from './settings.js';

/** Whether a file (by its real path) lies below a directory that the user named, or where a main file is. */
export function boundsOf(settings: Settings, models: readonly Model[], host: Host): (real: string) => boolean {
  const { cwd, prefix, paths, root, roots } = settings;
  const named = [cwd, prefix, root ?? '', ...paths, ...roots.map(each => each.path)].filter(each => each !== '');
  const tops = new Set<string>();
  for (const each of named) {
    const top = host.kind(each) === 'directory' ? each : path.dirname(each);
    tops.add(host.realpath(top));
    if (top !== each) tops.add(path.dirname(host.realpath(each)));
  }
  for (const { files } of models) if (files[0]) tops.add(path.dirname(files[0].real));
  const known = new Map<string, boolean>();
  return real => {
    const directory = path.dirname(real);
    const answer = known.get(directory) ?? isBelow(directory, tops);
    known.set(directory, answer);
    return answer;
  };
}

function isBelow(directory: string, tops: ReadonlySet<string>): boolean {
  for (let each = directory; ; each = path.dirname(each)) {
    if (tops.has(each)) return true;
    if (each === path.dirname(each)) return false;
  }
}

/** A fix of what lies outside is made only where the user asks for more than the safe ones. */
export function confineFix(finding: Finding, outside: ReadonlySet<string>): Finding {
  const { fix } = finding;
  if (fix?.applicability !== 'safe' || !fix.edits.some(edit => outside.has(edit.path))) return finding;
  return {
    ...finding,
    fix: { ...fix, applicability: 'unsafe', reason: 'it changes a file outside of the directories named' },
  };
}

/** Without the words of a file that lies outside: an `include` may name any file of the machine, such as one of passwords. */
export function withoutText(finding: Finding, outside: ReadonlySet<string>): Finding {
  const hide = (said: string, path: string, text: string) => {
    if (!outside.has(path)) return said;
    return said.replace(/`([^`]*)`/g, (whole, code: string) => (quotes(code, text) ? '`…`' : whole));
  };
  const { actual, file, note, related, ...rest } = finding;
  const own = (said: string) => hide(said, file.path, file.source.text);
  const shown = actual !== undefined && (!outside.has(file.path) || actual.split(/\s+/).every(isSayable));
  return {
    ...rest,
    file,
    message: own(finding.message),
    ...(shown && { actual }),
    ...(note !== undefined && { note: own(note) }),
    related: related.map(({ message, at }) => ({ message: hide(message, at.file.path, at.file.source.text), at })),
  };
}

/** Names of settings and versions, and signs: what a message may always say. */
function isSayable(word: string): boolean {
  return /^(?:(?:ssl|tls)[\w.]*|[^\p{L}\p{N}]*)$/iu.test(word);
}

function quotes(code: string, text: string): boolean {
  const words = code.match(/[\p{L}\p{N}_.]+/gu) ?? [];
  return words.some(word => !isSayable(word) && text.includes(word));
}
