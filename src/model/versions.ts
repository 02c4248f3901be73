/** Versions of servers and of OpenSSL: `1.22.1`, `2.4.57`, `1.1.1w`, `3.0`. They are not semver. */

/** Comparable: numbers in order, then the letter of OpenSSL before 3 as a number (`a` = 1). */
export interface Version {
  readonly text: string;
  readonly parts: readonly number[];
}

const SHAPE = /^(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?([a-z])?$/;

/** `undefined` where the text is no version. Missing parts are 0. */
export function parseVersion(text: string): Version | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, major, minor, patch, letter] = match;
  const parts = [Number(major), Number(minor ?? 0), Number(patch ?? 0), letter ? letter.charCodeAt(0) - 96 : 0];
  return { text, parts };
}

/** For versions written in our own tables. */
export function version(text: string): Version {
  const parsed = parseVersion(text);
  if (!parsed) throw new RangeError(`Unexpected version \`${text}\``);
  return parsed;
}

/** Negative where `a` is older than `b`. */
export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < 4; index++) {
    const difference = a.parts[index]! - b.parts[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

const cache = new Map<string, Version>();

/** Whether `a` is `text` or newer. */
export function atLeast(a: Version, text: string): boolean {
  let b = cache.get(text);
  if (!b) {
    b = version(text);
    cache.set(text, b);
  }
  return compareVersions(a, b) >= 0;
}
