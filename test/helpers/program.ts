/** The command that tests run. */
import path from 'node:path';

/** `npm run coverage` names the command as its single files, which are those that tests import too. */
export const CLI = path.resolve(process.env.TLSLINT_CLI ?? 'dist/cli.cjs');

/** What the environment of a child must have for its lines to be counted. */
export const COUNTED: Readonly<Record<string, string>> = process.env.NODE_V8_COVERAGE
  ? { NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE }
  : {};
