/** How often a property is tried: as its test says, or as often as `npm run properties` wants. */
export function runs(usual: number): number {
  return Number(process.env.PROPERTY_RUNS ?? usual);
}
