/** The part of the package that is used; it has no types of its own. */
declare module 'istanbul-lib-instrument' {
  export function createInstrumenter(options: {
    readonly esModules: boolean;
    readonly compact: boolean;
    readonly coverageVariable: string;
  }): { instrumentSync(code: string, filename: string): string };
}
