/** XML 1.0 text: what it must not hold at all is made visible, what has a meaning is escaped. */
import { display } from './display.js';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export function xml(text: string): string {
  const legal = display(text, 4000).replace(/[\ufffe\uffff]/g, each => `\\u{${each.charCodeAt(0).toString(16)}}`);
  return legal.replace(/[&<>"']/g, each => ENTITIES[each]!);
}

/** ` name="value"` for each attribute. */
export function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(String(value))}"`)
    .join('');
}
