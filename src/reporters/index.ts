/** The formats by name; each is loaded only when it is asked for. */
import type { Report } from '../report.js';
import type { Paint } from './colors.js';

export interface ReporterOptions {
  readonly paint?: Paint;
  /** The terminal opens OSC 8 links. */
  readonly links?: boolean;
}

/** The whole output, line feeds included; `''` where there is nothing to say. */
export type Reporter = (report: Report, options: ReporterOptions) => string;

export const FORMATS = {
  text: async () => (await import('./text.js')).text,
  compact: async () => (await import('./compact.js')).compact,
  json: async () => (await import('./json.js')).json,
  sarif: async () => (await import('./sarif.js')).sarif,
  github: async () => (await import('./github.js')).github,
  gitlab: async () => (await import('./gitlab.js')).gitlab,
  junit: async () => (await import('./junit.js')).junit,
  checkstyle: async () => (await import('./checkstyle.js')).checkstyle,
  rdjson: async () => (await import('./rdjson.js')).rdjson,
} satisfies Record<string, () => Promise<Reporter>>;

export type FormatName = keyof typeof FORMATS;
