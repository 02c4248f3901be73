/** From a command to what it does; each is loaded only when it is asked for. */
import type { CommandLine } from '../options/parse.js';
import type { Command } from '../options/table.js';
import type { ExitCode, Io } from './io.js';

type Run = (line: CommandLine, io: Io) => Promise<ExitCode>;

export const RUN: Record<Command, () => Promise<Run>> = {
  lint: async () => (await import('./lint.js')).lintCommand,
  inspect: async () => (await import('./inspect.js')).inspectCommand,
  probe: async () => (await import('./probe.js')).probeCommand,
  endpoint: async () => (await import('./endpoint.js')).endpointCommand,
  undo: async () => (await import('./undo.js')).undoCommand,
  rules: async () => (await import('./rules.js')).rulesCommand,
  explain: async () => (await import('./explain.js')).explainCommand,
  init: async () => (await import('./init.js')).initCommand,
  config: async () => (await import('./config.js')).configCommand,
  completion: async () => (await import('./completion.js')).completionCommand,
  ast: async () => (await import('./ast.js')).astCommand,
};
