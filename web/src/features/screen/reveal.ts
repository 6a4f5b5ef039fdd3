// How a result comes to the wall: the bars rise together, then the verdict fills the wall, then both stay.

/** `rising`: no row is told from another yet; of a run-off, its rounds. `told`: the verdict alone. `settled`: bars and verdict, for as long as it is shown. */
export type Stage = 'rising' | 'told' | 'settled';

/** The bars need some two and a half seconds; the numbers stand beside them for the rest. */
const risingMs = 3_500;
/** Long enough to read sixty letters from the last row, and for the hall to react. */
const toldMs = 6_000;

/**
 * Where it begins. A screen that comes later, or was loaded again, shows the result as it is. Bars that were seen
 * growing while people voted don't grow a second time, and none do where motion is not wanted.
 */
export function firstStage({ watched, hidden, still }: { watched: boolean; hidden: boolean; still: boolean }): Stage {
  if (!watched) return 'settled';
  return hidden && !still ? 'rising' : 'told';
}

export const nextStage = { rising: 'told', told: 'settled', settled: 'settled' } as const satisfies Record<Stage, Stage>;

/** How long a stage takes, in milliseconds; null for the last one. */
export const stageMs = { rising: risingMs, told: toldMs, settled: null } as const;
