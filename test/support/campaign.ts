// How much of a fault test runs. The suite takes the usual, `npm run campaign` asks for more through the environment.

/** Seeds 1 to CAMPAIGN_SEEDS; or the one that CAMPAIGN_SEED names, to see a failure again. */
export function campaignSeeds(usual: number): number[] {
  const one = process.env["CAMPAIGN_SEED"];
  if (one !== undefined) return [Number(one)];
  return Array.from({ length: Number(process.env["CAMPAIGN_SEEDS"] ?? usual) }, (_, index) => index + 1);
}

/** How often something without a seed is done. */
export function campaignRepeats(usual: number): number {
  return Number(process.env["CAMPAIGN_REPEATS"] ?? usual);
}
