/** What a configuration file says of versions: the framework that the program is made for, switches, bindings of WCF. */
import type { DotnetContent, DotnetRoot, Span, XmlAttribute, XmlElement } from '../../../parsers/ast.js';
import { NONE, type ProtocolSet } from '../../model/protocols.js';
import type { Version } from '../../model/versions.js';
import { readFramework, type Switches } from './frameworks.js';
import { memberSet } from './versions.js';

export interface Configuration {
  /** Absent where nothing says what the program is made for. */
  readonly framework?: Framework;
  readonly switches: readonly Switch[];
  readonly bindings: readonly Binding[];
  /** Of the file's root element; where `<runtime>` and `<system.web>` are. */
  readonly top: XmlElement | undefined;
}

export interface Framework {
  readonly version: Version;
  readonly element: XmlElement;
  /** The attribute that says it; absent where ASP.NET's default counts. */
  readonly attribute?: XmlAttribute;
  /** The version that ASP.NET compiles for, where it is another. */
  readonly compiled?: Version;
}

export interface Switch {
  readonly name: string;
  readonly sets: keyof Switches | 'wcf';
  readonly value: boolean;
  readonly element: XmlElement;
  /** The value alone; of an attribute with references, such as `&#61;`, the whole attribute's. */
  readonly span: Span;
  readonly isPlain: boolean;
}

export interface Binding {
  readonly element: XmlElement;
  readonly attribute: XmlAttribute;
  /** `null` where a word is no version. */
  readonly set: ProtocolSet | null;
  readonly words: ReadonlyArray<Span & { readonly allows: ProtocolSet }>;
  readonly role: 'server' | 'client';
}

/** Switches of the `<runtime>`, and what each changes. */
const SWITCHES: Readonly<Record<string, Switch['sets']>> = {
  'Switch.System.Net.DontEnableSchUseStrongCrypto': 'weak',
  'Switch.System.Net.DontEnableSystemDefaultTlsVersions': 'own',
  // https://learn.microsoft.com/dotnet/fundamentals/code-analysis/quality-rules/ca5378: WCF is left with TLS 1.0.
  'Switch.System.ServiceModel.DisableUsingServicePointManagerSecurityProtocols': 'wcf',
};

interface Placed {
  readonly element: XmlElement;
  /** Name of the element around it. */
  readonly parent: string;
}

export function readConfiguration(tree: DotnetRoot): Configuration {
  const elements = elementsOf(tree);
  const framework = frameworkOf(elements);
  const roots = elements.filter(({ parent }) => parent === '');
  return {
    ...(framework && { framework }),
    switches: elements.flatMap(switchesIn),
    bindings: bindingsOf(elements),
    top: roots[0]?.element,
  };
}

/** Every element with the name of the one around it, without recursion; what `<location>` holds counts as outside of it. */
function elementsOf(tree: DotnetRoot): Placed[] {
  const found: Placed[] = [];
  const open: Array<{ children: readonly DotnetContent[]; next: number; name: string }> = [
    { children: tree.children, next: 0, name: '' },
  ];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const node = top.children[top.next++];
    if (!node) open.pop();
    else if (node.type === 'element') {
      found.push({ element: node, parent: top.name });
      const name = node.name === 'location' ? top.name : node.name;
      if (node.children.length > 0) open.push({ children: node.children, next: 0, name });
    }
  }
  return found;
}

export function attributeOf(element: XmlElement, name: string): XmlAttribute | undefined {
  return element.attributes.find(attribute => attribute.name === name);
}

function find(elements: readonly Placed[], parent: string, name: string): XmlElement | undefined {
  return elements.find(each => each.parent === parent && each.element.name === name)?.element;
}

/** What a program without `<httpRuntime targetFramework>` runs as (https://devblogs.microsoft.com/dotnet/all-about-httpruntime-targetframework/). */
const ASPNET_DEFAULT = '4.0';

