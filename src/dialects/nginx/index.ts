/** The nginx dialect. */
import path from 'node:path';
import type { Model } from '../../model/types.js';
import type { Dialect, Host, LoadSettings } from '../types.js';
import { face } from './face.js';
import { createReader } from './include.js';
import { createModel } from './model.js';
import { createWanted } from './scopes.js';
import { syntax } from './syntax.js';
import { unreadableModel } from './unreadable.js';

export const nginx: Dialect = { ...face, syntax, load };

function load(file: string, host: Host, settings: LoadSettings, fragment = false): Model {
  const reader = createReader(host, settings.prefix, createWanted());
  const main = reader.read(file);
  if ('failure' in main) return unreadableModel(file, host, main);
  // ngx_process_options: conf_prefix is the directory of the main file, as it was named.
  return createModel(main, reader, host, settings, path.posix.dirname(file), fragment);
}
