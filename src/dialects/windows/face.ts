/** What is known of `.reg` files before any of them is met. */
import type { DialectFace } from '../types.js';
import { STEPS } from './steps.js';

export const face: DialectFace = { id: 'windows', detect, owns, steps: STEPS };

const HEADER = /^(?:Windows Registry Editor Version 5\.00|REGEDIT4)[ \t]*(?:[\r\n]|$)/;
/** Keys and values that speak of protocol versions; in UTF-16 read as Latin-1 the NULs are taken out first. */
const TOPICS = /\\SCHANNEL\\Protocols\b|\\\.NETFramework\\v[24]\.|"(?:Default)?SecureProtocols"/i;
const MOST_HEADER = 200;
/** A longer file was cut: what the rest of it speaks of is not known. */
const CUT = 200_000;

function owns(path: string): boolean {
  return /\.reg$/i.test(path);
}

/** A file of the registry editor that says nothing of TLS is none of ours, unless it is too long to tell. */
function detect(path: string, text: string): 'root' | 'none' {
  const named = owns(path);
  const wide = text.startsWith('\u00ff\u00fe');
  const head = text.slice(0, MOST_HEADER);
  const start = (wide ? head.replaceAll('\0', '') : head).replace(/^(?:\ufeff|\u00ff\u00fe)?[ \t]*/, '');
  const headed = HEADER.test(start);
  if (!named && !headed) return 'none';
  if (headed && text.length >= CUT) return 'root';
  return TOPICS.test(wide ? text.replaceAll('\0', '') : text) ? 'root' : 'none';
}
