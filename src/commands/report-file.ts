/** Reports and baselines in files. */
import { mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReportError } from '../report.js';
import type { Io } from './io.js';

/** All of it or nothing: a reader never sees half a report. */
export async function writeReport(file: string, text: string, io: Io): Promise<ReportError[]> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const found = await stat(file).catch(() => undefined);
    // A device or a pipe can't be replaced, and is written to.
    if (found && !found.isFile()) await writeFile(file, text);
    else await replaceFile(found ? await realpath(file) : file, text, io, found?.mode);
    return [];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return [{ path: io.host.display(file), message: `the report could not be written (${code})` }];
  }
}

export async function replaceFile(file: string, text: string, io: Io, mode = 0o666): Promise<void> {
  const temporary = path.join(path.dirname(file), `.tlslint-${io.self.pid}-${io.self.random()}`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: mode & 0o777 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
