/** `Include`, `IncludeOptional` and `ServerRoot`: AP-I1 to AP-I4. */
import path from 'node:path';
import type { Target } from '../../model/target.js';
import type { LoadProblem } from '../../model/types.js';
import { findIncluded, MOST_FILES } from './files.js';
import {
  ALWAYS,
  DEEPEST,
  type Frame,
  isOpen,
  MOST_OPENED,
  NEVER,
  openFile,
  problem,
  pushFile,
  type Reader,
} from './reader.js';
import type { Line } from './scope.js';
import { since } from './since.js';

/** A tree that is checked out somewhere else is looked at where it is. */
export function setServerRoot({ tree, host }: Reader, { args }: Line): void {
  const [argument] = args;
  if (!argument) return;
  tree.serverRoot = path.posix.normalize(argument.text);
  const place = path.posix.normalize(tree.prefix + tree.serverRoot);
  if (host.kind(place) === 'directory') {
    tree.directory = place;
    delete tree.assumed;
  } else {
    tree.assumed = `\`ServerRoot ${argument.text}\` is not on this machine: what it holds is looked for beside \`${host.display(tree.directory)}\`.`;
  }
}

export function include(reader: Reader, line: Line, frame: Frame, optional: boolean) {
  const [argument] = line.args;
  if (!argument) return;
  if (line.unknown !== undefined) return missing(reader, line, `\`${argument.text}\` is not known`, NEVER);
  const found = findIncluded(reader.tree, argument.text);
  if (found.missing !== undefined && !optional) {
    // 2.2 takes a wildcard without a match.
    const stops = (target: Target) => !found.wild || since(target, '2.3.6');
    missing(reader, line, found.missing, stops);
  }
  if (found.missing !== undefined && optional && !found.wild) {
    // A literal name had to exist up to 2.4.30.
    const message = `Unexpected \`${argument.text}\`, expected a file that exists`;
    problem(reader, 'refused', line.origin, message, target => !since(target, '2.4.31'));
  }
  if (found.files.length >= MOST_FILES) missing(reader, line, `it stands for more than ${MOST_FILES} files`, NEVER);
  // What a directory lists need not be there when it is opened: a symbolic link to nothing.
  const places = optional ? found.files.filter(place => reader.host.kind(place) !== 'missing') : found.files;
  const files = places.map(place => ({ place, opened: openFile(reader, place, line.origin) }));
  for (const { opened } of files.reverse()) includeFile(reader, line, frame, opened);
}

function includeFile(reader: Reader, line: Line, frame: Frame, opened: ReturnType<typeof openFile>) {
  const { loaded, failure } = opened;
  if (failure !== undefined) {
    reader.incomplete = true;
    line.scope.missing.push({ order: line.order, note: `${failure}.` });
    return problem(
      reader,
      'unreadable',
      line.origin,
      `Unexpected include of a file that can not be read: ${failure}`,
      ALWAYS,
    );
  }
  if (isOpen(frame.chain, loaded.real)) {
    return missing(reader, line, `\`${loaded.path}\` includes itself`, ALWAYS);
  }
  if ((frame.chain?.depth ?? 0) >= DEEPEST || reader.opened++ > MOST_OPENED) {
    return missing(reader, line, 'includes nest too deep', ALWAYS);
  }
  const assumed = reader.tree.assumed ?? frame.context.assumed;
  const context = { ...frame.context, ...(assumed !== undefined && { assumed }) };
  pushFile(reader, loaded, line.origin, context, frame.chain);
}

function missing(reader: Reader, line: Line, why: string, stops: LoadProblem['stops']): void {
  reader.incomplete = true;
  const name = line.args[0]?.text ?? '';
  line.scope.missing.push({ order: line.order, note: `What \`${name}\` says is not known: ${why}.` });
  // A fragment does not say where ServerRoot is, and the machine that it is meant for is another one.
  if (reader.fragment && stops !== ALWAYS && !name.startsWith('/')) return;
  const told = reader.fragment && stops !== ALWAYS ? NEVER : stops;
  problem(
    reader,
    'unresolved-include',
    line.origin,
    `Unexpected \`${name}\`, expected a file that can be included: ${why}`,
    told,
  );
}
