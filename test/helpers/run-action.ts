/** `action.yml`, run as GitHub runs a composite action. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: ReadonlyArray<{
      readonly name: string;
      readonly shell: string;
      readonly env: Readonly<Record<string, string>>;
      readonly run: string;
    }>;
  };
}

export function readAction(): Action {
  return parse(readFileSync('action.yml', 'utf8')) as Action;
}

type Run = (
  command: string,
  env: Readonly<Record<string, string>>,
) => { status: number | null; stdout: string; stderr: string };

/**
 * Its steps one after the other until one fails, each with its `env` filled from the inputs.
 * @throws where an input is given that the action does not declare, or a step uses one.
 */
export function runAction(
  run: Run,
  given: Readonly<Record<string, string>>,
): { status: number | null; output: string } {
  const { inputs, runs } = readAction();
  const unknown = Object.keys(given).find(name => !(name in inputs));
  if (unknown !== undefined) throw new Error(`Unexpected input ${unknown}`);
  const inputOf = (name: string) => {
    const value = given[name] ?? inputs[name]?.default;
    if (value === undefined) throw new Error(`A step uses the input ${name}, which is not declared`);
    return String(value);
  };
  let output = '';
  for (const step of runs.steps) {
    const env = Object.fromEntries(
      Object.entries(step.env).map(([name, text]) => [
        name,
        text.replace(/\$\{\{ inputs\.([a-z-]+) \}\}/g, (_, input: string) => inputOf(input)),
      ]),
    );
    // What GitHub starts for `shell: bash`.
    const command = `bash --noprofile --norc -e -o pipefail <<'END_OF_STEP'\n${step.run}\nEND_OF_STEP`;
    const { status, stdout, stderr } = run(command, {
      ...env,
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION_PATH: path.resolve('.'),
    });
    output += `${stdout}${stderr}`;
    if (status !== 0) return { status, output };
  }
  return { status: 0, output };
}
