/** A command run in this process, on files that are nowhere but in memory. */
import { Buffer } from 'node:buffer';
import { RUN } from '../../src/commands/index.js';
import type { Host } from '../../src/dialects/types.js';
import { displayPath, memoryHost } from '../../src/host.js';
import { parseCommandLine, UsageError } from '../../src/options/parse.js';
import { plain } from '../../src/reporters/colors.js';

const CWD = '/w';

export interface Said {
  readonly status: number;
  readonly stdout: string;
  /** What a usage error says included, as it is printed but for its front. */
  readonly stderr: string;
}

export interface Circumstances {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How the files are seen, where not as they are. */
  readonly seen?: (host: Host) => Host;
}

/** `files` by path below the current directory, or absolute. Anything but a usage error is thrown. */
export async function command(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  { stdin = '', env = {}, seen = host => host }: Circumstances = {},
): Promise<Said> {
  const paths = Object.entries(files).map(([name, text]) => [name.startsWith('/') ? name : `${CWD}/${name}`, text]);
  const said = { stdout: '', stderr: '' };
  const io = {
    cwd: CWD,
    env,
    host: seen(memoryHost(new Map(paths as Array<[string, string]>), file => displayPath(CWD, file))),
    paint: plain,
    version: '0',
    self: { pid: 1, host: 'test', isAlive: () => false, random: () => '0' },
    atSignal() {},
    stdin: async () => Buffer.from(stdin),
    stdout(chunk: string | Uint8Array) {
      said.stdout += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    },
    stderr(text: string) {
      said.stderr += text;
    },
  };
  try {
    const line = parseCommandLine(args);
    const run = await RUN[line.command]();
    return { status: await run(line, io), ...said };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { status: 2, ...said, stderr: `${said.stderr}${error.message}\n` };
  }
}
