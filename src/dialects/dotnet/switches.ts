/** Lets the operating system choose, in a configuration file: by the framework that a program is made for, or by a switch. */
import { appendElement, insertAttribute } from '../../../fixers/dotnet.js';
import type { Edit, Fix } from '../../../fixers/edit.js';
import type { XmlElement } from '../../../parsers/ast.js';
import type { LoadedFile } from '../../model/types.js';
import { atLeast } from '../../model/versions.js';
import { attributeOf, type Configuration, type Framework, type Switch } from './configuration.js';
import { switchesOf } from './frameworks.js';

/** The first that leaves it to the system. */
const LEAVES_IT = '4.7';
const OWN = 'Switch.System.Net.DontEnableSystemDefaultTlsVersions';
const REFERENCES = 'the attribute that says it is written with references, such as `&#61;`';
const NEEDS = `the .NET Framework of the machine must be ${LEAVES_IT} or later, and its SCHANNEL must allow TLS 1.2`;

/** `switched` is the switch that is to change; absent where none says anything. */
export function delegate(file: LoadedFile, configuration: Configuration | undefined, switched?: Switch): Fix {
  if (!configuration) return manual('no configuration file says it');
  const { framework } = configuration;
  const turn = (each: Switch): Edit => ({ path: file.path, ...each.span, text: 'false' });
  if (switched?.sets === 'wcf') {
    if (!switched.isPlain) return manual(REFERENCES);
    const title = 'let WCF use what `ServicePointManager` allows';
    return done(title, [turn(switched)], [switched.element.name]);
  }
  const switches = configuration.switches.filter(({ sets }) => sets !== 'wcf');
  const own = switches.findLast(({ sets }) => sets === 'own');
  const turned = switches.filter(({ value }) => value);
  const isOwn = own ? own.value : framework === undefined || switchesOf(framework.version).own;
  if (switches.length === 0 && framework) return byFramework(file, framework, configuration);
  if (!turned.every(({ isPlain }) => isPlain)) return manual(REFERENCES);
  const edits = turned.map(turn);
  const names = turned.map(({ element }) => element.name);
  if (isOwn && !own) {
    const added = addSwitch(file, configuration);
    if (!added) return manual('there is no place for the switch');
    return done(
      'let the operating system choose',
      [...edits, added.edit].sort((a, b) => a.start - b.start),
      [...names, ...added.names],
    );
  }
  return done('let the operating system choose', edits, names);
}

function manual(reason: string): Fix {
  return { title: 'let the operating system choose', applicability: 'manual', edits: [], directives: [], reason };
}

function done(title: string, edits: readonly Edit[], directives: readonly string[]): Fix {
  return { title, applicability: 'unsafe', edits, directives, reason: NEEDS };
}

/** What ASP.NET compiles for is on the machine: the program may as well run as that. */
function byFramework(file: LoadedFile, framework: Framework, configuration: Configuration): Fix {
  const { element, attribute, compiled } = framework;
  if (element.name === 'supportedRuntime') {
    if (!atLeast(framework.version, '4.0'))
      return manual('.NET 3.5 has no such switch; the registry has `SystemDefaultTlsVersions`');
    const added = addSwitch(file, configuration);
    return added
      ? done('let the operating system choose', [added.edit], added.names)
      : manual('there is no place for the switch');
  }
  if (!compiled || !atLeast(compiled, LEAVES_IT))
    return manual(`the program must be made for ${LEAVES_IT} or later first`);
  const title = `run the program as one made for ${compiled.text}`;
  if (attribute) {
    const { start, end, quote } = attribute.value;
    return done(title, [{ path: file.path, start, end, text: quote + compiled.text + quote }], [element.name]);
  }
  if (element.name === 'httpRuntime') {
    return done(title, [insertAttribute(file.path, element, 'targetFramework', compiled.text)], [element.name]);
  }
  const web = childOf(configuration.top, 'system.web');
  const line = `<httpRuntime targetFramework="${compiled.text}" />`;
  const edit = web && appendElement(file.path, file.source, web, [line]);
  return edit ? done(title, [edit], ['httpRuntime']) : manual('there is no place for `httpRuntime`');
}

function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child): child is XmlElement => child.type === 'element' && child.name === name);
}

/** To the switches that are there, into the `<runtime>` that is there, or with a `<runtime>`. */
function addSwitch(file: LoadedFile, { top }: Configuration): { edit: Edit; names: string[] } | undefined {
  const runtime = childOf(top, 'runtime');
  const overrides = childOf(runtime, 'AppContextSwitchOverrides');
  const value = overrides && attributeOf(overrides, 'value')?.value;
  if (value && overrides) {
    const at = value.end - 1;
    const separator = /(?:^|;)\s*$/.test(value.text) ? '' : ';';
    return { edit: { path: file.path, start: at, end: at, text: `${separator}${OWN}=false` }, names: [overrides.name] };
  }
  const line = `<AppContextSwitchOverrides value="${OWN}=false" />`;
  if (overrides || !top) return undefined;
  const lines = runtime ? [line] : ['<runtime>', `\t${line}`, '</runtime>'];
  const edit = appendElement(file.path, file.source, runtime ?? top, lines);
  return edit && { edit, names: ['runtime', 'AppContextSwitchOverrides'] };
}
