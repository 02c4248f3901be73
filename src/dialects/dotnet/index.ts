/** .NET: web.config and its like, and programs in C#, VB.NET and PowerShell. */
import { languageOf, parseSource } from '../../../parsers/dotnet/index.js';
import type { LoadedFile, Model } from '../../model/types.js';
import type { Dialect, Host } from '../types.js';
import { face } from './face.js';
import { createModel, unreadableModel } from './model.js';
import { syntax } from './syntax.js';

export const dotnet: Dialect = { ...face, syntax, load };

function load(path: string, host: Host, _settings: unknown, fragment = false): Model {
  const bytes = host.read(path);
  if ('failure' in bytes) return unreadableModel(path, host, bytes);
  const source = syntax.source(bytes);
  const real = host.realpath(path);
  const file: LoadedFile = { path: host.display(path), real, source, dialect: 'dotnet' };
  return createModel(file, parseSource(source, languageOf(path, source.text) ?? 'xml'), fragment);
}
