/** What is known of .NET before any of its files is met. */
import type { DialectFace } from '../types.js';
import { STEPS } from './frameworks.js';

export const face: DialectFace = { id: 'dotnet', detect, owns, steps: STEPS };

const PROGRAM = /\.(?:cs|csx|vb|ps1|psm1)$/i;
const CONFIGURATION = /\.config$/i;

/** What a program that decides about versions can't do without. */
const SPEAKS_OF_VERSIONS = /SecurityProtocol|SslProtocol|AuthenticateAs(?:Client|Server)/i;
/** Elements and attributes that decide about them in a configuration file. */
const CONFIGURES_VERSIONS =
  /<(?:httpRuntime|supportedRuntime|compilation)\b|Switch\.System\.(?:Net|ServiceModel)\.|\bsslProtocols\b/;

/** A file whose name says .NET and that has nothing to say of versions is none of ours: a tree of sources is mostly such. */
function detect(path: string, text: string): 'root' | 'fragment' | 'none' {
  const isProgram = PROGRAM.test(path);
  if (!isProgram && !CONFIGURATION.test(path)) return 'none';
  const plain = text.startsWith('\u00ff\u00fe') ? text.replaceAll('\0', '') : text;
  if (isProgram) return SPEAKS_OF_VERSIONS.test(plain) ? 'root' : 'none';
  if (!CONFIGURES_VERSIONS.test(plain) || !/<configuration\b/.test(plain)) return 'none';
  // A transform is applied to a file that is not here.
  return /xmlns:xdt\s*=/.test(plain) ? 'fragment' : 'root';
}

function owns(path: string): boolean {
  return PROGRAM.test(path) || CONFIGURATION.test(path);
}
