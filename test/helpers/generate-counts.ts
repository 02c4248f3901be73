/** How many generated trees of each server a plain test run compares, and from which seed. */
export const GENERATED = 300;
export const SEED = 20_260_308;
