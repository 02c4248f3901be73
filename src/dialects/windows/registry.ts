/** What a `.reg` file makes of the registry where that speaks of protocol versions: it is read from top to bottom. */
import type { RegistryData, RegistryKey, RegistryRoot, RegistryValue } from '../../../parsers/ast.js';
import type { LoadedFile, Origin } from '../../model/types.js';
import { type Area, idOf, useOf, valuesOf } from './areas.js';

/** A value that is in force at the end of the file. */
export interface Setting {
  readonly node: RegistryValue;
  readonly origin: Origin;
  /** `null` where the data is no number: what is made of it is not known. */
  readonly value: number | null;
}

/** An area that the file speaks of. */
export interface Spoken {
  readonly area: Area;
  /** The first key that does. */
  readonly scope: Origin;
  /** The last key that does: what is to hold is written behind it. */
  readonly last: RegistryKey;
}

export interface Registry {
  /** In an order that does not hang on where the file speaks of each. */
  readonly spoken: readonly Spoken[];
  /** By the key's path and the value's name, both in lower case. */
  setting(path: string, name: string): Setting | undefined;
  /** The last key of that path that the file writes to. */
  key(path: string): RegistryKey | undefined;
}

export function readRegistry(file: LoadedFile, tree: RegistryRoot): Registry {
  const written = new Map<string, Written>();
  const removals = new Map<string, number>();
  const spoken = new Map<string, Spoken>();
  const inForce = (path: string) => {
    const found = written.get(path);
    return found && !isGone(removals, path, found.at) ? found : undefined;
  };
  for (const [at, key] of tree.children.entries()) {
    if (key.type !== 'section') continue;
    if (key.removes) removals.set(key.key, at);
    const use = useOf(key.key);
    if (!use) continue;
    const decides = use.areas.filter(area => key.removes || holdsSettings(key, area, use.protocol !== undefined));
    for (const area of decides) speak(spoken, area, key, file);
    if (key.removes) continue;
    const values = inForce(key.key)?.values ?? new Map<string, Setting>();
    written.set(key.key, { key, at, values });
    for (const node of key.children) if (node.type === 'value') write(values, node, file);
  }
  return {
    spoken: [...spoken].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
    setting: (path, name) => inForce(path)?.values.get(name),
    key: path => inForce(path)?.key,
  };
}

/** A key on the way, such as `Protocols` itself, decides nothing. */
function holdsSettings(key: RegistryKey, area: Area, isVersion: boolean): boolean {
  if (area.kind === 'schannel' && !(isVersion && key.key.endsWith(`\\${area.role}`))) return false;
  const names = valuesOf(area);
  return key.children.some(node => node.type === 'value' && names.includes(node.key));
}

function speak(spoken: Map<string, Spoken>, area: Area, key: RegistryKey, file: LoadedFile): void {
  const id = idOf(area);
  const scope = spoken.get(id)?.scope ?? {
    file,
    span: { start: key.start, end: key.headEnd },
    directive: key.name.slice(key.name.lastIndexOf('\\') + 1),
  };
  spoken.set(id, { area, scope, last: key });
}

function write(values: Map<string, Setting>, node: RegistryValue, file: LoadedFile): void {
  if (node.data.kind === 'delete') {
    values.delete(node.key);
    return;
  }
  const origin = { file, span: { start: node.start, end: node.end }, directive: node.name };
  values.set(node.key, { node, origin, value: numberOf(node.data) });
}

/** What the file writes to one key; `at` is its place among the nodes of the file. */
interface Written {
  readonly key: RegistryKey;
  readonly at: number;
  readonly values: Map<string, Setting>;
}

/** `[-path]` takes the key and all below it away. */
function isGone(removals: ReadonlyMap<string, number>, path: string, at: number): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('\\', end - 1)) {
    if ((removals.get(path.slice(0, end)) ?? -1) > at) return true;
  }
  return false;
}

/** A number, or the four bytes of one with the type of a number. */
function numberOf(data: RegistryData): number | null {
  if (data.kind === 'dword') return data.value;
  if (data.kind !== 'hex' || data.type !== 4 || data.bytes.length !== 4) return null;
  return data.bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