/** ASP.NET goes by `<httpRuntime>` alone; `<compilation>` only shows that the file is the main one of a program. */
function frameworkOf(elements: readonly Placed[]): Framework | undefined {
  const runtime = find(elements, 'system.web', 'httpRuntime');
  const compilation = find(elements, 'system.web', 'compilation');
  const compiled = versionOf(compilation, 'targetFramework');
  const said = runtime && attributeOf(runtime, 'targetFramework');
  if (runtime && said) {
    const version = readFramework(said.value.text);
    return version && { version, element: runtime, attribute: said, ...(compiled && { compiled }) };
  }
  if (compilation && compiled) {
    return { version: readFramework(ASPNET_DEFAULT)!, element: runtime ?? compilation, compiled };
  }
  return supportedRuntime(elements);
}

function versionOf(element: XmlElement | undefined, name: string): Version | undefined {
  const attribute = element && attributeOf(element, name);
  return attribute && readFramework(attribute.value.text);
}

/** The first is preferred. Its `sku` is what the project was made for when it was written. */
function supportedRuntime(elements: readonly Placed[]): Framework | undefined {
  const element = find(elements, 'startup', 'supportedRuntime');
  if (!element) return undefined;
  const sku = attributeOf(element, 'sku');
  const runtime = attributeOf(element, 'version');
  const attribute = sku ?? runtime;
  if (!attribute || (!sku && !/^v2\./.test(attribute.value.text))) return undefined;
  const version = readFramework(sku ? attribute.value.text : '3.5');
  return version && { version, element, attribute };
}

/** Names, values and what stands between them. */
const PART = /[\w.]+|[^\w.\s]/g;

function switchesIn({ element, parent }: Placed): Switch[] {
  if (element.name === 'AppContextSwitchOverrides' && parent === 'runtime') {
    const attribute = attributeOf(element, 'value');
    return attribute ? pairsIn(element, attribute) : [];
  }
  if (element.name !== 'add' || parent !== 'appSettings') return [];
  const key = /^AppContext\.SetSwitch:(.+)$/.exec(attributeOf(element, 'key')?.value.text ?? '')?.[1];
  const value = attributeOf(element, 'value');
  if (key === undefined || !value) return [];
  const span = { start: value.value.start + 1, end: value.value.end - 1 };
  return switchOf(element, key, value.value.text.trim(), { span, isPlain: true });
}

/** `name=value;name=value`; places are known where nothing is escaped. */
function pairsIn(element: XmlElement, { value }: XmlAttribute): Switch[] {
  const isPlain = value.raw.length === value.text.length + 2;
  const parts = [...value.text.matchAll(PART)];
  return parts.flatMap(([text], at) => {
    const [name, sign] = [parts[at - 2]?.[0], parts[at - 1]?.[0]];
    if (name === undefined || sign !== '=') return [];
    const start = value.start + 1 + parts[at]!.index;
    const span = isPlain ? { start, end: start + text.length } : { start: value.start, end: value.end };
    return switchOf(element, name, text, { span, isPlain });
  });
}

function switchOf(element: XmlElement, name: string, text: string, place: Pick<Switch, 'span' | 'isPlain'>): Switch[] {
  const sets = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
  const value = /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
  return sets && value !== undefined ? [{ name, sets, value, element, ...place }] : [];
}

/** `<transport sslProtocols="…">`; a file with nothing but clients makes them of clients. */
function bindingsOf(elements: readonly Placed[]): Binding[] {
  const serves = elements.some(({ element, parent }) => parent === 'services' && element.name === 'service');
  return elements.flatMap(({ element }) => {
    const attribute = element.name === 'transport' ? attributeOf(element, 'sslProtocols') : undefined;
    if (!attribute) return [];
    return [{ element, attribute, ...readNames(attribute), role: serves ? ('server' as const) : ('client' as const) }];
  });
}

function readNames({ value }: XmlAttribute): Pick<Binding, 'set' | 'words'> {
  let set: ProtocolSet | null = NONE;
  const words = [...value.text.matchAll(/[^\s,|]+/g)].map(match => {
    const allows = memberSet(match[0]);
    set = allows === undefined || set === null ? null : set | allows;
    const start = value.start + 1 + match.index;
    return { start, end: start + match[0].length, allows: allows ?? NONE };
  });
  return { set: value.raw.length === value.text.length + 2 ? set : null, words };
}
