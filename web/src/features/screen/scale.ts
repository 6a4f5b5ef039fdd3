// Decides what a full bar means. Pure.

const steps = [1, 0.5, 0.25, 0.1] as const;
/** Before so many ballots each one would move the scale. */
const fewBallots = 20;
/** The longest bar leaves this much of the scale free when it is chosen, so that it isn't left again at once. */
const slack = 0.8;

/**
 * The share that a full bar means: as small as shows all of `shares`, and kept as it is for as long as it can be.
 * A scale that moved with every ballot would move bars whose votes stay the same.
 */
export function chooseScale(kept: number, shares: number[], ballots: number): number {
  const most = Math.max(0, ...shares);
  const fitting = steps.filter((step) => most <= step * slack || step === 1);
  const smallest = fitting[fitting.length - 1] ?? 1;
  if (ballots < fewBallots) return most > kept ? 1 : kept;
  return most > kept || smallest < kept ? smallest : kept;
}
