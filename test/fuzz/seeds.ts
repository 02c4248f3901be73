/** Inputs that the fuzzer found: one in a line of `test/seeds/TARGET.jsonl`, its bytes as characters of Latin-1. */
import { existsSync, readFileSync } from 'node:fs';

interface Seed {
  readonly input: Uint8Array;
  /** What went wrong when it was found. */
  readonly why?: string;
}

export function kept(target: string): string {
  return `test/seeds/${target}.jsonl`;
}

export function seedsOf(target: string): Seed[] {
  const file = kept(target);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter(line => line !== '')
    .map(line => {
      const { input, why } = JSON.parse(line) as { input: string; why?: string };
      return { input: Buffer.from(input, 'latin1'), ...(why !== undefined && { why }) };
    });
}

export function seedLine(input: Uint8Array, why?: string): string {
  return JSON.stringify({ input: Buffer.from(input).toString('latin1'), ...(why !== undefined && { why }) });
}
