/** What is known of httpd before any of its files is met. */
import type { DialectFace } from '../types.js';
import { detect } from './detect.js';
import { STEPS } from './since.js';

export const face: DialectFace = { id: 'apache', detect, steps: STEPS };
