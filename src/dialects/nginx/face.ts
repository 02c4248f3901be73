/** What is known of nginx before any of its files is met. */
import type { DialectFace } from '../types.js';
import { detect } from './detect.js';

export const face: DialectFace = {
  id: 'nginx',
  steps: ['1.19.4', '1.23.4', '1.25.0', '1.25.1', '1.25.5', '1.27.3', '1.29.2'],
  detect,
};
