/** Releases at which a default of `defaults.ts` changes, apart from it so that a run without `.reg` files does not load that. */
export const STEPS: readonly string[] = ['2012', '2016', '2022', '2025'];
